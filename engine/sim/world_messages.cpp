#include "engine/core/check.h"
#include "engine/sim/world.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

/// What becomes of messages, and the clients that send and receive some of them.
namespace lightcone::sim {

using trace::Channel;
using trace::DropReason;
using trace::Event;
using trace::Kind;
using trace::Life;

namespace {

constexpr std::uint64_t isHeld = 0; // no line on the agenda

} // namespace

/// The message goes out now: its Send is recorded, and its fate is decided.
EventId World::leave(Packet packet, EventId cause, trace::Sink* sink)
{
    const auto from = idOf(packet.from);
    const auto to = idOf(packet.to);
    packet.name = record(sink, [&] {
        Event event{cause, m_instant, from, to, Kind::Send};
        event.detail = static_cast<std::uint8_t>(packet.channel);
        event.tag = packet.payload->tag();
        event.request = packet.request;
        event.payload = packet.payload;
        return event;
    });
    const auto name = packet.name;
    packet.sent = m_instant;
    const auto* rule = m_network.rules().empty() ? nullptr : m_network.judge(packet, from, to);
    const auto decides = [&](RuleAction action) {
        return rule != nullptr && rule->rule.action == action;
    };
    auto& dice = m_network.link(packet.from, packet.to).dice;
    const auto& model = m_network.model(packet.from, packet.to);
    const bool itself = packet.from == packet.to;
    const bool lost = !itself && dice.chance(model.loss);
    const bool twice = decides(RuleAction::Duplicate) || (!itself && dice.chance(model.duplicate));
    packet.due = m_network.arrival(packet.from, packet.to, m_instant);
    if (decides(RuleAction::Drop)) {
        packet.fate = Fate::DiesOfRule;
    } else if (lost) {
        packet.fate = Fate::DiesOfLoss;
    }
    if (decides(RuleAction::Delay)) {
        packet.due += rule->rule.delay;
    }
    if (decides(RuleAction::Hold)) {
        packet.heldBy = rule->id;
    }
    if (twice) {
        duplicate(packet, sink);
    }
    launch(std::move(packet));
    return name;
}

/// Gives the message a slot, and a line on the agenda unless a rule holds it.
void World::launch(Packet packet)
{
    std::uint32_t slot = 0;
    if (m_freePackets.empty()) {
        slot = static_cast<std::uint32_t>(m_packets.size());
        m_packets.push_back(std::move(packet));
    } else {
        slot = m_freePackets.back();
        m_freePackets.pop_back();
        m_packets[slot] = std::move(packet);
    }
    auto& placed = m_packets[slot];
    if (placed.heldBy != 0) {
        placed.order = isHeld;
        return;
    }
    schedule(slot, placed.due);
}

void World::schedule(std::uint32_t slot, Instant due)
{
    auto& packet = m_packets[slot];
    packet.due = due;
    packet.order = nextOrder();
    // What dies on the way dies half-way, where it can be seen to.
    const auto at = packet.fate == Fate::Arrives ? due : m_instant + (due - m_instant) / 2;
    m_agenda.push({at, packet.order, slot, DueKind::Message});
}

Packet World::take(std::uint32_t slot)
{
    auto packet = std::move(m_packets[slot]);
    m_packets[slot].name = {};
    m_packets[slot].order = 0;
    m_freePackets.push_back(slot);
    return packet;
}

void World::deliver(std::uint32_t slot, trace::Sink* sink)
{
    const auto& arrived = m_packets[slot];
    if (arrived.fate != Fate::Arrives) {
        drop(slot, arrived.fate == Fate::DiesOfLoss ? DropReason::Loss : DropReason::Rule, sink);
        return;
    }
    if (m_network.link(arrived.from, arrived.to).cut) {
        drop(slot, DropReason::Cut, sink);
        return;
    }
    const bool toMember = isMember(arrived.to);
    if (toMember && m_machines[arrived.to].life != Life::Up) {
        drop(slot, DropReason::Down, sink);
        return;
    }
    const auto packet = take(slot);
    const auto from = idOf(packet.from);
    const auto event = record(sink, [&] {
        Event made{packet.name, m_instant, idOf(packet.to), from, Kind::Deliver};
        made.detail = static_cast<std::uint8_t>(packet.channel);
        made.tag = packet.payload->tag();
        made.request = packet.request;
        made.payload = packet.payload;
        return made;
    });
    if (!toMember) {
        const auto which = packet.to - m_machines.size();
        auto& caller = m_callers[which];
        caller.cause = event;
        caller.client.onReply(m_instant, from, packet.request, packet.answer, packet.payload,
                              m_clientEffects);
        performClient(which, sink);
    } else if (packet.channel == Channel::Request) {
        stepOnRequest(packet.to, event, packet.request, *packet.payload, sink);
    } else {
        stepOnMessage(packet.to, event, from, *packet.payload, sink);
    }
}

void World::drop(std::uint32_t slot, DropReason reason, trace::Sink* sink)
{
    const auto packet = take(slot);
    record(sink, [&] {
        Event event{packet.name, m_instant, idOf(packet.from), idOf(packet.to), Kind::Drop};
        event.detail = static_cast<std::uint8_t>(reason);
        event.tag = packet.payload->tag();
        event.request = packet.request;
        event.payload = packet.payload;
        return event;
    });
}

/// A second copy comes to be and travels on its own.
void World::duplicate(const Packet& packet, trace::Sink* sink)
{
    auto copy = packet;
    copy.name = record(sink, [&] {
        Event event{packet.name, m_instant, idOf(packet.from), idOf(packet.to), Kind::Duplicate};
        event.detail = static_cast<std::uint8_t>(packet.channel);
        event.tag = packet.payload->tag();
        event.request = packet.request;
        event.payload = packet.payload;
        return event;
    });
    copy.sent = m_instant;
    copy.fate = Fate::Arrives;
    copy.heldBy = 0;
    copy.due = m_instant + m_network.drawLatency(copy.from, copy.to);
    launch(std::move(copy));
}

/// Lets go of what a rule held: it travels as long as it would have.
void World::release(std::uint32_t rule)
{
    std::vector<std::pair<EventId, std::uint32_t>> held;
    for (std::uint32_t slot = 0; slot < m_packets.size(); ++slot) {
        if (m_packets[slot].name && m_packets[slot].heldBy == rule) {
            held.emplace_back(m_packets[slot].name, slot);
        }
    }
    std::sort(held.begin(), held.end());
    for (const auto& [name, slot] : held) {
        auto& packet = m_packets[slot];
        const auto travels = packet.due - packet.sent;
        packet.heldBy = 0;
        schedule(slot, m_instant + travels);
    }
}

void World::wakeClient(std::size_t which, trace::Sink* sink)
{
    m_callers[which].alarm.disarm();
    if (m_callers[which].client.due()) {
        m_callers[which].client.onDue(m_instant, m_clientEffects);
    }
    performClient(which, sink);
}

/// Performs what the client wants, lets a driven one begin its next operation, and sees to it that
/// it is woken.
void World::performClient(std::size_t which, trace::Sink* sink)
{
    auto& caller = m_callers[which];
    performClientEffects(which, sink);
    if (!caller.client.due() && serveWaiting(which)) {
        performClientEffects(which, sink);
    }
    auto due = caller.client.due();
    if (!due && caller.drive.bodies.first) {
        due = driveClient(caller);
        performClientEffects(which, sink);
    }
    if (!due) {
        caller.alarm.disarm();
    } else if (!caller.alarm.armed() || caller.alarm.due != *due) {
        m_agenda.set(caller.alarm,
                     {*due, nextOrder(), static_cast<std::uint32_t>(which), DueKind::Client});
    }
}

/// Begins the next operation of an idle client, or says when it is to be woken for it.
std::optional<Instant> World::driveClient(Caller& caller)
{
    auto& drive = caller.drive;
    if (std::max(m_instant, drive.from) >= drive.until) {
        drive = {};
        return std::nullopt;
    }
    if (m_instant < drive.from) {
        return drive.from;
    }
    auto body = drive.bodies.at(drive.next);
    drive.next += drive.stride;
    drive.from = m_instant + drive.interval;
    caller.client.submit(m_instant, std::move(body), {}, drive.origin, m_clientEffects);
    return caller.client.due();
}

/// Gives an idle client the operation that has waited longest in an open loop, if any does.
bool World::serveWaiting(std::size_t which)
{
    for (auto& stream : m_streams) {
        const bool takesPart = std::ranges::find(stream.callers, which) != stream.callers.end();
        if (!stream.waiting.empty() && takesPart) {
            auto next = std::move(stream.waiting.front());
            stream.waiting.pop_front();
            m_callers[which].client.submit(m_instant, std::move(next.body), {}, next.note,
                                           m_clientEffects);
            return true;
        }
    }
    return false;
}

/// Plans the next operation of an open loop, counted from when the one before was due.
void World::planArrival(std::size_t which, Instant since)
{
    auto& stream = m_streams[which];
    const auto due =
        since + (stream.poisson ? stream.dice.exponential(stream.interval) : stream.interval);
    stream.alarm.disarm();
    if (due < stream.until) {
        m_agenda.set(stream.alarm,
                     {due, nextOrder(), static_cast<std::uint32_t>(which), DueKind::Arrival});
    }
}

void World::arrive(std::size_t which, trace::Sink* sink)
{
    auto& stream = m_streams[which];
    planArrival(which, stream.alarm.due);
    auto body = stream.bodies.at(stream.next++);
    if (const auto idle = freeCaller(stream)) {
        m_callers[*idle].client.submit(m_instant, std::move(body), {}, stream.origin,
                                       m_clientEffects);
        performClient(*idle, sink);
        return;
    }
    const auto note = record(sink, [&] {
        const auto first = m_callers[stream.callers.front()].client.self();
        Event event{stream.origin, m_instant, first, {}, Kind::Note, trace::waitsInLine};
        event.tag = body->tag();
        const auto clients = stream.callers.size();
        event.payload = node::makePayload(node::Text{
            clients == 1
                ? fmt::format("{} waits in line: the client is busy", body->name())
                : fmt::format("{} waits in line: all {} clients are busy", body->name(), clients)});
        return event;
    });
    stream.waiting.push_back({std::move(body), note});
}

std::optional<std::size_t> World::freeCaller(const Stream& stream) const
{
    const auto free = [&](std::size_t caller) { return m_callers[caller].client.open() == 0; };
    const auto found = std::ranges::find_if(stream.callers, free);
    return found == stream.callers.end() ? std::nullopt : std::optional(*found);
}

/// The open loop that the client takes part in and that goes on.
std::optional<std::size_t> World::findStream(NodeId client) const
{
    for (std::size_t which = 0; which < m_streams.size(); ++which) {
        const auto& stream = m_streams[which];
        const auto same = [&](std::size_t caller) {
            return m_callers[caller].client.self() == client;
        };
        if (stream.alarm.armed() && std::ranges::any_of(stream.callers, same)) {
            return which;
        }
    }
    return std::nullopt;
}

void World::performClientEffects(std::size_t which, trace::Sink* sink)
{
    auto& caller = m_callers[which];
    const auto place = static_cast<Place>(m_machines.size() + which);
    const auto self = caller.client.self();
    for (auto& effect : m_clientEffects) {
        if (auto* begin = std::get_if<node::Client::Begin>(&effect)) {
            caller.request = record(sink, [&] {
                Event event{begin->origin, m_instant, self, begin->to, Kind::Request};
                event.tag = begin->body->tag();
                event.request = begin->request;
                event.payload = begin->body;
                return event;
            });
            caller.cause = caller.request;
        } else if (auto* transmit = std::get_if<node::Client::Transmit>(&effect)) {
            Packet packet;
            packet.from = place;
            packet.to = placeOf(transmit->to);
            packet.channel = Channel::Request;
            packet.request = transmit->request;
            packet.payload = std::move(transmit->body);
            caller.lastSend = leave(std::move(packet), caller.cause, sink);
        } else if (auto* late = std::get_if<node::Client::TimedOut>(&effect)) {
            caller.cause = record(sink, [&] {
                Event event{caller.lastSend, m_instant, self, late->silent, Kind::Note};
                event.request = late->request;
                event.payload = node::makePayload(
                    node::Text{fmt::format("no answer from {} for {}", nameOf(late->silent),
                                           lightcone::toText(late->waited))});
                return event;
            });
        } else if (auto* finish = std::get_if<node::Client::Finish>(&effect)) {
            auto& drive = caller.drive;
            drive.from = std::max(drive.from, m_instant + drive.think.draw(drive.dice));
            record(sink, [&] {
                Event event{caller.request, m_instant, self, finish->by, Kind::Reply};
                event.detail = static_cast<std::uint8_t>(finish->answer);
                event.tag = finish->body ? finish->body->tag() : std::uint16_t{0};
                event.request = finish->request;
                event.payload = std::move(finish->body);
                return event;
            });
        }
    }
    m_clientEffects.clear();
}

std::optional<std::uint32_t> World::findPacket(EventId name) const
{
    const auto found = std::find_if(m_packets.begin(), m_packets.end(), [&](const Packet& packet) {
        return name && packet.name == name;
    });
    return found == m_packets.end()
        ? std::nullopt
        : std::optional(static_cast<std::uint32_t>(found - m_packets.begin()));
}

} // namespace lightcone::sim
