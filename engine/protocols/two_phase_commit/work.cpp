#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <charconv>
#include <limits>
#include <utility>

// Reads and writes, one participant after the other, under strict two-phase locking: a participant
// keeps the locks that a transaction has asked for until it knows how the transaction ends.
namespace lightcone::protocols::two_phase_commit {
namespace {

std::optional<std::int64_t> numberIn(const std::string& text)
{
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && last == end && !text.empty() ? std::optional(number)
                                                                : std::nullopt;
}

/// Where the step that begins there ends: at the first operation on another participant's data.
std::uint32_t endOfStep(const Operations& operations, std::uint32_t begin,
                        const Placement& placement)
{
    const auto owner = placement.ownerOf(keyOf(operations[begin]));
    auto end = begin;
    while (end < operations.size() && placement.ownerOf(keyOf(operations[end])) == owner) {
        ++end;
    }
    return end;
}

} // namespace

// The coordinator.

void TwoPhaseCommit::nextStep(const Moment& moment, TransactionId id, Out& out)
{
    auto& transaction = m_transactions.at(id);
    if (transaction.done == transaction.operations.size()) {
        prepare(moment, id, out);
        return;
    }
    ++transaction.step;
    transaction.parts[m_placement->ownerOf(keyOf(transaction.operations[transaction.done]))];
    sendStep(id, transaction, out);
    out.arm(Timer::Retry, parameters().retry, id);
}

void TwoPhaseCommit::sendStep(TransactionId id, const Transaction& transaction, Out& out) const
{
    const auto& operations = transaction.operations;
    const auto begin = transaction.done;
    const auto owner = m_placement->ownerOf(keyOf(operations[begin]));
    Work work{id, transaction.age, transaction.step, transaction.parts.at(owner).boot, oldest(),
              {}};
    work.operations.assign(operations.begin() + begin,
                           operations.begin() + endOfStep(operations, begin, *m_placement));
    out.send(owner, std::move(work));
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const Worked& message, Out& out)
{
    auto* transaction = find(message.transaction, {Phase::Working});
    if (transaction == nullptr || message.step != transaction->step) {
        return;
    }
    const auto begin = transaction->done;
    const auto end = endOfStep(transaction->operations, begin, *m_placement);
    auto& part = transaction->parts[from];
    part.boot = message.boot;
    for (auto i = begin; i < end; ++i) {
        part.writes = part.writes || changes(transaction->operations[i]);
    }
    for (const auto& [key, value] : message.values) {
        transaction->values[key] = value;
    }
    transaction->done = end;
    nextStep(moment, message.transaction, out);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const WorkFailed& message,
                               Out& out)
{
    auto* transaction = find(message.transaction, {Phase::Working, Phase::Collecting});
    if (transaction == nullptr || !transaction->parts.contains(from)) {
        return;
    }
    transaction->parts[from].vote = Ballot::No; // It has aborted its part.
    abort(moment, message.transaction, message.reason, out);
}

// The participant.

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const Work& message, Out& out)
{
    forgetBelow(moment, from, message.oldest, out);
    const auto id = message.transaction;
    if (id < m_below[from] || m_outcomes.contains(id) || m_readOnly.contains(id)) {
        out.send(from, WorkFailed{id, Reason::Silence});
        return;
    }
    auto found = m_branches.find(id);
    if (message.boot != 0 && message.boot != m_boot) {
        // It began this work in a life before; its locks are lost, and what it read may have
        // changed.
        out.send(from, WorkFailed{id, Reason::Restarted});
        return;
    }
    if (found == m_branches.end()) {
        found = m_branches.emplace(id, Branch{}).first;
        found->second.age = message.age;
        found->second.since = moment.now;
    }
    auto& branch = found->second;
    if (!branch.participants.empty() || message.step < branch.step) {
        return; // It has voted, or gone on to a later step.
    }
    out.arm(Timer::Idle, 2 * parameters().workTimeout, id);
    if (message.step == branch.step) {
        if (branch.worked) {
            out.send(from, Worked{id, branch.step, m_boot, branch.answer});
        }
        return;
    }
    branch.step = message.step;
    branch.worked = false;
    branch.pending = message.operations;
    proceed(moment, id, out);
}

