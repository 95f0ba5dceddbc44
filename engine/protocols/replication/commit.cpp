#include "engine/protocols/replication/replication.h"

#include <algorithm>
#include <utility>

// When a write is done, and who is told.
namespace lightcone::protocols::replication {

void Replication::accept(const Moment& moment, RequestId id, Command command, Out& out)
{
    const bool waits = std::any_of(m_writes.begin(), m_writes.end(),
                                   [&](const PendingWrite& write) { return write.request == id; });
    if (waits) {
        return; // A retry of what is under way waits for the same answer.
    }
    append(last() + 1, Log{Entry{m_epoch, moment.now, id, std::move(command)}}, node::Sync::Forced,
           out);
    m_writes.push_back({id, last()});
    shipToAll(moment, out);
    advance(moment, out);
}

/// Whose disk must have a write before it is done.
NodeSet Replication::requiredBackups() const
{
    NodeSet required = m_admitting;
    if (!isChain()) {
        required.insert(m_members.begin(), m_members.end());
        required.erase(self());
    }
    return required;
}

/// How far all is done, as the primary or the tail judges.
Index Replication::safeIndex(const Moment&) const
{
    const bool all = isChain() || parameters().acknowledge == Acknowledge::Sync;
    std::vector<Index> matches;
    for (const auto node : requiredBackups()) {
        if (!all && !isMember(node)) {
            continue; // It could not take over yet: it does not count among the k.
        }
        const auto follower = m_followers.find(node);
        matches.push_back(follower == m_followers.end() ? 0 : follower->second.match);
    }
    std::sort(matches.begin(), matches.end(), std::greater<>());
    if (all) {
        return matches.empty() ? last() : std::min(last(), matches.back());
    }
    if (parameters().acknowledge == Acknowledge::Async || matches.empty()) {
        return last();
    }
    const auto enough = std::min<std::size_t>(parameters().k, matches.size());
    return std::min(last(), matches[enough - 1]);
}

void Replication::advance(const Moment& moment, Out& out)
{
    const bool judges = isMember(self()) && (isChain() ? back() == self() : front() == self());
    if (judges && mayServe(moment) && m_confirmed) {
        const auto safe = safeIndex(moment);
        if (safe > m_commit) {
            commitUpTo(moment, safe, out);
        }
    }
    m_waitsFor.clear();
    if (m_commit >= last() || !isMember(self())) {
        return;
    }
    if (isChain() && back() != self()) {
        m_waitsFor.insert(successor());
        return;
    }
    for (const auto node : judges ? requiredBackups() : NodeSet{}) {
        const auto follower = m_followers.find(node);
        if (follower == m_followers.end() || follower->second.match <= m_commit) {
            m_waitsFor.insert(node);
        }
    }
}

/// Executes what is done. Who was asked for it tells the client, as long as it may serve.
void Replication::commitUpTo(const Moment& moment, Index index, Out& out)
{
    if (index <= m_commit) {
        return;
    }
    m_commit = index;
    while (m_applied < m_commit) {
        const auto next = m_applied + 1;
        const auto& entry = *entryAt(next);
        const auto result = m_store.apply(
            entry.request,
            std::visit([](const auto& held) { return kv::Operation(held); }, entry.command));
        m_applied = next;
        const auto write =
            std::find_if(m_writes.begin(), m_writes.end(),
                         [&](const PendingWrite& each) { return each.index == next; });
        if (write != m_writes.end()) {
            if (front() == self() && mayServe(moment)) {
                answer(moment, write->request, result, out);
            }
            m_writes.erase(write);
        }
    }
    const auto kept = m_snapshot ? m_snapshot->last : 0;
    const auto threshold = parameters().snapshotThreshold;
    if (threshold > 0 && m_applied - kept >= threshold) {
        takeSnapshot(out);
    }
    if (const auto before = predecessor()) {
        out.send(before, Ack{m_epoch, m_commit, m_commit, moment.now});
    }
}

void Replication::answer(const Moment&, RequestId id, kv::Result result, Out& out)
{
    if (parameters().reads == Reads::Single || isChain()) {
        out.reply(id, std::move(result));
        return;
    }
    Sight sight;
    sight.outcome = result.outcome;
    sight.value = std::move(result.value);
    sight.token = {epochAt(m_applied), m_applied};
    out.reply(id, std::move(sight));
}

} // namespace lightcone::protocols::replication
