#pragma once

#include "engine/protocols/partitioning/messages.h"

#include <boost/describe/class.hpp>

#include <array>
#include <map>
#include <set>
#include <vector>

/// What survives a crash. A node's memory of these things changes by the same writes as its disk,
/// so that a restart is nothing special.
namespace lightcone::protocols::partitioning {

enum class ChangeKind : std::uint8_t {
    Move,
    Grant, ///< a lost node's shard goes to another node
    Split,
    Merge,
};
BOOST_DESCRIBE_ENUM(ChangeKind, Move, Grant, Split, Merge)

enum class ChangeStep : std::uint8_t {
    Working,
    Releasing, ///< of a move: the new owner has it, the old one must hear of it
};
BOOST_DESCRIBE_ENUM(ChangeStep, Working, Releasing)

/// A change of the map that is under way.
struct Change
{
    Epoch number = 0;
    ChangeKind kind = ChangeKind::Move;
    ChangeStep step = ChangeStep::Working;
    ShardId shard = 0;
    ShardId other = 0; ///< of a Split the new right half, of a Merge the one that goes
    NodeId from{}; ///< who owns it
    NodeId to{}; ///< of a Move and a Grant
    Point at{}; ///< of a Split; empty: the owner chooses
};
BOOST_DESCRIBE_STRUCT(Change, (), (number, kind, step, shard, other, from, to, at))

/// A shard that is to be moved when there is room for it.
struct Wish
{
    ShardId shard = 0;
    NodeId was{}; ///< where it was or was to go before
    NodeId to{};
};
BOOST_DESCRIBE_STRUCT(Wish, (), (shard, was, to))

/// The newest change of the set of nodes, and what it costs.
struct Resize
{
    NodeId node{};
    bool joins = false;
    std::uint64_t shards = 0; ///< that move because of it
    double share = 0; ///< of the key space that they are
    double least = 0; ///< the share that must move, whatever the strategy
    std::uint64_t keys = 0; ///< moved since, for any reason
    bool monotone = false; ///< keys move only to a node that joins and only from one that leaves
};
BOOST_DESCRIBE_STRUCT(Resize, (), (node, joins, shards, share, least, keys, monotone))

constexpr auto facets(describe::Tag<Resize>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"share", Facet::Level}, FieldFacet{"least", Facet::Level},
                      FieldFacet{"keys", Facet::Level}};
}

/// What an operator was answered: a retry is told the same.
struct Answered
{
    std::uint32_t sequence = 0;
    Planned answer{};
};
BOOST_DESCRIBE_STRUCT(Answered, (), (sequence, answer))

/// The map service's disk.
struct Directory
{
    Epoch version = 0;
    Places places{};
    Stores stores{};
    ShardId newest = 0; ///< shard
    std::map<Epoch, Change> changes{};
    std::map<ShardId, NodeId> wishes{};
    std::set<ShardId> joins{}; ///< shards to be merged with the next one when both are on one node
    Resize resize{};
    std::map<NodeId, Answered> answered{}; ///< by client

    [[nodiscard]] const Place* place(ShardId shard) const;
    [[nodiscard]] const Change* changeOf(ShardId shard) const;
};
BOOST_DESCRIBE_STRUCT(Directory, (),
                      (version, places, stores, newest, changes, wishes, joins, resize, answered))

/// A storage node's disk.
struct Holdings
{
    bool founded = false; ///< it has been here before
    std::map<ShardId, Shard> shards{};
    std::map<ShardId, Incoming> incoming{};
    std::uint64_t attempts = 0; ///< at copying a shard, over all shards
};
BOOST_DESCRIBE_STRUCT(Holdings, (), (founded, shards, incoming, attempts))

// What a storage node writes.

/// First boot: these are its shards.
struct FoundStore
{
    Places places{};
};
BOOST_DESCRIBE_STRUCT(FoundStore, (), (places))

struct Execute
{
    ShardId shard = 0;
    RequestId request{};
    kv::Operation operation{};
};
BOOST_DESCRIBE_STRUCT(Execute, (), (shard, request, operation))

struct BeginAttempt
{
    std::uint64_t attempt = 0;
};
BOOST_DESCRIBE_STRUCT(BeginAttempt, (), (attempt))

/// A piece of a shard that moves here; the first of an attempt replaces what had come before.
struct KeepPiece
{
    NodeId from{};
    Copy piece{};
};
BOOST_DESCRIBE_STRUCT(KeepPiece, (), (from, piece))

