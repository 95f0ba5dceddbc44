#include "tests/engine/protocols/replication/cluster.h"

#include <gtest/gtest.h>

#include <set>

namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;

Version versionOf(std::uint32_t node, std::uint64_t number, const std::string& value,
                  const Siblings& seen = {}, Duration at = {})
{
    Version version;
    version.dot = {NodeId(node), number};
    version.context = contextOf(seen);
    version.at = Instant(at);
    version.value = value;
    return version;
}

TEST(ReplicationClock, KeepsGapsUntilTheyAreFilled)
{
    Clock clock;
    clock.add(Dot{NodeId(1), 2});
    EXPECT_TRUE(clock.has({NodeId(1), 2}));
    EXPECT_FALSE(clock.has({NodeId(1), 1}));
    clock.add(Dot{NodeId(1), 1});
    EXPECT_TRUE(clock.beyond.empty());
    EXPECT_EQ(clock.upTo.at(NodeId(1)), 2U);
}

TEST(ReplicationClock, MergesWhatStandsBeyondAGap)
{
    Clock low;
    low.add(Dot{NodeId(1), 1});
    low.add(Dot{NodeId(1), 3});
    Clock high;
    high.add(Dot{NodeId(1), 1});
    high.add(Dot{NodeId(1), 2});
    low.add(high);
    EXPECT_EQ(low.upTo.at(NodeId(1)), 3U);
    EXPECT_TRUE(low.beyond.empty());
}

TEST(ReplicationVersions, TwoWritesThroughOneCoordinatorDoNotHideEachOther)
{
    // A plain vector clock would say that {n1:2} has seen {n1:1}.
    Siblings siblings{versionOf(1, 1, "a")};
    EXPECT_TRUE(mergeInto(siblings, {versionOf(1, 2, "b")}, Versioning::VectorClock));
    EXPECT_EQ(valuesOf(siblings), (std::vector<std::string>{"a", "b"}));
}

TEST(ReplicationVersions, AWriteReplacesWhatItsWriterHadSeenAndNothingElse)
{
    const auto a = versionOf(1, 1, "a");
    const auto b = versionOf(2, 1, "b");
    Siblings siblings{a, b};
    mergeInto(siblings, {versionOf(3, 1, "c", {a})}, Versioning::VectorClock);
    EXPECT_EQ(valuesOf(siblings), (std::vector<std::string>{"b", "c"}));
}

TEST(ReplicationVersions, MergingIsTheSameInAnyOrderAndAnyNumberOfTimes)
{
    Dice dice(7);
    for (int round = 0; round < 200; ++round) {
        Siblings all;
        for (std::uint64_t number = 1; number <= 6; ++number) {
            Siblings seen;
            for (const auto& each : all) {
                if (dice.chance(0.4)) {
                    seen.push_back(each);
                }
            }
            all.push_back(versionOf(1 + static_cast<std::uint32_t>(dice.below(3)), number,
                                    std::to_string(number), seen, Duration(dice.below(4) * 1000)));
        }
        for (const auto versioning : {Versioning::VectorClock, Versioning::LastWriterWins}) {
            Siblings forward;
            Siblings backward;
            for (std::size_t i = 0; i < all.size(); ++i) {
                mergeInto(forward, {all[i]}, versioning);
                mergeInto(backward, {all[all.size() - 1 - i]}, versioning);
                mergeInto(backward, {all[dice.below(all.size())]}, versioning);
            }
            mergeInto(backward, all, versioning);
            ASSERT_EQ(forward, backward) << "round " << round;
            ASSERT_FALSE(mergeInto(forward, all, versioning));
        }
    }
}

TEST(ReplicationVersions, OfTwoTimestampsTheLaterWins)
{
    Siblings siblings{versionOf(1, 1, "late", {}, 20ms)};
    EXPECT_FALSE(
        mergeInto(siblings, {versionOf(2, 1, "early", {}, 10ms)}, Versioning::LastWriterWins));
    EXPECT_EQ(valuesOf(siblings), std::vector<std::string>{"late"});
}

TEST(ReplicationRing, GivesEachKeyItsNodesAndAllOthersAfterThem)
{
    const HashRing ring(5, 3);
    std::set<std::uint32_t> ranges;
    for (int i = 0; i < 100; ++i) {
        const auto key = std::to_string(i);
        const auto range = ring.rangeOf(key);
        ranges.insert(range);
        const auto walk = ring.walk(range);
        EXPECT_EQ(std::set<NodeId>(walk.begin(), walk.end()).size(), 5U);
        for (std::size_t place = 0; place < walk.size(); ++place) {
            EXPECT_EQ(ring.keeps(walk[place], range), place < 3);
        }
    }
    EXPECT_EQ(ranges.size(), 5U);
}

TEST(ReplicationMerkleTree, DiffersOnThePathToWhatDiffersAndNowhereElse)
{
    const HashRing ring(1, 1);
    Versions mine;
    for (int i = 0; i < 40; ++i) {
        mine[std::to_string(i)] = {versionOf(1, 1, "v")};
    }
    auto theirs = mine;
    theirs["17"] = {versionOf(1, 2, "w")};
    const MerkleTree a(mine, ring, 0, 4);
    const MerkleTree b(theirs, ring, 0, 4);
    const auto leaf = MerkleTree::leafOf("17", 4);
    for (std::uint64_t place = 1; place < 32; ++place) {
        bool above = false;
        for (auto up = leaf; up > 0; up /= 2) {
            above = above || up == place;
        }
        EXPECT_EQ(a.hashAt(place) != b.hashAt(place), above) << place;
        EXPECT_EQ(a.isLeaf(place), place >= 16);
    }
    EXPECT_FALSE(a.has(0));
    EXPECT_FALSE(a.has(32));
}

TEST(ReplicationParameters, SayWhatIsExpected)
{
    const auto problem = [](auto change) {
        auto parameters = quorumOf(3);
        change(parameters);
        return Replication::members(parameters).error().message;
    };
    EXPECT_EQ(problem([](auto& each) { each.nodes = 0; }),
              "nodes: expected a number from 1 to 99, found 0");
    EXPECT_EQ(problem([](auto& each) { each.n = 4; }), "n: expected a number from 1 to 3, found 4");
    EXPECT_EQ(problem([](auto& each) { each.r = 4; }), "r: expected a number from 1 to 3, found 4");
    EXPECT_EQ(problem([](auto& each) { each.heartbeat = 1s; }),
              "suspectAfter: expected more than the heartbeat (1 s), or nodes are given up that "
              "are there");
    EXPECT_EQ(problem([](auto& each) { each.leaseDriftBound = 0.5; }),
              "leaseDriftBound: expected a factor from 1 to 10");
}

} // namespace
} // namespace lightcone::protocols::replication
