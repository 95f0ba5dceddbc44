#include "tests/support/watched_nodes.h"

#include <algorithm>
#include <stdexcept>

namespace lightcone::test {

WatchedNodes::WatchedNodes(const node::Protocol& protocol, const node::SetupPtr& setup,
                           std::string_view invariant)
    : m_protocol(protocol)
    , m_setup(setup)
{
    for (const auto& member : setup->members) {
        m_nodes.push_back(protocol.makeNode(member.id, setup));
        m_disks.push_back(protocol.makeDisk());
    }
    lookAnew(invariant);
    for (const auto& member : setup->members) {
        start(member.id.value);
    }
}

void WatchedNodes::lookAnew(std::string_view invariant)
{
    auto all = m_protocol.invariants(m_setup);
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const auto& each) { return each->card().name == invariant; });
    if (found == all.end()) {
        throw std::invalid_argument("no invariant is called " + std::string(invariant));
    }
    m_invariant = std::move(*found);
}

void WatchedNodes::start(std::uint32_t number)
{
    m_restarted = true;
    m_nodes[number - 1] = m_protocol.makeNode(NodeId(number), m_setup);
    step(number, [&](auto& node, const auto& moment, auto& effects) {
        node.onStart(moment, disk(number), effects);
    });
    m_restarted = false;
}

void WatchedNodes::claim(std::uint32_t number, node::Effects effects)
{
    step(number, [&](auto&, const auto&, auto& made) { made = std::move(effects); });
}

void WatchedNodes::become(std::uint32_t number, const describe::Value& state)
{
    m_nodes[number - 1] = m_protocol.restoreNode(NodeId(number), m_setup, state).value();
    claim(number, {});
}

void WatchedNodes::wipe(std::uint32_t number)
{
    m_disks[number - 1] = m_protocol.makeDisk();
}

void WatchedNodes::step(std::uint32_t number, const Deed& deed)
{
    node::Effects effects;
    deed(node(number), node::Moment{m_now, m_dice}, effects);
    for (const auto& effect : effects) {
        const auto* write = std::get_if<node::Write>(&effect);
        if (write != nullptr && !m_detached) {
            disk(number).apply(*write->record);
        }
    }
    std::vector<node::Sight> sights;
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        sights.push_back({m_setup->members[i].id, true, m_nodes[i].get(), m_disks[i].get()});
    }
    const node::Observation seen{EventId(++m_events), m_now,    NodeId(number),
                                 m_restarted,         &effects, sights};
    if (auto broken = m_invariant->observe(seen); broken && m_problem.empty()) {
        m_problem = *broken;
    }
}

} // namespace lightcone::test
