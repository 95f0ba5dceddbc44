#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/sim/lines.h"
#include "engine/sim/world.h"

#include <algorithm>
#include <tuple>

/// A world described: what a view shows of it.
namespace lightcone::sim {

using trace::ClusterState;
using trace::Life;
using trace::NodeState;

NodeState World::conditionOf(const Machine& machine) const
{
    NodeState state{machine.id};
    state.life = machine.life;
    const auto& names = m_plan->protocol->card().timers;
    for (const auto& [id, slot] : machine.timers) {
        const auto& timer = m_timers[slot];
        const auto name = id.kind < names.size() ? names[id.kind] : std::to_string(id.kind);
        state.timers.push_back({name, id.about, timer.armed, timer.alarm.due, timer.cause});
    }
    state.lastStep = machine.lastStep;
    state.unsyncedWrites = machine.storage.written() - machine.storage.durable();
    const auto clock = machine.clock.condition(m_instant);
    state.clockOffset = clock.offset;
    state.clockRate = clock.rate;
    state.disk = toText(machine.storage.condition());
    return state;
}

NodeState World::conditionOf(NodeId id) const
{
    if (const auto place = findPlace(id); place && isMember(*place)) {
        return conditionOf(m_machines[*place]);
    }
    NodeState client{id};
    client.life = Life::Up;
    return client;
}

describe::ShapePtr World::encodeState(NodeId id, Bytes& out) const
{
    for (const auto& machine : m_machines) {
        if (machine.id == id && machine.node) {
            machine.node->encode(out);
            return protocol().card().state;
        }
    }
    for (const auto& caller : m_callers) {
        if (caller.client.self() == id) {
            const auto state = caller.client.state();
            out += describe::toBytes(state);
            return describe::shapeOf<node::ClientState>();
        }
    }
    return nullptr;
}

ClusterState World::state() const
{
    ClusterState state;
    state.event = m_last;
    state.now = m_instant;
    for (const auto& machine : m_machines) {
        auto& node = state.nodes.emplace_back(conditionOf(machine));
        if (machine.node) {
            node.state = machine.node->describe();
        }
    }
    for (const auto& caller : m_callers) {
        NodeState client{caller.client.self()};
        client.life = Life::Up;
        client.state = describe::toValue(caller.client.state());
        state.nodes.push_back(std::move(client));
    }
    for (const auto& packet : m_packets) {
        if (packet.name) {
            state.flights.push_back({packet.name, idOf(packet.from), idOf(packet.to),
                                     packet.channel, packet.payload, packet.request, packet.sent,
                                     packet.due, packet.heldBy != 0});
        }
    }
    std::sort(state.flights.begin(), state.flights.end(), [](const auto& a, const auto& b) {
        return std::tie(a.due, a.message) < std::tie(b.due, b.message);
    });
    for (Place from = 0; from < placeCount(); ++from) {
        for (Place to = 0; to < placeCount(); ++to) {
            const auto text = difference(m_network.model(from, to), m_network.plan());
            if (from != to && (m_network.link(from, to).cut || !text.empty())) {
                state.links.push_back({idOf(from), idOf(to), m_network.link(from, to).cut, text});
            }
        }
    }
    const describe::NodeNames names{[this](NodeId id) { return nameOf(id); }, nullptr};
    for (const auto& active : m_network.rules()) {
        state.rules.push_back(toLine(active.rule, names));
    }
    return state;
}

std::vector<Pending> World::pending() const
{
    using Row = std::tuple<bool, Instant, std::uint64_t, Pending>;
    std::vector<Row> rows;
    const auto add = [&](Pending item, std::uint64_t order) {
        const auto place = placeOf(item.node);
        item.waits = isMember(place) && m_machines[place].life == Life::Paused;
        item.due = std::max(item.due, m_instant);
        rows.emplace_back(item.held || item.waits, item.due, order, item);
    };
    for (const auto& packet : m_packets) {
        if (packet.name) {
            add({Pending::What::Message,
                 packet.due,
                 packet.name,
                 idOf(packet.to),
                 idOf(packet.from),
                 {},
                 packet.heldBy != 0},
                packet.order);
        }
    }
    for (const auto& machine : m_machines) {
        for (const auto& [id, slot] : machine.timers) {
            const auto& alarm = m_timers[slot].alarm;
            add({Pending::What::Timer, alarm.due, {}, machine.id, {}, id}, alarm.order);
        }
        if (machine.storage.syncing()) {
            add({Pending::What::Sync, machine.storage.syncDue(), {}, machine.id},
                machine.storage.order);
        }
    }
    for (Place place = 0; place < m_machines.size(); ++place) {
        const auto& machine = m_machines[place];
        if (machine.life == Life::NotStarted && !m_plan->setup->members[place].spare) {
            add({Pending::What::Boot, m_instant, {}, machine.id}, place);
        }
    }
    for (const auto& caller : m_callers) {
        if (caller.alarm.armed()) {
            add({Pending::What::Client, caller.alarm.due, {}, caller.client.self()},
                caller.alarm.order);
        }
    }
    for (const auto& stream : m_streams) {
        if (stream.alarm.armed()) {
            const auto caller = freeCaller(stream).value_or(stream.callers.front());
            add({Pending::What::Arrival, stream.alarm.due, {}, m_callers[caller].client.self()},
                stream.alarm.order);
        }
    }
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a))
            < std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
    });
    std::vector<Pending> result;
    for (auto& row : rows) {
        result.push_back(std::get<3>(row));
    }
    return result;
}

} // namespace lightcone::sim
