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

class Cluster : public ::testing::TestWithParam<int>
{
};

TEST_P(Cluster, ElectsALeaderAndReplicates)
{
    boost::asio::io_context io;
    Loopback cluster(io, {"raft", {{"nodes", std::to_string(GetParam())}}});
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
    const auto leader = cluster.leaders().front();
    EXPECT_TRUE(cluster.runUntil([&] {
        return std::all_of(cluster.members.begin(), cluster.members.end(), [&](const auto& each) {
            return cluster.field(each.id, "store") == cluster.field(leader, "store");
        });
    }));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Cluster, ::testing::Values(3, 5));

TEST(Daemon, AnotherLeadsWhenTheLeaderIsGoneAndWhatWasAcknowledgedIsThere)
{
    boost::asio::io_context io;
    Loopback cluster(io, {"raft", {{"nodes", "3"}}});
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    AskingClient client(io, *cluster.protocol);
    ASSERT_EQ(client.ask(cluster.members[0].peer, "put x 1").answer, node::Answer::Done);
    const auto old = cluster.leaders().front();
    cluster.stop(old);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    const auto there = cluster.members[old.value % 3].peer;
    EXPECT_THAT(client.ask(there, "get x").text, HasSubstr("1"));
    ASSERT_EQ(client.ask(there, "put y 2").answer, node::Answer::Done);
    cluster.start(old);
    EXPECT_EQ(cluster.daemons.at(old)->host().incarnation(), 2u);
    EXPECT_TRUE(cluster.runUntil([&] {
        return cluster.field(old, "store") == cluster.field(cluster.leaders().front(), "store");
    })) << cluster.journals[old].text();
}

} // namespace
} // namespace lightcone::live
