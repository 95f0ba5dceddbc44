#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

// How a balancer passes requests on: a1 is node 1, lb1 node 2, b1 to b3 nodes 3 to 5.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

Parameters by(Algorithm algorithm, Strategy strategy = Strategy::None)
{
    auto parameters = plain();
    parameters.algorithm = algorithm;
    parameters.strategy = strategy;
    return parameters;
}

TEST(Balancer, PassesRequestsOnAndOutcomesBack)
{
    Driven balancer(balancerNode);
    EXPECT_EQ(balancer.ask(1, "x"), b1);
    EXPECT_EQ(balancer.sentTo<Forward>(3)->key, "x");
    EXPECT_EQ(balancer.armed(Timer::Upstream), 200ms);
    EXPECT_EQ(balancer.upstream(3).inFlight, 1U);
    balancer.wait(12ms);
    balancer.respond(b1, Outcome::Served);
    const auto relay = balancer.sentTo<Relay>(1);
    ASSERT_TRUE(relay);
    EXPECT_EQ(relay->outcome, Outcome::Served);
    EXPECT_EQ(relay->backend, b1);
    EXPECT_EQ(relay->request, (RequestId{clientId(1), 1}));
    EXPECT_EQ(balancer.upstream(3).inFlight, 0U);
    EXPECT_EQ(balancer.upstream(3).latency, 12ms);
    EXPECT_EQ(balancer.machine().queue(), 0U);
}

TEST(Balancer, SendsWhatTheNetworkHasDoubledOnlyOnce)
{
    Driven balancer(balancerNode);
    EXPECT_EQ(balancer.ask(1), b1);
    EXPECT_EQ(balancer.ask(1), NodeId{});
    EXPECT_EQ(balancer.ask(1, "x", 2), b2) << "another attempt is another one";
}

TEST(Balancer, GivesUpABackendThatDoesNotAnswer)
{
    Driven balancer(balancerNode);
    balancer.ask(1);
    balancer.wait(200ms);
    balancer.fire(Timer::Upstream, balancer.newest);
    EXPECT_EQ(balancer.sentTo<Relay>(1)->outcome, Outcome::TimedOut);
    EXPECT_EQ(balancer.sentTo<Withdraw>(3)->ticket, balancer.newest);
    EXPECT_EQ(balancer.upstream(3).inFlight, 0U);
    balancer.respond(b1, Outcome::Served);
    EXPECT_FALSE(balancer.sentTo<Relay>(1)) << "too late";
}

TEST(Balancer, TicketsOfAnEarlierLifeMeanNothing)
{
    Driven balancer(balancerNode);
    balancer.ask(1);
    const auto old = balancer.newest;
    balancer.start();
    balancer.ask(2);
    EXPECT_NE(balancer.newest, old);
    balancer.newest = old;
    balancer.respond(b1, Outcome::Served);
    EXPECT_FALSE(balancer.sentTo<Relay>(1));
    EXPECT_EQ(balancer.machine().queue(), 1U);
}

// The circuit breaker.
TEST(Balancer, SendsNoMoreThanABackendMayHaveInFlight)
{
    auto parameters = by(Algorithm::RoundRobin);
    parameters.maxInFlight = 1;
    Driven balancer(balancerNode, parameters);
    EXPECT_EQ(balancer.ask(1), b1);
    EXPECT_EQ(balancer.ask(2), b2);
    EXPECT_EQ(balancer.ask(3), b3);
    EXPECT_EQ(balancer.ask(4), NodeId{});
    EXPECT_EQ(balancer.sentTo<Relay>(1)->outcome, Outcome::Unavailable);
    EXPECT_EQ(balancer.sentTo<Relay>(1)->backend, NodeId{});
    balancer.respond(b3, Outcome::Served);
    EXPECT_EQ(balancer.ask(5), b3);
}

TEST(Balancer, ACancelledAttemptIsWithdrawnAndNotCounted)
{
    Driven balancer(balancerNode);
    balancer.ask(1);
    balancer.wait(30ms);
    balancer.receive(1, Cancel{{clientId(1), 1}, 1});
    EXPECT_EQ(balancer.upstream(3).latency, 30ms) << "so long at least";
    EXPECT_EQ(balancer.sentTo<Withdraw>(3)->ticket, balancer.newest);
    EXPECT_EQ(balancer.upstream(3).inFlight, 0U);
    EXPECT_EQ(balancer.upstream(3).failuresInRow, 0U);
    balancer.receive(1, Cancel{{clientId(1), 1}, 1});
    EXPECT_TRUE(balancer.effects().empty());
}

TEST(Balancer, LeavesOutWhereARequestHasFailedOrIsTried)
{
    Driven balancer(balancerNode);
    EXPECT_EQ(balancer.ask(1), b1);
    EXPECT_EQ(balancer.ask(2), b2);
    EXPECT_EQ(balancer.ask(1, "x", 2, {b3}), b2) << "b1 is being tried, b3 has failed";
    EXPECT_NE(balancer.ask(3, "x", 2, {b1, b2, b3}), NodeId{}) << "rather again than not at all";
}

