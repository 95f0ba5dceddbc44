#include "engine/protocols/raft/quorum.h"
#include "engine/protocols/raft/raft.h"

#include <algorithm>
#include <utility>

// Log replication as its followers and its leader see it: §3.5, commitment: §3.6.2, pipelining and
// batching: §10.2.
namespace lightcone::protocols::raft {

void Raft::onMessage(const Moment& moment, NodeId from, const AppendEntries& message, Out& out)
{
    if (message.term < m_term) {
        out.send(from, Appended{m_term, false, message.prevLogIndex, 0, 0, message.round});
        return;
    }
    if (message.term > m_term) {
        becomeFollower(moment, message.term, from, out);
    }
    if (isLeader()) {
        return; // Two leaders of one term: election safety is broken already.
    }
    followLeader(moment, from, out);
    if (!matches(message)) {
        rejectEntries(from, message, out);
    } else {
        storeEntries(message, out);
        const auto last = message.prevLogIndex + message.entries.size();
        if (message.leaderCommit > m_commitIndex && last > m_commitIndex) {
            commitTo(moment, std::min(message.leaderCommit, last), out);
        }
        out.send(from, Appended{m_term, true, last, 0, 0, message.round});
    }
    m_role = idleRole();
    armElection(moment, out);
}

void Raft::followLeader(const Moment& moment, NodeId leader, Out& out)
{
    m_heardLeaderAt = moment.now;
    if (m_leader == leader && (m_role == Role::Follower || m_role == Role::Learner)) {
        return;
    }
    // §3.4: "If the leader's term is at least as large as the candidate's current term, then the
    // candidate recognizes the leader as legitimate and returns to follower state."
    becomeFollower(moment, m_term, leader, out);
    out.note("follows n{} in term {}", leader.value, m_term);
    answerTransfer(out);
}

bool Raft::matches(const AppendEntries& message) const
{
    if (makes(Mistake::NoConsistencyCheck)) {
        return true;
    }
    // What is discarded was committed, and so is the same in every log that leads (§3.6.3).
    const bool discarded = message.prevLogIndex + 1 < m_logStart;
    return discarded
        || (message.prevLogIndex <= lastIndex()
            && termAt(message.prevLogIndex) == message.prevLogTerm);
}

void Raft::rejectEntries(NodeId leader, const AppendEntries& message, Out& out)
{
    // §3.5: "the follower can include the term of the conflicting entry and the first index it
    // stores for that term."
    Appended answer{m_term, false, message.prevLogIndex, 0, lastIndex() + 1, message.round};
    if (message.prevLogIndex <= lastIndex()) {
        answer.conflictTerm = termAt(message.prevLogIndex);
        answer.conflictIndex = m_logStart + firstFrom(m_log, answer.conflictTerm);
        out.note("rejects entries after {} of term {}: has term {} there", message.prevLogIndex,
                 message.prevLogTerm, answer.conflictTerm);
    } else {
        out.note("rejects entries after {}: its log ends at {}", message.prevLogIndex, lastIndex());
    }
    out.send(leader, std::move(answer));
}

void Raft::storeEntries(const AppendEntries& message, Out& out)
{
    const auto& entries = message.entries;
    const auto first = message.prevLogIndex + 1;
    std::size_t known = first < m_logStart ? std::min(m_logStart - first, entries.size()) : 0;
    while (known < entries.size() && first + known <= lastIndex()
           && termAt(first + known) == entries[known].term) {
        ++known;
    }
    if (known == entries.size()) {
        return;
    }
    // Beyond the end only where the consistency check is left out.
    const auto index = std::min(first + known, lastIndex() + 1);
    if (index <= lastIndex()) {
        // §3.5: "If an existing entry conflicts with a new one (same index but different terms),
        // delete the existing entry and all that follow it."
        out.note("drops its entries from {} on: they conflict with those of term {}", index,
                 message.term);
        m_log.truncate(index - m_logStart);
        dropConfigurationsFrom(index);
        out.write(Truncate{index}, syncOfLog());
    }
    m_log.append(entries.slice(known, entries.size() - known));
    // The log's own, so that the disk shares its storage and copies none of them again.
    auto fresh = m_log.slice(index - m_logStart, entries.size() - known);
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        if (const auto* change = std::get_if<Configuration>(&fresh[i].command)) {
            adoptConfiguration(index + i, *change);
        }
    }
    out.write(Append{index, std::move(fresh)}, syncOfLog());
}

