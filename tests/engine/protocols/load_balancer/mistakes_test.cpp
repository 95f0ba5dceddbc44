#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;
using Run = std::string (*)(Mistake);

Parameters with(Mistake mistake)
{
    auto parameters = plain();
    parameters.mistake = mistake;
    return parameters;
}

// For half a second the backends can do half of what is asked.
std::string overload(Mistake mistake)
{
    Cluster cluster(with(mistake));
    cluster.slow(1, 5);
    cluster.slow(2, 5);
    cluster.slow(3, 5);
    cluster.fetchFor(1s, 6ms);
    return cluster.problem();
}

// b2 answers at once, and always with a failure; nothing ejects it.
std::string aFastFailingBackend(Mistake mistake)
{
    auto parameters = with(mistake);
    parameters.algorithm = Algorithm::LeastConnections;
    parameters.ejectAfter = 0;
    parameters.attempts = 1;
    parameters.serviceTime = 50ms;
    Cluster cluster(parameters);
    cluster.fail(2);
    cluster.fetchFor(3s, 4ms);
    return cluster.problem();
}

// b1 is away for a second, while the others are busy, and cold when it is back.
std::string aBackendIsBack(Mistake mistake)
{
    auto parameters = with(mistake);
    parameters.algorithm = Algorithm::LeastConnections;
    parameters.unhealthyAfter = 3;
    parameters.warmUp = 2s;
    parameters.coldTimes = 8;
    parameters.maxInFlight = 16;
    Cluster cluster(parameters);
    cluster.fetchFor(500ms, 5ms);
    cluster.crash(cluster.backend(1));
    cluster.fetchFor(1s, 5ms);
    cluster.restart(cluster.backend(1));
    cluster.fetchFor(1s, 4ms);
    return cluster.problem();
}

std::string otherWeights(Mistake mistake)
{
    auto parameters = with(mistake);
    parameters.algorithm = Algorithm::SmoothWeighted;
    parameters.weights = "1 0 0";
    Cluster cluster(parameters);
    cluster.fetchFor(200ms, 20ms);
    cluster.operate(Weigh{{0, 1, 1}}, cluster.balancer());
    cluster.fetchFor(500ms, 20ms);
    return cluster.problem();
}

std::string healthyButUseless(Mistake mistake)
{
    auto parameters = with(mistake);
    parameters.unhealthyAfter = 3;
    Cluster cluster(parameters);
    cluster.fail(3);
    cluster.fetchFor(1s, 10ms);
    return cluster.problem();
}

std::string aBalancerCrashesWhileABackendIsDrained(Mistake mistake)
{
    Cluster cluster(with(mistake));
    cluster.operate(Drain{NodeId(cluster.backend(2))}, cluster.balancer());
    cluster.fetchFor(200ms, 10ms);
    cluster.crash(cluster.balancer());
    cluster.run(50ms);
    cluster.restart(cluster.balancer());
    cluster.fetchFor(1s, 10ms);
    return cluster.problem();
}

struct Case
{
    std::string mistake;
    Run run;
};

class LoadBalancerMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(LoadBalancerMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    const auto& cards = loadBalancerProtocol().card().mistakes;
    const auto card = std::find_if(cards.begin(), cards.end(), [](const auto& each) {
        return each.name == GetParam().mistake;
    });
    ASSERT_NE(card, cards.end());
    const auto shape = describe::shapeOf<Mistake>();
    for (std::size_t i = 1; i < shape->enumerators.size(); ++i) {
        if (shape->enumerators[i].name == card->name) {
            const auto problem = GetParam().run(*describe::enumeratorAt<Mistake>(i));
            EXPECT_THAT(problem, testing::StartsWith(card->caughtBy + ": "));
        }
    }
}

TEST_P(LoadBalancerMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(
    LoadBalancer, LoadBalancerMistakes,
    testing::Values(Case{"unlimitedRetries", overload},
                    Case{"failuresLookIdle", aFastFailingBackend},
                    Case{"noSlowStart", aBackendIsBack}, Case{"weightsOneByOne", otherWeights},
                    Case{"shallowHealthChecks", healthyButUseless},
                    Case{"forgetsDraining", aBalancerCrashesWhileABackendIsDrained}),
    [](const auto& each) { return each.param.mistake; });

TEST(LoadBalancerMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    const auto& card = loadBalancerProtocol().card();
    const auto shape = describe::shapeOf<Mistake>();
    ASSERT_EQ(card.mistakes.size() + 1, shape->enumerators.size());
    for (std::size_t i = 0; i < card.mistakes.size(); ++i) {
        EXPECT_EQ(card.mistakes[i].name, shape->enumerators[i + 1].name);
        EXPECT_TRUE(
            std::any_of(card.invariants.begin(), card.invariants.end(),
                        [&](const auto& each) { return each.name == card.mistakes[i].caughtBy; }));
    }
}

} // namespace
} // namespace lightcone::protocols::load_balancer
