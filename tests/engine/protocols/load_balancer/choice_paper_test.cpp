#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

// What the papers promise of the algorithms, sentence by sentence.
namespace lightcone::protocols::load_balancer {
namespace {

std::vector<NodeId> nodes(std::uint32_t count, std::uint32_t first = 1)
{
    std::vector<NodeId> all;
    for (std::uint32_t i = 0; i < count; ++i) {
        all.emplace_back(first + i);
    }
    return all;
}

std::vector<Candidate> candidates(const std::vector<std::uint32_t>& weights)
{
    std::vector<Candidate> all;
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
        all.push_back({NodeId(i + 1), weights[i], 0, 1});
    }
    return all;
}

std::string smoothly(const std::vector<Candidate>& from, std::size_t picks)
{
    Turn turn;
    std::string order;
    for (std::size_t i = 0; i < picks; ++i) {
        order += static_cast<char>('a' + chooseSmoothly(from, turn).value - 1);
    }
    return order;
}

// --- nginx, "Upstream: smooth weighted round-robin balancing" (2012)

// "For edge case weights like { 5, 1, 1 } we now produce { a, a, b, a, c, a, a } sequence instead
// of { c, b, a, a, a, a, a } produced previously."
TEST(SmoothWeightedPaper, FiveOneOneGivesTheSequence)
{
    EXPECT_EQ(smoothly(candidates({5, 1, 1}), 7), "aabacaa");
    EXPECT_EQ(smoothly(candidates({5, 1, 1}), 21), "aabacaaaabacaaaabacaa") << "and again";
}

// "on each peer selection we increase current_weight of each eligible peer by its weight, select
// peer with greatest current_weight and reduce its current_weight by total number of weight points
// distributed among peers": after the first pick of 5, 1, 1 that leaves -2, 1, 1.
TEST(SmoothWeightedPaper, CurrentWeightsAreTheirs)
{
    const auto from = candidates({5, 1, 1});
    Turn turn;
    const std::vector<std::vector<std::int64_t>> expected{
        {-2, 1, 1}, {-4, 2, 2}, {1, -4, 3}, {-1, -3, 4}, {4, -2, -2}, {2, -1, -1}, {0, 0, 0}};
    for (const auto& current : expected) {
        chooseSmoothly(from, turn);
        for (std::uint32_t i = 0; i < 3; ++i) {
            EXPECT_EQ(turn.current[NodeId(i + 1)], current[i]);
        }
    }
}

TEST(SmoothWeightedPaper, AnyWeightsGetTheirShareInEveryRound)
{
    Dice dice(1);
    for (int i = 0; i < 50; ++i) {
        std::vector<std::uint32_t> weights;
        std::uint32_t total = 0;
        for (std::uint64_t n = 1 + dice.below(6); n > 0; --n) {
            weights.push_back(1 + static_cast<std::uint32_t>(dice.below(9)));
            total += weights.back();
        }
        const auto order = smoothly(candidates(weights), 3 * total);
        for (std::size_t each = 0; each < weights.size(); ++each) {
            const auto name = static_cast<char>('a' + each);
            EXPECT_EQ(std::count(order.begin(), order.begin() + total, name), weights[each]);
            EXPECT_EQ(std::count(order.begin(), order.end(), name), 3 * weights[each]);
        }
    }
}

// --- Maglev (NSDI 2016), section 3.4

using Table = std::vector<NodeId>;

std::map<NodeId, std::size_t> sharesOf(const Table& table)
{
    std::map<NodeId, std::size_t> shares;
    for (const auto backend : table) {
        ++shares[backend];
    }
    return shares;
}

// "all backends take turns filling their most-preferred table positions that are still empty, until
// the lookup table is completely filled in. Hence, Maglev hashing gives an almost equal share of
// the lookup table to each of the backends": they differ by one at most.
TEST(MaglevPaper, EveryBackendHasAnAlmostEqualShareOfTheTable)
{
    for (const std::uint32_t count : {1U, 2U, 3U, 10U, 100U}) {
        const MaglevTable table(nodes(count), 2039);
        ASSERT_EQ(table.places().size(), 2039U);
        const auto shares = sharesOf(table.places());
        ASSERT_EQ(shares.size(), count);
        for (const auto& [backend, share] : shares) {
            EXPECT_TRUE(share == 2039 / count || share == 2039 / count + 1) << share;
        }
    }
}

// "minimal disruption: when the set of backends changes, a connection will likely be sent to the
// same backend as it was before."
TEST(MaglevPaper, FewPlacesChangeWhenABackendGoes)
{
    constexpr std::uint32_t count = 50;
    const auto all = nodes(count);
    const MaglevTable before(all, 5003);
    for (const std::uint32_t lost : {0U, 17U, 49U}) {
        auto rest = all;
        rest.erase(rest.begin() + lost);
        const MaglevTable after(rest, 5003);
        std::size_t moved = 0;
        for (std::size_t i = 0; i < before.places().size(); ++i) {
            const bool was = before.places()[i] == all[lost];
            EXPECT_NE(after.places()[i], all[lost]);
            moved += !was && before.places()[i] != after.places()[i] ? 1 : 0;
        }
        // §5.3 measures a few percent for a table a hundred times as large as its backends are
        // many.
        EXPECT_LT(static_cast<double>(moved), 0.06 * 5003) << "places of others that changed";
    }
}

// "Maglev hashing ... the order of backends does not matter, and every machine makes the same
// table": it depends on the backends alone.
TEST(MaglevPaper, TheSameBackendsGiveTheSameTable)
{
    const MaglevTable one(nodes(7), 251);
    const MaglevTable other(nodes(7), 251);
    EXPECT_EQ(one.places(), other.places());
}

// --- Consistent Hashing with Bounded Loads (SODA 2018)

// "no bin has load more than ⌈c·m/n⌉": over any stream of arrivals and departures.
TEST(BoundedHashPaper, NoBackendIsAboveTheBound)
{
    const Ring ring(nodes(10), 100);
    Dice dice(3);
    auto from = candidates(std::vector<std::uint32_t>(10, 1));
    Turn turn;
    Tables tables;
    tables.ring = &ring;
    std::vector<NodeId> open;
    constexpr double factor = 1.25;
    for (int i = 0; i < 5000; ++i) {
        if (!open.empty() && dice.chance(0.45)) {
            const auto which = dice.below(open.size());
            --from[open[which].value - 1].load;
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
            continue;
        }
        // One key is asked for by half of all.
        const auto key = dice.chance(0.5) ? "hot" : std::to_string(dice.below(1000));
        const auto chosen = choose(Algorithm::BoundedHash, from, key, turn, tables, factor, dice);
        open.push_back(chosen);
        const auto load = ++from[chosen.value - 1].load;
        EXPECT_LE(load, std::ceil(factor * static_cast<double>(open.size()) / 10));
    }
}

// "each ball goes to the first bin clockwise that has not reached its capacity": without load, and
// with a bound that nobody meets, that is plain consistent hashing.
TEST(BoundedHashPaper, AKeyKeepsItsBackendWhileThatHasRoom)
{
    const Ring ring(nodes(10), 100);
    auto from = candidates(std::vector<std::uint32_t>(10, 1));
    Turn turn;
    Tables tables;
    tables.ring = &ring;
    Dice dice(1);
    std::map<std::string, NodeId> homes;
    for (int i = 0; i < 200; ++i) {
        const auto key = std::to_string(i);
        homes[key] = choose(Algorithm::BoundedHash, from, key, turn, tables, 1.25, dice);
        EXPECT_EQ(homes[key], ring.find(hashOfKey(key), [](NodeId) { return true; }));
    }
    from.erase(from.begin() + 4);
    for (const auto& [key, home] : homes) {
        const auto now = choose(Algorithm::BoundedHash, from, key, turn, tables, 1.25, dice);
        EXPECT_TRUE(home == NodeId(5) || now == home) << "only the lost one's keys move";
    }
    from.front().load = 100;
    const auto next = choose(Algorithm::BoundedHash, from, "x", turn, tables, 1.25, dice);
    const auto bound = boundOf(from.front(), from, 1.25);
    EXPECT_TRUE(next != NodeId(1) || bound > 100);
}

// --- The Power of Two Choices (2001)

/// The most that is in one of n bins after n balls.
std::uint32_t fullestBin(Algorithm algorithm, std::uint32_t bins, std::uint64_t seed)
{
    auto from = candidates(std::vector<std::uint32_t>(bins, 1));
    Dice dice(seed);
    Turn turn;
    for (std::uint32_t i = 0; i < bins; ++i) {
        auto& bin = from[choose(algorithm, from, "", turn, {}, 1.25, dice).value - 1];
        ++bin.load;
        bin.cost = 1.0 + bin.load;
    }
    return std::max_element(from.begin(), from.end(),
                            [](const auto& a, const auto& b) { return a.load < b.load; })
        ->load;
}

// "when n balls are placed into n bins at random, the maximum load is (1 + o(1)) log n / log log n;
// with two choices it is log log n / log 2 + Θ(1)": 4096 balls give about 7 and about 3.
TEST(TwoChoicesPaper, TheFullestBinHoldsExponentiallyLess)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        EXPECT_GE(fullestBin(Algorithm::Random, 4096, seed), 5U);
        EXPECT_LE(fullestBin(Algorithm::TwoChoices, 4096, seed), 4U);
        EXPECT_EQ(fullestBin(Algorithm::LeastConnections, 4096, seed), 1U);
    }
}

