#include "engine/live/certificates.h"
#include "engine/live/client.h"
#include "engine/live/load.h"
#include "engine/node/catalog.h"
#include "engine/session/workload.h"
#include "tests/engine/live/loopback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::live {
namespace {

using ::testing::HasSubstr;
using testing::Loopback;

class ClientTest : public ::testing::Test
{
protected:
    explicit ClientTest(Loopback::Plan plan = {"raft", {{"nodes", "3"}}, false, {}})
        : cluster(io, std::move(plan))
    {
    }

    [[nodiscard]] ClientPlan plan() const
    {
        ClientPlan plan;
        for (const auto& member : cluster.members) {
            plan.addresses.push_back(*parseAddress(member.peer));
        }
        plan.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
        return plan;
    }

    std::unique_ptr<ClusterClient> opened(const ClientPlan& plan)
    {
        auto client = std::make_unique<ClusterClient>(io.get_executor(), plan);
        std::optional<Result<void>> result;
        client->open([&](const Result<void>& done) { result = done; });
        EXPECT_TRUE(cluster.runUntil([&] { return result.has_value(); }));
        EXPECT_TRUE(*result) << result->error().text();
        return client;
    }

    std::string whyNot(const ClientPlan& plan)
    {
        ClusterClient client(io.get_executor(), plan);
        std::optional<Result<void>> result;
        client.open([&](const Result<void>& done) { result = done; });
        EXPECT_TRUE(cluster.runUntil([&] { return result.has_value(); }));
        return result && !*result ? result->error().message : "";
    }

    node::PayloadPtr request(const std::string& words)
    {
        const auto& protocol = *cluster.protocol;
        return *protocol.payload(node::PayloadRole::Request,
                                 *describe::parse(protocol.card().request, words));
    }

    Answered ask(ClusterClient& client, const std::string& words, NodeId only = {})
    {
        std::optional<Answered> answered;
        client.submit(
            client.addClient(), request(words), [&](const Answered& given) { answered = given; },
            only);
        EXPECT_TRUE(cluster.runUntil([&] { return answered.has_value(); })) << words;
        return answered.value_or(Answered{});
    }

    static std::string textOf(const Answered& answered)
    {
        return answered.body ? describe::toText(answered.body->describe()) : "";
    }

