#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/raft/durable.h"
#include "engine/protocols/raft/parameters.h"
#include "engine/protocols/raft/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace lightcone::protocols::raft {

/// Which of a node's timers.
enum class Timer : std::uint8_t {
    Election,
    Heartbeat,
    Transfer, ///< gives up a hand-over of leadership
};
BOOST_DESCRIBE_ENUM(Timer, Election, Heartbeat, Transfer)

/// A server of the Raft consensus algorithm (Ongaro, "Consensus: Bridging Theory and Practice",
/// 2014; section numbers refer to it, figures to its appendix-free numbering unless "paper" says
/// Ongaro and Ousterhout 2014). Its parts follow the conversations: election.cpp, replication.cpp,
/// snapshot.cpp, membership.cpp, transfer.cpp, reads.cpp, requests.cpp.
class Raft
{
public:
    using Message = raft::Message;
    using Request = raft::Request;
    using Reply = raft::Reply;
    using Write = raft::Write;
    using Timer = raft::Timer;
    using Parameters = raft::Parameters;
    using Durable = raft::Durable;
    using Out = node::Out<Raft>;
    using Moment = node::Moment;

    explicit Raft(node::Seat<Raft> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] Role role() const { return m_role; }
    [[nodiscard]] Term term() const { return m_term; }
    [[nodiscard]] NodeId votedFor() const { return m_votedFor; }
    [[nodiscard]] NodeId leader() const { return m_leader; }
    [[nodiscard]] const NodeSet& votes() const { return m_votes; }
    [[nodiscard]] const Entries& log() const { return m_log; }
    [[nodiscard]] Index logStart() const { return m_logStart; }
    [[nodiscard]] Index lastIndex() const { return m_logStart - 1 + m_log.size(); }
    [[nodiscard]] Term lastTerm() const { return termAt(lastIndex()); }
    [[nodiscard]] Index commitIndex() const { return m_commitIndex; }
    [[nodiscard]] Index lastApplied() const { return m_lastApplied; }
    [[nodiscard]] const PerNode<Index>& nextIndex() const { return m_nextIndex; }
    [[nodiscard]] const PerNode<Index>& matchIndex() const { return m_matchIndex; }
    [[nodiscard]] const PerNode<Progress>& progress() const { return m_progress; }
    [[nodiscard]] const kv::Store& store() const { return m_store; }
    [[nodiscard]] const SnapshotPtr& snapshot() const { return m_snapshot; }
    [[nodiscard]] const std::vector<PendingRead>& reads() const { return m_reads; }
    [[nodiscard]] const std::optional<Transfer>& transfer() const { return m_transfer; }
    [[nodiscard]] const std::vector<PlacedConfiguration>& configurations() const
    {
        return m_configurations;
    }
    [[nodiscard]] const Configuration& configuration() const
    {
        return m_configurations.back().configuration;
    }

    /// The term of the entry there; of the one before the log's start too; 0 where it is not known.
    [[nodiscard]] Term termAt(Index index) const;

    /// nullptr where the log has none (any more).
    [[nodiscard]] const Entry* entryAt(Index index) const;

private:
    // raft.cpp
    void beginWithLog(Out&);

    // election.cpp
    void becomeFollower(const Moment&, Term, NodeId leader, Out&, NodeId vote = {});
    void becomePreCandidate(const Moment&, Out&);
    void becomeCandidate(const Moment&, bool transfer, Out&);
    void becomeLeader(const Moment&, Out&);
    void beginElection(const Moment&, Out&);
    void countVotes(const Moment&, Out&);
    void onMessage(const Moment&, NodeId, const RequestPreVote&, Out&);
    void onMessage(const Moment&, NodeId, const PreVote&, Out&);
    void onMessage(const Moment&, NodeId, const RequestVote&, Out&);
    void onMessage(const Moment&, NodeId, const Vote&, Out&);
    void armElection(const Moment&, Out&);
    void writeHardState(Out&);
    [[nodiscard]] bool hearsLeader(const Moment&) const;
    [[nodiscard]] bool isUpToDate(Term lastLogTerm, Index lastLogIndex) const;
    [[nodiscard]] bool mayCampaign() const;
    [[nodiscard]] Role idleRole() const;

