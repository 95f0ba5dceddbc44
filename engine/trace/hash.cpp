#include "engine/trace/hash.h"

#include <algorithm>

namespace lightcone::trace {

std::uint64_t TraceHasher::hashOf(const node::PayloadPtr& payload)
{
    if (!payload) {
        return 0;
    }
    // Where it is kept follows from an address, what is computed never does.
    auto& known = m_known[(reinterpret_cast<std::uintptr_t>(payload.get()) >> 4) % m_known.size()];
    if (known.payload != payload) {
        m_bytes.clear();
        payload->encode(m_bytes);
        Hasher hasher;
        hasher.add(payload->name());
        hasher.add(m_bytes);
        known = {payload, hasher.value()};
    }
    return known.hash;
}

void TraceHasher::add(const Event& event)
{
    m_hasher.add(event.cause.value);
    m_hasher.add(static_cast<std::uint64_t>(event.at.time_since_epoch().count()));
    m_hasher.add(std::uint64_t{event.node.value} << 32 | event.peer.value);
    m_hasher.add(std::uint64_t{event.tag} << 16 | std::uint64_t{event.detail} << 8
                 | static_cast<std::uint64_t>(event.kind));
    m_hasher.add(std::uint64_t{event.request.client.value} << 32 | event.request.sequence);
    m_hasher.add(hashOf(event.payload));
}

std::uint64_t traceHash(const Trace& trace, EventId last)
{
    TraceHasher hasher;
    forEach(trace, EventId(1), last, [&](EventId, const Event& event) { hasher.add(event); });
    return hasher.value();
}

std::uint64_t traceHash(const Trace& trace)
{
    return traceHash(trace, EventId(trace.size()));
}

std::optional<EventId> firstDifference(const Trace& a, EventId last, const Trace& b,
                                       EventId otherLast)
{
    TraceHasher ofA;
    TraceHasher ofB;
    const auto both = std::min(last, otherLast);
    for (std::uint64_t number = 1; number <= both.value; ++number) {
        const auto& one = a[EventId(number)];
        const auto& other = b[EventId(number)];
        if (&one == &other) {
            continue; // branches share what they have in common
        }
        ofA.add(one);
        ofB.add(other);
        if (ofA.value() != ofB.value()) {
            return EventId(number);
        }
    }
    return last == otherLast ? std::nullopt : std::optional(EventId(both.value + 1));
}

} // namespace lightcone::trace
