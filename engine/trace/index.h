#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/trace/growing.h"
#include "engine/trace/trace.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <vector>

namespace lightcone::trace {

/// Finds things in a trace without going through it: the events of a node, the effects of a cause,
/// the end of a message, how many events lie in a stretch of time. One thread calls grow(); any
/// thread asks, meanwhile too, about what has been taken in. About 20 bytes an event.
class Index
{
public:
    explicit Index(TracePtr);
    ~Index();

    [[nodiscard]] const TracePtr& trace() const { return m_trace; }

    /// Takes in what the trace has published since the last time. One thread at a time.
    void grow();

    /// How many events it knows: what it answers is true of the events 1 … size().
    [[nodiscard]] std::uint64_t size() const { return m_size.load(std::memory_order_acquire); }

    /// Every node that an event happened on so far, by number; NodeId {} for those on none.
    [[nodiscard]] std::vector<NodeId> nodes() const;

    [[nodiscard]] std::uint64_t countOf(NodeId) const;

    /// The position-th event of a node, from 0; none past the last.
    [[nodiscard]] EventId eventOf(NodeId, std::uint64_t position) const;

    /// How many events of the node come before that event.
    [[nodiscard]] std::uint64_t positionOf(NodeId, EventId) const;

    /// The same for events in order, at a fraction of the cost of asking for each.
    [[nodiscard]] std::vector<std::uint64_t> positionsOf(NodeId,
                                                         std::span<const EventId> sorted) const;

    /// The node's first event after that one, and its last one before; none where there is none.
    [[nodiscard]] EventId nextOf(NodeId, EventId after) const;
    [[nodiscard]] EventId previousOf(NodeId, EventId before) const;

    /// The effects of an event: those whose cause it is, in order.
    [[nodiscard]] std::vector<EventId> effectsOf(EventId) const;

    /// Where a message (a Send or a Duplicate) was delivered or died; none while it is under way.
    [[nodiscard]] EventId endOf(EventId message) const;

    /// The Send behind a Deliver, Drop or Duplicate, of the Send itself itself; none for others.
    [[nodiscard]] EventId sendOf(EventId) const;

    /// How many events of the node lie in each of the buckets firstBucket, firstBucket + 1, …,
    /// where bucket b holds the instants from b·2^k to (b+1)·2^k nanoseconds. The cost follows the
    /// number of buckets, not of events.
    void density(NodeId, unsigned k, std::int64_t firstBucket,
                 std::span<std::uint32_t> counts) const;

private:
    /// Where in its lane a bucket begins; buckets without events are not listed.
    struct Bucket
    {
        std::int64_t number = 0;
        std::uint32_t first = 0;
    };

    /// The buckets of one width. Given up where they would hardly hold more than one event each.
    struct Level
    {
        Growing<Bucket> buckets;
        std::atomic<std::uint32_t> coveredTo{std::numeric_limits<std::uint32_t>::max()};
    };

    static constexpr unsigned finestLevel = 10; ///< 2^10 ns, about a microsecond
    static constexpr unsigned levelStep = 2;
    static constexpr unsigned levelCount = 16; ///< the coarsest: 2^40 ns, 18 minutes

    struct Lane
    {
        Growing<std::uint32_t> events;
        std::array<Level, levelCount> levels;
    };

    [[nodiscard]] const Lane* find(NodeId) const;
    Lane& lane(NodeId);
    void addToLane(Lane&, std::uint32_t number, Instant);
    void addFrom(const Lane&, std::uint64_t position, std::uint64_t end, unsigned k,
                 std::int64_t firstBucket, std::span<std::uint32_t> counts) const;
    [[nodiscard]] Instant instantOf(const Lane&, std::uint64_t position) const;
    [[nodiscard]] std::uint64_t firstAtOrAfter(const Lane&, std::uint64_t from, std::uint64_t end,
                                               Instant) const;

    TracePtr m_trace;
    std::atomic<std::uint64_t> m_size{0};
    Growing<std::atomic<std::uint32_t>> m_newestEffect; ///< by cause - 1; 0: none
    Growing<std::uint32_t> m_olderEffect; ///< by effect - 1: the next older of the same cause
    mutable std::shared_mutex m_lanesMutex;
    std::map<NodeId, std::unique_ptr<Lane>> m_lanes;
    std::array<Lane*, 64> m_nearLanes{}; ///< the grower's own short cut to small numbers
};

} // namespace lightcone::trace
