#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/partitioning/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace lightcone::protocols::partitioning {

enum class Timer : std::uint8_t {
    Again, ///< router: an operation was not answered
    Drive, ///< map service: a change is not over
    Report, ///< storage node: tells the map service that it is there
    Resend, ///< storage node: a piece of a shard was not answered
    Discard, ///< storage node: an old copy is thrown away
};
BOOST_DESCRIBE_ENUM(Timer, Again, Drive, Report, Resend, Discard)

/// A router, the map service or a storage node of a partitioned store. Its parts follow the
/// conversations: router.cpp (clients and owners), serving.cpp (a storage node's answers),
/// migration.cpp (shards on their way), map_service.cpp (the map and its changes), operator.cpp
/// (what an operator asks), balance.cpp (splits, merges and moves that nobody asked for).
class Partitioning
{
public:
    using Message = partitioning::Message;
    using Request = partitioning::Request;
    using Reply = partitioning::Reply;
    using Write = partitioning::Write;
    using Timer = partitioning::Timer;
    using Parameters = partitioning::Parameters;
    using Durable = partitioning::Durable;
    using Out = node::Out<Partitioning>;
    using Moment = node::Moment;

    explicit Partitioning(node::Seat<Partitioning> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] const Placement& placement() const { return *m_placement; }
    [[nodiscard]] Role role() const { return m_role; }

    /// The newest version of the map that it has heard of.
    [[nodiscard]] Epoch version() const { return m_version; }
    [[nodiscard]] const Places& places() const { return m_places; }
    [[nodiscard]] const std::map<RequestId, Ask>& asks() const { return m_asks; }
    [[nodiscard]] const Touching& touching() const { return m_touching; }
    [[nodiscard]] const Directory& directory() const { return m_directory; }
    [[nodiscard]] const Holdings& holdings() const { return m_holdings; }
    [[nodiscard]] const std::map<ShardId, Outgoing>& outgoing() const { return m_outgoing; }
    [[nodiscard]] const PerNode<StoreLoad>& loads() const { return m_loads; }
    [[nodiscard]] double skew() const { return m_skew; }

private:
    // router.cpp
    void onMessage(const Moment&, NodeId, const NewMap&, Out&);
    void onMessage(const Moment&, NodeId, const Done&, Out&);
    void onMessage(const Moment&, NodeId, const Gathered&, Out&);
    void onMessage(const Moment&, NodeId, const Moved&, Out&);
    void route(const Moment&, RequestId, kv::Operation, Out&);
    void gather(const Moment&, RequestId, Query, Spans, Out&);
    Ask& newAsk(const Moment&, RequestId);
    void dispatch(RequestId, Ask&, Out&);
    void sendGathers(RequestId, Ask&, Out&);
    void tryAgain(std::uint64_t number, Out&);
    void askMap(Out&);
    void count(const Moment&, NodeId last, const Ask&);

    // serving.cpp
    void foundStore(Out&);
    void onMessage(const Moment&, NodeId, const Do&, Out&);
    void onMessage(const Moment&, NodeId, const Gather&, Out&);
    void onMessage(const Moment&, NodeId, const Heard&, Out&);
    void onMessage(const Moment&, NodeId, const SplitShard&, Out&);
    void onMessage(const Moment&, NodeId, const MergeShards&, Out&);
    void serve(ShardId, const Do&, Out&);
    void serveHeld(const Moment&, ShardId, Out&);
    [[nodiscard]] bool mayServe(const Moment&) const;
    [[nodiscard]] bool serves(const Moment&, ShardId, Epoch, std::string_view point) const;
    [[nodiscard]] Cells cellsOf(const Shard&, const Span&, const Gather&) const;
    void sayMoved(NodeId router, RequestId, const Spans&, Out&);
    [[nodiscard]] std::optional<Place> knowledgeOf(std::string_view point) const;
    void countRequest(ShardId, const Point&);
    void report(const Moment&, Out&);
    [[nodiscard]] Point middleOf(ShardId) const;

    // migration.cpp
    void onMessage(const Moment&, NodeId, const Migrate&, Out&);
    void onMessage(const Moment&, NodeId, const Copy&, Out&);
    void onMessage(const Moment&, NodeId, const Copied&, Out&);
    void onMessage(const Moment&, NodeId, const Adopted&, Out&);
    void onMessage(const Moment&, NodeId, const Release&, Out&);
    void onMessage(const Moment&, NodeId, const Grant&, Out&);
    void beginAttempt(ShardId, Epoch number, NodeId to, Out&);
    void nextPiece(ShardId, Out&);
    void sendPiece(ShardId, Out&);
    void retire(ShardId, Epoch number, NodeId to, Out&);
    void adopt(const Moment&, NodeId from, const Copy&, Out&);
    void sayAdopted(NodeId from, ShardId, Epoch number, Out&);
    void noteWrite(ShardId, const std::string& key);

    // map_service.cpp
    void foundMap(const Moment&, Out&);
    [[nodiscard]] Instant leaseEnd(const Moment&) const;
    void onMessage(const Moment&, NodeId, const AskMap&, Out&);
    void onMessage(const Moment&, NodeId, const Report&, Out&);
    void onMessage(const Moment&, NodeId, const Handed&, Out&);
    void onMessage(const Moment&, NodeId, const Released&, Out&);
    void onMessage(const Moment&, NodeId, const Reshaped&, Out&);
    void handOver(Epoch number, std::uint64_t keys, Out&);
    void begin(Change, Out&);
    void drive(const Change&, Out&);
    void driveAll(const Moment&, Out&);
    void pump(Out&);
    void pumpJoins(Out&);
    void replaceLost(const Moment&, Out&);
    void replaceLost(NodeId, Out&);
    void grant(const Place&, NodeId to, Out&);
    void sumLoads();
    [[nodiscard]] std::size_t movesUnderWay() const;

