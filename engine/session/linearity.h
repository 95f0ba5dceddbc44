#pragma once

#include "engine/core/ids.h"
#include "engine/picture/linearization.h"
#include "engine/trace/trace.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace lightcone::session {

/// What is known of whether a run's client operations are linearizable.
struct Linearity
{
    enum class State : std::uint8_t {
        NotApplicable, ///< the protocol's clients do not ask for keys and values
        Judging, ///< nothing is known yet
        Holds,
        Broken,
        GaveUp,
    };
    State state = State::NotApplicable;
    std::uint64_t events = 0; ///< of the trace that were looked at
    std::uint64_t operations = 0;
    EventId request{}; ///< of the impossible operation that ended first
    EventId reply{};
    std::string how{}; ///< why it is impossible, or why nobody knows
    std::shared_ptr<const picture::Linearization> places{}; ///< nullptr while nothing is known
};
using LinearityPtr = std::shared_ptr<const Linearity>;

/// How much a judgement may cost.
struct LinearityLimits
{
    std::chrono::milliseconds longest{2000}; ///< then it gives up
    std::chrono::milliseconds rest{250}; ///< at least, between two judgements
    int restFactor = 4; ///< and so many times what the last one took
};

/// Judges a run's client operations on a thread of its own while the run grows, again and again
/// with rests between, so that it takes a bounded share of the machine.
class LinearityDesk
{
public:
    explicit LinearityDesk(LinearityLimits limits = {});
    LinearityDesk(const LinearityDesk&) = delete;
    LinearityDesk& operator=(const LinearityDesk&) = delete;
    ~LinearityDesk();

    /// The run to judge, as far as it has come. Cheap; another trace starts over, nullptr ends.
    void look(const trace::TracePtr&, std::uint64_t events);

    /// The newest of the trace that was last looked at; never nullptr. Compare the pointers to see
    /// whether it is news.
    [[nodiscard]] LinearityPtr newest() const;

    /// All that was asked for has been judged.
    [[nodiscard]] bool settled() const;

private:
    void run();

    LinearityLimits m_limits;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    trace::TracePtr m_trace;
    std::uint64_t m_events = 0;
    std::uint64_t m_judged = 0; ///< of m_events
    std::uint64_t m_version = 0; ///< of m_trace
    bool m_stop = false;
    LinearityPtr m_newest;
    std::thread m_thread; ///< last: it uses all of the above
};

} // namespace lightcone::session
