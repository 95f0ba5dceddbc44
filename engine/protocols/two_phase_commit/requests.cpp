#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <algorithm>
#include <utility>

// What clients and operators ask.
namespace lightcone::protocols::two_phase_commit {

void TwoPhaseCommit::request(const Moment& moment, RequestId id, const Transact& transact, Out& out)
{
    this->transact(moment, id, transact.operations, out);
}

void TwoPhaseCommit::request(const Moment& moment, RequestId id, const Transfer& transfer, Out& out)
{
    if (transfer.from == transfer.to) {
        out.refuse(id, "a transfer needs two different keys");
        return;
    }
    if (!std::in_range<std::int64_t>(transfer.amount)) {
        out.refuse(id, "a transfer of more than 2^63 - 1 does not fit into a number");
        return;
    }
    const auto amount = static_cast<std::int64_t>(transfer.amount);
    transact(moment, id, {Take{transfer.from, transfer.amount}, Add{transfer.to, amount}}, out);
}

void TwoPhaseCommit::request(const Moment& moment, RequestId id, const two_phase_commit::Read& read,
                             Out& out)
{
    transact(moment, id, {read}, out);
}

void TwoPhaseCommit::request(const Moment& moment, RequestId id,
                             const two_phase_commit::Write& write, Out& out)
{
    transact(moment, id, {write}, out);
}

void TwoPhaseCommit::transact(const Moment& moment, RequestId id, Operations operations, Out& out)
{
    constexpr std::size_t mostOperations = 1000;
    const auto home = m_placement->homeOf(id.client);
    if (home != self()) {
        out.redirect(id, home);
        return;
    }
    if (operations.empty() || operations.size() > mostOperations) {
        out.refuse(id,
                   fmt::format("a transaction has from 1 to {} operations, as in "
                               "[read a, write b 5, add c 10, take d 3]; this one has {}",
                               mostOperations, operations.size()));
        return;
    }
    if (std::any_of(operations.begin(), operations.end(),
                    [](const Operation& each) { return keyOf(each).empty(); })) {
        out.refuse(id, "an operation needs a key");
        return;
    }
    if (!isAnswered(id, out)) {
        begin(moment, {id, 0, 0, std::move(operations), Reason::None}, out);
    }
}

/// A retry is answered as the first time, or waits for the same answer.
bool TwoPhaseCommit::isAnswered(RequestId id, Out& out)
{
    const auto known = m_sessions.find(id.client);
    if (known != m_sessions.end() && known->second.sequence > id.sequence) {
        out.refuse(id, "the client has gone on to another request since");
        return true;
    }
    if (known != m_sessions.end() && known->second.sequence == id.sequence
        && known->second.outcome) {
        const auto& session = known->second;
        if (*session.outcome == Outcome::Committed) {
            out.reply(id, Committed{session.transaction, session.values});
        } else {
            out.reply(id, Aborted{session.transaction, session.reason});
        }
        return true;
    }
    const auto underWay = [&](const auto& each) { return each.second.request == id; };
    return std::any_of(m_transactions.begin(), m_transactions.end(), underWay)
        || std::any_of(m_reruns.begin(), m_reruns.end(), underWay);
}

void TwoPhaseCommit::begin(const Moment& moment, Rerun wanted, Out& out)
{
    constexpr TransactionId block = 100;
    const auto id = m_placement->nextId(self(), m_newest);
    if (id > m_numbers) {
        m_numbers = id + block * parameters().coordinators;
        out.write(NumbersRecord{m_numbers});
    }
    m_newest = id;
    auto& session = m_sessions[wanted.request.client];
    session = {wanted.request.sequence, id, {}, Reason::None, {}};
    Transaction transaction;
    transaction.request = wanted.request;
    transaction.age = wanted.age == 0 ? id : wanted.age;
    transaction.restarts = wanted.restarts;
    transaction.operations = std::move(wanted.operations);
    transaction.since = moment.now;
    m_transactions.emplace(id, std::move(transaction));
    if (wanted.restarts == 0) {
        out.note("begins transaction {}", id);
    } else {
        out.note("begins again: transaction {} is as old as {} was", id, wanted.age);
    }
    out.arm(Timer::Work, parameters().workTimeout, id);
    nextStep(moment, id, out);
}

/// Locks that a participant in doubt holds may be worth more than atomicity: an operator guesses
/// the decision, the locks are free, and the guess may be wrong.
void TwoPhaseCommit::request(const Moment& moment, RequestId id, const Heuristic& heuristic,
                             Out& out)
{
    if (coordinates()) {
        out.refuse(id, "a coordinator is never in doubt: expected a participant (to p1)");
        return;
    }
    const auto inDoubt = [](const Branch& branch) {
        return !branch.participants.empty() && !branch.heuristic;
    };
    auto found = heuristic.transaction != 0
        ? m_branches.find(heuristic.transaction)
        : std::find_if(m_branches.begin(), m_branches.end(),
                       [&](const auto& each) { return inDoubt(each.second); });
    if (found != m_branches.end() && found->second.heuristic == heuristic.outcome) {
        out.reply(id, Resolved{found->first, heuristic.outcome}); // The first answer was lost.
        return;
    }
    if (found == m_branches.end() || !inDoubt(found->second)) {
        out.refuse(id,
                   heuristic.transaction != 0
                       ? fmt::format("{} is not in doubt about transaction {}", nameOf(self()),
                                     heuristic.transaction)
                       : fmt::format("{} is not in doubt", nameOf(self())));
        return;
    }
    auto& [transaction, branch] = *found;
    out.write(HeuristicRecord{transaction, heuristic.outcome});
    out.note("an operator decides that transaction {} is {}", transaction,
             describe::nameOf(heuristic.outcome));
    if (heuristic.outcome == Outcome::Committed) {
        install(branch.writes, m_store);
    }
    branch.heuristic = heuristic.outcome;
    branch.phase = Phase::Idle;
    branch.since = moment.now;
    m_terminations.erase(transaction);
    out.reply(id, Resolved{transaction, heuristic.outcome});
    release(moment, transaction, out);
}

} // namespace lightcone::protocols::two_phase_commit
