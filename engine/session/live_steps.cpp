#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/session/live_world.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

/// A live cluster repeated: the entries of its tapes, and what the steps do.
namespace lightcone::session {

using trace::Channel;
using trace::Event;
using trace::Kind;
using trace::Life;

namespace {

/// A message that is overtaken by a later one on the same connection for so long is lost.
constexpr Duration longestOvertaking = std::chrono::seconds(10);

/// Messages that arrived before it was told that they left: only where their sender fell silent.
constexpr std::size_t mostEarly = 65536;

/// Operations that nobody has answered and nobody will make room then.
constexpr std::size_t mostOperations = 16384;
constexpr std::size_t mostFinished = 1 << 20;

} // namespace

template <class Handler>
void LiveWorld::makeStep(Member& member, EventId event, bool boots, trace::Sink* sink,
                         Handler handler)
{
    auto& node = member.node.own();
    m_sights[placeOf(member.id)].node = &node;
    m_effects.clear();
    handler(node, node::Moment{m_entryNow, member.dice});
    member.lastStep = event;
    performEffects(member, event, sink);
    judge(member, event, boots, sink);
}

Result<void> LiveWorld::happen(Member& member, const live::Booted& booted, trace::Sink* sink)
{
    auto disk = booted.disk.empty()
        ? Result<std::unique_ptr<node::Disk>>(m_plan->protocol->makeDisk())
        : m_plan->protocol->disk(booted.disk);
    if (!disk) {
        return disk.error();
    }
    if (member.life == Life::Up || member.life == Life::Paused) {
        crash(member, sink); // nobody said so, but it must have
    }
    const auto kind = booted.again ? Kind::Restart : Kind::Start;
    const auto event = record(sink, [&] {
        return Event{std::exchange(member.act, {}), m_now, member.id, {}, kind};
    });
    member.anchor = event;
    member.life = Life::Up;
    member.disk = sim::Shared<node::Disk>(std::move(*disk));
    member.node = sim::Shared<node::Node>(m_plan->protocol->makeNode(member.id, m_plan->setup));
    auto& sight = m_sights[placeOf(member.id)];
    sight.disk = member.disk.get();
    sight.up = true;
    makeStep(member, event, true, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onStart(moment, *member.disk, m_effects);
    });
    return {};
}

/// The message's Send, which was seen before, or is told now because it was not.
EventId LiveWorld::arrived(NodeId from, const live::MessageName& name, NodeId to,
                           const node::PayloadPtr& payload, trace::Sink* sink)
{
    const bool copies = std::ranges::any_of(m_network.rules(), [](const auto& each) {
        return each.rule.action == sim::RuleAction::Duplicate;
    });
    if (auto flight = m_flights.extract(name)) {
        if (copies && m_copied.size() < mostEarly) {
            m_copied.emplace(name, flight.mapped().send);
        }
        return flight.mapped().send;
    }
    if (const auto copy = m_copied.extract(name)) {
        return record(sink, [&] {
            Event event{copy.mapped(), m_now, from, to, Kind::Duplicate};
            event.detail = static_cast<std::uint8_t>(Channel::Message);
            event.tag = payload->tag();
            event.payload = payload;
            return event;
        });
    }
    auto* sender = find(from);
    if (sender != nullptr) {
        isAhead(*sender, name);
    }
    if (sender != nullptr && sender->known
        && std::pair(name.incarnation, name.step) > std::pair(sender->incarnation, sender->entry)
        && m_early.size() < mostEarly) {
        m_early.insert(name);
    }
    return record(sink, [&] {
        Event event{sender == nullptr ? EventId{} : sender->anchor, m_now, from, to, Kind::Send};
        event.detail = static_cast<std::uint8_t>(Channel::Message);
        event.tag = payload->tag();
        event.payload = payload;
        return event;
    });
}

