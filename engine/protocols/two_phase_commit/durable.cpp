#include "engine/protocols/two_phase_commit/durable.h"

#include <algorithm>

namespace lightcone::protocols::two_phase_commit {
namespace {

void finish(Durable& disk, TransactionId transaction, Outcome outcome)
{
    const auto part = disk.prepared.find(transaction);
    if (part == disk.prepared.end()) {
        return;
    }
    if (outcome == Outcome::Committed) {
        install(part->second.writes, disk.store);
    }
    disk.prepared.erase(part);
}

/// What an operator has done before stays done.
void decide(Durable& disk, TransactionId transaction, Outcome outcome)
{
    finish(disk, transaction, outcome);
    disk.outcomes[transaction] = outcome;
    const auto guess = disk.heuristics.find(transaction);
    if (guess != disk.heuristics.end()) {
        if (guess->second != outcome) {
            disk.damages[transaction] = guess->second;
        }
        disk.heuristics.erase(guess);
    }
}

void perform(Durable& disk, const StartRecord& record)
{
    disk.boot = record.boot;
    install(record.values, disk.store);
}

void perform(Durable& disk, const NumbersRecord& record)
{
    disk.numbers = std::max(disk.numbers, record.upTo);
}

void perform(Durable& disk, const PrepareRecord& record)
{
    disk.prepared[record.transaction] = {record.participants, record.writes};
}

void perform(Durable& disk, const CommitRecord& record)
{
    decide(disk, record.transaction, Outcome::Committed);
}

void perform(Durable& disk, const AbortRecord& record)
{
    decide(disk, record.transaction, Outcome::Aborted);
}

void perform(Durable& disk, const HeuristicRecord& record)
{
    finish(disk, record.transaction, record.outcome);
    disk.heuristics[record.transaction] = record.outcome;
}

void perform(Durable& disk, const ForgetRecord& record)
{
    disk.below[record.coordinator] = record.below;
    std::erase_if(disk.outcomes, [&](const auto& each) {
        return each.first < record.below
            && (each.first - 1) % record.coordinators + 1 == record.coordinator.value;
    });
}

void perform(Durable& disk, const CollectingRecord& record)
{
    disk.pacts[record.transaction] = {{}, record.participants, record.request, record.values};
}

void perform(Durable& disk, const DecisionRecord& record)
{
    if (record.participants.empty()) {
        disk.pacts.erase(record.transaction);
    } else {
        disk.pacts[record.transaction] = {record.outcome, record.participants, record.request,
                                          record.values};
    }
    auto& session = disk.sessions[record.request.client];
    if (record.outcome == Outcome::Committed && session.sequence <= record.request.sequence) {
        session = {record.request.sequence, record.transaction, record.outcome, Reason::None,
                   record.values};
    }
}

void perform(Durable& disk, const EndRecord& record)
{
    disk.pacts.erase(record.transaction);
}

} // namespace

void install(const Values& writes, kv::Entries& store)
{
    for (const auto& [key, value] : writes) {
        store.insert_or_assign(key, value);
    }
}

void Durable::apply(const Record& record)
{
    std::visit([this](const auto& held) { perform(*this, held); }, record);
}

} // namespace lightcone::protocols::two_phase_commit
