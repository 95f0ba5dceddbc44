#include "engine/session/simulated_session.h"

#include "engine/core/check.h"
#include "engine/session/course_states.h"
#include "engine/session/joined_states.h"
#include "engine/trace/formats/lightcone_file.h"

#include <algorithm>
#include <utility>

namespace lightcone::session {
SimulatedSession::SimulatedSession(PlanPtr plan)
    : SimulatedSession(plan, std::make_unique<Course>(plan), Source::Simulated)
{
}

SimulatedSession::SimulatedSession(PlanPtr plan, std::unique_ptr<Course> course, Source source,
                                   Past past)
    : m_plan(std::move(plan))
    , m_past(std::move(past))
    , m_source(source)
{
    auto track = std::make_unique<Track>();
    track->id = BranchId(++m_branchIds);
    track->name = !m_past.branch.empty() ? m_past.branch
        : source == Source::Simulated    ? "main"
                                         : "recorded";
    track->sealed = source != Source::Simulated;
    track->course = std::move(course);
    m_current = track.get();
    m_toldEnd = m_current->course->run().over(); // a scenario without lines has no end to tell
    m_tracks.push_back(std::move(track));
    m_doing = "Ready";
    publish();
    m_thread = std::thread([this] { work(); });
}

SimulatedSession::~SimulatedSession()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
        m_hasWork = true;
    }
    m_wake.notify_all();
    m_publishedMore.notify_all();
    m_thread.join();
}

Snapshot SimulatedSession::snapshot() const
{
    const std::lock_guard lock(m_mutex);
    m_seenBranch = m_published->snapshot.current;
    m_seenEvents = m_published->snapshot.branch().events;
    return m_published->snapshot;
}

/// What is published of a branch, when it has come to that event: a view may read events a moment
/// before they are published together with what made them.
std::optional<CourseView> SimulatedSession::viewOf(BranchId branch, EventId event)
{
    std::unique_lock lock(m_mutex);
    const auto find = [&]() -> const CourseView* {
        const auto& views = m_published->views;
        const auto found =
            std::ranges::find(views, branch, [](const auto& each) { return each.first; });
        return found == views.end() ? nullptr : &found->second;
    };
    m_publishedMore.wait_for(lock, std::chrono::seconds(1), [&] {
        const auto* known = find();
        return m_quit || known == nullptr || known->events >= event.value;
    });
    const auto* known = find();
    return known == nullptr ? std::nullopt : std::optional(*known);
}

void SimulatedSession::stateAt(BranchId branch, EventId event, std::function<void(StatePtr)> done)
{
    const auto find = [this, branch, event](const StateDesk::Stale& stale) -> StatePtr {
        const auto view = viewOf(branch, event);
        if (view && m_past.states && event < m_past.end) {
            return std::make_shared<const trace::ClusterState>(m_past.states->at(event));
        }
        return view ? m_finder.find(*view, event, stale) : nullptr;
    };
    m_desk.ask(find, std::move(done));
}

std::optional<std::string> SimulatedSession::whyNot(std::string_view line) const
{
    auto planned = readAct(*m_plan, line);
    if (!planned) {
        return planned.error().message;
    }
    std::shared_ptr<Runner> moment;
    {
        const std::lock_guard lock(m_mutex);
        moment = m_published->moment;
    }
    return moment->whyNot(*planned);
}

void SimulatedSession::play(Pace pace)
{
    post([this, pace] {
        m_pace = pace;
        if (pace.kind == Pace::Kind::ByHand) {
            stop("By hand: pick what happens next");
        } else {
            m_doing.clear();
            startGoing(Mode::Play);
        }
    });
}

void SimulatedSession::pause()
{
    post([this] { stop("Paused"); });
}

void SimulatedSession::step(std::uint64_t steps)
{
    post([this, steps] {
        if (steps > 0) {
            startGoing(Mode::Steps);
            m_going.stepsLeft = steps;
        }
    });
}

Result<void> SimulatedSession::runUntil(std::string_view query)
{
    auto parsed = query::Query::parse(query, query::Context::of(m_plan->about, query::Scope::Both));
    if (!parsed) {
        return parsed.error();
    }
    post([this, breakpoint = std::move(*parsed)] {
        startGoing(Mode::Until);
        if (m_going.mode == Mode::Stopped) {
            return;
        }
        if (breakpoint.asksEvents()) {
            m_going.filter.emplace(breakpoint, current().course->trace());
            while (m_going.filter->judged() < current().course->run().last().value) {
                m_going.filter->next(breakpoint.asksCluster() ? &current().course->run().cluster()
                                                              : nullptr);
            }
        }
        m_going.breakpoint = breakpoint;
    });
    return {};
}

