#include "engine/session/checks.h"
#include "engine/session/simulated_session.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

/// The thread of a simulated session: runs in slices, and between two of them does what is asked.
namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

constexpr auto sliceTime = milliseconds(8);
constexpr auto frameTime = milliseconds(16);
constexpr auto momentTime = milliseconds(250);

/// Past that a run stops by itself: its trace fills the memory.
constexpr std::uint64_t mostEvents = 40'000'000;

/// A run whose nodes are larger than that is not copied while it goes on just to grey out buttons.
constexpr std::size_t largeRun = std::size_t{16} << 20;

std::string paceText(const Pace& pace)
{
    if (pace.kind == Pace::Kind::Unbounded) {
        return "Running as fast as it goes";
    }
    if (pace.factor >= 1) {
        return fmt::format("Running at ×{:.4g} speed", pace.factor);
    }
    return fmt::format("Running at ×1/{:.4g} speed", 1 / pace.factor);
}

} // namespace

void SimulatedSession::post(std::function<void()> work)
{
    {
        const std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(work));
        m_hasWork = true;
    }
    m_wake.notify_all();
}

void SimulatedSession::work()
{
    while (runQueue()) {
        if (m_going.mode != Mode::Stopped) {
            slice();
        }
        publish();
        std::unique_lock lock(m_mutex);
        const auto woken = [this] { return m_hasWork.load(); };
        if (m_going.mode == Mode::Stopped) {
            m_wake.wait(lock, woken);
        } else if (const auto time = untilNext(); time > milliseconds(0)) {
            m_wake.wait_for(lock, time, woken);
        }
    }
}

/// Does what was asked. False when it is time to end.
bool SimulatedSession::runQueue()
{
    while (true) {
        std::deque<std::function<void()>> queue;
        {
            const std::lock_guard lock(m_mutex);
            if (m_quit) {
                return false;
            }
            queue.swap(m_queue);
            m_hasWork = false;
        }
        if (queue.empty()) {
            return true;
        }
        for (const auto& each : queue) {
            each();
            m_busy = true;
        }
    }
}

/// How far virtual time may come now.
Instant SimulatedSession::target() const
{
    auto limit = Instant::max();
    if (m_going.mode == Mode::Play && m_going.pace.kind == Pace::Kind::Scaled) {
        const std::chrono::duration<double, std::nano> real = Clock::now() - m_going.since;
        constexpr double most = 1e18; // thirty years: far from overflow
        limit = m_going.begin
            + Duration(static_cast<std::int64_t>(
                std::clamp(real.count() * m_going.pace.factor, 0.0, most)));
    }
    return m_going.until ? std::min(limit, *m_going.until) : limit;
}

void SimulatedSession::slice()
{
    const auto end = Clock::now() + sliceTime;
    const auto limit = target();
    for (unsigned count = 0; m_going.mode != Mode::Stopped; ++count) {
        if (count % 32 == 31 && (m_hasWork || Clock::now() >= end)) {
            // Too slow for the pace: virtual time waits rather than rush later.
            m_going.begin = current().course->run().now();
            m_going.since = Clock::now();
            return;
        }
        if (!goOn(limit)) {
            return;
        }
    }
}

/// Lets one thing happen. False when nothing may happen now.
bool SimulatedSession::goOn(Instant limit)
{
    auto& course = *current().course;
    const auto next = course.nextAt();
    if (!next || *next > limit) {
        if (m_going.until && limit >= *m_going.until) {
            course.waitUntil(*m_going.until);
            stop("Paused");
        } else if (!next) {
            stop("Nothing is left to happen");
        }
        return false;
    }
    const auto before = course.run().last();
    course.advance();
    m_busy = true;
    if (course.run().last() == before) {
        noticeEnd();
        return true;
    }
    if (course.run().last().value >= mostEvents) {
        stop(fmt::format("Stopped: a run of {} events fills the memory", mostEvents));
    } else if (question()) {
        const bool playing = m_going.mode == Mode::Play;
        stop("Waiting for an answer");
        m_wasPlaying = playing;
    } else if (reachedBreakpoint()) {
        stop("Stopped: " + m_going.breakpoint->text());
    } else if (m_going.mode == Mode::Steps && --m_going.stepsLeft == 0) {
        stop("Paused");
    } else {
        noticeEnd();
    }
    return true;
}