// An error that comes at once counts as long as no answer would have.
TEST(Balancer, FailuresCountAsOpenForAWhile)
{
    auto parameters = by(Algorithm::LeastConnections);
    parameters.ejectAfter = 0;
    Driven balancer(balancerNode, parameters);
    const auto first = balancer.ask(1);
    balancer.wait(1ms);
    balancer.respond(first, Outcome::Failed);
    EXPECT_EQ(balancer.armed(Timer::Penalty), 199ms);
    const auto penalty = *balancer.aboutOf(Timer::Penalty);
    EXPECT_EQ(balancer.upstream(first.value).penalties, 1U);
    const auto second = balancer.ask(2);
    const auto third = balancer.ask(3);
    EXPECT_EQ((NodeSet{first, second, third}).size(), 3U) << "first is no longer the idlest";
    balancer.fire(Timer::Penalty, penalty);
    EXPECT_EQ(balancer.upstream(first.value).penalties, 0U);
    EXPECT_EQ(balancer.ask(4), first);
}

TEST(Balancer, SharesAreOfTheNewestPicks)
{
    Driven balancer(balancerNode);
    for (std::uint32_t i = 1; i <= 6; ++i) {
        balancer.ask(i);
    }
    EXPECT_NEAR(balancer.upstream(3).share, 1.0 / 3, 0.01);
    EXPECT_EQ(balancer.upstream(3).chosen, 2U);
    EXPECT_NEAR(balancer.upstream(3).share + balancer.upstream(4).share
                    + balancer.upstream(5).share,
                1, 1e-9);
}

// --- strategies

/// Each backend has been asked once; they took so long.
void teach(Driven& balancer, std::uint32_t from, std::initializer_list<Duration> times)
{
    std::map<NodeId, Duration> took;
    std::uint32_t number = 3;
    for (const auto time : times) {
        took[NodeId(number++)] = time;
    }
    for (std::uint32_t i = 0; i < 100 && !took.empty(); ++i) {
        const auto to = balancer.ask(from + i);
        if (const auto known = took.find(to); known != took.end()) {
            balancer.wait(known->second);
            took.erase(known);
        }
        balancer.respond(to, Outcome::Served);
    }
}

// Finagle's peak EWMA: latency times open requests.
TEST(Performance, AsksWhoIsQuick)
{
    Driven balancer(balancerNode, by(Algorithm::LeastConnections, Strategy::Performance));
    teach(balancer, 1, {10ms, 40ms, 40ms});
    for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(balancer.ask(200 + i), b1)
            << "three at the quick one cost less than one at others";
    }
}

TEST(Performance, ARiseCountsAtOnceAndAFallLittleByLittle)
{
    auto parameters = by(Algorithm::RoundRobin, Strategy::Performance);
    parameters.backends = 1;
    Driven balancer(balancerNode, parameters);
    const auto takes = [&](std::uint32_t sequence, Duration time) {
        const auto to = balancer.ask(sequence);
        balancer.wait(time);
        balancer.respond(to, Outcome::Served);
        return balancer.upstream(3).latency;
    };
    EXPECT_EQ(takes(1, 10ms), 10ms);
    EXPECT_EQ(takes(2, 100ms), 100ms);
    const auto after = takes(3, 10ms);
    EXPECT_LT(after, 100ms);
    EXPECT_GT(after, 95ms) << "10 ms of a memory of a second";
    balancer.wait(5s);
    EXPECT_LT(takes(4, 10ms), 12ms);
}

TEST(Performance, FailuresAreNoQuickAnswers)
{
    auto parameters = by(Algorithm::RoundRobin, Strategy::Performance);
    Driven balancer(balancerNode, parameters);
    balancer.ask(1);
    balancer.wait(1ms);
    balancer.respond(b1, Outcome::Failed);
    EXPECT_EQ(balancer.upstream(3).latency, parameters.upstreamTimeout);
}

