#include "engine/core/check.h"
#include "engine/session/simulated_session.h"

#include <algorithm>
#include <utility>

/// The branches of a simulated session: leaving the past, taking back and doing again.
namespace lightcone::session {

SimulatedSession::Track* SimulatedSession::find(BranchId branch)
{
    for (const auto& track : m_tracks) {
        if (track->id == branch && !track->hidden) {
            return track.get();
        }
    }
    return nullptr;
}

void SimulatedSession::setCurrent(Track& track)
{
    m_current = &track;
    m_toldEnd = track.course->run().over();
    m_busy = true;
}

SimulatedSession::Track* SimulatedSession::addTrack(const Track& parent, EventId at,
                                                    std::string name)
{
    const auto view = parent.course->view();
    auto run = view.runAt(EventId(std::min(at.value, view.events)));
    run->answered();
    auto track = std::make_unique<Track>();
    track->id = BranchId(++m_branchIds);
    track->name = name.empty() ? "branch " + std::to_string(track->id.value) : std::move(name);
    track->parent = parent.id;
    track->forkedAt = run->last();
    track->inherited = run->deedsDone();
    track->course = std::make_unique<Course>(view, std::move(run), "branch of " + parent.name);
    m_tracks.push_back(std::move(track));
    return m_tracks.back().get();
}

/// Does a line at the end of the current branch, or on a new one that begins in its past.
void SimulatedSession::perform(PlannedLine line, EventId at, bool atEnd)
{
    m_problem.clear();
    m_busy = true;
    const auto text = line.text;
    if (!current().sealed && (atEnd || at >= current().course->run().last())) {
        catchUp();
        if (auto done = current().course->intervene(std::move(line)); !done) {
            m_problem = "Cannot " + text + ": " + done.error().message;
            return;
        }
        forgetRedo(current());
        m_toldEnd = m_toldEnd && current().course->run().over();
        return;
    }
    const auto view = current().course->view();
    at = EventId(std::min(at.value, view.events));
    if (m_past.states && at < m_past.end) {
        m_problem = "Cannot " + text + " there: real nodes ran there, and the past of real nodes "
            + "is continued as a simulation from the live run";
        return;
    }
    if (const auto reason = view.runAt(at)->whyNot(line)) {
        m_problem = "Cannot " + text + " there: " + *reason;
        return;
    }
    stop("Paused");
    auto& track = *addTrack(current(), at, text);
    track.byAct = true;
    const bool done = track.course->intervene(std::move(line)).has_value();
    check(done, "what can be done is done");
    setCurrent(track);
}

void SimulatedSession::forgetRedo(Track& track)
{
    for (const auto& each : track.redo) {
        std::erase_if(m_tracks,
                      [&](const auto& other) { return other->hidden && other->id == each.branch; });
    }
    track.redo.clear();
}

void SimulatedSession::doUndo()
{
    auto& track = current();
    const auto& run = track.course->run();
    m_problem.clear();
    if (run.deedsDone() <= track.inherited) {
        m_problem = "Nothing was done on this branch that could be taken back";
        return;
    }
    stop("Paused");
    const auto last = run.deedsDone() - 1;
    const bool hasChildren =
        std::ranges::any_of(m_tracks, [&](const auto& each) { return each->parent == track.id; });
    auto* parent = find(track.parent);
    if (track.byAct && last == track.inherited && parent != nullptr && !hasChildren) {
        track.hidden = true;
        parent->redo.push_back({nullptr, track.id});
        setCurrent(*parent);
        return;
    }
    const auto view = track.course->view();
    auto before = view.runAt((*view.deeds)[last].line.when->event);
    before->answered();
    auto shorter = std::make_unique<Course>(view, std::move(before), view.trace->about().origin);
    track.redo.push_back({std::exchange(track.course, std::move(shorter)), {}});
    setCurrent(track);
}

void SimulatedSession::doRedo()
{
    auto& track = current();
    m_problem.clear();
    if (track.redo.empty()) {
        m_problem = "Nothing was taken back that could be done again";
        return;
    }
    stop("Paused");
    auto again = std::move(track.redo.back());
    track.redo.pop_back();
    if (again.course) {
        track.course = std::move(again.course);
        setCurrent(track);
        return;
    }
    for (const auto& each : m_tracks) {
        if (each->id == again.branch) {
            each->hidden = false;
            setCurrent(*each);
        }
    }
}

void SimulatedSession::doRemove(BranchId branch)
{
    m_problem.clear();
    auto* track = find(branch);
    if (track == nullptr) {
        return;
    }
    auto* parent = find(track->parent);
    if (parent == nullptr) {
        m_problem = "The first branch cannot be removed";
        return;
    }
    m_busy = true;
    for (const auto& each : m_tracks) {
        if (each->parent == branch) {
            each->parent = parent->id;
            each->forkedAt = std::min(each->forkedAt, track->forkedAt);
        }
    }
    if (m_current == track) {
        stop("Paused");
        setCurrent(*parent);
    }
    forgetRedo(*track);
    std::erase_if(m_tracks, [&](const auto& each) { return each.get() == track; });
}

} // namespace lightcone::session
