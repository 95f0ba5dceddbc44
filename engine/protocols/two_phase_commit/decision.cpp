#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <utility>

// The second phase, as the coordinator sees it: it decides, writes what its variant says, tells,
// gathers acknowledgements and forgets.
namespace lightcone::protocols::two_phase_commit {

/// R*, §2: all votes are yes. The coordinator forces a commit record and then sends COMMIT to all
/// subordinates.
void TwoPhaseCommit::commit(const Moment& moment, TransactionId id, Out& out)
{
    auto& transaction = m_transactions.at(id);
    enter(moment, transaction, Phase::Committing);
    NodeSet hearers;
    for (auto& [node, part] : transaction.parts) {
        part.acknowledged = part.vote != Ballot::Yes;
        if (part.vote == Ballot::Yes) {
            hearers.insert(node);
        }
    }
    out.disarm(Timer::Work, id);
    out.disarm(Timer::Votes, id);
    out.note("decides: transaction {} is committed", id);
    if (hearers.empty()) { // R*, PA: there is no second phase where all have only read.
        answerCommitted(id, transaction, out);
        forget(id, out);
        return;
    }
    const bool waits = acknowledges(Outcome::Committed);
    const auto sync = makes(Mistake::TellsBeforeLogging) ? node::Sync::Lazy : node::Sync::Forced;
    out.write(DecisionRecord{id, Outcome::Committed, waits ? hearers : NodeSet{},
                             transaction.request, transaction.values},
              sync);
    tell(id, transaction, out);
    answerCommitted(id, transaction, out);
    if (makes(Mistake::ForgetsTooEarly) && waits) {
        out.write(EndRecord{id}, node::Sync::Lazy);
        forget(id, out);
    } else if (waits) {
        out.arm(Timer::Retry, parameters().retry, id);
    } else {
        forget(id, out); // R*, PC: what is not known was committed.
    }
}

/// Before anybody was asked to prepare nothing needs to be remembered: whoever does not hear of it
/// may abort alone.
void TwoPhaseCommit::abort(const Moment& moment, TransactionId id, Reason reason, Out& out)
{
    auto& transaction = m_transactions.at(id);
    const bool asked = transaction.phase != Phase::Working;
    enter(moment, transaction, Phase::Aborting);
    transaction.reason = reason;
    NodeSet hearers;
    for (auto& [node, part] : transaction.parts) {
        part.acknowledged = part.vote == Ballot::No || part.vote == Ballot::ReadOnly;
        if (!part.acknowledged) {
            hearers.insert(node);
        }
    }
    out.disarm(Timer::Work, id);
    out.disarm(Timer::Votes, id);
    out.note("decides: transaction {} is aborted ({})", id, describe::nameOf(reason));
    const bool waits = asked && acknowledges(Outcome::Aborted) && !hearers.empty();
    if (waits) {
        out.write(DecisionRecord{id, Outcome::Aborted, hearers, transaction.request, {}});
    } else if (asked && !is(Variant::PresumedAbort) && !is(Variant::PresumedNothing)) {
        out.write(EndRecord{id}, node::Sync::Lazy); // of what the collecting record began
    }
    tell(id, transaction, out);
    answerAborted(moment, id, transaction, out);
    if (waits) {
        out.arm(Timer::Retry, parameters().retry, id);
    } else {
        forget(id, out); // R*, PA: what is not known was aborted.
    }
}

void TwoPhaseCommit::tell(TransactionId id, const Transaction& transaction, Out& out) const
{
    for (const auto& [node, part] : transaction.parts) {
        if (part.acknowledged) {
            continue;
        }
        if (transaction.phase == Phase::Committing) {
            out.send(node, Commit{id});
        } else {
            out.send(node, Abort{id});
        }
    }
}

/// R*, §2: once all that were told have acknowledged, the coordinator writes an end record and
/// forgets the transaction.
void TwoPhaseCommit::considerEnd(TransactionId id, Out& out)
{
    for (const auto& [node, part] : m_transactions.at(id).parts) {
        if (!part.acknowledged) {
            return;
        }
    }
    out.write(EndRecord{id}, node::Sync::Lazy);
    forget(id, out);
}

void TwoPhaseCommit::forget(TransactionId id, Out& out)
{
    out.disarm(Timer::Retry, id);
    m_transactions.erase(id);
}

void TwoPhaseCommit::answerCommitted(TransactionId id, const Transaction& transaction, Out& out)
{
    auto& session = m_sessions[transaction.request.client];
    if (session.sequence <= transaction.request.sequence) {
        session = {transaction.request.sequence, id, Outcome::Committed, Reason::None,
                   transaction.values};
    }
    out.reply(transaction.request, Committed{id, transaction.values});
}

/// Whoever was in another's way is tried again, as old as it was: so it will not be the youngest
/// for ever (Rosenkrantz, Stearns, Lewis 1978).
void TwoPhaseCommit::answerAborted(const Moment& moment, TransactionId id,
                                   const Transaction& transaction, Out& out)
{
    const bool inTheWay =
        transaction.reason == Reason::Died || transaction.reason == Reason::LockTimeout;
    if (inTheWay && transaction.restarts < parameters().restarts) {
        m_reruns[id] = {transaction.request, transaction.age, transaction.restarts + 1,
                        transaction.operations, transaction.reason};
        const auto pause = parameters().restartAfter;
        out.arm(Timer::Rerun, pause + moment.dice.between(Duration(0), pause), id);
        return;
    }
    auto& session = m_sessions[transaction.request.client];
    if (session.sequence <= transaction.request.sequence) {
        session = {transaction.request.sequence, id, Outcome::Aborted, transaction.reason, {}};
    }
    out.reply(transaction.request, Aborted{id, transaction.reason});
}

} // namespace lightcone::protocols::two_phase_commit
