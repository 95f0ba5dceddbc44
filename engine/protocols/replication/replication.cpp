#include "engine/protocols/replication/replication.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::replication {

Replication::Replication(node::Seat<Replication> seat)
    : m_seat(std::move(seat))
    , m_ring(m_seat.parameters().nodes, std::min(m_seat.parameters().n, m_seat.parameters().nodes))
{
}

void Replication::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    if (isQuorum()) {
        m_role = Role::Replica;
        m_versions = disk.versions;
        m_hints = disk.hints;
        m_issued = disk.issued;
        m_lagEntries = m_hints.size();
        m_conflicts = static_cast<std::uint64_t>(std::ranges::count_if(
            m_versions, [](const auto& each) { return each.second.size() > 1; }));
        out.arm(Timer::Handoff, parameters().handoff);
        out.arm(Timer::AntiEntropy, parameters().antiEntropy);
        return;
    }
    m_epoch = disk.view.epoch == 0 ? 1 : disk.view.epoch;
    m_members = disk.view.epoch == 0 ? allReplicas() : disk.view.members;
    m_promised = std::max(disk.promised, m_epoch);
    if (self() == monitor()) {
        startMonitor(moment, out);
        return;
    }
    m_log = disk.log;
    m_logStart = disk.logStart;
    m_snapshot = disk.snapshot;
    if (m_snapshot) {
        m_store = m_snapshot->store;
        m_starts = m_snapshot->starts;
        m_applied = m_commit = m_snapshot->last;
    }
    for (Index index = m_logStart; index <= last(); ++index) {
        m_starts.emplace(entryAt(index)->epoch, index);
    }
    m_admitting = disk.required;
    m_lost = disk.lost;
    m_readyAt = last();
    m_confirmed = !predecessor();
    for (const auto follower : followersNow()) {
        m_followers[follower].next = last() + 1;
    }
    m_role = roleNow(moment);
    advance(moment, out);
    heartbeat(moment, out);
}

void Replication::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    m_suspects.erase(from);
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
}

void Replication::onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out)
{
    switch (timer) {
    case Timer::Heartbeat:
        heartbeat(moment, out);
        break;
    case Timer::Lease:
        updateRole(moment, out);
        break;
    case Timer::Watch:
        look(moment, out);
        break;
    case Timer::Hint:
        standIn(moment, about, out);
        break;
    case Timer::GiveUp:
        giveUp(about, out);
        break;
    case Timer::Handoff:
        handOff(out);
        break;
    case Timer::AntiEntropy:
        compareNext(out);
        break;
    }
}

void Replication::onRequest(const Moment& moment, RequestId id, const Request& held, Out& out)
{
    std::visit([&](const auto& each) { request(moment, id, each, out); }, held);
}

const Entry* Replication::entryAt(Index index) const
{
    const bool here = index >= m_logStart && index <= last();
    return here ? &m_log[index - m_logStart] : nullptr;
}

Epoch Replication::epochAt(Index index) const
{
    if (const auto* entry = entryAt(index)) {
        return entry->epoch;
    }
    return index > last() ? 0 : viewOf(m_starts, index);
}

bool Replication::holds(const Token& token) const
{
    return token.index == 0 || (token.index <= last() && epochAt(token.index) == token.epoch);
}

std::vector<NodeId> Replication::allReplicas() const
{
    std::vector<NodeId> replicas;
    for (std::uint32_t number = 1; number <= parameters().nodes; ++number) {
        replicas.emplace_back(number);
    }
    return replicas;
}

NodeId Replication::predecessor() const
{
    const auto place = std::find(m_members.begin(), m_members.end(), self());
    const bool none = !isChain() || place == m_members.end() || place == m_members.begin();
    return none ? NodeId{} : *(place - 1);
}

NodeId Replication::successor() const
{
    const auto place = std::find(m_members.begin(), m_members.end(), self());
    const bool none = !isChain() || place == m_members.end() || place + 1 == m_members.end();
    return none ? NodeId{} : *(place + 1);
}

/// Whom this node ships its log to: a primary to all others, in the view or not; a link of the
/// chain to the next one; the tail to those who want to come after it.
NodeSet Replication::followersNow() const
{
    NodeSet followers;
    if (!isMember(self())) {
        return followers;
    }
    if (isChain() && back() != self()) {
        followers.insert(successor());
        return followers;
    }
    if (!isChain() && front() != self()) {
        return followers;
    }
    for (const auto replica : allReplicas()) {
        if (replica != self() && (!isChain() || !isMember(replica))) {
            followers.insert(replica);
        }
    }
    return followers;
}

} // namespace lightcone::protocols::replication
