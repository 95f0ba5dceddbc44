#pragma once

#include "engine/describe/shape.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace lightcone::trace::formats {

/// What is known of a message under way beyond its own event.
struct FlightNote
{
    std::optional<Instant> due; ///< not told: it ends when the trace says so
    bool held = false;
    friend bool operator==(const FlightNote&, const FlightNote&) = default;
};

/// The messages under way at some event, by Send or Duplicate, and each node's newest step.
struct Course
{
    std::map<EventId, FlightNote> flights;
    std::map<NodeId, EventId> steps;

    void pass(EventId, const Event&);
};

/// What a change in a States block is about; from firstNode on it is the node that many places on.
enum class Change : std::uint8_t { Links = 0, Rules = 1, Flight = 2, NewNode = 3, FirstNode = 4 };

/// Keeps the states of a run as blocks: all of it at a block's beginning, then only what changed.
class StateEncoder final : public StateRecorder
{
public:
    StateEncoder(const Trace&, describe::ShapeTable&);

    void node(EventId, const NodeState&, const describe::ShapePtr&, BytesView state) override;
    void flight(EventId, EventId message, Instant due, bool held) override;
    void links(EventId, const std::vector<LinkState>&) override;
    void rules(EventId, const std::vector<std::string>&) override;

    struct Segment
    {
        EventId first{};
        EventId last{};
        Bytes raw;
    };

    /// Ends the stretch at that event.
    void finish(EventId last);

    /// The stretches that ended since the last time.
    std::vector<Segment> takeReady();

    static constexpr std::uint64_t mostEvents = 16384; ///< of a block
    static constexpr std::size_t mostCopied = std::size_t{32}
        << 20; ///< bytes that reading it moves

private:
    struct Part
    {
        NodeId node;
        Bytes bytes;
    };

    void begin(EventId);
    void cut(EventId last);
    void writeKeyframe();
    void beginChange(EventId, std::uint64_t what);
    void change(EventId, Change, Bytes& known, BytesView now);

    const Trace* m_trace;
    describe::ShapeTable* m_shapes;
    bool m_told = false;
    EventId m_first{1};
    EventId m_newest{}; ///< of the last change
    Bytes m_block;
    std::size_t m_copied = 0;
    std::vector<Part> m_parts;
    Bytes m_links;
    Bytes m_rules;
    Course m_course; ///< before m_first
    std::map<EventId, FlightNote> m_notes; ///< told since
    std::vector<Segment> m_ready;
    Bytes m_scratch;
};

} // namespace lightcone::trace::formats
