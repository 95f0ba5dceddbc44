#include "engine/live/certificates.h"
#include "engine/live/client.h"
#include "engine/live/load.h"
#include "engine/node/catalog.h"
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
    ClientTest()
        : cluster(io, {"raft", {{"nodes", "3"}}, false, {}})
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
    LoadResult run(const LoadPlan& plan)
    {
        auto client = opened(this->plan());
        auto load = Load::prepare(io.get_executor(), *client, plan);
        EXPECT_TRUE(load) << load.error().text();
        std::optional<LoadResult> result;
        (*load)->onBegun = [&](const LoadOperation& each) {
            ++begun[each.deed];
            ++keys[each.key];
        };
        (*load)->onEnded = [&](const LoadOperation& each) {
            EXPECT_GE(each.ended, each.begun);
            ++ended;
        };
        (*load)->start([&](const LoadResult& whole) { result = whole; });
        EXPECT_TRUE(cluster.runUntil([&] { return result.has_value(); }));
        return result.value_or(LoadResult{});
    }

    std::map<Deed, std::uint64_t> begun;
    std::map<std::string, std::uint64_t> keys;
    std::uint64_t ended = 0;
};

TEST_F(LoadTest, AClosedLoopDoesSoManyOperations)
{
    LoadPlan plan;
    plan.clients = 8;
    plan.operations = 400;
    plan.lasts = Duration::zero();
    plan.mix = {5, 3, 1, 1};
    plan.keys = 20;
    const auto result = run(plan);
    EXPECT_EQ(result.done, 400U);
    EXPECT_EQ(ended, 400U);
    EXPECT_EQ(result.latency.count(), 400U);
    EXPECT_EQ(result.unknown + result.refused, 0U);
    EXPECT_GT(result.perSecond(), 0);
    EXPECT_GT(begun[Deed::Put], begun[Deed::Cas]);
    EXPECT_GT(begun[Deed::Cas], 10U);
    EXPECT_GT(begun[Deed::Delete], 10U);
    EXPECT_LE(keys.size(), 20U);
    std::uint64_t sum = 0;
    for (const auto& kind : result.kinds) {
        sum += kind.done;
    }
    EXPECT_EQ(sum, 400U);
}

TEST_F(LoadTest, AnOpenLoopKeepsItsRate)
{
    LoadPlan plan;
    plan.clients = 4;
    plan.rate = 200;
    plan.lasts = std::chrono::milliseconds(500);
    const auto result = run(plan);
    EXPECT_GE(ended, 95U);
    EXPECT_LE(ended, 106U);
    EXPECT_EQ(result.done, ended);
}

TEST_F(LoadTest, WhatMakesNoSenseIsRefused)
{
    auto client = opened(ClientTest::plan());
    const auto refusal = [&](const LoadPlan& plan) {
        const auto load = Load::prepare(io.get_executor(), *client, plan);
        return load ? std::string() : load.error().message;
    };
    LoadPlan plan;
    plan.clients = 0;
    EXPECT_EQ(refusal(plan), "expected at least one client");
    plan = {};
    plan.mix = {};
    EXPECT_EQ(refusal(plan), "expected a mix with at least one operation in it");
    plan = {};
    plan.keys = 0;
    EXPECT_EQ(refusal(plan), "expected at least one key");
    plan = {};
    plan.lasts = Duration::zero();
    EXPECT_EQ(refusal(plan), "expected a duration or a number of operations");
}

} // namespace
} // namespace lightcone::live
