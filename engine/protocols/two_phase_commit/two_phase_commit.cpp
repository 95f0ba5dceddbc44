#include "engine/protocols/two_phase_commit/two_phase_commit.h"

#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::two_phase_commit {
namespace {

std::shared_ptr<const Placement> placementOf(const Parameters& parameters)
{
    auto placement = Placement::of(parameters);
    check(placement.has_value(), "the placement was validated with the parameters");
    return std::make_shared<const Placement>(std::move(*placement));
}

/// Of several transactions that a node takes part in, the one with the highest number here is
/// shown.
int weightOf(Phase phase)
{
    switch (phase) {
    case Phase::Idle:
        return 0;
    case Phase::Aborting:
    case Phase::Committing:
        return 1;
    case Phase::Working:
        return 2;
    case Phase::Blocked:
        return 3;
    case Phase::Collecting:
        return 4;
    case Phase::PreCommitting:
    case Phase::PreCommitted:
        return 5;
    case Phase::InDoubt:
    case Phase::Recovering:
        return 6;
    case Phase::Terminating:
        return 7;
    }
    return 0;
}

/// The weightiest; of equal ones the oldest. The map's end where there is none.
template <class Map>
auto weightiest(const Map& map)
{
    auto best = map.end();
    for (auto each = map.begin(); each != map.end(); ++each) {
        if (best == map.end() || weightOf(each->second.phase) > weightOf(best->second.phase)) {
            best = each;
        }
    }
    return best;
}

} // namespace

TwoPhaseCommit::TwoPhaseCommit(node::Seat<TwoPhaseCommit> seat)
    : m_seat(std::move(seat))
    , m_placement(placementOf(m_seat.parameters()))
{
}

void TwoPhaseCommit::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    if (coordinates()) {
        recoverCoordinator(moment, disk, out);
    } else {
        recoverParticipant(moment, disk, out);
    }
    summarise();
}

void TwoPhaseCommit::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
    summarise();
}

void TwoPhaseCommit::onTimer(const Moment& moment, Timer timer, TransactionId about, Out& out)
{
    switch (timer) {
    case Timer::Work:
        if (find(about, {Phase::Working}) != nullptr) {
            abort(moment, about, Reason::Silence, out);
        }
        break;
    case Timer::Retry:
        retry(moment, about, out);
        break;
    case Timer::Votes:
        if (find(about, {Phase::Collecting}) != nullptr) {
            abort(moment, about, Reason::Silence, out);
        } else if (find(about, {Phase::PreCommitting}) != nullptr) {
            commit(moment, about, out); // Who is silent has crashed, and will ask.
        }
        break;
    case Timer::Rerun:
        if (const auto rerun = m_reruns.find(about); rerun != m_reruns.end()) {
            auto again = std::move(rerun->second);
            m_reruns.erase(rerun);
            begin(moment, std::move(again), out);
        }
        break;
    case Timer::Idle:
        giveUp(moment, about, Reason::Silence, out);
        break;
    case Timer::Lock:
        giveUp(moment, about, Reason::LockTimeout, out);
        break;
    case Timer::Inquiry:
        inquire(moment, about, out);
        break;
    case Timer::Reports:
        judgeReports(moment, about, true, out);
        break;
    }
    summarise();
}

void TwoPhaseCommit::onRequest(const Moment& moment, RequestId id, const Request& held, Out& out)
{
    std::visit([&](const auto& each) { request(moment, id, each, out); }, held);
    summarise();
}

void TwoPhaseCommit::summarise()
{
    m_votes.clear();
    m_voters = 0;
    m_progress.clear();
    m_inDoubt = false;
    m_waitingFor.clear();
    m_phase = Phase::Idle;
    if (coordinates()) {
        summariseCoordinator();
    } else {
        summariseParticipant();
    }
}

void TwoPhaseCommit::summariseCoordinator()
{
    const auto shown = weightiest(m_transactions);
    if (shown == m_transactions.end()) {
        return;
    }
    const auto& [id, transaction] = *shown;
    m_phase = transaction.phase;
    m_transaction = id;
    const bool working = m_phase == Phase::Working;
    const bool voting = m_phase == Phase::Collecting || m_phase == Phase::PreCommitting;
    const bool decided = m_phase == Phase::Committing || m_phase == Phase::Aborting;
    m_voters = static_cast<std::uint32_t>(transaction.parts.size());
    for (const auto& [node, part] : transaction.parts) {
        const bool asked = !working || part.boot == 0
            || node == m_placement->ownerOf(keyOf(transaction.operations[transaction.done]));
        const bool silent = working           ? asked
            : m_phase == Phase::Collecting    ? part.vote == Ballot::None
            : m_phase == Phase::PreCommitting ? part.vote == Ballot::Yes && !part.ready
            : decided                         ? !part.acknowledged
                                              : true;
        if (silent) {
            m_waitingFor.insert(node);
        }
        if (voting && (part.vote == Ballot::Yes || part.vote == Ballot::ReadOnly)) {
            m_votes.insert(node);
        }
    }
    const auto voted = m_phase == Phase::Aborting ? Mark::Undone : Mark::Done;
    m_progress = {{Stage::Work, working ? Mark::Now : Mark::Done},
                  {Stage::Vote,
                   working      ? Mark::Ahead
                       : voting ? Mark::Now
                                : voted},
                  {Stage::Decide,
                   decided                            ? voted
                       : m_phase == Phase::Recovering ? Mark::Now
                                                      : Mark::Ahead},
                  {Stage::Acknowledge, decided ? Mark::Now : Mark::Ahead}};
}

void TwoPhaseCommit::summariseParticipant()
{
    const auto shown = weightiest(m_branches);
    if (shown == m_branches.end()) {
        return;
    }
    const auto& [id, branch] = *shown;
    m_phase = m_terminations.contains(id) ? Phase::Terminating : branch.phase;
    m_transaction = id;
    if (m_phase == Phase::Blocked) {
        for (const auto holder : locking().obstacles(id)) {
            m_waitingFor.insert(m_placement->coordinatorOf(holder));
        }
    }
    m_inDoubt = weightOf(m_phase) >= weightOf(Phase::PreCommitted);
    if (m_inDoubt) {
        m_waitingFor.insert(m_placement->coordinatorOf(id));
    }
}

/// PA spares the acknowledgements of aborts, PC those of commits (R*, PA and PC).
bool TwoPhaseCommit::acknowledges(Outcome outcome) const
{
    switch (parameters().variant) {
    case Variant::PresumedAbort:
        return outcome == Outcome::Committed;
    case Variant::PresumedCommit:
        return outcome == Outcome::Aborted;
    case Variant::PresumedNothing:
    case Variant::ThreePhase:
        break;
    }
    return true;
}

/// Its lowest number that may still come up in a message that matters.
TransactionId TwoPhaseCommit::oldest() const
{
    return m_transactions.empty() ? m_newest + 1 : m_transactions.begin()->first;
}

Transaction* TwoPhaseCommit::find(TransactionId id, std::initializer_list<Phase> phases)
{
    const auto found = m_transactions.find(id);
    const bool there = found != m_transactions.end()
        && std::find(phases.begin(), phases.end(), found->second.phase) != phases.end();
    return there ? &found->second : nullptr;
}

void TwoPhaseCommit::enter(const Moment& moment, Transaction& transaction, Phase phase) const
{
    transaction.phase = phase;
    transaction.since = moment.now;
}

} // namespace lightcone::protocols::two_phase_commit
