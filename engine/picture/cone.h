#pragma once

#include "engine/core/ids.h"
#include "engine/picture/timeline_index.h"

#include <cstdint>
#include <map>

namespace lightcone::picture {

/// The causal past and future of an event. On each node the past is all up to some event and the
/// future all from some event on, so two numbers a node say everything (Mattern 1989: consistent
/// cuts).
class Cone
{
public:
    Cone() = default;

    /// Looks at no more of the trace than lies between the event and where the cone has reached
    /// every node.
    static Cone of(const TimelineIndex&, EventId);

    /// What the event knew of, without what it led to.
    [[nodiscard]] Cone past() const;

    [[nodiscard]] bool inPast(NodeId, EventId) const;
    [[nodiscard]] bool inFuture(NodeId, EventId) const;

    /// Of any event; what is no node's own, like the death of a message, goes with its cause.
    [[nodiscard]] bool contains(const trace::Trace&, EventId) const;

    /// Of a node's own event. The apex itself is in both.
    [[nodiscard]] bool contains(NodeId node, EventId id) const
    {
        return inPast(node, id) || inFuture(node, id);
    }

    [[nodiscard]] EventId apex() const { return m_apex; }

private:
    EventId m_apex{};
    std::map<NodeId, std::uint64_t> m_pastTo;
    std::map<NodeId, std::uint64_t> m_futureFrom;
};

} // namespace lightcone::picture
