#include "tests/engine/protocols/paxos/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace lightcone::protocols::paxos {
namespace {

using namespace std::chrono_literals;
using test::SeedPlan;

node::PayloadPtr anyCommand(Dice& dice, std::uint32_t number)
{
    const std::string key(1, static_cast<char>('a' + dice.below(4)));
    const auto value = std::to_string(number);
    switch (dice.below(8)) {
    case 0:
    case 1:
    case 2:
        return node::makePayload<Request>(kv::Put{key, value});
    case 3:
        return node::makePayload<Request>(kv::Delete{key});
    case 4:
        return node::makePayload<Request>(kv::Cas{key, std::nullopt, value});
    default:
        return node::makePayload<Request>(kv::Get{key});
    }
}

node::PayloadPtr anyProposal(Dice& dice, std::uint32_t number)
{
    return dice.chance(0.2) ? node::makePayload<Request>(Inquire{})
                            : node::makePayload<Request>(Propose{std::to_string(number)});
}

/// Somebody stands for leader now and then, whoever leads.
std::optional<sim::Action> anyCampaign(const sim::World& world, Dice& dice)
{
    const auto& members = world.setup()->members;
    const auto member = members[dice.below(members.size())].id;
    if (world.whyNot(sim::Crash{member})) {
        return std::nullopt;
    }
    sim::Request ask;
    ask.body = node::makePayload<Request>(Campaign{});
    ask.to = member;
    return ask;
}

SeedPlan planOf(const Parameters& parameters)
{
    SeedPlan plan;
    plan.protocol = &paxosProtocol();
    plan.setup = setupOf(parameters);
    plan.settings.clients = 3;
    plan.settings.clientPatience = 1500ms;
    plan.request = parameters.mode == Mode::Multi ? anyCommand : anyProposal;
    return plan;
}

Parameters withNodes(std::uint32_t nodes, Mode mode = Mode::Multi)
{
    Parameters parameters;
    parameters.nodes = nodes;
    parameters.mode = mode;
    return parameters;
}

const Parameters& parametersOf(const SeedPlan& plan)
{
    return *static_cast<const Parameters*>(plan.setup->typed.get());
}

/// Quorums of any sizes that meet.
void varyQuorums(Parameters& parameters, std::uint32_t acceptors, Dice& dice)
{
    if (dice.chance(0.5)) {
        parameters.q2 = 1 + static_cast<std::uint32_t>(dice.below(acceptors));
    }
}

/// Other parameters with each seed: batches, windows and snapshots small enough to matter.
void varyLog(SeedPlan& plan, Dice& dice)
{
    auto parameters = parametersOf(plan);
    varyQuorums(parameters, parameters.nodes, dice);
    parameters.learning = dice.chance(0.5) ? Learning::Distinguished : Learning::Everyone;
    parameters.window = 1 + static_cast<std::uint32_t>(dice.below(8));
    parameters.maxBatch = 1 + static_cast<std::uint32_t>(dice.below(8));
    parameters.snapshotThreshold =
        dice.chance(0.5) ? 1 + static_cast<std::uint32_t>(dice.below(30)) : 0;
    parameters.snapshotChunk = 8 + static_cast<std::uint32_t>(dice.below(200));
    plan.setup = setupOf(parameters);
}

/// Some nodes only propose, some only accept, some only learn.
void varyRoles(SeedPlan& plan, Dice& dice)
{
    auto parameters = parametersOf(plan);
    if (dice.chance(0.5)) {
        parameters.proposers = "n1 n2";
        parameters.acceptors = "n3 n4 n5";
        parameters.learners = "n6 n7";
        varyQuorums(parameters, 3, dice);
    } else {
        parameters.proposers = "n1 n3 n4";
        parameters.acceptors = "n2 n3 n4 n5 n6";
        parameters.learners = "n2 n7";
        varyQuorums(parameters, 5, dice);
    }
    parameters.learning = dice.chance(0.5) ? Learning::Distinguished : Learning::Everyone;
    plan.setup = setupOf(parameters);
}

TEST(PaxosSeeds, ALogOfFiveNodesUnderAllFaults)
{
    test::runSeeds(planOf(withNodes(5)), 300);
}

TEST(PaxosSeeds, ALogWithAnyParameters)
{
    auto plan = planOf(withNodes(5));
    plan.vary = varyLog;
    plan.extraAct = anyCampaign;
    test::runSeeds(plan, 300, 10'001);
}

TEST(PaxosSeeds, ALogOnAGrid)
{
    auto parameters = withNodes(6);
    parameters.quorums = QuorumKind::Grid;
    parameters.columns = 3;
    auto plan = planOf(parameters);
    test::runSeeds(plan, 100, 20'001);
}

TEST(PaxosSeeds, ALogWhoseNodesHaveRolesOfTheirOwn)
{
    auto plan = planOf(withNodes(7));
    plan.vary = varyRoles;
    test::runSeeds(plan, 100, 30'001);
}

// A lease bears clocks that drift within its bound, from 0.8 to 1.2 here; not ones that jump.
TEST(PaxosSeeds, LeaseReadsUnderDriftWithinTheBound)
{
    auto parameters = withNodes(5);
    parameters.reads = ReadMode::Lease;
    parameters.leaseDriftBound = 1.5;
    auto plan = planOf(parameters);
    plan.chaos.mostSkew = Duration(0);
    plan.extraAct = anyCampaign;
    test::runSeeds(plan, 200, 40'001);
}

/// A value is chosen within a few messages: on a network this bad, and with faults this frequent,
/// something comes between.
SeedPlan singleDecree(const Parameters& parameters)
{
    auto plan = planOf(parameters);
    plan.settings.loss = 0.3;
    plan.settings.duplicate = 0.2;
    plan.settings.reorder = 0.3;
    plan.settings.reorderBy = 30ms;
    plan.settings.latency = sim::LatencyModel::uniform(5ms, 40ms);
    plan.chaos.gap = 30ms;
    plan.chaosLasts = 2s;
    return plan;
}

TEST(PaxosSeeds, ASingleDecreeUnderAllFaults)
{
    auto plan = singleDecree(withNodes(5, Mode::Single));
    plan.vary = [](SeedPlan& each, Dice& dice) {
        auto parameters = parametersOf(each);
        varyQuorums(parameters, parameters.nodes, dice);
        parameters.learning = dice.chance(0.5) ? Learning::Distinguished : Learning::Everyone;
        each.setup = setupOf(parameters);
    };
    test::runSeeds(plan, 300, 50'001);
}

TEST(PaxosSeeds, ASingleDecreeWithRolesOfTheirOwn)
{
    auto plan = singleDecree(withNodes(7, Mode::Single));
    plan.vary = varyRoles;
    test::runSeeds(plan, 200, 60'001);
}

} // namespace
} // namespace lightcone::protocols::paxos
