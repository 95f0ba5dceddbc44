#pragma once

#include "engine/core/ids.h"
#include "engine/trace/clock_walk.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lightcone::trace {

/// How two events lie to each other: Lamport's happened-before (1978), from the causes of events
/// and the order of each node's own ones.
enum class Order : std::uint8_t { Same, Before, After, Concurrent };
BOOST_DESCRIBE_ENUM(Order, Same, Before, After, Concurrent)

/// A set of events of one trace.
class Cone
{
public:
    Cone() = default;
    Cone(EventId first, EventId last);

    [[nodiscard]] bool contains(EventId id) const
    {
        const auto place = id.value - m_first.value;
        return id >= m_first && place / 64 < m_bits.size()
            && (m_bits[place / 64] >> (place % 64) & 1) != 0;
    }

    void insert(EventId);
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] EventId first() const { return m_first; } ///< of the stretch it tells about
    [[nodiscard]] EventId last() const { return m_last; }

private:
    EventId m_first{1};
    EventId m_last{};
    std::vector<std::uint64_t> m_bits;
};

/// Answers what an event knew of and what it led to. Takes in the trace as it grows, once, at some
/// ten million events a second; clocks are kept every few thousand events and found from there.
/// Any thread may ask; one is answered at a time.
class Causality
{
public:
    explicit Causality(TracePtr);

    [[nodiscard]] const TracePtr& trace() const { return m_trace; }

    /// Takes in what was published since, so that later questions need not.
    void grow();

    /// Lamport's clock: more than that of everything that happened before.
    [[nodiscard]] std::uint32_t lamport(EventId);

    /// How many events of each node happened before this one or are it, by node; nodes with none
    /// are left out. An event that is no node's own knows what its cause knows.
    [[nodiscard]] std::vector<std::pair<NodeId, std::uint32_t>> vectorClock(EventId);

    [[nodiscard]] Order order(EventId, EventId other);

    /// What happened before it, of the events from `first` on, without itself.
    [[nodiscard]] Cone past(EventId, EventId first = EventId(1));

    /// What it happened before, of the events up to `last`, without itself.
    [[nodiscard]] Cone future(EventId, EventId last);

    /// The events of that stretch that are in neither its past nor its future, without itself.
    [[nodiscard]] Cone concurrent(EventId, EventId first, EventId last);

    /// Vector clocks of first … last in turn, as vectorClock() gives them.
    using Visit =
        std::function<void(EventId, const std::vector<std::pair<NodeId, std::uint32_t>>&)>;
    void walk(EventId first, EventId last, const Visit&);

    static constexpr std::uint64_t stride = 2048;

private:
    [[nodiscard]] ClockWalk walkFrom(std::uint64_t checkpoint);
    [[nodiscard]] ClockPtr clockOf(EventId);
    [[nodiscard]] ClockPtr elsewhere(EventId);
    [[nodiscard]] EventId localCause(EventId) const;
    void growTo(std::uint64_t);
    void take(EventId, const Event&);
    [[nodiscard]] std::vector<std::pair<NodeId, std::uint32_t>> named(const Clock&) const;
    [[nodiscard]] bool happenedBefore(EventId, EventId later);
    [[nodiscard]] Cone pastOf(EventId, EventId first) const;
    [[nodiscard]] Cone futureOf(EventId, EventId last) const;

    TracePtr m_trace;
    std::mutex m_mutex;
    Processes m_processes;
    ClockWalk m_walk;
    std::vector<std::uint32_t> m_lamport; ///< by number - 1
    std::vector<std::uint32_t> m_position; ///< of local events: which of its node's own, from 1
    std::vector<std::uint32_t> m_newestLamport; ///< by slot
    std::vector<std::uint32_t> m_count; ///< by slot
    std::vector<std::vector<ClockPtr>> m_checkpoints; ///< after stride, 2·stride, … events
    std::unordered_map<std::uint64_t, ClockPtr>
        m_crossing; ///< sent before a checkpoint, ended after
};

} // namespace lightcone::trace
