#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Whom a balancer trusts: lb1 is node 2, b1 to b3 nodes 3 to 5.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

Parameters checked()
{
    auto parameters = plain();
    parameters.unhealthyAfter = 3;
    parameters.healthyAfter = 2;
    parameters.slowStart = 1s;
    parameters.maxInFlight = 10;
    return parameters;
}

/// b1 fails so many requests at once.
void failing(Driven& balancer, std::uint32_t times, Outcome outcome = Outcome::Failed)
{
    static std::uint32_t sequence = 10'000;
    std::uint32_t failed = 0;
    for (std::uint32_t asked = 0; failed < times; ++asked) {
        ASSERT_LT(asked, 10 * times) << "b1 is not asked any more";
        const auto to = balancer.ask(++sequence);
        balancer.respond(to, to == b1 ? outcome : Outcome::Served);
        failed += to == b1 ? 1 : 0;
    }
}

TEST(HealthChecks, ThreeThatAreNotAnsweredAreEnough)
{
    Driven balancer(balancerNode, checked());
    balancer.probe({4, 5});
    balancer.probe({4, 5});
    balancer.probe({4, 5});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
    balancer.probe({4, 5});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Down);
    EXPECT_EQ(balancer.upstream(4).standing, Standing::Up);
    for (std::uint32_t i = 1; i <= 6; ++i) {
        EXPECT_NE(balancer.ask(i), b1);
    }
}

TEST(HealthChecks, OneThatPassesBeginsTheCountAgain)
{
    Driven balancer(balancerNode, checked());
    balancer.probe({4, 5});
    balancer.probe({4, 5});
    balancer.probe({3, 4, 5});
    balancer.probe({4, 5});
    balancer.probe({4, 5});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
}

TEST(HealthChecks, AFailedAnswerCountsOnce)
{
    Driven balancer(balancerNode, checked());
    balancer.probe({3, 4, 5}, false);
    EXPECT_EQ(balancer.upstream(3).probesFailed, 1U);
    balancer.probe({});
    EXPECT_EQ(balancer.upstream(3).probesFailed, 1U) << "answered, if badly";
}

TEST(HealthChecks, LateAnswersCountForNothing)
{
    Driven balancer(balancerNode, checked());
    balancer.fire(Timer::Probe);
    balancer.fire(Timer::Probe);
    EXPECT_EQ(balancer.upstream(3).probesFailed, 1U);
    balancer.receive(3, ProbeAnswer{1, true, {}});
    EXPECT_EQ(balancer.upstream(3).probesFailed, 1U);
    balancer.receive(3, ProbeAnswer{2, true, {}});
    balancer.receive(3, ProbeAnswer{2, false, {}});
    EXPECT_EQ(balancer.upstream(3).probesFailed, 0U) << "the second one is the network's";
}

TEST(HealthChecks, TwoThatPassBringItBackInSlowStart)
{
    Driven balancer(balancerNode, checked());
    for (int i = 0; i < 4; ++i) {
        balancer.probe({4, 5});
    }
    balancer.probe({3, 4, 5});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Down);
    balancer.probe({3, 4, 5});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::SlowStart);
    EXPECT_EQ(balancer.upstream(3).startedSlowlyAt, balancer.now());
}

TEST(HealthChecks, MayBeTurnedOff)
{
    auto parameters = checked();
    parameters.unhealthyAfter = 0;
    Driven balancer(balancerNode, parameters);
    for (int i = 0; i < 10; ++i) {
        balancer.probe({});
    }
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
}

TEST(Ejection, ComesAfterSoManyFailuresInARow)
{
    Driven balancer(balancerNode, checked());
    failing(balancer, 4);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
    failing(balancer, 1);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Ejected);
    EXPECT_TRUE(balancer.noted("ejects b1 after 5 failures in a row"));
    EXPECT_EQ(balancer.armed(Timer::Readmit), 1s);
    for (std::uint32_t i = 1; i <= 6; ++i) {
        EXPECT_NE(balancer.ask(i), b1);
    }
}

TEST(Ejection, OneSuccessBeginsTheCountAgain)
{
    Driven balancer(balancerNode, checked());
    failing(balancer, 4);
    failing(balancer, 1, Outcome::Served);
    failing(balancer, 4);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
}

