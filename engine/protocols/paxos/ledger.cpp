#include "engine/protocols/paxos/ledger.h"

#include "engine/describe/text.h"

namespace lightcone::protocols::paxos {

bool News::isOnDisk(const Step& step, const Item& item)
{
    const auto& disk = step.disk();
    const auto* entry = disk.at(item.slot);
    return item.slot < disk.logStart || (entry != nullptr && sameValue(*entry, item.entry));
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