    // operator.cpp
    void operate(const Moment&, RequestId, const Add&, Out&);
    void operate(const Moment&, RequestId, const Drain&, Out&);
    void operate(const Moment&, RequestId, const Lose&, Out&);
    void operate(const Moment&, RequestId, const Move&, Out&);
    void operate(const Moment&, RequestId, const Split&, Out&);
    void operate(const Moment&, RequestId, const Merge&, Out&);
    void operate(const Moment&, RequestId, const Rebalance&, Out&);
    [[nodiscard]] bool repeatAnswer(RequestId, Out&) const;
    void answer(RequestId, const Planned&, Out&);
    void resize(RequestId, NodeId, Store, Out&);
    [[nodiscard]] std::vector<Wish> wishesFor(const Stores& after, NodeId changed) const;
    [[nodiscard]] double least(const Stores& after, NodeId changed) const;
    void plan(RequestId, const std::vector<Wish>&, Out&);
    [[nodiscard]] bool isStore(RequestId, NodeId, Out&) const;
    [[nodiscard]] std::size_t activeStores(NodeId without = {}) const;

    // balance.cpp
    /// How much of something a shard is, and who is to have it.
    struct Weighed
    {
        ShardId shard;
        NodeId owner;
        double weight;
    };
    void considerShape(const Moment&, Out&);
    void considerSplit(const Moment&, const Place&, Out&);
    void considerMerge(const Moment&, const Place&, const Place&, Out&);
    [[nodiscard]] bool isQuiet(const Moment&, ShardId) const;
    void considerMoves(const Moment&, Out&);
    [[nodiscard]] std::vector<Weighed> weighed() const;
    [[nodiscard]] double measureOf(const Place&) const;
    enum class Spread : std::uint8_t { Displaced, ToOne, All };
    [[nodiscard]] std::vector<Wish> evenly(const Stores& stores, Spread, NodeId joins = {}) const;
    [[nodiscard]] NodeId leastLoaded(const Stores& stores) const;
    [[nodiscard]] NodeId goesTo(const Place&) const;

    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }
    [[nodiscard]] NodeId mapService() const { return mapId(parameters()); }
    [[nodiscard]] std::string nameOf(NodeId node) const;

    /// Changes what is kept in memory as it will be on disk.
    void commit(Write write, Out& out);

    node::Seat<Partitioning> m_seat;
    std::shared_ptr<const Placement> m_placement;

    Role m_role = Role::Router;
    Epoch m_version = 0;
    std::uint64_t m_load = 0; ///< what it has to do: operations, requests since the last report
    Directory m_directory{};
    Holdings m_holdings{};
    Places m_places{}; ///< a router's copy of the map
    std::map<RequestId, Ask> m_asks{};
    std::uint64_t m_asksBegun = 0;
    Touching m_touching{};
    PerNode<StoreLoad> m_loads{};
    double m_skew = 0; ///< the highest rate of a storage node over the mean
    std::map<ShardId, KnownLoad> m_known{};
    std::map<ShardId, Instant> m_quiet{}; ///< was split or merged, is left alone until then
    Instant m_balancedAt{}; ///< when shards were last moved because of the load
    PerNode<Instant> m_leases{}; ///< until when a storage node may serve at the latest
    std::map<ShardId, Outgoing> m_outgoing{};
    std::vector<Do> m_held{}; ///< for shards that are about to arrive
    std::map<ShardId, Asked> m_asked{};
    std::uint64_t m_round = 0; ///< of reports
    std::map<std::uint64_t, Instant> m_reports{}; ///< when those were sent that were not answered
    Instant m_reportedAt{};
    Instant m_leaseUntil{};

    BOOST_DESCRIBE_CLASS(Partitioning, (), (), (),
                         (m_role, m_version, m_load, m_directory, m_holdings, m_places, m_asks,
                          m_asksBegun, m_touching, m_loads, m_skew, m_known, m_quiet, m_balancedAt,
                          m_leases, m_outgoing, m_held, m_asked, m_round, m_reports, m_reportedAt,
                          m_leaseUntil))
};

constexpr auto facets(Tag<Partitioning>)
{
    return std::array{
        FieldFacet{"role", Facet::Role},         FieldFacet{"version", Facet::Epoch},
        FieldFacet{"load", Facet::Level},        FieldFacet{"skew", Facet::Level},
        FieldFacet{"places", Facet::KeySpace},   FieldFacet{"asksBegun", Facet::Detail},
        FieldFacet{"known", Facet::Detail},      FieldFacet{"quiet", Facet::Detail},
        FieldFacet{"leases", Facet::Detail},     FieldFacet{"asked", Facet::Detail},
        FieldFacet{"round", Facet::Detail},      FieldFacet{"reports", Facet::Detail},
        FieldFacet{"reportedAt", Facet::Detail}, FieldFacet{"leaseUntil", Facet::Detail},
    };
}

} // namespace lightcone::protocols::partitioning

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::partitioning::Message>;
extern template class TypedPayload<protocols::partitioning::Request>;
extern template class TypedPayload<protocols::partitioning::Reply>;
extern template class TypedPayload<protocols::partitioning::Write>;
} // namespace lightcone::node