TEST(Ejection, AFullQueueIsNoFailure)
{
    Driven balancer(balancerNode, checked());
    failing(balancer, 20, Outcome::Overloaded);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
}

TEST(Ejection, EndsAndIsLongerTheNextTime)
{
    Driven balancer(balancerNode, checked());
    for (int times = 1; times <= 7; ++times) {
        failing(balancer, 5);
        EXPECT_EQ(balancer.armed(Timer::Readmit), 1s * std::min(times, 5));
        balancer.fire(Timer::Readmit, 3);
        EXPECT_EQ(balancer.upstream(3).standing, Standing::SlowStart);
        balancer.wait(1s);
    }
    EXPECT_EQ(balancer.upstream(3).ejections, 5U);
}

TEST(Ejection, LeavesEnoughOfThem)
{
    auto parameters = checked();
    parameters.mostEjected = 0.4; // of three: one
    parameters.attempts = 1;
    Driven balancer(balancerNode, parameters);
    std::uint32_t sequence = 0;
    for (int i = 0; i < 60; ++i) {
        balancer.respond(balancer.ask(++sequence), Outcome::Failed);
    }
    int ejected = 0;
    for (const auto& [backend, upstream] : balancer.machine().backends()) {
        ejected += upstream.ejected ? 1 : 0;
    }
    EXPECT_EQ(ejected, 1);
}

TEST(Ejection, MayBeTurnedOff)
{
    auto parameters = checked();
    parameters.ejectAfter = 0;
    Driven balancer(balancerNode, parameters);
    failing(balancer, 50);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
}

/// b1 has been ejected and is back.
Driven slowlyStarting()
{
    Driven balancer(balancerNode, checked());
    failing(balancer, 5);
    balancer.fire(Timer::Readmit, 3);
    return balancer;
}

TEST(SlowStarts, LimitWhatIsInFlight)
{
    auto balancer = slowlyStarting();
    const auto limit = [&] {
        return balancer.machine().limitOf(balancer.upstream(3), balancer.now());
    };
    EXPECT_EQ(limit(), 1U);
    balancer.wait(500ms);
    EXPECT_EQ(limit(), 5U);
    balancer.wait(400ms);
    EXPECT_EQ(limit(), 9U);
    balancer.wait(100ms);
    balancer.ask(1);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
    EXPECT_EQ(limit(), 10U);
}

TEST(SlowStarts, GiveASmallPartOfThePicksAtFirst)
{
    auto balancer = slowlyStarting();
    std::uint32_t picked = 0;
    for (std::uint32_t i = 1; i <= 300; ++i) {
        const auto to = balancer.ask(i);
        picked += to == b1 ? 1 : 0;
        balancer.respond(to, Outcome::Served);
    }
    EXPECT_LT(picked, 25U) << "a tenth of a third";
    EXPECT_GT(picked, 2U);
}

TEST(SlowStarts, BeginWhenABackendSaysThatItHasBootedAgain)
{
    Driven balancer(balancerNode, checked());
    balancer.probe({3, 4, 5});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
    balancer.fire(Timer::Probe);
    balancer.receive(3, ProbeAnswer{2, true, {0, 0, 0, 2}});
    EXPECT_EQ(balancer.upstream(3).standing, Standing::SlowStart);
    EXPECT_TRUE(balancer.noted("hears that b1 has booted again"));
    balancer.respond(b1, Outcome::Served, {0, 0, 0, 1});
    EXPECT_EQ(balancer.upstream(3).report.boot, 2U) << "a word from its earlier life";
}

TEST(SlowStarts, MayBeTurnedOff)
{
    auto parameters = checked();
    parameters.slowStart = 0s;
    Driven balancer(balancerNode, parameters);
    failing(balancer, 5);
    balancer.fire(Timer::Readmit, 3);
    EXPECT_EQ(balancer.upstream(3).standing, Standing::Up);
    EXPECT_EQ(balancer.machine().limitOf(balancer.upstream(3), balancer.now()), 10U);
}

} // namespace
} // namespace lightcone::protocols::load_balancer
