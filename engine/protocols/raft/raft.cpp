#include "engine/protocols/raft/raft.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::raft {

Raft::Raft(node::Seat<Raft> seat)
    : m_seat(std::move(seat))
{
}

void Raft::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    m_role = Role::Follower;
    m_term = disk.term;
    m_votedFor = disk.votedFor;
    m_log = disk.log;
    m_logStart = disk.logStart;
    m_discardedTerm = disk.discardedTerm;
    m_snapshot = disk.snapshot;
    m_receiving = disk.receiving;
    m_configurations.clear();
    if (m_snapshot) {
        m_store = m_snapshot->store;
        m_commitIndex = m_lastApplied = m_snapshot->lastIndex;
        adoptConfiguration(m_snapshot->lastIndex, m_snapshot->configuration);
    } else {
        Configuration first;
        for (const auto& member : m_seat.members()) {
            if (!member.spare) {
                first.voters.insert(member.id);
            }
        }
        adoptConfiguration(0, first);
    }
    const bool firstBoot = disk.term == 0 && disk.log.empty() && !disk.snapshot;
    if (firstBoot && !parameters().logs.empty()) {
        beginWithLog(out);
    }
    for (Index index = std::max(m_logStart, m_commitIndex + 1); index <= lastIndex(); ++index) {
        if (const auto* change = std::get_if<Configuration>(&entryAt(index)->command)) {
            adoptConfiguration(index, *change);
        }
    }
    if (!firstBoot) {
        // A node that has just come back may have promised its leader not to vote for a while, and
        // forgotten it. Without this a lease (§6.4.1) would not survive a restart.
        m_heardLeaderAt = moment.now;
    }
    m_role = idleRole();
    armElection(moment, out);
}

void Raft::beginWithLog(Out& out)
{
    const auto logs = parseLogs(parameters().logs, parameters().nodes);
    check(logs.has_value(), "the starting logs were validated with the other parameters");
    // Each of their terms had a leader, which a majority voted for.
    for (const auto& [node, log] : *logs) {
        m_term = std::max(m_term, log.empty() ? 0 : log.back().term);
    }
    writeHardState(out);
    const auto own = logs->find(self());
    if (own != logs->end() && !own->second.empty()) {
        m_log = own->second;
        out.write(Append{1, m_log});
    }
}

void Raft::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
}

void Raft::onTimer(const Moment& moment, Timer timer, Out& out)
{
    switch (timer) {
    case Timer::Election:
        if (!isLeader()) {
            beginElection(moment, out);
        }
        break;
    case Timer::Heartbeat:
        if (isLeader()) {
            heartbeat(moment, out);
        }
        break;
    case Timer::Transfer:
        endTransfer(out);
        break;
    }
}

void Raft::onRequest(const Moment& moment, RequestId id, const Request& held, Out& out)
{
    std::visit([&](const auto& each) { request(moment, id, each, out); }, held);
}

Term Raft::termAt(Index index) const
{
    if (index + 1 == m_logStart) {
        return m_discardedTerm;
    }
    const auto* entry = entryAt(index);
    return entry != nullptr ? entry->term : 0;
}

const Entry* Raft::entryAt(Index index) const
{
    const bool here = index >= m_logStart && index <= lastIndex();
    return here ? &m_log[index - m_logStart] : nullptr;
}

node::Sync Raft::syncOfLog() const
{
    return makes(Mistake::AcknowledgesBeforeDurable) ? node::Sync::Lazy : node::Sync::Forced;
}

} // namespace lightcone::protocols::raft
