#include "engine/session/live_session.h"

#include "engine/session/live_talk.h"
#include "engine/trace/formats/lightcone_file.h"

#include <utility>

namespace lightcone::session {

Snapshot LiveSession::snapshot() const
{
    Snapshot live;
    {
        const std::lock_guard lock(m_mutex);
        m_seenEvents = m_published->snapshot.branch().events;
        live = m_published->snapshot;
    }
    return withSimulations(std::move(live));
}

void LiveSession::stateAt(BranchId branch, EventId event, std::function<void(StatePtr)> done)
{
    if (const auto simulation = simulationOf(branch)) {
        simulation->first->stateAt(simulation->second, event, std::move(done));
        return;
    }
    m_desk.ask(
        [this, event](const StateDesk::Stale& stale) -> StatePtr {
            LiveView view;
            {
                std::unique_lock lock(m_mutex);
                m_publishedMore.wait_for(lock, std::chrono::seconds(1), [&] {
                    return m_quit || m_published->view.events >= event.value;
                });
                view = m_published->view;
            }
            if (event.value > view.events) {
                return nullptr;
            }
            const auto frame = view.frameAt(event, stale);
            return frame
                ? std::make_shared<const trace::ClusterState>(view.stateOf(event, frame->world))
                : nullptr;
        },
        std::move(done));
}

std::shared_ptr<const trace::StateSource> LiveSession::states(BranchId branch)
{
    if (const auto simulation = simulationOf(branch)) {
        return simulation->first->states(simulation->second);
    }
    const std::lock_guard lock(m_mutex);
    return std::make_shared<LiveStates>(m_published->view);
}

void LiveSession::play(Pace pace)
{
    if (const auto simulation = simulated()) {
        simulation->play(pace);
        return;
    }
    post([this] {
        m_problem.clear();
        m_doing.clear();
        m_walker.reset();
        m_going = {};
    });
}

void LiveSession::pause()
{
    if (const auto simulation = simulated()) {
        simulation->pause();
        return;
    }
    post([this] { stop("Paused: what happens meanwhile is recorded"); });
}

void LiveSession::step(std::uint64_t steps)
{
    if (const auto simulation = simulated()) {
        simulation->step(steps);
        return;
    }
    post([this, steps] {
        if (steps > 0) {
            startWalking(Mode::Steps);
            m_going.stepsLeft = steps;
        }
    });
}

Result<void> LiveSession::runUntil(std::string_view query)
{
    if (const auto simulation = simulated()) {
        return simulation->runUntil(query);
    }
    auto parsed = query::Query::parse(query, query::Context::of(m_plan->about, query::Scope::Both));
    if (!parsed) {
        return parsed.error();
    }
    post([this, breakpoint = std::move(*parsed)] {
        startWalking(Mode::Until);
        if (breakpoint.asksEvents()) {
            m_going.filter.emplace(breakpoint, m_course.trace());
            m_asked.update(m_walker->world);
            while (m_going.filter->judged() < m_walker->world.last().value) {
                m_going.filter->next(breakpoint.asksCluster() ? &m_asked.cluster : nullptr);
            }
        }
        m_going.breakpoint = breakpoint;
    });
    return {};
}

void LiveSession::runFor(Duration time)
{
    if (const auto simulation = simulated()) {
        simulation->runFor(time);
        return;
    }
    post([this, time] {
        startWalking(Mode::Until);
        m_going.until = m_walker->world.now() + time;
    });
}

Result<void> LiveSession::act(std::string_view line, EventId at)
{
    if (const auto simulation = simulated()) {
        return simulation->act(line, at);
    }
    auto planned = readAct(*m_plan, line);
    if (!planned) {
        return planned.error();
    }
    bool atEnd = false;
    {
        const std::lock_guard lock(m_mutex);
        atEnd = at.value >= m_seenEvents;
    }
    post([this, atEnd, planned = std::move(*planned)] {
        if (!atEnd) {
            complain(planned.text,
                     "what is past cannot be changed on real nodes: go to the end, "
                     "or continue as a simulation from there");
            return;
        }
        perform(planned);
    });
    return {};
}

Result<std::string> LiveSession::asScenario() const
{
    return fail(simulated() ? "it began in a live run, which no scenario repeats"
                            : "a live run has no scenario: real nodes do not repeat themselves");
}

LiveView LiveSession::currentView() const
{
    const std::lock_guard lock(m_mutex);
    auto view = m_published->view;
    view.events = std::min(view.events, m_published->snapshot.branch().events);
    return view;
}

Result<void> LiveSession::save(const std::string& path, const Progress& progress)
{
    if (const auto simulation = simulated()) {
        return simulation->save(path, progress);
    }
    const auto view = currentView();
    const LiveStates states(view);
    trace::formats::SaveOptions options;
    options.states = &states;
    options.watch = {progress.report, progress.cancelled};
    return trace::formats::saveLightcone(path, *view.trace, EventId(view.events), options);
}

} // namespace lightcone::session