void Raft::onMessage(const Moment& moment, NodeId from, const Appended& message, Out& out)
{
    if (message.term > m_term) {
        becomeFollower(moment, message.term, NodeId{}, out);
        return;
    }
    const auto found = m_progress.find(from);
    if (message.term < m_term || !isLeader()) {
        return;
    }
    if (from == self()) {
        onOwnDisk(moment, message.index, out);
        return;
    }
    if (found == m_progress.end()) {
        return;
    }
    auto& progress = found->second;
    progress.heardAt = moment.now;
    const bool newRound = message.round > progress.round;
    progress.round = std::max(progress.round, message.round);
    if (message.success) {
        onAccepted(moment, from, message.index, out);
    } else {
        onRejected(from, message, out);
    }
    if (newRound && isLeader()) {
        confirmRounds(moment, out);
    }
}

void Raft::onAccepted(const Moment& moment, NodeId from, Index index, Out& out)
{
    auto& progress = m_progress[from];
    auto& match = m_matchIndex[from];
    auto& next = m_nextIndex[from];
    const bool advanced = index > match;
    match = std::max(match, index);
    next = std::max(next, match + 1);
    switch (progress.flow) {
    case Flow::Probe:
        becomeReplicated(from);
        break;
    case Flow::Replicate: {
        const auto arrived =
            std::upper_bound(progress.inFlight.begin(), progress.inFlight.end(), index);
        progress.inFlight.erase(progress.inFlight.begin(), arrived);
        break;
    }
    case Flow::Snapshot:
        if (match >= progress.snapshotIndex) {
            becomeProbed(from);
        }
        break;
    }
    if (advanced) {
        catchUp(moment, from, match, out);
        advanceCommit(moment, out);
    }
    if (isLeader()) {
        sendEntries(from, out);
        continueTransfer(out);
    }
}

void Raft::onRejected(NodeId from, const Appended& message, Out& out)
{
    const auto match = m_matchIndex[from];
    auto& next = m_nextIndex[from];
    auto& progress = m_progress[from];
    if (progress.flow == Flow::Replicate && message.index > match) {
        becomeProbed(from); // Something on the way was lost or overtaken.
        sendEntries(from, out);
    } else if (progress.flow == Flow::Probe && message.index + 1 == next) {
        auto candidate = message.conflictIndex;
        if (message.conflictTerm != 0) {
            // Beyond our last entry of that term, where we have any: the follower's entries of that
            // term before the conflict may be ours.
            const auto index = m_logStart + firstFrom(m_log, message.conflictTerm + 1);
            if (index <= message.index && termAt(index - 1) == message.conflictTerm) {
                candidate = index;
            }
        }
        next = std::max(match + 1, std::min(candidate, message.index));
        progress.waiting = false;
        sendEntries(from, out);
    }
}

void Raft::becomeProbed(NodeId follower)
{
    auto& progress = m_progress[follower];
    progress.flow = Flow::Probe;
    progress.waiting = false;
    progress.inFlight.clear();
    progress.snapshotData.reset();
    m_nextIndex[follower] = m_matchIndex[follower] + 1;
}

void Raft::becomeReplicated(NodeId follower)
{
    auto& progress = m_progress[follower];
    progress.flow = Flow::Replicate;
    progress.waiting = false;
    m_nextIndex[follower] = m_matchIndex[follower] + 1;
}

void Raft::appendOwn(const Moment& moment, Entry entry, Out& out)
{
    m_log.push_back(std::move(entry));
    const auto index = lastIndex();
    if (const auto* change = std::get_if<Configuration>(&m_log.back().command)) {
        adoptConfiguration(index, *change);
        refreshPeers(moment);
    }
    if (!parameters().grouped) {
        writeOwn(out);
    }
}

/// §10.2.2: "a leader can collect multiple requests and append them together". What has come
/// together to this node is handled before what it tells itself.
void Raft::gather(Out& out)
{
    if (!m_gathers) {
        m_gathers = true;
        out.send(self(), Replicate{}, node::Leaves::AtOnce);
    }
}

void Raft::onMessage(const Moment&, NodeId, const Replicate&, Out& out)
{
    m_gathers = false;
    // What is to leave at once shall not overtake what still waits: a term begins slowly.
    if (isLeader() && termIsDurable()) {
        broadcastEntries(out);
    }
}

