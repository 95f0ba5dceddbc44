#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <algorithm>
#include <utility>

// The first phase, as the coordinator sees it: it asks for votes and counts them.
namespace lightcone::protocols::two_phase_commit {
namespace {

/// Who will have to hear the decision: who has changed nothing need not (R*, PA).
NodeSet hearersOf(const Transaction& transaction, bool readOnlyVotes)
{
    NodeSet nodes;
    for (const auto& [node, part] : transaction.parts) {
        if (part.writes || !readOnlyVotes) {
            nodes.insert(node);
        }
    }
    return nodes;
}

} // namespace

/// R*, §2: the first phase. The coordinator sends PREPARE to all subordinates, in parallel.
void TwoPhaseCommit::prepare(const Moment& moment, TransactionId id, Out& out)
{
    auto& transaction = m_transactions.at(id);
    const auto hearers = hearersOf(transaction, parameters().readOnlyVotes);
    const bool collects = is(Variant::PresumedCommit) || is(Variant::ThreePhase);
    if (collects && !hearers.empty()) {
        // R*, PC: without it a coordinator that crashed would presume a commit that never was.
        out.write(CollectingRecord{id, hearers, transaction.request, transaction.values});
    }
    enter(moment, transaction, Phase::Collecting);
    out.note("asks for votes on transaction {}", id);
    out.disarm(Timer::Work, id);
    sendPrepare(id, transaction, out);
    out.arm(Timer::Votes, parameters().voteTimeout, id);
    out.arm(Timer::Retry, parameters().retry, id);
}

void TwoPhaseCommit::sendPrepare(TransactionId id, const Transaction& transaction, Out& out) const
{
    const auto hearers = hearersOf(transaction, parameters().readOnlyVotes);
    for (const auto& [node, part] : transaction.parts) {
        if (part.vote == Ballot::None) {
            out.send(node, Prepare{id, part.boot, hearers, oldest()});
        }
    }
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const VoteYes& message, Out& out)
{
    count(moment, from, message.transaction, Ballot::Yes, out);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const VoteReadOnly& message,
                               Out& out)
{
    count(moment, from, message.transaction, Ballot::ReadOnly, out);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const VoteNo& message, Out& out)
{
    count(moment, from, message.transaction, Ballot::No, out);
}

/// Bernstein et al., §7.4: Commit when all votes are yes, Abort as soon as one is no.
void TwoPhaseCommit::count(const Moment& moment, NodeId from, TransactionId id, Ballot ballot,
                           Out& out)
{
    auto* transaction = find(id, {Phase::Collecting});
    if (transaction == nullptr) {
        return;
    }
    const auto part = transaction->parts.find(from);
    if (part == transaction->parts.end() || part->second.vote != Ballot::None) {
        return;
    }
    part->second.vote = ballot;
    if (ballot == Ballot::No) {
        abort(moment, id, Reason::VotedNo, out);
        return;
    }
    const bool all = std::all_of(transaction->parts.begin(), transaction->parts.end(),
                                 [](const auto& each) { return each.second.vote != Ballot::None; });
    if (!all) {
        return;
    }
    const bool hears =
        std::any_of(transaction->parts.begin(), transaction->parts.end(),
                    [](const auto& each) { return each.second.vote == Ballot::Yes; });
    if (is(Variant::ThreePhase) && hears) {
        preCommit(moment, id, out);
    } else {
        commit(moment, id, out);
    }
}

void TwoPhaseCommit::onMessage(const Moment&, NodeId from, const Ack& message, Out& out)
{
    auto* transaction = find(message.transaction, {Phase::Committing, Phase::Aborting});
    if (transaction == nullptr || !transaction->parts.contains(from)) {
        return;
    }
    auto& part = transaction->parts[from];
    if (message.damaged && !part.acknowledged) {
        out.note("heuristic damage: {} had been told otherwise about transaction {} by an operator",
                 nameOf(from), message.transaction);
    }
    part.acknowledged = true;
    considerEnd(message.transaction, out);
}

/// Somebody has not answered: the message, or the answer, may be lost.
void TwoPhaseCommit::retry(const Moment&, TransactionId id, Out& out)
{
    const auto found = m_transactions.find(id);
    if (found == m_transactions.end()) {
        return;
    }
    const auto& transaction = found->second;
    switch (transaction.phase) {
    case Phase::Working:
        sendStep(id, transaction, out);
        break;
    case Phase::Collecting:
        sendPrepare(id, transaction, out);
        break;
    case Phase::PreCommitting:
        for (const auto& [node, part] : transaction.parts) {
            if (part.vote == Ballot::Yes && !part.ready) {
                out.send(node, PreCommit{id});
            }
        }
        break;
    case Phase::Committing:
    case Phase::Aborting:
        tell(id, transaction, out);
        break;
    case Phase::Recovering:
        for (const auto& [node, part] : transaction.parts) {
            out.send(node, AskDecision{id});
        }
        break;
    default:
        return;
    }
    out.arm(Timer::Retry, parameters().retry, id);
}

} // namespace lightcone::protocols::two_phase_commit
