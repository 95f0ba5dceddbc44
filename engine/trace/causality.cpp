#include "engine/trace/causality.h"

#include "engine/core/check.h"

#include <algorithm>
#include <bit>

namespace lightcone::trace {

Cone::Cone(EventId first, EventId last)
    : m_first(first)
    , m_last(last)
    , m_bits(last >= first ? (last.value - first.value) / 64 + 1 : 0)
{
}

void Cone::insert(EventId id)
{
    const auto place = id.value - m_first.value;
    m_bits[place / 64] |= std::uint64_t{1} << (place % 64);
}

std::uint64_t Cone::count() const
{
    std::uint64_t count = 0;
    for (const auto bits : m_bits) {
        count += static_cast<std::uint64_t>(std::popcount(bits));
    }
    return count;
}

Causality::Causality(TracePtr trace)
    : m_trace(std::move(trace))
    , m_walk(walkFrom(0))
{
}

ClockWalk Causality::walkFrom(std::uint64_t checkpoint)
{
    ClockWalk walk(
        m_processes, [this](EventId id) -> const Event& { return (*m_trace)[id]; },
        [this](EventId id) { return elsewhere(id); });
    if (checkpoint > 0) {
        walk.restore(m_checkpoints[checkpoint - 1]);
    }
    return walk;
}

void Causality::take(EventId id, const Event& event)
{
    m_walk.take(id, event);
    auto lamport = event.cause ? m_lamport[event.cause.value - 1] : 0;
    std::uint32_t position = 0;
    if (isLocal(event)) {
        const auto slot = m_processes.find(event.node);
        if (slot >= m_count.size()) {
            m_count.resize(slot + 1);
            m_newestLamport.resize(slot + 1);
        }
        position = ++m_count[slot];
        lamport = std::max(lamport, m_newestLamport[slot]);
        m_newestLamport[slot] = lamport + 1;
    }
    m_lamport.push_back(lamport + 1);
    m_position.push_back(position);
    if (id.value % stride == 0) {
        m_checkpoints.push_back(m_walk.snapshot());
        for (auto& [message, clock] : m_walk.newFlights()) {
            m_crossing.emplace(message.value, std::move(clock));
        }
    }
}

void Causality::growTo(std::uint64_t size)
{
    check(size <= m_trace->size(), "an event that there is");
    const auto first = EventId(m_lamport.size() + 1);
    forEach(*m_trace, first, EventId(size),
            [this](EventId id, const Event& event) { take(id, event); });
}

void Causality::grow()
{
    const std::lock_guard lock(m_mutex);
    growTo(m_trace->size());
}

EventId Causality::localCause(EventId id) const
{
    while (id && !isLocal((*m_trace)[id])) {
        id = (*m_trace)[id].cause;
    }
    return id;
}

ClockPtr Causality::clockOf(EventId id)
{
    id = localCause(id);
    if (!id) {
        return std::make_shared<const Clock>();
    }
    const auto checkpoint = (id.value - 1) / stride;
    auto walk = walkFrom(checkpoint);
    ClockPtr found;
    forEach(*m_trace, EventId(checkpoint * stride + 1), id, [&](EventId at, const Event& event) {
        const auto* clock = walk.take(at, event);
        if (at == id) {
            found = std::make_shared<const Clock>(*clock);
        }
    });
    return found;
}

ClockPtr Causality::elsewhere(EventId id)
{
    const auto known = m_crossing.find(id.value);
    if (known != m_crossing.end()) {
        return known->second;
    }
    auto clock = clockOf(id);
    m_crossing.emplace(id.value, clock);
    return clock;
}

std::vector<std::pair<NodeId, std::uint32_t>> Causality::named(const Clock& clock) const
{
    std::vector<std::pair<NodeId, std::uint32_t>> entries;
    for (std::size_t slot = 0; slot < clock.size(); ++slot) {
        if (clock[slot] != 0) {
            entries.emplace_back(m_processes.nodes()[slot], clock[slot]);
        }
    }
    std::sort(entries.begin(), entries.end());
    return entries;
}

std::uint32_t Causality::lamport(EventId id)
{
    const std::lock_guard lock(m_mutex);
    growTo(id.value);
    return m_lamport[id.value - 1];
}

std::vector<std::pair<NodeId, std::uint32_t>> Causality::vectorClock(EventId id)
{
    const std::lock_guard lock(m_mutex);
    growTo(id.value);
    return named(*clockOf(id));
}

bool Causality::happenedBefore(EventId id, EventId later)
{
    if (id >= later) {
        return false;
    }
    const auto& event = (*m_trace)[id];
    if (!isLocal(event)) {
        return futureOf(id, later).contains(later);
    }
    const auto slot = m_processes.find(event.node);
    const auto clock = clockOf(later);
    return slot < clock->size() && (*clock)[slot] >= m_position[id.value - 1];
}

Order Causality::order(EventId id, EventId other)
{
    const std::lock_guard lock(m_mutex);
    growTo(std::max(id, other).value);
    if (id == other) {
        return Order::Same;
    }
    if (happenedBefore(id, other)) {
        return Order::Before;
    }
    return happenedBefore(other, id) ? Order::After : Order::Concurrent;
}

Cone Causality::pastOf(EventId id, EventId first) const
{
    Cone cone(first, id);
    // Once one event of a node is in it, all earlier ones of that node are.
    std::vector<bool> reached(m_processes.nodes().size());
    const auto expand = [&](const Event& event) {
        if (event.cause >= first) {
            cone.insert(event.cause);
        }
        if (isLocal(event)) {
            reached[m_processes.find(event.node)] = true;
        }
    };
    expand((*m_trace)[id]);
    for (auto number = id.value - 1; number >= first.value && number > 0; --number) {
        const auto& event = (*m_trace)[EventId(number)];
        const bool known = cone.contains(EventId(number));
        if (known || (isLocal(event) && reached[m_processes.find(event.node)])) {
            cone.insert(EventId(number));
            expand(event);
        }
    }
    return cone;
}

Cone Causality::futureOf(EventId id, EventId last) const
{
    Cone cone(id, last);
    std::vector<bool> reached(m_processes.nodes().size());
    forEach(*m_trace, id, last, [&](EventId at, const Event& event) {
        const bool local = isLocal(event);
        const auto slot = local ? m_processes.find(event.node) : Processes::none;
        if (at == id || cone.contains(event.cause) || event.cause == id
            || (local && reached[slot])) {
            if (at != id) {
                cone.insert(at);
            }
            if (local) {
                reached[slot] = true;
            }
        }
    });
    return cone;
}

Cone Causality::past(EventId id, EventId first)
{
    const std::lock_guard lock(m_mutex);
    growTo(id.value);
    return pastOf(id, first);
}

Cone Causality::future(EventId id, EventId last)
{
    const std::lock_guard lock(m_mutex);
    growTo(std::max(id, last).value);
    return futureOf(id, last);
}

Cone Causality::concurrent(EventId id, EventId first, EventId last)
{
    const std::lock_guard lock(m_mutex);
    growTo(std::max(id, last).value);
    const auto before = pastOf(id, first);
    const auto after = futureOf(id, last);
    Cone cone(first, last);
    for (auto number = first.value; number <= last.value; ++number) {
        const EventId other(number);
        if (other != id && !before.contains(other) && !after.contains(other)) {
            cone.insert(other);
        }
    }
    return cone;
}

void Causality::walk(EventId first, EventId last, const Visit& visit)
{
    const std::lock_guard lock(m_mutex);
    growTo(last.value);
    if (first > last) {
        return;
    }
    const auto checkpoint = (first.value - 1) / stride;
    auto walk = walkFrom(checkpoint);
    forEach(*m_trace, EventId(checkpoint * stride + 1), last, [&](EventId at, const Event& event) {
        const bool wanted = at >= first;
        const auto known = wanted && !isLocal(event) ? walk.knownThrough(event.cause) : nullptr;
        const auto* clock = walk.take(at, event);
        if (wanted) {
            visit(at, named(clock != nullptr ? *clock : known ? *known : Clock{}));
        }
    });
}

} // namespace lightcone::trace
