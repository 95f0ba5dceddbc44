#include "tests/engine/protocols/partitioning/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A router and its copy of the map; scans and projections.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;

NewMap beginning(const Parameters& parameters)
{
    return {1, Placement(parameters).initialPlaces()};
}

/// r1 with the map of the beginning.
Process routerWith(const Parameters& parameters)
{
    Process router(1, parameters);
    router.receive(mapService, beginning(parameters));
    return router;
}

TEST(Router, AsksForAMapFirst)
{
    Process router(1, twoRanges());
    EXPECT_TRUE(router.sentTo<AskMap>(mapService));
    router.ask(kv::Get{"a"});
    EXPECT_TRUE(router.sent<Do>().empty());
    router.receive(mapService, beginning(twoRanges()));
    EXPECT_TRUE(router.sentTo<Do>(first));
}

TEST(Router, TakesAnOperationToTheOwnerAndTheAnswerBack)
{
    auto router = routerWith(twoRanges());
    const auto id = router.ask(kv::Put{"x", "1"});
    const auto sent = router.sentTo<Do>(first + 1);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->shard, 2U);
    EXPECT_EQ(sent->epoch, 1U);
    router.receive(first + 1, Done{id, 2, 1, {kv::Outcome::Done, {}}});
    EXPECT_EQ(router.answer<kv::Result>(id)->outcome, kv::Outcome::Done);
    router.receive(first + 1, Done{id, 2, 1, {kv::Outcome::Done, {}}});
    EXPECT_TRUE(router.effects().empty()) << "it was answered before";
}

TEST(Router, GoesToTheNewOwnerWhenItIsToldOfOne)
{
    auto router = routerWith(twoRanges());
    const auto id = router.ask(kv::Get{"a"});
    router.receive(first, Moved{id, {{"", "m", 1, 5, NodeId(first + 2), {}, 0}}});
    const auto sent = router.sentTo<Do>(first + 2);
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->epoch, 5U);
    router.receive(mapService, beginning(twoRanges())); // an old one
    EXPECT_EQ(find(router.machine().places(), "a")->epoch, 5U);
}

TEST(Router, WhomNobodyCanTellMoreAsksTheMapService)
{
    auto router = routerWith(twoRanges());
    const auto id = router.ask(kv::Get{"a"});
    router.receive(first, Moved{id, {}});
    EXPECT_TRUE(router.sentTo<AskMap>(mapService));
    EXPECT_TRUE(router.sent<Do>().empty());
    auto newer = beginning(twoRanges());
    newer.version = 9;
    newer.places[0].epoch = 8;
    newer.places[0].owner = NodeId(first + 1);
    router.receive(mapService, newer);
    EXPECT_TRUE(router.sentTo<Do>(first + 1));
    EXPECT_EQ(router.machine().version(), 9U);
}

TEST(Router, ARetryOfWhatIsUnderWayWaitsForTheSameAnswer)
{
    auto router = routerWith(twoRanges());
    const auto id = router.ask(kv::Put{"a", "1"});
    router.askAgain(id, kv::Put{"a", "1"});
    EXPECT_TRUE(router.effects().empty());
}

TEST(Router, SendsOperatorsToTheMapServiceAndTheMapServiceClientsToRouters)
{
    Process router(1, twoRanges());
    EXPECT_EQ(router.redirect(router.ask(Rebalance{})), NodeId(mapService));
    Process map(mapService, twoRanges());
    EXPECT_EQ(map.redirect(map.ask(kv::Get{"a"}, 1)), NodeId(2));
    EXPECT_EQ(map.redirect(map.ask(kv::Get{"a"}, 2)), NodeId(1));
}

TEST(Router, RefusesColumnsThatAreInNoGroup)
{
    auto router = routerWith(with(Strategy::Column));
    EXPECT_EQ(router.refusal(router.ask(kv::Put{"x.colour", "red"})),
              "no group of columns has 'colour': groups are name price | text | stock");
    EXPECT_EQ(router.refusal(router.ask(Project{"x", {"colour"}})),
              "no group has any of these columns: groups are name price | text | stock");
    EXPECT_EQ(router.refusal(router.ask(Scan{"m", "c", {}})),
              "a scan needs an end behind its beginning");
}

TEST(Router, AnAnswerThatIsLongInComingIsAskedForAgain)
{
    Cluster cluster(twoRanges());
    cluster.drop("Do", 1, first);
    cluster.ask(kv::Put{"a", "1"});
    cluster.run(200ms);
    EXPECT_GE(cluster.sent("Do"), 3U);
    cluster.dropNoMore();
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    EXPECT_EQ(cluster.valueOf("a"), "1");
}