/// Asks for the locks of the step one after the other, and does the step when it has them all.
void TwoPhaseCommit::proceed(const Moment& moment, TransactionId id, Out& out)
{
    auto& branch = m_branches.at(id);
    for (const auto& operation : branch.pending) {
        const LockWish wish{id, branch.age, keyOf(operation), changes(operation)};
        const auto grant = locking().request(wish, moment.now);
        if (grant == Grant::Granted) {
            continue;
        }
        if (grant == Grant::Dies) {
            out.note("transaction {} dies: it would wait for {}, and a younger one does not wait "
                     "for an older one",
                     id, wish.key);
            giveUp(moment, id, Reason::Died, out);
            return;
        }
        if (branch.phase != Phase::Blocked) {
            branch.phase = Phase::Blocked;
            branch.since = moment.now;
            std::string whom;
            for (const auto obstacle : locking().obstacles(id)) {
                whom += fmt::format("{}{}", whom.empty() ? "" : ", ", obstacle);
            }
            out.note("transaction {} waits for {}, which {} has locked", id, wish.key, whom);
        }
        if (parameters().deadlocks == Deadlocks::Timeout) {
            out.arm(Timer::Lock, parameters().lockTimeout, id);
        }
        return;
    }
    if (branch.phase == Phase::Blocked) {
        branch.phase = Phase::Working;
        branch.since = moment.now;
        out.disarm(Timer::Lock, id);
    }
    execute(branch);
    out.send(m_placement->coordinatorOf(id), Worked{id, branch.step, m_boot, branch.answer});
}

/// What it writes stays its own until it commits.
void TwoPhaseCommit::execute(Branch& branch) const
{
    branch.answer.clear();
    const auto current = [&](const std::string& key) -> std::optional<std::string> {
        if (const auto own = branch.writes.find(key); own != branch.writes.end()) {
            return own->second;
        }
        branch.reads.insert(key);
        const auto* value = m_store.find(key);
        return value != nullptr ? std::optional(*value) : std::nullopt;
    };
    const auto add = [&](const std::string& key, std::int64_t amount) {
        const auto value = current(key);
        const auto number = value ? numberIn(*value) : std::optional<std::int64_t>(0);
        std::int64_t sum = 0;
        if (!number || __builtin_add_overflow(*number, amount, &sum)) {
            branch.objection = number ? fmt::format("{} would be too large", key)
                                      : fmt::format("{} is '{}' and no number", key, *value);
            return;
        }
        branch.writes[key] = std::to_string(sum);
    };
    for (const auto& operation : branch.pending) {
        const auto& key = keyOf(operation);
        if (const auto* write = std::get_if<two_phase_commit::Write>(&operation)) {
            branch.writes[key] = write->value;
        } else if (const auto* more = std::get_if<Add>(&operation)) {
            add(key, more->amount);
        } else if (const auto* less = std::get_if<Take>(&operation)) {
            branch.taken.insert(key);
            if (std::in_range<std::int64_t>(less->amount)) {
                add(key, -static_cast<std::int64_t>(less->amount));
            } else {
                branch.objection = fmt::format("{} cannot be that large", key);
            }
        } else if (const auto value = current(key)) {
            branch.answer[key] = *value;
        }
    }
    branch.pending.clear();
    branch.worked = true;
}

/// Empty when it can commit what it has done.
std::string TwoPhaseCommit::objectionTo(const Branch& branch) const
{
    if (!branch.objection.empty()) {
        return branch.objection;
    }
    for (const auto& key : branch.taken) {
        const auto write = branch.writes.find(key);
        const auto number = write != branch.writes.end() ? numberIn(write->second) : std::nullopt;
        if (number && *number < 0) {
            return fmt::format("{} would be {}", key, *number);
        }
    }
    return {};
}

/// A participant may abort alone as long as it has not voted yes.
void TwoPhaseCommit::giveUp(const Moment& moment, TransactionId id, Reason reason, Out& out)
{
    const auto found = m_branches.find(id);
    if (found == m_branches.end() || !found->second.participants.empty()) {
        return;
    }
    if (reason == Reason::LockTimeout) {
        out.note("transaction {} has waited too long for a lock", id);
    } else if (reason == Reason::Silence) {
        out.note("aborts transaction {}: nothing was heard of it for too long", id);
    }
    m_branches.erase(found);
    m_outcomes[id] = Outcome::Aborted;
    out.disarm(Timer::Idle, id);
    out.disarm(Timer::Lock, id);
    out.send(m_placement->coordinatorOf(id), WorkFailed{id, reason});
    release(moment, id, out);
}

void TwoPhaseCommit::release(const Moment& moment, TransactionId id, Out& out)
{
    for (const auto next : locking().release(id, moment.now)) {
        if (const auto branch = m_branches.find(next);
            branch != m_branches.end() && branch->second.phase == Phase::Blocked) {
            proceed(moment, next, out);
        }
    }
}

} // namespace lightcone::protocols::two_phase_commit
