#include "engine/picture/cone.h"

#include "engine/trace/clock_walk.h"

#include <algorithm>
#include <limits>

namespace lightcone::picture {

namespace {

using trace::isLocal;

/// Through what is no node's own (a copy of a message, an act of a person) down to what is, or to
/// the event asked about.
EventId originOf(const trace::Trace& trace, EventId id, EventId apex)
{
    while (id && id != apex && !isLocal(trace[id])) {
        id = trace[id].cause;
    }
    return id;
}

/// The event elsewhere that this one follows from: the message's beginning, a client's request.
EventId fromElsewhere(const trace::Trace& trace, const trace::Event& event, EventId apex)
{
    const auto cause = originOf(trace, event.cause, apex);
    return cause && trace[cause].node != event.node ? cause : EventId{};
}

} // namespace

Cone Cone::of(const TimelineIndex& index, EventId apex)
{
    Cone cone;
    if (!apex || apex.value > index.size()) {
        return cone;
    }
    const auto& trace = index.trace();
    cone.m_apex = apex;
    // What is no node's own has the past of its cause.
    const auto origin = originOf(trace, apex, {});
    const auto home = trace[apex].node;

    auto& past = cone.m_pastTo;
    if (origin) {
        past[trace[origin].node] = origin.value;
    }
    // Where the walk can stop: every node's past is known, or the node has no earlier event.
    const auto nodes = index.index().nodes();
    const auto settledBelow = [&](std::uint64_t number) {
        return std::ranges::all_of(nodes, [&](NodeId node) {
            if (!node) {
                return true;
            }
            const auto known = past.find(node);
            const auto reached = known != past.end() ? known->second : 0;
            const auto newest = index.index().previousOf(node, EventId(number));
            return reached >= newest.value;
        });
    };
    for (auto number = origin.value; number > 0; --number) {
        if (number % 1024 == 0 && settledBelow(number)) {
            break;
        }
        const auto& event = trace[EventId(number)];
        const auto known = past.find(event.node);
        if (known == past.end() || number > known->second || !isLocal(event)) {
            continue;
        }
        if (const auto cause = fromElsewhere(trace, event, {})) {
            auto& reached = past[trace[cause].node];
            reached = std::max(reached, cause.value);
        }
    }

    auto& future = cone.m_futureFrom;
    if (isLocal(trace[apex])) {
        future[home] = apex.value;
    }
    const auto reachedAll = [&](std::uint64_t number) {
        return std::ranges::all_of(nodes, [&](NodeId node) {
            return !node || future.contains(node) || !index.index().nextOf(node, EventId(number));
        });
    };
    for (auto number = apex.value + 1; number <= index.size(); ++number) {
        if (number % 1024 == 0 && reachedAll(number)) {
            break;
        }
        const auto& event = trace[EventId(number)];
        if (future.contains(event.node) || !isLocal(event)) {
            continue;
        }
        const auto cause = originOf(trace, event.cause, apex);
        if (cause && (cause == apex || trace[cause].node != event.node)) {
            const auto from = future.find(trace[cause].node);
            if (cause == apex || (from != future.end() && cause.value >= from->second)) {
                future[event.node] = number;
            }
        }
    }
    return cone;
}

Cone Cone::past() const
{
    auto cone = *this;
    cone.m_futureFrom.clear();
    return cone;
}

bool Cone::contains(const trace::Trace& trace, EventId id) const
{
    if (id == m_apex) {
        return true;
    }
    const auto origin = originOf(trace, id, m_apex);
    return origin && (origin == m_apex || contains(trace[origin].node, origin));
}

bool Cone::inPast(NodeId node, EventId id) const
{
    const auto known = m_pastTo.find(node);
    return known != m_pastTo.end() && id.value <= known->second;
}

bool Cone::inFuture(NodeId node, EventId id) const
{
    const auto known = m_futureFrom.find(node);
    return known != m_futureFrom.end() && id.value >= known->second;
}

} // namespace lightcone::picture