    boost::asio::io_context io;
    Loopback cluster;
};

TEST_F(ClientTest, AsksWhoeverLeads)
{
    auto client = opened(plan());
    EXPECT_EQ(client->protocol().card().id, "raft");
    EXPECT_EQ(client->servers().size(), 3U);
    const auto put = ask(*client, "put x 1");
    EXPECT_EQ(put.answer, node::Answer::Done);
    EXPECT_EQ(cluster.leaders(), std::vector<NodeId>{put.by});
    EXPECT_THAT(textOf(ask(*client, "get x")), HasSubstr("value 1"));
}

TEST_F(ClientTest, OneAddressIsEnoughToFindTheOthers)
{
    for (const auto& address : plan().addresses) {
        auto one = plan();
        one.addresses = {{"127.0.0.1", 1}, address}; // nobody is at the first
        auto client = opened(one);
        EXPECT_EQ(ask(*client, "put x 1").answer, node::Answer::Done);
    }
}

TEST_F(ClientTest, SaysWhyNobodyLetsItIn)
{
    auto nowhere = plan();
    nowhere.addresses = {{"127.0.0.1", 1}};
    EXPECT_EQ(whyNot(nowhere), "no node lets us in: 127.0.0.1:1: nobody listens there");
    auto other = plan();
    other.cluster = "another";
    EXPECT_THAT(whyNot(other), HasSubstr("another"));
    auto strange = plan();
    strange.findProtocol = [](std::string_view) { return nullptr; };
    EXPECT_EQ(whyNot(strange), "the cluster runs 'raft', a protocol that this build does not know");
    auto none = plan();
    none.addresses.clear();
    EXPECT_EQ(whyNot(none), "no node lets us in: no address was given");
}

TEST_F(ClientTest, AnOperationForOneNodeAsksNobodyElse)
{
    auto client = opened(plan());
    const auto leader = ask(*client, "put x 1").by;
    for (const auto& member : cluster.members) {
        const auto answered = ask(*client, "put x 2", member.id);
        EXPECT_EQ(answered.by, member.id);
        EXPECT_EQ(answered.answer,
                  member.id == leader ? node::Answer::Done : node::Answer::Redirected);
    }
}

TEST_F(ClientTest, GoesOnWhenTheLeaderIsGoneAndWhenItIsBack)
{
    auto client = opened(plan());
    const auto leader = ask(*client, "put x 1").by;
    cluster.stop(leader);
    const auto after = ask(*client, "put x 2");
    EXPECT_EQ(after.answer, node::Answer::Done);
    EXPECT_NE(after.by, leader);
    EXPECT_GT(after.tries, 1U);
    EXPECT_GT(client->silences(), 0U);
    cluster.start(leader);
    EXPECT_EQ(ask(*client, "put x 3").answer, node::Answer::Done);
    cluster.stop(after.by);
    EXPECT_EQ(ask(*client, "put x 4").answer, node::Answer::Done);
    EXPECT_THAT(textOf(ask(*client, "get x")), HasSubstr("value 4"));
}

TEST_F(ClientTest, KnowsNothingWhenAMajorityIsGone)
{
    auto impatient = plan();
    impatient.settings.patience = std::chrono::milliseconds(300);
    impatient.settings.timeout = std::chrono::milliseconds(100);
    auto client = opened(impatient);
    const auto leader = ask(*client, "put x 1").by;
    for (const auto& member : cluster.members) {
        if (member.id != leader) {
            cluster.stop(member.id);
        }
    }
    EXPECT_EQ(ask(*client, "put x 2").answer, node::Answer::Unknown);
}

TEST_F(ClientTest, NothingIsToldAfterItsEnd)
{
    auto client = opened(plan());
    bool told = false;
    client->submit(client->addClient(), request("put x 1"), [&](const Answered&) { told = true; });
    client.reset();
    cluster.runUntil([] { return false; }, std::chrono::milliseconds(50));
    EXPECT_FALSE(told);
}

class LoadTest : public ClientTest
{
protected:
    using ClientTest::ClientTest;

    LoadResult run(const LoadPlan& plan)
    {
        auto client = opened(this->plan());
        auto load = Load::prepare(io.get_executor(), *client, plan);
        EXPECT_TRUE(load) << load.error().text();
        std::optional<LoadResult> result;
        (*load)->onBegun = [&](const LoadOperation& each) {
            ++begun[std::string(each.body->name())];
            ++keys[each.body->describe().held().findFacet(describe::Facet::Key)->asText()];
            firstBegun = firstBegun == Instant{} ? each.begun : firstBegun;
            lastBegun = each.begun;
        };
        (*load)->onEnded = [&](const LoadOperation& each) {
            EXPECT_GE(each.ended, each.begun);
            ++ended;
        };
        (*load)->start([&](const LoadResult& whole) { result = whole; });
        EXPECT_TRUE(cluster.runUntil([&] { return result.has_value(); }));
        return result.value_or(LoadResult{});
    }

    LoadPlan planOf(const std::string& mix, std::uint64_t count)
    {
        node::WorkloadPlan workload;
        workload.mix = *session::parseMix(mix, *cluster.protocol, describe::plainNames());
        workload.keys = count;
        LoadPlan plan;
        plan.workload = *node::Workload::make(*cluster.protocol, workload);
        return plan;
    }

