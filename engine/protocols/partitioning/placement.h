#pragma once

#include "engine/protocols/partitioning/keyspace.h"
#include "engine/protocols/partitioning/parameters.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::partitioning {

enum class Membership : std::uint8_t {
    Active,
    Draining, ///< gives its shards away
    Lost, ///< will never come back, nor will its disk
};
BOOST_DESCRIBE_ENUM(Membership, Active, Draining, Lost)

/// A storage node as the map service knows it.
struct Store
{
    std::uint32_t weight = 1;
    Membership membership = Membership::Active;
    friend bool operator==(const Store&, const Store&) = default;
};
BOOST_DESCRIBE_STRUCT(Store, (), (weight, membership))

using Stores = boost::container::flat_map<NodeId, Store>;

/// What a strategy says of keys, shards and nodes: a pure function of the parameters.
class Placement
{
public:
    /// The parameters are valid ones.
    explicit Placement(const Parameters&);

    /// Nothing where the key's column is in no group.
    [[nodiscard]] std::optional<Point> pointOf(std::string_view key) const;

    /// Where a row's columns lie; no columns: all of them. Columns in no group are passed over.
    [[nodiscard]] Spans pointsOfRow(const std::string& row,
                                    const std::set<std::string>& columns) const;

    /// Where the rows from `from` to before `to` lie; an empty `to` is the end.
    [[nodiscard]] Spans spansOfRows(const std::string& from, const std::string& to,
                                    const std::set<std::string>& columns) const;

    /// The stores from the start, spare ones not among them.
    [[nodiscard]] Stores initialStores() const;

    /// The map of the beginning, epoch 1.
    [[nodiscard]] Places initialPlaces() const;

    /// Who is to own the place when these stores are there. Of hashes only; none when there is no
    /// active store.
    [[nodiscard]] NodeId ownerOf(const Place& place, const Stores& stores) const;

    [[nodiscard]] const Weights& weights() const { return m_weights; }
    [[nodiscard]] const std::vector<std::vector<std::string>>& groups() const { return m_groups; }

private:
    struct Token
    {
        Point at;
        NodeId node;
    };

    [[nodiscard]] std::vector<std::size_t> groupsWith(const std::set<std::string>& columns) const;
    [[nodiscard]] NodeId nextToken(const Place&, const Stores&) const;
    [[nodiscard]] static NodeId highestScore(const Place&, const Stores&);
    [[nodiscard]] static NodeId byRemainder(const Place&, const Stores&);

    Parameters m_parameters;
    Weights m_weights;
    std::vector<std::vector<std::string>> m_groups;
    std::map<std::string, std::size_t, std::less<>> m_groupOf; ///< by column
    std::vector<Token> m_tokens; ///< of all nodes that may ever be there, clockwise
};

/// How high a node's claim to a slot is: the highest owns it. Weights as of Schindelhauer and
/// Schomaker 2005.
double rendezvousScore(NodeId node, ShardId slot, std::uint32_t weight);

constexpr auto tones(describe::Tag<Membership>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{EnumeratorTone{"Active", Tone::Good}, EnumeratorTone{"Draining", Tone::Busy},
                      EnumeratorTone{"Lost", Tone::Bad}};
}

} // namespace lightcone::protocols::partitioning
