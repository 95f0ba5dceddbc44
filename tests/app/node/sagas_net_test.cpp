#include "engine/core/dice.h"
#include "engine/describe/text.h"
#include "tests/app/node/asked_cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <string>

/// Sagas over real processes and real disks, which are killed in the midst of them: each is done
/// or undone, as its client was told, and no money is made or lost.
namespace lightcone::node_program {
namespace {

using namespace std::chrono_literals;
using live::testing::runUntil;
using test::AskedCluster;

constexpr std::int64_t eachHolds = 1'000'000;
constexpr std::int64_t firstStock = 5; ///< so little that many a sale has to be undone

/// A sale moves money, and takes something out of the stock, or declines when that is empty.
const std::string script =
    fmt::format("service buyers paid={0} ; service sellers got={0} ; service shop stock={1} "
                "saga sell(amount=1) "
                "step pay on buyers: take paid amount undo add paid amount ; "
                "step earn on sellers: add got amount undo take got amount ; "
                "step pack on shop: take stock 1 pivot "
                "saga refill step fill on shop: add stock 1 pivot",
                eachHolds, firstStock);

struct SagaKills
{
    std::string mode;
    std::uint64_t kills;
};

class EverySaga : public ::testing::TestWithParam<SagaKills>
{
protected:
    void start()
    {
        asked.emplace(0,
                      fmt::format("--protocol saga --set mode={} --set 'script={}'",
                                  GetParam().mode, script));
        ASSERT_TRUE(asked->open()) << asked->cluster.said();
        for (std::size_t i = 0; i < 6; ++i) {
            beginAgain(asked->client->addClient());
        }
        goOn(20);
    }

    [[nodiscard]] std::uint64_t ended() const { return ends[true] + ends[false]; }

    /// So many more sagas end, one way or the other.
    void goOn(std::uint64_t sagas)
    {
        const auto wanted = ended() + sagas;
        ASSERT_TRUE(runUntil(
            asked->io, [&] { return ended() >= wanted; }, 60s))
            << "the cluster does not get on: " << ended() << " of " << wanted << "\n"
            << asked->cluster.said();
    }

    /// Nobody asks any more, all have been answered, and everything is as it was answered.
    void judge()
    {
        ASSERT_TRUE(runUntil(
            asked->io, [&] { return ends[true] > 20 && ends[false] > 5; }, 60s))
            << "too few sagas ended to judge by";
        over = true;
        ASSERT_TRUE(runUntil(
            asked->io, [&] { return underWay == 0; }, 60s))
            << asked->cluster.said();
        EXPECT_EQ(strange, "");
        EXPECT_EQ(number("paid"), eachHolds - sold) << asked->cluster.said();
        EXPECT_EQ(number("got"), eachHolds + sold) << asked->cluster.said();
        EXPECT_EQ(number("stock"), firstStock + stocked) << asked->cluster.said();
    }

    std::optional<AskedCluster> asked;
    mutable std::map<bool, std::uint64_t> ends; ///< completed, or undone
    std::int64_t sold = 0; ///< money, by what was answered as completed
    std::int64_t stocked = 0; ///< the same, of things
    std::uint64_t underWay = 0;
    std::string strange; ///< an answer that is none of a saga that has ended
    bool over = false;

private:
    /// -1 where nobody answers.
    std::int64_t number(const std::string& name)
    {
        const auto reply = asked->answerTo("get " + name);
        const auto* value = reply ? reply->held().find("value") : nullptr;
        return value != nullptr ? std::stoll(describe::toText(*value)) : -1;
    }

    void beginAgain(std::size_t who)
    {
        if (over) {
            return;
        }
        const bool sells = m_dice.chance(0.7);
        const auto amount = static_cast<std::int64_t>(1 + m_dice.below(100));
        ++underWay;
        asked->client->submit(who,
                              asked->request(sells ? fmt::format("start sell {{amount={}}}", amount)
                                                   : std::string("start refill {}")),
                              [this, who, sells, amount](const live::Answered& answered) {
                                  --underWay;
                                  note(answered, sells, amount);
                                  beginAgain(who);
                              });
    }

    void note(const live::Answered& answered, bool sells, std::int64_t amount)
    {
        const auto reply = answered.body ? answered.body->describe() : describe::Value();
        const auto* state = reply.exists() ? reply.held().find("state") : nullptr;
        const auto word = state != nullptr ? describe::toText(*state) : "no answer";
        if (word != "completed" && word != "compensated") {
            strange = answered.body ? describe::toText(reply) : word;
            return;
        }
        const bool completed = word == "completed";
        ++ends[completed];
        if (completed) {
            sold += sells ? amount : 0;
            stocked += sells ? -1 : 1;
        }
    }

    Dice m_dice{11};
};

INSTANTIATE_TEST_SUITE_P(Saga, EverySaga,
                         ::testing::Values(SagaKills{"orchestrated", 12},
                                           SagaKills{"choreographed", 8}),
                         [](const auto& each) { return each.param.mode; });

/// LIGHTCONE_SEEDS=10 kills ten times as often.
TEST_P(EverySaga, IsDoneOrUndoneWhoeverIsKilled)
{
    ASSERT_NO_FATAL_FAILURE(start());
    const auto members = static_cast<std::uint32_t>(asked->cluster.addresses.size());
    const auto kills = test::scaledSeeds(GetParam().kills);
    const auto* seed = std::getenv("LIGHTCONE_SEED");
    Dice dice(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1);
    std::uint64_t killed = 0;
    // In turn, everybody at least once, and now and then two at once.
    for (std::uint32_t round = 0; (killed < kills || round < members) && !HasFatalFailure();
         ++round) {
        std::set<std::uint32_t> victims{1 + round % members};
        if (dice.chance(0.3)) {
            victims.insert(1 + static_cast<std::uint32_t>(dice.below(members)));
        }
        for (const auto victim : victims) {
            asked->cluster.kill(victim);
            ++killed;
        }
        for (const auto victim : victims) {
            asked->cluster.start(victim);
        }
        goOn(1 + dice.below(40));
    }
    if (!HasFatalFailure()) {
        judge();
    }
}

} // namespace
} // namespace lightcone::node_program
