#include "engine/protocols/saga/durable.h"

#include "engine/protocols/saga/transaction.h"

#include <algorithm>
#include <tuple>

namespace lightcone::protocols::saga {
namespace {

bool before(const Entry& entry, std::pair<SagaId, std::uint32_t> place)
{
    return std::tie(entry.saga, entry.step) < std::tie(place.first, place.second);
}

template <class T>
void toRun(std::vector<Run>& runs, const T& write)
{
    if (auto* run = findRun(runs, write.saga)) {
        perform(*run, write);
    }
}

void apply(Durable& disk, const Shelf&, const SagaBegins& write)
{
    disk.newest = std::max(disk.newest, write.run.saga);
    addRun(disk.runs, write.run);
}

template <class T>
    requires requires(Run run, const T& write)
    {
        perform(run, write);
    }
void apply(Durable& disk, const Shelf&, const T& write)
{
    toRun(disk.runs, write);
}

void apply(Durable& disk, const Shelf& shelf, const Commit& write)
{
    shelf.commit(write);
    if (disk.below.size() < write.origins) {
        disk.below.resize(write.origins);
    }
    disk.below[write.origin] = std::max(disk.below[write.origin], write.below);
    for (const auto& post : write.posts) {
        disk.posts = std::max(disk.posts, post.number);
    }
}

void apply(Durable&, const Shelf& shelf, const Settles& write)
{
    shelf.settle(write.saga);
}

void apply(Durable& disk, const Shelf& shelf, const Posts& write)
{
    shelf.post(write);
    for (const auto& post : write.added) {
        disk.posts = std::max(disk.posts, post.number);
    }
}

} // namespace

void Durable::apply(const Write& write)
{
    const Shelf shelf{data, records, entries, outbox, transactions};
    std::visit([&](const auto& held) { saga::apply(*this, shelf, held); }, write);
}

void Shelf::commit(const Commit& write) const
{
    for (const auto& change : write.changes) {
        data[change.key] = change.value;
        records[change.key] = change.record;
    }
    const auto place = std::pair(write.entry.saga, write.entry.step);
    const auto found = std::lower_bound(entries.begin(), entries.end(), place, before);
    if (found != entries.end() && found->saga == place.first && found->step == place.second) {
        *found = write.entry;
    } else {
        entries.insert(found, write.entry);
    }
    if (write.entry.state == EntryState::Undone) {
        release(write.entry);
    }
    post({write.posts, {}});
    ++transactions;
    prune(write.origin, write.origins, write.below);
}

/// What was undone may not be undone any more, unless another step of the saga has changed it too.
void Shelf::release(const Entry& undone) const
{
    const auto changes = [](const Entry& entry, const std::string& key) {
        return std::any_of(entry.touches.begin(), entry.touches.end(),
                           [&](const Touch& touch) { return touch.changed && touch.key == key; });
    };
    for (auto& each : records) {
        const auto& key = each.first;
        const bool held = std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
            return entry.saga == undone.saga && changes(entry, key)
                && (entry.state == EntryState::Done || entry.state == EntryState::Parked);
        });
        if (changes(undone, key) && !held) {
            each.second.pending.erase(undone.saga);
        }
    }
}

void Shelf::settle(SagaId saga) const
{
    for (auto& [key, record] : records) {
        record.pending.erase(saga);
    }
}

void Shelf::post(const Posts& write) const
{
    std::erase_if(outbox, [&](const Post& each) {
        return std::find(write.heard.begin(), write.heard.end(), each.number) != write.heard.end();
    });
    outbox.insert(outbox.end(), write.added.begin(), write.added.end());
}

void Shelf::prune(std::uint32_t origin, std::uint32_t origins, SagaId below) const
{
    const auto isOver = [&](SagaId saga) { return saga < below && (saga - 1) % origins == origin; };
    std::erase_if(entries, [&](const Entry& entry) { return isOver(entry.saga); });
    for (auto& [key, record] : records) {
        for (auto each = record.pending.begin(); each != record.pending.end();) {
            each = isOver(*each) ? record.pending.erase(each) : each + 1;
        }
        while (!record.file.empty() && isOver(record.file.front().saga)) {
            record.base = applied(record.base, record.file.front());
            record.file.erase(record.file.begin());
        }
    }
}

const Entry* findEntry(const std::vector<Entry>& entries, SagaId saga, std::uint32_t step)
{
    const auto found =
        std::lower_bound(entries.begin(), entries.end(), std::pair(saga, step), before);
    const bool there = found != entries.end() && found->saga == saga && found->step == step;
    return there ? &*found : nullptr;
}

const Run* findRun(const std::vector<Run>& runs, SagaId saga)
{
    const auto found =
        std::find_if(runs.begin(), runs.end(), [&](const Run& run) { return run.saga == saga; });
    return found == runs.end() ? nullptr : &*found;
}

Run* findRun(std::vector<Run>& runs, SagaId saga)
{
    const auto found =
        std::find_if(runs.begin(), runs.end(), [&](const Run& run) { return run.saga == saga; });
    return found == runs.end() ? nullptr : &*found;
}

void perform(Run& run, const StepLogged& write)
{
    run.steps.at(write.step).state = write.state;
    for (const auto& [name, value] : write.values) {
        run.values[name] = value;
    }
}

void perform(Run& run, const SagaTurns& write)
{
    run.state = SagaState::Compensating;
    run.at = write.end;
    run.reason = write.reason;
    if (write.unsure) {
        run.steps.at(write.end - 1).state = StepState::Asked;
    }
}

void perform(Run& run, const SagaParks& write)
{
    run.state = SagaState::Parked;
    run.at = write.step;
    run.tries = write.tries;
    run.reason = write.reason;
    run.steps.at(write.step).state = StepState::Parked;
}

void perform(Run& run, const SagaResumes& write)
{
    run.state = SagaState::Compensating;
    run.byHand = write.byHand;
    run.failures = 0;
    run.steps.at(run.at).state = StepState::Undoing;
}

void perform(Run& run, const SagaEnds& write)
{
    run.state = write.state;
    run.reason = write.reason;
}

void perform(Run& run, const SagaSettled&)
{
    run.settled = true;
    run.unsettled.clear();
}

void addRun(std::vector<Run>& runs, const Run& run)
{
    std::erase_if(runs, [&](const Run& each) {
        return !each.open() && each.settled && each.request.client == run.request.client;
    });
    runs.push_back(run);
}

} // namespace lightcone::protocols::saga
