#include "tests/engine/protocols/load_balancer/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

// Simulated queues against what queueing theory says of them.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

/// A network that takes no time, and limits that nothing meets: only queues are left.
Parameters queues(std::uint32_t backends, std::uint32_t concurrency)
{
    Parameters parameters;
    parameters.backends = backends;
    parameters.concurrency = concurrency;
    parameters.serviceTime = 10ms;
    parameters.queueLimit = 1'000'000;
    parameters.maxInFlight = 1'000'000;
    parameters.attempts = 1;
    parameters.upstreamTimeout = 50s;
    parameters.timeout = 60s;
    parameters.deadline = 60s;
    parameters.ejectAfter = 0;
    parameters.unhealthyAfter = 0;
    parameters.probeEvery = 1h;
    return parameters;
}

struct Measured
{
    double meanWait = 0; ///< in milliseconds, without the service itself
    std::uint64_t longest = 0; ///< the longest queue, in service included
    /// By k: the share of queues with k or more, as arrivals see it once the queues are filled.
    std::vector<double> atLeast{};
};

/// So many requests, at random instants, so many of them a second.
Measured measure(const Parameters& parameters, double perSecond, int requests)
{
    sim::Settings settings;
    settings.clients = 1000;
    settings.latency = sim::LatencyModel::constant(0ms);
    settings.clientTimeout = 1h;
    settings.clientPatience = 1h;
    sim::World world(loadBalancerProtocol(), setupOf(parameters), settings);
    const Plan plan(parameters);
    test::HistorySink sink;
    Dice dice(7);
    Measured measured;
    measured.atLeast.assign(16, 0);
    const auto gap = Duration(static_cast<std::int64_t>(1e9 / perSecond));
    const int warm = requests / 2;
    const auto looks = static_cast<double>(requests - warm) * parameters.backends;
    for (int i = 0; i < requests; ++i) {
        world.advanceTo(world.instant() + dice.exponential(gap), &sink);
        for (const auto backend : plan.backends) {
            const auto& sight = world.sights()[backend.value - 1];
            const auto queue = node::machineOf<LoadBalancer>(*sight.node).queue();
            measured.longest = std::max(measured.longest, queue);
            for (std::size_t k = 0; i >= warm && k < std::min<std::size_t>(queue + 1, 16); ++k) {
                measured.atLeast[k] += 1 / looks;
            }
        }
        sim::Request ask;
        ask.client = clientId(static_cast<std::uint32_t>(i % 1000) + 1);
        ask.body = node::makePayload<Request>(Fetch{"k" + std::to_string(i)});
        EXPECT_TRUE(world.apply(ask, "ask", &sink));
    }
    world.advanceTo(world.instant() + 60s, &sink);
    double whole = 0;
    for (const auto& each : sink.history()) {
        EXPECT_EQ(each.answer, node::Answer::Done);
        whole += static_cast<double>((each.ended.value_or(each.begun) - each.begun).count()) / 1e6;
    }
    measured.meanWait =
        whole / requests - static_cast<double>(parameters.serviceTime.count()) / 1e6;
    return measured;
}

