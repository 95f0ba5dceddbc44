#include "engine/core/check.h"
#include "engine/session/live_world.h"
#include "engine/sim/lines.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

/// A live cluster repeated, described: what a view shows of it.
namespace lightcone::session {

using trace::ClusterState;
using trace::Life;
using trace::NodeState;

sim::DiskCondition LiveWorld::diskConditionOf(NodeId id) const
{
    const auto* member = find(id);
    return member != nullptr ? member->diskCondition : sim::DiskCondition{};
}

NodeState LiveWorld::conditionOf(NodeId id) const
{
    NodeState state{id};
    const auto* member = find(id);
    if (member == nullptr) {
        state.life = Life::Up; // a client
        return state;
    }
    state.life = member->life;
    const auto& names = m_plan->protocol->card().timers;
    for (const auto& armed : member->alarms) {
        const auto kind = armed.id.kind;
        auto name = kind < names.size() ? names[kind] : std::to_string(kind);
        state.timers.push_back(
            {std::move(name), armed.id.about, armed.armed, armed.due, armed.cause});
    }
    state.lastStep = member->lastStep;
    state.unsyncedWrites = member->writing.size();
    state.clockOffset = member->offset + member->clock.offset;
    state.clockRate = member->clock.rate;
    state.disk = sim::toText(member->diskCondition);
    return state;
}

describe::ShapePtr LiveWorld::encodeState(NodeId id, Bytes& out) const
{
    const auto* member = find(id);
    if (member == nullptr || !member->node) {
        return nullptr;
    }
    member->node->encode(out);
    return m_plan->protocol->card().state;
}

ClusterState LiveWorld::state() const
{
    ClusterState state;
    state.event = m_last;
    state.now = m_now;
    for (const auto& member : m_members) {
        auto& node = state.nodes.emplace_back(conditionOf(member.id));
        if (member.node) {
            node.state = member.node->describe();
        }
    }
    std::set<NodeId> clients;
    for (const auto& [request, operation] : m_operations) {
        clients.insert(request.client);
    }
    for (const auto client : clients) {
        state.nodes.push_back(conditionOf(client));
    }
    for (const auto& [name, flight] : m_flights) {
        // When it will arrive nobody knows; a view finds out from what the trace says later.
        state.flights.push_back({flight.send,
                                 name.from,
                                 flight.to,
                                 trace::Channel::Message,
                                 flight.payload,
                                 {},
                                 flight.sent,
                                 flight.sent + std::chrono::milliseconds(1),
                                 false});
    }
    std::ranges::sort(state.flights, {},
                      [](const auto& each) { return std::tie(each.due, each.message); });
    const auto count = static_cast<sim::Place>(m_members.size());
    for (sim::Place from = 0; from < count; ++from) {
        for (sim::Place to = 0; to < count; ++to) {
            auto text = sim::difference(m_network.model(from, to), m_network.plan());
            const bool cut = m_network.link(from, to).cut;
            if (from != to && (cut || !text.empty())) {
                state.links.push_back({m_members[from].id, m_members[to].id, cut, std::move(text)});
            }
        }
    }
    const auto names = m_plan->about.names();
    for (const auto& active : m_network.rules()) {
        state.rules.push_back(sim::toLine(active.rule, names));
    }
    return state;
}

} // namespace lightcone::session
