#include "engine/protocols/load_balancer/service.h"
#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

// A backend's queue: lb1 is node 2, b1 node 3.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

TEST(Backend, ServesSoManyAtOnceAndTheOthersWaitInOrder)
{
    auto parameters = plain();
    parameters.concurrency = 2;
    Driven backend(backendNode, parameters);
    backend.receive(balancerNode, Forward{1, "x", 1});
    EXPECT_EQ(backend.armed(Timer::Service), 10ms);
    const auto first = *backend.aboutOf(Timer::Service);
    backend.receive(balancerNode, Forward{2, "x", 1});
    const auto second = *backend.aboutOf(Timer::Service);
    backend.receive(balancerNode, Forward{3, "x", 1});
    backend.receive(balancerNode, Forward{4, "x", 1});
    EXPECT_TRUE(backend.effects().empty());
    EXPECT_EQ(backend.machine().queue(), 4U);
    backend.wait(10ms);
    backend.fire(Timer::Service, first);
    const auto response = backend.sentTo<Response>(balancerNode);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->ticket, 1U);
    EXPECT_EQ(response->outcome, Outcome::Served);
    EXPECT_EQ(response->report.waiting, 1U);
    EXPECT_EQ(response->report.running, 2U);
    backend.fire(Timer::Service, second);
    EXPECT_EQ(backend.sentTo<Response>(balancerNode)->ticket, 2U);
    EXPECT_EQ(backend.machine().running().begin()->second.ticket, 3U) << "first come, first served";
}

TEST(Backend, AFullQueueTakesNoMore)
{
    auto parameters = plain();
    parameters.queueLimit = 1;
    Driven backend(backendNode, parameters);
    backend.receive(balancerNode, Forward{1, "x", 1});
    backend.receive(balancerNode, Forward{2, "x", 1});
    EXPECT_EQ(backend.machine().role(), Role::Full);
    backend.receive(balancerNode, Forward{3, "x", 1});
    EXPECT_EQ(backend.sentTo<Response>(balancerNode)->outcome, Outcome::Overloaded);
    EXPECT_EQ(backend.machine().queue(), 2U);
}

TEST(Backend, WhatIsWithdrawnLeavesTheQueueUnlessItIsServed)
{
    Driven backend(backendNode);
    backend.receive(balancerNode, Forward{1, "x", 1});
    backend.receive(balancerNode, Forward{2, "x", 1});
    backend.receive(balancerNode, Withdraw{2});
    EXPECT_TRUE(backend.machine().waiting().empty());
    backend.receive(balancerNode, Withdraw{1});
    EXPECT_EQ(backend.machine().running().size(), 1U);
    backend.receive(balancerNode, Forward{3, "x", 1});
    backend.receive(99, Withdraw{3});
    EXPECT_EQ(backend.machine().waiting().size(), 1U) << "another balancer's ticket of that number";
}

TEST(Backend, WhatTheNetworkHasDoubledIsOneRequest)
{
    Driven backend(backendNode);
    backend.receive(balancerNode, Forward{1, "x", 1});
    backend.receive(balancerNode, Forward{1, "x", 1});
    backend.receive(balancerNode, Forward{2, "x", 1});
    backend.receive(balancerNode, Forward{2, "x", 1});
    EXPECT_EQ(backend.machine().queue(), 2U);
}

TEST(Backend, FailsAtOnceWhatItIsToFail)
{
    Driven backend(backendNode);
    backend.ask(Fail{1});
    backend.receive(balancerNode, Forward{1, "x", 1});
    EXPECT_EQ(backend.sentTo<Response>(balancerNode)->outcome, Outcome::Failed);
    backend.receive(balancerNode, Probe{1});
    EXPECT_FALSE(backend.sentTo<ProbeAnswer>(balancerNode)->passed);
    backend.ask(Fail{0.25});
    int failed = 0;
    int passed = 0;
    for (Ticket ticket = 2; ticket < 2000; ++ticket) {
        backend.receive(balancerNode, Forward{ticket, "x", 1});
        const auto response = backend.sentTo<Response>(balancerNode);
        failed += response && response->outcome == Outcome::Failed ? 1 : 0;
        backend.receive(balancerNode, Probe{ticket});
        passed += backend.sentTo<ProbeAnswer>(balancerNode)->passed ? 1 : 0;
    }
    EXPECT_NEAR(failed, 500, 80);
    EXPECT_NEAR(passed, 1500, 80);
}

