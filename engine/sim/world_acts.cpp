#include "engine/sim/world_acts.h"

#include "engine/core/check.h"

#include <algorithm>
#include <string>
#include <vector>

/// What somebody does to a world.
namespace lightcone::sim {

using trace::Direction;
using trace::Event;
using trace::Kind;
using trace::Life;

Result<void> World::apply(const Action& action, std::string_view text, trace::Sink* sink)
{
    if (const auto reason = whyNot(action)) {
        return fail(*reason);
    }
    m_step.reset();
    EventId act;
    if (!std::holds_alternative<Remark>(action)) {
        act = record(sink, [&] {
            Event event{{}, m_instant, {}, {}, Kind::Act};
            event.payload = node::makePayload(node::Text{std::string(text)});
            return event;
        });
    }
    std::visit(Doing{*this, act, sink}, action);
    settle();
    return {};
}

template <class T>
void World::Doing::tell(Kind kind, const T& payload, NodeId node, NodeId peer,
                        std::uint8_t detail) const
{
    world.record(sink, [&] {
        Event event{act, world.m_instant, node, peer, kind};
        event.detail = detail;
        event.payload = node::makePayload(payload);
        return event;
    });
}

void World::Doing::operator()(const Request& request) const
{
    const auto which = world.placeOf(request.client) - world.m_machines.size();
    world.m_callers[which].client.submit(world.m_instant, request.body, request.to, act,
                                         world.m_clientEffects);
    world.performClient(which, sink);
}

/// A client has one load at a time. What waits in line of an older one is still done.
void World::Doing::endStreamsOf(const std::vector<std::size_t>& callers) const
{
    for (auto& stream : world.m_streams) {
        const auto shared = [&](std::size_t caller) {
            return std::ranges::find(callers, caller) != callers.end();
        };
        if (std::ranges::any_of(stream.callers, shared)) {
            stream.alarm.disarm();
        }
    }
}

void World::Doing::operator()(const Load& load) const
{
    const Bodies bodies{std::make_shared<const std::vector<node::PayloadPtr>>(load.bodies),
                        load.workload};
    const auto now = world.m_instant;
    const auto until = load.lasts == Duration::zero() ? Instant::max() : now + load.lasts;
    std::vector<std::size_t> callers;
    for (const auto client : load.clients) {
        callers.push_back(world.placeOf(client) - world.m_machines.size());
    }
    endStreamsOf(callers);
    if (load.loop != Loop::Closed) {
        for (const auto which : callers) {
            world.m_callers[which].drive = {};
            world.performClient(which, sink);
        }
        world.m_streams.push_back(
            {callers, bodies, 0, load.interval, load.loop == Loop::Poisson, load.dice, until, act});
        world.planArrival(world.m_streams.size() - 1, now);
        return;
    }
    std::size_t turn = 0;
    for (const auto which : callers) {
        auto& drive = world.m_callers[which].drive;
        drive = {bodies, turn, callers.size(), load.interval,       until,
                 act,    now,  load.think,     load.dice.fork(turn)};
        drive.from += drive.think.draw(drive.dice);
        ++turn;
        world.performClient(which, sink);
    }
}

void World::Doing::operator()(const StopLoad&) const
{
    for (auto& stream : world.m_streams) {
        stream.alarm.disarm();
    }
    for (std::size_t which = 0; which < world.m_callers.size(); ++which) {
        world.m_callers[which].drive = {};
        world.performClient(which, sink);
    }
}

void World::Doing::operator()(const Crash& crash) const
{
    world.crash(world.placeOf(crash.node), trace::CrashReason::Hand, act, sink);
}

void World::Doing::operator()(const Restart& restart) const
{
    world.boot(world.placeOf(restart.node), act, sink);
}

void World::Doing::operator()(const StartNode& start) const
{
    world.boot(world.placeOf(start.node), act, sink);
}

void World::Doing::operator()(const Pause& pause) const
{
    world.pause(world.placeOf(pause.node), act, sink);
}

void World::Doing::operator()(const Resume& resume) const
{
    world.resume(world.placeOf(resume.node), act, sink);
}

/// One event for what changed of the two ways between a and b.
void World::Doing::setCut(Place a, Place b, bool cut, Direction direction) const
{
    auto& there = world.m_network.link(a, b).cut;
    auto& back = world.m_network.link(b, a).cut;
    const bool changesThere = there != cut;
    const bool changesBack = direction == Direction::Both && back != cut;
    if (!changesThere && !changesBack) {
        return;
    }
    const bool both = changesThere && changesBack;
    world.record(sink, [&] {
        Event event{act, world.m_instant, world.idOf(changesThere ? a : b),
                    world.idOf(changesThere ? b : a), cut ? Kind::Cut : Kind::Heal};
        event.detail = static_cast<std::uint8_t>(both ? Direction::Both : Direction::OneWay);
        return event;
    });
    there = cut;
    back = direction == Direction::Both ? cut : back;
}

void World::Doing::operator()(const Cut& cut) const
{
    setCut(world.placeOf(cut.from), world.placeOf(cut.to), true, cut.direction);
}

void World::Doing::operator()(const Heal& heal) const
{
    setCut(world.placeOf(heal.from), world.placeOf(heal.to), false, heal.direction);
}

void World::Doing::operator()(const Partition& partition) const
{
    constexpr int everywhere = -1;
    const auto others = static_cast<int>(partition.groups.size());
    std::vector<int> groups(world.placeCount(), everywhere);
    std::fill_n(groups.begin(), world.m_machines.size(), others);
    for (int group = 0; group < others; ++group) {
        for (const auto node : partition.groups[static_cast<std::size_t>(group)]) {
            groups[world.placeOf(node)] = group;
        }
    }
    for (Place a = 0; a < groups.size(); ++a) {
        for (Place b = a + 1; b < groups.size(); ++b) {
            if (groups[a] != everywhere && groups[b] != everywhere) {
                setCut(a, b, groups[a] != groups[b], Direction::Both);
            }
        }
    }
}

void World::Doing::operator()(const Isolate& isolate) const
{
    const auto alone = world.placeOf(isolate.node);
    for (Place other = 0; other < world.m_machines.size(); ++other) {
        if (other != alone) {
            setCut(alone, other, true, Direction::Both);
        }
    }
}

void World::Doing::operator()(const Rejoin& rejoin) const
{
    const auto back = world.placeOf(rejoin.node);
    for (Place other = 0; other < world.placeCount(); ++other) {
        if (other != back) {
            setCut(back, other, false, Direction::Both);
        }
    }
}

void World::Doing::operator()(const HealAll&) const
{
    for (Place a = 0; a < world.placeCount(); ++a) {
        for (Place b = a + 1; b < world.placeCount(); ++b) {
            setCut(a, b, false, Direction::Both);
        }
    }
}

void World::Doing::operator()(const ChangeNetwork& change) const
{
    world.m_network.changeAll(change.change);
    tell(Kind::Link, world.m_network.networkModel(), {}, {}, 0);
}

void World::Doing::operator()(const ChangeLink& change) const
{
    const auto from = world.placeOf(change.from);
    const auto to = world.placeOf(change.to);
    world.m_network.change(from, to, change.change);
    if (change.direction == Direction::Both) {
        world.m_network.change(to, from, change.change);
    }
    tell(Kind::Link, world.m_network.model(from, to), change.from, change.to,
         static_cast<std::uint8_t>(change.direction));
}

void World::Doing::operator()(const ResetLink& reset) const
{
    const auto from = world.placeOf(reset.from);
    const auto to = world.placeOf(reset.to);
    world.m_network.reset(from, to);
    if (reset.direction == Direction::Both) {
        world.m_network.reset(to, from);
    }
    tell(Kind::Link, world.m_network.model(from, to), reset.from, reset.to,
         static_cast<std::uint8_t>(reset.direction));
}

void World::Doing::operator()(const ResetNetwork&) const
{
    world.m_network.resetAll();
    tell(Kind::Link, world.m_network.networkModel(), {}, {}, 0);
}

void World::Doing::operator()(const AddRule& add) const
{
    world.m_network.addRule(add.rule);
    tell(Kind::Rule, add.rule, {}, {}, 1);
}

void World::Doing::removeRule(std::size_t index) const
{
    const auto removed = world.m_network.removeRule(index);
    tell(Kind::Rule, removed.rule, {}, {}, 0);
    world.release(removed.id);
}

void World::Doing::operator()(const RemoveRule& remove) const
{
    removeRule(remove.number - 1);
}

void World::Doing::operator()(const ClearRules&) const
{
    while (!world.m_network.rules().empty()) {
        removeRule(0);
    }
}

void World::Doing::operator()(const SetClock& set) const
{
    world.setClock(set, act, sink);
}

void World::Doing::operator()(const SetDisk& set) const
{
    world.m_machines[world.placeOf(set.node)].storage.setCondition(set.condition);
    tell(Kind::Disk, set.condition, set.node, {}, 0);
}

void World::Doing::come(When when, Instant due) const
{
    if (when == When::Due) {
        world.waitUntil(due);
    }
}

void World::Doing::operator()(const DeliverMessage& deliver) const
{
    const auto slot = *world.findPacket(deliver.message);
    auto& packet = world.m_packets[slot];
    if (packet.heldBy == 0) {
        come(deliver.when, packet.due);
    }
    // A person's hand is stronger than chance and rules; it does not carry over a cut link.
    packet.fate = Fate::Arrives;
    world.deliver(slot, sink);
}

void World::Doing::operator()(const DropMessage& drop) const
{
    world.drop(*world.findPacket(drop.message), trace::DropReason::Hand, sink);
}

void World::Doing::operator()(const DuplicateMessage& duplicate) const
{
    const auto packet = world.m_packets[*world.findPacket(duplicate.message)];
    world.duplicate(packet, sink);
}

void World::Doing::operator()(const DelayMessage& delay) const
{
    const auto slot = *world.findPacket(delay.message);
    auto& packet = world.m_packets[slot];
    if (packet.heldBy != 0) {
        packet.due += delay.by;
    } else {
        world.schedule(slot, std::max(packet.due, world.m_instant) + delay.by);
    }
}

void World::Doing::operator()(const FireTimer& fire) const
{
    const auto slot = *world.findTimer(fire.node, fire.timer);
    come(fire.when, world.m_timers[slot].alarm.due);
    world.fireTimer(slot, sink);
}

void World::Doing::operator()(const FinishSync& finish) const
{
    const auto place = world.placeOf(finish.node);
    come(finish.when, world.m_machines[place].storage.syncDue());
    world.finishSync(place, sink);
}

void World::Doing::operator()(const WakeClient& wake) const
{
    const auto which = world.placeOf(wake.client) - world.m_machines.size();
    come(wake.when, world.m_callers[which].alarm.due);
    world.wakeClient(which, sink);
}

void World::Doing::operator()(const Arrive& arrive) const
{
    const auto stream = *world.findStream(arrive.client);
    come(arrive.when, world.m_streams[stream].alarm.due);
    world.arrive(stream, sink);
}

void World::Doing::operator()(const Remark& remark) const
{
    world.record(sink, [&] {
        Event event{remark.cause, world.m_instant, remark.node, {}, remark.kind};
        event.detail = remark.detail;
        event.tag = remark.tag;
        event.payload = node::makePayload(node::Text{remark.text});
        return event;
    });
}

} // namespace lightcone::sim
