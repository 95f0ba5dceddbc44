#include "tests/engine/protocols/raft/cluster.h"
#include "tests/engine/protocols/raft/server.h"

#include <gtest/gtest.h>

// What clients see: redirects, sessions and reads (the dissertation's chapter 6, the paper's
// section 8); and the machine as a described value.
namespace lightcone::protocols::raft {
namespace {

using namespace std::chrono_literals;

Parameters reading(ReadMode mode)
{
    auto parameters = Server::quiet();
    parameters.readMode = mode;
    return parameters;
}

Server leaderWith(const Parameters& parameters)
{
    Server leader(1, parameters);
    leader.lead();
    for (const auto node : {2U, 3U}) {
        leader.receive(node, Appended{1, true, 1, 0, 0, 1});
    }
    return leader;
}

// Paper §8: "If the client's first choice is not the leader, that server will reject the client's
// request and supply information about the most recent leader it has heard from".
TEST(PaperClients, AFollowerNamesTheLeader)
{
    Server follower;
    EXPECT_EQ(follower.redirect(follower.ask(kv::Put{"x", "1"})), NodeId());
    follower.receive(3, AppendEntries{1, 0, 0, {}, 0, 1});
    EXPECT_EQ(follower.redirect(follower.ask(kv::Put{"x", "1"})), NodeId(3));
    follower.wait(10s);
    EXPECT_EQ(follower.redirect(follower.ask(kv::Get{"x"})), NodeId()) << "that is long ago";
}

// §8: "If it receives a command whose serial number has already been executed, it responds
// immediately without re-executing the request."
TEST(PaperClients, ARetryIsExecutedOnce)
{
    auto leader = leaderWith(Server::quiet());
    const auto id = leader.ask(kv::Cas{"x", std::nullopt, "1"});
    leader.askAgain(id, kv::Cas{"x", std::nullopt, "1"});
    leader.receive(2, Appended{1, true, 3, 0, 0, 1});
    leader.receive(3, Appended{1, true, 3, 0, 0, 1});
    const auto replies = leader.replies();
    ASSERT_EQ(replies.size(), 2U);
    for (const auto& reply : replies) {
        EXPECT_EQ(std::get<kv::Result>(node::payloadAs<Reply>(*reply.body)).outcome,
                  kv::Outcome::Done)
            << "the second would be a mismatch";
    }
}

TEST(Clients, ALeaderThatStepsDownSendsWaitingClientsOn)
{
    auto leader = leaderWith(Server::quiet());
    const auto id = leader.ask(kv::Put{"x", "1"});
    const auto read = leader.ask(kv::Get{"x"});
    leader.receive(4, AppendEntries{2, 1, 1, logOf({2}), 0, 1});
    EXPECT_EQ(leader.redirect(id), NodeId(4));
    EXPECT_EQ(leader.redirect(read), NodeId(4));
}

// §8: "each leader [commits] a blank no-op entry into the log at the start of its term."
TEST(PaperClients, ALeaderBeginsItsTermWithANoOp)
{
    Server leader;
    leader.lead();
    ASSERT_EQ(leader.machine().log().size(), 1U);
    EXPECT_EQ(leader.machine().log()[0], (Entry{1, {}, NoOp{}}));
}

// §8: "a leader must check whether it has been deposed before processing a read-only request ...
// by having the leader exchange heartbeat messages with a majority of the cluster before responding
// to read-only requests."
TEST(PaperClients, AReadWaitsForAHeartbeatRoundThatBeganAfterIt)
{
    auto leader = leaderWith(reading(ReadMode::ReadIndex));
    const auto id = leader.ask(kv::Get{"x"});
    EXPECT_TRUE(leader.replies().empty());
    const auto round = leader.sentTo<AppendEntries>(2)->round;
    leader.receive(2, Appended{1, true, 1, 0, 0, round - 1});
    leader.receive(3, Appended{1, true, 1, 0, 0, round - 1});
    EXPECT_TRUE(leader.replies().empty()) << "those answer an earlier round";
    leader.receive(2, Appended{1, true, 1, 0, 0, round});
    EXPECT_TRUE(leader.replies().empty());
    leader.receive(3, Appended{1, true, 1, 0, 0, round});
    EXPECT_EQ(leader.answer<kv::Result>(id)->outcome, kv::Outcome::NotFound);
}

// Dissertation §6.4, step 1: no read before an entry of the leader's term is committed.
TEST(PaperClients, AReadWaitsForTheFirstCommitOfTheTerm)
{
    Server leader;
    leader.lead();
    const auto id = leader.ask(kv::Get{"x"});
    for (const auto round : {1U, 2U}) {
        leader.receive(2, Appended{1, true, 0, 0, 0, round});
        leader.receive(3, Appended{1, true, 0, 0, 0, round});
        EXPECT_TRUE(leader.replies().empty());
    }
    leader.receive(2, Appended{1, true, 1, 0, 0, 2});
    leader.receive(3, Appended{1, true, 1, 0, 0, 2});
    EXPECT_TRUE(leader.answer<kv::Result>(id).has_value());
}

// Dissertation §6.4: "Amortize the cost over any number of read-only queries".
TEST(Clients, ReadsThatComeMeanwhileShareTheNextRound)
{
    auto leader = leaderWith(reading(ReadMode::ReadIndex));
    const auto first = leader.ask(kv::Get{"x"});
    const auto round = leader.sentTo<AppendEntries>(2)->round;
    leader.ask(kv::Get{"x"});
    EXPECT_TRUE(leader.sent<AppendEntries>().empty());
    leader.ask(kv::Get{"x"});
    leader.receive(2, Appended{1, true, 1, 0, 0, round});
    leader.receive(3, Appended{1, true, 1, 0, 0, round});
    EXPECT_TRUE(leader.answer<kv::Result>(first).has_value());
    EXPECT_EQ(leader.replies().size(), 1U);
    EXPECT_EQ(leader.sentTo<AppendEntries>(2)->round, round + 1);
    leader.receive(2, Appended{1, true, 1, 0, 0, round + 1});
    leader.receive(3, Appended{1, true, 1, 0, 0, round + 1});
    EXPECT_EQ(leader.replies().size(), 2U);
}

// Dissertation §6.4.1: the lease lasts from the begin of a confirmed round for an election timeout
// divided by the bound on clock drift.
TEST(PaperClients, ALeaseAnswersReadsAtOnceWhileItLasts)
{
    auto parameters = reading(ReadMode::Lease);
    parameters.leaseDriftBound = 1.5;
    auto leader = leaderWith(parameters);
    leader.wait(99ms);
    EXPECT_TRUE(leader.answer<kv::Result>(leader.ask(kv::Get{"x"})).has_value());
    leader.wait(1ms);
    EXPECT_FALSE(leader.answer<kv::Result>(leader.ask(kv::Get{"x"})).has_value());
}

TEST(Clients, ALeaderThatHandsOverGivesUpItsLease)
{
    auto leader = leaderWith(reading(ReadMode::Lease));
    EXPECT_TRUE(leader.answer<kv::Result>(leader.ask(kv::Get{"x"})).has_value());
    leader.ask(TransferLeadership{NodeId(2)});
    ASSERT_TRUE(leader.sentTo<TimeoutNow>(2).has_value());
    leader.fire(Timer::Transfer);
    EXPECT_FALSE(leader.answer<kv::Result>(leader.ask(kv::Get{"x"})).has_value());
}

TEST(Clients, ReadsThroughTheLogAreEntries)
{
    auto leader = leaderWith(reading(ReadMode::Log));
    leader.ask(kv::Get{"x"});
    EXPECT_EQ(leader.machine().lastIndex(), 2U);
}

TEST(Clients, AClusterOfOneServesAlone)
{
    Parameters parameters;
    parameters.nodes = 1;
    for (const auto mode : {ReadMode::ReadIndex, ReadMode::Lease, ReadMode::Log}) {
        parameters.readMode = mode;
        Cluster cluster(parameters);
        cluster.ask(kv::Put{"x", "1"});
        EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
        cluster.run(300ms);
        cluster.ask(kv::Get{"x"});
        EXPECT_EQ(cluster.answeredWith<kv::Result>()->value, "1");
        cluster.act(sim::Crash{NodeId(1)});
        cluster.act(sim::Restart{NodeId(1)});
        cluster.ask(kv::Get{"x"});
        EXPECT_EQ(cluster.answeredWith<kv::Result>()->value, "1");
        EXPECT_EQ(cluster.problem(), "");
    }
}

TEST(Parameters, OutOfTheirRangeAreRefusedWithOneSentence)
{
    const auto error = [](auto change) {
        Parameters parameters;
        change(parameters);
        return raftProtocol().setup(describe::toValue(parameters)).error().message;
    };
    EXPECT_EQ(error([](auto& p) { p.nodes = 0; }),
              "nodes: expected a number from 1 to 99, found 0");
    EXPECT_EQ(error([](auto& p) { p.electionTimeoutHigh = 100ms; }),
              "electionTimeoutHigh: expected a duration from electionTimeoutLow (150 ms) to a day");
    EXPECT_EQ(error([](auto& p) {
                  p.readMode = ReadMode::Lease;
                  p.checkQuorum = false;
              }),
              "readMode: a lease needs checkQuorum, which keeps others from being elected while it "
              "lasts");
    EXPECT_EQ(error([](auto& p) { p.leaseDriftBound = 0.9; }),
              "leaseDriftBound: expected a factor from 1 to 10");
    EXPECT_EQ(error([](auto& p) { p.window = 0; }),
              "window: expected a number from 1 to 1000, found 0");
}

// A node goes on from its description exactly as it would have itself.
TEST(Described, ANodeRestoredFromItsValueGoesOnTheSame)
{
    auto settings = Cluster::steady();
    Parameters parameters;
    parameters.snapshotThreshold = 4;
    Cluster cluster(parameters, settings);
    for (int i = 0; i < 7; ++i) {
        cluster.ask(kv::Put{"x", std::to_string(i)});
        cluster.answered();
    }
    const auto setup = cluster.world().setup();
    for (const auto& sight : cluster.world().sights()) {
        const auto value = sight.node->describe();
        const auto copy = raftProtocol().restoreNode(sight.id, setup, value).value();
        EXPECT_EQ(copy->describe(), value);
        auto original = sight.node->clone();
        Dice dice(1);
        Dice same(1);
        const auto at = cluster.world().instant() + 1ms;
        node::Effects one;
        node::Effects other;
        const node::TimerId heartbeat{
            static_cast<std::uint16_t>(describe::indexOf(Timer::Heartbeat)), 0};
        original->onTimer({at, dice}, heartbeat, one);
        copy->onTimer({at, same}, heartbeat, other);
        EXPECT_EQ(one.size(), other.size());
        EXPECT_EQ(copy->describe(), original->describe());
        const auto disk = raftProtocol().restoreDisk(sight.disk->describe()).value();
        EXPECT_EQ(disk->describe(), sight.disk->describe());
    }
}

TEST(Described, TheFirstFieldsAreThoseThatPeopleLookFor)
{
    const auto& fields = raftProtocol().card().state->fields;
    const std::vector<std::string> expected{"role",  "term", "votedFor",
                                            "votes", "log",  "commitIndex"};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(fields[i].name, expected[i]);
    }
}

} // namespace
} // namespace lightcone::protocols::raft