Result<void> LiveWorld::happen(Member& member, const live::Delivered& delivered, trace::Sink* sink)
{
    if (!member.node) {
        return fail("a message came before it booted");
    }
    const auto& name = delivered.message;
    if (find(name.from) == nullptr) {
        return fail("a message came from somebody who is no member");
    }
    if (auto* sender = find(name.from); !needNotWait(name)) {
        isAhead(*sender, name);
        letLeave(name, sink);
    }
    const auto flight = m_flights.find(name);
    node::PayloadPtr payload;
    if (flight != m_flights.end() && flight->second.to == member.id) {
        payload = flight->second.payload;
    } else {
        auto read =
            m_plan->protocol->payload(node::PayloadRole::Message, BytesView(delivered.body));
        if (!read) {
            return read.error();
        }
        payload = std::move(*read);
    }
    const auto send = arrived(name.from, name, member.id, payload, sink);
    const auto event = record(sink, [&] {
        Event made{send, m_now, member.id, name.from, Kind::Deliver};
        made.detail = static_cast<std::uint8_t>(Channel::Message);
        made.tag = payload->tag();
        made.payload = payload;
        return made;
    });
    makeStep(member, event, false, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onMessage(moment, name.from, *payload, m_effects);
    });
    // What this one overtook long ago will not come any more: a connection keeps its order.
    const live::MessageName first{name.from, 0, 0, 0};
    for (auto each = m_flights.lower_bound(first); each != m_flights.end() && each->first < name;) {
        if (each->second.to != member.id || m_now - each->second.sent < longestOvertaking) {
            ++each;
            continue;
        }
        record(sink, [&] {
            Event made{each->second.send, m_now, name.from, member.id, Kind::Drop};
            made.detail = static_cast<std::uint8_t>(trace::DropReason::Loss);
            made.tag = each->second.payload->tag();
            made.payload = each->second.payload;
            return made;
        });
        each = m_flights.erase(each);
    }
    return {};
}

Result<void> LiveWorld::happen(Member& member, const live::Fired& fired, trace::Sink* sink)
{
    const auto kinds = m_plan->protocol->card().timers.size();
    if (!member.node || fired.kind >= kinds) {
        return fail(member.node
                        ? fmt::format("timer {} ran out, but there are only {}", fired.kind, kinds)
                        : std::string("a timer ran out before it booted"));
    }
    const node::TimerId id{fired.kind, fired.about};
    const auto found = std::ranges::find(member.alarms, id, &Armed::id);
    auto cause = member.anchor;
    if (found != member.alarms.end()) {
        cause = found->cause;
        member.alarms.erase(found);
    }
    const auto event = record(sink, [&] {
        Event made{cause, m_now, member.id, {}, Kind::Timer};
        made.tag = id.kind;
        return made;
    });
    makeStep(member, event, false, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onTimer(moment, id, m_effects);
    });
    return {};
}

/// A client's operation begins where a node first hears of it: what the client itself does is not
/// seen. Gives the message that brought it.
EventId LiveWorld::operationOf(NodeId at, RequestId id, const node::PayloadPtr& body,
                               trace::Sink* sink)
{
    EventId cause{};
    const auto finished = m_finished.find(id.client);
    const bool over = finished != m_finished.end() && id.sequence <= finished->second;
    if (!over) {
        if (m_operations.size() >= mostOperations && !m_operations.contains(id)) {
            m_operations.erase(m_operations.begin());
        }
        auto& operation = m_operations[id];
        if (!operation.request) {
            operation.request = record(sink, [&] {
                Event event{operation.act, m_now, id.client, at, Kind::Request};
                event.tag = body->tag();
                event.request = id;
                event.payload = body;
                return event;
            });
        }
        cause = operation.request;
    }
    return record(sink, [&] {
        Event event{cause, m_now, id.client, at, Kind::Send};
        event.detail = static_cast<std::uint8_t>(Channel::Request);
        event.tag = body->tag();
        event.request = id;
        event.payload = body;
        return event;
    });
}

Result<void> LiveWorld::happen(Member& member, const live::Asked& asked, trace::Sink* sink)
{
    if (!member.node) {
        return fail("a client asked before it booted");
    }
    if (!isClient(asked.request.client)) {
        return fail("somebody asked who is no client");
    }
    const auto body = m_plan->protocol->payload(node::PayloadRole::Request, BytesView(asked.body));
    if (!body) {
        return body.error();
    }
    if (!seesAll()) {
        suspend(member, "was asked when not every node was seen", sink);
    }
    const auto send = operationOf(member.id, asked.request, *body, sink);
    const auto event = record(sink, [&] {
        Event made{send, m_now, member.id, asked.request.client, Kind::Deliver};
        made.detail = static_cast<std::uint8_t>(Channel::Request);
        made.tag = (*body)->tag();
        made.request = asked.request;
        made.payload = *body;
        return made;
    });
    makeStep(member, event, false, sink, [&](node::Node& node, const node::Moment& moment) {
        node.onRequest(moment, asked.request, **body, m_effects);
    });
    return {};
}

