#include "engine/node/catalog.h"
#include "engine/protocols/raft/raft.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

namespace lightcone::protocols::raft {
namespace {

using test::SeedPlan;

const node::Protocol& raftProtocol()
{
    return *node::findProtocol("raft");
}

node::SetupPtr setupOf(const Parameters& parameters)
{
    return raftProtocol().setup(describe::toValue(parameters)).value();
}

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

SeedPlan planOf(const Parameters& parameters)
{
    SeedPlan plan;
    plan.protocol = &raftProtocol();
    plan.setup = setupOf(parameters);
    plan.settings.clients = 3;
    plan.request = anyRequest;
    return plan;
}

TEST(RaftSeeds, FiveNodes)
{
    test::runSeeds(planOf({}), 20);
}

} // namespace
} // namespace lightcone::protocols::raft
