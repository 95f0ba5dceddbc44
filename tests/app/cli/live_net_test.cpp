#include "tests/app/cli/program.h"
#include "tests/engine/live/loopback.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace lightcone::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The program against three nodes in this process.
class LiveCliTest : public CliTest
{
protected:
    LiveCliTest()
        : cluster(std::make_unique<live::testing::Loopback>(
            io, live::testing::Loopback::Plan{"raft", {{"nodes", "3"}}, false, {}}))
        , alive(io.get_executor())
        , runner([this] { io.run(); })
    {
        std::string file = "cluster = \"test\"\nprotocol = \"raft\"\n";
        for (const auto& member : cluster->members) {
            addresses += (addresses.empty() ? "" : ",") + member.peer;
            file += "[[member]]\nname = \"" + member.name + "\"\npeer = \"" + member.peer + "\"\n";
        }
        put("cluster.toml", file);
    }
    ~LiveCliTest() override
    {
        io.stop();
        runner.join();
    }

    boost::asio::io_context io;
    std::unique_ptr<live::testing::Loopback> cluster;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> alive;
    std::thread runner;
    std::string addresses;
};

TEST_F(LiveCliTest, AsksACluster)
{
    const auto put = cli("request " + addresses + " put x 1");
    EXPECT_EQ(put.status, 0) << put.err;
    EXPECT_THAT(put.out, StartsWith("done by n"));
    const auto get = cli("request " + at("cluster.toml") + " get x --json");
    EXPECT_EQ(get.status, 0) << get.err;
    const auto parsed = boost::json::parse(get.out);
    EXPECT_EQ(parsed.at("answer"), "done");
    EXPECT_EQ(parsed.at("reply").at("value"), "1");
    EXPECT_GE(parsed.at("tries").to_number<int>(), 1);
    const auto words = cli("request " + addresses + " put 'a key' 'two words'");
    EXPECT_EQ(words.status, 0) << words.err;
    EXPECT_THAT(cli("request " + addresses + " get 'key=a key'").out, HasSubstr("\"two words\""));
}

TEST_F(LiveCliTest, SaysWhatIsWrongWithARequest)
{
    expectComplaint("request " + addresses, "expected a cluster and a request");
    expectComplaint("request " + addresses + " putt x 1", "put");
    expectComplaint("request " + addresses + " put x 1 --node n9", "no member is called 'n9'");
    expectComplaint("request " + addresses + " put x 1 --cluster other", "other");
    expectComplaint("request " + addresses + " put x 1 --key k.pem",
                    "expected --authority, --certificate and --key together");
    expectComplaint("request 127.0.0.1:1 put x 1", "127.0.0.1:1: nobody listens there");
    expectComplaint("request nowhere put x 1", "nowhere");
    expectComplaint("request " + at("none.toml") + " put x 1", "none.toml");
}

TEST_F(LiveCliTest, ARedirectIsAnAnswerWhereOneNodeIsAsked)
{
    ASSERT_EQ(cli("request " + addresses + " put x 1").status, 0);
    int redirected = 0;
    for (const auto* node : {"n1", "n2", "n3"}) {
        const auto outcome = cli("request " + addresses + " put x 2 --node " + std::string(node));
        redirected += outcome.status == 1 ? 1 : 0;
        EXPECT_THAT(outcome.out, HasSubstr("by " + std::string(node)));
    }
    EXPECT_EQ(redirected, 2);
}

TEST_F(LiveCliTest, LoadMeasuresAndItsHistoryIsLinearizable)
{
    const auto load = cli("load " + at("cluster.toml")
                          + " --clients 8 --operations 600 --mix 'put:3 get:3 cas:2 delete:1'"
                            " --keys 5 --distribution 'zipf 0.9' --length 32 --json --history "
                          + at("history.edn"));
    EXPECT_EQ(load.status, 0) << load.err;
    const auto parsed = boost::json::parse(load.out);
    EXPECT_EQ(parsed.at("done").to_number<int>(), 600);
    EXPECT_EQ(parsed.at("loop"), "closed");
    const auto& latency = parsed.at("latency");
    EXPECT_GT(latency.at("p50").to_number<int>(), 0);
    EXPECT_GE(latency.at("p99").to_number<int>(), latency.at("p50").to_number<int>());
    EXPECT_GE(latency.at("most").to_number<int>(), latency.at("p9999").to_number<int>());
    EXPECT_EQ(parsed.at("kinds").as_object().size(), 4U);
    EXPECT_FALSE(parsed.at("buckets").as_array().empty());
    const auto check = cli("check " + at("history.edn"));
    EXPECT_EQ(check.status, 0) << check.out << check.err;
    EXPECT_THAT(check.out, StartsWith("linearizable: 600 operations"));
}

TEST_F(LiveCliTest, LoadPrintsATable)
{
    const auto load =
        cli("load " + addresses + " --clients 2 --loop open --rate 300/s --duration 300ms");
    EXPECT_EQ(load.status, 0) << load.err;
    EXPECT_THAT(load.out,
                StartsWith("raft on 3 nodes, cluster test: 2 clients in an open loop "
                           "of 300 a second"));
    EXPECT_THAT(load.out, HasSubstr("99.9 %"));
}

TEST_F(LiveCliTest, SaysWhatIsWrongWithALoad)
{
    expectComplaint("load", "expected one cluster");
    expectComplaint("load " + addresses + " --mix put=x", "expected a share such as put:0.5");
    expectComplaint("load " + addresses + " --mix putt",
                    "'putt' is no request of raft: did you mean 'put'?");
    expectComplaint("load " + addresses + " --clients 0", "expected a number of clients from 1 to");
    expectComplaint("load " + addresses + " --duration fast", "expected a duration such as 2s");
    expectComplaint("load " + addresses + " --rate fast", "expected a rate such as 200/s, or max");
    expectComplaint("load " + addresses + " --loop open", "an open loop has a rate");
    expectComplaint("load " + addresses + " --distribution zipf,11", "expected uniform, ");
    expectComplaint("load " + addresses + " --history h.edn --mix 'put transferLeadership'",
                    "this load asks raft for transferLeadership");
    expectComplaint("load " + addresses + " --history /nowhere/h.edn", "cannot write /nowhere");
}

} // namespace
} // namespace lightcone::cli
