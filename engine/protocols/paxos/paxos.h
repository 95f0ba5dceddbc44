#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/paxos/durable.h"
#include "engine/protocols/paxos/plan.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace lightcone::protocols::paxos {

/// Which of a node's timers.
enum class Timer : std::uint8_t {
    Election, ///< no leader was heard for too long
    Heartbeat,
    Retry, ///< a Prepare or an Accept was not answered by all
    BackOff, ///< the wait after a refusal is over
    CatchUp, ///< a single decree: not learned yet, asks the others
};
BOOST_DESCRIBE_ENUM(Timer, Election, Heartbeat, Retry, BackOff, CatchUp)

/// A process of Lamport's consensus algorithm: proposer, acceptor and learner as its plan says, of
/// one decree or of a log of them. Sections refer to "Paxos Made Simple" (2001) unless they name
/// "The Part-Time Parliament" (1998). Its parts follow the conversations: proposer.cpp (phase 1),
/// acceptor.cpp, leader.cpp (phase 2, heartbeats), learner.cpp, snapshot.cpp, requests.cpp.
class Paxos
{
public:
    using Message = paxos::Message;
    using Request = paxos::Request;
    using Reply = paxos::Reply;
    using Write = paxos::Write;
    using Timer = paxos::Timer;
    using Parameters = paxos::Parameters;
    using Durable = paxos::Durable;
    using Out = node::Out<Paxos>;
    using Moment = node::Moment;

    explicit Paxos(node::Seat<Paxos> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] const Plan& plan() const { return *m_plan; }
    [[nodiscard]] Role role() const { return m_role; }

    /// The highest number that this node has promised, proposed with or heard of.
    [[nodiscard]] Ballot ballot() const { return m_ballot; }
    [[nodiscard]] NodeId leader() const { return m_leader; }
    [[nodiscard]] const NodeSet& votes() const { return m_votes; }

    /// Whose promises this node's newest ballot rests on.
    [[nodiscard]] const NodeSet& promisedBy() const { return m_promisedBy; }
    [[nodiscard]] const Slots& log() const { return m_log; }
    [[nodiscard]] Slot logStart() const { return m_logStart; }
    [[nodiscard]] Slot lastSlot() const { return m_logStart - 1 + m_log.size(); }
    [[nodiscard]] Slot chosenIndex() const { return m_chosenIndex; }
    [[nodiscard]] const boost::container::flat_set<Slot>& chosenAhead() const
    {
        return m_chosenAhead;
    }
    [[nodiscard]] Slot lastApplied() const { return m_lastApplied; }
    [[nodiscard]] Slot nextSlot() const { return m_nextSlot; }
    [[nodiscard]] const std::vector<Want>& wants() const { return m_wants; }
    [[nodiscard]] const kv::Store& store() const { return m_store; }
    [[nodiscard]] const SnapshotPtr& snapshot() const { return m_snapshot; }

    /// The proposal there; nullptr where there is none, or it was discarded.
    [[nodiscard]] const Entry* entryAt(Slot slot) const;

    /// Whether this node knows what was chosen there.
    [[nodiscard]] bool knows(Slot slot) const
    {
        return slot <= m_chosenIndex || m_chosenAhead.contains(slot);
    }

private:
    // proposer.cpp: phase 1
    [[nodiscard]] Ballot nextBallot(Ballot after) const;
    void beginBallot(const Moment&, Out&);
    void sendPrepare(Out&);
    void onMessage(const Moment&, NodeId, const Promise&, Out&);
    void gather(Slot first, const Slots& entries);
    void considerPhase2(const Moment&, Out&);
    void beginSingle(const Moment&, Out&);
    void onMessage(const Moment&, NodeId, const Nack&, Out&);
    void backOff(const Moment&, Out&);
    void tryAgain(const Moment&, Out&);
    void yield(const Moment&, Ballot higher, Out&);

    // acceptor.cpp
    void onMessage(const Moment&, NodeId, const Prepare&, Out&);
    void onMessage(const Moment&, NodeId, const Accept&, Out&);
    void accept(Slot first, const Slots& entries, Out&);
    [[nodiscard]] node::Sync syncOfVotes() const;
    [[nodiscard]] bool keepsFaith(const Moment&, NodeId proposer) const;

    // leader.cpp: phase 2 and the leader's life
    void becomeLeader(const Moment&, Out&);
    void finishOpenSlots(const Moment&, Slot last, Out&);
    void proposeWants(const Moment&, Out&);
    void propose(const Moment&, Slot first, Slots entries, Out&);
    void resendOpen(Slot upTo, Out&);
    void heartbeat(const Moment&, Out&);
    void checkQuorum(const Moment&, Out&);
    void onMessage(const Moment&, NodeId, const Heartbeat&, Out&);
    void onMessage(const Moment&, NodeId, const Alive&, Out&);
    void confirmRounds();
    [[nodiscard]] bool holdsLease(const Moment&) const;
    void followLeader(const Moment&, NodeId leader, Out&);
    void armElection(const Moment&, Out&);

    // learner.cpp
    void onMessage(const Moment&, NodeId, const Accepted&, Out&);
    void count(const Moment&, NodeId acceptor, const Accepted&, Out&);
    void markChosen(Slot slot);
    void learnUpTo(const Moment&, NodeId leader, Slot chosen, Out&);
    void settle(const Moment&, Out&);
    void execute(Slot slot, Out&);
    void answerDecision(Out&);
    void tellLearners(Out&);
    void onMessage(const Moment&, NodeId, const Learn&, Out&);
    void onMessage(const Moment&, NodeId, const Chosen&, Out&);
    void adopt(Slot first, const Slots& entries, Slot upTo, Out&);
    void askOthers(Out&);
    void armCatchUp(Out&);
    [[nodiscard]] Learn question() const;

