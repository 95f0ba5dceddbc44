#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::paxos {

Paxos::Paxos(node::Seat<Paxos> seat)
    : m_seat(std::move(seat))
    , m_plan(std::make_shared<const Plan>(m_seat.parameters()))
{
}

void Paxos::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    m_ballot = disk.ballot;
    m_log = disk.log;
    m_logStart = disk.logStart;
    m_snapshot = disk.snapshot;
    m_chosenIndex = disk.chosen;
    if (m_snapshot) {
        m_store = m_snapshot->store;
        m_lastApplied = m_snapshot->last;
    }
    m_nextSlot = m_chosenIndex + 1;
    m_role = idleRole();
    settle(moment, out);
    if (disk.ballot != 0) {
        // It may have let a leader believe that it listens to nobody else for a while, and
        // forgotten it. Without this a lease would not survive a restart.
        m_heardLeaderAt = moment.now;
    }
    armElection(moment, out);
    if (isSingle() && (m_ballot != 0 || m_role == Role::Learner)) {
        armCatchUp(out);
    }
}

void Paxos::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
}

void Paxos::onTimer(const Moment& moment, Timer timer, Out& out)
{
    switch (timer) {
    case Timer::Election:
        if (m_role != Role::Leader) {
            beginBallot(moment, out);
        }
        break;
    case Timer::Heartbeat:
        if (m_role == Role::Leader) {
            heartbeat(moment, out);
        }
        break;
    case Timer::Retry:
        if (m_role == Role::Preparing) {
            sendPrepare(out);
        } else if (m_role == Role::Proposing) {
            resendOpen(m_nextSlot, out);
            out.arm(Timer::Retry, parameters().retry);
        }
        break;
    case Timer::BackOff:
        tryAgain(moment, out);
        break;
    case Timer::CatchUp:
        askOthers(out);
        break;
    }
}

void Paxos::onRequest(const Moment& moment, RequestId id, const Request& held, Out& out)
{
    std::visit([&](const auto& each) { request(moment, id, each, out); }, held);
}

const Entry* Paxos::entryAt(Slot slot) const
{
    const bool here = slot >= m_logStart && slot <= lastSlot();
    return here ? &m_log[slot - m_logStart] : nullptr;
}

Role Paxos::idleRole() const
{
    if (m_plan->proposes(self())) {
        return isSingle() ? Role::Proposer : Role::Follower;
    }
    return accepts() ? Role::Acceptor : Role::Learner;
}

NodeSet Paxos::otherAcceptors() const
{
    auto nodes = m_plan->acceptors;
    nodes.erase(self());
    return nodes;
}

NodeSet Paxos::otherLearners() const
{
    auto nodes = m_plan->learners;
    nodes.erase(self());
    return nodes;
}

NodeSet Paxos::others() const
{
    NodeSet nodes;
    for (const auto& member : m_seat.members()) {
        if (member.id != self()) {
            nodes.insert(member.id);
        }
    }
    return nodes;
}

} // namespace lightcone::protocols::paxos
