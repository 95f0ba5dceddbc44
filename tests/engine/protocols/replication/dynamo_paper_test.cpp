#include "tests/engine/protocols/replication/cluster.h"

#include <gtest/gtest.h>

// Giuseppe DeCandia et al., Dynamo: Amazon's Highly Available Key-value Store, SOSP 2007, sentence
// by sentence.
namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;

/// A key that these three of five nodes keep: n<first> and the two after it.
std::string keyOf(std::uint32_t first)
{
    const HashRing ring(5, 3);
    for (int i = 0;; ++i) {
        const auto key = "k" + std::to_string(i);
        if (ring.keepers(ring.rangeOf(key)).front() == NodeId(first)) {
            return key;
        }
    }
}

Parameters sloppy()
{
    auto parameters = quorumOf(5);
    parameters.sloppy = true;
    parameters.antiEntropy = 100s;
    parameters.readRepair = false;
    return parameters;
}

// §4.3: "Each data item is replicated at N hosts … the N-1 clockwise successor nodes in the ring."
TEST(DynamoPaper, AKeyIsKeptByNNodesThatFollowEachOther)
{
    Cluster cluster(quorumOf(5));
    const auto key = keyOf(4);
    ASSERT_TRUE(cluster.put(key, "1"));
    cluster.run(100ms);
    for (const std::uint32_t keeper : {4, 5, 1}) {
        EXPECT_EQ(cluster.versionsAt(keeper, key), std::vector<std::string>{"1"});
    }
    for (const std::uint32_t other : {2, 3}) {
        EXPECT_TRUE(cluster.versionsAt(other, key).empty());
    }
}

// §4.5: "Any storage node in Dynamo is eligible to receive client get and put operations for any
// key."
TEST(DynamoPaper, AnyNodeCoordinates)
{
    Cluster cluster(quorumOf(5));
    for (std::uint32_t number = 1; number <= 5; ++number) {
        cluster.ask(kv::Put{"x", std::to_string(number)}, number);
        EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
        EXPECT_EQ(cluster.get("x", 6 - number), std::to_string(number));
    }
    EXPECT_EQ(cluster.problem(), "");
}

// §4.5: "If at least W-1 nodes respond then the write is considered successful." The coordinator is
// one of the N here.
TEST(DynamoPaper, AWriteIsDoneWhenWNodesHaveIt)
{
    Process coordinator(1, quorumOf(3));
    const auto id = coordinator.ask(PutOver{"x", "1", {}});
    EXPECT_EQ(coordinator.sent<StoreVersions>().size(), 2U);
    const auto number = coordinator.sent<StoreVersions>().front().second.operation;
    EXPECT_FALSE(coordinator.answer<Found>(id));
    coordinator.receive(3, Stored{number});
    ASSERT_TRUE(coordinator.answer<Found>(id));
    EXPECT_EQ(coordinator.answer<Found>(id)->written, (Dot{NodeId(1), 1}));
}

// §4.5: "for a get() request, the coordinator requests all existing versions of data for that key
// from the N highest-ranked reachable nodes …, and then waits for R responses before returning the
// result to the client. If the coordinator ends up gathering multiple versions of the data, it
// returns all the versions it deems to be causally unrelated."
TEST(DynamoPaper, AReadReturnsTheVersionsThatHadNotSeenEachOther)
{
    Version a;
    a.dot = {NodeId(2), 1};
    a.value = "a";
    Version b;
    b.dot = {NodeId(3), 1};
    b.value = "b";
    Version c;
    c.dot = {NodeId(3), 2};
    c.context.add(b.dot);
    c.value = "c";
    auto parameters = quorumOf(3, 3, 1);
    Process coordinator(1, parameters);
    const auto id = coordinator.ask(kv::Get{"x"});
    const auto number = coordinator.sent<Fetch>().front().second.operation;
    coordinator.receive(2, Fetched{number, {a, b}});
    EXPECT_FALSE(coordinator.answer<Found>(id));
    coordinator.receive(3, Fetched{number, {c}});
    ASSERT_TRUE(coordinator.answer<Found>(id));
    EXPECT_EQ(coordinator.answer<Found>(id)->values, (std::vector<std::string>{"a", "c"}));
    EXPECT_TRUE(coordinator.answer<Found>(id)->context.has(b.dot));
}

