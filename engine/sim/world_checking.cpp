#include "engine/describe/described.h"
#include "engine/sim/world_acts.h"

#include <algorithm>
#include <fmt/format.h>

/// What can be done to a world just now, and why not.
namespace lightcone::sim {

using trace::Life;
using Reason = std::optional<std::string>;

namespace {

bool isChance(const std::optional<double>& chance)
{
    return !chance || (*chance >= 0 && *chance <= 1);
}

bool isTime(const std::optional<Duration>& time)
{
    return !time || (*time >= Duration::zero() && *time <= std::chrono::hours(24));
}

Reason whyNotChange(const LinkChange& change)
{
    if (change.empty()) {
        return "nothing is to be changed: expected latency, loss, duplicate, reorder or reorderBy";
    }
    if (!isChance(change.loss) || !isChance(change.duplicate) || !isChance(change.reorder)) {
        return "a chance is from 0 to 1";
    }
    if (!isTime(change.reorderBy)) {
        return "a time is from 0 to 24 hours";
    }
    return std::nullopt;
}

} // namespace

Reason World::Checking::member(NodeId node) const
{
    const auto place = world.findPlace(node);
    if (place && world.isMember(*place)) {
        return std::nullopt;
    }
    return world.nameOf(node) + " is not a member of this cluster";
}

Reason World::Checking::place(NodeId node) const
{
    if (world.findPlace(node)) {
        return std::nullopt;
    }
    return isClient(node)
        ? fmt::format("there is no client {}: this run has {} (clients={})", world.nameOf(node),
                      world.m_callers.size(), world.m_callers.size())
        : member(node);
}

Reason World::Checking::life(NodeId node, std::initializer_list<Life> allowed,
                             std::string_view otherwise) const
{
    if (auto reason = member(node)) {
        return reason;
    }
    const auto now = world.m_machines[world.placeOf(node)].life;
    return std::find(allowed.begin(), allowed.end(), now) != allowed.end()
        ? std::nullopt
        : Reason(world.nameOf(node) + " " + std::string(otherwise));
}

Reason World::Checking::ends(NodeId from, NodeId to) const
{
    if (auto reason = place(from)) {
        return reason;
    }
    if (auto reason = place(to)) {
        return reason;
    }
    return from == to ? Reason("a link has two different ends") : std::nullopt;
}

Reason World::Checking::message(EventId name) const
{
    return world.findPacket(name) ? std::nullopt
                                  : Reason(fmt::format("message #{} is not under way", name.value));
}

Reason World::Checking::client(NodeId node) const
{
    return isClient(node) ? place(node) : Reason(world.nameOf(node) + " is not a client");
}

Reason World::Checking::body(const node::PayloadPtr& asked) const
{
    return asked && asked->shape() == world.m_plan->protocol->card().request
        ? std::nullopt
        : Reason("what is asked for is not a request of this protocol");
}

Reason World::Checking::operator()(const Request& act) const
{
    if (auto reason = client(act.client)) {
        return reason;
    }
    if (auto reason = body(act.body)) {
        return reason;
    }
    return act.to ? member(act.to) : std::nullopt;
}

Reason World::Checking::operator()(const Load& act) const
{
    for (const auto node : act.clients) {
        if (auto reason = client(node)) {
            return reason;
        }
    }
    for (const auto& asked : act.bodies) {
        if (auto reason = body(asked)) {
            return reason;
        }
    }
    if (act.clients.empty() || (act.bodies.empty() && !act.workload)) {
        return "a load needs a client and something to ask for";
    }
    if (act.loop != Loop::Closed && act.interval == Duration::zero()) {
        return "an open loop needs an interval";
    }
    return isTime(act.interval) && isTime(act.lasts) ? std::nullopt
                                                     : Reason("a time is from 0 to 24 hours");
}

Reason World::Checking::operator()(const Crash& act) const
{
    return life(act.node, {Life::Up, Life::Paused}, "is not up");
}

Reason World::Checking::operator()(const Restart& act) const
{
    return life(act.node, {Life::Crashed}, "has not crashed");
}

Reason World::Checking::operator()(const StartNode& act) const
{
    return life(act.node, {Life::NotStarted}, "has been started before");
}

Reason World::Checking::operator()(const Pause& act) const
{
    return life(act.node, {Life::Up}, "is not running");
}

Reason World::Checking::operator()(const Resume& act) const
{
    return life(act.node, {Life::Paused}, "is not paused");
}

Reason World::Checking::operator()(const Cut& act) const
{
    return ends(act.from, act.to);
}

Reason World::Checking::operator()(const Heal& act) const
{
    return ends(act.from, act.to);
}

Reason World::Checking::operator()(const Partition& act) const
{
    if (act.groups.empty()) {
        return "a partition names at least one group";
    }
    std::vector<NodeId> seen;
    for (const auto& group : act.groups) {
        for (const auto node : group) {
            if (auto reason = place(node)) {
                return reason;
            }
            if (std::find(seen.begin(), seen.end(), node) != seen.end()) {
                return world.nameOf(node) + " is named twice";
            }
            seen.push_back(node);
        }
    }
    return std::nullopt;
}

Reason World::Checking::operator()(const Isolate& act) const
{
    return member(act.node);
}

Reason World::Checking::operator()(const Rejoin& act) const
{
    return place(act.node);
}

Reason World::Checking::operator()(const ChangeNetwork& act) const
{
    return whyNotChange(act.change);
}

Reason World::Checking::operator()(const ChangeLink& act) const
{
    auto reason = ends(act.from, act.to);
    return reason ? reason : whyNotChange(act.change);
}

Reason World::Checking::operator()(const ResetLink& act) const
{
    return ends(act.from, act.to);
}

Reason World::Checking::operator()(const AddRule& act) const
{
    const auto& rule = act.rule;
    for (const auto& end : {rule.from, rule.to}) {
        if (auto reason = end ? place(*end) : std::nullopt) {
            return reason;
        }
    }
    if (!isChance(rule.chance) || !isTime(rule.delay)) {
        return "a chance is from 0 to 1, a delay from 0 to 24 hours";
    }
    if (rule.message.empty()) {
        return std::nullopt;
    }
    const auto& card = world.m_plan->protocol->card();
    std::string known;
    for (const auto& shape : {card.message, card.request, card.reply}) {
        std::vector<std::string> names;
        for (const auto& field : shape->fields) {
            names.push_back(field.name);
        }
        if (shape->kind != describe::ShapeKind::Variant) {
            names = {shape->name};
        }
        if (std::find(names.begin(), names.end(), rule.message) != names.end()) {
            return std::nullopt;
        }
        for (const auto& name : names) {
            known += (known.empty() ? "" : ", ") + name;
        }
    }
    if (rule.message == "Redirect" || rule.message == "Refusal") {
        return std::nullopt;
    }
    return fmt::format("{} has no message '{}': expected one of {}, Redirect, Refusal", card.title,
                       rule.message, known);
}

Reason World::Checking::operator()(const RemoveRule& act) const
{
    const auto count = world.m_network.rules().size();
    return act.number >= 1 && act.number <= count
        ? std::nullopt
        : Reason(fmt::format("there is no rule {}: rules are counted from 1, and there {} {}",
                             act.number, count == 1 ? "is" : "are", count));
}

Reason World::Checking::operator()(const SetClock& act) const
{
    constexpr auto most = std::chrono::hours(24);
    if (auto reason = member(act.node)) {
        return reason;
    }
    if (act.offset && (*act.offset > most || *act.offset < -most)) {
        return "a clock is at most 24 hours off";
    }
    if (act.rate && !(*act.rate >= 0.01 && *act.rate <= 100)) {
        return "a clock's rate is from 0.01 to 100";
    }
    return act.offset || act.rate ? std::nullopt : Reason("expected an offset or a rate");
}

Reason World::Checking::operator()(const SetDisk& act) const
{
    if (auto reason = member(act.node)) {
        return reason;
    }
    const auto& disk = act.condition;
    if (!(disk.factor > 0 && disk.factor <= 1e6) || !isTime(disk.latency)) {
        return "a slow disk takes up to 1000000 times as long, or up to 24 hours";
    }
    return disk.writes <= 100'000 ? std::nullopt : Reason("a disk forgets at most 100000 writes");
}

Reason World::Checking::operator()(const DeliverMessage& act) const
{
    if (auto reason = message(act.message)) {
        return reason;
    }
    const auto& packet = world.m_packets[*world.findPacket(act.message)];
    const bool paused =
        world.isMember(packet.to) && world.m_machines[packet.to].life == Life::Paused;
    return paused ? Reason(world.nameOf(world.idOf(packet.to)) + " is paused") : std::nullopt;
}

Reason World::Checking::operator()(const DropMessage& act) const
{
    return message(act.message);
}

Reason World::Checking::operator()(const DuplicateMessage& act) const
{
    return message(act.message);
}

Reason World::Checking::operator()(const DelayMessage& act) const
{
    if (!isTime(act.by)) {
        return "a delay is from 0 to 24 hours";
    }
    return message(act.message);
}

Reason World::Checking::operator()(const FireTimer& act) const
{
    if (auto reason = life(act.node, {Life::Up}, "is not running")) {
        return reason;
    }
    if (world.findTimer(act.node, act.timer)) {
        return std::nullopt;
    }
    const auto& timers = world.m_plan->protocol->card().timers;
    return fmt::format("{} has no such timer armed: {}", world.nameOf(act.node),
                       act.timer.kind < timers.size() ? timers[act.timer.kind]
                                                      : std::to_string(act.timer.kind));
}

Reason World::Checking::operator()(const FinishSync& act) const
{
    if (auto reason = life(act.node, {Life::Up}, "is not running")) {
        return reason;
    }
    return world.m_machines[world.placeOf(act.node)].storage.syncing()
        ? std::nullopt
        : Reason("the disk of " + world.nameOf(act.node) + " has nothing to finish");
}

Reason World::Checking::operator()(const WakeClient& act) const
{
    if (auto reason = client(act.client)) {
        return reason;
    }
    const auto which = world.placeOf(act.client) - world.m_machines.size();
    return world.m_callers[which].alarm.armed()
        ? std::nullopt
        : Reason(world.nameOf(act.client) + " waits for nothing");
}

Reason World::Checking::operator()(const Arrive& act) const
{
    if (auto reason = client(act.client)) {
        return reason;
    }
    return world.findStream(act.client)
        ? std::nullopt
        : Reason(world.nameOf(act.client) + " takes part in no open loop");
}

Reason World::Checking::operator()(const Remark& act) const
{
    switch (act.kind) {
    case trace::Kind::Say:
    case trace::Kind::Ask:
    case trace::Kind::Expect:
    case trace::Kind::Violation:
    case trace::Kind::Note:
    case trace::Kind::Act:
        break;
    default:
        return "only what is told can be a remark, not what happens";
    }
    return act.cause > world.m_last ? Reason("a cause lies before its effect") : std::nullopt;
}

std::optional<std::string> World::whyNot(const Action& action) const
{
    return std::visit(Checking{*this}, action);
}

} // namespace lightcone::sim
