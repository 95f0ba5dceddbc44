#pragma once

#include "engine/core/histogram.h"
#include "engine/measure/operations.h"
#include "engine/measure/standing.h"
#include "engine/measure/traffic.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::measure {

/// Something that was done to the cluster or befell it: a chart marks it.
struct Mark
{
    EventId event{};
    Instant at{};
    std::string text{}; ///< a scenario's line, or what befell a node: "crash n2"
};

/// Turns a trace into numbers while it grows, and knows them over any stretch of it. For one
/// thread; the trace may grow on another.
class Meter
{
public:
    explicit Meter(trace::TracePtr, Duration patience = usualPatience);

    /// Takes in the events up to that one.
    void grow(EventId last);

    [[nodiscard]] const trace::TracePtr& trace() const { return m_trace; }
    [[nodiscard]] EventId size() const { return m_size; }

    /// Of the newest event that was taken in.
    [[nodiscard]] Instant now() const { return m_now; }

    [[nodiscard]] const Operations& operations() const { return m_operations; }
    [[nodiscard]] const Traffic& traffic() const { return m_traffic; }
    [[nodiscard]] const std::vector<Mark>& marks() const { return m_marks; }

    static constexpr Duration usualPatience = std::chrono::milliseconds(100);

private:
    void mark(EventId, const trace::Event&);

    trace::TracePtr m_trace;
    EventId m_size{};
    Instant m_now{};
    Operations m_operations;
    Traffic m_traffic;
    std::vector<Mark> m_marks;
    EventId m_markedAct{};
};

/// A request's kind and how those of it came out.
struct KindTotals
{
    std::string name; ///< "put"
    std::uint64_t asked = 0;
    std::uint64_t done = 0;
    Histogram latency{}; ///< of the done ones
};

/// What a run comes to.
struct Totals
{
    Duration time{}; ///< from the first event to the newest
    std::uint64_t events = 0;

    std::uint64_t wanted = 0; ///< operations that arrived
    std::uint64_t done = 0;
    std::uint64_t refused = 0; ///< or redirected to nobody
    std::uint64_t unknown = 0; ///< nobody answered in time
    std::uint64_t open = 0; ///< under way, or waiting for a client
    std::uint64_t retries = 0;
    Histogram latency{}; ///< of the done ones
    double roundTrips = 0; ///< the mean of the answered ones: two messages, one after the other
    std::vector<KindTotals> kinds{}; ///< in the order of the card
    std::vector<Stretch> unavailable{};
    Duration unavailableTime{};
    Duration patience{};

    std::uint64_t messages = 0; ///< of all kinds
    std::uint64_t bytes = 0;
    std::uint64_t dropped = 0;
    std::uint64_t forced = 0; ///< writes
    std::uint64_t lazy = 0;
    std::uint64_t syncs = 0;
    std::vector<MessageKind> messageKinds{}; ///< by channel, then the most frequent first
    std::vector<NodeWork> nodes{};

    /// Of the nodes' states, which cost more than the rest: empty until somebody has asked for
    /// them.
    OfStates ofStates{};

    /// Done ones a second of the run's time.
    [[nodiscard]] double throughput() const;

    /// Of the ended ones, from 0 to 1.
    [[nodiscard]] double errors() const;

    /// How many of the done ones a node answered.
    [[nodiscard]] std::uint64_t answeredBy(NodeId) const;
    std::vector<std::pair<NodeId, std::uint64_t>> answers{}; ///< by node
};

Totals totalsOf(const Meter&);

} // namespace lightcone::measure
