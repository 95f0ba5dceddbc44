#include "engine/live/daemon.h"
#include "tests/engine/live/loopback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Whole nodes on loopback, in this process: real sockets, real disks.
namespace lightcone::live {
namespace {

using testing::AskingClient;
using ::testing::HasSubstr;
using testing::Loopback;

struct Size
{
    std::string protocol;
    int nodes;
};

class Cluster : public ::testing::TestWithParam<Size>
{
};

TEST_P(Cluster, ElectsALeaderAndReplicates)
{
    boost::asio::io_context io;
    Loopback cluster(io, {GetParam().protocol, {{"nodes", std::to_string(GetParam().nodes)}}});
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    AskingClient client(io, *cluster.protocol);
    for (const auto& member : cluster.members) {
        const auto put = client.ask(member.peer, "put " + member.name + " 1");
        ASSERT_EQ(put.answer, node::Answer::Done) << put.text;
    }
    const auto get = client.ask(cluster.members.front().peer, "get n1");
    EXPECT_EQ(get.answer, node::Answer::Done);
    EXPECT_THAT(get.text, HasSubstr("1"));
    // Followers learn the commit index with the next heartbeat.
    EXPECT_TRUE(cluster.runUntil([&] {
        return std::all_of(cluster.members.begin(), cluster.members.end(),
                           [&](const auto& each) { return cluster.isLevelWithLeader(each.id); });
    }));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Cluster,
                         ::testing::Values(Size{"raft", 3}, Size{"raft", 5}, Size{"paxos", 3},
                                           Size{"paxos", 5}),
                         [](const auto& each) {
                             return each.param.protocol + std::to_string(each.param.nodes);
                         });

class Daemons : public ::testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(All, Daemons, ::testing::Values("raft", "paxos"),
                         [](const auto& each) { return each.param; });

TEST_P(Daemons, FollowAnotherWhenTheLeaderIsGoneAndKeepWhatWasAcknowledged)
{
    boost::asio::io_context io;
    Loopback cluster(io, {GetParam(), {{"nodes", "3"}}});
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    AskingClient client(io, *cluster.protocol);
    ASSERT_EQ(client.ask(cluster.members[0].peer, "put x 1").answer, node::Answer::Done);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    const auto old = cluster.leaders().front();
    cluster.stop(old);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    const auto there = cluster.members[old.value % 3].peer;
    EXPECT_THAT(client.ask(there, "get x").text, HasSubstr("1"));
    ASSERT_EQ(client.ask(there, "put y 2").answer, node::Answer::Done);
    cluster.start(old);
    EXPECT_EQ(cluster.daemons.at(old)->host().incarnation(), 2u);
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.isLevelWithLeader(old); }))
        << cluster.journals[old].text();
}

/// What its card shows as a sample, for whoever takes requests.
AskingClient::Reply askSample(Loopback& cluster, AskingClient& client,
                              const node::RequestCard& request)
{
    std::vector<std::string> addresses;
    for (const auto& member : cluster.members) {
        if (member.takesRequests && cluster.daemons.count(member.id) != 0) {
            addresses.push_back(member.peer);
        }
    }
    return client.ask(addresses, request.sample);
}

class EveryProtocol : public ::testing::TestWithParam<const node::Protocol*>
{
};

TEST_P(EveryProtocol, RunsLiveAndGoesOnAfterEachOfItsNodesWasStartedAgain)
{
    boost::asio::io_context io;
    Loopback cluster(io, {GetParam()->card().id, {}});
    AskingClient client(io, *cluster.protocol);
    const auto& request = GetParam()->card().requests.front();
    const auto first = askSample(cluster, client, request);
    EXPECT_EQ(first.answer, node::Answer::Done) << first.text;
    for (const auto& member : cluster.members) {
        cluster.stop(member.id);
        cluster.start(member.id);
        EXPECT_EQ(cluster.daemons.at(member.id)->host().incarnation(), 2u);
        const auto again = askSample(cluster, client, request);
        EXPECT_EQ(again.answer, node::Answer::Done)
            << "after " << member.name << " was started again: " << again.text;
    }
}

INSTANTIATE_TEST_SUITE_P(Catalog, EveryProtocol,
                         ::testing::ValuesIn(node::catalog().begin(), node::catalog().end()),
                         [](const auto& tested) { return tested.param->card().id; });

class Faulty : public ::testing::Test
{
protected:
    Faulty()
        : cluster(io, {"raft", {{"nodes", "3"}}, true, {}})
        , client(io, *cluster.protocol)
    {
        EXPECT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    }

    /// As the window does: every node is told.
    void everybody(const Disturbance& what)
    {
        for (auto& [id, daemon] : cluster.daemons) {
            ASSERT_TRUE(daemon->host().disturb(what, "test", "line"));
        }
    }

    [[nodiscard]] std::vector<std::string> addressesBut(NodeId but) const
    {
        std::vector<std::string> out;
        for (const auto& member : cluster.members) {
            if (member.id != but) {
                out.push_back(member.peer);
            }
        }
        return out;
    }

    boost::asio::io_context io;
    Loopback cluster;
    AskingClient client;
};

TEST_F(Faulty, AnIsolatedLeaderLosesItsOfficeAndComesBackAsAFollower)
{
    const auto old = cluster.leaders().front();
    everybody(IsolateNode{old});
    ASSERT_TRUE(cluster.runUntil([&] {
        const auto leaders = cluster.leaders();
        return leaders.size() == 1 && leaders.front() != old;
    }));
    ASSERT_EQ(client.ask(addressesBut(old), "put x 1").answer, node::Answer::Done);
    everybody(HealAll{});
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.isLevelWithLeader(old); }));
}