    // replication.cpp: the follower's side
    void onMessage(const Moment&, NodeId, const AppendEntries&, Out&);
    void followLeader(const Moment&, NodeId, Out&);
    [[nodiscard]] bool matches(const AppendEntries&) const;
    void rejectEntries(NodeId leader, const AppendEntries&, Out&);
    void storeEntries(const AppendEntries&, Out&);

    // replication.cpp: the leader's side
    void onMessage(const Moment&, NodeId, const Appended&, Out&);
    void onAccepted(const Moment&, NodeId, Index, Out&);
    void onRejected(NodeId, const Appended&, Out&);
    void becomeProbed(NodeId follower);
    void becomeReplicated(NodeId follower);
    void appendOwn(const Moment&, Entry, Out&);
    void gather(Out&);
    bool writeOwn(Out&);
    void hearOfOwnDisk(Out&);
    void onOwnDisk(const Moment&, Index, Out&);
    void onMessage(const Moment&, NodeId, const Replicate&, Out&);
    [[nodiscard]] bool termIsDurable() const;
    [[nodiscard]] node::Leaves leavesOfEntries() const;
    [[nodiscard]] node::Leaves leavesOfAnswers() const;
    [[nodiscard]] AppendEntries entriesFrom(Index next) const;
    void broadcastEntries(Out&);
    void sendEntries(NodeId follower, Out&);
    void heartbeat(const Moment&, Out&);
    void sendHeartbeats(Out&);
    void checkQuorum(const Moment&, Out&);

    // replication.cpp: commitment
    void advanceCommit(const Moment&, Out&);
    void commitTo(const Moment&, Index, Out&);
    void applyEntry(const Entry&, Out&);

    // snapshot.cpp
    void considerSnapshot(Out&);
    void takeSnapshot(Out&);
    [[nodiscard]] bool feedsSnapshot() const;
    void becomeSnapshotted(NodeId follower, Out&);
    void sendChunk(NodeId follower, Out&);
    void onMessage(const Moment&, NodeId, const InstallSnapshot&, Out&);
    bool receive(const Moment&, const InstallSnapshot&, Out&);
    void adopt(const Moment&, const InstallSnapshot&, kv::Store, Out&);
    void onMessage(const Moment&, NodeId, const SnapshotStored&, Out&);

    // membership.cpp
    void adoptConfiguration(Index, Configuration);
    void dropConfigurationsFrom(Index);
    void forgetOldConfigurations();
    void refreshPeers(const Moment&);
    [[nodiscard]] NodeSet otherVoters() const;
    void changeMembers(const Moment&, RequestId, NodeSet voters, Out&);
    void appendConfiguration(const Moment&, Configuration, Out&);
    void continueChange(const Moment&, Out&);
    void enterJoint(const Moment&, Out&);
    void endChange(const Moment&, Out&);
    void catchUp(const Moment&, NodeId, Index match, Out&);
    void abandonSilent(const Moment&, Out&);
    void abandonChange(const Moment&, std::string why, Out&);
    [[nodiscard]] bool hasCommittedInTerm() const;

    // transfer.cpp
    void beginTransfer(const Moment&, RequestId, NodeId to, Out&);
    void continueTransfer(Out&);
    void answerTransfer(Out&);
    void endTransfer(Out&);
    void onMessage(const Moment&, NodeId, const TimeoutNow&, Out&);

    // reads.cpp
    void read(const Moment&, RequestId, const kv::Get&, Out&);
    void beginRound(const Moment&);
    void confirmRounds(const Moment&, Out&);
    void serveReads(Out&);
    [[nodiscard]] bool holdsLease(const Moment&) const;