Result<void> LiveWorld::happen(Member& member, const live::Synced& synced, trace::Sink* sink)
{
    if (synced.writes > member.written) {
        return fail(fmt::format("write {} is said to be durable, but only {} were written",
                                synced.writes, member.written));
    }
    EventId cause = member.anchor;
    for (; member.synced < synced.writes; ++member.synced) {
        const auto& writing = member.writing.front();
        member.disk.own().apply(*writing.record);
        cause = writing.event;
        member.writing.pop_front();
    }
    m_sights[placeOf(member.id)].disk = member.disk.get();
    record(sink, [&] { return Event{cause, m_now, member.id, {}, Kind::Sync}; });
    release(member, sink);
    return {};
}

void LiveWorld::release(Member& member, trace::Sink* sink)
{
    while (!member.outbox.empty() && member.outbox.front().barrier <= member.synced) {
        const auto outgoing = std::move(member.outbox.front());
        member.outbox.pop_front();
        leave(member, outgoing, sink);
    }
}

Result<void> LiveWorld::happen(Member& member, const live::Dropped& dropped, trace::Sink* sink)
{
    letLeave(dropped.message, sink);
    auto flight = m_flights.extract(dropped.message);
    if (!flight) {
        return {}; // it left before this run began
    }
    record(sink, [&] {
        Event event{flight.mapped().send, m_now, member.id, flight.mapped().to, Kind::Drop};
        event.detail = static_cast<std::uint8_t>(dropped.reason);
        event.tag = flight.mapped().payload->tag();
        event.payload = flight.mapped().payload;
        return event;
    });
    return {};
}

Result<void> LiveWorld::happen(Member& member, const live::Contact& contact, trace::Sink* sink)
{
    const auto& about = m_plan->about;
    auto text = fmt::format("{} {}", contact.up ? "is connected to" : "lost its connection to",
                            about.nameOf(contact.peer));
    if (!contact.why.empty()) {
        text += ": " + contact.why;
    }
    note(member.id, {}, std::move(text), sink);
    return {};
}

Result<void> LiveWorld::happen(Member& member, const live::Disturbed& disturbed, trace::Sink* sink)
{
    member.act = actOf(disturbed.line, sink);
    return {};
}

Result<void> LiveWorld::happen(Member& member, const live::Turned& turned, trace::Sink* sink)
{
    if (turned.pulse == live::Pulse::Stopping) {
        member.stopping = true;
        note(member.id, std::exchange(member.act, {}),
             turned.why.empty() ? "is about to stop" : "is about to stop: " + turned.why, sink);
        return {};
    }
    const bool paused = turned.pulse == live::Pulse::Paused;
    record(sink, [&] {
        return Event{std::exchange(member.act, {}),
                     m_now,
                     member.id,
                     {},
                     paused ? Kind::Pause : Kind::Resume};
    });
    member.life = paused ? Life::Paused : Life::Up;
    return {};
}

void LiveWorld::performEffects(Member& member, EventId step, trace::Sink* sink)
{
    // The durability rule: what is sent waits for all forced writes up to and including this
    // step's, also those that the step made after it.
    auto written = member.written;
    for (const auto& effect : m_effects) {
        if (const auto* write = std::get_if<node::Write>(&effect)) {
            ++written;
            member.forced = write->sync == node::Sync::Forced ? written : member.forced;
        }
    }
    std::uint32_t sends = 0;
    for (const auto& effect : m_effects) {
        if (const auto* send = std::get_if<node::Send>(&effect)) {
            const live::MessageName name{member.id, member.incarnation, member.entry, sends++};
            post(member, {member.forced, name, send->to, send->message, {}, {}, step}, send->leaves,
                 sink);
        } else if (const auto* set = std::get_if<node::Arm>(&effect)) {
            arm(member, set->timer, set->after, step);
        } else if (const auto* unset = std::get_if<node::Disarm>(&effect)) {
            std::erase_if(member.alarms,
                          [&](const Armed& each) { return each.id == unset->timer; });
        } else if (const auto* write = std::get_if<node::Write>(&effect)) {
            const auto event = record(sink, [&] {
                Event made{step, m_now, member.id, {}, Kind::Write};
                made.detail = static_cast<std::uint8_t>(write->sync);
                made.tag = write->record->tag();
                made.payload = write->record;
                return made;
            });
            ++member.written;
            member.writing.push_back({write->record, event});
        } else if (const auto* reply = std::get_if<node::Reply>(&effect)) {
            Outgoing outgoing{
                member.forced,  {},  reply->request.client, reply->body, reply->answer,
                reply->request, step};
            post(member, std::move(outgoing), reply->leaves, sink);
        } else if (const auto* note = std::get_if<node::Note>(&effect)) {
            this->note(member.id, step, note->text, sink);
        }
    }
}

