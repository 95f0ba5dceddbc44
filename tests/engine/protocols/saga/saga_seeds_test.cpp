#include "tests/engine/protocols/saga/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace lightcone::protocols::saga {
namespace {

using namespace std::chrono_literals;
using test::SeedPlan;

/// Transfers and trips that fail at every place now and then, on numbers that they share.
std::string bank()
{
    return "service a balance=1000 "
           "service b balance=1000 "
           "service c balance=1000 fee=0 "
           "saga transfer(amount=10) "
           "  step debit on a: take balance amount fails 10% undo add balance amount fails 10% "
           "  step credit on b: add balance amount undo take balance amount "
           "  step charge on c: take balance 1 declines 20% undo add balance 1 "
           "  step book on c: add fee 1 pivot fails 5% "
           "  step thank on a: nothing retriable fails 20% "
           "saga back(amount=5) "
           "  step look on b: read balance as seen "
           "  step debit on b: take balance amount undo add balance amount fails 30% "
           "  step post on c: read balance as there, set balance there + amount "
           "    undo set balance there fails 10% "
           "  step credit on a: add balance amount declines 30% undo add balance 0 - amount "
           "saga note "
           "  step count on c: add fee 1 retriable fails 30%";
}

node::PayloadPtr anySaga(Dice& dice, std::uint32_t number)
{
    switch (dice.below(4)) {
    case 0:
        return node::makePayload<Request>(Start{"back", {}});
    case 1:
        return dice.chance(0.3) ? node::makePayload<Request>(Start{"note", {}})
                                : node::makePayload<Request>(Get{"balance"});
    default:
        return node::makePayload<Request>(
            Start{"transfer", {{"amount", std::to_string(1 + number % 200)}}});
    }
}

/// A person looks after a saga that may be parked, or cancels one.
std::optional<sim::Action> anyOperator(const sim::World& world, Dice& dice)
{
    std::vector<std::pair<NodeId, SagaId>> parked;
    for (const auto& sight : world.sights()) {
        if (!sight.up || sight.node == nullptr || world.whyNot(sim::Crash{sight.id})) {
            continue;
        }
        const auto& machine = node::machineOf<Saga>(*sight.node);
        for (const auto& run : machine.runs()) {
            if (run.state == SagaState::Parked) {
                parked.emplace_back(sight.id, run.saga);
            }
        }
        for (const auto& entry : machine.entries()) {
            if (entry.state == EntryState::Parked) {
                parked.emplace_back(sight.id, entry.saga);
            }
        }
    }
    sim::Request ask;
    if (parked.empty()) {
        ask.to = world.setup()->members[dice.below(world.setup()->members.size())].id;
        ask.body = node::makePayload<Request>(Cancel{1 + dice.below(50)});
        return ask;
    }
    const auto [node, saga] = parked[dice.below(parked.size())];
    ask.to = node;
    ask.body = dice.chance(0.3) ? node::makePayload<Request>(Settle{saga})
                                : node::makePayload<Request>(Resume{saga});
    return ask;
}

/// Every saga whose client asked long enough before the end has ended, or is parked for a person.
std::optional<std::string> allHaveEnded(const sim::World& world, const test::History& history)
{
    const auto last = world.instant() - 3s;
    std::set<SagaId> parked;
    for (const auto& sight : world.sights()) {
        for (const auto& entry : node::machineOf<Saga>(*sight.node).entries()) {
            if (entry.state == EntryState::Parked) {
                parked.insert(entry.saga);
            }
        }
    }
    for (const auto& sight : world.sights()) {
        for (const auto& run : node::machineOf<Saga>(*sight.node).runs()) {
            const bool waits = run.state == SagaState::Parked || parked.contains(run.saga);
            const auto asked = std::find_if(history.begin(), history.end(), [&](const auto& each) {
                return each.id == run.request;
            });
            if (run.open() && !waits && asked != history.end() && asked->begun < last) {
                return fmt::format("saga {} of {} has not ended: {}", run.saga,
                                   world.nameOf(sight.id), describe::brief(describe::toValue(run)));
            }
        }
    }
    return std::nullopt;
}

SeedPlan planOf(const Parameters& parameters)
{
    SeedPlan plan;
    plan.protocol = &sagaProtocol();
    plan.setup = setupOf(parameters);
    plan.settings.clients = 3;
    plan.settings.clientPatience = 1500ms;
    plan.settings.duplicate = 0.05;
    plan.request = anySaga;
    plan.extraAct = anyOperator;
    plan.extraGap = 300ms;
    plan.judge = allHaveEnded;
    return plan;
}

/// Other policies and countermeasures with each seed.
void vary(SeedPlan& plan, Dice& dice)
{
    auto parameters = *static_cast<const Parameters*>(plan.setup->typed.get());
    parameters.retries = static_cast<std::uint32_t>(dice.below(4));
    parameters.timeout = dice.between(Duration(20ms), Duration(150ms));
    parameters.semanticLock = dice.chance(0.5);
    parameters.versionFile = dice.chance(0.3);
    parameters.commutative = !parameters.versionFile && dice.chance(0.5);
    parameters.reread = !parameters.versionFile && dice.chance(0.5);
    plan.setup = setupOf(parameters);
}

TEST(SagaSeeds, OrchestratedUnderAllFaults)
{
    test::runSeeds(planOf(scripted(bank())), 300);
}

TEST(SagaSeeds, OrchestratedWithAnyParameters)
{
    auto plan = planOf(scripted(bank()));
    plan.vary = vary;
    test::runSeeds(plan, 300, 10'001);
}

TEST(SagaSeeds, ChoreographedUnderAllFaults)
{
    test::runSeeds(planOf(scripted(bank(), Mode::Choreographed)), 300, 20'001);
}

TEST(SagaSeeds, ChoreographedWithAnyParameters)
{
    auto plan = planOf(scripted(bank(), Mode::Choreographed));
    plan.vary = vary;
    test::runSeeds(plan, 300, 30'001);
}

} // namespace
} // namespace lightcone::protocols::saga
