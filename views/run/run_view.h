#pragma once

#include "engine/session/linearity.h"
#include "engine/session/session.h"

#include <QObject>
#include <QTimer>

#include <deque>
#include <functional>
#include <memory>

namespace lightcone::run {

/// The run that is open, as every view sees it: the one place that asks the session what is new,
/// at most sixty times a second, and the one that asks it for states. The window never waits for
/// the engine.
class RunView final : public QObject
{
    Q_OBJECT

public:
    explicit RunView(QObject* parent = nullptr);
    ~RunView() override;

    /// Takes the place of the run that was open; nullptr closes it.
    void open(std::unique_ptr<session::Session> session);

    [[nodiscard]] bool isOpen() const { return m_session != nullptr; }

    /// Whether a person may do something: not in a recording that cannot go on.
    [[nodiscard]] bool takesActs() const;

    /// Whether this is what was recorded: it is played and stepped to its end, and past it one
    /// comes by doing something or by forking, on another branch.
    [[nodiscard]] bool isRecorded() const;

    /// Only while isOpen(). After an act call soon().
    [[nodiscard]] session::Session& session() const { return *m_session; }

    /// The newest; without a branch while nothing is open.
    [[nodiscard]] const session::Snapshot& snapshot() const { return m_snapshot; }

    /// Of the current branch; nullptr while nothing is open.
    [[nodiscard]] const trace::TracePtr& trace() const { return m_trace; }

    /// Events of the current branch that views may read.
    [[nodiscard]] std::uint64_t events() const { return m_events; }

    /// How far the current branch's time has come.
    [[nodiscard]] Instant now() const { return m_now; }

    /// Asks for the state after an event of the current branch; stateChanged() says when it is
    /// here. EventId{} is before the first.
    void lookAt(EventId event);

    /// And for the state that it is compared with, which comes after it.
    void compareWith(EventId event);

    /// The state after an event of any branch, once; asked for when nothing else is.
    void fetch(session::BranchId branch, EventId event,
               std::function<void(const session::StatePtr&)> done);

    /// After the event of lookAt(); an older one or nullptr while it is on its way.
    [[nodiscard]] const session::StatePtr& state() const { return m_state; }

    /// After the event of compareWith(); nullptr while it is on its way.
    [[nodiscard]] const session::StatePtr& before() const { return m_before; }
    [[nodiscard]] EventId beforeEvent() const { return m_wantedBefore; }

    /// Whether the clients' operations of the current branch are linearizable; nullptr while
    /// nothing is open.
    [[nodiscard]] const session::LinearityPtr& linearity() const { return m_linearity; }

    /// Whether linearity() is about all events.
    [[nodiscard]] bool judged() const;

    /// Does one line of the scenario language at an event; errors of its syntax come as failed().
    void act(const std::string& line, EventId at);

    /// At the end of the current branch.
    void act(const std::string& line);

    /// Looks for news now rather than at the next tick.
    void soon();

signals:
    /// Another run is open, or none.
    void opened();
    /// Another branch is current, or its past is another: start over.
    void branchChanged();
    /// Events from … to are new on the current branch.
    void grew(quint64 from, quint64 to);
    /// Anything in the snapshot differs.
    void changed();
    /// state() is another.
    void stateChanged();
    /// before() is another.
    void beforeChanged();
    /// linearity() is another.
    void linearityChanged();
    /// An act was understood and will be done: what it makes comes as grew() or branchChanged().
    void acted();
    /// An act could not be understood: one sentence.
    void failed(const QString& sentence);

private:
    void poll();
    void ask();
    void judge();
    void answered(bool mine, EventId event, const session::StatePtr& state);

    std::unique_ptr<session::Session> m_session;
    session::Snapshot m_snapshot;
    trace::TracePtr m_trace;
    std::uint64_t m_events = 0;
    Instant m_now{};
    QTimer m_timer;

    EventId m_wanted{};
    EventId m_wantedBefore{};
    bool m_haveState = false;
    bool m_haveBefore = true;
    bool m_asking = false;
    struct Fetch
    {
        session::BranchId branch;
        EventId event;
        std::function<void(const session::StatePtr&)> done;
    };
    std::deque<Fetch> m_fetches;
    std::uint64_t m_generation = 0; ///< of the branch: answers to an older one are of no use
    session::StatePtr m_state;
    session::StatePtr m_before;
    session::LinearityPtr m_linearity;
    std::unique_ptr<session::LinearityDesk> m_desk; ///< while a run is open
};

} // namespace lightcone::run
