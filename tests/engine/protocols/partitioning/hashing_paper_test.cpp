#include "tests/engine/protocols/partitioning/cluster.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

// What the papers promise of hashing keys to nodes, a test for each promise.
namespace lightcone::protocols::partitioning {
namespace {

constexpr int manyKeys = 4000;

Parameters wide(Strategy strategy, std::uint32_t nodes, std::uint32_t spares = 1)
{
    auto parameters = with(strategy);
    parameters.nodes = nodes;
    parameters.spares = spares;
    parameters.slots = 3600;
    parameters.tokens = 256;
    return parameters;
}

std::string keyOf(int number)
{
    return fmt::format("key{}", number);
}

/// Who owns each of many keys when these nodes take part.
class Keys
{
public:
    explicit Keys(const Parameters& parameters)
        : m_placement(parameters)
        , m_places(m_placement.initialPlaces())
        , m_stores(m_placement.initialStores())
    {
    }

    [[nodiscard]] const Stores& stores() const { return m_stores; }
    [[nodiscard]] Stores joinedBy(NodeId node) const
    {
        auto stores = m_stores;
        stores[node] = {m_placement.weights().at(node), Membership::Active};
        return stores;
    }
    [[nodiscard]] Stores leftBy(NodeId node) const
    {
        auto stores = m_stores;
        stores[node].membership = Membership::Draining;
        return stores;
    }
    [[nodiscard]] std::map<std::string, NodeId> owners(const Stores& stores) const
    {
        std::map<std::string, NodeId> owners;
        for (int number = 0; number < manyKeys; ++number) {
            const auto key = keyOf(number);
            owners[key] = m_placement.ownerOf(*find(m_places, *m_placement.pointOf(key)), stores);
        }
        return owners;
    }
    [[nodiscard]] std::map<NodeId, int> counts(const Stores& stores) const
    {
        std::map<NodeId, int> counts;
        for (const auto& [key, owner] : owners(stores)) {
            ++counts[owner];
        }
        return counts;
    }
    /// The share of the keys that have another owner.
    [[nodiscard]] double moved(const Stores& before, const Stores& after) const
    {
        const auto was = owners(before);
        int moved = 0;
        for (const auto& [key, owner] : owners(after)) {
            moved += was.at(key) != owner ? 1 : 0;
        }
        return static_cast<double>(moved) / manyKeys;
    }

private:
    Placement m_placement;
    Places m_places;
    Stores m_stores;
};

// From three nodes to four: x mod 3 = x mod 4 for three remainders of twelve.
TEST(Modulo, MovesThreeQuartersOfTheKeysFromThreeNodesToFour)
{
    const auto parameters = wide(Strategy::Modulo, 3);
    const Keys keys(parameters);
    EXPECT_NEAR(keys.moved(keys.stores(), keys.joinedBy(storeId(parameters, 4))), 0.75, 0.02);
}

TEST(Modulo, MovesAllButOneOfTheNodesShares)
{
    for (std::uint32_t nodes = 2; nodes <= 9; ++nodes) {
        const auto parameters = wide(Strategy::Modulo, nodes);
        const Keys keys(parameters);
        // Of n (n + 1) remainders n are the same.
        const auto stays = 1.0 / (nodes + 1);
        EXPECT_NEAR(keys.moved(keys.stores(), keys.joinedBy(storeId(parameters, nodes + 1))),
                    1 - stays, 0.03)
            << nodes;
    }
}

class MinimalDisruption : public testing::TestWithParam<Strategy>
{
};

INSTANTIATE_TEST_SUITE_P(Hashing, MinimalDisruption,
                         testing::Values(Strategy::Consistent, Strategy::Rendezvous),
                         [](const auto& each) {
                             return std::string(each.param == Strategy::Consistent ? "Consistent"
                                                                                   : "Rendezvous");
                         });

// Karger et al. 1997, §4.1: a hash family is balanced if each bucket gets its share of the items.
TEST_P(MinimalDisruption, BalancesTheKeys)
{
    const Keys keys(wide(GetParam(), 5));
    for (const auto& [node, count] : keys.counts(keys.stores())) {
        EXPECT_NEAR(count, manyKeys / 5, manyKeys / 5 * 0.25) << node.value;
    }
}

// Thaler and Ravishankar 1998: the disruption is least when 1 of n + 1 items moves to a new node.
TEST_P(MinimalDisruption, AQuarterOfTheKeysMovesFromThreeNodesToFour)
{
    const auto parameters = wide(GetParam(), 3);
    const Keys keys(parameters);
    EXPECT_NEAR(keys.moved(keys.stores(), keys.joinedBy(storeId(parameters, 4))), 0.25, 0.04);
}

// Karger et al. 1997, §4.1, monotonicity: an item may move from an old bucket to a new one, but not
// from one old bucket to another.
TEST_P(MinimalDisruption, KeysMoveOnlyToANodeThatJoins)
{
    for (std::uint32_t nodes = 2; nodes <= 8; ++nodes) {
        const auto parameters = wide(GetParam(), nodes);
        const Keys keys(parameters);
        const auto joins = storeId(parameters, nodes + 1);
        const auto was = keys.owners(keys.stores());
        for (const auto& [key, owner] : keys.owners(keys.joinedBy(joins))) {
            EXPECT_TRUE(owner == was.at(key) || owner == joins) << key;
        }
    }
}

TEST_P(MinimalDisruption, KeysMoveOnlyFromANodeThatLeaves)
{
    const auto parameters = wide(GetParam(), 5);
    const Keys keys(parameters);
    const auto leaves = storeId(parameters, 2);
    const auto was = keys.owners(keys.stores());
    for (const auto& [key, owner] : keys.owners(keys.leftBy(leaves))) {
        EXPECT_TRUE(was.at(key) == leaves ? owner != leaves : owner == was.at(key)) << key;
    }
}

// DeCandia et al. 2007, §4.2: "If a node becomes unavailable … the load handled by this node is
// evenly dispersed across the remaining available nodes."
TEST_P(MinimalDisruption, WhatALeavingNodeHadIsSpreadOverAllOthers)
{
    const auto parameters = wide(GetParam(), 5);
    const Keys keys(parameters);
    const auto leaves = storeId(parameters, 2);
    const auto was = keys.owners(keys.stores());
    std::map<NodeId, int> took;
    int all = 0;
    for (const auto& [key, owner] : keys.owners(keys.leftBy(leaves))) {
        if (was.at(key) == leaves) {
            ++took[owner];
            ++all;
        }
    }
    ASSERT_EQ(took.size(), 4U);
    for (const auto& [node, count] : took) {
        EXPECT_NEAR(count, all / 4.0, all / 4.0 * 0.5) << node.value;
    }
}

// §4.2: a node that is added "accepts a roughly equivalent amount of load from each of the other
// available nodes".
TEST_P(MinimalDisruption, ANodeThatJoinsTakesAsMuchFromEach)
{
    const auto parameters = wide(GetParam(), 4);
    const Keys keys(parameters);
    const auto joins = storeId(parameters, 5);
    const auto was = keys.owners(keys.stores());
    std::map<NodeId, int> gave;
    int all = 0;
    for (const auto& [key, owner] : keys.owners(keys.joinedBy(joins))) {
        if (owner == joins) {
            ++gave[was.at(key)];
            ++all;
        }
    }
    ASSERT_EQ(gave.size(), 4U);
    for (const auto& [node, count] : gave) {
        EXPECT_NEAR(count, all / 4.0, all / 4.0 * 0.5) << node.value;
    }
}

// §4.2: "The number of virtual nodes that a node is responsible can decided based on its capacity".
TEST_P(MinimalDisruption, ANodeOfTwiceTheWeightHasTwiceTheKeys)
{
    auto parameters = wide(GetParam(), 3);
    parameters.weights = "s2=2";
    const Keys keys(parameters);
    const auto counts = keys.counts(keys.stores());
    const auto heavy = counts.at(storeId(parameters, 2));
    EXPECT_NEAR(heavy, manyKeys * 0.5, manyKeys * 0.08);
}

// §6.2, strategy 1: a few tokens a node balance badly, many do well.
TEST(Consistent, MoreTokensBalanceBetter)
{
    const auto unevenness = [](std::uint32_t tokens) {
        auto parameters = wide(Strategy::Consistent, 8);
        parameters.tokens = tokens;
        const Placement placement(parameters);
        std::map<NodeId, double> shares;
        for (const auto& place : placement.initialPlaces()) {
            shares[place.owner] += place.share;
        }
        double most = 0;
        for (const auto& [node, share] : shares) {
            most = std::max(most, share * 8);
        }
        return most;
    };
    EXPECT_GT(unevenness(1), 1.8);
    EXPECT_LT(unevenness(32), unevenness(1));
    EXPECT_LT(unevenness(256), 1.25);
}

// Thaler and Ravishankar 1998: each node's score for an object is a hash of both; the highest wins,
// whatever the others are.
TEST(Rendezvous, TheHighestScoreWins)
{
    const auto parameters = wide(Strategy::Rendezvous, 5);
    const Placement placement(parameters);
    const auto stores = placement.initialStores();
    for (const auto& place : placement.initialPlaces()) {
        for (const auto& [node, store] : stores) {
            EXPECT_GE(rendezvousScore(place.owner, place.shard, 1),
                      rendezvousScore(node, place.shard, 1));
        }
    }
}

// Karger et al. 1997, §4.1, spread and load: clients that know different sets of nodes still put a
// key on few of them.
TEST(Consistent, DifferentViewsPutAKeyOnFewNodes)
{
    const auto parameters = wide(Strategy::Consistent, 10);
    const Keys keys(parameters);
    std::map<std::string, std::set<NodeId>> spread;
    for (std::uint32_t away = 1; away <= 10; ++away) {
        for (const auto& [key, owner] : keys.owners(keys.leftBy(storeId(parameters, away)))) {
            spread[key].insert(owner);
        }
    }
    for (const auto& [key, nodes] : spread) {
        EXPECT_LE(nodes.size(), 2U) << key;
    }
}

// The picture of a run counts shares of the key space; they are the keys' shares.
TEST(Consistent, SharesOfTheCircleAreSharesOfTheKeys)
{
    const auto parameters = wide(Strategy::Consistent, 3);
    const Keys keys(parameters);
    const Placement placement(parameters);
    std::map<NodeId, double> shares;
    double all = 0;
    for (const auto& place : placement.initialPlaces()) {
        shares[place.owner] += place.share;
        all += place.share;
    }
    EXPECT_NEAR(all, 1, 1e-9);
    for (const auto& [node, count] : keys.counts(keys.stores())) {
        EXPECT_NEAR(count / static_cast<double>(manyKeys), shares.at(node), 0.03);
    }
}

} // namespace
} // namespace lightcone::protocols::partitioning
