#include "tests/engine/protocols/partitioning/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each invariant is shown nodes that break it: they are told what no node would say.
namespace lightcone::protocols::partitioning {
namespace {

/// All nodes of a cluster driven by hand, looked at by one invariant after each step.
class Watched
{
public:
    explicit Watched(std::string invariant, const Parameters& parameters = twoRanges())
        : m_setup(setupOf(parameters))
    {
        for (const auto& member : m_setup->members) {
            m_nodes.push_back(partitioningProtocol().makeNode(member.id, m_setup));
            m_disks.push_back(partitioningProtocol().makeDisk());
        }
        for (auto& each : partitioningProtocol().invariants(m_setup)) {
            if (each->card().name == invariant) {
                m_invariant = std::move(each);
            }
        }
        for (const auto& member : m_setup->members) {
            start(member.id.value);
        }
    }

    void start(std::uint32_t number)
    {
        m_restarted = true;
        m_nodes[number - 1] = partitioningProtocol().makeNode(NodeId(number), m_setup);
        step(number, [&](auto& node, const auto& moment, auto& effects) {
            node.onStart(moment, *m_disks[number - 1], effects);
        });
        m_restarted = false;
    }
    void receive(std::uint32_t number, std::uint32_t from, Message message)
    {
        step(number, [&](auto& node, const auto& moment, auto& effects) {
            node.onMessage(moment, NodeId(from), *node::makePayload<Message>(std::move(message)),
                           effects);
        });
    }
    RequestId ask(std::uint32_t number, Request request)
    {
        const RequestId id{clientId(1), ++m_sequence};
        step(number, [&](auto& node, const auto& moment, auto& effects) {
            node.onRequest(moment, id, *node::makePayload<Request>(std::move(request)), effects);
        });
        return id;
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

    /// The disk of a node loses everything.
    void wipe(std::uint32_t number) { m_disks[number - 1] = partitioningProtocol().makeDisk(); }
    void write(std::uint32_t number, Write record)
    {
        m_disks[number - 1]->apply(*node::makePayload<Write>(std::move(record)));
    }

    [[nodiscard]] const std::string& problem() const { return m_problem; }

private:
    template <class Function>
    void step(std::uint32_t number, Function function)
    {
        node::Effects effects;
        function(*m_nodes[number - 1], node::Moment{m_now, m_dice}, effects);
        for (const auto& effect : effects) {
            if (const auto* write = std::get_if<node::Write>(&effect)) {
                m_disks[number - 1]->apply(*write->record);
            }
        }
        std::vector<node::Sight> sights;
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            const NodeId id(static_cast<std::uint32_t>(i + 1));
            sights.push_back({id, true, m_nodes[i].get(), m_disks[i].get()});
        }
        const node::Observation seen{EventId(++m_events), m_now,    NodeId(number),
                                     m_restarted,         &effects, sights};
        if (auto broken = m_invariant->observe(seen); broken && m_problem.empty()) {
            m_problem = *broken;
        }
    }

    node::SetupPtr m_setup;
    std::vector<std::unique_ptr<node::Node>> m_nodes;
    std::vector<std::unique_ptr<node::Disk>> m_disks;
    std::unique_ptr<node::Invariant> m_invariant;
    std::string m_problem;
    Dice m_dice{1};
    Instant m_now{};
    std::uint64_t m_events = 0;
    std::uint32_t m_sequence = 0;
    bool m_restarted = false;
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
