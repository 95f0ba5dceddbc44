#include "engine/session/live_world.h"

#include "engine/core/check.h"
#include "engine/core/hash.h"
#include "engine/describe/described.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

/// A live cluster repeated: how nodes come, are lost and go.
namespace lightcone::session {

using trace::Event;
using trace::Kind;
using trace::Life;

LiveWorld::LiveWorld(PlanPtr plan)
    : m_plan(std::move(plan))
    , m_monitor(*m_plan->protocol, m_plan->setup)
    , m_network(static_cast<std::uint32_t>(m_plan->setup->members.size()), m_plan->settings.link(),
                Dice(m_plan->settings.seed))
{
    for (const auto& member : m_plan->setup->members) {
        Member made;
        made.id = member.id;
        made.disk = sim::Shared<node::Disk>(m_plan->protocol->makeDisk());
        m_sights.push_back({member.id, false, nullptr, made.disk.get()});
        m_members.push_back(std::move(made));
    }
}

LiveWorld::Member* LiveWorld::find(NodeId id)
{
    const auto found = std::ranges::find(m_members, id, &Member::id);
    return found == m_members.end() ? nullptr : &*found;
}

const LiveWorld::Member* LiveWorld::find(NodeId id) const
{
    const auto found = std::ranges::find(m_members, id, &Member::id);
    return found == m_members.end() ? nullptr : &*found;
}

sim::Place LiveWorld::placeOf(NodeId id) const
{
    const auto* member = find(id);
    check(member != nullptr, "a member of the cluster");
    return static_cast<sim::Place>(member - m_members.data());
}

void LiveWorld::take(const LiveInput& input, trace::Sink* sink)
{
    m_now = std::max(m_now, input.at);
    m_past = input.past;
    m_untold = input.untold;
    if (const auto* acted = std::get_if<Acted>(&input.what)) {
        take(*acted, sink);
        return;
    }
    if (const auto* gaveUp = std::get_if<GaveUp>(&input.what)) {
        take(*gaveUp, sink);
        return;
    }
    auto* member = find(input.node);
    if (member == nullptr) {
        return; // a tape of somebody who is no member: the session never asks for one
    }
    member->offset = input.offset.value_or(member->offset);
    std::visit(
        [&](const auto& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (!std::is_same_v<What, Acted> && !std::is_same_v<What, GaveUp>) {
                take(*member, what, sink);
            }
        },
        input.what);
}

EventId LiveWorld::note(NodeId node, EventId cause, std::string text, trace::Sink* sink)
{
    return record(sink, [&] {
        Event event{cause, m_now, node, {}, Kind::Note};
        event.payload = node::makePayload(node::Text{std::move(text)});
        return event;
    });
}

void LiveWorld::take(Member& member, const Joined& joined, trace::Sink* sink)
{
    const bool seenBefore = bool(member.anchor);
    // What was broken stays told; what an invariant remembers of a node that was not seen for a
    // while means nothing any more.
    if (seenBefore && (!member.known || isBehind(member))) {
        m_monitor.forget(*m_plan->protocol, m_plan->setup);
        suspend(member, "was not seen for a while", sink);
    }
    if (joined.checkpoint.state.empty()) {
        Bytes known;
        member.disk->encode(known);
        member.reveals = known != joined.checkpoint.disk;
        if (auto done = restore(member, joined.checkpoint); !done) {
            lose(member, done.error().message, sink);
        } else if (!seenBefore && isUsed(*member.disk)) {
            suspend(member, "has run before: what it did then is not here", sink);
        }
        if (seenBefore) {
            // Until then its state is that of its life before, and its disk is not.
            member.ahead = std::max(member.ahead, {member.incarnation, member.entry + 1});
        }
        return; // its first entry says that it booted
    }
    suspend(member,
            seenBefore ? "is seen again in the middle of its run"
                       : "was running already: what it did before is not here",
            sink);
    const auto was = member.life;
    member.anchor = record(sink, [&] {
        Event event{member.act, m_now, member.id, {}, Kind::Note};
        event.payload = node::makePayload(
            node::Text{seenBefore ? "is seen again, as it stands here"
                                  : "was running already: what it did before is not here"});
        return event;
    });
    if (auto done = restore(member, joined.checkpoint); !done) {
        lose(member, done.error().message, sink);
        return;
    }
    const auto is = joined.checkpoint.paused ? Life::Paused : Life::Up;
    if (was != is && was != Life::NotStarted) {
        const auto kind = was == Life::Crashed ? Kind::Restart
            : is == Life::Paused               ? Kind::Pause
                                               : Kind::Resume;
        // A Restart without a step: what it did then is not known, only what became of it.
        if (kind != Kind::Restart) {
            record(sink, [&] { return Event{member.anchor, m_now, member.id, {}, kind}; });
        }
    }
    member.life = is;
    reveal(joined.checkpoint.time);
    auto& sight = m_sights[placeOf(member.id)];
    sight.up = true;
    member.lastStep = member.anchor;
    for (auto& alarm : member.alarms) {
        alarm.cause = member.anchor;
    }
}

Result<void> LiveWorld::restore(Member& member, const live::Checkpoint& checkpoint)
{
    const auto& protocol = *m_plan->protocol;
    const auto wrong = [&](const Error& error) {
        return fail("its checkpoint cannot be read: " + error.message);
    };
    const auto dice = live::diceOf(checkpoint.dice);
    if (!dice) {
        return fail("its checkpoint holds no dice");
    }
    auto& sight = m_sights[placeOf(member.id)];
    if (!checkpoint.state.empty()) {
        const auto value = describe::decodeValue(protocol.card().state, checkpoint.state);
        if (!value) {
            return wrong(value.error());
        }
        auto node = protocol.restoreNode(member.id, m_plan->setup, *value);
        if (!node) {
            return wrong(node.error());
        }
        member.node = sim::Shared<node::Node>(std::move(*node));
        sight.node = member.node.get();
    }
    if (!checkpoint.disk.empty()) {
        auto disk = protocol.disk(checkpoint.disk);
        if (!disk) {
            return wrong(disk.error());
        }
        member.disk = sim::Shared<node::Disk>(std::move(*disk));
        sight.disk = member.disk.get();
    }
    member.writing.clear();
    member.forced = checkpoint.synced;
    member.written = checkpoint.synced;
    member.synced = checkpoint.synced;
    for (const auto& unsynced : checkpoint.unsynced) {
        auto record = protocol.payload(node::PayloadRole::Write, BytesView(unsynced.record));
        if (!record) {
            return wrong(record.error());
        }
        ++member.written;
        member.forced = unsynced.sync == node::Sync::Forced ? member.written : member.forced;
        member.writing.push_back({std::move(*record), member.anchor});
    }
    member.dice = *dice;
    member.outbox.clear();
    member.alarms.clear();
    for (const auto& alarm : checkpoint.alarms) {
        arm(member, {alarm.kind, alarm.about}, alarm.left, member.anchor);
    }
    member.incarnation = checkpoint.incarnation;
    member.entry = checkpoint.entry;
    member.aheadSynced = 0;
    member.known = true;
    member.stopping = false;
    if (!checkpoint.state.empty() && member.doubted <= checkpoint.time) {
        member.doubted = {};
    }
    return {};
}

void LiveWorld::take(Member& member, const Happened& happened, trace::Sink* sink)
{
    const auto& entry = happened.entry;
    if (!member.known) {
        return; // until it is seen anew its tape cannot be followed
    }
    if (entry.number != member.entry + 1) {
        lose(member,
             fmt::format("entry {} of its tape was expected, {} came", member.entry + 1,
                         entry.number),
             sink);
        return;
    }
    // A step with which it catches up is judged already, a sync only lets later ones be.
    bool wasBehind = isBehind(member);
    member.entry = entry.number;
    m_entryNow = entry.now;
    if (m_past && entry.time < m_latest) {
        member.doubted = std::max(member.doubted, m_latest); // others have gone on meanwhile
    } else if (!m_past || member.doubted <= entry.time) {
        member.doubted = {};
    }
    m_latest = std::max(m_latest, entry.time);
    if (std::exchange(member.reveals, false)) {
        reveal(entry.time);
    }
    caughtUp(member, wasBehind, sink);
    wasBehind = isBehind(member);
    const auto done =
        std::visit([&](const auto& what) { return happen(member, what, sink); }, entry.what);
    if (!done) {
        lose(member,
             fmt::format("entry {} of its tape cannot be repeated: {}", entry.number,
                         done.error().message),
             sink);
    }
    caughtUp(member, wasBehind, sink);
}

bool LiveWorld::isBehind(const Member& member)
{
    return std::pair(member.incarnation, member.entry) < member.ahead
        || member.synced < member.aheadSynced || member.doubted != live::HybridTime{};
}

/// A message came that it is not known to have sent: it must have gone on.
void LiveWorld::isAhead(Member& member, const live::MessageName& name)
{
    if (name.incarnation < member.incarnation) {
        return;
    }
    member.ahead = std::max(member.ahead, {name.incarnation, name.step});
    const auto held = std::ranges::find(member.outbox, name, &Outgoing::name);
    if (held != member.outbox.end()) {
        member.aheadSynced = std::max(member.aheadSynced, held->barrier);
    }
    if (member.life == Life::Crashed) {
        member.aheadSynced = ~std::uint64_t{0}; // its disk holds what nobody told of
    }
}

/// A node is seen to hold what it was not seen to get. Who gave it that need not have told it
/// either, and is not known before it tells of a later time.
void LiveWorld::reveal(const live::HybridTime& at)
{
    for (const auto id : m_untold) {
        auto* member = find(id);
        if (member != nullptr && !(member->life == Life::Crashed && member->stopped)) {
            member->doubted = std::max(member->doubted, at);
        }
    }
}

/// Whether anything was ever written to it.
bool LiveWorld::isUsed(const node::Disk& disk) const
{
    return disk.describe() != m_plan->protocol->makeDisk()->describe();
}

/// A part of the node's run was not seen: what needs the whole of it is not judged any more.
void LiveWorld::suspend(const Member& member, std::string_view why, trace::Sink* sink)
{
    const auto& members = m_plan->setup->members;
    const auto found = std::ranges::find(members, member.id, &node::Member::id);
    for (const auto place : m_monitor.suspend(fmt::format("{} {}", found->name, why))) {
        const auto told = record(sink, [&] {
            Event event{member.lastStep, m_now, {}, {}, Kind::Note};
            event.detail = trace::notJudged;
            event.tag = static_cast<std::uint16_t>(place);
            event.payload = node::makePayload(node::Text{m_monitor.verdicts()[place].notJudged});
            return event;
        });
        m_monitor.recorded(place, told);
    }
}

/// What an invariant remembers of a time in which it was not asked means nothing any more.
void LiveWorld::caughtUp(const Member& member, bool wasBehind, trace::Sink* sink)
{
    if (wasBehind && !isBehind(member)) {
        m_monitor.forget(*m_plan->protocol, m_plan->setup);
        suspend(member, "went on for a while without telling", sink);
    }
}

void LiveWorld::take(Member& member, const Missed& missed, trace::Sink* sink)
{
    lose(member, missed.why, sink);
}

void LiveWorld::lose(Member& member, const std::string& why, trace::Sink* sink)
{
    member.known = false;
    member.outbox.clear();
    member.writing.clear();
    member.alarms.clear();
    member.anchor = record(sink, [&] {
        Event event{member.lastStep, m_now, member.id, {}, Kind::Gap};
        event.payload = node::makePayload(node::Text{why});
        return event;
    });
}

void LiveWorld::take(Member& member, const Gone& gone, trace::Sink* sink)
{
    if (member.life == Life::Crashed || member.life == Life::NotStarted) {
        return;
    }
    if (!gone.why.empty() && !member.act) {
        note(member.id, member.lastStep, gone.why, sink);
    }
    crash(member, sink);
}

void LiveWorld::crash(Member& member, trace::Sink* sink)
{
    const auto reason =
        member.stopping && !member.act ? trace::CrashReason::Stopped : trace::CrashReason::Hand;
    const auto event = record(sink, [&] {
        Event made{std::exchange(member.act, {}), m_now, member.id, {}, Kind::Crash};
        made.detail = static_cast<std::uint8_t>(reason);
        return made;
    });
    member.life = Life::Crashed;
    member.stopped = reason == trace::CrashReason::Stopped;
    member.outbox.clear();
    member.writing.clear();
    member.alarms.clear();
    member.stopping = false;
    member.anchor = event;
    if (reason != trace::CrashReason::Stopped) {
        suspend(member, "was killed: what it did last it may not have told", sink);
    }
    m_sights[placeOf(member.id)].up = false;
    forgetFlights(member.id, sink);
}

/// What was on its way to a process that is gone arrives nowhere.
void LiveWorld::forgetFlights(NodeId to, trace::Sink* sink)
{
    std::vector<std::pair<EventId, live::MessageName>> lost;
    for (const auto& [name, flight] : m_flights) {
        if (flight.to == to) {
            lost.emplace_back(flight.send, name);
        }
    }
    std::ranges::sort(lost);
    for (const auto& each : lost) {
        const auto& name = each.second;
        auto node = m_flights.extract(name);
        record(sink, [&] {
            Event event{node.mapped().send, m_now, name.from, to, Kind::Drop};
            event.detail = static_cast<std::uint8_t>(trace::DropReason::Down);
            event.tag = node.mapped().payload->tag();
            event.payload = node.mapped().payload;
            return event;
        });
    }
}

void LiveWorld::take(Member& member, const Heard& heard, trace::Sink* sink)
{
    note(member.id, {},
         heard.heard ? std::string("the explorer hears it again")
                     : "the explorer does not hear it: " + heard.why,
         sink);
}

bool LiveWorld::seesAll() const
{
    return std::ranges::all_of(m_members, [&](const Member& member) {
        const auto* card = m_plan->setup->member(member.id);
        return (member.known && !isBehind(member))
            || (card != nullptr && card->spare && !member.anchor);
    });
}

bool LiveWorld::follows(NodeId id) const
{
    const auto* member = find(id);
    return member != nullptr && member->known;
}

std::uint64_t LiveWorld::incarnation(NodeId id) const
{
    const auto* member = find(id);
    return member == nullptr ? 0 : member->incarnation;
}

std::uint64_t LiveWorld::entry(NodeId id) const
{
    const auto* member = find(id);
    return member == nullptr ? 0 : member->entry;
}

Life LiveWorld::life(NodeId id) const
{
    const auto* member = find(id);
    return member == nullptr ? Life::NotStarted : member->life;
}

bool LiveWorld::needNotWait(const live::MessageName& name) const
{
    const auto* from = find(name.from);
    if (from == nullptr || !from->known || name.incarnation != from->incarnation) {
        // Of a boot that is over nothing more will come; one that is to come is worth waiting for.
        return from == nullptr || !from->known || name.incarnation < from->incarnation;
    }
    if (name.step > from->entry) {
        return false;
    }
    return std::ranges::none_of(from->outbox,
                                [&](const Outgoing& each) { return each.name == name; });
}

void LiveWorld::letLeave(const live::MessageName& name, trace::Sink* sink)
{
    auto* from = find(name.from);
    if (from == nullptr) {
        return;
    }
    const auto found = std::ranges::find(from->outbox, name, &Outgoing::name);
    if (found != from->outbox.end()) {
        const auto outgoing = *found;
        from->outbox.erase(found);
        leave(*from, outgoing, sink);
    }
}

const node::Node* LiveWorld::nodeOf(NodeId id) const
{
    const auto* member = find(id);
    return member != nullptr && member->known ? member->node.get() : nullptr;
}

const node::Disk* LiveWorld::diskOf(NodeId id) const
{
    const auto* member = find(id);
    return member != nullptr && member->known ? member->disk.get() : nullptr;
}

std::vector<node::PayloadPtr> LiveWorld::unwritten(NodeId id) const
{
    std::vector<node::PayloadPtr> records;
    if (const auto* member = find(id)) {
        for (const auto& writing : member->writing) {
            records.push_back(writing.record);
        }
    }
    return records;
}

std::vector<std::pair<node::TimerId, Duration>> LiveWorld::timersOf(NodeId id) const
{
    std::vector<std::pair<node::TimerId, Duration>> timers;
    if (const auto* member = find(id)) {
        for (const auto& armed : member->alarms) {
            timers.emplace_back(armed.id, std::max(armed.due - m_now, Duration::zero()));
        }
    }
    return timers;
}

std::uint64_t LiveWorld::fingerprint(NodeId id) const
{
    Hasher hasher;
    Bytes bytes;
    if (const auto* node = nodeOf(id)) {
        node->encode(bytes);
    }
    hasher.add(bytes);
    bytes.clear();
    if (const auto* disk = diskOf(id)) {
        disk->encode(bytes);
    }
    hasher.add(bytes);
    return hasher.value();
}

} // namespace lightcone::session
