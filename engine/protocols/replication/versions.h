#pragma once

#include "engine/core/time.h"
#include "engine/protocols/replication/entry.h"
#include "engine/protocols/replication/parameters.h"

#include <map>
#include <string>

/// Versions of a value in a quorum store, and how two sets of them become one.
namespace lightcone::protocols::replication {

/// Names one write of a key: the node that coordinated it, and its number there, from 1.
struct Dot
{
    NodeId node{};
    std::uint64_t number = 0;
    friend constexpr auto operator<=>(const Dot&, const Dot&) = default;
};
BOOST_DESCRIBE_STRUCT(Dot, (), (node, number))

/// A set of writes of one key: of each node all up to a number, and a few beyond. A plain vector
/// clock could not say "the second and not the first", and two clients that write through one
/// coordinator would hide each other's writes (Preguica et al. 2012).
struct Clock
{
    PerNode<std::uint64_t> upTo{};
    boost::container::flat_set<Dot> beyond{};

    [[nodiscard]] bool empty() const { return upTo.empty() && beyond.empty(); }
    [[nodiscard]] bool has(const Dot& dot) const;
    void add(const Dot& dot);
    void add(const Clock& clock);
    friend bool operator==(const Clock&, const Clock&) = default;
};
BOOST_DESCRIBE_STRUCT(Clock, (), (upTo, beyond))

/// A value that was written, or that a key was deleted.
struct Version
{
    Dot dot{};
    Clock context{}; ///< what its writer had seen, and it therefore replaces
    Instant at{}; ///< the coordinator's timestamp
    RequestId request{};
    std::optional<std::string> value{}; ///< none: deleted
    friend bool operator==(const Version&, const Version&) = default;
};
BOOST_DESCRIBE_STRUCT(Version, (), (dot, context, at, request, value))

/// The versions of one key none of which replaces another, by dot.
using Siblings = std::vector<Version>;
using Versions = std::map<std::string, Siblings>;

/// Adds what is new and drops what is replaced; whether anything changed.
bool mergeInto(Siblings& siblings, const Siblings& more, Versioning versioning);

/// Whether everything in `needed` is there, or replaced by what is there.
bool covers(const Siblings& siblings, const Siblings& needed, Versioning versioning);

/// All that these versions are and replace.
Clock contextOf(const Siblings& siblings);

/// The values that are not deletions, in order and each once.
std::vector<std::string> valuesOf(const Siblings& siblings);

constexpr auto facets(describe::Tag<Version>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"dot", Facet::Detail}, FieldFacet{"context", Facet::Detail},
                      FieldFacet{"at", Facet::Detail}, FieldFacet{"request", Facet::Detail},
                      FieldFacet{"value", Facet::Content}};
}

} // namespace lightcone::protocols::replication
