#pragma once

#include "engine/core/bytes.h"
#include "engine/core/ids.h"
#include "engine/trace/state.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace lightcone::trace {

/// Is told how the states of a run change, in the order of events, and keeps that: a file being
/// written. Each call is about what is so right after an event; what did not change need not be
/// told, and telling it again costs little. Event {} is before the first.
class StateRecorder
{
public:
    StateRecorder() = default;
    StateRecorder(const StateRecorder&) = delete;
    StateRecorder& operator=(const StateRecorder&) = delete;
    virtual ~StateRecorder() = default;

    /// A node as it is now. Its `state` and `lastStep` are not looked at: the state comes as the
    /// bytes that node::Node::encode() gives, with the card's shape (nullptr: it has none yet).
    virtual void node(EventId, const NodeState&, const describe::ShapePtr&, BytesView state) = 0;

    /// When a message that is under way will arrive, as things stand now, and whether it is held.
    /// A message that was never told about will arrive when the trace says that it did.
    virtual void flight(EventId, EventId message, Instant due, bool held) = 0;

    virtual void links(EventId, const std::vector<LinkState>&) = 0;
    virtual void rules(EventId, const std::vector<std::string>&) = 0;

    /// All of it at once, described: simple, and slow when states are large.
    void cluster(const ClusterState&);
};

/// Knows the state of every node right after any event of a trace. Safe to ask from any thread.
class StateSource
{
public:
    StateSource() = default;
    StateSource(const StateSource&) = delete;
    StateSource& operator=(const StateSource&) = delete;
    virtual ~StateSource() = default;

    /// EventId {} is before the first event.
    [[nodiscard]] virtual ClusterState at(EventId) const = 0;

    /// Shows the state after each of those events, which are in order, until see() says false. Who
    /// can go from one to the next cheaper than from the beginning does.
    virtual void visit(std::span<const EventId>,
                       const std::function<bool(EventId, const ClusterState&)>& see) const;

    /// Tells a recorder all that changed from first to last, in order, beginning with what is so
    /// right after the event before first. By itself it asks for each event; who can walk through a
    /// run cheaper does.
    virtual void tell(EventId first, EventId last, StateRecorder&) const;
};

} // namespace lightcone::trace