void SimulatedSession::runFor(Duration time)
{
    post([this, time] {
        startGoing(Mode::Until);
        m_going.until = current().course->run().now() + time;
    });
}

Result<void> SimulatedSession::act(std::string_view line, EventId at)
{
    auto planned = readAct(*m_plan, line);
    if (!planned) {
        return planned.error();
    }
    bool atEnd = false;
    {
        // While a run goes on its end is where the person saw it last.
        const std::lock_guard lock(m_mutex);
        atEnd = at.value >= m_seenEvents && m_seenBranch == m_published->snapshot.current;
    }
    post([this, at, atEnd, planned = std::move(*planned)] { perform(planned, at, atEnd); });
    return {};
}

void SimulatedSession::fork(EventId at, std::string name)
{
    post([this, at, name = std::move(name)] {
        m_problem.clear();
        stop("Paused");
        setCurrent(*addTrack(current(), std::max(at, m_past.end), name));
    });
}

void SimulatedSession::switchTo(BranchId branch)
{
    post([this, branch] {
        m_problem.clear();
        if (auto* track = find(branch)) {
            stop("Paused");
            setCurrent(*track);
        }
    });
}

void SimulatedSession::rename(BranchId branch, std::string name)
{
    post([this, branch, name = std::move(name)] {
        if (auto* track = find(branch)) {
            track->name = name;
        }
    });
}

void SimulatedSession::remove(BranchId branch)
{
    post([this, branch] { doRemove(branch); });
}

void SimulatedSession::undo()
{
    post([this] { doUndo(); });
}

void SimulatedSession::redo()
{
    post([this] { doRedo(); });
}

bool SimulatedSession::canUndo() const
{
    const std::lock_guard lock(m_mutex);
    return m_published->canUndo;
}

bool SimulatedSession::canRedo() const
{
    const std::lock_guard lock(m_mutex);
    return m_published->canRedo;
}

void SimulatedSession::answer(std::string choice)
{
    post([this, choice = std::move(choice)] {
        const auto asked = current().course->run().asked();
        if (!asked) {
            return;
        }
        std::erase_if(m_answers, [&](const auto& each) { return each.first == *asked; });
        m_answers.emplace_back(*asked, choice);
        current().course->answered();
        if (m_wasPlaying) {
            startGoing(Mode::Play);
        } else {
            m_doing = "Paused";
        }
    });
}

Result<std::string> SimulatedSession::asScenario() const
{
    if (m_past.states) {
        return fail("it began in a live run, which no scenario repeats");
    }
    const std::lock_guard lock(m_mutex);
    for (const auto& [branch, view] : m_published->views) {
        if (branch == m_published->snapshot.current) {
            return Result<std::string>(boost::system::in_place_value,
                                       scenarioOf(*m_plan, *view.deeds, EventId(view.events)));
        }
    }
    return fail("the branch is gone");
}

std::shared_ptr<const trace::StateSource> SimulatedSession::states(BranchId branch)
{
    const auto view = viewOf(branch, {});
    if (!view) {
        return nullptr;
    }
    const auto own = std::make_shared<CourseStates>(*view);
    if (!m_past.states) {
        return own;
    }
    return std::make_shared<JoinedStates>(m_past.states, m_past.end, own);
}

Result<void> SimulatedSession::save(const std::string& path, const Progress& progress)
{
    BranchId branch;
    {
        const std::lock_guard lock(m_mutex);
        branch = m_published->snapshot.current;
    }
    const auto view = viewOf(branch, {});
    if (!view) {
        return fail("the branch is gone");
    }
    const auto own = std::make_shared<const CourseStates>(*view);
    const JoinedStates joined(m_past.states, m_past.end, own);
    trace::formats::SaveOptions options;
    options.states = m_past.states ? static_cast<const trace::StateSource*>(&joined) : own.get();
    if (!m_past.states) {
        options.scenario = scenarioOf(*m_plan, *view->deeds, EventId(view->events));
    }
    options.watch = {progress.report, progress.cancelled};
    return trace::formats::saveLightcone(path, *view->trace, EventId(view->events), options);
}

} // namespace lightcone::session
