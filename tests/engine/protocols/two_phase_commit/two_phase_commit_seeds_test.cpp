#include "tests/engine/protocols/two_phase_commit/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <algorithm>

// Random runs of every variant. When all is healed and nobody asks any more every transaction must
// end, everywhere alike, no lock may stay, and no money may be lost.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;
using test::SeedPlan;

constexpr std::int64_t eachHolds = 100;
const std::vector<std::string> accounts{"a", "b", "c", "d", "e", "f"};

std::string anyOf(const std::vector<std::string>& keys, Dice& dice)
{
    return keys[dice.below(keys.size())];
}

/// Money only moves by transfers; the other keys are read and written as it comes.
node::PayloadPtr anyRequest(Dice& dice, std::uint32_t number)
{
    static const std::vector<std::string> others{"u", "v", "w", "x", "y", "z"};
    const auto from = anyOf(accounts, dice);
    switch (dice.below(6)) {
    case 0:
    case 1:
    case 2: {
        auto to = anyOf(accounts, dice);
        while (to == from) {
            to = anyOf(accounts, dice);
        }
        return node::makePayload<Request>(Transfer{from, to, 1 + dice.below(60)});
    }
    case 3: {
        Operations operations;
        for (const auto& account : accounts) {
            if (dice.chance(0.4)) {
                operations.emplace_back(Read{account});
            }
        }
        operations.emplace_back(Read{from});
        return node::makePayload<Request>(Transact{operations});
    }
    case 4: {
        Operations operations;
        for (std::uint64_t i = 0; i <= dice.below(4); ++i) {
            const auto key = anyOf(others, dice);
            switch (dice.below(3)) {
            case 0:
                operations.emplace_back(Read{key});
                break;
            case 1:
                operations.emplace_back(Write{key, std::to_string(number)});
                break;
            default:
                operations.emplace_back(Add{key, 1});
            }
        }
        return node::makePayload<Request>(Transact{operations});
    }
    default:
        return node::makePayload<Request>(Write{anyOf(others, dice), std::to_string(number)});
    }
}

const TwoPhaseCommit& machineAt(const sim::World& world, std::size_t place)
{
    return node::machineOf<TwoPhaseCommit>(*world.sights()[place].node);
}

/// What is left when nobody asks any more.
std::optional<std::string> judgeTheRest(const sim::World& run, const test::History& history)
{
    auto world = run;
    if (!world.apply(sim::StopLoad{}, "load stop", nullptr)) {
        return "the load cannot be stopped";
    }
    world.advanceTo(world.instant() + 4s, nullptr);
    std::int64_t money = 0;
    for (std::size_t place = 0; place < world.sights().size(); ++place) {
        const auto& machine = machineAt(world, place);
        const auto name = world.nameOf(machine.self());
        if (!machine.transactions().empty() || !machine.reruns().empty()) {
            return fmt::format("{} has not ended transaction {}", name,
                               machine.transactions().empty()
                                   ? machine.reruns().begin()->first
                                   : machine.transactions().begin()->first);
        }
        if (!machine.branches().empty()) {
            return fmt::format("{} does not know how transaction {} ended", name,
                               machine.branches().begin()->first);
        }
        if (!machine.locks().empty()) {
            return fmt::format("{} still has locks", name);
        }
        for (const auto& account : accounts) {
            const auto* value = machine.store().find(account);
            money += value != nullptr ? std::stoll(*value) : 0;
        }
    }
    const auto whole = eachHolds * static_cast<std::int64_t>(accounts.size());
    if (money != whole) {
        return fmt::format("there were {} at first, and now there are {}", whole, money);
    }
    const auto committed = std::count_if(history.begin(), history.end(), [](const auto& each) {
        const auto* reply = node::payloadIf<Reply>(each.reply.get());
        return reply != nullptr && std::holds_alternative<Committed>(*reply);
    });
    return committed >= 5
        ? std::nullopt
        : std::optional(fmt::format("only {} transactions were committed", committed));
}

const Parameters& parametersOf(const SeedPlan& plan)
{
    return *static_cast<const Parameters*>(plan.setup->typed.get());
}

Parameters rich(Parameters parameters)
{
    parameters.data.clear();
    for (std::size_t i = 0; i < accounts.size(); ++i) {
        parameters.data +=
            fmt::format("p{}: {}={}; ", i % parameters.participants + 1, accounts[i], eachHolds);
    }
    return parameters;
}

void vary(SeedPlan& plan, Dice& dice)
{
    auto parameters = parametersOf(plan);
    parameters.coordinators = 1 + static_cast<std::uint32_t>(dice.below(2));
    parameters.participants = 2 + static_cast<std::uint32_t>(dice.below(3));
    parameters.readOnlyVotes = dice.chance(0.7);
    parameters.cooperative = dice.chance(0.5);
    parameters.deadlocks = dice.chance(0.5) ? Deadlocks::WaitDie : Deadlocks::Timeout;
    parameters.restarts = static_cast<std::uint32_t>(dice.below(4));
    plan.setup = setupOf(rich(parameters));
}

SeedPlan planOf(Variant variant)
{
    Parameters parameters;
    parameters.variant = variant;
    SeedPlan plan;
    plan.protocol = &theProtocol();
    plan.setup = setupOf(rich(parameters));
    plan.settings.clients = 3;
    plan.settings.clientPatience = 1500ms;
    plan.request = anyRequest;
    plan.vary = vary;
    plan.judge = judgeTheRest;
    return plan;
}

TEST(TwoPhaseCommitSeeds, PresumedAbortUnderAllFaults)
{
    test::runSeeds(planOf(Variant::PresumedAbort), 400);
}

TEST(TwoPhaseCommitSeeds, PresumedNothingUnderAllFaults)
{
    test::runSeeds(planOf(Variant::PresumedNothing), 300, 10'001);
}

TEST(TwoPhaseCommitSeeds, PresumedCommitUnderAllFaults)
{
    test::runSeeds(planOf(Variant::PresumedCommit), 300, 20'001);
}

// Three-phase commit is for crashes and a network that delivers in time, be it in another order or
// twice.
TEST(TwoPhaseCommitSeeds, ThreePhasesUnderCrashes)
{
    auto plan = planOf(Variant::ThreePhase);
    plan.chaos.gap = 80ms;
    plan.chaos.pauses = plan.chaos.cuts = plan.chaos.partitions = plan.chaos.losses = false;
    plan.chaos.slowDisks = false;
    plan.vary = [](SeedPlan& each, Dice& dice) {
        vary(each, dice);
        auto parameters = parametersOf(each);
        parameters.voteTimeout = 200ms;
        parameters.inquiry = 500ms;
        each.setup = setupOf(parameters);
    };
    test::runSeeds(plan, 500, 30'001);
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