Found scanned(Cluster& cluster, Request request)
{
    cluster.ask(std::move(request));
    return cluster.answeredWith<Found>().value_or(Found{});
}

TEST(Scans, OfRangesTakeTheNodesThatHaveTheRows)
{
    Cluster cluster(twoRanges());
    for (const auto* key : {"a", "b", "n", "z"}) {
        cluster.put(key, "1");
    }
    EXPECT_EQ(scanned(cluster, Scan{"a", "c", {}}).nodes.size(), 1U);
    const auto both = scanned(cluster, Scan{"b", "o", {}});
    EXPECT_EQ(both.nodes.size(), 2U);
    EXPECT_EQ(both.cells, (Cells{{"b", "1"}, {"n", "1"}}));
    EXPECT_EQ(scanned(cluster, Scan{"", "", {}}).cells.size(), 4U);
    EXPECT_EQ(cluster.router().touching().several, 2U);
}

TEST(Scans, OfHashesTakeAllNodesAndComeBackInOrder)
{
    Cluster cluster(with(Strategy::Consistent));
    for (char key = 'a'; key < 'k'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    const auto found = scanned(cluster, Scan{"b", "e", {}});
    EXPECT_EQ(found.nodes.size(), 3U);
    EXPECT_EQ(found.cells, (Cells{{"b", "1"}, {"c", "1"}, {"d", "1"}}));
    EXPECT_TRUE(cluster.noted("has asked 3 nodes"));
}

TEST(Scans, WaitForTheSlowestNode)
{
    Cluster cluster(with(Strategy::Consistent));
    cluster.put("a", "1");
    sim::LinkChange slow;
    slow.latency = sim::LatencyModel::constant(25ms);
    cluster.act(sim::ChangeLink{NodeId(1), NodeId(first + 1), trace::Direction::Both, slow});
    scanned(cluster, Scan{"", "", {}});
    EXPECT_EQ(cluster.router().touching().took, Duration(50ms));
    EXPECT_EQ(cluster.router().touching().last, NodeId(first + 1));
}

TEST(Projections, TakeAsManyNodesAsThereAreGroupsOfColumns)
{
    Cluster cluster(with(Strategy::Column));
    cluster.put("7.name", "lamp");
    cluster.put("7.price", "20");
    cluster.put("7.text", "bright");
    cluster.put("7.stock", "3");
    cluster.put("8.price", "5");
    const auto one = scanned(cluster, Project{"7", {"name", "price"}});
    EXPECT_EQ(one.nodes.size(), 1U);
    EXPECT_EQ(one.cells, (Cells{{"7.name", "lamp"}, {"7.price", "20"}}));
    const auto three = scanned(cluster, Project{"7", {"price", "text", "stock"}});
    EXPECT_EQ(three.nodes.size(), 3U);
    EXPECT_EQ(three.cells, (Cells{{"7.price", "20"}, {"7.stock", "3"}, {"7.text", "bright"}}));
    EXPECT_EQ(scanned(cluster, Project{"7", {}}).cells.size(), 4U);
    const auto column = scanned(cluster, Scan{"", "", {"price"}});
    EXPECT_EQ(column.nodes.size(), 1U);
    EXPECT_EQ(column.cells, (Cells{{"7.price", "20"}, {"8.price", "5"}}));
}

TEST(Projections, OfOtherStrategiesTakeOneNode)
{
    for (const auto strategy : {Strategy::Range, Strategy::Consistent}) {
        Cluster cluster(with(strategy));
        cluster.put("7.name", "lamp");
        cluster.put("7.stock", "3");
        const auto found = scanned(cluster, Project{"7", {"stock", "name"}});
        EXPECT_EQ(found.nodes.size(), 1U);
        EXPECT_EQ(found.cells.size(), 2U);
    }
}

TEST(Scans, GoOnWhileTheirShardsMove)
{
    auto parameters = twoRanges();
    parameters.chunk = 1;
    Cluster cluster(parameters);
    for (const auto* key : {"a", "b", "c", "d", "n"}) {
        cluster.put(key, "1");
    }
    for (int delay = 0; delay < 30; ++delay) {
        const auto to = cluster.storeNode(delay % 2 == 0 ? 2 : 1);
        cluster.ask(Move{1, to}, 0, 2);
        cluster.run(Duration(delay * 1ms));
        EXPECT_EQ(scanned(cluster, Scan{"", "", {}}).cells.size(), 5U) << delay;
        EXPECT_TRUE(cluster.settle());
    }
    EXPECT_EQ(cluster.problem(), "");
}

} // namespace
} // namespace lightcone::protocols::partitioning