/// Hands to the disk what was appended since the last time; false: there is nothing. What is sent
/// to a follower was handed to the disk before, or is in the same step.
bool Raft::writeOwn(Out& out)
{
    if (m_written == lastIndex()) {
        return false;
    }
    const auto first = m_written + 1 - m_logStart;
    auto entries = m_log.slice(first, m_log.size() - first);
    const auto index = std::exchange(m_written, lastIndex()) + 1;
    out.write(Append{index, std::move(entries)}, syncOfLog());
    hearOfOwnDisk(out);
    return true;
}

void Raft::hearOfOwnDisk(Out& out)
{
    if (!parameters().grouped || makes(Mistake::CountsUnwritten)) {
        // Nothing leaves before the write is durable: that it counts already is not seen.
        m_matchIndex[self()] = m_written;
    } else {
        // §10.2.1: "The leader may even commit an entry before it has been written to its own
        // disk, if a majority of followers have written it to their disks". So it counts itself
        // when it has, as it counts others: this waits for the disk.
        out.send(self(), Appended{m_term, true, m_written, 0, 0, 0});
    }
}

void Raft::onOwnDisk(const Moment& moment, Index index, Out& out)
{
    auto& match = m_matchIndex[self()];
    if (index > match) {
        match = index;
        advanceCommit(moment, out);
    }
    if (isLeader() && m_written != lastIndex()) {
        broadcastEntries(out);
    }
}

bool Raft::termIsDurable() const
{
    const auto own = m_matchIndex.find(self());
    return own != m_matchIndex.end() && termAt(own->second) == m_term;
}

/// §10.2.1: "the leader can write to its disk in parallel with replicating to the followers". But
/// its term is a promise that it must remember.
node::Leaves Raft::leavesOfEntries() const
{
    return parameters().grouped && termIsDurable() ? node::Leaves::AtOnce : node::Leaves::Durable;
}

/// What is answered is durable on a majority by then, whether or not this node belongs to it.
node::Leaves Raft::leavesOfAnswers() const
{
    return parameters().grouped ? node::Leaves::AtOnce : node::Leaves::Durable;
}

AppendEntries Raft::entriesFrom(Index next) const
{
    const auto count = std::min<std::size_t>(parameters().maxBatch, lastIndex() + 1 - next);
    return {m_term,        next - 1, termAt(next - 1), m_log.slice(next - m_logStart, count),
            m_commitIndex, m_round};
}

void Raft::broadcastEntries(Out& out)
{
    writeOwn(out);
    // Followers that are equally far share one message.
    boost::container::small_vector<NodeId, 8> alike;
    Index shared = 0;
    for (auto& [node, progress] : m_progress) {
        const auto next = m_nextIndex[node];
        const bool ready = progress.flow == Flow::Replicate && next >= m_logStart
            && next <= lastIndex() && lastIndex() - next < parameters().maxBatch
            && progress.inFlight.size() < parameters().window;
        if (ready && (alike.empty() || shared == next)) {
            shared = next;
            alike.push_back(node);
        }
    }
    if (!alike.empty()) {
        out.broadcast(alike, entriesFrom(shared), leavesOfEntries());
    }
    for (const auto node : alike) {
        m_nextIndex[node] = lastIndex() + 1;
        m_progress[node].inFlight.push_back(lastIndex());
    }
    if (alike.size() < m_progress.size()) {
        for (const auto& [node, progress] : m_progress) {
            sendEntries(node, out);
        }
    }
}

void Raft::sendEntries(NodeId follower, Out& out)
{
    const auto found = m_progress.find(follower);
    if (found == m_progress.end() || found->second.flow == Flow::Snapshot) {
        return;
    }
    writeOwn(out);
    auto& progress = found->second;
    auto& next = m_nextIndex[follower];
    if (next < m_logStart) {
        becomeSnapshotted(follower, out);
        return;
    }
    if (progress.flow == Flow::Probe) {
        if (!progress.waiting) {
            progress.waiting = true;
            out.send(follower, entriesFrom(next), leavesOfEntries());
        }
        return;
    }
    while (next <= lastIndex() && progress.inFlight.size() < parameters().window) {
        auto message = entriesFrom(next);
        next += message.entries.size();
        progress.inFlight.push_back(next - 1);
        out.send(follower, std::move(message), leavesOfEntries());
    }
}

