#pragma once

#include "engine/core/ids.h"
#include "engine/trace/event.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace lightcone::trace {

/// Whether the event is an act of its node, in that node's own order. What the network does to a
/// message, what people say and what an observer finds are not: they follow from their cause alone.
bool isLocal(const Event&);

/// How many events of each process (by slot, see Processes) an event knows of; slots past the end
/// count none. Mattern 1989, Fidge 1988.
using Clock = std::vector<std::uint32_t>;
using ClockPtr = std::shared_ptr<const Clock>;

/// Numbers the nodes that act, in the order of their first event: 0, 1, ….
class Processes
{
public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    /// none where the node has not acted.
    [[nodiscard]] std::uint32_t find(NodeId) const;
    std::uint32_t add(NodeId);
    [[nodiscard]] const std::vector<NodeId>& nodes() const { return m_nodes; }

private:
    std::vector<std::uint32_t> m_members; ///< by number, the small ones
    std::vector<std::uint32_t> m_clients; ///< by number - firstClient, the small ones
    std::map<NodeId, std::uint32_t> m_others;
    std::vector<NodeId> m_nodes;
};

/// Goes through a trace from some event on and keeps each process's vector clock.
class ClockWalk
{
public:
    using Lookup = std::function<const Event&(EventId)>;

    /// The clock of a local event or message that lies outside of what the walk remembers.
    using Elsewhere = std::function<ClockPtr(EventId)>;

    ClockWalk(Processes& processes, Lookup, Elsewhere);

    /// Begins after some event: the clocks by slot right then.
    void restore(const std::vector<ClockPtr>& clocks);

    /// The next event of the trace. Its clock is valid until the next call; that of an event that
    /// is not local is nullptr: it is its cause's.
    const Clock* take(EventId, const Event&);

    /// What an event knows that is no node's own: the clock of its cause, before take() was called
    /// with it; nullptr for nothing.
    [[nodiscard]] ClockPtr knownThrough(EventId cause) const { return clockOfCause(cause, {}); }

    /// Clocks by slot as they are now. Those that did not change since the last call are shared.
    const std::vector<ClockPtr>& snapshot();

    /// Messages under way that were sent since the last call.
    std::vector<std::pair<EventId, ClockPtr>> newFlights();

private:
    [[nodiscard]] ClockPtr clockOfCause(EventId cause, NodeId here) const;
    void merge(Clock& into, EventId cause, NodeId here) const;

    Processes* m_processes;
    Lookup m_lookup;
    Elsewhere m_elsewhere;
    std::vector<Clock> m_clocks;
    std::vector<bool> m_changed;
    std::vector<ClockPtr> m_snapshot;
    std::unordered_map<std::uint64_t, ClockPtr> m_flights; ///< by Send or Duplicate
    std::vector<EventId> m_sent;
};

} // namespace lightcone::trace
