#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/kv/log.h"
#include "engine/kv/operation.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// What a log of writes is made of, and who keeps it.
namespace lightcone::protocols::replication {

using Epoch = std::uint64_t; ///< a view's number, from 1
using Index = std::uint64_t; ///< a write's sequence number, from 1; 0 is before the first
using NodeSet = boost::container::flat_set<NodeId>;
template <class T>
using PerNode = boost::container::flat_map<NodeId, T>;

/// A write as it stands in the log.
using Command = std::variant<kv::Put, kv::Delete, kv::Cas>;

struct Entry
{
    Epoch epoch = 0; ///< the view in which it was accepted
    Instant at{}; ///< when, on the clock of the node that accepted it
    RequestId request{};
    Command command{};
    friend bool operator==(const Entry&, const Entry&) = default;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (epoch, at, request, command))

using Log = kv::Log<Entry>; ///< writes in their order

/// Who serves together: the primary and its backups, or the chain from head to tail.
struct View
{
    Epoch epoch = 0;
    std::vector<NodeId> members{};

    [[nodiscard]] bool has(NodeId node) const
    {
        return std::find(members.begin(), members.end(), node) != members.end();
    }
    /// The primary, or the head; none of an empty view.
    [[nodiscard]] NodeId front() const { return members.empty() ? NodeId{} : members.front(); }
    [[nodiscard]] NodeId back() const { return members.empty() ? NodeId{} : members.back(); }
    friend bool operator==(const View&, const View&) = default;
};
BOOST_DESCRIBE_STRUCT(View, (), (epoch, members))

/// What a session has seen of the log: the write of this number, accepted in that view.
struct Token
{
    Epoch epoch = 0;
    Index index = 0;
    friend constexpr auto operator<=>(const Token&, const Token&) = default;
};
BOOST_DESCRIBE_STRUCT(Token, (), (epoch, index))

/// Where each view's first write stands: which view any write is of, also where it was forgotten.
using ViewStarts = boost::container::flat_map<Epoch, Index>;

/// Of the write there, by those starts; 0 before the first.
inline Epoch viewOf(const ViewStarts& starts, Index index)
{
    Epoch found = 0;
    for (const auto& [epoch, start] : starts) {
        if (start <= index) {
            found = epoch;
        }
    }
    return found;
}

/// Writes that were thrown away after clients may have been told that they are done.
struct LostRange
{
    Index first = 0;
    Index last = 0;
    friend bool operator==(const LostRange&, const LostRange&) = default;
};
BOOST_DESCRIBE_STRUCT(LostRange, (), (first, last))
using LostRanges = boost::container::flat_map<Epoch, LostRange>; ///< by the view they were of

inline void addLost(LostRanges& ranges, Epoch epoch, const LostRange& more)
{
    const auto [place, isNew] = ranges.emplace(epoch, more);
    if (!isNew) {
        place->second.first = std::min(place->second.first, more.first);
        place->second.last = std::max(place->second.last, more.last);
    }
}

inline std::uint64_t countOf(const LostRanges& ranges)
{
    std::uint64_t count = 0;
    for (const auto& [epoch, range] : ranges) {
        count += range.last + 1 - range.first;
    }
    return count;
}

constexpr auto facets(describe::Tag<Entry>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"epoch", Facet::Epoch}, FieldFacet{"at", Facet::Detail},
                      FieldFacet{"request", Facet::Detail}};
}
constexpr auto facets(describe::Tag<View>)
{
    return std::array{describe::FieldFacet{"epoch", describe::Facet::Epoch}};
}
constexpr auto facets(describe::Tag<Token>)
{
    return std::array{describe::FieldFacet{"epoch", describe::Facet::Epoch}};
}

} // namespace lightcone::protocols::replication
