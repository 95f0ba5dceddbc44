#include "engine/core/check.h"
#include "engine/session/binding.h"
#include "engine/session/live_world.h"
#include "engine/sim/lines.h"

#include <algorithm>
#include <utility>

/// A live cluster repeated: what people do to it.
namespace lightcone::session {

using trace::Direction;
using trace::Event;
using trace::Kind;

namespace {

/// Every node that is told of a line tells of it: within so long it is the same deed.
constexpr Duration sameDeed = std::chrono::seconds(10);

} // namespace

/// What follows at once from an action that changed the network, clocks or disks.
struct LiveWorld::Doing
{
    LiveWorld& world;
    EventId act;
    trace::Sink* sink;

    template <class T>
    void tell(Kind kind, const T& payload, NodeId node, NodeId peer, std::uint8_t detail) const
    {
        world.record(sink, [&] {
            Event event{act, world.m_now, node, peer, kind};
            event.detail = detail;
            event.payload = node::makePayload(payload);
            return event;
        });
    }

    [[nodiscard]] sim::Place count() const
    {
        return static_cast<sim::Place>(world.m_members.size());
    }

    [[nodiscard]] bool isMember(NodeId id) const { return world.find(id) != nullptr; }

    /// One event for what changed of the two ways between a and b.
    void setCut(sim::Place a, sim::Place b, bool cut, Direction direction) const
    {
        auto& there = world.m_network.link(a, b).cut;
        auto& back = world.m_network.link(b, a).cut;
        const bool changesThere = there != cut;
        const bool changesBack = direction == Direction::Both && back != cut;
        if (!changesThere && !changesBack) {
            return;
        }
        const auto from = world.m_members[changesThere ? a : b].id;
        const auto to = world.m_members[changesThere ? b : a].id;
        world.record(sink, [&] {
            Event event{act, world.m_now, from, to, cut ? Kind::Cut : Kind::Heal};
            event.detail = static_cast<std::uint8_t>(
                changesThere && changesBack ? Direction::Both : Direction::OneWay);
            return event;
        });
        there = cut;
        back = direction == Direction::Both ? cut : back;
    }

    void setCut(NodeId a, NodeId b, bool cut, Direction direction) const
    {
        if (isMember(a) && isMember(b) && a != b) {
            setCut(world.placeOf(a), world.placeOf(b), cut, direction);
        }
    }

    void operator()(const sim::Cut& cut) const { setCut(cut.from, cut.to, true, cut.direction); }
    void operator()(const sim::Heal& heal) const
    {
        setCut(heal.from, heal.to, false, heal.direction);
    }

    void operator()(const sim::Partition& partition) const
    {
        std::vector<std::size_t> groups(count(), partition.groups.size());
        for (std::size_t group = 0; group < partition.groups.size(); ++group) {
            for (const auto node : partition.groups[group]) {
                if (isMember(node)) {
                    groups[world.placeOf(node)] = group;
                }
            }
        }
        for (sim::Place a = 0; a < count(); ++a) {
            for (sim::Place b = a + 1; b < count(); ++b) {
                setCut(a, b, groups[a] != groups[b], Direction::Both);
            }
        }
    }

    void setAlone(NodeId node, bool alone) const
    {
        for (const auto& other : world.m_members) {
            setCut(node, other.id, alone, Direction::Both);
        }
    }

    void operator()(const sim::Isolate& isolate) const { setAlone(isolate.node, true); }
    void operator()(const sim::Rejoin& rejoin) const { setAlone(rejoin.node, false); }
    void operator()(const sim::HealAll&) const
    {
        for (sim::Place a = 0; a < count(); ++a) {
            for (sim::Place b = a + 1; b < count(); ++b) {
                setCut(a, b, false, Direction::Both);
            }
        }
    }

    void operator()(const sim::ChangeNetwork& change) const
    {
        world.m_network.changeAll(change.change);
        tell(Kind::Link, world.m_network.networkModel(), {}, {}, 0);
    }

    void tellLink(NodeId from, NodeId to, Direction direction) const
    {
        tell(Kind::Link, world.m_network.model(world.placeOf(from), world.placeOf(to)), from, to,
             static_cast<std::uint8_t>(direction));
    }

    void operator()(const sim::ChangeLink& change) const
    {
        if (!isMember(change.from) || !isMember(change.to)) {
            return;
        }
        const auto from = world.placeOf(change.from);
        const auto to = world.placeOf(change.to);
        world.m_network.change(from, to, change.change);
        if (change.direction == Direction::Both) {
            world.m_network.change(to, from, change.change);
        }
        tellLink(change.from, change.to, change.direction);
    }