// --- Shares

double shareOf(Algorithm algorithm, const std::vector<Candidate>& from, NodeId backend)
{
    Dice dice(11);
    Turn turn;
    int got = 0;
    constexpr int picks = 20'000;
    for (int i = 0; i < picks; ++i) {
        got += choose(algorithm, from, "", turn, {}, 1.25, dice) == backend ? 1 : 0;
    }
    return static_cast<double>(got) / picks;
}

TEST(Shares, FollowWeightsWhereTheAlgorithmKnowsThem)
{
    const auto from = candidates({5, 1, 1});
    EXPECT_NEAR(shareOf(Algorithm::WeightedRandom, from, NodeId(1)), 5.0 / 7, 0.02);
    EXPECT_NEAR(shareOf(Algorithm::SmoothWeighted, from, NodeId(1)), 5.0 / 7, 0.001);
    EXPECT_NEAR(shareOf(Algorithm::Random, from, NodeId(1)), 1.0 / 3, 0.02);
    EXPECT_NEAR(shareOf(Algorithm::RoundRobin, from, NodeId(1)), 1.0 / 3, 0.001);
}

TEST(Shares, GoToTheLeastCostByWeight)
{
    auto from = candidates({1, 1, 4});
    from[0].cost = 3;
    from[1].cost = 2;
    from[2].cost = 6;
    EXPECT_EQ(shareOf(Algorithm::LeastConnections, from, NodeId(3)), 1);
    from[2].cost = 8;
    EXPECT_NEAR(shareOf(Algorithm::LeastConnections, from, NodeId(3)), 0.5, 0.02) << "a tie";
    from[2].cost = 100;
    EXPECT_NEAR(shareOf(Algorithm::TwoChoices, from, NodeId(2)), 2.0 / 3, 0.02);
    EXPECT_EQ(shareOf(Algorithm::TwoChoices, from, NodeId(3)), 0);
}

} // namespace
} // namespace lightcone::protocols::load_balancer