/// The last piece is here, the shard is this node's.
struct Adopt
{
    Copy piece{};
};
BOOST_DESCRIBE_STRUCT(Adopt, (), (piece))

struct Freeze
{
    ShardId shard = 0;
    Epoch number = 0;
    NodeId to{};
};
BOOST_DESCRIBE_STRUCT(Freeze, (), (shard, number, to))

struct Retire
{
    ShardId shard = 0;
    Epoch number = 0;
    NodeId to{};
};
BOOST_DESCRIBE_STRUCT(Retire, (), (shard, number, to))

struct Discard
{
    ShardId shard = 0;
};
BOOST_DESCRIBE_STRUCT(Discard, (), (shard))

struct TakeOver
{
    Grant grant{};
};
BOOST_DESCRIBE_STRUCT(TakeOver, (), (grant))

/// Where `at` is empty it was found that the shard cannot be split.
struct CutShard
{
    ShardId shard = 0;
    Epoch number = 0;
    ShardId into = 0;
    Point at{};
    std::vector<std::string> right{}; ///< the keys of the right half
};
BOOST_DESCRIBE_STRUCT(CutShard, (), (shard, number, into, at, right))

struct JoinShards
{
    ShardId left = 0;
    ShardId right = 0;
    Epoch number = 0;
    bool done = false;
    NodeId self{};
};
BOOST_DESCRIBE_STRUCT(JoinShards, (), (left, right, number, done, self))

// What the map service writes.

struct FoundMap
{
    Places places{};
    Stores stores{};
};
BOOST_DESCRIBE_STRUCT(FoundMap, (), (places, stores))

struct SetStore
{
    NodeId node{};
    Store store{};
    Resize resize{};
};
BOOST_DESCRIBE_STRUCT(SetStore, (), (node, store, resize))

struct SetWishes
{
    std::vector<Wish> wishes{};
};
BOOST_DESCRIBE_STRUCT(SetWishes, (), (wishes))

struct WishJoin
{
    ShardId shard = 0;
    bool wished = true;
};
BOOST_DESCRIBE_STRUCT(WishJoin, (), (shard, wished))

struct BeginChange
{
    Change change{};
};
BOOST_DESCRIBE_STRUCT(BeginChange, (), (change))

/// The new owner has the shard.
struct HandOver
{
    Epoch number = 0;
    std::uint64_t keys = 0;
};
BOOST_DESCRIBE_STRUCT(HandOver, (), (number, keys))

/// The change is over. Of a Split or a Merge: whether and where it was done.
struct EndChange
{
    Epoch number = 0;
    bool done = false;
    Point at{};
};
BOOST_DESCRIBE_STRUCT(EndChange, (), (number, done, at))

struct Answer
{
    RequestId request{};
    Planned answer{};
};
BOOST_DESCRIBE_STRUCT(Answer, (), (request, answer))

using Write = std::variant<FoundStore, Execute, BeginAttempt, KeepPiece, Adopt, Freeze, Retire,
                           Discard, TakeOver, CutShard, JoinShards, FoundMap, SetStore, SetWishes,
                           WishJoin, BeginChange, HandOver, EndChange, Answer>;

/// What a write does to a node's memory and to its disk alike.
void perform(const Write& write, Directory& directory, Holdings& holdings);

struct Durable
{
    Directory directory{}; ///< the map service's
    Holdings holdings{}; ///< a storage node's

    void apply(const Write& write) { perform(write, directory, holdings); }
};
BOOST_DESCRIBE_STRUCT(Durable, (), (directory, holdings))

constexpr auto tones(Tag<ChangeKind>)
{
    using describe::EnumeratorTone;
    return std::array{EnumeratorTone{"Move", Tone::Busy}, EnumeratorTone{"Grant", Tone::Bad}};
}
constexpr auto facets(Tag<Directory>)
{
    return std::array{FieldFacet{"version", Facet::Epoch}, FieldFacet{"places", Facet::KeySpace},
                      FieldFacet{"newest", Facet::Detail}, FieldFacet{"answered", Facet::Detail}};
}
constexpr auto facets(Tag<Change>)
{
    return std::array{FieldFacet{"number", Facet::Epoch}};
}
constexpr auto facets(Tag<Execute>)
{
    return std::array{FieldFacet{"request", Facet::Detail}};
}

} // namespace lightcone::protocols::partitioning