TEST_F(Faulty, APausedLeaderIsReplacedAndHearsOfItWhenItGoesOn)
{
    const auto old = cluster.leaders().front();
    ASSERT_TRUE(cluster.daemons.at(old)->host().disturb(PauseNode{old}, "test", "pause"));
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 2; }));
    ASSERT_EQ(client.ask(addressesBut(old), "put x 1").answer, node::Answer::Done);
    // It is asked while it stands still, and answers when it does not.
    std::string redirected;
    const auto silent = client.once(cluster.members[old.value - 1].peer, "get x", redirected,
                                    std::chrono::milliseconds(100));
    EXPECT_EQ(silent.answer, node::Answer::Unknown);
    ASSERT_TRUE(cluster.daemons.at(old)->host().disturb(ResumeNode{old}, "test", "resume"));
    EXPECT_TRUE(cluster.runUntil([&] {
        return cluster.field(old, "role") == "follower" && cluster.isLevelWithLeader(old);
    }));
}

TEST_F(Faulty, MessagesOfOneTypeAreDroppedInOneDirection)
{
    const auto leader = cluster.leaders().front();
    const NodeId deaf(leader.value % 3 + 1);
    everybody(AddRule{"deaf", RuleVerb::Drop, "AppendEntries", {}, deaf, 1, {}, 0});
    // It hears nothing and stands, but who hears a leader does not vote (checkQuorum).
    ASSERT_EQ(client.ask(addressesBut(deaf), "put x 1").answer, node::Answer::Done);
    const auto& feed = cluster.daemons.at(leader)->host().feed();
    std::size_t dropped = 0;
    for (const auto& entry : entriesOf(feed.read(feed.oldest(), feed.size())).value()) {
        const auto* drop = std::get_if<Dropped>(&entry.what);
        if (drop != nullptr && drop->reason == trace::DropReason::Rule) {
            EXPECT_EQ(drop->to, deaf);
            ++dropped;
        }
    }
    EXPECT_GT(dropped, 0u);
    everybody(RemoveRule{"deaf"});
    EXPECT_TRUE(cluster.runUntil([&] { return cluster.isLevelWithLeader(deaf); }));
}

TEST(Daemon, APeerThatIsNotOneIsRefusedWithTheReason)
{
    boost::asio::io_context io;
    Loopback cluster(io, {"raft", {{"nodes", "3"}}});
    const auto& card = cluster.protocol->card();
    const auto knock = [&](const std::function<void(Hello&)>& change) {
        Dial::Plan plan;
        plan.address = parseAddress(cluster.members[0].peer).value();
        plan.hello.cluster = "test";
        plan.hello.protocol = "raft";
        plan.hello.shapes = shapesOf(card);
        plan.hello.from = NodeId(2);
        plan.hello.software = "another build";
        change(plan.hello);
        std::string heard;
        std::optional<Rejection> code;
        const auto dial = Dial::start(
            io.get_executor(), plan,
            [&](const ConnectionPtr&, const Welcome&) {
                heard = "welcome";
                return nullptr;
            },
            [&](const std::string& why, std::optional<Rejection> rejected) {
                heard = why;
                code = rejected;
            });
        EXPECT_TRUE(cluster.runUntil([&] { return !heard.empty(); }));
        return std::pair(code, heard);
    };
    const auto refused = [&](Rejection code, const std::string& part,
                             const std::function<void(Hello&)>& change) {
        const auto [rejected, why] = knock(change);
        EXPECT_EQ(rejected, code) << why;
        EXPECT_THAT(why, HasSubstr(part));
    };
    EXPECT_EQ(knock([](Hello&) {}).second, "welcome");
    refused(Rejection::Cluster, "this is cluster 'test', not 'prod'",
            [](Hello& hello) { hello.cluster = "prod"; });
    refused(Rejection::Protocol, "runs raft, not 'paxos'",
            [](Hello& hello) { hello.protocol = "paxos"; });
    refused(Rejection::Build, "another build) describes raft differently",
            [](Hello& hello) { ++hello.shapes; });
    refused(Rejection::Node, "this is n1, not n3", [](Hello& hello) { hello.to = NodeId(3); });
    refused(Rejection::Node, "node 9 is not one of this node's peers",
            [](Hello& hello) { hello.from = NodeId(9); });
    refused(Rejection::Node, "node 1 is not one of this node's peers",
            [](Hello& hello) { hello.from = NodeId(1); });
    refused(Rejection::Purpose, "at the control port, not here",
            [](Hello& hello) { hello.purpose = Purpose::Control; });
}

// One value, and no leader: whoever is asked proposes.
TEST(Synod, AgreesOnOneValue)
{
    boost::asio::io_context io;
    Loopback cluster(io, {"paxos", {{"nodes", "3"}, {"mode", "single"}}});
    AskingClient client(io, *cluster.protocol);
    const auto first = client.ask(cluster.members[0].peer, "propose green");
    ASSERT_EQ(first.answer, node::Answer::Done) << first.text;
    EXPECT_THAT(first.text, HasSubstr("green"));
    cluster.stop(NodeId(1));
    EXPECT_THAT(client.ask(cluster.members[1].peer, "propose blue").text, HasSubstr("green"));
    cluster.start(NodeId(1));
    EXPECT_THAT(client.ask(cluster.members[0].peer, "inquire").text, HasSubstr("green"));
}

} // namespace
} // namespace lightcone::live