    void operator()(const sim::ResetLink& reset) const
    {
        if (!isMember(reset.from) || !isMember(reset.to)) {
            return;
        }
        const auto from = world.placeOf(reset.from);
        const auto to = world.placeOf(reset.to);
        world.m_network.reset(from, to);
        if (reset.direction == Direction::Both) {
            world.m_network.reset(to, from);
        }
        tellLink(reset.from, reset.to, reset.direction);
    }

    void operator()(const sim::ResetNetwork&) const
    {
        world.m_network.resetAll();
        tell(Kind::Link, world.m_network.networkModel(), {}, {}, 0);
    }

    void operator()(const sim::AddRule& add) const
    {
        world.m_network.addRule(add.rule);
        tell(Kind::Rule, add.rule, {}, {}, 1);
    }

    void removeRule(std::size_t index) const
    {
        const auto removed = world.m_network.removeRule(index);
        tell(Kind::Rule, removed.rule, {}, {}, 0);
    }

    void operator()(const sim::RemoveRule& remove) const
    {
        if (remove.number >= 1 && remove.number <= world.m_network.rules().size()) {
            removeRule(remove.number - 1);
        }
    }

    void operator()(const sim::ClearRules&) const
    {
        while (!world.m_network.rules().empty()) {
            removeRule(0);
        }
    }

    void operator()(const sim::SetClock& set) const
    {
        if (auto* member = world.find(set.node)) {
            member->clock.offset = set.offset.value_or(member->clock.offset);
            member->clock.rate = set.rate.value_or(member->clock.rate);
            tell(Kind::Clock, member->clock, set.node, {}, 0);
        }
    }

    void operator()(const sim::SetDisk& set) const
    {
        if (auto* member = world.find(set.node)) {
            member->diskCondition = set.condition;
            tell(Kind::Disk, set.condition, set.node, {}, 0);
        }
    }

    /// What remains tells of itself when it happens.
    template <class Other>
    void operator()(const Other&) const
    {
    }
};

EventId LiveWorld::actOf(const std::string& line, trace::Sink* sink)
{
    std::erase_if(m_acts, [&](const Recent& each) { return m_now - each.at > sameDeed; });
    const auto known = std::ranges::find(m_acts, line, &Recent::line);
    if (known != m_acts.end()) {
        return known->act;
    }
    const auto act = record(sink, [&] {
        Event event{{}, m_now, {}, {}, Kind::Act};
        event.payload = node::makePayload(node::Text{line});
        return event;
    });
    m_acts.push_back({line, act, m_now});
    consequences(line, act, sink);
    return act;
}

void LiveWorld::consequences(const std::string& line, EventId act, trace::Sink* sink)
{
    const auto planned = readAct(*m_plan, line);
    if (!planned) {
        return; // the words of another build: the act itself is all that can be told
    }
    const auto& doing = std::get<Act>(planned->line.doing);
    std::vector<std::string> names;
    const auto action = actionOf(doing, Bearings{m_plan.get(), nullptr, &names});
    if (action) {
        std::visit(Doing{*this, act, sink}, *action);
    }
}

void LiveWorld::take(const Acted& acted, trace::Sink* sink)
{
    if (acted.request) {
        const auto act = record(sink, [&] {
            Event event{{}, m_now, {}, {}, Kind::Act};
            event.payload = node::makePayload(node::Text{acted.line});
            return event;
        });
        m_operations[acted.request].act = act;
        return;
    }
    const auto act = actOf(acted.line, sink);
    if (auto* member = find(acted.node)) {
        member->act = act;
    }
}

void LiveWorld::take(const GaveUp& gaveUp, trace::Sink* sink)
{
    const auto operation = m_operations.find(gaveUp.request);
    if (operation == m_operations.end()) {
        return;
    }
    const auto begun = operation->second.request;
    if (begun) {
        record(sink, [&] {
            Event event{begun, m_now, gaveUp.request.client, {}, Kind::Reply};
            event.detail = static_cast<std::uint8_t>(node::Answer::Unknown);
            event.request = gaveUp.request;
            return event;
        });
    } else {
        note({}, operation->second.act, "no node could be asked", sink);
    }
    m_operations.erase(operation);
    auto& newest = m_finished[gaveUp.request.client];
    newest = std::max(newest, gaveUp.request.sequence);
}

} // namespace lightcone::session
