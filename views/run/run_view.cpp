#include "views/run/run_view.h"

#include <algorithm>
#include <utility>

namespace lightcone::run {
namespace {

// Sixty times a second while something moves; at rest half of that is soon enough for a click.
constexpr int movingInterval = 16;
constexpr int restingInterval = 33;

} // namespace

RunView::RunView(QObject* parent)
    : QObject(parent)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &RunView::poll);
}

RunView::~RunView()
{
    // The session's callbacks post to this object: end them while it is whole.
    m_session.reset();
}

bool RunView::takesActs() const
{
    return isOpen() && trace()
        && (m_snapshot.source != session::Source::Recorded || !session().whyNot("heal"));
}

bool RunView::isRecorded() const
{
    return isOpen() && m_snapshot.source == session::Source::Recorded
        && !m_snapshot.branches.empty() && !m_snapshot.branch().whatIf;
}

void RunView::open(std::unique_ptr<session::Session> session)
{
    m_timer.stop();
    m_session = std::move(session);
    m_snapshot = {};
    m_trace.reset();
    m_events = 0;
    m_now = {};
    m_wanted = {};
    m_wantedBefore = {};
    m_haveState = false;
    m_haveBefore = true;
    m_asking = false;
    m_fetches.clear();
    ++m_generation;
    m_state.reset();
    m_before.reset();
    if (m_session) {
        m_snapshot = m_session->snapshot();
        if (!m_snapshot.branches.empty()) {
            const auto& branch = m_snapshot.branch();
            m_trace = branch.trace;
            m_events = branch.events;
            m_now = branch.now;
        }
        m_timer.start(movingInterval);
    }
    m_linearity.reset();
    m_desk.reset();
    if (m_session) {
        m_desk = std::make_unique<session::LinearityDesk>();
    }
    emit opened();
    emit branchChanged();
    judge();
    emit changed();
    ask();
}

void RunView::soon()
{
    QMetaObject::invokeMethod(this, &RunView::poll, Qt::QueuedConnection);
}

void RunView::poll()
{
    if (!m_session) {
        return;
    }
    ask();
    auto snapshot = m_session->snapshot();
    if (snapshot.revision == m_snapshot.revision && !m_snapshot.branches.empty()) {
        judge();
        m_timer.setInterval(m_snapshot.running ? movingInterval : restingInterval);
        return;
    }
    m_snapshot = std::move(snapshot);
    m_timer.setInterval(m_snapshot.running ? movingInterval : restingInterval);
    if (m_snapshot.branches.empty()) {
        emit changed();
        return;
    }
    const auto& branch = m_snapshot.branch();
    m_now = branch.now;
    if (branch.trace != m_trace || branch.events < m_events) {
        m_trace = branch.trace;
        m_events = branch.events;
        ++m_generation;
        m_haveState = false;
        m_haveBefore = false;
        m_asking = false;
        m_before.reset();
        m_wanted = std::min(m_wanted, EventId(m_events));
        m_wantedBefore = std::min(m_wantedBefore, m_wanted);
        emit branchChanged();
        ask();
    } else if (branch.events > m_events) {
        const auto from = m_events + 1;
        m_events = branch.events;
        emit grew(from, m_events);
    }
    judge();
    emit changed();
}

void RunView::judge()
{
    if (!m_desk) {
        return;
    }
    m_desk->look(m_trace, m_events);
    auto newest = m_desk->newest();
    if (newest != m_linearity) {
        m_linearity = std::move(newest);
        emit linearityChanged();
    }
}

bool RunView::judged() const
{
    return !m_desk || (m_desk->settled() && m_linearity == m_desk->newest());
}

void RunView::lookAt(EventId event)
{
    event = std::min(event, EventId(m_events));
    if (event == m_wanted && (m_haveState || m_asking)) {
        return;
    }
    m_wanted = event;
    m_haveState = false;
    ask();
}

void RunView::compareWith(EventId event)
{
    if (event == m_wantedBefore && (m_haveBefore || m_asking)) {
        return;
    }
    m_wantedBefore = event;
    m_haveBefore = false;
    m_before.reset();
    ask();
}

// One question at a time: a newer one would make the session forget the older.
void RunView::ask()
{
    const bool mine = !m_haveState || !m_haveBefore;
    if (!m_session || m_asking || m_snapshot.branches.empty() || (!mine && m_fetches.empty())) {
        return;
    }
    m_asking = true;
    const auto event = !mine ? m_fetches.front().event : m_haveState ? m_wantedBefore : m_wanted;
    const auto branch = mine ? m_snapshot.current : m_fetches.front().branch;
    const auto generation = m_generation;
    m_session->stateAt(branch, event, [this, mine, event, generation](session::StatePtr state) {
        QMetaObject::invokeMethod(
            this,
            [this, mine, event, generation, state = std::move(state)] {
                if (generation == m_generation) {
                    answered(mine, event, state);
                }
            },
            Qt::QueuedConnection);
    });
}

void RunView::fetch(session::BranchId branch, EventId event,
                    std::function<void(const session::StatePtr&)> done)
{
    m_fetches.push_back({branch, event, std::move(done)});
    ask();
}

void RunView::answered(bool mine, EventId event, const session::StatePtr& state)
{
    m_asking = false;
    if (!state) {
        return; // passed over; the next tick asks again
    }
    if (!mine) {
        const auto fetch = std::move(m_fetches.front());
        m_fetches.pop_front();
        fetch.done(state);
    } else if (!m_haveState) {
        // While somebody drags the cursor each answer is shown, though it is already old.
        m_haveState = event == m_wanted;
        m_state = state;
        emit stateChanged();
    } else if (event == m_wantedBefore) {
        m_haveBefore = true;
        m_before = state;
        emit beforeChanged();
    }
    ask();
}

void RunView::act(const std::string& line, EventId at)
{
    if (!m_session) {
        return;
    }
    if (const auto done = m_session->act(line, at); !done) {
        emit failed(QString::fromStdString(done.error().message));
    } else {
        emit acted();
    }
    soon();
}

void RunView::act(const std::string& line)
{
    act(line, EventId(m_events));
}

} // namespace lightcone::run
