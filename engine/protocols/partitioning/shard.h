#pragma once

#include "engine/kv/entries.h"
#include "engine/kv/store.h"
#include "engine/protocols/partitioning/keyspace.h"

#include <boost/container/flat_map.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::protocols::partitioning {

/// What a node has of a shard, and whether it answers for it.
enum class Standing : std::uint8_t {
    Owned,
    Frozen, ///< handed over: the new owner may have it already, or never have heard of it
    Retired, ///< the new owner has it; an old copy is still here
    Gone, ///< the old copy was thrown away, who has it is remembered
};
BOOST_DESCRIBE_ENUM(Standing, Owned, Frozen, Retired, Gone)

/// Each client's newest write and what came of it: a retry counts once. They move with the shard.
using Sessions = boost::container::flat_map<NodeId, kv::Session>;

/// A key and its value; none: it was deleted.
struct Cell
{
    std::string key;
    std::optional<std::string> value;
    friend bool operator==(const Cell&, const Cell&) = default;
};
BOOST_DESCRIBE_STRUCT(Cell, (), (key, value))

using Cells = std::vector<Cell>;

/// A part of the key space and what is in it.
struct Shard
{
    Point begin{};
    Point end{};
    Epoch epoch = 0;
    Standing standing = Standing::Owned;
    NodeId to{}; ///< who owns it now, of a Frozen one who will
    Epoch handed = 0; ///< the move by which it goes or went there
    Epoch asked = 0; ///< the newest split or merge that was asked for, done or not
    kv::Entries entries{};
    Sessions sessions{};

    [[nodiscard]] Span span() const { return {begin, end}; }
    [[nodiscard]] bool hasData() const { return standing != Standing::Gone; }

    /// The result of a write that this client has been answered already or again; nothing for a new
    /// one.
    [[nodiscard]] std::optional<kv::Result> repeated(RequestId id) const;

    /// Executes a new write of a client.
    void execute(RequestId id, const kv::Operation& operation);
    [[nodiscard]] kv::Result read(std::string_view key) const;
    void put(const Cells& cells);
};
BOOST_DESCRIBE_STRUCT(Shard, (),
                      (begin, end, epoch, standing, to, handed, asked, entries, sessions))

/// What has arrived of a shard that is moving here.
struct Incoming
{
    Point begin{};
    Point end{};
    NodeId from{};
    Epoch number = 0; ///< of the move
    std::uint64_t attempt = 0; ///< the sender's; a newer one begins again
    std::uint64_t pieces = 0; ///< so many are here
    kv::Entries entries{};

    void put(const Cells& cells);
};
BOOST_DESCRIBE_STRUCT(Incoming, (), (begin, end, from, number, attempt, pieces, entries))

/// The newest of each client.
void mergeSessions(Sessions& into, const Sessions& other);

constexpr auto tones(describe::Tag<Standing>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{EnumeratorTone{"Owned", Tone::Good}, EnumeratorTone{"Frozen", Tone::Busy},
                      EnumeratorTone{"Retired", Tone::Calm}};
}

constexpr auto facets(describe::Tag<Cell>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"key", Facet::Key}, FieldFacet{"value", Facet::Content}};
}

constexpr auto facets(describe::Tag<Shard>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"to", Facet::Peer},
                      FieldFacet{"handed", Facet::Detail}, FieldFacet{"asked", Facet::Detail},
                      FieldFacet{"sessions", Facet::Detail}};
}

} // namespace lightcone::protocols::partitioning
