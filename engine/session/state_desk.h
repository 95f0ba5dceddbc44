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

    /// True as soon as nobody needs the state any more.
    using Stale = std::function<bool()>;

    /// Called on the desk's thread, one at a time.
    using Finder = std::function<StatePtr(const Stale&)>;

    StateDesk();
    ~StateDesk();
    StateDesk(const StateDesk&) = delete;
    StateDesk& operator=(const StateDesk&) = delete;

    void ask(Finder, Answer);

private:
    struct Question
    {
        Finder find;
        Answer answer;
        std::uint64_t number = 0;
    };

    void work();
    [[nodiscard]] bool isStale(std::uint64_t number) const;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::vector<Question> m_waiting;
    std::uint64_t m_newest = 0;
    bool m_stop = false;
    std::thread m_thread; ///< last: it uses the rest
};

/// States of courses, with what was found lately. For one thread.
class StateFinder
{
public:
    /// nullptr when stale() said so, or when the course has no such event.
    StatePtr find(const CourseView&, EventId, const StateDesk::Stale&);

private:
    struct Known
    {
        trace::TracePtr trace;
        EventId event;
        StatePtr state;
    };

    std::list<Known> m_known; ///< the one used last in front
    std::unique_ptr<Runner> m_run; ///< where the last one was found, to go on from
    trace::TracePtr m_runTrace;
};

} // namespace lightcone::session