TEST(Backend, TakesSoManyTimesAsLongWhenItIsSlow)
{
    Driven backend(backendNode);
    backend.ask(Slow{4});
    backend.receive(balancerNode, Forward{1, "x", 1});
    EXPECT_EQ(backend.armed(Timer::Service), 40ms);
    backend.ask(Slow{4});
    EXPECT_TRUE(backend.noted("takes 4 times as long as usual"));
    backend.ask(Slow{1});
    EXPECT_TRUE(backend.noted("takes as long as usual"));
}

TEST(Backend, IsColdAfterAStartAndWarmsUp)
{
    auto parameters = plain();
    parameters.warmUp = 1s;
    parameters.coldTimes = 5;
    parameters.concurrency = 10;
    Driven backend(backendNode, parameters);
    EXPECT_EQ(backend.machine().role(), Role::Warming);
    EXPECT_EQ(backend.machine().boot(), 1U);
    backend.receive(balancerNode, Forward{1, "x", 1});
    EXPECT_EQ(backend.armed(Timer::Service), 50ms);
    backend.wait(500ms);
    backend.receive(balancerNode, Forward{2, "x", 1});
    EXPECT_EQ(backend.armed(Timer::Service), 30ms);
    backend.wait(500ms);
    backend.fire(Timer::Warm);
    EXPECT_EQ(backend.machine().role(), Role::Backend);
    backend.receive(balancerNode, Forward{3, "x", 1});
    EXPECT_EQ(backend.armed(Timer::Service), 10ms);
    backend.start();
    EXPECT_EQ(backend.machine().boot(), 2U);
    backend.receive(balancerNode, Forward{4, "x", 1});
    EXPECT_EQ(backend.armed(Timer::Service), 50ms) << "cold again";
}

TEST(Backend, UtilisationFollowsHowBusyItIs)
{
    auto parameters = plain();
    parameters.concurrency = 2;
    Driven backend(backendNode, parameters);
    backend.receive(balancerNode, Forward{1, "x", 1});
    EXPECT_EQ(backend.machine().utilisation(), 0);
    backend.wait(5s);
    backend.receive(balancerNode, Probe{1});
    EXPECT_NEAR(backend.machine().utilisation(), 0.5, 0.01) << "one of two for five seconds";
    EXPECT_NEAR(backend.sentTo<ProbeAnswer>(balancerNode)->report.utilisation, 0.5, 0.01);
    backend.fire(Timer::Service, 1);
    backend.wait(1s);
    backend.receive(balancerNode, Probe{2});
    EXPECT_NEAR(backend.machine().utilisation(), 0.5 / 2.71828, 0.01);
}

struct Moments
{
    double mean = 0;
    double second = 0;
};

Moments momentsOf(const Parameters& parameters)
{
    Dice dice(5);
    Moments moments;
    constexpr int draws = 100'000;
    for (int i = 0; i < draws; ++i) {
        const auto time = static_cast<double>(drawService(parameters, dice).count()) / 1e6;
        moments.mean += time / draws;
        moments.second += time * time / draws;
    }
    return moments;
}

TEST(ServiceTimes, HaveTheMeanAndTheSpreadOfTheirDistribution)
{
    Parameters parameters;
    parameters.serviceTime = 10ms;
    parameters.service = Service::Constant;
    EXPECT_NEAR(momentsOf(parameters).second, 100, 1e-6);
    parameters.service = Service::Exponential;
    EXPECT_NEAR(momentsOf(parameters).mean, 10, 0.1);
    EXPECT_NEAR(momentsOf(parameters).second, 200, 5);
    parameters.service = Service::LogNormal;
    parameters.spread = 0.5;
    EXPECT_NEAR(momentsOf(parameters).mean, 10, 0.1);
    EXPECT_NEAR(momentsOf(parameters).second, 100 * std::exp(0.25), 2);
    parameters.service = Service::Bimodal;
    parameters.slowShare = 0.2;
    parameters.slowTimes = 5;
    EXPECT_NEAR(momentsOf(parameters).mean, 10, 0.1);
    const double quick = 10 / 1.8;
    EXPECT_NEAR(momentsOf(parameters).second, quick * quick * (0.8 + 0.2 * 25), 3);
}

} // namespace
} // namespace lightcone::protocols::load_balancer
