#include "engine/describe/described.h"
#include "engine/describe/text.h"
#include "engine/live/client.h"
#include "engine/node/catalog.h"
#include "tests/app/node/real_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

/// A service behind real balancers: requests go on while processes are killed and come back.
namespace lightcone::node_program {
namespace {

using namespace std::chrono_literals;
using live::testing::runUntil;
using test::RealCluster;

/// a1, lb1 and lb2, b1 to b3.
class ServiceUnderLoad : public ::testing::Test
{
protected:
    static constexpr std::uint32_t agent = 1;
    static constexpr std::uint32_t firstBalancer = 2;
    static constexpr std::uint32_t firstBackend = 4;
    static constexpr std::size_t askers = 6;

    void SetUp() override
    {
        cluster.emplace(0,
                        "--no-tls --protocol load_balancer --set balancers=2 --set backends=3 "
                        "--set serviceTime=1ms --set algorithm=leastConnections --set attempts=6 "
                        "--set slowStart=200ms --set ejectFor=300ms");
        cluster->startAll();
        ASSERT_TRUE(runUntil(io, [&] { return open(); })) << cluster->said();
        for (std::size_t i = 0; i < askers; ++i) {
            askAgain(client->addClient());
        }
        goOn(50);
    }

    /// So many more requests are answered.
    void goOn(std::uint64_t requests)
    {
        const auto wanted = done + requests;
        ASSERT_TRUE(runUntil(
            io, [&] { return done >= wanted; }, 20s))
            << "the service does not get on: " << done << " of " << wanted << "\n"
            << cluster->said();
    }

    /// Nobody asks again; what is under way is answered or reported.
    void finish()
    {
        stopping = true;
        ASSERT_TRUE(runUntil(
            io, [&] { return ended == begun; }, 20s))
            << begun - ended << " of " << begun << " requests were neither answered nor reported\n"
            << cluster->said();
    }

    [[nodiscard]] node::PayloadPtr words(const std::string& text) const
    {
        const auto& protocol = client->protocol();
        return protocol
            .payload(node::PayloadRole::Request, *describe::parse(protocol.card().request, text))
            .value();
    }

    boost::asio::io_context io;
    std::optional<RealCluster> cluster;
    std::unique_ptr<live::ClusterClient> client;
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::uint64_t done = 0;
    std::uint64_t reported = 0; ///< as failed, by the agent
    std::set<NodeId> servedBy;
    bool stopping = false;

private:
    bool open()
    {
        if (!client) {
            m_opened.reset();
            live::ClientPlan plan;
            plan.addresses = cluster->addresses;
            plan.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
            plan.settings.patience = 15s;
            plan.settings.timeout = 2s;
            client = std::make_unique<live::ClusterClient>(io.get_executor(), plan);
            client->open([this](const Result<void>& result) { m_opened = result.has_value(); });
        }
        if (m_opened == false) {
            client.reset();
        }
        return m_opened.value_or(false);
    }

    void askAgain(std::size_t which)
    {
        if (stopping) {
            return;
        }
        ++begun;
        client->submit(which, words("fetch k" + std::to_string(begun % 20)),
                       [this, which](const live::Answered& answered) {
                           ++ended;
                           note(answered);
                           askAgain(which);
                       });
    }

    void note(const live::Answered& answered)
    {
        if (answered.answer == node::Answer::Refused) {
            ++reported;
        } else if (answered.answer == node::Answer::Done) {
            ++done;
            const auto body = answered.body->describe();
            if (const auto* backend = body.held().find("backend")) {
                servedBy.insert(backend->asNode());
            }
        }
    }

    std::optional<bool> m_opened;
};

TEST_F(ServiceUnderLoad, ABackendIsKilledAndComesBack)
{
    ASSERT_TRUE(runUntil(io, [&] { return servedBy.size() == 3; })) << cluster->said();
    reported = 0;
    const auto before = begun;
    cluster->kill(firstBackend);
    goOn(300);
    servedBy.clear();
    goOn(300);
    EXPECT_FALSE(servedBy.contains(NodeId(firstBackend)));
    cluster->start(firstBackend);
    ASSERT_TRUE(runUntil(io, [&] { return servedBy.contains(NodeId(firstBackend)); }))
        << "it gets no requests any more\n"
        << cluster->said();
    finish();
    EXPECT_LT(20 * reported, begun - before) << "most were tried again elsewhere";
}

TEST_F(ServiceUnderLoad, ABalancerIsKilledAndRemembersWhatWasDrained)
{
    int drained = 0;
    const auto operating = client->addClient();
    for (const auto balancer : {firstBalancer, firstBalancer + 1}) {
        client->submit(
            operating, words("drain n6"),
            [&](const live::Answered& answered) {
                drained += answered.answer == node::Answer::Done ? 1 : 0;
            },
            NodeId(balancer));
    }
    ASSERT_TRUE(runUntil(io, [&] { return drained == 2; })) << cluster->said();
    goOn(30); // What was on its way to n6 is done.
    servedBy.clear();
    for (const auto balancer : {firstBalancer, firstBalancer + 1}) {
        cluster->kill(balancer);
        goOn(30);
        cluster->start(balancer);
        ASSERT_TRUE(runUntil(io, [&] { return cluster->serves(balancer); })) << cluster->said();
        goOn(200);
    }
    EXPECT_EQ(servedBy, (std::set<NodeId>{NodeId(4), NodeId(5)}));
    finish();
}

TEST_F(ServiceUnderLoad, AnAgentIsKilledAndClientsFindItAgain)
{
    cluster->kill(agent);
    runUntil(
        io, [] { return false; }, 200ms);
    cluster->start(agent);
    goOn(200);
    finish();
}

} // namespace
} // namespace lightcone::node_program
