#include "engine/protocols/two_phase_commit/two_phase_commit.h"

// A participant that is in doubt asks. Bernstein et al., §7.4: the cooperative termination
// protocol; R*, §2.2, PA and PC: what a coordinator answers of which it knows nothing.
namespace lightcone::protocols::two_phase_commit {

void TwoPhaseCommit::inquire(const Moment& moment, TransactionId id, Out& out)
{
    const auto found = m_branches.find(id);
    if (found == m_branches.end() || found->second.participants.empty()) {
        return;
    }
    const auto& branch = found->second;
    if (makes(Mistake::AbortsAloneAfterYes) && !branch.heuristic) {
        out.note("has waited long enough, and aborts transaction {} alone", id);
        conclude(moment, id, Outcome::Aborted, out);
        return;
    }
    if (is(Variant::ThreePhase) && !branch.heuristic) {
        terminate(moment, id, out);
        return;
    }
    if (!branch.heuristic) {
        out.note("is in doubt about transaction {}, and asks", id);
    }
    out.send(m_placement->coordinatorOf(id), AskDecision{id});
    if (parameters().cooperative) {
        for (const auto peer : branch.participants) {
            if (peer != self()) {
                out.send(peer, AskDecision{id});
            }
        }
    }
    out.arm(Timer::Inquiry, patienceOf(branch), id);
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const AskDecision& message,
                               Out& out)
{
    if (coordinates()) {
        answerAsCoordinator(from, message.transaction, out);
    } else {
        answerAsPeer(moment, from, message.transaction, out);
    }
}

void TwoPhaseCommit::answerAsCoordinator(NodeId from, TransactionId id, Out& out) const
{
    if (m_placement->coordinatorOf(id) != self()) {
        return;
    }
    const auto found = m_transactions.find(id);
    auto outcome = presumed();
    if (found != m_transactions.end()) {
        switch (found->second.phase) {
        case Phase::Committing:
            outcome = Outcome::Committed;
            break;
        case Phase::Aborting:
            outcome = Outcome::Aborted;
            break;
        case Phase::Recovering:
            out.send(from, Uncertain{id});
            return;
        default:
            return; // It has not decided yet, and will tell.
        }
    } else {
        out.note("knows nothing of transaction {}, and presumes that it was {}", id,
                 describe::nameOf(outcome));
    }
    if (outcome == Outcome::Committed) {
        out.send(from, Commit{id});
    } else {
        out.send(from, Abort{id});
    }
}

/// R*, PA and PC. A presumed nothing coordinator that knows nothing has crashed before it
/// decided, or everybody has heard; so has that of a three-phase commit, whose collecting record is
/// forced.
Outcome TwoPhaseCommit::presumed() const
{
    return is(Variant::PresumedCommit) ? Outcome::Committed : Outcome::Aborted;
}

/// Bernstein et al., §7.4: who has decided says so; who has not voted yet can decide to abort, and
/// does; who is uncertain too cannot help.
void TwoPhaseCommit::answerAsPeer(const Moment& moment, NodeId from, TransactionId id, Out& out)
{
    if (const auto known = m_outcomes.find(id); known != m_outcomes.end()) {
        if (known->second == Outcome::Committed) {
            out.send(from, Commit{id});
        } else {
            out.send(from, Abort{id});
        }
        return;
    }
    const auto found = m_branches.find(id);
    if (found != m_branches.end() && !found->second.participants.empty()) {
        out.send(from, Uncertain{id});
        return;
    }
    if (found != m_branches.end()) {
        giveUp(moment, id, Reason::Silence, out);
        out.send(from, Abort{id});
        return;
    }
    if (id < m_below[m_placement->coordinatorOf(id)]) {
        out.send(from, Uncertain{id}); // It is over, and how is forgotten.
        return;
    }
    // A yes would be on its disk. It has lost its part in a crash, and will vote no.
    out.note("has not voted on transaction {}, and aborts it", id);
    m_outcomes[id] = Outcome::Aborted;
    out.send(from, Abort{id});
}

void TwoPhaseCommit::onMessage(const Moment&, NodeId from, const Uncertain& message, Out& out)
{
    if (m_branches.contains(message.transaction)) {
        out.note("{} cannot help either with transaction {}", nameOf(from), message.transaction);
    }
}

} // namespace lightcone::protocols::two_phase_commit
