#pragma once

#include "engine/protocols/partitioning/durable.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// What a node remembers and a crash takes.
namespace lightcone::protocols::partitioning {

template <class T>
using PerNode = boost::container::flat_map<NodeId, T>;

enum class Role : std::uint8_t {
    Router,
    MapService,
    Storage,
};
BOOST_DESCRIBE_ENUM(Role, Router, MapService, Storage)

/// Which keys a scan or a projection is about.
struct Query
{
    std::string from{};
    std::optional<std::string> to{}; ///< none: the row `from` alone
    std::set<std::string> columns{};
};
BOOST_DESCRIBE_STRUCT(Query, (), (from, to, columns))

/// A client's operation that a router is about.
struct Ask
{
    std::uint64_t number = 0; ///< its timer's
    Instant begun{};
    std::uint32_t tries = 0;
    bool waits = false; ///< for a newer map
    std::optional<kv::Operation> operation{};
    std::optional<Query> query{};
    Spans missing{}; ///< of a query: what has not been answered
    std::map<std::string, std::string> found{};
    NodeSet nodes{}; ///< that have answered
};
BOOST_DESCRIBE_STRUCT(Ask, (),
                      (number, begun, tries, waits, operation, query, missing, found, nodes))

/// How many nodes a router's operations took.
struct Touching
{
    std::uint64_t one = 0;
    std::uint64_t several = 0;
    std::uint64_t nodes = 0; ///< of the newest operation
    NodeId last{}; ///< who answered it last
    Duration took{};
};
BOOST_DESCRIBE_STRUCT(Touching, (), (one, several, nodes, last, took))

constexpr auto facets(describe::Tag<Touching>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"one", Facet::Level}, FieldFacet{"several", Facet::Level},
                      FieldFacet{"nodes", Facet::Level}, FieldFacet{"took", Facet::Level}};
}

/// What the map service heard of a storage node.
struct StoreLoad
{
    std::uint64_t shards = 0;
    std::uint64_t keys = 0;
    std::uint64_t rate = 0; ///< requests a second
};
BOOST_DESCRIBE_STRUCT(StoreLoad, (), (shards, keys, rate))

struct KnownLoad
{
    std::uint64_t keys = 0;
    std::uint64_t rate = 0;
};
BOOST_DESCRIBE_STRUCT(KnownLoad, (), (keys, rate))

enum class Phase : std::uint8_t {
    Copying, ///< all keys that were there when it began
    CatchingUp, ///< what was written meanwhile
    HandingOver, ///< the rest; nothing is written here any more
};
BOOST_DESCRIBE_ENUM(Phase, Copying, CatchingUp, HandingOver)

/// A shard that is being given to another node.
struct Outgoing
{
    Epoch number = 0;
    NodeId to{};
    std::uint64_t attempt = 0;
    Phase phase = Phase::Copying;
    std::uint64_t piece = 0; ///< the one under way
    Cells cells{}; ///< in it
    std::vector<std::string> rest{}; ///< keys that were not sent yet, ascending
    std::set<std::string> dirty{}; ///< keys that were written after they were sent
    std::uint32_t rounds = 0; ///< of catching up
};
BOOST_DESCRIBE_STRUCT(Outgoing, (), (number, to, attempt, phase, piece, cells, rest, dirty, rounds))

/// What a storage node was asked lately of one shard.
struct Asked
{
    std::uint64_t requests = 0; ///< since the last report
    std::vector<Point> recent{}; ///< the newest points, to split where the load is
};
BOOST_DESCRIBE_STRUCT(Asked, (), (requests, recent))

constexpr auto tones(Tag<Role>)
{
    using describe::EnumeratorTone;
    return std::array{EnumeratorTone{"Router", Tone::Calm},
                      EnumeratorTone{"MapService", Tone::Strong}};
}
constexpr auto tones(Tag<Phase>)
{
    using describe::EnumeratorTone;
    return std::array{EnumeratorTone{"Copying", Tone::Busy},
                      EnumeratorTone{"CatchingUp", Tone::Busy},
                      EnumeratorTone{"HandingOver", Tone::Strong}};
}
constexpr auto facets(Tag<Outgoing>)
{
    return std::array{FieldFacet{"number", Facet::Epoch}, FieldFacet{"to", Facet::Peer},
                      FieldFacet{"attempt", Facet::Detail}, FieldFacet{"rest", Facet::Detail}};
}

} // namespace lightcone::protocols::partitioning
