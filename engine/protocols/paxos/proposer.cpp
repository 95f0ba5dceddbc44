#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

// Phase 1: a proposer looks for a number that a quorum has not promised beyond, and finds out what
// may have been chosen already (§2.2). One Prepare asks for all slots at once (§3).
namespace lightcone::protocols::paxos {

/// §2.5: "Different proposers choose their numbers from disjoint sets of numbers, so two different
/// proposers never issue a proposal with the same number." The first proposer's are 1, 1 + p, 1 +
/// 2p, …, where there are p of them.
Ballot Paxos::nextBallot(Ballot after) const
{
    if (makes(Mistake::SharedBallots)) {
        return after + 1;
    }
    const auto& proposers = m_plan->proposers;
    const auto place = static_cast<Ballot>(std::find(proposers.begin(), proposers.end(), self())
                                           - proposers.begin());
    const Ballot step = proposers.size();
    const Ballot turn = after <= place ? 0 : (after - place - 1) / step + 1;
    return turn * step + place + 1;
}

void Paxos::beginBallot(const Moment& moment, Out& out)
{
    m_ballot = nextBallot(m_ballot);
    m_role = Role::Preparing;
    m_leader = {};
    m_votes.clear();
    m_promisedBy.clear();
    m_quorum = m_plan->quorums.phase1Size();
    m_found.clear();
    m_tallies.clear();
    m_receiving.reset();
    out.note("prepares ballot {}", m_ballot);
    out.write(Pledge{m_ballot});
    if (accepts()) {
        // Its own acceptor promises too; what it sends waits until that is on disk.
        m_votes.insert(self());
        if (m_chosenIndex < lastSlot()) {
            const auto from = std::max(m_chosenIndex + 1, m_logStart);
            gather(from, m_log.slice(from - m_logStart, lastSlot() + 1 - from));
        }
    }
    sendPrepare(out);
    armElection(moment, out);
    considerPhase2(moment, out);
}

void Paxos::sendPrepare(Out& out)
{
    NodeSet silent;
    for (const auto acceptor : otherAcceptors()) {
        if (!m_votes.contains(acceptor)) {
            silent.insert(acceptor);
        }
    }
    if (!silent.empty()) {
        out.broadcast(silent, Prepare{m_ballot, m_chosenIndex + 1});
        out.arm(Timer::Retry, parameters().retry);
    }
}

void Paxos::onMessage(const Moment& moment, NodeId from, const Promise& message, Out& out)
{
    if (m_role != Role::Preparing || message.ballot != m_ballot) {
        return; // Of an earlier ballot, or this one has its quorum already.
    }
    if (message.chosen > m_chosenIndex) {
        if (message.first > m_chosenIndex + 1) {
            // Too much was chosen that this node has not heard of, or its slots were discarded.
            out.note("gives up ballot {}: must first learn what n{} knows", m_ballot, from.value);
            m_role = idleRole();
            m_votes.clear();
            out.disarm(Timer::Retry);
            out.send(from, question());
            return;
        }
        adopt(message.first, message.entries, message.chosen, out);
        settle(moment, out);
        if (m_role != Role::Preparing) {
            return; // A single decree is all there is to learn.
        }
        m_found.erase(m_found.begin(), m_found.upper_bound(m_chosenIndex));
    }
    gather(message.first, message.entries);
    m_votes.insert(from);
    considerPhase2(moment, out);
}

/// Keeps the highest-numbered proposal of each slot, which may have been chosen (§2.2, P2c).
void Paxos::gather(Slot first, const Slots& entries)
{
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto slot = first + i;
        const auto& entry = entries[i];
        if (entry.isGap() || knows(slot)) {
            continue;
        }
        auto& found = m_found[slot];
        if (found.ballot <= entry.ballot) {
            found = entry;
        }
    }
}

void Paxos::considerPhase2(const Moment& moment, Out& out)
{
    if (m_role != Role::Preparing || !m_plan->quorums.isPhase1(m_votes)) {
        return;
    }
    m_promisedBy = m_votes;
    out.disarm(Timer::Retry);
    if (makes(Mistake::IgnoresAccepted)) {
        m_found.clear();
    }
    if (isSingle()) {
        beginSingle(moment, out);
    } else {
        becomeLeader(moment, out);
    }
}

/// §2.2, phase 2 (a): "v is the value of the highest-numbered proposal among the responses, or is
/// any value if the responses reported no proposals."
void Paxos::beginSingle(const Moment& moment, Out& out)
{
    Entry proposal;
    if (const auto found = m_found.find(1); found != m_found.end()) {
        proposal = found->second;
        out.note("must propose what ballot {} proposed", proposal.ballot);
    } else {
        const auto own = std::find_if(m_wants.begin(), m_wants.end(), [](const Want& want) {
            return !std::holds_alternative<Gap>(want.command);
        });
        if (own == m_wants.end()) {
            // Only inquiries: no value has been chosen before this ballot.
            answerDecision(out);
            m_role = idleRole();
            m_votes.clear();
            return;
        }
        proposal = Entry{0, own->request, own->command};
        out.note("is free to propose its own value");
    }
    proposal.ballot = m_ballot;
    m_role = Role::Proposing;
    m_votes.clear();
    m_quorum = m_plan->quorums.phase2Size();
    m_nextSlot = 2;
    propose(moment, 1, {std::move(proposal)}, out);
    if (m_role == Role::Proposing) {
        out.arm(Timer::Retry, parameters().retry);
    }
}

void Paxos::onMessage(const Moment& moment, NodeId from, const Nack& message, Out& out)
{
    if (message.promised <= m_ballot) {
        return;
    }
    if (proposesNow()) {
        out.note("gives up ballot {}: n{} has promised {}", m_ballot, from.value, message.promised);
    }
    yield(moment, message.promised, out);
}

/// Somebody uses a higher number. §2.2: "It is probably a good idea to abandon a proposal if some
/// proposer has begun trying to issue a higher-numbered one."
void Paxos::yield(const Moment& moment, Ballot higher, Out& out)
{
    const bool proposed = proposesNow();
    m_ballot = higher;
    m_leader = {};
    if (isSingle()) {
        armCatchUp(out);
    }
    if (!proposed) {
        return;
    }
    m_role = idleRole();
    m_votes.clear();
    m_promisedBy.clear();
    m_found.clear();
    m_tallies.clear();
    m_peers.clear();
    m_rounds.clear();
    out.disarm(Timer::Retry);
    if (isSingle()) {
        backOff(moment, out);
        return;
    }
    out.disarm(Timer::Heartbeat);
    armElection(moment, out);
    // What it has proposed may or may not be chosen; asking the next leader again is safe, as an
    // operation counts once.
    redirectWants(NodeId{}, out);
}

/// §2.4: two proposers can keep refusing each other for ever. Waiting for a random time, twice as
/// long with each refusal, lets one of them through.
void Paxos::backOff(const Moment& moment, Out& out)
{
    if (m_wants.empty()) {
        return;
    }
    auto most = parameters().backOff;
    for (std::uint32_t i = 0; i < m_refusals && most < parameters().mostBackOff; ++i) {
        most *= 2;
    }
    ++m_refusals;
    most = std::min(most, parameters().mostBackOff);
    out.arm(Timer::BackOff, moment.dice.between(Duration(0), most));
}

void Paxos::tryAgain(const Moment& moment, Out& out)
{
    if (isSingle() && !proposesNow() && !m_wants.empty() && m_chosenIndex == 0) {
        beginBallot(moment, out);
    }
}

} // namespace lightcone::protocols::paxos
