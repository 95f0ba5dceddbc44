#include "engine/sim/world.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::sim {

namespace {

/// What a stream of dice is for. A stream does not depend on how much of another was used, so that
/// a fault in one place reshuffles no more than it must.
enum class Purpose : std::uint64_t { Network = 1, Node = 1000, Disk = 1'000'000 };

Dice diceFor(const Settings& settings, Purpose purpose, std::uint64_t which = 0)
{
    return Dice(settings.seed).fork(static_cast<std::uint64_t>(purpose) + which);
}

constexpr Place nowhere = 0xFFFFFFFF;

std::vector<Place> placesOf(const std::vector<node::Member>& members)
{
    std::vector<Place> places;
    for (Place place = 0; place < members.size(); ++place) {
        const auto number = members[place].id.value;
        check(number > 0 && number < firstClient, "a member's id is below those of clients");
        if (number >= places.size()) {
            places.resize(number + 1, nowhere);
        }
        check(places[number] == nowhere, "members have different ids");
        places[number] = place;
    }
    return places;
}

} // namespace

World::World(const node::Protocol& protocol, node::SetupPtr setup, const Settings& settings)
    : m_plan(
        std::make_shared<const Plan>(Plan{&protocol, setup, settings, placesOf(setup->members)}))
    , m_network(static_cast<std::uint32_t>(setup->members.size()) + settings.clients,
                settings.link(), diceFor(settings, Purpose::Network))
{
    std::vector<NodeId> servers;
    for (const auto& member : setup->members) {
        const auto number = member.id.value;
        m_machines.push_back(
            {member.id,
             trace::Life::NotStarted,
             {},
             Storage(protocol.makeDisk(), diceFor(settings, Purpose::Disk, number)),
             diceFor(settings, Purpose::Node, number)});
        if (member.takesRequests) {
            servers.push_back(member.id);
        }
    }
    for (Place place = 0; place < m_machines.size(); ++place) {
        m_sights.push_back(
            {m_machines[place].id, false, nullptr, &m_machines[place].storage.disk()});
        if (!setup->members[place].spare) {
            m_agenda.push({m_instant, nextOrder(), place, DueKind::Boot});
        }
    }
    check(!servers.empty(), "a cluster in which somebody takes requests");
    for (std::uint32_t number = 1; number <= settings.clients; ++number) {
        m_callers.push_back({node::Client(clientId(number), servers, settings.client(), protocol)});
    }
}

World::World(const node::Protocol& protocol, node::SetupPtr setup, const Settings& settings,
             std::vector<Survivor> survivors, const Network& network, EventId last, Instant now)
    : World(protocol, std::move(setup), settings)
{
    m_network.inherit(network);
    m_agenda = Agenda(); // nobody boots by itself: it has been going on
    m_last = last;
    m_instant = now;
    for (auto& survivor : survivors) {
        const auto place = placeOf(survivor.id);
        auto& machine = m_machines[place];
        machine.life = survivor.life;
        machine.lastStep = survivor.lastStep;
        machine.clock.set(now, survivor.clock);
        if (survivor.disk) {
            machine.storage = Storage(std::move(survivor.disk),
                                      diceFor(settings, Purpose::Disk, survivor.id.value));
        }
        machine.storage.setCondition(survivor.diskCondition);
        if (survivor.node) {
            machine.node = Shared<node::Node>(std::move(survivor.node));
        }
        const bool up = machine.life == trace::Life::Up || machine.life == trace::Life::Paused;
        m_sights[place] = {survivor.id, up, machine.node.get(), &machine.storage.disk()};
        for (const auto& [timer, left] : survivor.timers) {
            arm(place, timer, left, survivor.lastStep);
        }
    }
}

std::vector<NodeId> World::clients() const
{
    std::vector<NodeId> ids;
    for (const auto& caller : m_callers) {
        ids.push_back(caller.client.self());
    }
    return ids;
}

trace::About World::about() const
{
    trace::About about;
    about.card = m_plan->protocol->card();
    about.members = m_plan->setup->members;
    for (std::size_t i = 1; i <= m_callers.size(); ++i) {
        about.clients.push_back("c" + std::to_string(i));
    }
    about.parameters = m_plan->setup->parameters;
    about.seed = m_plan->settings.seed;
    about.origin = "simulated";
    return about;
}

