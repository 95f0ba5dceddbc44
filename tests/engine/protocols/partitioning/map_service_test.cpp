#include "tests/engine/protocols/partitioning/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// The map service and its operator: what is decided, what is refused, and that it comes to pass.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Parameters slotted(Strategy strategy)
{
    auto parameters = with(strategy);
    parameters.slots = 12;
    parameters.concurrentMoves = 4;
    return parameters;
}

/// s4 joins a cluster with keys; the share that was planned.
Planned join(Cluster& cluster)
{
    for (int key = 0; key < 20; ++key) {
        cluster.put(fmt::format("key{}", key), fmt::format("{}", key));
    }
    cluster.startStore(4);
    cluster.ask(Add{cluster.storeNode(4)}, 0, 2);
    const auto planned = cluster.answeredWith<Planned>(2).value_or(Planned{});
    EXPECT_TRUE(cluster.settle());
    for (int key = 0; key < 20; ++key) {
        EXPECT_EQ(cluster.valueOf(fmt::format("key{}", key)), fmt::format("{}", key));
    }
    EXPECT_EQ(cluster.problem(), "");
    return planned;
}

// Modulo 12 slots it is three quarters exactly.
TEST(Resizing, UnderModuloMovesThreeQuarters)
{
    Cluster cluster(slotted(Strategy::Modulo));
    const auto planned = join(cluster);
    EXPECT_EQ(planned.moves, 9U);
    EXPECT_NEAR(planned.share, 0.75, 0.001);
    EXPECT_NEAR(planned.least, 0.25, 0.001);
    EXPECT_FALSE(cluster.map().directory().resize.monotone);
}

TEST(Resizing, WhoWeighsMoreMustGetMore)
{
    auto parameters = slotted(Strategy::Rendezvous);
    parameters.weights = "s4=3";
    Cluster cluster(parameters);
    EXPECT_NEAR(join(cluster).least, 3 / 6.0, 0.001);
}

TEST(Resizing, UnderConsistentAndRendezvousHashingMovesNearAQuarter)
{
    for (const auto strategy : {Strategy::Consistent, Strategy::Rendezvous}) {
        auto parameters = slotted(strategy);
        parameters.slots = 64;
        parameters.tokens = 16;
        Cluster cluster(parameters);
        const auto planned = join(cluster);
        EXPECT_NEAR(planned.share, 0.25, 0.08);
        EXPECT_TRUE(cluster.map().directory().resize.monotone);
        std::uint64_t moved = 0;
        for (const auto& place : cluster.map().directory().places) {
            moved += place.owner == cluster.storeNode(4) ? 1 : 0;
        }
        EXPECT_EQ(moved, planned.moves);
    }
}

TEST(Resizing, CountsTheKeysThatMoved)
{
    Cluster cluster(slotted(Strategy::Modulo));
    join(cluster);
    const auto& shards = cluster.store(4).holdings().shards;
    std::uint64_t here = 0;
    for (const auto& [id, shard] : shards) {
        here += shard.standing == Standing::Owned ? shard.entries.size() : 0;
    }
    EXPECT_GE(cluster.map().directory().resize.keys, here);
    EXPECT_LE(cluster.map().directory().resize.keys, 20U);
}

class AnyStrategy : public testing::TestWithParam<Strategy>
{
};

INSTANTIATE_TEST_SUITE_P(All, AnyStrategy,
                         testing::Values(Strategy::Range, Strategy::Modulo, Strategy::Consistent,
                                         Strategy::Rendezvous, Strategy::Column));

