#pragma once

#include "engine/core/ids.h"
#include "engine/describe/facet.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::partitioning {

using ShardId = std::uint64_t; ///< from 1
using Epoch = std::uint64_t; ///< the number of a change of the map, from 1: more is newer

/// Where a key lies in the key space: a text whose order is the space's. Of ranges it is the row
/// itself, of hashes eight hexadecimal digits, of columns "group/row".
using Point = std::string;

/// An interval of points, its end excluded; an empty end is none.
struct Span
{
    Point begin{};
    Point end{};

    [[nodiscard]] bool contains(std::string_view point) const
    {
        return begin <= point && (end.empty() || point < end);
    }
    [[nodiscard]] bool overlaps(const Span& other) const
    {
        return (end.empty() || other.begin < end) && (other.end.empty() || begin < other.end);
    }
    [[nodiscard]] Span with(const Span& other) const;
    friend bool operator==(const Span&, const Span&) = default;
};
BOOST_DESCRIBE_STRUCT(Span, (), (begin, end))

using Spans = std::vector<Span>;

/// What is left of some spans without one.
Spans without(const Spans& spans, const Span& taken);

/// A shard as maps know it: which points it holds, who owns it, and since which change.
struct Place
{
    Point begin{};
    Point end{};
    ShardId shard = 0;
    Epoch epoch = 0;
    NodeId owner{};
    NodeId movesTo{}; ///< none: it stays
    double share = 0; ///< of a circle of hashes, from 0 to 1; 0 where points have no measure

    [[nodiscard]] Span span() const { return {begin, end}; }
    friend bool operator==(const Place&, const Place&) = default;
};
BOOST_DESCRIBE_STRUCT(Place, (), (begin, end, shard, epoch, owner, movesTo, share))

/// By begin, without overlaps.
using Places = std::vector<Place>;

/// The place that holds the point; nullptr where none does.
const Place* find(const Places& places, std::string_view point);

/// Takes a place in where it is newer than what was known of its points; true when it was anywhere.
bool learn(Places& places, const Place& fresh);

/// The part of a key in front of its first dot; what stands behind is the column.
std::string_view rowOf(std::string_view key);
std::string_view columnOf(std::string_view key);

/// A hash as a point, and the share of the circle between two such points.
std::uint32_t hashOf(std::string_view text);
Point hashPoint(std::uint32_t hash);
double shareOf(const Span& span);

/// "[g, n)", "[, g)" for sentences.
std::string textOf(const Span& span);

constexpr auto facets(describe::Tag<Place>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"owner", Facet::Peer}, FieldFacet{"movesTo", Facet::WaitingFor},
                      FieldFacet{"share", Facet::Level}};
}

} // namespace lightcone::protocols::partitioning
