#include "engine/core/check.h"
#include "engine/sim/world.h"

#include <algorithm>

/// What members do: boot, make steps, write, arm timers, crash and stand still.
namespace lightcone::sim {

using trace::Event;
using trace::Kind;
using trace::Life;

template <class Handler>
void World::makeStep(Place place, EventId event, bool boots, trace::Sink* sink, Handler handler)
{
    auto& machine = m_machines[place];
    auto& node = machine.node.own();
    m_sights[place].node = &node;
    m_effects.clear();
    handler(node, node::Moment{machine.clock.local(m_instant), machine.dice});
    machine.lastStep = event;
    m_step = Step{event, place, boots, m_instant};
    performEffects(place, event, sink);
}

void World::boot(Place place, EventId cause, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    const bool first = machine.life == Life::NotStarted;
    const auto kind = first ? Kind::Start : Kind::Restart;
    const auto event = record(sink, [&] { return Event{cause, m_instant, machine.id, {}, kind}; });
    machine.life = Life::Up;
    machine.node = Shared<node::Node>(m_plan->protocol->makeNode(machine.id, m_plan->setup));
    m_sights[place].up = true;
    makeStep(place, event, true, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onStart(moment, machine.storage.disk(), m_effects);
    });
}

void World::crash(Place place, trace::CrashReason reason, EventId cause, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    record(sink, [&] {
        Event event{cause, m_instant, machine.id, {}, Kind::Crash};
        event.detail = static_cast<std::uint8_t>(reason);
        return event;
    });
    machine.life = Life::Crashed;
    m_sights[place].up = false;
    machine.storage.crash();
    m_sights[place].disk = &machine.storage.disk();
    machine.outbox.clear();
    for (const auto& [id, slot] : machine.timers) {
        m_timers[slot].alarm.disarm();
        m_freeTimers.push_back(slot);
    }
    machine.timers.clear();
    // What waited for a paused process arrives now, where nobody is left.
    for (const auto& due : machine.parked) {
        m_agenda.push(due);
    }
    machine.parked.clear();
}

void World::pause(Place place, EventId cause, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    record(sink, [&] { return Event{cause, m_instant, machine.id, {}, Kind::Pause}; });
    machine.life = Life::Paused;
}

void World::resume(Place place, EventId cause, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    record(sink, [&] { return Event{cause, m_instant, machine.id, {}, Kind::Resume}; });
    machine.life = Life::Up;
    for (const auto& due : machine.parked) {
        m_agenda.push(due);
    }
    machine.parked.clear();
}

/// The writes that must be durable before what the step says may leave: the durability rule.
std::uint64_t World::barrierOf(const Machine& machine) const
{
    auto barrier = machine.storage.forced();
    auto written = machine.storage.written();
    for (const auto& effect : m_effects) {
        if (const auto* write = std::get_if<node::Write>(&effect)) {
            ++written;
            if (write->sync == node::Sync::Forced) {
                barrier = written;
            }
        }
    }
    return barrier;
}

void World::performEffects(Place place, EventId step, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    const auto barrier = barrierOf(machine);
    bool wrote = false;
    for (const auto& effect : m_effects) {
        if (const auto* send = std::get_if<node::Send>(&effect)) {
            Packet packet;
            packet.to = placeOf(send->to);
            packet.payload = send->message;
            performSend(place, std::move(packet), step, {barrier, send->leaves}, sink);
        } else if (const auto* set = std::get_if<node::Arm>(&effect)) {
            arm(place, set->timer, set->after, step);
        } else if (const auto* unset = std::get_if<node::Disarm>(&effect)) {
            disarm(place, unset->timer);
        } else if (const auto* write = std::get_if<node::Write>(&effect)) {
            if (!performWrite(place, *write, step, sink)) {
                return;
            }
            wrote = true;
        } else if (const auto* reply = std::get_if<node::Reply>(&effect)) {
            Packet packet;
            packet.to = placeOf(reply->request.client);
            packet.channel = trace::Channel::Reply;
            packet.answer = reply->answer;
            packet.request = reply->request;
            packet.payload = reply->body;
            performSend(place, std::move(packet), step, {barrier, reply->leaves}, sink);
        } else if (const auto* note = std::get_if<node::Note>(&effect)) {
            record(sink, [&] {
                Event event{step, m_instant, machine.id, {}, Kind::Note};
                event.payload = node::makePayload(node::Text{note->text});
                return event;
            });
        }
    }
    if (wrote) {
        planSync(place);
    }
}

void World::performSend(Place place, Packet packet, EventId step, Barrier barrier,
                        trace::Sink* sink)
{
    auto& machine = m_machines[place];
    packet.from = place;
    const bool isFree = machine.outbox.empty() && machine.storage.durable() >= barrier.write;
    if (isFree || barrier.leaves == node::Leaves::AtOnce) {
        leave(std::move(packet), step, sink);
    } else {
        machine.outbox.push_back({barrier.write, std::move(packet), step});
    }
}

/// False when the disk is full: the node has stopped.
bool World::performWrite(Place place, const node::Write& write, EventId step, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    if (machine.storage.condition().kind == DiskKind::Full) {
        crash(place, trace::CrashReason::DiskFull, step, sink);
        return false;
    }
    const auto id = record(sink, [&] {
        Event event{step, m_instant, machine.id, {}, Kind::Write};
        event.detail = static_cast<std::uint8_t>(write.sync);
        event.tag = write.record->tag();
        event.payload = write.record;
        return event;
    });
    machine.storage.write(m_instant, write.record, id, write.sync);
    return true;
}

