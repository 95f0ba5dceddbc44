#include "engine/describe/text.h"
#include "engine/protocols/raft/quorum.h"
#include "engine/protocols/raft/raft.h"

#include <algorithm>
#include <utility>

// Cluster membership changes: joint consensus (§4.3), with new servers that catch up as learners
// before they count (§4.2.1).
namespace lightcone::protocols::raft {
namespace {

constexpr std::uint32_t mostRounds = 10; // §4.2.1: "a fixed number of rounds (such as 10)"
constexpr int silentTimeouts = 10; // election timeouts without a word from a new server

NodeSet without(NodeSet nodes, const NodeSet& gone)
{
    for (const auto node : gone) {
        nodes.erase(node);
    }
    return nodes;
}

std::string textOf(const NodeSet& nodes)
{
    return describe::toText(describe::toValue(nodes));
}

} // namespace

void Raft::adoptConfiguration(Index index, Configuration configuration)
{
    // §4.1: "each server ... uses the latest configuration in its log, regardless of whether the
    // entry is committed."
    m_quorum = static_cast<std::uint32_t>(configuration.voters.size() / 2 + 1);
    m_configurations.push_back({index, std::move(configuration)});
}

void Raft::dropConfigurationsFrom(Index index)
{
    while (m_configurations.size() > 1 && m_configurations.back().index >= index) {
        m_configurations.pop_back();
    }
    m_quorum = static_cast<std::uint32_t>(configuration().voters.size() / 2 + 1);
}

void Raft::forgetOldConfigurations()
{
    while (m_configurations.size() > 1 && m_configurations[1].index <= m_lastApplied) {
        m_configurations.erase(m_configurations.begin());
    }
}

void Raft::refreshPeers(const Moment& moment)
{
    const auto meet = [&](const NodeSet& nodes) {
        for (const auto node : nodes) {
            if (node != self() && !m_progress.contains(node)) {
                m_progress[node].heardAt = moment.now;
                m_nextIndex[node] = lastIndex() + 1;
                m_matchIndex[node] = 0;
            }
        }
    };
    meet(configuration().voters);
    meet(configuration().oldVoters);
    meet(configuration().learners);
}

NodeSet Raft::otherVoters() const
{
    auto nodes = configuration().voters;
    nodes.insert(configuration().oldVoters.begin(), configuration().oldVoters.end());
    nodes.erase(self());
    return nodes;
}

void Raft::changeMembers(const Moment& moment, RequestId id, NodeSet voters, Out& out)
{
    if (m_change && m_change->voters == voters) {
        m_change->request = id; // A retry, or a change that an earlier leader began.
        return;
    }
    if (m_change || m_transfer) {
        out.refuse(id,
                   m_change ? "another change of members is under way"
                            : "leadership is being handed over");
        return;
    }
    if (voters.empty()) {
        out.refuse(id, "a cluster needs at least one voter");
        return;
    }
    for (const auto node : voters) {
        if (m_seat.setup->member(node) == nullptr) {
            out.refuse(id, fmt::format("n{} is no node of this cluster, spare or not", node.value));
            return;
        }
    }
    m_change = MemberChange{id, std::move(voters), {}};
    auto next = configuration();
    if (makes(Mistake::UnsafeMembershipChange)) {
        appendConfiguration(moment, Configuration{m_change->voters}, out);
        return;
    }
    const auto learners = next.learners;
    for (const auto node : m_change->voters) {
        if (!next.voters.contains(node)) {
            m_change->catchUp[node] = CatchUp{1, lastIndex(), moment.now, false};
            next.learners.insert(node);
        }
    }
    if (next.learners != learners) {
        out.note("lets {} catch up before they vote", textOf(without(next.learners, learners)));
        appendConfiguration(moment, std::move(next), out);
    } else {
        continueChange(moment, out);
    }
}

void Raft::appendConfiguration(const Moment& moment, Configuration configuration, Out& out)
{
    appendOwn(moment, Entry{m_term, {}, std::move(configuration)}, out);
    broadcastEntries(out);
    advanceCommit(moment, out);
}

bool Raft::hasCommittedInTerm() const
{
    return termAt(m_commitIndex) == m_term;
}

void Raft::continueChange(const Moment& moment, Out& out)
{
    // One step at a time: the next configuration is appended when the latest one is committed.
    const auto& latest = m_configurations.back();
    if (latest.index > m_commitIndex || !hasCommittedInTerm()) {
        return;
    }
    const auto& now = latest.configuration;
    if (now.joint()) {
        // §4.3: "Once C_old,new has been committed, ... the leader then creates a log entry
        // describing C_new and replicates it".
        out.note("the joint configuration is committed: on to {}", textOf(now.voters));
        appendConfiguration(moment, Configuration{now.voters, {}, now.learners}, out);
        return;
    }
    const bool finished = !m_change || m_change->voters == now.voters;
    if (!finished) {
        enterJoint(moment, out);
    } else if (m_change || !now.votes(self()) || m_progress.size() > now.voters.size()) {
        endChange(moment, out);
    }
}

void Raft::enterJoint(const Moment& moment, Out& out)
{
    for (const auto& [node, each] : m_change->catchUp) {
        if (!each.done) {
            return;
        }
    }
    const auto& now = configuration();
    out.note("enters joint consensus of {} and {}", textOf(now.voters), textOf(m_change->voters));
    appendConfiguration(
        moment,
        Configuration{m_change->voters, now.voters, without(now.learners, m_change->voters)}, out);
}

void Raft::endChange(const Moment& moment, Out& out)
{
    if (m_change) {
        out.note("the cluster is {} now", textOf(configuration().voters));
        if (m_change->request) {
            out.reply(m_change->request, MembersChanged{configuration().voters});
        }
        m_change.reset();
    }
    NodeSet gone;
    for (const auto& [node, progress] : m_progress) {
        if (!configuration().contains(node)) {
            gone.insert(node);
        }
    }
    if (!gone.empty()) {
        sendHeartbeats(out); // So that those who leave hear that it is settled.
    }
    for (const auto node : gone) {
        m_progress.erase(node);
        m_nextIndex.erase(node);
        m_matchIndex.erase(node);
    }
    if (!configuration().votes(self())) {
        // §4.2.2: "a leader that is removed from the configuration steps down once the C_new entry
        // is committed."
        out.note("is no longer a member");
        becomeFollower(moment, m_term, NodeId{}, out);
    }
}

void Raft::catchUp(const Moment& moment, NodeId node, Index match, Out& out)
{
    if (!m_change) {
        return;
    }
    const auto found = m_change->catchUp.find(node);
    if (found == m_change->catchUp.end() || found->second.done || match < found->second.until) {
        return;
    }
    auto& progress = found->second;
    if (moment.now < progress.begun + parameters().electionTimeoutLow) {
        progress.done = true;
        out.note("n{} has caught up after {} rounds", node.value, progress.round);
        continueChange(moment, out);
    } else if (progress.round == mostRounds) {
        abandonChange(
            moment, fmt::format("n{} did not catch up in {} rounds", node.value, mostRounds), out);
    } else {
        progress = CatchUp{progress.round + 1, lastIndex(), moment.now, false};
    }
}

void Raft::abandonSilent(const Moment& moment, Out& out)
{
    if (!m_change) {
        return;
    }
    for (const auto& [node, each] : m_change->catchUp) {
        const auto patience = silentTimeouts * parameters().electionTimeoutHigh;
        if (!each.done && moment.now > m_progress[node].heardAt + patience) {
            abandonChange(moment, fmt::format("n{} does not answer", node.value), out);
            return;
        }
    }
}

void Raft::abandonChange(const Moment& moment, std::string why, Out& out)
{
    out.note("gives up the change of members: {}", why);
    NodeSet learners;
    for (const auto& [node, each] : m_change->catchUp) {
        learners.insert(node);
    }
    if (m_change->request) {
        out.refuse(m_change->request, std::move(why));
    }
    m_change.reset();
    auto next = configuration();
    next.learners = without(std::move(next.learners), learners);
    appendConfiguration(moment, std::move(next), out);
}

} // namespace lightcone::protocols::raft
