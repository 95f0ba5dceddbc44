#include "tests/engine/protocols/partitioning/cluster.h"
#include "tests/support/watched_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each invariant is shown nodes that break it: they are told what no node would say.
namespace lightcone::protocols::partitioning {
namespace {

constexpr std::uint32_t mapService = 3;
constexpr std::uint32_t first = 4;
constexpr std::uint32_t second = 5;

class Watched : public test::Watched<Partitioning>
{
public:
    explicit Watched(const std::string& invariant, const Parameters& parameters = twoRanges())
        : test::Watched<Partitioning>(partitioningProtocol(), setupOf(parameters), invariant)
    {
    }

    /// r1 knows the map of the beginning.
    void route(const Parameters& parameters = twoRanges())
    {
        receive(1, mapService, NewMap{1, Placement(parameters).initialPlaces()});
    }

    /// The client puts a key through r1, s1 executes it, and it is acknowledged.
    void put(const std::string& key, const std::string& value)
    {
        const auto id = ask(1, kv::Put{key, value});
        receive(first, 1, Do{id, NodeId(1), 1, 1, kv::Put{key, value}});
        receive(1, first, Done{id, 1, 1, {kv::Outcome::Done, {}}});
    }

    /// The disk of a node has that, and the node does not know.
    void write(std::uint32_t number, Write record)
    {
        disk(number).apply(*node::makePayload<Write>(std::move(record)));
    }
};

Copy wholeShard(Cells cells, Epoch number = 2)
{
    return {number, 1, "", "m", 1, 0, std::move(cells), true, {}};
}

TEST(PartitioningInvariants, FreshReads)
{
    Watched watched("fresh reads");
    watched.route();
    watched.put("a", "1");
    auto id = watched.ask(1, kv::Get{"a"});
    watched.receive(first, 1, Do{id, NodeId(1), 1, 1, kv::Get{"a"}});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(second, first, wholeShard({})); // s2 is given the shard without a
    id = watched.ask(1, kv::Get{"a"});
    watched.receive(second, 1, Do{id, NodeId(1), 1, 2, kv::Get{"a"}});
    EXPECT_EQ(watched.problem(), "s2 answers that a holds nothing, but 1 was acknowledged");
}

TEST(PartitioningInvariants, WholeScans)
{
    Watched watched("whole scans");
    watched.route();
    watched.put("a", "1");
    auto id = watched.ask(1, Scan{"", "c", {}});
    watched.receive(1, first, Gathered{id, {{"", "m"}}, {{"a", "1"}}});
    EXPECT_EQ(watched.problem(), "");
    id = watched.ask(1, Scan{"", "c", {}});
    watched.receive(1, first, Gathered{id, {{"", "m"}}, {}});
    EXPECT_EQ(watched.problem(),
              "r1's scan says that a holds nothing, but 1 was acknowledged before it began");
}

TEST(PartitioningInvariants, OnceOnly)
{
    Watched watched("once only");
    watched.route();
    watched.put("a", "1");
    watched.receive(first, 1, Do{{clientId(1), 1}, NodeId(1), 1, 1, kv::Put{"a", "1"}});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(second, first, wholeShard({})); // without the clients' sessions
    watched.receive(second, 1, Do{{clientId(1), 1}, NodeId(1), 1, 2, kv::Put{"a", "1"}});
    EXPECT_EQ(watched.problem(),
              "s2 executes operation 1 of c1 in shard 1, which s1 has executed in shard 1");
}

TEST(PartitioningInvariants, NothingLost)
{
    Watched watched("nothing lost");
    watched.route();
    watched.put("a", "1");
    watched.receive(first, mapService, Migrate{2, 1, NodeId(second)});
    watched.receive(first, second, Copied{2, 1, 1, 0}); // the handover leaves
    watched.receive(second, first, wholeShard({}));
    EXPECT_EQ(watched.problem(), "s2 owns shard 1 without a=1, which was handed over");
    Watched other("nothing lost");
    other.receive(second, first, wholeShard({{"z", "1"}}));
    EXPECT_EQ(other.problem(), "s2 keeps z in shard 1, which holds [, m)");
}

TEST(PartitioningInvariants, OneOwner)
{
    Watched watched("one owner");
    const Do get{{clientId(1), 1}, NodeId(1), 1, 1, kv::Get{"a"}};
    watched.receive(first, 1, get);
    EXPECT_EQ(watched.problem(), "");
    watched.receive(second, first, wholeShard({}));
    EXPECT_EQ(watched.problem(), "");
    watched.receive(first, 1, get);
    EXPECT_EQ(watched.problem(),
              "s1 answers for shard 1 as of change 1, which s2 owns since change 2");
}

TEST(PartitioningInvariants, OneOwnerAfterTheHandoverLeft)
{
    auto parameters = twoRanges();
    parameters.mistake = Mistake::OldOwnerServes;
    Watched watched("one owner", parameters);
    watched.receive(first, mapService, Migrate{2, 1, NodeId(second)});
    watched.receive(first, 1, Do{{clientId(1), 1}, NodeId(1), 1, 1, kv::Get{"a"}});
    EXPECT_EQ(watched.problem(), "s1 answers for shard 1 after it has handed it over to s2");
}

TEST(PartitioningInvariants, VersionsOnlyGrow)
{
    Watched watched("versions only grow");
    watched.route();
    auto newer = NewMap{3, Placement(twoRanges()).initialPlaces()};
    newer.places[0].epoch = 2;
    watched.receive(1, mapService, newer);
    watched.ask(1, kv::Get{"a"});
    EXPECT_EQ(watched.problem(), "");
    watched.start(1); // Its copy of the map is gone.
    watched.route();
    watched.ask(1, kv::Get{"a"});
    watched.ask(mapService, Split{1, "c"});
    watched.start(mapService);
    EXPECT_EQ(watched.problem(), "");
    watched.wipe(mapService);
    watched.start(mapService);
    EXPECT_EQ(watched.problem(), "map had version 2 on its disk and has 1");
}

TEST(PartitioningInvariants, TheMapIsWhole)
{
    Watched watched("the map is whole");
    watched.ask(mapService, Split{1, "c"});
    EXPECT_EQ(watched.problem(), "");
    // The owner says that it has split somewhere else.
    watched.receive(mapService, first, Reshaped{2, true, "p"});
    EXPECT_EQ(watched.problem(), "version 3 of the map has shard 3 from 'p' to 'm'");
}

TEST(PartitioningInvariants, LimitedMoves)
{
    auto parameters = twoRanges();
    parameters.concurrentMoves = 1;
    Watched watched("limited moves", parameters);
    watched.ask(mapService, Move{1, NodeId(second)});
    watched.ask(mapService, Move{2, NodeId(first)});
    EXPECT_EQ(watched.problem(), "") << "the second waits";
    Change move;
    move.number = 9;
    move.shard = 2;
    watched.write(mapService, BeginChange{move});
    watched.start(mapService);
    EXPECT_EQ(watched.problem(), "2 shards move at once, at most 1 may");
}

TEST(PartitioningInvariants, MonotoneResizing)
{
    for (const auto mistake : {Mistake::None, Mistake::ModuloSoldAsCheap}) {
        auto parameters = with(Strategy::Modulo);
        parameters.mistake = mistake;
        Watched watched("monotone resizing", parameters);
        watched.ask(mapService, Add{NodeId(7)});
        const bool right = mistake == Mistake::None;
        EXPECT_EQ(watched.problem(), right ? "" : "s4 joins, and shard 5 is to move from s2 to s1");
    }
}

} // namespace
} // namespace lightcone::protocols::partitioning
