#include "engine/kv/image.h"
#include "engine/protocols/raft/raft.h"

#include <algorithm>
#include <utility>

// Log compaction and what a leader does for followers that need what it has discarded: §5.
namespace lightcone::protocols::raft {

void Raft::considerSnapshot(Out& out)
{
    const auto last = m_snapshot ? m_snapshot->lastIndex : 0;
    const auto fresh = m_lastApplied - std::min(last, m_lastApplied);
    const Index threshold = parameters().snapshotThreshold;
    // A follower that is being sent a snapshot would have to begin anew with the next one.
    const bool patient = feedsSnapshot() && fresh < 4 * threshold;
    if (fresh >= threshold && !patient && m_lastApplied <= lastIndex()) {
        takeSnapshot(out);
    }
}

void Raft::takeSnapshot(Out& out)
{
    auto configuration = m_configurations.front().configuration;
    for (const auto& placed : m_configurations) {
        if (placed.index <= m_lastApplied) {
            configuration = placed.configuration;
        }
    }
    m_snapshot = std::make_shared<const Snapshot>(
        Snapshot{m_lastApplied, termAt(m_lastApplied), std::move(configuration), m_store});
    // A quarter of the entries stays, so that a follower that is only a little behind does not need
    // the whole snapshot.
    const auto keepAfter = m_lastApplied - parameters().snapshotThreshold / 4;
    discardUpTo({m_log, m_logStart, m_discardedTerm}, keepAfter);
    m_receiving.reset();
    out.note("takes a snapshot up to {}", m_lastApplied);
    // Nobody waits for it: as long as it is not on disk, the entries are.
    out.write(SaveSnapshot{m_snapshot, keepAfter}, node::Sync::Lazy);
}

bool Raft::feedsSnapshot() const
{
    return std::any_of(m_progress.begin(), m_progress.end(),
                       [](const auto& each) { return each.second.flow == Flow::Snapshot; });
}

void Raft::becomeSnapshotted(NodeId follower, Out& out)
{
    auto& progress = m_progress[follower];
    progress.flow = Flow::Snapshot;
    progress.inFlight.clear();
    progress.snapshotIndex = m_snapshot->lastIndex;
    progress.snapshotOffset = 0;
    progress.snapshotData = std::make_shared<const std::string>(kv::imageOf(m_snapshot->store));
    out.note("sends n{} its snapshot up to {}", follower.value, m_snapshot->lastIndex);
    sendChunk(follower, out);
}

void Raft::sendChunk(NodeId follower, Out& out)
{
    auto& progress = m_progress[follower];
    if (progress.snapshotIndex != m_snapshot->lastIndex || !progress.snapshotData) {
        becomeSnapshotted(follower, out);
        return;
    }
    const auto& data = *progress.snapshotData;
    const auto offset = std::min<std::size_t>(progress.snapshotOffset, data.size());
    auto chunk = data.substr(offset, parameters().snapshotChunk);
    const bool done = offset + chunk.size() == data.size();
    out.send(follower,
             InstallSnapshot{m_term, m_snapshot->lastIndex, m_snapshot->lastTerm,
                             m_snapshot->configuration, offset, std::move(chunk), done, m_round});
}

void Raft::onMessage(const Moment& moment, NodeId from, const InstallSnapshot& message, Out& out)
{
    SnapshotStored answer{m_term, message.lastIndex, 0, false, message.round};
    if (message.term < m_term) {
        out.send(from, std::move(answer));
        return;
    }
    if (message.term > m_term) {
        becomeFollower(moment, message.term, from, out);
    }
    if (isLeader()) {
        return;
    }
    followLeader(moment, from, out);
    answer.term = m_term;
    if (message.lastIndex <= m_commitIndex) {
        answer.done = true; // All that it covers is here already.
    } else {
        answer.done = receive(moment, message, out);
        answer.offset = m_receiving ? m_receiving->data.size() : 0;
    }
    out.send(from, std::move(answer));
    m_role = idleRole();
    armElection(moment, out);
}

bool Raft::receive(const Moment& moment, const InstallSnapshot& message, Out& out)
{
    const bool same = m_receiving && m_receiving->lastIndex == message.lastIndex
        && m_receiving->lastTerm == message.lastTerm;
    if (!same) {
        m_receiving.reset();
    }
    const auto have = same ? m_receiving->data.size() : 0;
    if (message.offset != have) {
        return false;
    }
    if (have == 0) {
        m_receiving = PartialSnapshot{message.lastIndex, message.lastTerm, {}};
    }
    m_receiving->data += message.data;
    if (!message.done) {
        out.write(SnapshotChunk{message.lastIndex, message.lastTerm, have, message.data});
        return false;
    }
    auto store = kv::storeFrom(m_receiving->data);
    if (!store) {
        out.note("throws away a snapshot: {}", store.error().message);
        m_receiving.reset();
        return false;
    }
    out.write(SnapshotChunk{message.lastIndex, message.lastTerm, have, message.data});
    adopt(moment, message, std::move(*store), out);
    return true;
}

void Raft::adopt(const Moment& moment, const InstallSnapshot& message, kv::Store store, Out& out)
{
    // Figure 5.3: "If existing log entry has same index and term as lastIndex and lastTerm, discard
    // log up through lastIndex (but retain any following entries) and reply. Otherwise discard the
    // entire log. Reset state machine using snapshot contents (and load lastConfig as cluster
    // configuration)".
    m_receiving.reset();
    m_store = std::move(store);
    m_snapshot = std::make_shared<const Snapshot>(
        Snapshot{message.lastIndex, message.lastTerm, message.configuration, m_store});
    replaceBeginning({m_log, m_logStart, m_discardedTerm}, message.lastIndex, message.lastTerm);
    m_lastApplied = message.lastIndex;
    m_configurations.clear();
    adoptConfiguration(message.lastIndex, message.configuration);
    for (std::size_t i = 0; i < m_log.size(); ++i) {
        if (const auto* change = std::get_if<Configuration>(&m_log[i].command)) {
            adoptConfiguration(m_logStart + i, *change);
        }
    }
    out.note("installs a snapshot up to {}", message.lastIndex);
    out.write(AdoptSnapshot{message.lastIndex, message.lastTerm, message.configuration});
    commitTo(moment, message.lastIndex, out);
}

void Raft::onMessage(const Moment& moment, NodeId from, const SnapshotStored& message, Out& out)
{
    if (message.term > m_term) {
        becomeFollower(moment, message.term, NodeId{}, out);
        return;
    }
    const auto found = m_progress.find(from);
    if (message.term < m_term || !isLeader() || found == m_progress.end()) {
        return;
    }
    auto& progress = found->second;
    progress.heardAt = moment.now;
    const bool newRound = message.round > progress.round;
    progress.round = std::max(progress.round, message.round);
    if (message.done) {
        onAccepted(moment, from, message.lastIndex, out);
    } else if (progress.flow == Flow::Snapshot && message.lastIndex == progress.snapshotIndex
               && message.offset != progress.snapshotOffset) {
        progress.snapshotOffset = message.offset;
        sendChunk(from, out);
    }
    if (newRound && isLeader()) {
        confirmRounds(moment, out);
    }
}

} // namespace lightcone::protocols::raft
