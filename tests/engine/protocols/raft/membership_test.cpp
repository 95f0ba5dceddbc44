#include "engine/protocols/raft/quorum.h"
#include "tests/engine/protocols/raft/cluster.h"
#include "tests/engine/protocols/raft/server.h"

#include <gtest/gtest.h>

// Membership changes and leadership transfer: the dissertation's §4 and §3.10, the paper's
// section 6.
namespace lightcone::protocols::raft {
namespace {

using namespace std::chrono_literals;

NodeSet nodes(std::initializer_list<std::uint32_t> numbers)
{
    NodeSet set;
    for (const auto number : numbers) {
        set.insert(NodeId(number));
    }
    return set;
}

Parameters threeAndSpares()
{
    Parameters parameters;
    parameters.nodes = 3;
    parameters.spares = 2;
    return parameters;
}

// §4.3: "Agreement (for elections and entry commitment) requires majorities from both the old and
// new configurations."
TEST(PaperMembership, JointConsensusTakesBothMajorities)
{
    const Configuration joint{nodes({1, 4, 5}), nodes({1, 2, 3}), {}};
    EXPECT_FALSE(isMajority(joint, nodes({1, 4, 5})));
    EXPECT_FALSE(isMajority(joint, nodes({1, 2, 3})));
    EXPECT_FALSE(isMajority(joint, nodes({2, 3, 4})));
    EXPECT_TRUE(isMajority(joint, nodes({1, 2, 4})));
    EXPECT_TRUE(isMajority(joint, nodes({2, 3, 4, 5})));
    const auto reached = [](NodeId node) { return std::uint64_t{node.value * 10}; };
    EXPECT_EQ(agreed(joint, reached), 20U);
    EXPECT_EQ(agreed(Configuration{nodes({1, 2, 3, 4}), {}, {}}, reached), 20U);
}

// §4.1: "a server always uses the latest configuration in its log, regardless of whether the entry
// is committed"; and goes back when the entry is removed.
TEST(PaperMembership, TheLatestConfigurationInTheLogIsInForce)
{
    Server follower;
    Entries entries = logOf({1});
    entries.push_back({1, {}, Configuration{nodes({1, 2, 3}), {}, {}}});
    follower.receive(2, AppendEntries{1, 0, 0, entries, 0, 1});
    EXPECT_EQ(follower.machine().configuration().voters, nodes({1, 2, 3}));
    follower.start();
    EXPECT_EQ(follower.machine().configuration().voters, nodes({1, 2, 3})) << "after a crash too";
    follower.receive(3, AppendEntries{2, 1, 1, logOf({2}), 0, 1});
    EXPECT_EQ(follower.machine().configuration().voters, nodes({1, 2, 3, 4, 5}));
}

// §4.2.1: "the new server joins the cluster as a non-voting member", catches up, and only then
// counts.
TEST(Membership, AServerCatchesUpAndIsAddedThroughJointConsensus)
{
    Cluster cluster(threeAndSpares());
    for (int i = 0; i < 10; ++i) {
        cluster.ask(kv::Put{"x", std::to_string(i)});
        ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
    }
    cluster.act(sim::StartNode{NodeId(4)});
    EXPECT_EQ(cluster.at(4).role(), Role::Learner);
    cluster.ask(AddServer{NodeId(4)});
    const auto changed = cluster.answeredWith<MembersChanged>();
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ(changed->voters, nodes({1, 2, 3, 4}));
    EXPECT_TRUE(cluster.noted("has caught up"));
    EXPECT_TRUE(cluster.noted("enters joint consensus"));
    cluster.run(200ms);
    EXPECT_EQ(cluster.at(4).role(), Role::Follower);
    EXPECT_EQ(cluster.at(4).store(), cluster.at(1).store());
    EXPECT_EQ(cluster.problem(), "");
}

TEST(Membership, AServerThatDoesNotAnswerIsGivenUp)
{
    auto settings = Cluster::steady();
    settings.clientTimeout = 10s;
    settings.clientPatience = 20s;
    Cluster cluster(threeAndSpares(), settings);
    ASSERT_TRUE(cluster.until([&] { return cluster.at(1).leader() != NodeId(); }));
    cluster.run(100ms);
    cluster.ask(AddServer{NodeId(4)});
    EXPECT_EQ(cluster.answered().answer, node::Answer::Refused);
    EXPECT_TRUE(cluster.noted("gives up the change of members: n4 does not answer"));
    cluster.run(200ms);
    EXPECT_TRUE(cluster.at(1).configuration().learners.empty());
    EXPECT_EQ(cluster.at(1).configuration().voters, nodes({1, 2, 3}));
}

// §4.2.2: "a leader that is removed from the configuration steps down once the C_new entry is
// committed."
TEST(Membership, ARemovedLeaderStepsDownAndTheOthersGoOn)
{
    Cluster cluster{Parameters{}};
    ASSERT_TRUE(cluster.until([&] { return cluster.at(1).leader() != NodeId(); }));
    cluster.run(100ms);
    const auto leader = cluster.at(1).leader();
    cluster.ask(RemoveServer{leader});
    ASSERT_TRUE(cluster.answeredWith<MembersChanged>().has_value());
    cluster.run(1s);
    EXPECT_EQ(cluster.at(leader.value).role(), Role::Learner);
    cluster.ask(kv::Put{"x", "1"});
    const auto outcome = cluster.answered();
    EXPECT_EQ(outcome.answer, node::Answer::Done);
    EXPECT_NE(outcome.by, leader);
    EXPECT_EQ(cluster.problem(), "");
}

TEST(Membership, TheWholeSetOfVotersIsReplacedAtOnce)
{
    Cluster cluster(threeAndSpares());
    cluster.act(sim::StartNode{NodeId(4)});
    cluster.act(sim::StartNode{NodeId(5)});
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    cluster.ask(ChangeMembers{nodes({1, 4, 5})});
    ASSERT_TRUE(cluster.answeredWith<MembersChanged>().has_value());
    cluster.run(1s);
    cluster.act(sim::Crash{NodeId(2)});
    cluster.act(sim::Crash{NodeId(3)});
    cluster.ask(kv::Get{"x"});
    EXPECT_EQ(cluster.answeredWith<kv::Result>()->value, "1");
    EXPECT_EQ(cluster.problem(), "");
}

// §4.3: a leader that finds a joint configuration in its log completes the change.
TEST(Membership, TheNextLeaderCompletesAJointChange)
{
    auto parameters = threeAndSpares();
    parameters.preVote = false;
    Server server(1, parameters);
    Entries entries = logOf({1});
    entries.push_back({1, {}, Configuration{nodes({1, 2}), nodes({1, 2, 3}), {}}});
    server.receive(2, AppendEntries{1, 0, 0, entries, 0, 1});
    server.wait(1s);
    server.fire(Timer::Election);
    server.receive(2, Vote{2, true});
    ASSERT_EQ(server.machine().role(), Role::Leader);
    server.receive(2, Appended{2, true, 3, 0, 0, 1});
    EXPECT_FALSE(server.machine().configuration().joint());
    EXPECT_EQ(server.machine().configuration().voters, nodes({1, 2}));
    EXPECT_EQ(server.machine().lastIndex(), 4U);
}

TEST(Membership, WhatCannotBeDoneIsRefusedWithTheReason)
{
    Server leader(1, threeAndSpares());
    leader.fire(Timer::Election);
    leader.receive(2, PreVote{1, true});
    leader.receive(2, Vote{1, true});
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    EXPECT_EQ(leader.refusal(leader.ask(AddServer{NodeId(9)})),
              "n9 is no node of this cluster, spare or not");
    EXPECT_EQ(leader.refusal(leader.ask(ChangeMembers{})), "a cluster needs at least one voter");
    EXPECT_TRUE(leader.answer<MembersChanged>(leader.ask(AddServer{NodeId(2)})).has_value());
    leader.ask(AddServer{NodeId(4)});
    EXPECT_EQ(leader.machine().configuration().learners, nodes({4}));
    EXPECT_EQ(leader.refusal(leader.ask(AddServer{NodeId(5)})),
              "another change of members is under way");
    EXPECT_EQ(leader.refusal(leader.ask(TransferLeadership{NodeId(2)})),
              "a change of members is under way");
    EXPECT_EQ(leader.refusal(leader.ask(TransferLeadership{NodeId(9)})), "n9 does not vote");
    EXPECT_EQ(leader.refusal(leader.ask(Campaign{})), "leads already");
}

// §3.10: "the prior leader sends a TimeoutNow request to the target server."
TEST(Transfer, LeadershipGoesToTheServerThatWasNamed)
{
    Cluster cluster{Parameters{}};
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    const auto leader = cluster.at(1).leader();
    const NodeId target(leader == NodeId(3) ? 4 : 3);
    cluster.ask(TransferLeadership{target});
    EXPECT_EQ(cluster.answeredWith<LeadershipTransferred>()->leader, target);
    EXPECT_EQ(cluster.at(target.value).role(), Role::Leader);
    cluster.ask(kv::Get{"x"});
    EXPECT_EQ(cluster.answeredWith<kv::Result>()->value, "1");
    EXPECT_EQ(cluster.problem(), "");
}

// §3.10: "the prior leader brings the target's log up to date first", accepting nothing new, and
// takes leadership back after an election timeout.
TEST(Transfer, TheTargetIsBroughtUpToDateFirst)
{
    Server leader;
    leader.lead();
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.ask(kv::Put{"x", "1"});
    const auto id = leader.ask(TransferLeadership{NodeId(2)});
    EXPECT_TRUE(leader.sent<TimeoutNow>().empty());
    EXPECT_EQ(leader.armed(Timer::Transfer), 300ms);
    EXPECT_EQ(leader.redirect(leader.ask(kv::Put{"x", "2"})), NodeId(2));
    leader.receive(2, Appended{1, true, 2, 0, 0, 1});
    EXPECT_TRUE(leader.sentTo<TimeoutNow>(2).has_value());
    leader.receive(2, RequestVote{2, 2, 1, true});
    leader.receive(2, AppendEntries{2, 2, 1, logOf({2}), 0, 1});
    EXPECT_EQ(leader.answer<LeadershipTransferred>(id)->leader, NodeId(2));
}

TEST(Transfer, ALaggingTargetIsGivenUp)
{
    Server leader;
    leader.lead();
    const auto id = leader.ask(TransferLeadership{NodeId(4)});
    leader.fire(Timer::Transfer);
    EXPECT_EQ(leader.refusal(id), "n4 did not catch up in time");
    EXPECT_FALSE(leader.redirect(leader.ask(kv::Put{"x", "2"})).has_value());
    EXPECT_EQ(leader.machine().lastIndex(), 2U);
}

TEST(Transfer, TimeoutNowBeginsAnElectionThatOthersDoNotDisregard)
{
    Server target(2);
    target.receive(1, AppendEntries{1, 0, 0, {}, 0, 1});
    target.receive(1, TimeoutNow{1});
    EXPECT_EQ(target.machine().role(), Role::Candidate);
    EXPECT_TRUE(target.sentTo<RequestVote>(3)->transfer);
}

} // namespace
} // namespace lightcone::protocols::raft