void World::planSync(Place place)
{
    auto& storage = m_machines[place].storage;
    const auto& settings = m_plan->settings;
    if (const auto due = storage.plan(m_instant, settings.sync, settings.flush)) {
        storage.order = nextOrder();
        m_agenda.push({*due, storage.order, place, DueKind::Sync});
    }
}

void World::finishSync(Place place, trace::Sink* sink)
{
    auto& machine = m_machines[place];
    machine.storage.order = 0;
    const auto cause = machine.storage.finish(m_instant);
    m_sights[place].disk = &machine.storage.disk();
    record(sink, [&] { return Event{cause, m_instant, machine.id, {}, Kind::Sync}; });
    std::size_t left = 0;
    while (left < machine.outbox.size()
           && machine.outbox[left].barrier <= machine.storage.durable()) {
        auto& outgoing = machine.outbox[left++];
        leave(std::move(outgoing.packet), outgoing.cause, sink);
    }
    machine.outbox.erase(machine.outbox.begin(),
                         machine.outbox.begin() + static_cast<std::ptrdiff_t>(left));
    planSync(place);
}

namespace {

template <class Timers>
auto placeFor(Timers& timers, node::TimerId id)
{
    return std::lower_bound(
        timers.begin(), timers.end(), id,
        [](const auto& row, node::TimerId wanted) { return row.first < wanted; });
}

} // namespace

void World::arm(Place place, node::TimerId id, Duration after, EventId cause)
{
    auto& machine = m_machines[place];
    auto found = placeFor(machine.timers, id);
    if (found == machine.timers.end() || found->first != id) {
        found = machine.timers.insert(found, {id, takeTimerSlot()});
    }
    auto& timer = m_timers[found->second];
    timer.owner = place;
    timer.id = id;
    timer.armed = m_instant;
    timer.cause = cause;
    const auto due = m_instant + machine.clock.real(std::max(after, Duration::zero()));
    m_agenda.set(timer.alarm, {due, nextOrder(), found->second, DueKind::Timer});
}

void World::disarm(Place place, node::TimerId id)
{
    auto& timers = m_machines[place].timers;
    const auto found = placeFor(timers, id);
    if (found != timers.end() && found->first == id) {
        m_timers[found->second].alarm.disarm();
        m_freeTimers.push_back(found->second);
        timers.erase(found);
    }
}

void World::fireTimer(std::uint32_t slot, trace::Sink* sink)
{
    const auto id = m_timers[slot].id;
    const auto place = m_timers[slot].owner;
    const auto cause = m_timers[slot].cause;
    disarm(place, id);
    const auto event = record(sink, [&] {
        Event made{cause, m_instant, m_machines[place].id, {}, Kind::Timer};
        made.tag = id.kind;
        return made;
    });
    makeStep(place, event, false, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onTimer(moment, id, m_effects);
    });
}

/// Timers run on the node's own clock: what is left of them takes as long as the new rate says.
void World::setClock(const SetClock& set, EventId cause, trace::Sink* sink)
{
    const auto place = placeOf(set.node);
    auto& machine = m_machines[place];
    const auto before = machine.clock.condition(m_instant);
    const ClockCondition after{set.offset.value_or(before.offset), set.rate.value_or(before.rate)};
    machine.clock.set(m_instant, after);
    if (before.rate != after.rate) {
        for (const auto& [id, slot] : machine.timers) {
            auto& alarm = m_timers[slot].alarm;
            const auto left = std::max(alarm.due - m_instant, Duration::zero());
            const auto own = static_cast<double>(left.count()) * before.rate;
            const auto due =
                m_instant + machine.clock.real(Duration(static_cast<std::int64_t>(own)));
            m_agenda.set(alarm, {due, nextOrder(), slot, DueKind::Timer});
        }
    }
    record(sink, [&] {
        Event event{cause, m_instant, machine.id, {}, Kind::Clock};
        event.payload = node::makePayload(after);
        return event;
    });
}

std::uint32_t World::takeTimerSlot()
{
    if (m_freeTimers.empty()) {
        m_timers.emplace_back();
        return static_cast<std::uint32_t>(m_timers.size() - 1);
    }
    const auto slot = m_freeTimers.back();
    m_freeTimers.pop_back();
    return slot;
}

std::optional<std::uint32_t> World::findTimer(NodeId node, node::TimerId id) const
{
    const auto place = findPlace(node);
    if (!place || !isMember(*place)) {
        return std::nullopt;
    }
    const auto& timers = m_machines[*place].timers;
    const auto found = placeFor(timers, id);
    return found != timers.end() && found->first == id ? std::optional(found->second)
                                                       : std::nullopt;
}

// Used by deliver() in world_messages.cpp.
void World::stepOnMessage(Place place, EventId event, NodeId from, const node::Payload& message,
                          trace::Sink* sink)
{
    makeStep(place, event, false, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onMessage(moment, from, message, m_effects);
    });
}

void World::stepOnRequest(Place place, EventId event, RequestId request, const node::Payload& body,
                          trace::Sink* sink)
{
    makeStep(place, event, false, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onRequest(moment, request, body, m_effects);
    });
}

} // namespace lightcone::sim
