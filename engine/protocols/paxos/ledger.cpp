#include "engine/protocols/paxos/ledger.h"

#include "engine/describe/text.h"

#include <algorithm>

namespace lightcone::protocols::paxos {

Step::Step(const node::Observation& observation)
    : m_observation(&observation)
{
    const auto& nodes = observation.nodes;
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const node::Sight& sight) {
        return sight.id == observation.node;
    });
    m_place = static_cast<std::size_t>(found - nodes.begin());
    if (found != nodes.end() && found->node != nullptr) {
        m_machine = &node::machineOf<Paxos>(*found->node);
    }
}

const node::Sight* Step::sightOf(NodeId node) const
{
    const auto& nodes = m_observation->nodes;
    const std::size_t guess = node.value - 1;
    if (guess < nodes.size() && nodes[guess].id == node) {
        return &nodes[guess];
    }
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const node::Sight& sight) { return sight.id == node; });
    return found == nodes.end() ? nullptr : &*found;
}

const Paxos* Step::machineOf(NodeId node) const
{
    const auto* sight = sightOf(node);
    return sight != nullptr && sight->node != nullptr ? &node::machineOf<Paxos>(*sight->node)
                                                      : nullptr;
}

const Durable* Step::diskOf(NodeId node) const
{
    const auto* sight = sightOf(node);
    return sight != nullptr && sight->disk != nullptr ? &node::durableOf<Paxos>(*sight->disk)
                                                      : nullptr;
}

const Durable* Step::disk() const
{
    return diskOf(m_observation->node);
}

bool News::isOnDisk(const Step& step, const Item& item)
{
    const auto* disk = step.disk();
    if (disk == nullptr) {
        return false;
    }
    const auto* entry = disk->at(item.slot);
    return item.slot < disk->logStart || (entry != nullptr && sameValue(*entry, item.entry));
}

std::string nameOf(NodeId node)
{
    return fmt::format("n{}", node.value);
}

std::string textOf(const Entry& entry)
{
    return describe::brief(describe::toValue(entry.command));
}

std::vector<std::unique_ptr<node::Invariant>> Paxos::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    addProposalInvariants(list);
    addChoiceInvariants(list);
    return list;
}

} // namespace lightcone::protocols::paxos
