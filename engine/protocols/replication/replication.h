#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/replication/durable.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::protocols::replication {

/// Which of a node's timers.
enum class Timer : std::uint8_t {
    Heartbeat, ///< tells the monitor that it is there, and its followers how far it is
    Lease, ///< the lease may have run out
    Watch, ///< the monitor looks whom it has not heard
    Hint, ///< of a quorum's operation: somebody stands in for who has not answered
    GiveUp, ///< of a quorum's operation
    Handoff,
    AntiEntropy,
};
BOOST_DESCRIBE_ENUM(Timer, Heartbeat, Lease, Watch, Hint, GiveUp, Handoff, AntiEntropy)

/// A node of a replicated key-value store: primary or backup, a link of a chain, or one of equals
/// in a quorum store, as the strategy says; or the monitor that decides who serves. Its parts
/// follow the conversations: monitor.cpp, membership.cpp, shipping.cpp, snapshot.cpp, commit.cpp,
/// reads.cpp, requests.cpp; coordinator.cpp, repair.cpp for quorums.
class Replication
{
public:
    using Message = replication::Message;
    using Request = replication::Request;
    using Reply = replication::Reply;
    using Session = replication::Session;
    using Write = replication::Write;
    using Timer = replication::Timer;
    using Parameters = replication::Parameters;
    using Durable = replication::Durable;
    using Out = node::Out<Replication>;
    using Moment = node::Moment;

    explicit Replication(node::Seat<Replication> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] Role role() const { return m_role; }
    [[nodiscard]] Epoch epoch() const { return m_epoch; }
    [[nodiscard]] View view() const { return {m_epoch, m_members}; }
    [[nodiscard]] bool isMonitor() const { return m_watch.has_value(); }
    [[nodiscard]] const std::optional<Watch>& watch() const { return m_watch; }
    [[nodiscard]] const Log& log() const { return m_log; }
    [[nodiscard]] Index logStart() const { return m_logStart; }
    [[nodiscard]] Index last() const { return m_logStart - 1 + m_log.size(); }
    [[nodiscard]] Index commit() const { return m_commit; }
    [[nodiscard]] Index applied() const { return m_applied; }
    [[nodiscard]] const kv::Store& store() const { return m_store; }
    [[nodiscard]] const SnapshotPtr& snapshot() const { return m_snapshot; }
    [[nodiscard]] const PerNode<Follower>& followers() const { return m_followers; }
    [[nodiscard]] const NodeSet& admitting() const { return m_admitting; }
    [[nodiscard]] const LostRanges& lost() const { return m_lost; }
    [[nodiscard]] std::uint64_t lagEntries() const { return m_lagEntries; }
    [[nodiscard]] Duration lagTime() const { return m_lagTime; }
    [[nodiscard]] std::uint64_t staleReads() const { return m_staleReads; }
    [[nodiscard]] Duration worstStaleness() const { return m_worstStaleness; }
    [[nodiscard]] const std::vector<PastRead>& pastReads() const { return m_pastReads; }
    [[nodiscard]] bool confirmed() const { return m_confirmed; }
    [[nodiscard]] Epoch promised() const { return m_promised; }
    [[nodiscard]] const std::map<NodeId, PendingRead>& pendingReads() const { return m_reads; }
    [[nodiscard]] const Versions& versions() const { return m_versions; }
    [[nodiscard]] const Hints& hints() const { return m_hints; }
    [[nodiscard]] std::uint64_t conflicts() const { return m_conflicts; }
    [[nodiscard]] const HashRing& ring() const { return m_ring; }
    [[nodiscard]] const std::map<std::uint64_t, Coordination>& operations() const
    {
        return m_operations;
    }

    /// nullptr where there is none, or it was forgotten.
    [[nodiscard]] const Entry* entryAt(Index index) const;

    /// The view of the entry there, forgotten or not. 0: no entry.
    [[nodiscard]] Epoch epochAt(Index index) const;