// §4.4: "The divergent versions are then reconciled and the reconciled version superseding the
// current versions is written back."
TEST(DynamoPaper, AWriteThatHadSeenTwoVersionsReplacesBoth)
{
    auto parameters = quorumOf(3, 1, 1);
    parameters.antiEntropy = 50ms;
    Cluster cluster(parameters);
    cluster.split({{1}, {2, 3}});
    cluster.ask(kv::Put{"x", "left"}, 1, 1);
    cluster.ask(kv::Put{"x", "right"}, 2, 2);
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    cluster.heal();
    ASSERT_TRUE(cluster.until([&] { return cluster.versionsAt(1, "x").size() == 2; }));
    EXPECT_EQ(cluster.get("x", 1), "left right");
    cluster.ask(kv::Put{"x", "both"}, 1, 1);
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
    for (std::uint32_t number = 1; number <= 3; ++number) {
        EXPECT_TRUE(cluster.until(
            [&] { return cluster.versionsAt(number, "x") == std::vector<std::string>{"both"}; }));
    }
}

// §4.4: "in Dynamo, when a client wishes to update an object, it must specify which version it is
// updating", by the context of an earlier read.
TEST(DynamoPaper, AWriteReplacesOnlyWhatItsContextNames)
{
    Cluster cluster(quorumOf(3));
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.run(50ms);
    const auto seen = contextOf(cluster.at(1).versions().at("x"));
    cluster.ask(PutOver{"x", "2", seen}, 1, 1);
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
    cluster.ask(PutOver{"x", "3", seen}, 1, 2);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    EXPECT_EQ(cluster.get("x"), "2 3") << "neither had seen the other";
    EXPECT_EQ(cluster.at(1).conflicts(), 1U);
    cluster.crash(1);
    cluster.restart(1);
    EXPECT_EQ(cluster.at(1).conflicts(), 1U) << "counted from the disk";
    ASSERT_TRUE(cluster.put("x", "4"));
    EXPECT_EQ(cluster.at(1).conflicts(), 0U) << "it replaces what it found";
}

// §4.6: "if node A is temporarily down or unreachable during a write operation then a replica that
// would normally have lived on A will now be sent to node D. … The replica sent to D will have a
// hint in its metadata that suggests which node was the intended recipient of the replica. … Upon
// detecting that A has recovered, D will attempt to deliver the replica to A. Once the transfer
// succeeds, D may delete the object from its local store."
TEST(DynamoPaper, HintedHandoff)
{
    Cluster cluster(sloppy());
    const auto key = keyOf(1);
    cluster.crash(3);
    cluster.ask(kv::Put{key, "1"}, 1);
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    const HintKey hint{NodeId(3), key};
    ASSERT_TRUE(cluster.until([&] { return cluster.at(4).hints().contains(hint); }));
    EXPECT_EQ(cluster.at(4).lagEntries(), 1U);
    EXPECT_TRUE(cluster.versionsAt(4, key).empty());
    cluster.restart(3);
    ASSERT_TRUE(
        cluster.until([&] { return cluster.versionsAt(3, key) == std::vector<std::string>{"1"}; }));
    ASSERT_TRUE(cluster.until([&] { return cluster.at(4).hints().empty(); }));
    EXPECT_EQ(cluster.problem(), "");
}

// §4.6: "all read and write operations are performed on the first N healthy nodes from the
// preference list, which may not always be the first N nodes encountered".
TEST(DynamoPaper, ASloppyQuorumServesWhereAStrictOneCannot)
{
    const auto key = keyOf(1);
    for (const bool isSloppy : {false, true}) {
        auto parameters = sloppy();
        parameters.sloppy = isSloppy;
        Cluster cluster(parameters);
        cluster.crash(2);
        cluster.crash(3);
        cluster.ask(kv::Put{key, "1"}, 1);
        cluster.run(300ms);
        EXPECT_EQ(cluster.outcome().has_value(), isSloppy);
        EXPECT_EQ(cluster.problem(), "");
    }
}

