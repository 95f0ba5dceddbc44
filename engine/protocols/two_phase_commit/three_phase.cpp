#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include <algorithm>
#include <utility>

// Three-phase commit and its termination protocol: Skeen 1981; Bernstein et al., §7.5. It relies on
// a network that delivers in time, so that who is silent has crashed; where that is not so it is
// unsafe, and a lesson shows it.
namespace lightcone::protocols::two_phase_commit {

/// All votes are yes: from here on nobody is uncertain who has heard of it, and nobody commits
/// before all have.
void TwoPhaseCommit::preCommit(const Moment& moment, TransactionId id, Out& out)
{
    auto& transaction = m_transactions.at(id);
    enter(moment, transaction, Phase::PreCommitting);
    out.note("all voted yes: transaction {} is going to be committed", id);
    for (const auto& [node, part] : transaction.parts) {
        if (part.vote == Ballot::Yes) {
            out.send(node, PreCommit{id});
        }
    }
    out.arm(Timer::Votes, parameters().voteTimeout, id);
    out.arm(Timer::Retry, parameters().retry, id);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const PreCommit& message,
                               Out& out)
{
    const auto found = m_branches.find(message.transaction);
    if (found == m_branches.end() || found->second.participants.empty()
        || found->second.heuristic) {
        return;
    }
    auto& branch = found->second;
    if (branch.recovered) {
        return; // It no longer counts, and learns the decision when there is one.
    }
    if (branch.phase != Phase::PreCommitted) {
        branch.phase = Phase::PreCommitted;
        branch.since = moment.now;
        m_terminations.erase(message.transaction);
        out.disarm(Timer::Reports, message.transaction);
        out.note("can commit transaction {}", message.transaction);
    }
    out.send(from, PreCommitted{message.transaction});
    out.arm(Timer::Inquiry, patienceOf(branch), message.transaction);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const PreCommitted& message,
                               Out& out)
{
    const auto id = message.transaction;
    if (auto* transaction = find(id, {Phase::PreCommitting})) {
        transaction->parts[from].ready = true;
        const bool all =
            std::all_of(transaction->parts.begin(), transaction->parts.end(), [](const auto& each) {
                return each.second.vote != Ballot::Yes || each.second.ready;
            });
        if (all) {
            commit(moment, id, out);
        }
        return;
    }
    const auto termination = m_terminations.find(id);
    if (termination != m_terminations.end() && termination->second.preCommits) {
        termination->second.reports[from] = Standing::Committable;
        judgeReports(moment, id, false, out);
    }
}

/// How long a participant waits for the decision: in a three-phase commit one after the other, so
/// that there is one that terminates.
Duration TwoPhaseCommit::patienceOf(const Branch& branch) const
{
    const auto& parameters = this->parameters();
    if (!is(Variant::ThreePhase)) {
        return parameters.inquiry;
    }
    const auto rank = branch.participants.find(self()) - branch.participants.begin();
    return parameters.inquiry + 3 * rank * parameters.voteTimeout;
}

Standing TwoPhaseCommit::standingOf(TransactionId id) const
{
    const auto found = m_branches.find(id);
    if (found == m_branches.end()) {
        return Standing::Unknown;
    }
    const auto& branch = found->second;
    return branch.recovered || branch.heuristic ? Standing::Recovered
        : branch.phase == Phase::PreCommitted   ? Standing::Committable
                                                : Standing::Uncertain;
}

/// Bernstein et al., §7.5: the processes that are operational elect a coordinator, which asks all
/// for their states. Who has crashed since it voted asks, and decides only when nobody is missing.
void TwoPhaseCommit::terminate(const Moment& moment, TransactionId id, Out& out)
{
    auto& branch = m_branches.at(id);
    out.arm(Timer::Inquiry, patienceOf(branch), id);
    const auto coordinator = m_placement->coordinatorOf(id);
    if (branch.recovered && *branch.participants.begin() != self()) {
        out.note("is in doubt about transaction {}, and asks", id);
        out.send(coordinator, AskDecision{id});
        for (const auto peer : branch.participants) {
            if (peer != self()) {
                out.send(peer, AskDecision{id});
            }
        }
        return;
    }
    auto& termination = m_terminations[id];
    termination = {++m_round, {}, false};
    out.note("hears nothing of transaction {}, and asks all for their states", id);
    for (const auto peer : branch.participants) {
        if (peer != self()) {
            out.send(peer, AskState{id, termination.round, branch.recovered});
        }
    }
    if (branch.recovered) {
        out.send(coordinator, AskState{id, termination.round, branch.recovered});
    }
    out.arm(Timer::Reports, parameters().voteTimeout, id);
    judgeReports(moment, id, false, out);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const AskState& message, Out& out)
{
    const auto id = message.transaction;
    if (coordinates()) {
        const auto found = m_transactions.find(id);
        if (found != m_transactions.end() && found->second.phase == Phase::Recovering) {
            out.send(from, StateReport{id, message.round, Standing::Recovered});
        } else {
            answerAsCoordinator(from, id, out);
        }
        return;
    }
    const auto found = m_branches.find(id);
    if (found == m_branches.end() || found->second.participants.empty()) {
        answerAsPeer(moment, from, id, out);
        return;
    }
    out.send(from, StateReport{id, message.round, standingOf(id)});
    if (from < self() && !message.recovered) { // Who is before it in line is about to decide.
        out.arm(Timer::Inquiry, patienceOf(found->second), id);
    }
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const StateReport& message,
                               Out& out)
{
    const auto termination = m_terminations.find(message.transaction);
    if (termination == m_terminations.end() || termination->second.round != message.round
        || termination->second.preCommits) {
        return;
    }
    termination->second.reports[from] = message.standing;
    judgeReports(moment, message.transaction, false, out);
}

/// The termination rules of Bernstein et al., §7.5. TR1 and TR2, somebody has decided, need no rule
/// here: such a process answers with its decision.
void TwoPhaseCommit::judgeReports(const Moment& moment, TransactionId id, bool waitedLongEnough,
                                  Out& out)
{
    const auto place = m_terminations.find(id);
    const auto found = m_branches.find(id);
    if (place == m_terminations.end() || found == m_branches.end()) {
        return;
    }
    auto& termination = place->second;
    auto& branch = found->second;
    const auto& reports = termination.reports;
    const auto standing = [&](Standing wanted) {
        return std::any_of(reports.begin(), reports.end(),
                           [&](const auto& each) { return each.second == wanted; });
    };
    const auto asked = branch.participants.size() - 1 + (branch.recovered ? 1 : 0);
    if (reports.size() < asked && !waitedLongEnough) {
        return;
    }
    if (termination.preCommits) {
        if (waitedLongEnough || !standing(Standing::Uncertain)) {
            settle(moment, id, Outcome::Committed, out);
        }
        return;
    }
    const bool committable = branch.phase == Phase::PreCommitted || standing(Standing::Committable);
    if (branch.recovered) {
        // Everybody may have crashed: only if all are there again can nobody have decided.
        if (reports.size() == asked) {
            settle(moment, id, committable ? Outcome::Committed : Outcome::Aborted, out);
        } else {
            out.note("somebody is missing: transaction {} may be decided already", id);
            m_terminations.erase(place);
        }
        return;
    }
    if (!committable) { // TR3
        out.note("nobody here could commit transaction {}: it is aborted", id);
        settle(moment, id, Outcome::Aborted, out);
        return;
    }
    // TR4: nobody commits while somebody operational is uncertain.
    out.note("somebody can commit transaction {}: so shall all", id);
    termination.preCommits = true;
    branch.phase = Phase::PreCommitted;
    branch.since = moment.now;
    for (const auto& [node, reported] : reports) {
        if (reported == Standing::Uncertain) {
            out.send(node, PreCommit{id});
        }
    }
    out.arm(Timer::Reports, parameters().voteTimeout, id);
    judgeReports(moment, id, false, out);
}

/// As a coordinator would.
void TwoPhaseCommit::settle(const Moment& moment, TransactionId id, Outcome outcome, Out& out)
{
    auto hearers = m_branches.at(id).participants;
    hearers.erase(self());
    hearers.insert(m_placement->coordinatorOf(id));
    conclude(moment, id, outcome, out);
    if (outcome == Outcome::Committed) {
        out.broadcast(hearers, Commit{id});
    } else {
        out.broadcast(hearers, Abort{id});
    }
}

/// The participants have decided while the coordinator was away, or somebody answers its question.
void TwoPhaseCommit::hearFromParticipant(const Moment& moment, TransactionId id, Outcome outcome,
                                         Out& out)
{
    auto* transaction = find(id, {Phase::Recovering, Phase::Collecting, Phase::PreCommitting});
    if (transaction == nullptr) {
        return;
    }
    if (outcome == Outcome::Aborted) {
        abort(moment, id, Reason::Recovered, out);
        return;
    }
    for (auto& [node, part] : transaction->parts) {
        part.vote = part.vote == Ballot::None ? Ballot::Yes : part.vote;
    }
    commit(moment, id, out);
}

} // namespace lightcone::protocols::two_phase_commit
