#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/trace/index.h"
#include "engine/trace/lanes.h"
#include "engine/trace/trace.h"

#include <compare>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace lightcone::picture {

/// From whom to whom.
struct Route
{
    NodeId from;
    NodeId to;
    friend constexpr auto operator<=>(const Route&, const Route&) = default;
};

/// A client's operation: its Request, and its Reply where there is one.
struct Operation
{
    EventId request;
    EventId reply{};
};

/// What a timeline asks of a trace, answered without going through it. Events are numbered in the
/// order of time, so that a stretch of time is a range of numbers, and counting in it is two
/// searches. Grows and is read on one thread.
class TimelineIndex
{
public:
    explicit TimelineIndex(trace::TracePtr trace);

    /// Takes in what the trace has published since the last time.
    void grow();

    [[nodiscard]] const trace::Trace& trace() const { return *m_index.trace(); }
    [[nodiscard]] const trace::Index& index() const { return m_index; }

    /// What it answers is true of the events 1 … size().
    [[nodiscard]] std::uint64_t size() const { return m_size; }

    /// The first event at or after the instant; size() + 1 when there is none.
    [[nodiscard]] EventId firstAtOrAfter(Instant) const;

    /// Messages (Send and Duplicate) by route, each list in order.
    [[nodiscard]] const std::map<Route, std::vector<std::uint32_t>>& routes() const
    {
        return m_routes;
    }

    /// Messages and operations that began before `first` and had not ended by then, in order.
    [[nodiscard]] std::vector<EventId> underWayAt(EventId first) const;

    /// Faults, narration and what else is rare and always shown, in order.
    [[nodiscard]] const std::vector<std::uint32_t>& landmarks() const { return m_landmarks; }
    [[nodiscard]] const std::vector<std::uint32_t>& notes() const { return m_notes; }

    /// By client.
    [[nodiscard]] const std::map<NodeId, std::vector<Operation>>& operations() const
    {
        return m_operations;
    }

    /// Of all clients, in order.
    [[nodiscard]] const std::vector<std::uint32_t>& requests() const { return m_requests; }

    /// How each node's lane looks, in order.
    [[nodiscard]] const std::map<NodeId, std::vector<trace::LaneChange>>& lanes() const
    {
        return m_lanes;
    }

    /// What ended the operation; none while it goes on.
    [[nodiscard]] EventId replyOf(EventId request) const;

    /// Elements of a sorted list within first … last.
    static std::pair<std::size_t, std::size_t> between(const std::vector<std::uint32_t>& sorted,
                                                       EventId first, EventId last);

private:
    void takeIn(EventId id, const trace::Event& event);
    void takeInLanes(EventId last);
    void end(EventId begun, EventId by);

    static constexpr std::uint64_t stretchSize = 256;

    trace::Index m_index;
    std::uint64_t m_size = 0;
    std::vector<Instant> m_instants; ///< of every first event of a stretch
    std::map<Route, std::vector<std::uint32_t>> m_routes;
    std::vector<std::uint32_t> m_landmarks;
    std::vector<std::uint32_t> m_notes;
    std::map<NodeId, std::vector<Operation>> m_operations;
    std::vector<std::uint32_t> m_requests;
    std::map<NodeId, std::vector<trace::LaneChange>> m_lanes;
    std::uint64_t m_laneChanges = 0; ///< taken in from the trace's track
    bool m_lanesFromEvents = false;
    std::vector<std::uint32_t> m_blockEnd; ///< by block of begun events: the last end of any
    std::vector<std::uint32_t> m_open; ///< begun and not ended, in order
};

} // namespace lightcone::picture
