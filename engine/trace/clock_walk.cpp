#include "engine/trace/clock_walk.h"

#include <algorithm>

namespace lightcone::trace {

bool isLocal(const Event& event)
{
    switch (event.kind) {
    case Kind::Drop:
    case Kind::Duplicate:
    case Kind::Cut:
    case Kind::Heal:
    case Kind::Rule:
    case Kind::Link:
    case Kind::Act:
    case Kind::Say:
    case Kind::Ask:
    case Kind::Expect:
    case Kind::Violation:
        return false;
    default:
        return static_cast<bool>(event.node);
    }
}

std::uint32_t Processes::find(NodeId node) const
{
    const auto& near = isClient(node) ? m_clients : m_members;
    const auto place = isClient(node) ? node.value - firstClient : node.value;
    if (place < near.size()) {
        return near[place];
    }
    const auto found = m_others.find(node);
    return found != m_others.end() ? found->second : none;
}

std::uint32_t Processes::add(NodeId node)
{
    const auto known = find(node);
    if (known != none) {
        return known;
    }
    constexpr std::uint32_t mostNear = 1024;
    const auto slot = static_cast<std::uint32_t>(m_nodes.size());
    m_nodes.push_back(node);
    auto& near = isClient(node) ? m_clients : m_members;
    const auto place = isClient(node) ? node.value - firstClient : node.value;
    if (place < mostNear) {
        near.resize(std::max<std::size_t>(near.size(), mostNear), none);
        near[place] = slot;
    } else {
        m_others[node] = slot;
    }
    return slot;
}

ClockWalk::ClockWalk(Processes& processes, Lookup lookup, Elsewhere elsewhere)
    : m_processes(&processes)
    , m_lookup(std::move(lookup))
    , m_elsewhere(std::move(elsewhere))
{
}

void ClockWalk::restore(const std::vector<ClockPtr>& clocks)
{
    m_snapshot = clocks;
    m_clocks.clear();
    for (const auto& clock : clocks) {
        m_clocks.push_back(*clock);
    }
    m_changed.assign(m_clocks.size(), false);
    m_flights.clear();
    m_sent.clear();
}

ClockPtr ClockWalk::clockOfCause(EventId cause, NodeId here) const
{
    while (cause) {
        if (const auto found = m_flights.find(cause.value); found != m_flights.end()) {
            return found->second;
        }
        const auto& event = m_lookup(cause);
        if (isLocal(event)) {
            // What this process did before, it knows already.
            return event.node == here ? nullptr : m_elsewhere(cause);
        }
        if (event.kind == Kind::Duplicate) {
            return m_elsewhere(cause);
        }
        cause = event.cause;
    }
    return nullptr;
}

void ClockWalk::merge(Clock& into, EventId cause, NodeId here) const
{
    const auto known = clockOfCause(cause, here);
    if (!known) {
        return;
    }
    if (into.size() < known->size()) {
        into.resize(known->size());
    }
    for (std::size_t i = 0; i < known->size(); ++i) {
        into[i] = std::max(into[i], (*known)[i]);
    }
}

const Clock* ClockWalk::take(EventId id, const Event& event)
{
    if (!isLocal(event)) {
        if (event.kind == Kind::Duplicate) {
            auto copy = clockOfCause(event.cause, {});
            m_flights[id.value] = copy ? std::move(copy) : std::make_shared<const Clock>();
            m_sent.push_back(id);
        } else if (event.kind == Kind::Drop) {
            m_flights.erase(event.cause.value);
        }
        return nullptr;
    }
    const auto slot = m_processes->add(event.node);
    if (slot >= m_clocks.size()) {
        m_clocks.resize(slot + 1);
        m_changed.resize(slot + 1, true);
    }
    auto& clock = m_clocks[slot];
    if (clock.size() <= slot) {
        clock.resize(slot + 1);
    }
    merge(clock, event.cause, event.node);
    ++clock[slot];
    m_changed[slot] = true;
    if (event.kind == Kind::Deliver) {
        m_flights.erase(event.cause.value);
    } else if (event.kind == Kind::Send) {
        m_flights[id.value] = std::make_shared<const Clock>(clock);
        m_sent.push_back(id);
    }
    return &clock;
}

const std::vector<ClockPtr>& ClockWalk::snapshot()
{
    m_snapshot.resize(m_clocks.size());
    for (std::size_t i = 0; i < m_clocks.size(); ++i) {
        if (m_changed[i] || !m_snapshot[i]) {
            m_snapshot[i] = std::make_shared<const Clock>(m_clocks[i]);
            m_changed[i] = false;
        }
    }
    return m_snapshot;
}

std::vector<std::pair<EventId, ClockPtr>> ClockWalk::newFlights()
{
    std::vector<std::pair<EventId, ClockPtr>> flights;
    for (const auto sent : m_sent) {
        if (const auto found = m_flights.find(sent.value); found != m_flights.end()) {
            flights.emplace_back(sent, found->second);
        }
    }
    m_sent.clear();
    return flights;
}

} // namespace lightcone::trace
