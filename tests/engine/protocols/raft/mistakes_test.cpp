#include "tests/engine/protocols/raft/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::raft {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

Parameters plainWith(Mistake mistake)
{
    auto parameters = Cluster::plain();
    // Nobody stands by itself: elections are asked for.
    parameters.electionTimeoutLow = 100s;
    parameters.electionTimeoutHigh = 200s;
    parameters.mistake = mistake;
    return parameters;
}

// Figure 8: an entry of an old term on a majority may still be overwritten.
std::string figure8(Mistake mistake)
{
    auto parameters = plainWith(mistake);
    parameters.maxBatch = 1;
    Cluster cluster(parameters);
    EXPECT_TRUE(cluster.elect(1));
    EXPECT_TRUE(cluster.untilLeads(1));
    cluster.run(100ms);
    // (a) n1 leads and replicates index 2 to n2 only.
    cluster.split({{1, 2}, {3, 4, 5}});
    cluster.ask(kv::Put{"x", "old"}, 1);
    EXPECT_TRUE(cluster.until([&] { return cluster.at(2).lastIndex() == 2; }));
    // (b) n1 crashes; n5 is elected by n3, n4 and itself, and appends another entry there.
    cluster.act(sim::Crash{NodeId(1)});
    cluster.drop("AppendEntries", 5);
    cluster.act(sim::HealAll{});
    cluster.split({{1}, {2}, {3, 4, 5}});
    EXPECT_TRUE(cluster.elect(5));
    cluster.run(10ms); // Until its entry is on its disk.
    // (c) n5 crashes; n1 is elected and replicates its old entry to n3: it is on a majority.
    cluster.act(sim::Crash{NodeId(5)});
    cluster.act(sim::ClearRules{});
    cluster.act(sim::HealAll{});
    cluster.act(sim::Restart{NodeId(1)});
    cluster.drop("AppendEntries", 1, 4);
    EXPECT_TRUE(cluster.elect(1));
    cluster.until([&] { return cluster.at(1).matchIndex().at(NodeId(3)) == 2; });
    // (d) n1 crashes; n5 is elected by n3, n4 and itself, whose last terms are not later.
    cluster.act(sim::Isolate{NodeId(1)});
    cluster.act(sim::Crash{NodeId(1)});
    cluster.act(sim::Restart{NodeId(5)});
    for (int tries = 0; tries < 4 && cluster.problem().empty(); ++tries) {
        cluster.elect(5);
    }
    EXPECT_EQ(cluster.at(5).role(), Role::Leader);
    cluster.run(500ms);
    return cluster.problem();
}

// Two nodes vote for n1, crash, and are asked for the same term again by n5, which was away.
std::string voteTwice(Mistake mistake)
{
    Cluster cluster(plainWith(mistake));
    cluster.drop("AppendEntries");
    cluster.split({{1, 2, 3}, {4, 5}});
    EXPECT_TRUE(cluster.elect(1));
    for (const auto number : {2U, 3U}) {
        cluster.act(sim::Crash{NodeId(number)});
        cluster.act(sim::Restart{NodeId(number)});
    }
    cluster.act(sim::HealAll{});
    cluster.split({{1}, {2, 3, 4, 5}});
    cluster.campaign(5);
    cluster.run(50ms);
    return cluster.problem();
}

// The old leader is alone with a client, the others have elected a new one and go on.
std::string askTheDeposed(Mistake mistake)
{
    Cluster cluster(plainWith(mistake));
    EXPECT_TRUE(cluster.elect(1));
    cluster.ask(kv::Put{"x", "old"});
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    cluster.split({{1}, {2, 3, 4, 5}});
    cluster.campaign(2);
    EXPECT_TRUE(cluster.until([&] { return cluster.at(2).role() == Role::Leader; }));
    cluster.ask(kv::Put{"x", "new"}, 2, 2);
    EXPECT_TRUE(cluster.until([&] { return cluster.outcome(2).has_value(); }));
    cluster.ask(kv::Get{"x"}, 1, 1);
    cluster.run(300ms);
    return cluster.problem();
}

// From three to five members at once: n1 and n2 are a majority of the old ones, the rest of the
// new.
std::string joinAtOnce(Mistake mistake)
{
    auto parameters = plainWith(mistake);
    parameters.nodes = 3;
    parameters.spares = 2;
    Cluster cluster(parameters);
    cluster.act(sim::StartNode{NodeId(4)});
    cluster.act(sim::StartNode{NodeId(5)});
    EXPECT_TRUE(cluster.elect(3));
    EXPECT_TRUE(cluster.untilLeads(3));
    cluster.run(100ms);
    cluster.drop("Appended", 5);
    cluster.split({{1, 2}, {3, 4, 5}});
    cluster.ask(ChangeMembers{{NodeId(1), NodeId(2), NodeId(3), NodeId(4), NodeId(5)}}, 3);
    cluster.run(200ms);
    cluster.campaign(1);
    cluster.run(50ms);
    cluster.act(sim::ClearRules{});
    cluster.act(sim::Crash{NodeId(3)});
    cluster.act(sim::Restart{NodeId(3)});
    cluster.campaign(4);
    cluster.run(200ms);
    return cluster.problem();
}

std::string ackEarly(Mistake mistake)
{
    Cluster cluster(plainWith(mistake));
    EXPECT_TRUE(cluster.elect(1));
    cluster.run(100ms);
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    return cluster.problem();
}

// The leader's own disk is slow, and one of its two followers hears nothing.
std::string countEarly(Mistake mistake)
{
    auto parameters = plainWith(mistake);
    parameters.nodes = 3;
    parameters.grouped = true;
    Cluster cluster(parameters);
    EXPECT_TRUE(cluster.elect(1));
    EXPECT_TRUE(cluster.untilLeads(1));
    cluster.run(100ms);
    cluster.act(sim::SetDisk{NodeId(1), {sim::DiskKind::Slow, 10, 100ms, 1}});
    cluster.act(sim::Cut{NodeId(1), NodeId(3)});
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    return cluster.problem();
}

// n3 misses one entry and is sent the next.
std::string missOne(Mistake mistake)
{
    Cluster cluster(plainWith(mistake));
    EXPECT_TRUE(cluster.elect(1));
    EXPECT_TRUE(cluster.untilLeads(1));
    cluster.run(100ms);
    cluster.drop("AppendEntries", 1, 3);
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    cluster.act(sim::ClearRules{});
    cluster.ask(kv::Put{"x", "2"});
    cluster.run(500ms);
    return cluster.problem();
}

std::vector<Case> cases()
{
    return {{"commitOldTermByCounting", figure8},
            {"forgetsVote", voteTwice},
            {"readsFromDeposedLeader", askTheDeposed},
            {"unsafeMembershipChange", joinAtOnce},
            {"acknowledgesBeforeDurable", ackEarly},
            {"noConsistencyCheck", missOne},
            {"countsUnwritten", countEarly}};
}

class Mistakes : public testing::TestWithParam<Case>
{
};

TEST_P(Mistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(raftProtocol(), GetParam());
}

TEST_P(Mistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Raft, Mistakes, testing::ValuesIn(cases()), Case::name);

TEST(MistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(raftProtocol(), cases());
}

} // namespace
} // namespace lightcone::protocols::raft