    /// The writes that a session has seen are in this log.
    [[nodiscard]] bool holds(const Token& token) const;

private:
    // monitor.cpp
    void onMessage(const Moment&, NodeId, const Alive&, Out&);
    void onMessage(const Moment&, NodeId, const Admit&, Out&);
    void onMessage(const Moment&, NodeId, const Sealed&, Out&);
    void startMonitor(const Moment&, Out&);
    void look(const Moment&, Out&);
    void beginSealing(const Moment&, const NodeSet& candidates, Out&);
    void finishSealing(const Moment&, Out&);
    void decide(const Moment&, View, Out&);
    void measureService(const Moment&, NodeId from, const Alive&, Out&);
    [[nodiscard]] bool isGone(const Moment&, NodeId) const;
    [[nodiscard]] Epoch nextEpoch() const;

    // membership.cpp
    void onMessage(const Moment&, NodeId, const Lease&, Out&);
    void onMessage(const Moment&, NodeId, const Seal&, Out&);
    void onMessage(const Moment&, NodeId, const Outdated&, Out&);
    void takeView(const Moment&, const View&, Out&);
    void takeOver(const Moment&, Out&);
    void updateRole(const Moment&, Out&);
    void heartbeat(const Moment&, Out&);
    void admitWhoCaughtUp(const Moment&, Out&);
    [[nodiscard]] Role roleNow(const Moment&) const;
    [[nodiscard]] bool mayServe(const Moment&) const;
    [[nodiscard]] bool serves(const Moment&) const;

    // shipping.cpp
    void onMessage(const Moment&, NodeId, const Ship&, Out&);
    void onMessage(const Moment&, NodeId, const Ack&, Out&);
    void onMessage(const Moment&, NodeId, const Missing&, Out&);
    void ship(const Moment&, NodeId to, Follower&, Out&);
    void shipToAll(const Moment&, Out&);
    [[nodiscard]] bool accepts(NodeId from, const View&, Out&);
    [[nodiscard]] bool followsOn(const Moment&, NodeId from, const Ship&, Out&);
    void askFor(const Moment&, NodeId from, Index index, Out&);
    [[nodiscard]] bool take(const Moment&, NodeId from, const Ship&, Out&);
    void append(Index first, const Log& entries, node::Sync, Out&);
    void discardFrom(Index first, Out&);
    [[nodiscard]] LostRanges lostFrom(Index first) const;
    void learnLag(const Moment&, const Ship&, Out&);
    void judgePastReads(Index index, const Entry&, Out&);

    // snapshot.cpp
    void onMessage(const Moment&, NodeId, const Piece&, Out&);
    void takeSnapshot(Out&);
    void sendPiece(NodeId to, const Missing&, Out&);
    void rebuildFrom(const PartialSnapshot&, Out&);
    void rollBackTo(Index index);

    // commit.cpp
    void accept(const Moment&, RequestId, Command, Out&);
    void advance(const Moment&, Out&);
    void commitUpTo(const Moment&, Index, Out&);
    void answer(const Moment&, RequestId, kv::Result, Out&);
    [[nodiscard]] Index safeIndex(const Moment&) const;
    [[nodiscard]] NodeSet requiredBackups() const;
    [[nodiscard]] NodeId predecessor() const;
    [[nodiscard]] NodeId successor() const;
    [[nodiscard]] NodeSet followersNow() const;

    // reads.cpp
    void read(const Moment&, RequestId, const std::string& key, const GetAfter* session, Out&);
    void readAtBackup(const Moment&, RequestId, const std::string& key, const GetAfter*, Out&);
    void readAtLink(const Moment&, RequestId, const std::string& key, Out&);
    void answerRead(const Moment&, RequestId, const std::string& key, const GetAfter*, Out&);
    void onMessage(const Moment&, NodeId, const AskTail&, Out&);
    void onMessage(const Moment&, NodeId, const TailSays&, Out&);
    [[nodiscard]] bool isDirty(const std::string& key) const;

    // requests.cpp
    void write(const Moment&, RequestId, Command, Out&);
    void request(const Moment&, RequestId, const kv::Put&, Out&);
    void request(const Moment&, RequestId, const kv::Get&, Out&);
    void request(const Moment&, RequestId, const kv::Delete&, Out&);
    void request(const Moment&, RequestId, const kv::Cas&, Out&);
    void request(const Moment&, RequestId, const GetAfter&, Out&);
    void request(const Moment&, RequestId, const PutOver&, Out&);
    void request(const Moment&, RequestId, const DeleteOver&, Out&);