void SimulatedSession::noticeEnd()
{
    if (!m_toldEnd && m_going.mode == Mode::Play && current().course->run().over()) {
        m_toldEnd = true;
        stop(current().course->run().failures().empty() ? "The scenario is over"
                                                        : "The scenario is over: something failed");
    }
}

bool SimulatedSession::reachedBreakpoint()
{
    if (!m_going.breakpoint) {
        return false;
    }
    const auto& run = current().course->run();
    const auto& query = *m_going.breakpoint;
    if (!m_going.filter) {
        return query.holds(run.cluster());
    }
    bool reached = false;
    while (m_going.filter->judged() < run.last().value) {
        reached = m_going.filter->next(query.asksCluster() ? &run.cluster() : nullptr) || reached;
    }
    return reached;
}

void SimulatedSession::startGoing(Mode mode)
{
    m_problem.clear();
    if (question()) {
        m_problem = "Answer the question first";
        return;
    }
    if (current().sealed) {
        setCurrent(*addTrack(current(), current().course->run().last(), "continued"));
        m_toldEnd = true;
    }
    m_going = {};
    m_going.mode = mode;
    m_going.pace = mode == Mode::Play ? m_pace : Pace{Pace::Kind::Unbounded, 1};
    m_going.begin = current().course->run().now();
    m_going.since = Clock::now();
    m_doing = mode == Mode::Until && m_going.breakpoint ? "Running" : paceText(m_going.pace);
}

/// What is due by the pace happens, and it is the instant that the person saw.
void SimulatedSession::catchUp()
{
    if (m_going.mode != Mode::Play || m_going.pace.kind != Pace::Kind::Scaled) {
        return;
    }
    const auto limit = target();
    const auto end = Clock::now() + sliceTime;
    while (m_going.mode != Mode::Stopped && Clock::now() < end && goOn(limit)) { }
    auto& course = *current().course;
    const auto next = course.nextAt();
    course.waitUntil(next ? std::min(limit, *next) : limit);
}

void SimulatedSession::stop(std::string why)
{
    if (m_going.mode == Mode::Play && m_going.pace.kind == Pace::Kind::Scaled) {
        auto& course = *current().course;
        const auto next = course.nextAt();
        const auto limit = target();
        if (next) {
            course.waitUntil(std::min(limit, *next));
        }
    }
    m_going.mode = Mode::Stopped;
    m_wasPlaying = false;
    m_doing = std::move(why);
    m_busy = true;
}

milliseconds SimulatedSession::untilNext() const
{
    if (m_going.mode != Mode::Play || m_going.pace.kind != Pace::Kind::Scaled) {
        return milliseconds(0);
    }
    const auto next = current().course->nextAt();
    if (!next) {
        return milliseconds(0);
    }
    const auto wait =
        std::chrono::duration<double, std::nano>(*next - target()) / m_going.pace.factor;
    if (wait > frameTime) {
        return frameTime;
    }
    return std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(wait));
}

std::optional<Question> SimulatedSession::question() const
{
    const auto asked = current().course->run().asked();
    if (!asked) {
        return std::nullopt;
    }
    const auto& line = m_plan->lines[*asked].line;
    const auto& ask = std::get<Ask>(line.doing);
    return Question{line.place.line, ask.text, ask.choices};
}

