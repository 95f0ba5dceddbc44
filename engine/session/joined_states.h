#pragma once

#include "engine/trace/state_source.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

namespace lightcone::session {

/// The states of a run that was one thing up to an event and another from there on.
class JoinedStates final : public trace::StateSource
{
public:
    JoinedStates(std::shared_ptr<const trace::StateSource> before, EventId end,
                 std::shared_ptr<const trace::StateSource> after)
        : m_before(std::move(before))
        , m_end(end)
        , m_after(std::move(after))
    {
    }

    [[nodiscard]] trace::ClusterState at(EventId event) const override
    {
        return event < m_end ? m_before->at(event) : m_after->at(event);
    }

    void visit(std::span<const EventId> events,
               const std::function<bool(EventId, const trace::ClusterState&)>& see) const override
    {
        const auto split = static_cast<std::size_t>(
            std::lower_bound(events.begin(), events.end(), m_end) - events.begin());
        bool goesOn = true;
        m_before->visit(events.first(split), [&](EventId event, const trace::ClusterState& state) {
            return goesOn = see(event, state);
        });
        if (goesOn) {
            m_after->visit(events.subspan(split), see);
        }
    }

    void tell(EventId first, EventId last, trace::StateRecorder& recorder) const override
    {
        if (first <= m_end) {
            m_before->tell(first, std::min(last, m_end), recorder);
        }
        if (last > m_end) {
            m_after->tell(std::max(first, EventId(m_end.value + 1)), last, recorder);
        }
    }

private:
    std::shared_ptr<const trace::StateSource> m_before;
    EventId m_end;
    std::shared_ptr<const trace::StateSource> m_after;
};

} // namespace lightcone::session
