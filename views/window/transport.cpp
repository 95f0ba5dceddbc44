#include "views/window/transport.h"

#include "views/theme/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lightcone::window {

using session::Pace;

namespace {

constexpr int tickInterval = 16;

struct Step
{
    double factor;
    const char* text;
};

constexpr std::array steps{Step{0.001, "1/1000"}, Step{0.002, "1/500"}, Step{0.005, "1/200"},
                           Step{0.01, "1/100"},   Step{0.02, "1/50"},   Step{0.05, "1/20"},
                           Step{0.1, "1/10"},     Step{0.2, "1/5"},     Step{0.5, "1/2"},
                           Step{1.0, "1"},        Step{2.0, "2"},       Step{5.0, "5"},
                           Step{10.0, "10"}};
static_assert(steps.size() + 1 == Transport::paceCount);

} // namespace

Transport::Transport(theme::Cursor& cursor, run::RunView& run, QObject* parent)
    : QObject(parent)
    , m_cursor(cursor)
    , m_run(run)
{
    m_replay.setTimerType(Qt::PreciseTimer);
    m_replay.setInterval(tickInterval);
    connect(&m_replay, &QTimer::timeout, this, &Transport::tick);
    connect(&run, &run::RunView::opened, this, [this] {
        m_replay.stop();
        m_byHand = false;
        m_acted = false;
        m_cursor.setNode({});
        m_cursor.setFollowsEnd(true);
        follow();
        emit changed();
    });
    connect(&run, &run::RunView::branchChanged, this, [this] {
        m_replay.stop();
        if (m_run.isOpen() && !m_run.snapshot().branches.empty()) {
            m_cursor.setBranch(m_run.snapshot().current);
        }
        if (m_acted || m_cursor.event().value > m_run.events()) {
            m_acted = false;
            m_cursor.setFollowsEnd(true);
        }
        follow();
    });
    // Who acts wants to see what comes of it, and that is at the end.
    connect(&run, &run::RunView::acted, this, [this] { m_acted = true; });
    connect(&run, &run::RunView::grew, this, [this] {
        if (m_acted) {
            m_acted = false;
            m_replay.stop();
            m_cursor.setFollowsEnd(true);
        }
    });
    connect(&run, &run::RunView::changed, this, [this] {
        follow();
        emit changed();
    });
}

Pace Transport::paceAt(int place)
{
    if (place >= paceCount - 1) {
        return {Pace::Kind::Unbounded, 1.0};
    }
    const auto index = static_cast<std::size_t>(std::max(place, 0));
    return {Pace::Kind::Scaled, steps[index].factor};
}

QString Transport::paceText(int place)
{
    if (place >= paceCount - 1) {
        return tr("as fast as it goes");
    }
    const auto index = static_cast<std::size_t>(std::max(place, 0));
    return tr("×%1 speed").arg(QString::fromLatin1(steps[index].text));
}

Pace Transport::wanted() const
{
    return m_byHand ? Pace{Pace::Kind::ByHand, 1.0} : paceAt(m_pace);
}

void Transport::setPace(int place)
{
    place = std::clamp(place, 0, paceCount - 1);
    if (place == m_pace) {
        return;
    }
    m_pace = place;
    if (m_run.isOpen() && m_run.snapshot().running && !m_byHand) {
        m_run.session().play(wanted());
        m_run.soon();
    }
    emit changed();
}

void Transport::setByHand(bool byHand)
{
    if (byHand == m_byHand) {
        return;
    }
    m_byHand = byHand;
    m_replay.stop();
    if (m_run.isOpen()) {
        if (byHand) {
            m_run.session().play(wanted());
        } else {
            m_run.session().pause();
        }
        m_run.soon();
    }
    emit changed();
}

bool Transport::atEnd() const
{
    return m_cursor.event().value >= m_run.events();
}

bool Transport::followsRealNodes() const
{
    return m_run.isOpen() && atEnd() && m_run.snapshot().source == session::Source::Live
        && !m_run.snapshot().branches.empty() && !m_run.snapshot().branch().whatIf;
}

bool Transport::isPlaying() const
{
    return m_replay.isActive() || (m_run.isOpen() && m_run.snapshot().running && !m_byHand);
}

