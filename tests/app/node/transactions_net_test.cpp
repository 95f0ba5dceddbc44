#include "engine/core/dice.h"
#include "engine/describe/text.h"
#include "tests/app/node/asked_cluster.h"
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
using test::AskedCluster;

constexpr std::int64_t accountHolds = 1'000'000;
const std::array<std::string, 3> accounts{"a", "b", "c"};

struct TransactionKills
{
    std::string variant;
    std::uint64_t kills;
};

class EveryTransaction : public ::testing::TestWithParam<TransactionKills>
{
protected:
    static constexpr std::uint32_t coordinator = 1; // and three participants after it

    void start()
    {
        const auto sizes =
            fmt::format("--protocol two_phase_commit --set participants=3 --set variant={} --set "
                        "cooperative=true --set 'data=p1: a={} ; p2: b={} ; p3: c={}'",
                        GetParam().variant, accountHolds, accountHolds, accountHolds);
        asked.emplace(4, sizes);
        ASSERT_TRUE(asked->open()) << asked->cluster.said();
        for (std::size_t i = 0; i < 4; ++i) {
            transferAgain(asked->client->addClient());
        }
        goOn(20);
    }

    /// So many more transactions are committed.
    void goOn(std::uint64_t transactions)
    {
        const auto wanted = committed + transactions;
        ASSERT_TRUE(runUntil(
            asked->io, [&] { return committed >= wanted; }, 30s))
            << "the cluster does not get on: " << committed << " of " << wanted << "\n"
            << asked->cluster.said();
    }

    /// Nobody asks any more, all have been answered, and everything is as it was answered.
    void judge()
    {
        over = true;
        ASSERT_TRUE(runUntil(
            asked->io, [&] { return underWay == 0; }, 60s))
            << asked->cluster.said();
        EXPECT_EQ(unknown, 0U);
        const auto reply = asked->answerTo("transact [read a, read b, read c]");
        ASSERT_TRUE(reply) << asked->cluster.said();
        std::int64_t money = 0;
        for (const auto& account : accounts) {
            const auto* value = reply->held().findPath("values." + account);
            ASSERT_NE(value, nullptr) << describe::toText(*reply) << asked->cluster.said();
            const auto holds = std::stoll(value->asText());
            EXPECT_EQ(holds, accountHolds + changed[account]) << account << "\n"
                                                              << asked->cluster.said();
            money += holds;
        }
        EXPECT_EQ(money, accountHolds * static_cast<std::int64_t>(accounts.size()));
    }

    std::optional<AskedCluster> asked;
    std::map<std::string, std::int64_t> changed; ///< by what was acknowledged as committed
    std::uint64_t committed = 0;
    std::uint64_t unknown = 0;
    std::uint64_t underWay = 0;
    bool over = false;

private:
    void transferAgain(std::size_t who)
    {
        if (over) {
            return;
        }
        const auto from = m_dice.below(accounts.size());
        const auto to = (from + 1 + m_dice.below(accounts.size() - 1)) % accounts.size();
        const auto amount = static_cast<std::int64_t>(1 + m_dice.below(100));
        ++underWay;
        asked->client->submit(
            who,
            asked->request(fmt::format("transfer {} {} {}", accounts[from], accounts[to], amount)),
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

    Dice m_dice{7};
};

INSTANTIATE_TEST_SUITE_P(TwoPhaseCommit, EveryTransaction,
                         ::testing::Values(TransactionKills{"presumedAbort", 10},
                                           TransactionKills{"presumedCommit", 6},
                                           TransactionKills{"presumedNothing", 6},
                                           TransactionKills{"threePhase", 6}),
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
            asked->cluster.kill(victim);
        }
        for (const auto victim : victims) {
            asked->cluster.start(victim);
        }
        goOn(1 + dice.below(60));
    }
    if (!HasFatalFailure()) {
        judge();
    }
}

} // namespace
} // namespace lightcone::node_program
