#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

// What operators change, and how balancers agree on it: a1, lb1, lb2, b1 to b3 are nodes 1 to 6.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

const NodeId third(4);
const NodeId fourth(5);

Parameters two()
{
    auto parameters = plain();
    parameters.balancers = 2;
    parameters.algorithm = Algorithm::SmoothWeighted;
    return parameters;
}

TEST(Operators, WeightsChangeTogetherAndAreOnDiskBeforeTheAnswer)
{
    Driven balancer(2, two());
    const auto id = balancer.ask(Weigh{{0, 2, 1}});
    EXPECT_EQ(balancer.answer<Configured>(id)->version, 1U);
    EXPECT_EQ(balancer.written<Configuration>().front().second, node::Sync::Forced);
    EXPECT_EQ(balancer.disk().configuration.weights, (std::vector<std::uint32_t>{0, 2, 1}));
    for (std::uint32_t i = 1; i <= 9; ++i) {
        EXPECT_NE(balancer.ask(i), third);
    }
    EXPECT_EQ(balancer.upstream(fourth.value).chosen, 6U);
}

TEST(Operators, WeightsThatMeanNothingAreRefused)
{
    Driven balancer(2, two());
    EXPECT_EQ(balancer.refusal(balancer.ask(Weigh{{1, 1}})),
              "expected a weight for each of the 3 backends, found 2");
    EXPECT_EQ(balancer.refusal(balancer.ask(Weigh{{0, 0, 0}})),
              "expected weights from 0 to 1000, one of them above 0, found 0 as the highest");
    EXPECT_EQ(balancer.refusal(balancer.ask(Weigh{{1, 1, 1001}})),
              "expected weights from 0 to 1000, one of them above 0, found 1001 as the highest");
    EXPECT_EQ(balancer.refusal(balancer.ask(Drain{NodeId(1)})), "expected a backend such as b1");
    EXPECT_EQ(balancer.refusal(balancer.ask(Undrain{NodeId(77)})), "expected a backend such as b1");
    EXPECT_EQ(balancer.machine().configuration().version, 0U);
}

TEST(Operators, ADrainedBackendEndsWhatItHasAndGetsNothingNew)
{
    Driven balancer(2, two());
    ASSERT_EQ(balancer.ask(1), third);
    balancer.ask(Drain{third});
    EXPECT_EQ(balancer.upstream(third.value).standing, Standing::Drained);
    for (std::uint32_t i = 2; i <= 9; ++i) {
        EXPECT_NE(balancer.ask(i), third);
    }
    EXPECT_EQ(balancer.upstream(third.value).inFlight, 1U);
    balancer.receive(third.value, Response{balancer.machine().errands().begin()->first});
    EXPECT_EQ(balancer.sentTo<Relay>(1)->outcome, Outcome::Served);
    balancer.ask(Undrain{third});
    EXPECT_EQ(balancer.upstream(third.value).standing, Standing::SlowStart);
}

TEST(Operators, DrainingSurvivesACrashAndIsNoNewVersionTheSecondTime)
{
    Driven balancer(2, two());
    balancer.ask(Drain{third});
    EXPECT_EQ(balancer.answer<Configured>(balancer.ask(Drain{third}))->version, 1U);
    balancer.start();
    EXPECT_EQ(balancer.upstream(third.value).standing, Standing::Drained);
    EXPECT_EQ(balancer.machine().configuration().version, 1U);
}

TEST(Operators, TheOtherBalancersAreToldUntilTheyKnow)
{
    Driven balancer(2, two());
    balancer.ask(Weigh{{1, 2, 3}});
    const auto told = balancer.sentTo<Configure>(3);
    ASSERT_TRUE(told);
    balancer.fire(Timer::Probe);
    EXPECT_TRUE(balancer.sentTo<Configure>(3)) << "again";
    Driven other(3, two());
    other.receive(2, *told);
    EXPECT_EQ(other.machine().configuration().weights, (std::vector<std::uint32_t>{1, 2, 3}));
    EXPECT_EQ(other.disk().configuration.version, 1U);
    balancer.receive(3, *other.sentTo<Configured>(2));
    balancer.fire(Timer::Probe);
    EXPECT_FALSE(balancer.sentTo<Configure>(3)) << "it knows";
}

TEST(Operators, NoTwoBalancersUseTheSameVersionAndTheHigherCounts)
{
    Driven one(2, two());
    Driven other(3, two());
    one.ask(Weigh{{1, 0, 0}});
    const auto ofOne = *one.sentTo<Configure>(3);
    other.ask(Weigh{{0, 1, 0}});
    const auto ofOther = *other.sentTo<Configure>(2);
    EXPECT_EQ(ofOne.configuration.version, 1U);
    EXPECT_EQ(ofOther.configuration.version, 2U);
    one.receive(3, ofOther);
    other.receive(2, ofOne);
    EXPECT_EQ(one.machine().configuration().weights, (std::vector<std::uint32_t>{0, 1, 0}));
    EXPECT_EQ(other.machine().configuration().weights, (std::vector<std::uint32_t>{0, 1, 0}));
    one.ask(Weigh{{1, 1, 1}});
    EXPECT_EQ(one.machine().configuration().version, 3U);
    other.receive(2, *one.sentTo<Configure>(3));
    other.ask(Drain{third});
    EXPECT_EQ(other.machine().configuration().version, 4U);
}

// A peer may be of another build, or hostile.
TEST(Operators, WhatNoNodeOfThePlanSaysIsPassedOver)
{
    Driven balancer(2, two());
    balancer.receive(3, Configure{{7, {1, 1}, {}}});
    balancer.receive(3, Configure{{7, {0, 0, 0}, {}}});
    balancer.receive(3, Configure{{7, {1, 1, 1}, {NodeId(1)}}});
    balancer.receive(4, Configure{{7, {1, 1, 1}, {}}}); // b1
    EXPECT_EQ(balancer.machine().configuration().version, 0U);
    balancer.receive(99, Ask{{clientId(1), 1}, 1, "x", {}});
    balancer.receive(4, Ask{{clientId(1), 2}, 1, "x", {}});
    balancer.receive(1, Forward{1, "x", 1});
    EXPECT_EQ(balancer.machine().queue(), 0U);
    balancer.receive(3, ProbeAnswer{0, true, {}});
    EXPECT_EQ(balancer.machine().backends().size(), 3U);
    balancer.fire(Timer::Probe);
    balancer.receive(4, ProbeAnswer{1, true, {0, 0, std::nan(""), 1}});
    EXPECT_EQ(balancer.upstream(4).report.utilisation, 1);
    Driven agent(1, two());
    agent.receive(2, Forward{1, "x", 1});
    EXPECT_EQ(agent.machine().queue(), 0U);
}

TEST(Operators, SlowAndFailHaveTheirRanges)
{
    Driven backend(4, two());
    EXPECT_EQ(backend.answer<Condition>(backend.ask(Slow{3}))->times, 3);
    EXPECT_EQ(backend.answer<Condition>(backend.ask(Fail{0.5}))->failing, 0.5);
    EXPECT_EQ(backend.refusal(backend.ask(Slow{0.5})), "expected from 1 to 10000 times as long");
    EXPECT_EQ(backend.refusal(backend.ask(Fail{1.5})), "expected a share from 0 to 1");
    EXPECT_EQ(backend.machine().role(), Role::Degraded);
    backend.start();
    EXPECT_EQ(backend.machine().role(), Role::Backend) << "a restart cures it";
}

} // namespace
} // namespace lightcone::protocols::load_balancer