// §4.7: "each node maintains a separate Merkle tree for each key range … two nodes exchange the
// root of the Merkle tree corresponding to the key ranges that they host in common. … the nodes
// determine if they have any differences and perform the appropriate synchronization action."
TEST(DynamoPaper, ReplicasFindWhatDiffersByTheirTrees)
{
    auto parameters = quorumOf(3, 1, 1);
    parameters.antiEntropy = 100ms;
    parameters.readRepair = false;
    Cluster cluster(parameters);
    cluster.crash(3);
    for (int i = 0; i < 10; ++i) {
        cluster.ask(kv::Put{"k" + std::to_string(i), "1"}, 1);
        ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
    }
    cluster.run(500ms);
    cluster.restart(3);
    ASSERT_TRUE(cluster.until([&] { return cluster.at(3).versions().size() == 10; }));
    cluster.run(1s);
    const auto exchanged = cluster.sent("Exchange");
    EXPECT_GT(cluster.sent("Compare"), 0U);
    cluster.run(2s);
    EXPECT_EQ(cluster.sent("Exchange"), exchanged) << "nothing goes over where roots are alike";
    EXPECT_EQ(cluster.problem(), "");
}

// §5: "if stale versions were returned in any of the responses, the coordinator updates those nodes
// with the latest version. This process is called read repair".
TEST(DynamoPaper, ReadRepair)
{
    auto parameters = quorumOf(3);
    parameters.antiEntropy = 100s;
    Cluster cluster(parameters);
    cluster.crash(3);
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.restart(3);
    EXPECT_TRUE(cluster.versionsAt(3, "x").empty());
    EXPECT_EQ(cluster.get("x", 1), "1");
    EXPECT_TRUE(
        cluster.until([&] { return cluster.versionsAt(3, "x") == std::vector<std::string>{"1"}; }));
    EXPECT_EQ(cluster.problem(), "");
}

// §2.3 and §4.5: setting W to 1 makes a store "always writeable"; a read may then miss the newest,
// and here the coordinator finds out when the rest have answered.
TEST(DynamoPaper, AStaleReadIsNoticedAndMeasured)
{
    auto parameters = quorumOf(3, 1, 1);
    parameters.antiEntropy = 100s;
    Cluster cluster(parameters);
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.run(50ms);
    cluster.split({{1, 2}, {3}});
    cluster.ask(kv::Put{"x", "2"}, 1);
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    cluster.run(30ms);
    cluster.heal();
    EXPECT_EQ(cluster.get("x", 3), "1");
    ASSERT_TRUE(cluster.until([&] { return cluster.at(3).staleReads() == 1; }));
    EXPECT_GE(cluster.at(3).worstStaleness(), 30ms);
    EXPECT_EQ(cluster.versionsAt(3, "x"), std::vector<std::string>{"2"}) << "and repaired";
}

// §4.4 mentions "timestamp based reconciliation, last write wins": one version stays.
TEST(DynamoPaper, TheLastWriterWins)
{
    auto parameters = quorumOf(3);
    parameters.versions = Versioning::LastWriterWins;
    Cluster cluster(parameters);
    cluster.ask(kv::Put{"x", "1"}, 1, 1);
    cluster.ask(kv::Put{"x", "2"}, 2, 2);
    cluster.answered(1);
    cluster.answered(2);
    cluster.run(100ms);
    const auto kept = cluster.versionsAt(1, "x");
    EXPECT_EQ(kept.size(), 1U);
    EXPECT_EQ(cluster.versionsAt(2, "x"), kept);
    EXPECT_EQ(cluster.versionsAt(3, "x"), kept);
    EXPECT_EQ(cluster.problem(), "");
}

TEST(DynamoPaper, ADeletedKeyIsNotFoundAndStaysDeleted)
{
    Cluster cluster(quorumOf(3));
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.ask(kv::Delete{"x"});
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    EXPECT_EQ(cluster.get("x"), "none");
    cluster.run(3s);
    EXPECT_EQ(cluster.get("x"), "none");
}

} // namespace
} // namespace lightcone::protocols::replication
