#include "engine/picture/cone.h"

#include <algorithm>
#include <limits>

namespace lightcone::picture {

namespace {

/// The event elsewhere that this one follows from: the message's beginning, a client's request.
EventId fromElsewhere(const trace::Trace& trace, const trace::Event& event)
{
    const bool crosses = event.kind == trace::Kind::Deliver || event.kind == trace::Kind::Reply
        || (event.cause && trace[event.cause].node != event.node);
    return crosses ? event.cause : EventId{};
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
    const auto home = trace[apex].node;

    auto& past = cone.m_pastTo;
    past[home] = apex.value;
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
    for (auto number = apex.value; number > 0; --number) {
        if (number % 1024 == 0 && settledBelow(number)) {
            break;
        }
        const auto& event = trace[EventId(number)];
        const auto known = past.find(event.node);
        if (known == past.end() || number > known->second) {
            continue;
        }
        if (const auto cause = fromElsewhere(trace, event)) {
            auto& reached = past[trace[cause].node];
            reached = std::max(reached, cause.value);
        }
    }

    auto& future = cone.m_futureFrom;
    future[home] = apex.value;
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
        if (future.contains(event.node)) {
            continue;
        }
        if (const auto cause = fromElsewhere(trace, event)) {
            const auto from = future.find(trace[cause].node);
            if (from != future.end() && cause.value >= from->second) {
                future[event.node] = number;
            }
        }
    }
    return cone;
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