    std::map<std::string, std::uint64_t> begun;
    Instant firstBegun{};
    Instant lastBegun{};
    std::map<std::string, std::uint64_t> keys;
    std::uint64_t ended = 0;
};

TEST_F(LoadTest, AClosedLoopDoesSoManyOperations)
{
    auto plan = planOf("put:5 get:3 delete:1 cas:1", 20);
    plan.clients = 8;
    plan.operations = 400;
    plan.lasts = Duration::zero();
    const auto result = run(plan);
    EXPECT_EQ(result.done, 400U);
    EXPECT_EQ(ended, 400U);
    EXPECT_EQ(result.latency.count(), 400U);
    EXPECT_EQ(result.unknown + result.refused, 0U);
    EXPECT_GT(result.perSecond(), 0);
    EXPECT_GT(begun["Put"], begun["Cas"]);
    EXPECT_GT(begun["Cas"], 10U);
    EXPECT_GT(begun["Delete"], 10U);
    EXPECT_LE(keys.size(), 20U);
    std::uint64_t sum = 0;
    for (const auto& kind : result.kinds) {
        EXPECT_EQ(kind.done, kind.asked) << kind.name;
        sum += kind.done;
    }
    EXPECT_EQ(result.kinds.front().name, "put");
    EXPECT_EQ(sum, 400U);
}

TEST_F(LoadTest, AnOpenLoopKeepsItsRate)
{
    auto plan = planOf("put", 20);
    plan.clients = 4;
    plan.loop = node::Loop::Even;
    plan.interval = std::chrono::milliseconds(5);
    plan.lasts = std::chrono::milliseconds(500);
    const auto result = run(plan);
    EXPECT_GE(ended, 95U);
    EXPECT_LE(ended, 106U);
    EXPECT_EQ(result.done, ended);
}

TEST_F(LoadTest, AClosedLoopIsPaced)
{
    auto plan = planOf("get", 20);
    plan.clients = 4;
    plan.interval = std::chrono::milliseconds(20);
    plan.lasts = std::chrono::milliseconds(290);
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    const auto result = run(plan);
    EXPECT_LE(ended, 4U * 15U);
    EXPECT_GE(ended, 4U * 5U);
    EXPECT_EQ(result.done, ended);
}

TEST_F(LoadTest, ClientsThinkAfterAnAnswer)
{
    auto plan = planOf("get", 20);
    plan.clients = 1;
    plan.operations = 5;
    plan.lasts = Duration::zero();
    plan.think = [](Dice&) { return std::chrono::milliseconds(20); };
    ASSERT_TRUE(cluster.runUntil([&] { return cluster.leaders().size() == 1; }));
    run(plan);
    EXPECT_EQ(ended, 5U);
    EXPECT_GE(lastBegun - firstBegun, std::chrono::milliseconds(80));
}

TEST_F(LoadTest, WhatMakesNoSenseIsRefused)
{
    auto client = opened(ClientTest::plan());
    const auto refusal = [&](const LoadPlan& plan) {
        const auto load = Load::prepare(io.get_executor(), *client, plan);
        return load ? std::string() : load.error().message;
    };
    const auto good = planOf("put", 1);
    auto plan = good;
    plan.clients = 0;
    EXPECT_EQ(refusal(plan), "expected at least one client");
    plan = good;
    plan.loop = node::Loop::Poisson;
    EXPECT_EQ(refusal(plan), "expected an open loop with a rate");
    plan = good;
    plan.lasts = Duration::zero();
    EXPECT_EQ(refusal(plan), "expected a duration or a number of operations");
}

struct TransactionLoadTest : LoadTest
{
    TransactionLoadTest()
        : LoadTest({"two_phase_commit", {}, false, {}})
    {
    }
};

TEST_F(TransactionLoadTest, AnyProtocolIsAskedWhatItTakes)
{
    auto plan = planOf("transfer read:2 write", 50);
    plan.clients = 4;
    plan.operations = 80;
    plan.lasts = Duration::zero();
    const auto result = run(plan);
    EXPECT_EQ(result.done, 80U) << result.firstRefusal;
    EXPECT_EQ(begun["Transfer"] + begun["Read"] + begun["Write"], 80U);
    EXPECT_GT(begun["Transfer"], 5U);
    EXPECT_GT(keys.size(), 20U);
}

} // namespace
} // namespace lightcone::live
