#include "engine/protocols/raft/raft.h"

#include <algorithm>
#include <utility>

// What clients ask, and how they find the leader: §6.
namespace lightcone::protocols::raft {

bool Raft::leads(const Moment& moment, RequestId id, Out& out) const
{
    if (isLeader()) {
        return true;
    }
    // Who was removed hears of no later leader: its word must not send clients in circles.
    const bool recent =
        m_heardLeaderAt && moment.now <= *m_heardLeaderAt + 2 * parameters().electionTimeoutHigh;
    out.redirect(id, recent ? m_leader : NodeId{});
    return false;
}

void Raft::propose(const Moment& moment, RequestId id, Command command, Out& out)
{
    if (m_transfer) {
        // §3.10: "The prior leader stops accepting new client requests."
        out.redirect(id, m_transfer->to);
        return;
    }
    // A retry of an operation that is in the log already is appended again: its session makes it
    // count once (§6.3).
    appendOwn(moment, Entry{m_term, id, std::move(command)}, out);
    if (parameters().grouped) {
        gather(out);
        return;
    }
    broadcastEntries(out);
    if (m_quorum == 1) {
        advanceCommit(moment, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const kv::Put& put, Out& out)
{
    if (leads(moment, id, out)) {
        propose(moment, id, put, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const kv::Get& get, Out& out)
{
    if (leads(moment, id, out)) {
        read(moment, id, get, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const kv::Delete& removal, Out& out)
{
    if (leads(moment, id, out)) {
        propose(moment, id, removal, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const kv::Cas& swap, Out& out)
{
    if (leads(moment, id, out)) {
        propose(moment, id, swap, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const AddServer& add, Out& out)
{
    if (leads(moment, id, out)) {
        auto voters = configuration().voters;
        voters.insert(add.server);
        changeMembers(moment, id, std::move(voters), out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const RemoveServer& removal, Out& out)
{
    if (!leads(moment, id, out)) {
        return;
    }
    auto voters = configuration().voters;
    voters.erase(removal.server);
    if (configuration().learners.contains(removal.server) && !m_change) {
        m_change = MemberChange{id, std::move(voters), {}};
        auto next = configuration();
        next.learners.erase(removal.server);
        appendConfiguration(moment, std::move(next), out);
        return;
    }
    changeMembers(moment, id, std::move(voters), out);
}

void Raft::request(const Moment& moment, RequestId id, const ChangeMembers& change, Out& out)
{
    if (leads(moment, id, out)) {
        changeMembers(moment, id, change.voters, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const TransferLeadership& transfer, Out& out)
{
    if (leads(moment, id, out)) {
        beginTransfer(moment, id, transfer.to, out);
    }
}

void Raft::request(const Moment& moment, RequestId id, const Campaign&, Out& out)
{
    if (isLeader()) {
        out.refuse(id, "leads already");
    } else if (!mayCampaign()) {
        out.refuse(id, "does not vote, so it cannot be elected");
    } else {
        out.reply(id, CampaignBegun{m_term + 1});
        beginElection(moment, out);
    }
}

void Raft::redirectWaiting(NodeId leader, Out& out)
{
    for (const auto& waiting : m_reads) {
        out.redirect(waiting.request, leader);
    }
    m_reads.clear();
    if (m_change && m_change->request) {
        out.redirect(m_change->request, leader);
    }
    // What this leader appended may or may not be committed by the next one; asking that one again
    // is safe (§6.3).
    for (Index index = std::max(m_commitIndex + 1, m_logStart); index <= lastIndex(); ++index) {
        const auto& entry = *entryAt(index);
        if (entry.term == m_term && entry.request) {
            out.redirect(entry.request, leader);
        }
    }
}

} // namespace lightcone::protocols::raft