// M/M/1: W = ρ s / (1 - ρ).
TEST(Queueing, OneServerWaitsAsMM1Says)
{
    for (const double rho : {0.5, 0.7}) {
        const auto measured = measure(queues(1, 1), 100 * rho, 60'000);
        EXPECT_NEAR(measured.meanWait, 10 * rho / (1 - rho), 0.05 * 10 * rho / (1 - rho)) << rho;
    }
}

/// Erlang's C: the chance that all c servers are busy.
double erlangC(int servers, double offered)
{
    double term = 1;
    double sum = 1;
    for (int k = 1; k < servers; ++k) {
        term *= offered / k;
        sum += term;
    }
    const double full = term * offered / servers * servers / (servers - offered);
    return full / (sum + full);
}

// M/M/c: W = C(c, a) s / (c - a).
TEST(Queueing, SeveralServersWaitAsMMcSays)
{
    for (const int servers : {2, 4}) {
        const double offered = 0.8 * servers;
        const auto measured =
            measure(queues(1, static_cast<std::uint32_t>(servers)), 100 * offered, 60'000);
        const double expected = erlangC(servers, offered) * 10 / (servers - offered);
        EXPECT_NEAR(measured.meanWait, expected, 0.05 * expected) << servers;
    }
}

// M/G/1, Pollaczek and Khinchine: W = λ E[S²] / 2 (1 - ρ), whatever the distribution.
TEST(Queueing, EveryDistributionWaitsAsPollaczekAndKhinchineSay)
{
    constexpr double rho = 0.6;
    const auto expected = [](double second) { return 0.06 * second / (2 * (1 - rho)); };
    auto parameters = queues(1, 1);
    parameters.service = Service::Constant;
    EXPECT_NEAR(measure(parameters, 60, 60'000).meanWait, expected(100), 0.05 * expected(100));
    parameters.service = Service::LogNormal;
    parameters.spread = 0.8;
    const double logNormal = 100 * std::exp(0.64);
    EXPECT_NEAR(measure(parameters, 60, 60'000).meanWait, expected(logNormal),
                0.06 * expected(logNormal));
    parameters.service = Service::Bimodal;
    parameters.slowShare = 0.1;
    parameters.slowTimes = 10;
    const double quick = 10 / 1.9;
    const double bimodal = quick * quick * (0.9 + 0.1 * 100);
    EXPECT_NEAR(measure(parameters, 60, 60'000).meanWait, expected(bimodal),
                0.06 * expected(bimodal));
}

// Poisson arrivals dealt out at random are Poisson at each backend: n separate M/M/1.
TEST(Queueing, RandomSplitsTheLoadIntoMM1Queues)
{
    auto parameters = queues(4, 1);
    parameters.algorithm = Algorithm::Random;
    const auto measured = measure(parameters, 280, 60'000);
    EXPECT_NEAR(measured.meanWait, 10 * 0.7 / 0.3, 0.06 * 10 * 0.7 / 0.3);
}

// The same requests at the same instants under every algorithm and strategy: who looks before it
// asks waits less, and whoever is asked by turn or at random is worse.
TEST(Queueing, TheSameLoadUnderEveryAlgorithm)
{
    std::map<Algorithm, double> waits;
    auto parameters = queues(5, 1);
    for (std::size_t i = 0; i < 8; ++i) {
        parameters.algorithm = *describe::enumeratorAt<Algorithm>(i);
        waits[parameters.algorithm] = measure(parameters, 350, 10'000).meanWait;
    }
    const double perMM1 = 10 * 0.7 / 0.3;
    EXPECT_NEAR(waits[Algorithm::Random], perMM1, 0.25 * perMM1);
    EXPECT_EQ(waits[Algorithm::WeightedRandom], waits[Algorithm::Random]) << "all weights are 1";
    EXPECT_EQ(waits[Algorithm::SmoothWeighted], waits[Algorithm::RoundRobin]);
    EXPECT_LT(waits[Algorithm::RoundRobin], waits[Algorithm::Random]);
    EXPECT_LT(waits[Algorithm::TwoChoices], 0.7 * waits[Algorithm::RoundRobin]);
    EXPECT_LT(waits[Algorithm::LeastConnections], waits[Algorithm::TwoChoices]);
    EXPECT_LT(waits[Algorithm::BoundedHash], waits[Algorithm::Maglev]) << "the bound helps";
    for (const auto strategy : {Strategy::Performance, Strategy::Load}) {
        parameters.strategy = strategy;
        parameters.algorithm = Algorithm::LeastConnections;
        EXPECT_LT(measure(parameters, 350, 10'000).meanWait, waits[Algorithm::RoundRobin]);
        parameters.algorithm = Algorithm::RoundRobin;
        EXPECT_LT(measure(parameters, 350, 10'000).meanWait, waits[Algorithm::RoundRobin])
            << "it goes round the better ones only";
        parameters.algorithm = Algorithm::TwoChoices;
        EXPECT_LT(measure(parameters, 350, 10'000).meanWait, waits[Algorithm::RoundRobin]);
    }
}

// Mitzenmacher 2001, §1: "the fraction of queues with at least i customers" is λ^i with one choice
// and λ^(2^i - 1) with two, in the limit of many servers.
TEST(Queueing, TwoChoicesShortenTheLongestQueueExponentially)
{
    auto parameters = queues(50, 1);
    parameters.algorithm = Algorithm::Random;
    const auto one = measure(parameters, 4500, 60'000);
    parameters.algorithm = Algorithm::TwoChoices;
    const auto two = measure(parameters, 4500, 60'000);
    parameters.algorithm = Algorithm::LeastConnections;
    const auto all = measure(parameters, 4500, 60'000);
    EXPECT_GE(one.longest, 30U);
    EXPECT_LE(two.longest, 9U);
    EXPECT_LE(all.longest, two.longest);
    for (int i = 1; i <= 5; ++i) {
        const auto k = static_cast<std::size_t>(i);
        EXPECT_NEAR(one.atLeast[k], std::pow(0.9, i), 0.04) << i;
        EXPECT_NEAR(two.atLeast[k], std::pow(0.9, std::pow(2, i) - 1), 0.04) << i;
    }
    EXPECT_LT(4 * two.meanWait, one.meanWait);
}

} // namespace
} // namespace lightcone::protocols::load_balancer
