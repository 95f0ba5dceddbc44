#include "engine/describe/text.h"
#include "engine/live/client.h"
#include "engine/node/catalog.h"
#include "tests/app/node/real_cluster.h"
#include "tests/support/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Transactions over real processes and real disks, which are killed in the midst of them: each
/// happens everywhere or nowhere, and ends.
namespace lightcone::node_program {
namespace {

using namespace std::chrono_literals;
using live::testing::runUntil;
using test::RealCluster;

constexpr std::int64_t eachHolds = 1'000'000;
const std::array<std::string, 3> accounts{"a", "b", "c"};

struct Kill
{
    std::string variant;
    std::uint64_t kills;
};

class EveryTransaction : public ::testing::TestWithParam<Kill>
{
protected:
    static constexpr std::uint32_t coordinator = 1; // and three participants after it

    void start()
    {
        const auto sizes =
            fmt::format("--protocol two_phase_commit --set participants=3 --set variant={} --set "
                        "cooperative=true --set 'data=p1: a={} ; p2: b={} ; p3: c={}'",
                        GetParam().variant, eachHolds, eachHolds, eachHolds);
        cluster.emplace(4, "--no-tls", sizes);
        cluster->startAll();
        live::ClientPlan plan;
        plan.addresses = cluster->addresses;
        plan.findProtocol = [](std::string_view id) { return node::findProtocol(id); };
        plan.settings.patience = 60s; // so that no client is left without an answer
        plan.settings.timeout = 400ms;
        plan.settings.mostBackOff = 40ms;
        ASSERT_TRUE(runUntil(io, [&] { return open(plan); })) << cluster->said();
        for (std::size_t i = 0; i < 4; ++i) {
            transferAgain(client->addClient());
        }
        goOn(20);
    }

    /// So many more transactions are committed.
    void goOn(std::uint64_t transactions)
    {
        const auto wanted = committed + transactions;
        ASSERT_TRUE(runUntil(
            io, [&] { return committed >= wanted; }, 30s))
            << "the cluster does not get on: " << committed << " of " << wanted << "\n"
            << cluster->said();
    }

    /// Nobody asks any more, all have been answered, and everything is as it was answered.
    void judge()
    {
        over = true;
        ASSERT_TRUE(runUntil(
            io, [&] { return underWay == 0; }, 60s))
            << cluster->said();
        EXPECT_EQ(unknown, 0U);
        std::optional<describe::Value> reply;
        client->submit(client->addClient(), request("transact [read a, read b, read c]"),
                       [&](const live::Answered& answered) {
                           reply = answered.body ? answered.body->describe() : describe::Value();
                       });
        ASSERT_TRUE(runUntil(
            io, [&] { return reply.has_value(); }, 60s))
            << cluster->said();
        std::int64_t money = 0;
        for (const auto& account : accounts) {
            const auto* value = reply->held().findPath("values." + account);
            ASSERT_NE(value, nullptr) << describe::toText(*reply) << cluster->said();
            const auto holds = std::stoll(value->asText());
            EXPECT_EQ(holds, eachHolds + changed[account]) << account << "\n" << cluster->said();
            money += holds;
        }
        EXPECT_EQ(money, eachHolds * static_cast<std::int64_t>(accounts.size()));
    }

    boost::asio::io_context io;
    std::optional<RealCluster> cluster;
    std::unique_ptr<live::ClusterClient> client;
    std::map<std::string, std::int64_t> changed; ///< by what was acknowledged as committed
    std::uint64_t committed = 0;
    std::uint64_t unknown = 0;
    std::uint64_t underWay = 0;
    bool over = false;

private:
    bool open(const live::ClientPlan& plan)
    {
        if (!client) {
            m_opened.reset();
            client = std::make_unique<live::ClusterClient>(io.get_executor(), plan);
            client->open([this](const Result<void>& result) { m_opened = result.has_value(); });
        }
        if (m_opened == false) {
            client.reset();
        }
        return m_opened.value_or(false);
    }

    node::PayloadPtr request(const std::string& text)
    {
        const auto& protocol = client->protocol();
        const auto value = describe::parse(protocol.card().request, text);
        return protocol.payload(node::PayloadRole::Request, *value).value();
    }

    void transferAgain(std::size_t who)
    {
        if (over) {
            return;
        }
        const auto from = m_dice.below(accounts.size());
        const auto to = (from + 1 + m_dice.below(accounts.size() - 1)) % accounts.size();
        const auto amount = static_cast<std::int64_t>(1 + m_dice.below(100));
        ++underWay;
        client->submit(
            who, request(fmt::format("transfer {} {} {}", accounts[from], accounts[to], amount)),
            [this, who, from, to, amount](const live::Answered& answered) {
                --underWay;
                unknown += answered.answer == node::Answer::Unknown ? 1 : 0;
                if (answered.body && answered.body->name() == "Committed") {
                    ++committed;
                    changed[accounts[from]] -= amount;
                    changed[accounts[to]] += amount;
                }
                transferAgain(who);
            });
    }

    std::optional<bool> m_opened;
    Dice m_dice{7};
};

INSTANTIATE_TEST_SUITE_P(TwoPhaseCommit, EveryTransaction,
                         ::testing::Values(Kill{"presumedAbort", 10}, Kill{"presumedCommit", 6}),
                         [](const auto& each) { return each.param.variant; });

/// LIGHTCONE_SEEDS=10 kills ten times as often.
TEST_P(EveryTransaction, HappensEverywhereOrNowhereWhoeverIsKilled)
{
    ASSERT_NO_FATAL_FAILURE(start());
    const auto kills = test::scaledSeeds(GetParam().kills);
    const auto* seed = std::getenv("LIGHTCONE_SEED");
    Dice dice(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1);
    for (std::uint64_t killed = 0; killed < kills && !HasFatalFailure(); ++killed) {
        // Every other time the coordinator, else a participant; now and then both.
        const auto participant = 2 + static_cast<std::uint32_t>(dice.below(3));
        const bool together = dice.chance(0.2);
        std::vector<std::uint32_t> victims;
        if (killed % 2 == 0 || together) {
            victims.push_back(coordinator);
        }
        if (killed % 2 == 1 || together) {
            victims.push_back(participant);
        }
        for (const auto victim : victims) {
            cluster->kill(victim);
        }
        for (const auto victim : victims) {
            cluster->start(victim);
        }
        goOn(1 + dice.below(60));
    }
    if (!HasFatalFailure()) {
        judge();
    }
}

} // namespace
} // namespace lightcone::node_program
