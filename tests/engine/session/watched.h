#pragma once

#include "engine/session/session.h"
#include "engine/session/simulated_session.h"
#include "tests/engine/session/ring_plan.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace lightcone::session {

constexpr Pace unbounded{Pace::Kind::Unbounded, 1};

/// A session and the patience of a window: every wait is for something to show in a snapshot.
struct Watched
{
    explicit Watched(const std::string& text)
        : session(std::make_unique<SimulatedSession>(ringPlan(text)))
    {
    }

    explicit Watched(std::unique_ptr<Session> watched)
        : session(std::move(watched))
    {
    }

    template <class Condition>
    Snapshot until(Condition condition)
    {
        for (int i = 0; i < 20'000; ++i) {
            auto snapshot = session->snapshot();
            if (condition(snapshot)) {
                return snapshot;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        ADD_FAILURE() << "waited in vain: " << session->snapshot().doing;
        return session->snapshot();
    }

    /// After all that was asked so far is done and nothing runs.
    Snapshot rest()
    {
        const auto name = "rest " + std::to_string(++m_rests);
        const auto id = session->snapshot().branches.front().id;
        const auto before = session->snapshot().branches.front().name;
        session->rename(id, name);
        until([&](const Snapshot& each) { return each.branches.front().name == name; });
        session->rename(id, before);
        return until([&](const Snapshot& each) {
            return each.branches.front().name == before && !each.running;
        });
    }

    StatePtr state(EventId event, BranchId branch = {})
    {
        std::promise<StatePtr> answer;
        auto found = answer.get_future();
        session->stateAt(branch ? branch : session->snapshot().current, event,
                         [&answer](StatePtr state) { answer.set_value(std::move(state)); });
        return found.get();
    }

    /// Bound to the end of the current branch, whatever it is.
    Result<void> act(const std::string& line)
    {
        const auto snapshot = session->snapshot();
        return session->act(line, EventId(snapshot.branch().events));
    }

    std::unique_ptr<Session> session;

private:
    int m_rests = 0;
};

} // namespace lightcone::session