    // coordinator.cpp: quorums
    void coordinate(const Moment&, Coordination, Out&);
    void begin(const Moment&, std::uint64_t number, Coordination&, Out&);
    void ask(std::uint64_t number, Coordination&, NodeId, NodeId owner, Out&);
    void answerMyself(const Moment&, std::uint64_t number, NodeId owner, Out&);
    void standIn(const Moment&, std::uint64_t number, Out&);
    void giveUp(std::uint64_t number, Out&);
    void end(std::uint64_t number, Out&);
    void onMessage(const Moment&, NodeId, const StoreVersions&, Out&);
    void onMessage(const Moment&, NodeId, const Stored&, Out&);
    void onMessage(const Moment&, NodeId, const Fetch&, Out&);
    void onMessage(const Moment&, NodeId, const Fetched&, Out&);
    void gathered(const Moment&, std::uint64_t number, NodeId from, const Siblings&, Out&);
    void beginWriting(const Moment&, std::uint64_t number, Coordination&, Out&);
    void written(std::uint64_t number, NodeId from, Out&);
    [[nodiscard]] Siblings versionsOf(const std::string& key) const;
    bool keep(const std::string& key, const Siblings& versions, Out&);

    // repair.cpp: quorums
    void repair(const Coordination&, Out&);
    void hold(const HintKey& hint, const Siblings& versions, Out&);
    void holdFor(const HintKey& hint, const Siblings& versions, Out&);
    void handOff(Out&);
    void compareNext(Out&);
    [[nodiscard]] Versions keysOf(std::uint32_t range, std::uint64_t leaf) const;
    void onMessage(const Moment&, NodeId, const HandOff&, Out&);
    void onMessage(const Moment&, NodeId, const HandedOff&, Out&);
    void onMessage(const Moment&, NodeId, const Compare&, Out&);
    void onMessage(const Moment&, NodeId, const Exchange&, Out&);

    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }
    [[nodiscard]] bool isChain() const { return parameters().strategy == Strategy::Chain; }
    [[nodiscard]] bool isQuorum() const { return parameters().strategy == Strategy::Quorum; }
    [[nodiscard]] NodeId monitor() const { return NodeId(parameters().nodes + 1); }
    [[nodiscard]] std::vector<NodeId> allReplicas() const;
    [[nodiscard]] bool isMember(NodeId node) const { return view().has(node); }
    [[nodiscard]] NodeId front() const { return m_members.empty() ? NodeId{} : m_members.front(); }
    [[nodiscard]] NodeId back() const { return m_members.empty() ? NodeId{} : m_members.back(); }
    [[nodiscard]] LogPlace place() { return {m_log, m_logStart}; }

    node::Seat<Replication> m_seat;
    HashRing m_ring;

    Role m_role = Role::Joining;
    Epoch m_epoch = 1;
    std::vector<NodeId> m_members{}; ///< the primary or head first
    NodeSet m_waitsFor{}; ///< who has not got what a client waits for
    Log m_log{};
    Index m_commit = 0; ///< up to here writes are done
    Index m_applied = 0;
    std::uint64_t m_lagEntries = 0; ///< known writes that are not applied here; hints that wait
    Duration m_lagTime{}; ///< how long ago the oldest of them was accepted
    kv::Store m_store{};
    Index m_logStart = 1;
    ViewStarts m_starts{}; ///< where each view's writes begin
    SnapshotPtr m_snapshot{};
    Epoch m_promised = 0; ///< nothing from views before that one
    std::optional<Instant> m_leaseUntil{};
    Index m_readyAt = 0; ///< a new primary serves reads when all is done up to here
    bool m_confirmed = false; ///< a tail: its predecessor is in this view too
    NodeSet m_admitting{}; ///< who is being let in
    PerNode<Follower> m_followers{};
    std::vector<PendingWrite> m_writes{};
    std::map<NodeId, PendingRead> m_reads{}; ///< by client
    std::optional<PartialSnapshot> m_receiving{};
    SnapshotImagePtr m_image{};
    NodeId m_feeder{}; ///< who shipped last
    Instant m_feederEcho{}; ///< the newest of its clock that it told
    Instant m_freshAsOf{}; ///< all that was done by then, on this clock, is applied
    std::vector<PastRead> m_pastReads{};
    std::uint64_t m_staleReads = 0; ///< reads that missed a write acknowledged before
    Duration m_worstStaleness{}; ///< by how much at most
    LostRanges m_lost{}; ///< writes of clients that were thrown away here
    std::optional<Watch> m_watch{}; ///< the monitor's

    std::uint64_t m_conflicts = 0; ///< keys with more than one version
    Versions m_versions{};
    Hints m_hints{};
    std::map<std::string, std::uint64_t> m_issued{}; ///< this coordinator's newest number, by key
    std::map<std::uint64_t, Coordination> m_operations{};
    NodeSet m_suspects{}; ///< who has not answered lately
    std::uint64_t m_compared = 0; ///< how often it has begun to compare
    std::uint64_t m_repaired = 0; ///< versions that it has brought to others

    BOOST_DESCRIBE_CLASS(Replication, (), (), (),
                         (m_role, m_epoch, m_members, m_waitsFor, m_log, m_commit, m_applied,
                          m_lagEntries, m_lagTime, m_store, m_logStart, m_starts, m_snapshot,
                          m_promised, m_leaseUntil, m_readyAt, m_confirmed, m_admitting,
                          m_followers, m_writes, m_reads, m_receiving, m_image, m_feeder,
                          m_feederEcho, m_freshAsOf, m_pastReads, m_staleReads, m_worstStaleness,
                          m_lost, m_watch, m_conflicts, m_versions, m_hints, m_issued, m_operations,
                          m_suspects, m_compared, m_repaired))
};

