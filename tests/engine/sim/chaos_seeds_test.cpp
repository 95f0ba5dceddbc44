#include "tests/support/ring.h"
#include "tests/support/seeds.h"

namespace lightcone::test {
namespace {

SeedPlan ringPlan(const RingParameters& parameters)
{
    SeedPlan plan;
    plan.protocol = &ringProtocol();
    plan.setup = ringSetup(parameters);
    plan.settings.clients = 2;
    plan.request = [](Dice& dice, std::uint32_t) {
        return dice.chance(0.3) ? ringRequest(Look{}) : ringRequest(Add{dice.between(1, 9)});
    };
    return plan;
}

TEST(ChaosSeeds, aRightProtocolSurvives)
{
    runSeeds(ringPlan({}), 60);
}

TEST(ChaosSeeds, aMistakeIsCaughtByItsInvariant)
{
    RingParameters wrong;
    wrong.lazy = true;
    std::optional<std::string> problem;
    for (std::uint64_t seed = 1; seed <= 50 && !problem; ++seed) {
        problem = runSeed(ringPlan(wrong), seed).problem;
    }
    ASSERT_TRUE(problem.has_value());
    EXPECT_NE(problem->find("durable before passed"), std::string::npos) << *problem;
}

TEST(ChaosSeeds, theSameSeedIsTheSameRun)
{
    const auto plan = ringPlan({});
    const auto once = runSeed(plan, 7);
    const auto again = runSeed(plan, 7);
    EXPECT_EQ(once.events, again.events);
    EXPECT_EQ(once.acts, again.acts);
    EXPECT_NE(once.acts, runSeed(plan, 8).acts);
    EXPECT_GT(once.acts.size(), 10U);
}

} // namespace
} // namespace lightcone::test
