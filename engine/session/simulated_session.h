#pragma once

#include "engine/session/course.h"
#include "engine/session/plan.h"
#include "engine/session/session.h"
#include "engine/session/state_desk.h"
#include "engine/trace/state_source.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lightcone::session {

/// What came before a simulation that goes on from a run of another kind.
struct Past
{
    std::shared_ptr<const trace::StateSource> states{};
    EventId end{}; ///< the last event that was not simulated
    std::string branch{}; ///< the name of the branch that goes on, from the first look at it
};

/// A scenario that runs in the simulated world. One thread of its own runs it; what is asked of it
/// is queued and done between two slices of a few milliseconds.
class SimulatedSession final : public Session
{
public:
    explicit SimulatedSession(PlanPtr);

    /// Goes on from a run that was done already. One that is not simulated in the first place stays
    /// as it is: whatever goes on does so on a branch.
    SimulatedSession(PlanPtr, std::unique_ptr<Course>, Source, Past past = {});
    ~SimulatedSession() override;

    [[nodiscard]] Snapshot snapshot() const override;
    void stateAt(BranchId, EventId, std::function<void(StatePtr)> done) override;
    [[nodiscard]] std::optional<std::string> whyNot(std::string_view line) const override;

    void play(Pace) override;
    void pause() override;
    void step(std::uint64_t steps) override;
    Result<void> runUntil(std::string_view query) override;
    void runFor(Duration) override;

    Result<void> act(std::string_view line, EventId at) override;
    void fork(EventId at, std::string name) override;
    void switchTo(BranchId) override;
    void rename(BranchId, std::string name) override;
    void remove(BranchId) override;
    void undo() override;
    void redo() override;
    [[nodiscard]] bool canUndo() const override;
    [[nodiscard]] bool canRedo() const override;
    void answer(std::string choice) override;

    [[nodiscard]] Result<std::string> asScenario() const override;
    [[nodiscard]] std::shared_ptr<const trace::StateSource> states(BranchId) override;
    Result<void> save(const std::string& path, const Progress&) override;

private:
    using Clock = std::chrono::steady_clock;

    /// What a branch gave up in an undo, or, when that took the whole branch, its number.
    struct Redo
    {
        std::unique_ptr<Course> course{};
        BranchId branch{};
    };

    struct Track
    {
        BranchId id;
        std::string name;
        BranchId parent{};
        EventId forkedAt{};
        std::unique_ptr<Course> course;
        std::size_t inherited = 0; ///< deeds that were not done here, and cannot be undone here
        bool byAct = false; ///< came to be because somebody acted in the past
        bool sealed = false; ///< what was recorded: nothing is ever added
        bool hidden = false; ///< undone with its first act
        std::vector<Redo> redo{};
    };

    enum class Mode : std::uint8_t { Stopped, Play, Steps, Until };

    /// Why a run goes on, and how far.
    struct Going
    {
        Mode mode = Mode::Stopped;
        Pace pace{};
        std::uint64_t stepsLeft = 0;
        std::optional<Instant> until{};
        std::optional<query::Query> breakpoint{};
        std::optional<query::EventFilter> filter{};
        // Scaled: virtual time went on from `begin` at the moment `since`.
        Instant begin{};
        Clock::time_point since{};
    };

    /// All that other threads see.
    struct Published
    {
        Snapshot snapshot{};
        std::vector<std::pair<BranchId, CourseView>> views{};
        std::shared_ptr<Runner> moment{}; ///< the current run as it was a little while ago
        bool canUndo = false;
        bool canRedo = false;
    };

    // The session's thread: simulated_engine.cpp
    void work();
    void post(std::function<void()>);
    bool runQueue();
    void slice();
    bool goOn(Instant target);
    bool reachedBreakpoint();
    [[nodiscard]] Instant target() const;
    void startGoing(Mode);
    void catchUp();
    void stop(std::string why);
    void noticeEnd();
    void publish();
    [[nodiscard]] Snapshot describe() const;
    [[nodiscard]] std::vector<Lesson> lessons() const;
    [[nodiscard]] std::optional<Question> question() const;
    [[nodiscard]] std::chrono::milliseconds untilNext() const;

    // Branches: simulated_branches.cpp
    Track* find(BranchId);
    Track& current() { return *m_current; }
    [[nodiscard]] const Track& current() const { return *m_current; }
    Track* addTrack(const Track& parent, EventId at, std::string name);
    void perform(PlannedLine, EventId at, bool atEnd);
    void setCurrent(Track&);
    void forgetRedo(Track&);
    void doUndo();
    void doRedo();
    void doRemove(BranchId);

    [[nodiscard]] std::optional<CourseView> viewOf(BranchId, EventId);

    PlanPtr m_plan;
    Past m_past;
    Source m_source = Source::Simulated;

    // The session's thread alone:
    std::vector<std::unique_ptr<Track>> m_tracks;
    Track* m_current = nullptr;
    std::uint32_t m_branchIds = 0;
    Going m_going;
    Pace m_pace;
    std::string m_doing;
    std::string m_problem;
    bool m_wasPlaying = false; ///< before a question stopped it
    bool m_toldEnd = false; ///< the end of the scenario stops a run once
    bool m_busy = false; ///< something that a snapshot shows has changed
    std::vector<std::pair<std::size_t, std::string>> m_answers; ///< by line
    Clock::time_point m_momentAt{};

    // Shared:
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_queue;
    std::atomic<bool> m_hasWork{false};
    bool m_quit = false;
    std::shared_ptr<const Published> m_published;
    mutable BranchId m_seenBranch{}; ///< what the last snapshot() showed
    mutable std::uint64_t m_seenEvents = 0;
    std::condition_variable m_publishedMore;

    StateFinder m_finder; ///< the desk's
    StateDesk m_desk;
    std::thread m_thread;
};

} // namespace lightcone::session