TEST_P(AnyStrategy, ADrainedNodeHasNothingLeft)
{
    auto parameters = slotted(GetParam());
    parameters.bounds = "g n t";
    Cluster cluster(parameters);
    for (char key = 'a'; key <= 'z'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    cluster.ask(Drain{cluster.storeNode(1)}, 0, 2);
    EXPECT_GT(cluster.answeredWith<Planned>(2).value_or(Planned{}).moves, 0U);
    EXPECT_TRUE(cluster.settle());
    for (const auto& [id, shard] : cluster.store(1).holdings().shards) {
        EXPECT_NE(shard.standing, Standing::Owned) << id;
    }
    cluster.crash(cluster.storeNumber(1));
    for (char key = 'a'; key <= 'z'; ++key) {
        EXPECT_EQ(cluster.valueOf(std::string(1, key)), "1");
    }
    EXPECT_EQ(cluster.problem(), "");
}

TEST_P(AnyStrategy, ANodeThatJoinsGetsItsShare)
{
    auto parameters = slotted(GetParam());
    parameters.bounds = "c g k n r t w y";
    Cluster cluster(parameters);
    for (char key = 'a'; key <= 'z'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    cluster.run(200ms); // until it is known how much there is
    cluster.startStore(4);
    cluster.ask(Add{cluster.storeNode(4)}, 0, 2);
    const auto planned = cluster.answeredWith<Planned>(2).value_or(Planned{});
    EXPECT_TRUE(cluster.settle());
    const bool full = GetParam() == Strategy::Column; // Three groups on three nodes stay.
    EXPECT_EQ(planned.moves > 0, !full);
    std::size_t owned = 0;
    for (const auto& place : cluster.map().directory().places) {
        owned += place.owner == cluster.storeNode(4) ? 1 : 0;
    }
    EXPECT_EQ(owned > 0, !full);
    EXPECT_EQ(cluster.problem(), "");
}

TEST(Operator, IsToldWhatCannotBeDone)
{
    Cluster cluster(twoRanges());
    const auto refusalOf = [&](Request request) {
        cluster.ask(std::move(request), 0, 2);
        return cluster.refusal(2);
    };
    const auto s1 = cluster.storeNode(1);
    EXPECT_EQ(refusalOf(Add{s1}), "s1 takes part already");
    EXPECT_EQ(refusalOf(Add{NodeId(1)}), "expected a storage node, from s1 to s4");
    EXPECT_EQ(refusalOf(Drain{cluster.storeNode(4)}), "s4 takes no part, or is drained already");
    EXPECT_EQ(refusalOf(Move{9, s1}), "there is no shard 9: the newest is 2");
    EXPECT_EQ(refusalOf(Move{1, cluster.storeNode(4)}), "s4 takes no shards: add it first");
    EXPECT_EQ(refusalOf(Split{7, std::nullopt}), "there is no shard 7: the newest is 2");
    EXPECT_EQ(refusalOf(Split{1, "z"}), "expected a row inside of [, m), found 'z'");
    EXPECT_EQ(refusalOf(Merge{2}), "shard 2 has none to its right");
    EXPECT_EQ(refusalOf(Merge{8}), "there is no shard 8: the newest is 2");
    EXPECT_THAT(refusalOf(Lose{s1}), HasSubstr("without leases (lease=0)"));
    EXPECT_TRUE(cluster.done(Drain{s1}, 2));
    EXPECT_TRUE(cluster.settle());
    EXPECT_TRUE(cluster.done(Drain{cluster.storeNode(2)}, 2));
    EXPECT_TRUE(cluster.settle());
    EXPECT_EQ(refusalOf(Drain{cluster.storeNode(3)}), "s3 is the last storage node");
}

TEST(Operator, OnlyRangesAreSplitAndMerged)
{
    Cluster cluster(slotted(Strategy::Modulo));
    cluster.ask(Split{1, std::nullopt}, 0, 2);
    EXPECT_EQ(cluster.refusal(2), "only ranges are split (strategy=range)");
    cluster.ask(Merge{1}, 0, 2);
    EXPECT_EQ(cluster.refusal(2), "only ranges are merged (strategy=range)");
}

TEST(Operator, IsAnsweredTheSameWhenTheAnswerWasLost)
{
    auto parameters = twoRanges();
    Process map(3, parameters);
    const auto id = map.ask(Split{1, "c"});
    const auto planned = map.answer<Planned>(id);
    ASSERT_TRUE(planned);
    map.start();
    map.askAgain(id, Split{1, "c"});
    ASSERT_TRUE(map.answer<Planned>(id));
    EXPECT_EQ(map.answer<Planned>(id)->version, planned->version);
    EXPECT_EQ(map.machine().directory().changes.size(), 1U);
}

TEST(Ranges, AreSplitWhereTheOperatorSaysAndMergedAgain)
{
    Cluster cluster(twoRanges());
    for (const auto* key : {"a", "b", "c", "d"}) {
        cluster.put(key, "1");
    }
    EXPECT_TRUE(cluster.done(Split{1, "c"}, 2));
    EXPECT_TRUE(cluster.settle());
    ASSERT_EQ(cluster.map().directory().places.size(), 3U);
    EXPECT_EQ(cluster.map().directory().places[1].begin, "c");
    EXPECT_EQ(cluster.valueOf("d"), "1");
    EXPECT_EQ(cluster.store(1).holdings().shards.at(3).entries.size(), 2U);
    EXPECT_TRUE(cluster.done(Move{3, cluster.storeNode(3)}, 2));
    EXPECT_TRUE(cluster.settle());
    EXPECT_TRUE(cluster.done(Merge{1}, 2));
    EXPECT_TRUE(cluster.settle());
    ASSERT_EQ(cluster.map().directory().places.size(), 2U);
    EXPECT_EQ(cluster.store(1).holdings().shards.at(1).entries.size(), 4U);
    EXPECT_EQ(cluster.valueOf("d"), "1");
    EXPECT_EQ(cluster.problem(), "");
}

// Chang et al. 2006, §5: a table begins as one tablet and is split as it grows.
TEST(Ranges, GrowIntoMoreAndShrinkIntoFewer)
{
    auto parameters = with(Strategy::Range);
    parameters.splitKeys = 6;
    parameters.mergeKeys = 3;
    Cluster cluster(parameters);
    for (char key = 'a'; key <= 'z'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    EXPECT_TRUE(cluster.until([&] { return cluster.map().directory().places.size() >= 5; }, 5s));
    for (char key = 'a'; key <= 'z'; ++key) {
        EXPECT_TRUE(cluster.done(kv::Delete{std::string(1, key)}));
    }
    EXPECT_TRUE(cluster.until([&] { return cluster.map().directory().places.size() == 1; }, 5s));
    EXPECT_EQ(cluster.problem(), "");
}

TEST(Ranges, AreSplitWhereTheyAreAskedMost)
{
    auto parameters = with(Strategy::Range);
    parameters.splitLoad = 60;
    Cluster cluster(parameters);
    sim::Load load;
    load.clients = {clientId(1)};
    for (const auto* key : {"x", "y"}) {
        load.bodies.push_back(node::makePayload<Request>(kv::Get{key}));
    }
    cluster.act(load);
    EXPECT_TRUE(cluster.until([&] { return cluster.map().directory().places.size() == 2; }, 2s));
    EXPECT_EQ(cluster.map().directory().places[1].begin, "y");
    cluster.run(2s);
    EXPECT_EQ(cluster.map().directory().places.size(), 2U) << "one row cannot be divided";
}

TEST(Ranges, MoveByThemselvesToWhoIsAskedLess)
{
    auto parameters = with(Strategy::Range);
    parameters.bounds = "c e g";
    parameters.nodes = 2;
    parameters.balance = true;
    Cluster cluster(parameters);
    cluster.done(Move{3, cluster.storeNode(2)}, 2);
    cluster.done(Move{1, cluster.storeNode(2)}, 2);
    EXPECT_TRUE(cluster.settle());
    sim::Load load;
    load.clients = {clientId(1)};
    for (const auto* key : {"a", "c", "e", "g"}) {
        load.bodies.push_back(node::makePayload<Request>(kv::Get{key}));
    }
    cluster.act(load);
    EXPECT_TRUE(cluster.until([&] { return cluster.ownerOf(1) != cluster.ownerOf(3); }, 3s));
    cluster.run(500ms);
    EXPECT_LT(cluster.map().skew(), 1.3);
}

TEST(Leases, ALostNodesShardsBeginEmptyElsewhere)
{
    auto parameters = twoRanges();
    parameters.lease = 300ms;
    Cluster cluster(parameters);
    cluster.put("a", "1");
    cluster.put("x", "1");
    cluster.crash(cluster.storeNumber(1));
    EXPECT_TRUE(cluster.done(Lose{cluster.storeNode(1)}, 2));
    EXPECT_TRUE(cluster.until([&] { return cluster.ownerOf(1) != cluster.storeNode(1); }, 2s));
    EXPECT_EQ(cluster.valueOf("a"), "none");
    EXPECT_EQ(cluster.valueOf("x"), "1");
    cluster.put("a", "2");
    EXPECT_EQ(cluster.valueOf("a"), "2");
    EXPECT_EQ(cluster.problem(), "");
}

// Who is lost may be alive and not know it: it stops when its lease is over, before others begin.
TEST(Leases, ALostNodeThatIsAliveServesNoMore)
{
    auto parameters = twoRanges();
    parameters.lease = 300ms;
    Cluster cluster(parameters);
    cluster.put("a", "1");
    cluster.split({{1, 4}, {2, 3, 5, 6}}); // r1 and s1 on one side
    EXPECT_TRUE(cluster.until([&] {
        cluster.ask(Lose{cluster.storeNode(1)}, cluster.mapNumber(), 2);
        return cluster.answered(2).answer == node::Answer::Done;
    }));
    cluster.ask(kv::Get{"a"}, 1, 1);
    EXPECT_TRUE(cluster.until([&] { return cluster.ownerOf(1) != cluster.storeNode(1); }, 2s));
    cluster.ask(kv::Put{"a", "2"}, 2, 2);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    cluster.run(1s);
    cluster.heal();
    EXPECT_EQ(cluster.valueOf("a"), "2");
    EXPECT_EQ(cluster.problem(), "");
}

TEST(Leases, ANodeWithoutOneAnswersNothing)
{
    auto parameters = twoRanges();
    parameters.lease = 300ms;
    Process store(4, parameters);
    const Do get{{clientId(1), 1}, NodeId(1), 1, 1, kv::Get{"a"}};
    store.receive(1, get);
    EXPECT_TRUE(store.sent<Done>().empty());
    store.receive(3, Heard{1, 1});
    store.receive(1, get);
    EXPECT_EQ(store.sent<Done>().size(), 1U);
    store.wait(299ms);
    store.receive(1, get);
    EXPECT_EQ(store.sent<Done>().size(), 1U);
    store.wait(1ms);
    store.receive(1, get);
    EXPECT_TRUE(store.sent<Done>().empty());
}

TEST(Moves, KeepWithinTheirLimit)
{
    auto parameters = slotted(Strategy::Modulo);
    parameters.slots = 24;
    parameters.concurrentMoves = 3;
    Cluster cluster(parameters);
    cluster.startStore(4);
    cluster.ask(Add{cluster.storeNode(4)}, 0, 2);
    std::size_t most = 0;
    EXPECT_TRUE(cluster.until(
        [&] {
            most = std::max(most, cluster.map().directory().changes.size());
            return most > 0 && cluster.settled();
        },
        5s));
    EXPECT_EQ(most, 3U);
    EXPECT_EQ(cluster.problem(), "");
}

} // namespace
} // namespace lightcone::protocols::partitioning
