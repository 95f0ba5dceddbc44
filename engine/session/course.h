#pragma once

#include "engine/session/keyframes.h"
#include "engine/session/runner.h"
#include "engine/session/session.h"
#include "engine/trace/lanes.h"
#include "engine/trace/trace.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lightcone::session {

/// What is needed to find out any moment of a course, on any thread.
struct CourseView
{
    trace::TracePtr trace{};
    std::shared_ptr<const Keyframes> keyframes{};
    Deeds deeds{};
    std::uint64_t events = 0; ///< of them, those that the deeds are known of

    /// A run that has come to the end of the step that makes this event; `from`, if it is given and
    /// not too late, saves part of the way. nullptr when stop() said so.
    [[nodiscard]] std::unique_ptr<Runner> runAt(
        EventId, std::unique_ptr<Runner> from = nullptr,
        const std::function<bool()>& stop = [] { return false; }) const;

    /// The state right after this event, of a run that runAt() gave for it.
    [[nodiscard]] StatePtr stateAt(EventId, const Runner&) const;

    /// Where a run has to have come to for that: an act itself is seen as if nothing had followed
    /// from it yet.
    [[nodiscard]] EventId momentOf(EventId) const;
};

/// How a branch went: its run, its trace, and what is kept of the way.
class Course
{
public:
    /// From the beginning.
    explicit Course(const PlanPtr&);

    /// Goes on from a run of another kind: its trace up to where `at` stands, its past not to be
    /// repeated here.
    Course(const trace::Trace& past, std::unique_ptr<Runner> at, std::string origin);

    /// Shares all up to that moment with another.
    Course(const CourseView&, std::unique_ptr<Runner> at, std::string origin);

    [[nodiscard]] const Runner& run() const { return *m_run; }
    [[nodiscard]] Pen pen() const { return {m_trace.get(), m_trace}; }
    [[nodiscard]] CourseView view() const;
    [[nodiscard]] const std::shared_ptr<trace::Trace>& trace() const { return m_trace; }

    [[nodiscard]] std::optional<Instant> nextAt() const { return m_run->nextAt(pen()); }
    bool advance();
    void waitUntil(Instant at) { m_run->waitUntil(at); }
    Result<void> intervene(PlannedLine);
    void answered() { m_run->answered(); }
    [[nodiscard]] std::size_t frameSize() const { return m_keyframes->frameSize(); }

private:
    void watchLanes(EventId before);

    std::shared_ptr<trace::Trace> m_trace;
    trace::LaneRecorder m_lanes;
    std::shared_ptr<Keyframes> m_keyframes;
    std::unique_ptr<Runner> m_run;
};

/// A run's scenario and what was done by hand, up to that event, as a scenario that replays it.
std::string scenarioOf(const Plan&, const std::vector<PlannedLine>& deeds, EventId end);

} // namespace lightcone::session