    // snapshot.cpp
    void considerSnapshot(Out&);
    void sendPiece(NodeId to, const Learn&, Out&);
    void onMessage(const Moment&, NodeId, const SnapshotPiece&, Out&);

    // requests.cpp
    void request(const Moment&, RequestId, const kv::Put&, Out&);
    void request(const Moment&, RequestId, const kv::Get&, Out&);
    void request(const Moment&, RequestId, const kv::Delete&, Out&);
    void request(const Moment&, RequestId, const kv::Cas&, Out&);
    void request(const Moment&, RequestId, const Propose&, Out&);
    void request(const Moment&, RequestId, const Inquire&, Out&);
    void request(const Moment&, RequestId, const Campaign&, Out&);
    [[nodiscard]] bool leads(const Moment&, RequestId, Out&) const;
    [[nodiscard]] bool isOfMode(Mode, RequestId, Out&) const;
    void want(const Moment&, RequestId, Command, Out&);
    void wantDecree(const Moment&, RequestId, Command, Out&);
    void redirectWants(NodeId leader, Out&);

    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }
    [[nodiscard]] bool isSingle() const { return parameters().mode == Mode::Single; }
    [[nodiscard]] bool accepts() const { return m_plan->acceptors.contains(self()); }
    [[nodiscard]] bool learns() const { return m_plan->learners.contains(self()); }
    [[nodiscard]] bool proposesNow() const
    {
        return m_role == Role::Preparing || m_role == Role::Proposing || m_role == Role::Leader;
    }
    [[nodiscard]] Role idleRole() const;
    [[nodiscard]] NodeSet otherAcceptors() const;
    [[nodiscard]] NodeSet otherLearners() const;
    [[nodiscard]] NodeSet others() const;
    [[nodiscard]] LogPlace place() { return {m_log, m_logStart}; }

    node::Seat<Paxos> m_seat;
    std::shared_ptr<const Plan> m_plan;

    Role m_role = Role::Follower;
    Ballot m_ballot = 0;
    NodeId m_leader{};
    NodeSet m_votes{}; ///< acceptors that promised, in phase 2 of a single decree that accepted
    Slots m_log{}; ///< what was accepted here, or learned
    Slot m_chosenIndex = 0; ///< up to here this node knows what was chosen
    Slot m_lastApplied = 0;
    std::uint32_t m_quorum = 0; ///< how many votes the phase needs at least
    NodeSet m_promisedBy{};
    std::vector<Want> m_wants{};
    std::map<Slot, Entry> m_found{}; ///< Preparing: the highest-numbered proposal of each slot
    std::map<Slot, Tally> m_tallies{};
    boost::container::flat_set<Slot> m_chosenAhead{}; ///< beyond chosenIndex and a slot not known
    Slot m_nextSlot = 1; ///< leader: where the next command is proposed
    Slot m_inherited = 0; ///< leader: the last slot that was open when it began
    Slot m_openAtHeartbeat = 1; ///< leader: what nextSlot was then
    kv::Store m_store{};
    Slot m_logStart = 1;
    SnapshotPtr m_snapshot{};
    std::optional<PartialSnapshot> m_receiving{};
    SnapshotImagePtr m_image{};
    std::uint32_t m_refusals = 0; ///< of this proposer's ballots since it began to want something
    PerNode<Peer> m_peers{};
    std::vector<Round> m_rounds{};
    std::uint64_t m_round = 0;
    Instant m_leaseUntil{}; ///< leader: nobody else leads before this
    std::optional<Instant> m_heardLeaderAt{};

    BOOST_DESCRIBE_CLASS(Paxos, (), (), (),
                         (m_role, m_ballot, m_leader, m_votes, m_log, m_chosenIndex, m_lastApplied,
                          m_quorum, m_promisedBy, m_wants, m_found, m_tallies, m_chosenAhead,
                          m_nextSlot, m_inherited, m_openAtHeartbeat, m_store, m_logStart,
                          m_snapshot, m_receiving, m_image, m_refusals, m_peers, m_rounds, m_round,
                          m_leaseUntil, m_heardLeaderAt))
};

constexpr auto facets(Tag<Paxos>)
{
    return std::array{FieldFacet{"role", Facet::Role},
                      FieldFacet{"ballot", Facet::Epoch},
                      FieldFacet{"leader", Facet::Peer},
                      FieldFacet{"votes", Facet::Votes},
                      FieldFacet{"log", Facet::Log},
                      FieldFacet{"chosenIndex", Facet::Committed},
                      FieldFacet{"lastApplied", Facet::Applied},
                      FieldFacet{"quorum", Facet::Quorum},
                      FieldFacet{"logStart", Facet::LogStart},
                      FieldFacet{"nextSlot", Facet::Detail},
                      FieldFacet{"inherited", Facet::Detail},
                      FieldFacet{"openAtHeartbeat", Facet::Detail},
                      FieldFacet{"snapshot", Facet::Detail},
                      FieldFacet{"receiving", Facet::Detail},
                      FieldFacet{"image", Facet::Detail},
                      FieldFacet{"peers", Facet::Detail},
                      FieldFacet{"rounds", Facet::Detail},
                      FieldFacet{"round", Facet::Detail},
                      FieldFacet{"leaseUntil", Facet::Detail},
                      FieldFacet{"heardLeaderAt", Facet::Detail}};
}

} // namespace lightcone::protocols::paxos

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::paxos::Message>;
extern template class TypedPayload<protocols::paxos::Request>;
extern template class TypedPayload<protocols::paxos::Reply>;
extern template class TypedPayload<protocols::paxos::Write>;
} // namespace lightcone::node