constexpr auto facets(Tag<Replication>)
{
    return std::array{FieldFacet{"role", Facet::Role},
                      FieldFacet{"epoch", Facet::Epoch},
                      FieldFacet{"members", Facet::Order},
                      FieldFacet{"waitsFor", Facet::WaitingFor},
                      FieldFacet{"log", Facet::Log},
                      FieldFacet{"commit", Facet::Committed},
                      FieldFacet{"applied", Facet::Applied},
                      FieldFacet{"lagEntries", Facet::Level},
                      FieldFacet{"lagTime", Facet::Level},
                      FieldFacet{"logStart", Facet::LogStart},
                      FieldFacet{"starts", Facet::Detail},
                      FieldFacet{"snapshot", Facet::Detail},
                      FieldFacet{"promised", Facet::Detail},
                      FieldFacet{"leaseUntil", Facet::Detail},
                      FieldFacet{"readyAt", Facet::Detail},
                      FieldFacet{"confirmed", Facet::Detail},
                      FieldFacet{"followers", Facet::Detail},
                      FieldFacet{"receiving", Facet::Detail},
                      FieldFacet{"image", Facet::Detail},
                      FieldFacet{"feeder", Facet::Detail},
                      FieldFacet{"feederEcho", Facet::Detail},
                      FieldFacet{"freshAsOf", Facet::Detail},
                      FieldFacet{"pastReads", Facet::Detail},
                      FieldFacet{"staleReads", Facet::Level},
                      FieldFacet{"worstStaleness", Facet::Level},
                      FieldFacet{"versions", Facet::Level},
                      FieldFacet{"hints", Facet::Level},
                      FieldFacet{"conflicts", Facet::Badge},
                      FieldFacet{"issued", Facet::Detail},
                      FieldFacet{"operations", Facet::Detail},
                      FieldFacet{"compared", Facet::Detail}};
}

} // namespace lightcone::protocols::replication

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::replication::Message>;
extern template class TypedPayload<protocols::replication::Request>;
extern template class TypedPayload<protocols::replication::Reply>;
extern template class TypedPayload<protocols::replication::Write>;
} // namespace lightcone::node
