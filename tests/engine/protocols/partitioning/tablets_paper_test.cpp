#include "tests/engine/protocols/partitioning/cluster.h"

#include <gtest/gtest.h>

#include <set>

// What the papers say of ranges: Chang et al. 2006 (Bigtable) calls them tablets, Corbett et al.
// 2012 (Spanner) moves directories of them.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;

Parameters growing()
{
    auto parameters = with(Strategy::Range);
    parameters.splitKeys = 6;
    return parameters;
}

// Bigtable §2: "The row range for a table is dynamically partitioned. Each row range is called a
// tablet, which is the unit of distribution and load balancing."
// §5: "Initially, each table consists of just one tablet. As a table grows, it is automatically
// split into multiple tablets".
TEST(Bigtable, ATableBeginsAsOneTabletAndIsSplitAsItGrows)
{
    Cluster cluster(growing());
    EXPECT_EQ(cluster.map().directory().places.size(), 1U);
    for (char key = 'a'; key <= 'z'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    cluster.run(2s);
    EXPECT_GE(cluster.map().directory().places.size(), 4U);
    for (const auto& [id, shard] : cluster.store(1).holdings().shards) {
        EXPECT_LE(shard.entries.size(), 6U) << id;
    }
}

// §2: "reads of short row ranges are efficient and typically require communication with only a
// small number of machines".
TEST(Bigtable, ReadsOfShortRowRangesTakeFewMachines)
{
    auto parameters = with(Strategy::Range);
    parameters.bounds = "e i m q u";
    Cluster cluster(parameters);
    for (char key = 'a'; key <= 'z'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    cluster.ask(Scan{"f", "h", {}});
    EXPECT_EQ(cluster.answeredWith<Found>()->nodes.size(), 1U);
    cluster.ask(Scan{"f", "j", {}});
    EXPECT_EQ(cluster.answeredWith<Found>()->nodes.size(), 2U);
}

// §2: a row is never divided between tablets, so that it is read and written in one place.
TEST(Bigtable, ARowIsNeverDivided)
{
    Cluster cluster(growing());
    for (const auto* column : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        cluster.put(fmt::format("row.{}", column), "1");
    }
    cluster.run(1s);
    EXPECT_EQ(cluster.map().directory().places.size(), 1U);
    cluster.put("sow.a", "1");
    cluster.run(1s);
    ASSERT_EQ(cluster.map().directory().places.size(), 2U);
    EXPECT_EQ(cluster.map().directory().places[1].begin, "sow");
}

// §5.1: "The client library caches tablet locations." A location that turns out to be wrong is
// looked up again, and not before.
TEST(Bigtable, LocationsAreCachedUntilTheyTurnOutToBeWrong)
{
    Cluster cluster(twoRanges());
    cluster.put("a", "1");
    const auto asked = cluster.sent("AskMap");
    for (int i = 0; i < 20; ++i) {
        cluster.put("a", fmt::format("{}", i));
    }
    EXPECT_EQ(cluster.sent("AskMap"), asked);
    cluster.done(Move{1, cluster.storeNode(2)}, 2);
    EXPECT_TRUE(cluster.settle());
    EXPECT_EQ(cluster.router().version(), 1U);
    EXPECT_EQ(cluster.valueOf("a"), "19");
    EXPECT_EQ(find(cluster.router().places(), "a")->owner, cluster.storeNode(2));
}

// §5.2: "Each tablet is assigned to one tablet server at a time."
TEST(Bigtable, EachTabletIsAssignedToOneServerAtATime)
{
    auto parameters = twoRanges();
    parameters.chunk = 1;
    Cluster cluster(parameters);
    for (const auto* key : {"a", "b", "c"}) {
        cluster.put(key, "1");
    }
    cluster.ask(Move{1, cluster.storeNode(3)}, 0, 2);
    std::set<std::size_t> owners;
    EXPECT_TRUE(cluster.until([&] {
        std::size_t count = 0;
        for (std::uint32_t store = 1; store <= 3; ++store) {
            const auto& shards = cluster.store(store).holdings().shards;
            const auto held = shards.find(1);
            count += held != shards.end() && held->second.standing == Standing::Owned ? 1 : 0;
        }
        owners.insert(count);
        return cluster.ownerOf(1) == cluster.storeNode(3);
    }));
    EXPECT_EQ(owners, (std::set<std::size_t>{0, 1})) << "one, or none while it is handed over";
}

// §5.2: a server whose lock is lost stops serving its tablets; only then are they given away.
TEST(Bigtable, AServerThatLostItsLeaseStopsServing)
{
    auto parameters = twoRanges();
    parameters.lease = 300ms;
    Cluster cluster(parameters);
    cluster.put("a", "1");
    cluster.split({{1, 4}, {2, 3, 5, 6}}); // s1 hears nothing from the map service any more
    cluster.run(400ms);
    cluster.ask(kv::Get{"a"}, 1, 1);
    cluster.run(200ms);
    EXPECT_FALSE(cluster.outcome(1)) << "it is alive, and answers nothing";
    cluster.heal();
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
}

// §6: before it hands a tablet over the source moves most of it while it still serves, so that the
// time in which nobody serves is short.
// Spanner §2.2: a move is no single transaction, "so as to avoid blocking ongoing reads and writes
// on a bulky data move"; when all but a nominal amount is moved, that amount is moved atomically.
TEST(Spanner, ABulkyMoveDoesNotBlockReadsAndWrites)
{
    auto parameters = twoRanges();
    parameters.chunk = 1;
    Cluster cluster(parameters);
    for (int key = 0; key < 60; ++key) {
        cluster.put(fmt::format("a{:02}", key), "1");
    }
    cluster.ask(Move{1, cluster.storeNode(2)}, 0, 2);
    Duration longest{};
    int writes = 0;
    while (cluster.ownerOf(1) != cluster.storeNode(2) && cluster.problem().empty()) {
        const auto begun = cluster.world().instant();
        cluster.put("a00", fmt::format("{}", writes++));
        longest = std::max(longest, cluster.world().instant() - begun);
    }
    EXPECT_GT(writes, 20) << "clients go on while sixty pieces move";
    EXPECT_LT(longest, Duration(30ms)) << "for longer than the handover nobody waits";
    EXPECT_EQ(cluster.problem(), "");
}

// Bigtable §5: the master balances the servers' load.
TEST(Bigtable, TheMasterBalancesLoad)
{
    auto parameters = with(Strategy::Range);
    parameters.bounds = "c e g i k";
    parameters.nodes = 2;
    Cluster cluster(parameters);
    for (ShardId shard = 1; shard <= 6; ++shard) {
        cluster.done(Move{shard, cluster.storeNode(1)}, 2);
        EXPECT_TRUE(cluster.settle());
    }
    for (char key = 'a'; key <= 'l'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    cluster.run(300ms);
    EXPECT_TRUE(cluster.done(Rebalance{}, 2));
    EXPECT_TRUE(cluster.settle());
    cluster.run(300ms);
    EXPECT_EQ(cluster.map().loads().at(cluster.storeNode(1)).keys, 6U);
    EXPECT_EQ(cluster.map().loads().at(cluster.storeNode(2)).keys, 6U);
}

} // namespace
} // namespace lightcone::protocols::partitioning
