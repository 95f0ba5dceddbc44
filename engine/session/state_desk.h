#pragma once

#include "engine/session/course.h"
#include "engine/session/session.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace lightcone::session {

/// Finds out states on a thread of its own, so that neither the window nor a run that goes on
/// waits. The newest question wins; older ones that have not been answered get nullptr.
class StateDesk
{
public:
    using Answer = std::function<void(StatePtr)>;

    StateDesk();
    ~StateDesk();
    StateDesk(const StateDesk&) = delete;
    StateDesk& operator=(const StateDesk&) = delete;

    /// The view is asked for when the question's turn comes; nothing when the branch is gone.
    void ask(std::function<std::optional<CourseView>()> view, EventId, Answer);

private:
    struct Question
    {
        std::function<std::optional<CourseView>()> view;
        EventId event;
        Answer answer;
        std::uint64_t number = 0;
    };

    struct Known
    {
        trace::TracePtr trace;
        EventId event;
        StatePtr state;
    };

    void work();
    StatePtr find(const Question&);
    StatePtr remember(const CourseView&, EventId, StatePtr);
    [[nodiscard]] bool isStale(std::uint64_t number) const;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<Question> m_waiting;
    std::uint64_t m_newest = 0;
    bool m_stop = false;

    // The desk's own.
    std::list<Known> m_known; ///< the one used last in front
    std::unique_ptr<Runner> m_run; ///< where the last answer was found, to go on from
    trace::TracePtr m_runTrace;

    std::thread m_thread; ///< last: it uses the rest
};

} // namespace lightcone::session
