#pragma once

#include "engine/describe/shape.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/file_payload.h"
#include "engine/trace/index.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <memory>
#include <mutex>
#include <vector>

namespace lightcone::trace::formats {

/// The states in a file: goes from the nearest block's beginning to the event asked for, and on
/// from there when the next question is a little later. Where the file's states are lost it still
/// knows which nodes were up and which messages under way: that is in the events.
class FileStates final : public StateSource
{
public:
    struct Segment
    {
        EventId first{};
        EventId last{};
        Block block;
    };

    /// The segments in order, without overlap.
    FileStates(FileBytes, TracePtr, std::shared_ptr<const std::vector<describe::ShapePtr>>,
               std::vector<Segment>);
    ~FileStates() override;

    [[nodiscard]] ClusterState at(EventId) const override;
    void tell(EventId first, EventId last, StateRecorder&) const override;

private:
    class Cursor;

    [[nodiscard]] const Segment* segmentAt(EventId) const;
    Cursor& cursorAt(EventId) const;
    [[nodiscard]] ClusterState show(const Cursor&, EventId) const;
    void tellAll(const Cursor&, EventId, StateRecorder&) const;
    [[nodiscard]] Instant instantOf(EventId) const;
    [[nodiscard]] Instant dueOf(EventId message) const;

    FileBytes m_file;
    TracePtr m_trace;
    std::shared_ptr<const std::vector<describe::ShapePtr>> m_shapes;
    std::vector<Segment> m_segments;
    mutable std::mutex m_mutex;
    mutable std::unique_ptr<Cursor> m_cursor;
    mutable std::unique_ptr<Index> m_index; ///< made when first needed
};

} // namespace lightcone::trace::formats
