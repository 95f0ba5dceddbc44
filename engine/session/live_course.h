#pragma once

#include "engine/core/ids.h"
#include "engine/session/live_input.h"
#include "engine/session/live_log.h"
#include "engine/session/live_world.h"
#include "engine/session/session.h"
#include "engine/trace/lanes.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"
#include "engine/trace/vault.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>

namespace lightcone::session {

/// A moment of a live run, kept whole: after so many inputs.
struct LiveFrame
{
    LiveWorld world;
    std::uint64_t inputs = 0;
};
using LiveFramePtr = std::shared_ptr<const LiveFrame>;

/// Moments that are kept, so that the way to any other is short. Thinned out as the run grows. Any
/// thread may call.
class LiveFrames
{
public:
    explicit LiveFrames(LiveFramePtr first);

    /// Keeps a copy when the run has come far enough since the last one.
    void offer(const LiveWorld&, std::uint64_t inputs);

    /// The last one at or before that event.
    [[nodiscard]] LiveFramePtr before(EventId) const;

private:
    mutable std::mutex m_mutex;
    std::map<EventId, LiveFramePtr> m_frames;
    std::uint64_t m_interval = 2048;
};

/// What is needed to find out any moment of a live run, on any thread.
struct LiveView
{
    trace::TracePtr trace{};
    std::shared_ptr<const LiveFrames> frames{};
    std::shared_ptr<const LiveLog> log{};
    std::uint64_t events = 0; ///< that may be asked for

    /// The cluster when it has come to the end of what makes this event; nullptr when stop() said
    /// so.
    [[nodiscard]] std::unique_ptr<LiveFrame> frameAt(
        EventId, const std::function<bool()>& stop = [] { return false; }) const;

    /// From a frame of an earlier event on to that one; false when stop() said so.
    bool advance(LiveFrame&, EventId, const std::function<bool()>& stop) const;

    /// The state right after this event, of a world that frameAt() gave for it.
    [[nodiscard]] trace::ClusterState stateOf(EventId, const LiveWorld&) const;
};

/// A live run as it comes in: its world, its trace, and what is kept of the way. One thread; what
/// view() gives may be used on any.
class LiveCourse
{
public:
    explicit LiveCourse(const PlanPtr&);

    void take(const LiveInput&);

    [[nodiscard]] const LiveWorld& world() const { return m_world; }
    [[nodiscard]] const std::shared_ptr<trace::Trace>& trace() const { return m_trace; }
    [[nodiscard]] std::uint64_t inputs() const { return m_log->size(); }
    [[nodiscard]] LiveView view() const;

    /// Bytes of what was told, as far as they are in memory.
    [[nodiscard]] std::size_t logInMemory() const { return m_log->memory(); }

    /// Where older events are kept.
    [[nodiscard]] const trace::Vault& vault() const { return *m_vault; }

private:
    std::shared_ptr<trace::Vault> m_vault;
    std::shared_ptr<trace::Trace> m_trace;
    trace::LaneRecorder m_lanes;
    LiveWorld m_world;
    std::shared_ptr<LiveLog> m_log;
    std::shared_ptr<LiveFrames> m_frames;
};

/// The states of a live run, for files and charts, as far as the view goes.
class LiveStates final : public trace::StateSource
{
public:
    explicit LiveStates(LiveView view);
    [[nodiscard]] trace::ClusterState at(EventId) const override;
    void visit(std::span<const EventId>,
               const std::function<bool(EventId, const trace::ClusterState&)>& see) const override;
    void tell(EventId first, EventId last, trace::StateRecorder&) const override;

private:
    LiveView m_view;
};

} // namespace lightcone::session