std::vector<Lesson> SimulatedSession::lessons() const
{
    std::vector<Lesson> all;
    const auto& run = current().course->run();
    for (std::size_t i = 0; i < m_plan->lines.size(); ++i) {
        const auto& planned = m_plan->lines[i];
        const auto& state = run.lines()[i];
        const auto* say = std::get_if<Say>(&planned.line.doing);
        const auto* ask = std::get_if<Ask>(&planned.line.doing);
        const bool expects = std::holds_alternative<Expect>(planned.line.doing);
        if (say == nullptr && ask == nullptr && !expects && state.is != LineState::Is::Failed) {
            continue;
        }
        Lesson lesson{planned.line.place.line,
                      say != nullptr       ? say->text
                          : ask != nullptr ? ask->text
                                           : planned.text};
        lesson.at = state.at;
        lesson.kind = say != nullptr ? Lesson::Kind::Say
            : ask != nullptr         ? Lesson::Kind::Ask
                                     : Lesson::Kind::Expect;
        switch (state.is) {
        case LineState::Is::Ahead:
            lesson.state = Lesson::State::Ahead;
            break;
        case LineState::Is::Waiting:
            lesson.state = run.over() ? Lesson::State::Held : Lesson::State::Waiting;
            break;
        case LineState::Is::Done:
            lesson.state = run.asked() == i ? Lesson::State::Waiting : Lesson::State::Told;
            break;
        case LineState::Is::Held:
            lesson.state = Lesson::State::Held;
            break;
        case LineState::Is::Failed:
            lesson.state = Lesson::State::Failed;
            break;
        }
        const auto answer =
            std::ranges::find(m_answers, i, &decltype(m_answers)::value_type::first);
        if (ask != nullptr && ask->answer && answer != m_answers.end()
            && lesson.state == Lesson::State::Told) {
            lesson.state =
                answer->second == *ask->answer ? Lesson::State::Held : Lesson::State::Failed;
        }
        all.push_back(std::move(lesson));
    }
    return all;
}

Snapshot SimulatedSession::describe() const
{
    Snapshot snapshot;
    const auto& run = current().course->run();
    snapshot.source = m_source;
    snapshot.running = m_going.mode != Mode::Stopped;
    snapshot.finished = !current().course->nextAt();
    snapshot.pace = m_pace;
    snapshot.current = current().id;
    for (const auto& track : m_tracks) {
        if (track->hidden) {
            continue;
        }
        const auto& its = track->course->run();
        Branch branch{
            track->id,        track->name, track->parent, track->forkedAt, track->course->trace(),
            its.last().value, its.now()};
        branch.whatIf = m_source != Source::Simulated && !track->sealed;
        if (track.get() == m_current && snapshot.running
            && m_going.pace.kind == Pace::Kind::Scaled) {
            const auto next = track->course->nextAt();
            branch.now = std::max(its.now(), std::min(target(), next.value_or(its.now())));
        }
        snapshot.branches.push_back(std::move(branch));
    }
    for (const auto& verdict : run.monitor().verdicts()) {
        snapshot.checks.push_back(checkOf(verdict, run.last()));
    }
    snapshot.lessons = lessons();
    snapshot.question = question();
    snapshot.doing = m_doing;
    snapshot.problem = m_problem;
    return snapshot;
}

void SimulatedSession::publish()
{
    const bool running = m_going.mode != Mode::Stopped;
    if (m_published && !m_busy && !running) {
        return;
    }
    auto next = std::make_shared<Published>();
    next->snapshot = describe();
    const auto& course = *current().course;
    for (const auto& track : m_tracks) {
        if (!track->hidden) {
            next->views.emplace_back(track->id, track->course->view());
        }
    }
    next->canUndo = course.run().deedsDone() > current().inherited;
    next->canRedo = !current().redo.empty();
    const auto now = Clock::now();
    const bool old = now - m_momentAt > momentTime && course.frameSize() < largeRun;
    if (!running || !m_published || old) {
        next->moment = std::make_shared<Runner>(course.run());
        m_momentAt = now;
    } else {
        next->moment = m_published->moment;
    }
    m_busy = false;
    {
        const std::lock_guard lock(m_mutex);
        next->snapshot.revision = m_published ? m_published->snapshot.revision + 1 : 1;
        m_published = std::move(next);
    }
    m_publishedMore.notify_all();
}

} // namespace lightcone::session