// Round robin goes round those that cost no more than twice what the one in the middle does.
TEST(Performance, NarrowsWhatOtherAlgorithmsChooseFrom)
{
    for (const auto algorithm :
         {Algorithm::RoundRobin, Algorithm::Random, Algorithm::WeightedRandom,
          Algorithm::SmoothWeighted, Algorithm::Maglev, Algorithm::BoundedHash}) {
        Driven balancer(balancerNode, by(algorithm, Strategy::Performance));
        for (std::uint32_t backend = 3; backend <= 5; ++backend) {
            // By key, some backends have to be looked for.
            for (std::uint32_t i = 0; balancer.upstream(backend).latency == 0ms && i < 500; ++i) {
                const auto to = balancer.ask(1000 * backend + i, std::to_string(i));
                balancer.wait(to == b2 ? 150ms : 10ms);
                balancer.respond(to, Outcome::Served);
            }
        }
        for (std::uint32_t i = 0; i < 20; ++i) {
            const auto to = balancer.ask(10'000 + i, std::to_string(i));
            EXPECT_NE(to, b2) << static_cast<int>(algorithm);
            balancer.respond(to, Outcome::Served);
        }
    }
}

TEST(LoadBased, AsksWhoReportsTheLeast)
{
    Driven balancer(balancerNode, by(Algorithm::LeastConnections, Strategy::Load));
    for (std::uint32_t i = 1; i <= 40; ++i) {
        const auto to = balancer.ask(i);
        const auto waiting = to == b3 ? 1U : 7U;
        balancer.respond(to, Outcome::Served, {waiting, 1, 0.5, 1});
    }
    EXPECT_EQ(balancer.ask(100), b3);
    EXPECT_EQ(balancer.ask(101), b3);
    EXPECT_EQ(balancer.upstream(5).sinceReport, 2U);
    balancer.respond(b3, Outcome::Served, {7, 1, 0.9, 1});
    EXPECT_NE(balancer.ask(102), b3) << "the same queue, and busier";
}

TEST(LoadBased, ReportsMayComeWithProbesOnly)
{
    auto parameters = by(Algorithm::LeastConnections, Strategy::Load);
    parameters.reports = Reports::Probes;
    Driven balancer(balancerNode, parameters);
    const auto to = balancer.ask(1);
    balancer.respond(to, Outcome::Served, {9, 1, 1, 1});
    EXPECT_EQ(balancer.upstream(to.value).report.waiting, 0U);
    balancer.fire(Timer::Probe);
    balancer.receive(to.value, ProbeAnswer{1, true, {9, 1, 1, 1}});
    EXPECT_EQ(balancer.upstream(to.value).report.waiting, 9U);
}

Parameters world()
{
    auto parameters = by(Algorithm::RoundRobin, Strategy::Geography);
    parameters.agents = 3;
    parameters.balancers = 1;
    parameters.backends = 4; // nodes 5 to 8
    parameters.regions = "eu us us ap";
    parameters.distances = "eu us 40ms, us ap 60ms, eu ap 90ms";
    parameters.maxInFlight = 4;
    parameters.spillOver = 0.5;
    return parameters;
}

NodeId askFrom(Driven& balancer, std::uint32_t agent, std::uint32_t sequence)
{
    balancer.receive(agent, Ask{{clientId(agent), sequence}, 1, "x", {}});
    const auto forwards = balancer.sent<Forward>();
    return forwards.empty() ? NodeId{} : forwards.front().first;
}

TEST(Geography, KeepsRequestsInTheirRegion)
{
    Driven balancer(4, world());
    EXPECT_EQ(askFrom(balancer, 1, 1), NodeId(5));
    EXPECT_EQ(askFrom(balancer, 2, 1), NodeId(6));
    EXPECT_EQ(askFrom(balancer, 2, 2), NodeId(7)) << "the algorithm chooses within the region";
    EXPECT_EQ(askFrom(balancer, 3, 1), NodeId(8));
}

TEST(Geography, SpillsOverToTheNextNearest)
{
    Driven balancer(4, world());
    EXPECT_EQ(askFrom(balancer, 1, 1), NodeId(5));
    EXPECT_EQ(askFrom(balancer, 1, 2), NodeId(5));
    EXPECT_EQ(askFrom(balancer, 1, 3), NodeId(6)) << "half of its room is taken: to America";
    EXPECT_EQ(askFrom(balancer, 1, 4), NodeId(7));
    EXPECT_EQ(askFrom(balancer, 1, 5), NodeId(6));
    EXPECT_EQ(askFrom(balancer, 1, 6), NodeId(7));
    EXPECT_EQ(askFrom(balancer, 1, 7), NodeId(8)) << "and then to Asia";
    EXPECT_EQ(askFrom(balancer, 1, 8), NodeId(8));
    EXPECT_EQ(askFrom(balancer, 1, 9), NodeId(5)) << "nearly full everywhere: at home";
}

TEST(Geography, GoesToTheNextRegionWhenItsOwnIsLost)
{
    auto parameters = world();
    parameters.unhealthyAfter = 1;
    Driven balancer(4, parameters);
    balancer.fire(Timer::Probe);
    for (std::uint32_t backend = 6; backend <= 8; ++backend) {
        balancer.receive(backend, ProbeAnswer{1, true, {0, 0, 0, 1}});
    }
    balancer.fire(Timer::Probe);
    EXPECT_EQ(balancer.upstream(5).standing, Standing::Down);
    EXPECT_EQ(askFrom(balancer, 1, 1), NodeId(6));
}

TEST(Geography, AFullRegionIsNotLeftWithoutNeed)
{
    auto parameters = world();
    parameters.spillOver = 1;
    parameters.maxInFlight = 1;
    Driven balancer(4, parameters);
    EXPECT_EQ(askFrom(balancer, 1, 1), NodeId(5));
    EXPECT_EQ(askFrom(balancer, 1, 2), NodeId(6));
}

} // namespace
} // namespace lightcone::protocols::load_balancer