void Raft::heartbeat(const Moment& moment, Out& out)
{
    checkQuorum(moment, out);
    if (!isLeader()) {
        return;
    }
    out.arm(Timer::Heartbeat, parameters().heartbeat);
    if (parameters().grouped && !writeOwn(out) && m_matchIndex[self()] < m_written) {
        hearOfOwnDisk(out); // What a node tells itself may be lost too, where somebody wants it.
    }
    m_gathers = false;
    beginRound(moment);
    sendHeartbeats(out);
    abandonSilent(moment, out);
}

void Raft::sendHeartbeats(Out& out)
{
    // A probe and a piece of a snapshot are heartbeats too; to others an empty AppendEntries goes
    // behind all that is under way, which also finds out whether any of it was lost.
    PerNode<bool> done;
    for (auto& [node, progress] : m_progress) {
        if (progress.flow == Flow::Snapshot) {
            sendChunk(node, out);
        } else if (progress.flow == Flow::Probe || m_nextIndex[node] < m_logStart) {
            progress.waiting = false;
            sendEntries(node, out);
        } else if (!done.contains(node)) {
            const auto next = m_nextIndex[node];
            boost::container::small_vector<NodeId, 8> alike;
            for (const auto& [other, otherProgress] : m_progress) {
                if (otherProgress.flow == Flow::Replicate && m_nextIndex[other] == next) {
                    alike.push_back(other);
                    done[other] = true;
                }
            }
            out.broadcast(
                alike,
                AppendEntries{m_term, next - 1, termAt(next - 1), {}, m_commitIndex, m_round},
                leavesOfEntries());
        }
    }
}

void Raft::checkQuorum(const Moment& moment, Out& out)
{
    if (!parameters().checkQuorum) {
        return;
    }
    NodeSet active{self()};
    for (auto& [node, progress] : m_progress) {
        progress.heardAt = std::min(progress.heardAt, moment.now); // Clocks are set back too.
        if (moment.now <= progress.heardAt + parameters().electionTimeoutHigh) {
            active.insert(node);
        }
    }
    if (!isMajority(configuration(), active)) {
        // §6.2: "a leader in Raft steps down if an election timeout elapses without a successful
        // round of heartbeats to a majority of its cluster".
        out.note("has not heard from a majority for {}", toText(parameters().electionTimeoutHigh));
        becomeFollower(moment, m_term, NodeId{}, out);
    }
}

void Raft::advanceCommit(const Moment& moment, Out& out)
{
    const auto index = agreed(configuration(), [this](NodeId node) {
        const auto found = m_matchIndex.find(node);
        return found == m_matchIndex.end() ? Index{0} : found->second;
    });
    // §3.6.2: "Raft never commits log entries from previous terms by counting replicas. Only log
    // entries from the leader's current term are committed by counting replicas".
    const bool counts = termAt(index) == m_term || makes(Mistake::CommitOldTermByCounting);
    if (index > m_commitIndex && counts) {
        commitTo(moment, index, out);
    }
}

void Raft::commitTo(const Moment& moment, Index index, Out& out)
{
    m_commitIndex = index;
    while (m_lastApplied < m_commitIndex && m_lastApplied < lastIndex()) {
        ++m_lastApplied;
        applyEntry(*entryAt(m_lastApplied), out);
    }
    if (m_configurations.size() > 1) {
        forgetOldConfigurations();
    }
    if (isLeader()) {
        serveReads(out);
        continueChange(moment, out);
    }
    if (parameters().snapshotThreshold != 0) {
        considerSnapshot(out);
    }
}

void Raft::applyEntry(const Entry& entry, Out& out)
{
    kv::Result result;
    const bool executed = std::visit(
        [&](const auto& command) {
            using Held = std::remove_cvref_t<decltype(command)>;
            if constexpr (std::is_constructible_v<kv::Operation, const Held&>) {
                result = m_store.apply(entry.request, kv::Operation(command));
                return true;
            } else {
                return false;
            }
        },
        entry.command);
    // An entry of this leader's own term is one that it appended itself, for a client that waits.
    if (executed && isLeader() && entry.term == m_term && entry.request) {
        out.reply(entry.request, std::move(result), leavesOfAnswers());
    }
}

} // namespace lightcone::protocols::raft