    // requests.cpp
    void request(const Moment&, RequestId, const kv::Put&, Out&);
    void request(const Moment&, RequestId, const kv::Get&, Out&);
    void request(const Moment&, RequestId, const kv::Delete&, Out&);
    void request(const Moment&, RequestId, const kv::Cas&, Out&);
    void request(const Moment&, RequestId, const AddServer&, Out&);
    void request(const Moment&, RequestId, const RemoveServer&, Out&);
    void request(const Moment&, RequestId, const ChangeMembers&, Out&);
    void request(const Moment&, RequestId, const TransferLeadership&, Out&);
    void request(const Moment&, RequestId, const Campaign&, Out&);
    void propose(const Moment&, RequestId, Command, Out&);
    [[nodiscard]] bool leads(const Moment&, RequestId, Out&) const;
    void redirectWaiting(NodeId leader, Out&);

    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }
    [[nodiscard]] bool isLeader() const { return m_role == Role::Leader; }
    [[nodiscard]] node::Sync syncOfLog() const;

    node::Seat<Raft> m_seat;

    Role m_role = Role::Follower;
    Term m_term = 0;
    NodeId m_votedFor{};
    NodeSet m_votes{};
    Entries m_log{};
    Index m_commitIndex = 0;
    Index m_lastApplied = 0;
    NodeId m_leader{};
    PerNode<Index> m_nextIndex{}; ///< leader: the next entry to send to each
    PerNode<Index> m_matchIndex{}; ///< leader: the last entry known to be replicated on each
    PerNode<Progress> m_progress{};
    Index m_written = 0; ///< leader: up to there its log was handed to its disk
    bool m_gathers = false; ///< leader: a Replicate is on its way
    std::uint32_t m_quorum = 0; ///< how many of the voters are a majority
    std::vector<PlacedConfiguration> m_configurations{}; ///< in force: the last (§4.1)
    kv::Store m_store{};
    Index m_logStart = 1;
    Term m_discardedTerm = 0; ///< of the entry before the log's first
    SnapshotPtr m_snapshot{};
    std::optional<PartialSnapshot> m_receiving{};
    std::optional<MemberChange> m_change{};
    std::optional<Transfer> m_transfer{};
    bool m_handsOver = false; ///< leader: has told somebody to campaign in this term
    std::vector<PendingRead> m_reads{};
    std::vector<Round> m_rounds{}; ///< leader: begun and not confirmed, oldest first
    std::uint64_t m_round = 0; ///< leader: the newest one begun
    std::uint64_t m_confirmedRound = 0;
    Instant m_leaseUntil{}; ///< leader: nobody else is elected before this (§6.4.1)
    std::optional<Instant> m_heardLeaderAt{}; ///< follower: when it last heard from a leader

    BOOST_DESCRIBE_CLASS(Raft, (), (), (),
                         (m_role, m_term, m_votedFor, m_votes, m_log, m_commitIndex, m_lastApplied,
                          m_leader, m_nextIndex, m_matchIndex, m_progress, m_written, m_gathers,
                          m_quorum, m_configurations, m_store, m_logStart, m_discardedTerm,
                          m_snapshot, m_receiving, m_change, m_transfer, m_handsOver, m_reads,
                          m_rounds, m_round, m_confirmedRound, m_leaseUntil, m_heardLeaderAt))
};

constexpr auto facets(Tag<Raft>)
{
    return std::array{FieldFacet{"role", Facet::Role},
                      FieldFacet{"term", Facet::Epoch},
                      FieldFacet{"votedFor", Facet::Peer},
                      FieldFacet{"votes", Facet::Votes},
                      FieldFacet{"log", Facet::Log},
                      FieldFacet{"commitIndex", Facet::Committed},
                      FieldFacet{"lastApplied", Facet::Applied},
                      FieldFacet{"quorum", Facet::Quorum},
                      FieldFacet{"logStart", Facet::LogStart},
                      FieldFacet{"progress", Facet::Detail},
                      FieldFacet{"written", Facet::Detail},
                      FieldFacet{"gathers", Facet::Detail},
                      FieldFacet{"discardedTerm", Facet::Detail},
                      FieldFacet{"snapshot", Facet::Detail},
                      FieldFacet{"receiving", Facet::Detail},
                      FieldFacet{"handsOver", Facet::Detail},
                      FieldFacet{"rounds", Facet::Detail},
                      FieldFacet{"round", Facet::Detail},
                      FieldFacet{"confirmedRound", Facet::Detail},
                      FieldFacet{"leaseUntil", Facet::Detail},
                      FieldFacet{"heardLeaderAt", Facet::Detail}};
}

} // namespace lightcone::protocols::raft

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::raft::Message>;
extern template class TypedPayload<protocols::raft::Request>;
extern template class TypedPayload<protocols::raft::Reply>;
extern template class TypedPayload<protocols::raft::Write>;
} // namespace lightcone::node