std::string World::nameOf(NodeId id) const
{
    const auto* member = m_plan->setup->member(id);
    if (member != nullptr) {
        return member->name;
    }
    return isClient(id) ? "c" + std::to_string(id.value - firstClient)
                        : "n" + std::to_string(id.value);
}

bool World::step(trace::Sink* sink)
{
    m_step.reset();
    if (m_agenda.empty()) {
        return false;
    }
    const auto due = m_agenda.top();
    m_agenda.pop();
    m_instant = std::max(m_instant, due.at);
    perform(due, sink);
    settle();
    return true;
}

void World::advanceTo(Instant instant, trace::Sink* sink)
{
    while (!m_agenda.empty() && m_agenda.top().at <= instant) {
        step(sink);
    }
    waitUntil(instant);
}

void World::waitUntil(Instant instant)
{
    m_instant = std::max(m_instant, instant);
}

void World::perform(const Due& due, trace::Sink* sink)
{
    switch (due.kind) {
    case DueKind::Boot:
        boot(due.where, {}, sink);
        return;
    case DueKind::Message:
        deliver(due.where, sink);
        return;
    case DueKind::Timer:
        m_timers[due.where].alarm.lineOrder = 0;
        fireTimer(due.where, sink);
        return;
    case DueKind::Sync:
        finishSync(due.where, sink);
        return;
    case DueKind::Client:
        m_callers[due.where].alarm.lineOrder = 0;
        wakeClient(due.where, sink);
        return;
    case DueKind::Arrival:
        m_streams[due.where].alarm.lineOrder = 0;
        arrive(due.where, sink);
        return;
    }
}

void World::settle()
{
    while (!m_agenda.empty() && !confirmTop()) { }
}

/// Whether the top line of the agenda is in force; if not it has gone from there.
bool World::confirmTop()
{
    const auto top = m_agenda.top();
    auto owner = static_cast<Place>(m_machines.size()); // nobody who could be paused
    bool inForce = true;
    switch (top.kind) {
    case DueKind::Boot:
        inForce = m_machines[top.where].life == trace::Life::NotStarted;
        break;
    case DueKind::Message:
        inForce = m_packets[top.where].order == top.order;
        owner = m_packets[top.where].to;
        break;
    case DueKind::Timer:
        if (!m_agenda.confirmTop(m_timers[top.where].alarm)) {
            return false;
        }
        owner = m_timers[top.where].owner;
        break;
    case DueKind::Sync:
        inForce = m_machines[top.where].storage.order == top.order;
        owner = top.where;
        break;
    case DueKind::Client:
        return m_agenda.confirmTop(m_callers[top.where].alarm);
    case DueKind::Arrival:
        return m_agenda.confirmTop(m_streams[top.where].alarm);
    }
    if (!inForce) {
        m_agenda.pop();
        return false;
    }
    if (isMember(owner) && m_machines[owner].life == trace::Life::Paused) {
        m_machines[owner].parked.push_back(top);
        m_agenda.pop();
        return false;
    }
    return true;
}

std::optional<node::Observation> World::observation() const
{
    if (!m_step) {
        return std::nullopt;
    }
    node::Observation seen;
    seen.event = m_step->event;
    seen.at = m_step->at;
    seen.node = m_machines[m_step->place].id;
    seen.restarted = m_step->boots;
    seen.effects = &m_effects;
    seen.nodes = m_sights;
    return seen;
}

std::size_t World::openRequests() const
{
    std::size_t open = 0;
    for (const auto& caller : m_callers) {
        open += caller.client.open();
    }
    for (const auto& stream : m_streams) {
        open += stream.waiting.size();
    }
    return open;
}

std::optional<Place> World::findPlace(NodeId id) const
{
    if (isClient(id)) {
        const auto number = id.value - firstClient;
        return number >= 1 && number <= m_callers.size()
            ? std::optional(static_cast<Place>(m_machines.size() + number - 1))
            : std::nullopt;
    }
    const auto& places = m_plan->places;
    return id.value < places.size() && places[id.value] != nowhere ? std::optional(places[id.value])
                                                                   : std::nullopt;
}

Place World::placeOf(NodeId id) const
{
    const auto place = findPlace(id);
    check(place.has_value(), "a node or client that there is");
    return *place;
}

NodeId World::idOf(Place place) const
{
    return isMember(place) ? m_machines[place].id
                           : m_callers[place - m_machines.size()].client.self();
}

Place World::placeCount() const
{
    return static_cast<Place>(m_machines.size() + m_callers.size());
}

} // namespace lightcone::sim
