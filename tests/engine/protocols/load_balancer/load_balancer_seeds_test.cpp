#include "tests/engine/protocols/load_balancer/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;
using test::SeedPlan;

node::PayloadPtr anyFetch(Dice& dice, std::uint32_t)
{
    // A few keys are asked for much more than others.
    const auto key = dice.chance(0.3) ? 0 : dice.below(50);
    return node::makePayload<Request>(Fetch{fmt::format("k{}", key)});
}

template <class T>
T anyOf(Dice& dice, std::initializer_list<T> values)
{
    return *(values.begin() + dice.below(values.size()));
}

/// What somebody who runs the service does while faults strike. The last backend is left alone, so
/// that there is one that can serve when all is over.
std::optional<sim::Action> anyOperation(const sim::World& world, Dice& dice)
{
    const auto& parameters = *static_cast<const Parameters*>(world.setup()->typed.get());
    const Plan plan(parameters);
    const auto backend = plan.backends[dice.below(plan.backends.size() - 1)];
    const auto balancer = plan.balancers[dice.below(plan.balancers.size())];
    sim::Request action;
    action.to = balancer;
    switch (dice.below(6)) {
    case 0: {
        Weigh weigh;
        for (std::size_t i = 0; i < plan.backends.size(); ++i) {
            weigh.weights.push_back(static_cast<std::uint32_t>(dice.below(6)));
        }
        weigh.weights.back() = 3;
        action.body = node::makePayload<Request>(weigh);
        break;
    }
    case 1:
        action.body = node::makePayload<Request>(Drain{backend});
        break;
    case 2:
    case 3:
        action.body = node::makePayload<Request>(Undrain{backend});
        break;
    case 4:
        action.body = node::makePayload<Request>(Slow{dice.chance(0.5) ? 1 : 1 + 9 * dice.unit()});
        action.to = backend;
        break;
    default:
        action.body = node::makePayload<Request>(Fail{dice.chance(0.5) ? 0 : dice.unit()});
        action.to = backend;
        break;
    }
    return world.whyNot(action) ? std::optional<sim::Action>() : action;
}

const Parameters& parametersOf(const SeedPlan& plan)
{
    return *static_cast<const Parameters*>(plan.setup->typed.get());
}

/// Any algorithm with any strategy, and limits small enough to be met.
void varyAll(SeedPlan& plan, Dice& dice)
{
    auto p = parametersOf(plan);
    p.agents = 1 + static_cast<std::uint32_t>(dice.below(2));
    p.balancers = 1 + static_cast<std::uint32_t>(dice.below(2));
    p.backends = 3 + static_cast<std::uint32_t>(dice.below(3));
    p.algorithm = *describe::enumeratorAt<Algorithm>(dice.below(8));
    p.strategy = *describe::enumeratorAt<Strategy>(dice.below(4));
    p.reports = dice.chance(0.5) ? Reports::Responses : Reports::Probes;
    if (p.strategy == Strategy::Geography) {
        for (std::uint32_t i = 0; i < p.backends; ++i) {
            p.regions += i % 2 == 0 ? "eu " : "us ";
        }
        p.distances = "eu us 40ms";
    }
    for (std::uint32_t i = 0; i < p.backends; ++i) {
        p.weights += std::to_string(1 + dice.below(5)) + " ";
    }
    p.service = *describe::enumeratorAt<Service>(dice.below(4));
    p.concurrency = 1 + static_cast<std::uint32_t>(dice.below(3));
    p.queueLimit = static_cast<std::uint32_t>(dice.below(6));
    p.maxInFlight = 1 + static_cast<std::uint32_t>(dice.below(16));
    p.warmUp = dice.chance(0.5) ? 0ms : 300ms;
    p.slowStart = anyOf<Duration>(dice, {0ms, 200ms, 1s});
    p.hedgeAfter = dice.chance(0.5) ? 0ms : 30ms;
    p.retryBudget = dice.chance(0.2) ? 0 : dice.unit();
    p.retryReserve = static_cast<std::uint32_t>(dice.below(10));
    p.attempts = 1 + static_cast<std::uint32_t>(dice.below(5));
    if (p.attempts < 3 || p.retryBudget < 0.5 || p.retryReserve < 2) {
        // Three clients that ask in step, one of which always comes when the only place is taken,
        // would be told so for ever: there is a place for each where little is tried again.
        p.maxInFlight = std::max(p.maxInFlight, 3U);
        p.queueLimit = std::max(p.queueLimit, 2U);
    }
    p.cancels = dice.chance(0.7);
    p.ejectAfter = static_cast<std::uint32_t>(dice.below(6));
    p.unhealthyAfter = static_cast<std::uint32_t>(dice.below(4));
    p.ejectFor = 300ms;
    plan.setup = setupOf(p);
}

/// Every request is answered or reported by its agent, or its client heard from nobody for as long
/// as it had patience; none is left open.
std::optional<std::string> everyRequestHasEnded(const sim::World& world,
                                                const test::History& history)
{
    for (const auto& each : history) {
        if (!each.ended && world.instant() - each.begun > world.settings().clientPatience + 100ms) {
            return fmt::format("request {} of {} was never answered nor reported", each.id.sequence,
                               world.nameOf(each.id.client));
        }
    }
    for (const auto& sight : world.sights()) {
        const auto& machine = node::machineOf<LoadBalancer>(*sight.node);
        for (const auto& [serial, open] : machine.open()) {
            if (machine.asOf() - open.since > 2 * machine.parameters().deadline) {
                return machine.plan().nameOf(sight.id) + " has a request open that is overdue";
            }
        }
        for (const auto& [ticket, errand] : machine.errands()) {
            if (machine.asOf() - errand.sentAt > 2 * machine.parameters().upstreamTimeout) {
                return machine.plan().nameOf(sight.id) + " waits for an answer that is overdue";
            }
        }
    }
    return std::nullopt;
}

SeedPlan seedPlan()
{
    SeedPlan plan;
    plan.protocol = &loadBalancerProtocol();
    plan.setup = setupOf(Parameters{});
    plan.settings.clients = 3;
    plan.settings.clientPatience = 2s;
    plan.interval = 40ms;
    plan.chaos.gap = 120ms;
    plan.chaosLasts = 3s;
    plan.calm = 3s;
    plan.request = anyFetch;
    plan.judge = everyRequestHasEnded;
    plan.vary = varyAll;
    plan.extraAct = anyOperation;
    plan.extraGap = 300ms;
    return plan;
}

TEST(LoadBalancerSeeds, AnyAlgorithmAndStrategyUnderAllFaults)
{
    test::runSeeds(seedPlan(), 2000);
}

/// Much more than the backends can do: queues are full, retries are many.
TEST(LoadBalancerSeeds, Overload)
{
    auto plan = seedPlan();
    plan.settings.clients = 24;
    plan.interval = 25ms;
    plan.chaosLasts = 1s;
    plan.calm = 3s;
    plan.vary = [](SeedPlan& each, Dice& dice) {
        varyAll(each, dice);
        auto p = parametersOf(each);
        p.retryBudget = 0.5;
        p.serviceTime = 15ms;
        each.setup = setupOf(p);
    };
    test::runSeeds(plan, 400, 10'001);
}

} // namespace
} // namespace lightcone::protocols::load_balancer
