#pragma once

#include "engine/session/recording.h"
#include "engine/session/session.h"
#include "engine/session/simulated_session.h"
#include "engine/session/state_desk.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lightcone::session {

/// A run from a file. It can be looked at as it is; when it was simulated, and this build repeats
/// it event by event, whatever the person then does goes on from there as a simulation, on branches
/// of their own.
class RecordedSession final : public Session
{
public:
    /// Protocols that a run may go on with: those that this build knows.
    explicit RecordedSession(Recording, Protocols known = node::catalog());
    ~RecordedSession() override;

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
    void work();
    void goOn(std::function<void(SimulatedSession&)>);
    void repeat();
    void tell(std::string doing, std::string problem);
    void readTrace();
    void readVerdict(EventId, const std::string& words);
    [[nodiscard]] std::shared_ptr<SimulatedSession> going() const;

    Recording m_recording;
    PlanPtr m_plan; ///< nullptr when the run cannot go on
    std::string m_whyNot; ///< why it cannot

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    Snapshot m_snapshot;
    std::shared_ptr<SimulatedSession> m_going; ///< once the run was repeated
    std::deque<std::function<void(SimulatedSession&)>> m_waiting;
    bool m_quit = false;

    StateDesk m_desk;
    std::thread m_thread; ///< last: it uses the rest
};

} // namespace lightcone::session