QString Transport::whyNotPlay() const
{
    if (!m_run.isOpen()) {
        return tr("Open a run first.");
    }
    const auto& snapshot = m_run.snapshot();
    if (!atEnd()) {
        return {};
    }
    if (snapshot.question) {
        return tr("Answer the question first.");
    }
    if (m_run.isRecorded()) {
        return tr("This is the end of the recording.");
    }
    return snapshot.finished ? tr("Nothing more happens by itself: send a request or step back.")
                             : QString();
}

QString Transport::whyNotRequest() const
{
    if (!m_run.isOpen() || !m_run.trace()) {
        return tr("Open a run first.");
    }
    const auto& requests = m_run.trace()->about().card.requests;
    if (requests.empty()) {
        return tr("This protocol takes no requests.");
    }
    const auto why = m_run.session().whyNot("request " + requests.front().sample);
    return why ? q(*why) : QString();
}

void Transport::playPause()
{
    if (isPlaying()) {
        pause();
    } else {
        play();
    }
}

void Transport::play()
{
    if (!m_run.isOpen()) {
        return;
    }
    if (!atEnd() && paceAt(m_pace).kind != Pace::Kind::Unbounded) {
        m_cursor.setFollowsEnd(false);
        m_since.start();
        m_replay.start();
    } else {
        m_cursor.setFollowsEnd(true);
        follow();
        if (!m_run.isRecorded() && !m_run.snapshot().question) {
            m_byHand = false;
            m_run.session().play(paceAt(m_pace));
            m_run.soon();
        }
    }
    emit changed();
}

void Transport::pause()
{
    m_replay.stop();
    if (m_run.isOpen() && m_run.snapshot().running) {
        m_run.session().pause();
        m_run.soon();
    }
    emit changed();
}

// The cursor goes on through what is recorded; at its end the engine takes over.
void Transport::tick()
{
    const auto passed = std::chrono::nanoseconds(m_since.nsecsElapsed());
    m_since.restart();
    const auto step = Duration(static_cast<std::int64_t>(
        std::llround(static_cast<double>(passed.count()) * paceAt(m_pace).factor)));
    const auto next = m_cursor.instant() + step;
    if (next >= m_run.now() || m_run.events() == 0) {
        m_replay.stop();
        m_cursor.setFollowsEnd(true);
        follow();
        play();
        return;
    }
    m_cursor.setInstant(std::max(m_cursor.event(), lastBy(next)), next);
}

EventId Transport::lastBy(Instant instant) const
{
    const auto& trace = *m_run.trace();
    auto low = std::uint64_t{0};
    auto high = m_run.events();
    while (low < high) {
        const auto middle = low + (high - low + 1) / 2;
        if (trace[EventId(middle)].at <= instant) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return EventId(low);
}

void Transport::follow()
{
    if (m_cursor.followsEnd()) {
        m_cursor.setInstant(EventId(m_run.events()), m_run.now());
    }
}

void Transport::goTo(EventId event)
{
    if (!m_run.trace()) {
        return;
    }
    m_replay.stop();
    event = std::min(event, EventId(m_run.events()));
    m_cursor.setEvent(event, event ? (*m_run.trace())[event].at : Instant{});
    emit changed();
}

void Transport::stepForward()
{
    if (!m_run.isOpen()) {
        return;
    }
    if (isPlaying()) {
        pause();
    }
    if (!atEnd()) {
        goTo(EventId(m_cursor.event().value + 1));
    } else if (!m_run.isRecorded() && !m_run.snapshot().question) {
        m_cursor.setFollowsEnd(true);
        m_run.session().step(1);
        m_run.soon();
    }
}

void Transport::stepBack()
{
    if (isPlaying()) {
        pause();
    }
    if (m_cursor.event()) {
        goTo(EventId(m_cursor.event().value - 1));
    }
}

void Transport::toStart()
{
    pause();
    goTo({});
}

void Transport::toEnd()
{
    m_replay.stop();
    m_cursor.setFollowsEnd(true);
    follow();
    emit changed();
}

void Transport::nextOfNode()
{
    for (auto id = m_cursor.event().value + 1; m_run.trace() && id <= m_run.events(); ++id) {
        if ((*m_run.trace())[EventId(id)].node == m_cursor.node()) {
            return goTo(EventId(id));
        }
    }
}

void Transport::previousOfNode()
{
    for (auto id = m_cursor.event().value; m_run.trace() && id > 1; --id) {
        if ((*m_run.trace())[EventId(id - 1)].node == m_cursor.node()) {
            return goTo(EventId(id - 1));
        }
    }
}

} // namespace lightcone::window
