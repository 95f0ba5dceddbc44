#include "tests/engine/protocols/raft/cluster.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace lightcone::protocols::raft {
namespace {

using test::SeedPlan;

node::PayloadPtr anyRequest(Dice& dice, std::uint32_t number)
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

/// What somebody who runs the cluster asks of it while faults strike.
std::optional<sim::Action> anyOperation(const sim::World& world, Dice& dice)
{
    const auto& members = world.setup()->members;
    const auto anyMember = [&] { return members[dice.below(members.size())].id; };
    const auto ask = [&](Request request, NodeId to = {}) {
        sim::Request action;
        action.body = node::makePayload<Request>(std::move(request));
        action.to = to;
        return action;
    };
    switch (dice.below(6)) {
    case 0: {
        const auto spare = anyMember();
        return world.whyNot(sim::StartNode{spare}) ? std::optional<sim::Action>()
                                                   : sim::StartNode{spare};
    }
    case 1:
        return ask(AddServer{anyMember()});
    case 2:
        return ask(RemoveServer{anyMember()});
    case 3: {
        ChangeMembers change;
        while (change.voters.size() < 3) {
            change.voters.insert(anyMember());
        }
        return ask(std::move(change));
    }
    case 4:
        return ask(TransferLeadership{anyMember()});
    default: {
        const auto member = anyMember();
        return world.whyNot(sim::Crash{member}) ? std::optional<sim::Action>()
                                                : ask(Campaign{}, member);
    }
    }
}

SeedPlan planOf(const Parameters& parameters)
{
    SeedPlan plan;
    plan.protocol = &raftProtocol();
    plan.setup = setupOf(parameters);
    plan.settings.clients = 3;
    plan.settings.clientPatience = std::chrono::milliseconds(1500);
    plan.request = anyRequest;
    return plan;
}

Parameters withNodes(std::uint32_t nodes)
{
    Parameters parameters;
    parameters.nodes = nodes;
    return parameters;
}

/// Other parameters with each seed: batches, windows and snapshots small enough to matter.
void varyParameters(SeedPlan& plan, Dice& dice)
{
    auto parameters = *static_cast<const Parameters*>(plan.setup->typed.get());
    parameters.preVote = dice.chance(0.7);
    parameters.checkQuorum = dice.chance(0.7);
    parameters.readMode = dice.chance(0.8) ? ReadMode::ReadIndex : ReadMode::Log;
    parameters.maxBatch = dice.chance(0.5) ? 1 + static_cast<std::uint32_t>(dice.below(4)) : 64;
    parameters.window = 1 + static_cast<std::uint32_t>(dice.below(8));
    parameters.snapshotThreshold =
        dice.chance(0.5) ? 1 + static_cast<std::uint32_t>(dice.below(30)) : 0;
    parameters.snapshotChunk = 8 + static_cast<std::uint32_t>(dice.below(200));
    plan.setup = setupOf(parameters);
}

TEST(RaftSeeds, FiveNodesUnderAllFaults)
{
    test::runSeeds(planOf(withNodes(5)), 500);
}

TEST(RaftSeeds, SevenNodesUnderAllFaults)
{
    test::runSeeds(planOf(withNodes(7)), 300);
}

TEST(RaftSeeds, FiveNodesWithAnyParameters)
{
    auto plan = planOf(withNodes(5));
    plan.vary = varyParameters;
    test::runSeeds(plan, 500, 10'001);
}

TEST(RaftSeeds, SevenNodesWithAnyParameters)
{
    auto plan = planOf(withNodes(7));
    plan.vary = varyParameters;
    test::runSeeds(plan, 200, 20'001);
}

TEST(RaftSeeds, MembersComeAndGoUnderAllFaults)
{
    auto parameters = withNodes(5);
    parameters.spares = 2;
    auto plan = planOf(parameters);
    plan.vary = varyParameters;
    plan.extraAct = anyOperation;
    plan.extraGap = std::chrono::milliseconds(300);
    test::runSeeds(plan, 500, 30'001);
}

TEST(RaftSeeds, AGroupingLeaderUnderAllFaults)
{
    auto parameters = withNodes(5);
    parameters.spares = 2;
    parameters.grouped = true;
    auto plan = planOf(parameters);
    plan.vary = varyParameters;
    plan.extraAct = anyOperation;
    test::runSeeds(plan, 500, 50'001);
}

// A lease bears clocks that drift within its bound, from 0.8 to 1.2 here; not ones that jump.
TEST(RaftSeeds, LeaseReadsUnderDriftWithinTheBound)
{
    auto parameters = withNodes(5);
    parameters.readMode = ReadMode::Lease;
    parameters.leaseDriftBound = 1.5;
    auto plan = planOf(parameters);
    plan.chaos.mostSkew = Duration(0);
    plan.extraAct = anyOperation;
    test::runSeeds(plan, 300, 40'001);
}

} // namespace
} // namespace lightcone::protocols::raft
