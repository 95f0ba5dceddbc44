#pragma once

#include "engine/session/course.h"
#include "engine/trace/state_source.h"

namespace lightcone::session {

/// The states of a course at any event, found by running again from the keyframe before it.
class CourseStates final : public trace::StateSource
{
public:
    explicit CourseStates(CourseView view);

    [[nodiscard]] trace::ClusterState at(EventId) const override;

    /// Goes on from one to the next, or from a keyframe that is nearer.
    void visit(std::span<const EventId>,
               const std::function<bool(EventId, const trace::ClusterState&)>& see) const override;

    /// Runs through the course once and tells of each step only the nodes that it touched.
    void tell(EventId first, EventId last, trace::StateRecorder&) const override;

private:
    CourseView m_view;
};

} // namespace lightcone::session
