#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <iterator>
#include <utility>

// Voting, and hearing the decision.
namespace lightcone::protocols::two_phase_commit {

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const Prepare& message, Out& out)
{
    forgetBelow(moment, from, message.oldest, out);
    const auto id = message.transaction;
    const auto found = m_branches.find(id);
    if (found == m_branches.end()) {
        const auto known = m_outcomes.find(id);
        if (m_readOnly.contains(id)) {
            out.send(from, VoteReadOnly{id});
        } else if (id >= m_below[from]
                   && (known == m_outcomes.end() || known->second == Outcome::Aborted)) {
            voteNo(moment, from, id, "knows nothing of it", out);
        }
        return;
    }
    auto& branch = found->second;
    if (!branch.participants.empty()) {
        if (!branch.heuristic) {
            out.send(from, VoteYes{id});
        }
        return;
    }
    if (message.boot != m_boot) {
        voteNo(moment, from, id, "has lost its part in a crash", out);
        return;
    }
    if (!branch.worked) {
        voteNo(moment, from, id, "has not done its part", out);
        return;
    }
    if (auto objection = objectionTo(branch); !objection.empty()) {
        voteNo(moment, from, id, std::move(objection), out);
        return;
    }
    out.disarm(Timer::Idle, id);
    if (branch.writes.empty() && parameters().readOnlyVotes) {
        // R*, PA: it sends a READ VOTE, releases its locks and forgets the transaction.
        out.note("votes read-only on transaction {}", id);
        out.send(from, VoteReadOnly{id});
        m_branches.erase(found);
        m_readOnly.insert(id);
        release(moment, id, out);
        return;
    }
    // R*, §2: who is willing first forces a prepare record, and then sends its yes.
    const auto sync = makes(Mistake::VotesBeforeForced) ? node::Sync::Lazy : node::Sync::Forced;
    out.write(PrepareRecord{id, message.participants, branch.writes}, sync);
    branch.participants = message.participants;
    branch.phase = Phase::InDoubt;
    branch.since = moment.now;
    out.note("votes yes on transaction {}, and may no longer abort it alone", id);
    out.send(from, VoteYes{id});
    out.arm(Timer::Inquiry, patienceOf(branch), id);
    if (makes(Mistake::ReleasesAtPrepare)) {
        release(moment, id, out);
    }
}

void TwoPhaseCommit::voteNo(const Moment& moment, NodeId from, TransactionId id, std::string why,
                            Out& out)
{
    out.note("votes no on transaction {}: {}", id, why);
    out.send(from, VoteNo{id, std::move(why)});
    m_branches.erase(id);
    m_outcomes[id] = Outcome::Aborted;
    out.disarm(Timer::Idle, id);
    out.disarm(Timer::Lock, id);
    release(moment, id, out);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId, const Commit& message, Out& out)
{
    const auto id = message.transaction;
    if (coordinates()) {
        hearFromParticipant(moment, id, Outcome::Committed, out);
        return;
    }
    const auto found = m_branches.find(id);
    if (found == m_branches.end()) {
        acknowledge(id, Outcome::Committed, out); // The first one was lost.
    } else if (!found->second.participants.empty()) {
        conclude(moment, id, Outcome::Committed, out);
    }
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId, const Abort& message, Out& out)
{
    const auto id = message.transaction;
    if (coordinates()) {
        hearFromParticipant(moment, id, Outcome::Aborted, out);
        return;
    }
    const auto found = m_branches.find(id);
    if (found != m_branches.end() && !found->second.participants.empty()) {
        conclude(moment, id, Outcome::Aborted, out);
        return;
    }
    if (found != m_branches.end()) {
        m_branches.erase(found);
        out.disarm(Timer::Idle, id);
        out.disarm(Timer::Lock, id);
    }
    if (id >= m_below[m_placement->coordinatorOf(id)]) {
        m_outcomes.emplace(id, Outcome::Aborted); // Work that comes late finds that it is over.
    }
    acknowledge(id, Outcome::Aborted, out);
    release(moment, id, out);
}

/// The end of a transaction that it has voted yes for.
void TwoPhaseCommit::conclude(const Moment& moment, TransactionId id, Outcome outcome, Out& out)
{
    const auto found = m_branches.find(id);
    const auto& branch = found->second;
    // R*, §2: forced, since the coordinator forgets on the acknowledgement; PA and PC: not so
    // where there is none.
    const auto sync = acknowledges(outcome) ? node::Sync::Forced : node::Sync::Lazy;
    if (outcome == Outcome::Committed) {
        out.write(CommitRecord{id}, sync);
    } else {
        out.write(AbortRecord{id}, sync);
    }
    out.note("transaction {} is {}", id, describe::nameOf(outcome));
    if (branch.heuristic && *branch.heuristic != outcome) {
        m_damages[id] = *branch.heuristic;
        out.note("heuristic damage: an operator had decided that transaction {} was {} here", id,
                 describe::nameOf(*branch.heuristic));
    } else if (!branch.heuristic && outcome == Outcome::Committed) {
        install(branch.writes, m_store);
    }
    m_outcomes[id] = outcome;
    m_branches.erase(found);
    m_terminations.erase(id);
    out.disarm(Timer::Inquiry, id);
    out.disarm(Timer::Reports, id);
    acknowledge(id, outcome, out);
    release(moment, id, out);
}

void TwoPhaseCommit::acknowledge(TransactionId id, Outcome outcome, Out& out) const
{
    if (acknowledges(outcome)) {
        const auto damage = m_damages.find(id);
        out.send(m_placement->coordinatorOf(id), Ack{id, damage != m_damages.end()});
    }
}

/// Of what the coordinator has forgotten nobody asks any more but those whom it answers by what it
/// presumes; see answerAsPeer(). What it has forgotten before it asked for a vote is aborted.
void TwoPhaseCommit::forgetBelow(const Moment& moment, NodeId coordinator, TransactionId below,
                                 Out& out)
{
    constexpr std::uint32_t worthARecord = 64;
    auto& known = m_below[coordinator];
    if (below <= known) {
        return;
    }
    known = below;
    const auto mine = [&](TransactionId id) {
        return id < below && m_placement->coordinatorOf(id) == coordinator;
    };
    std::erase_if(m_readOnly, mine);
    for (auto each = m_outcomes.begin(); each != m_outcomes.end() && each->first < below;) {
        const bool gone = mine(each->first);
        m_forgettable += gone ? 1 : 0;
        each = gone ? m_outcomes.erase(each) : std::next(each);
    }
    std::vector<TransactionId> orphans;
    for (const auto& [id, branch] : m_branches) {
        if (mine(id) && branch.participants.empty()) {
            orphans.push_back(id);
        }
    }
    for (const auto id : orphans) {
        out.note("aborts transaction {}: its coordinator has forgotten it", id);
        m_branches.erase(id);
        out.disarm(Timer::Idle, id);
        out.disarm(Timer::Lock, id);
        release(moment, id, out);
    }
    if (m_forgettable >= worthARecord) {
        m_forgettable = 0;
        for (const auto& [node, oldest] : m_below) {
            out.write(ForgetRecord{node, oldest, parameters().coordinators}, node::Sync::Lazy);
        }
    }
}

} // namespace lightcone::protocols::two_phase_commit
