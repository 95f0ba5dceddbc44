#include "tests/engine/protocols/load_balancer/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

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

std::vector<Case> cases()
{
    return {{"unlimitedRetries", overload},
            {"failuresLookIdle", aFastFailingBackend},
            {"noSlowStart", aBackendIsBack},
            {"weightsOneByOne", otherWeights},
            {"shallowHealthChecks", healthyButUseless},
            {"forgetsDraining", aBalancerCrashesWhileABackendIsDrained}};
}

class LoadBalancerMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(LoadBalancerMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(loadBalancerProtocol(), GetParam());
}

TEST_P(LoadBalancerMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(LoadBalancer, LoadBalancerMistakes, testing::ValuesIn(cases()),
                         Case::name);

TEST(LoadBalancerMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(loadBalancerProtocol(), cases());
}

} // namespace
} // namespace lightcone::protocols::load_balancer
