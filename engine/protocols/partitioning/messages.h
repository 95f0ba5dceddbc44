#pragma once

#include "engine/kv/operation.h"
#include "engine/protocols/partitioning/placement.h"
#include "engine/protocols/partitioning/shard.h"

#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// What routers, the map service and storage nodes say to each other and to clients.
namespace lightcone::protocols::partitioning {

using NodeSet = boost::container::flat_set<NodeId>;

/// A router asks for the map.
struct AskMap
{
    Epoch version = 0; ///< the one it has
};
BOOST_DESCRIBE_STRUCT(AskMap, (), (version))

struct NewMap
{
    Epoch version = 0;
    Places places{};
};
BOOST_DESCRIBE_STRUCT(NewMap, (), (version, places))

/// A router asks the owner of a key, as far as it knows; the old owner of a shard forwards it.
struct Do
{
    RequestId request{};
    NodeId router{}; ///< who is to be answered
    ShardId shard = 0;
    Epoch epoch = 0; ///< of the shard, as the sender knows it
    kv::Operation operation{};
};
BOOST_DESCRIBE_STRUCT(Do, (), (request, router, shard, epoch, operation))

struct Done
{
    RequestId request{};
    ShardId shard = 0;
    Epoch epoch = 0; ///< of the shard that answered
    kv::Result result{};
};
BOOST_DESCRIBE_STRUCT(Done, (), (request, shard, epoch, result))

/// Asks for all keys of some spans, each with the shard and the epoch that the router knows.
struct Gather
{
    RequestId request{};
    Places spans{};
    std::string from{}; ///< rows from here
    std::optional<std::string> to{}; ///< to before here; none: this row alone
    std::set<std::string> columns{}; ///< none: all of them
};
BOOST_DESCRIBE_STRUCT(Gather, (), (request, spans, from, to, columns))

struct Gathered
{
    RequestId request{};
    Spans covered{};
    Cells cells{};
};
BOOST_DESCRIBE_STRUCT(Gathered, (), (request, covered, cells))

/// Not here: the version of the map that was used is not that of the shard. Says what this node
/// knows instead.
struct Moved
{
    RequestId request{};
    Places places{};
};
BOOST_DESCRIBE_STRUCT(Moved, (), (request, places))

/// The map service tells the owner to give the shard to another node.
struct Migrate
{
    Epoch number = 0;
    ShardId shard = 0;
    NodeId to{};
};
BOOST_DESCRIBE_STRUCT(Migrate, (), (number, shard, to))

/// One piece of a shard under way. The last one hands it over.
struct Copy
{
    Epoch number = 0;
    ShardId shard = 0;
    Point begin{};
    Point end{};
    std::uint64_t attempt = 0;
    std::uint64_t piece = 0;
    Cells cells{};
    bool last = false;
    Sessions sessions{}; ///< with the last
};
BOOST_DESCRIBE_STRUCT(Copy, (), (number, shard, begin, end, attempt, piece, cells, last, sessions))

struct Copied
{
    Epoch number = 0;
    ShardId shard = 0;
    std::uint64_t attempt = 0;
    std::uint64_t piece = 0;
};
BOOST_DESCRIBE_STRUCT(Copied, (), (number, shard, attempt, piece))

/// The new owner has it and answers for it: to the old owner and to the map service.
struct Adopted
{
    Epoch number = 0;
    ShardId shard = 0;
    std::uint64_t keys = 0;
};
BOOST_DESCRIBE_STRUCT(Adopted, (), (number, shard, keys))

/// The old owner knows that the new one has it.
struct Handed
{
    Epoch number = 0;
    ShardId shard = 0;
    std::uint64_t keys = 0;
};
BOOST_DESCRIBE_STRUCT(Handed, (), (number, shard, keys))

/// The map service tells the old owner that the map says so too.
struct Release
{
    Epoch number = 0;
    ShardId shard = 0;
};
BOOST_DESCRIBE_STRUCT(Release, (), (number, shard))

struct Released
{
    Epoch number = 0;
    ShardId shard = 0;
};
BOOST_DESCRIBE_STRUCT(Released, (), (number, shard))

/// A shard of a node that is lost belongs to this node from now on: with what it has of it, or
/// empty.
struct Grant
{
    Epoch number = 0;
    ShardId shard = 0;
    Point begin{};
    Point end{};
};
BOOST_DESCRIBE_STRUCT(Grant, (), (number, shard, begin, end))

struct SplitShard
{
    Epoch number = 0;
    ShardId shard = 0;
    ShardId into = 0; ///< the name of the right half
    Point at{}; ///< where; empty: the owner chooses
};
BOOST_DESCRIBE_STRUCT(SplitShard, (), (number, shard, into, at))

struct MergeShards
{
    Epoch number = 0;
    ShardId left = 0;
    ShardId right = 0;
};
BOOST_DESCRIBE_STRUCT(MergeShards, (), (number, left, right))

/// What came of a split (where it is) or a merge.
struct Reshaped
{
    Epoch number = 0;
    bool done = false;
    Point at{};
};
BOOST_DESCRIBE_STRUCT(Reshaped, (), (number, done, at))

/// How much of one shard there is and how much it was asked since the last report.
struct ShardLoad
{
    ShardId shard = 0;
    std::uint64_t keys = 0;
    std::uint64_t requests = 0;
    friend bool operator==(const ShardLoad&, const ShardLoad&) = default;
};
BOOST_DESCRIBE_STRUCT(ShardLoad, (), (shard, keys, requests))

/// A storage node is there.
struct Report
{
    std::uint64_t round = 0;
    Duration over{}; ///< since the last one
    std::vector<ShardLoad> loads{};
};
BOOST_DESCRIBE_STRUCT(Report, (), (round, over, loads))

/// The report was heard: the node may serve for a lease after it had sent it.
struct Heard
{
    std::uint64_t round = 0;
    Epoch version = 0;
};
BOOST_DESCRIBE_STRUCT(Heard, (), (round, version))

using Message = std::variant<AskMap, NewMap, Do, Done, Gather, Gathered, Moved, Migrate, Copy,
                             Copied, Adopted, Handed, Release, Released, Grant, SplitShard,
                             MergeShards, Reshaped, Report, Heard>;

/// All rows from one to before another, of some columns or all.
struct Scan
{
    std::string from{};
    std::string to{};
    std::set<std::string> columns{};
};
BOOST_DESCRIBE_STRUCT(Scan, (), (from, to, columns))

/// Some columns of one row, or all.
struct Project
{
    std::string row{};
    std::set<std::string> columns{};
};
BOOST_DESCRIBE_STRUCT(Project, (), (row, columns))

/// A storage node joins: it was started before.
struct Add
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(Add, (), (node))

/// A storage node gives all that it has to others.
struct Drain
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(Drain, (), (node))

/// A storage node is gone and will not come back: what it alone had is lost.
struct Lose
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(Lose, (), (node))

struct Move
{
    ShardId shard = 0;
    NodeId to{};
};
BOOST_DESCRIBE_STRUCT(Move, (), (shard, to))

/// Divides a shard at a row, or in the middle.
struct Split
{
    ShardId shard = 0;
    std::optional<std::string> at{};
};
BOOST_DESCRIBE_STRUCT(Split, (), (shard, at))

/// Joins a shard with the one to its right.
struct Merge
{
    ShardId shard = 0;
};
BOOST_DESCRIBE_STRUCT(Merge, (), (shard))

/// Spreads shards evenly, or as the hash says.
struct Rebalance
{
};
BOOST_DESCRIBE_STRUCT(Rebalance, (), ())

using Request = std::variant<kv::Put, kv::Get, kv::Delete, kv::Cas, Scan, Project, Add, Drain, Lose,
                             Move, Split, Merge, Rebalance>;

/// What a scan or a projection found, and which nodes it took.
struct Found
{
    Cells cells{};
    NodeSet nodes{};
};
BOOST_DESCRIBE_STRUCT(Found, (), (cells, nodes))

/// The operator's wish is written down. How many shards will move, which share of the key space
/// they are and which one would have to move at least (0 where points have no measure).
struct Planned
{
    Epoch version = 0;
    std::uint64_t moves = 0;
    double share = 0;
    double least = 0;
};
BOOST_DESCRIBE_STRUCT(Planned, (), (version, moves, share, least))

using Reply = std::variant<kv::Result, Found, Planned>;

using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

constexpr Tone tone(Tag<AskMap>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<NewMap>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Do>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Done>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Gather>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Gathered>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Moved>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Migrate>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Copy>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Copied>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Adopted>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Handed>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Release>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Grant>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<SplitShard>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<MergeShards>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Reshaped>)
{
    return Tone::Good;
}

constexpr auto facets(Tag<AskMap>)
{
    return std::array{FieldFacet{"version", Facet::Epoch}};
}
constexpr auto facets(Tag<NewMap>)
{
    return std::array{FieldFacet{"version", Facet::Epoch}, FieldFacet{"places", Facet::KeySpace}};
}
constexpr auto facets(Tag<Do>)
{
    return std::array{FieldFacet{"request", Facet::Detail}, FieldFacet{"router", Facet::Detail},
                      FieldFacet{"shard", Facet::Detail}, FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<Done>)
{
    return std::array{FieldFacet{"request", Facet::Detail}, FieldFacet{"shard", Facet::Detail},
                      FieldFacet{"epoch", Facet::Epoch}};
}
constexpr auto facets(Tag<Gather>)
{
    return std::array{FieldFacet{"request", Facet::Detail}, FieldFacet{"spans", Facet::Detail}};
}
constexpr auto facets(Tag<Gathered>)
{
    return std::array{FieldFacet{"request", Facet::Detail}, FieldFacet{"covered", Facet::Detail}};
}
constexpr auto facets(Tag<Moved>)
{
    return std::array{FieldFacet{"request", Facet::Detail}};
}
constexpr auto facets(Tag<Copy>)
{
    return std::array{FieldFacet{"number", Facet::Epoch},    FieldFacet{"begin", Facet::Detail},
                      FieldFacet{"end", Facet::Detail},      FieldFacet{"attempt", Facet::Detail},
                      FieldFacet{"sessions", Facet::Detail}, FieldFacet{"last", Facet::Badge}};
}
constexpr auto facets(Tag<Copied>)
{
    return std::array{FieldFacet{"number", Facet::Epoch}, FieldFacet{"attempt", Facet::Detail}};
}
constexpr auto facets(Tag<Heard>)
{
    return std::array{FieldFacet{"round", Facet::Detail}, FieldFacet{"version", Facet::Epoch}};
}
constexpr auto facets(Tag<Report>)
{
    return std::array{FieldFacet{"round", Facet::Detail}, FieldFacet{"over", Facet::Detail}};
}

constexpr auto numberedFacets()
{
    return std::array{FieldFacet{"number", Facet::Epoch}};
}
constexpr auto facets(Tag<Migrate>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Adopted>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Handed>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Release>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Released>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Grant>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<SplitShard>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<MergeShards>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Reshaped>)
{
    return numberedFacets();
}
constexpr auto facets(Tag<Project>)
{
    return std::array{FieldFacet{"row", Facet::Key}};
}
constexpr auto facets(Tag<Planned>)
{
    return std::array{FieldFacet{"version", Facet::Epoch}};
}

} // namespace lightcone::protocols::partitioning