void LiveWorld::post(Member& member, Outgoing outgoing, node::Leaves leaves, trace::Sink* sink)
{
    const bool isFree = member.outbox.empty() && outgoing.barrier <= member.synced;
    if (isFree || leaves == node::Leaves::AtOnce) {
        leave(member, outgoing, sink);
    } else {
        member.outbox.push_back(std::move(outgoing));
    }
}

void LiveWorld::leave(Member& member, const Outgoing& outgoing, trace::Sink* sink)
{
    const bool replies = !outgoing.name.from;
    if (!replies && m_early.erase(outgoing.name) != 0) {
        return; // it was told when it arrived
    }
    const auto channel = replies ? Channel::Reply : Channel::Message;
    const auto make = [&](EventId cause, NodeId node, NodeId peer, Kind kind) {
        return record(sink, [&] {
            Event event{cause, m_now, node, peer, kind};
            event.detail = static_cast<std::uint8_t>(channel);
            event.tag = outgoing.payload->tag();
            event.request = outgoing.request;
            event.payload = outgoing.payload;
            return event;
        });
    };
    const auto send = make(outgoing.cause, member.id, outgoing.to, Kind::Send);
    if (replies) {
        make(send, outgoing.to, member.id, Kind::Deliver);
        answered(outgoing, member.id, sink);
    } else {
        m_flights[outgoing.name] = {send, outgoing.to, outgoing.payload, m_now};
    }
}

/// An operation ends where its answer leaves: a redirected client goes on asking.
void LiveWorld::answered(const Outgoing& outgoing, NodeId by, trace::Sink* sink)
{
    const auto operation = m_operations.find(outgoing.request);
    if (outgoing.answer == node::Answer::Redirected || operation == m_operations.end()) {
        return;
    }
    record(sink, [&] {
        Event event{operation->second.request, m_now, outgoing.request.client, by, Kind::Reply};
        event.detail = static_cast<std::uint8_t>(outgoing.answer);
        event.tag = outgoing.payload->tag();
        event.request = outgoing.request;
        event.payload = outgoing.payload;
        return event;
    });
    m_operations.erase(operation);
    if (m_finished.size() >= mostFinished) {
        m_finished.clear();
    }
    auto& newest = m_finished[outgoing.request.client];
    newest = std::max(newest, outgoing.request.sequence);
}

void LiveWorld::arm(Member& member, node::TimerId id, Duration after, EventId cause)
{
    auto found = std::ranges::lower_bound(member.alarms, id, {}, &Armed::id);
    if (found == member.alarms.end() || found->id != id) {
        found = member.alarms.insert(found, {id, {}, {}, {}});
    }
    const auto own = static_cast<double>(std::max(after, Duration::zero()).count());
    const auto rate = member.clock.rate;
    const auto real = rate > 0 && rate != 1 ? own / rate : own;
    constexpr double most = 1e18;
    found->cause = cause;
    found->armed = m_now;
    found->due = m_now + Duration(static_cast<std::int64_t>(std::min(real, most)));
}

void LiveWorld::judge(Member& member, EventId event, bool boots, trace::Sink* sink)
{
    if (!seesAll()) {
        return;
    }
    const node::Observation observation{event, m_now, member.id, boots, &m_effects, m_sights};
    for (const auto place : m_monitor.observe(observation)) {
        const auto violation = record(sink, [&] {
            Event made{event, m_now, member.id, {}, Kind::Violation};
            made.tag = static_cast<std::uint16_t>(place);
            made.payload = node::makePayload(node::Text{m_monitor.verdicts()[place].how});
            return made;
        });
        m_monitor.recorded(place, violation);
    }
}

} // namespace lightcone::session
