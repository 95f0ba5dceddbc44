#pragma once

#include "engine/session/session.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace lightcone::testing_support {

/// A session without an engine: a small hand-made run of three nodes, two of which talk, and a list
/// of what was asked of it. Everything happens at once, on the caller's thread.
///
/// Its eighteen events: n1 stands for election, n2 grants its vote, n3's copy is cut off, n1
/// becomes leader, a client's put is answered, n3 crashes.
class FakeSession final : public session::Session
{
public:
    FakeSession();

    [[nodiscard]] session::Snapshot snapshot() const override;
    void stateAt(session::BranchId branch, EventId event,
                 std::function<void(session::StatePtr)> done) override;
    [[nodiscard]] std::optional<std::string> whyNot(std::string_view line) const override;
    void play(session::Pace pace) override;
    void pause() override;
    void step(std::uint64_t steps) override;
    Result<void> runUntil(std::string_view query) override;
    void runFor(Duration duration) override;
    Result<void> act(std::string_view line, EventId at) override;
    void fork(EventId at, std::string name) override;
    void switchTo(session::BranchId branch) override;
    void rename(session::BranchId branch, std::string name) override;
    void remove(session::BranchId branch) override;
    void undo() override;
    void redo() override;
    [[nodiscard]] bool canUndo() const override { return undoable; }
    [[nodiscard]] bool canRedo() const override { return redoable; }
    void answer(std::string choice) override;
    [[nodiscard]] Result<std::string> asScenario() const override;
    Result<void> save(const std::string& path, const session::Progress& progress) override;

    /// The run goes on by that many heartbeats.
    void grow(std::uint64_t events);

    /// Changes what the next snapshot says; the revision moves by itself.
    void change(const std::function<void(session::Snapshot&)>& how);

    std::vector<std::string> log; ///< "act crash n3 @18", "play", "fork @4 what if"
    std::map<std::string, std::string> refused; ///< by line, what whyNot answers
    std::string syntaxError; ///< act() and runUntil() fail with it while it is not empty
    bool undoable = false;
    bool redoable = false;
    session::BranchId hold{}; ///< states of that branch are never answered

private:
    void addBranch(std::shared_ptr<trace::Trace> trace, std::string name, session::BranchId parent,
                   EventId at);

    std::map<std::uint32_t, std::shared_ptr<trace::Trace>> m_traces;
    session::Snapshot m_snapshot;
};

} // namespace lightcone::testing_support
