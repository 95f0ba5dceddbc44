#include "engine/protocols/two_phase_commit/ledger.h"

#include <algorithm>

namespace lightcone::protocols::two_phase_commit {
namespace {

const node::Sight* sightOf(std::span<const node::Sight> nodes, NodeId node)
{
    const std::size_t guess = node.value - 1;
    if (guess < nodes.size() && nodes[guess].id == node) {
        return &nodes[guess];
    }
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const node::Sight& sight) { return sight.id == node; });
    return found == nodes.end() ? nullptr : &*found;
}

} // namespace

Step::Step(const node::Observation& observation)
    : m_observation(&observation)
{
    const auto* sight = sightOf(observation.nodes, observation.node);
    if (sight != nullptr && sight->node != nullptr) {
        m_machine = &node::machineOf<TwoPhaseCommit>(*sight->node);
    }
}

const Durable* Step::diskOf(NodeId node) const
{
    const auto* sight = sightOf(m_observation->nodes, node);
    return sight != nullptr && sight->disk != nullptr
        ? &node::durableOf<TwoPhaseCommit>(*sight->disk)
        : nullptr;
}

const Durable& Step::disk() const
{
    static const Durable blank;
    const auto* own = diskOf(node());
    return own != nullptr ? *own : blank;
}

std::vector<std::unique_ptr<node::Invariant>> TwoPhaseCommit::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addCommitmentInvariants(list);
    addDurabilityInvariants(list);
    addIsolationInvariants(list);
    return list;
}

} // namespace lightcone::protocols::two_phase_commit
