#include "engine/check/monitor.h"
#include "engine/core/check.h"
#include "engine/session/course.h"
#include "engine/session/live_session.h"
#include "engine/session/runner.h"
#include "engine/sim/actions.h"
#include "engine/sim/world.h"

#include <algorithm>
#include <string>
#include <utility>

/// Simulations that go on from a moment of a live run.
namespace lightcone::session {

namespace {

/// Branches of one simulation are numbered from there on in the live session.
constexpr std::uint32_t branchesEach = 1'000'000;
constexpr BranchId liveBranch{1};

std::vector<sim::Survivor> survivorsOf(const LiveWorld& world)
{
    std::vector<sim::Survivor> survivors;
    for (const auto& member : world.plan().setup->members) {
        const auto condition = world.conditionOf(member.id);
        sim::Survivor survivor{member.id, condition.life};
        if (const auto* node = world.nodeOf(member.id)) {
            survivor.node = node->clone();
        } else {
            survivor.life = trace::Life::NotStarted;
        }
        if (const auto* disk = world.diskOf(member.id)) {
            survivor.disk = disk->clone();
            // Nobody would ever write it down there.
            for (const auto& record : world.unwritten(member.id)) {
                survivor.disk->apply(*record);
            }
        }
        survivor.timers = world.timersOf(member.id);
        survivor.clock.rate = condition.clockRate;
        survivor.diskCondition = world.diskConditionOf(member.id);
        survivor.lastStep = condition.lastStep;
        survivors.push_back(std::move(survivor));
    }
    return survivors;
}

/// The live run's invariants, which go on with the simulation. Those that would have to know more
/// than is known there are not judged, and the run says so.
checking::Monitor monitorOf(const LiveWorld& live, sim::World& world, trace::Sink& sink)
{
    auto monitor = live.monitor();
    if (live.seesAll()) {
        return monitor;
    }
    const auto& plan = live.plan();
    monitor.forget(*plan.protocol, plan.setup);
    const std::string why = "not every node's state is known where the simulation begins";
    for (const auto place : monitor.suspend(why)) {
        sim::Remark told{trace::Kind::Note, why};
        told.detail = trace::notJudged;
        told.tag = static_cast<std::uint16_t>(place);
        const bool done = world.apply(told, {}, &sink).has_value();
        check(done, "a remark can always be made");
        monitor.recorded(place, world.last());
    }
    return monitor;
}

} // namespace

std::shared_ptr<SimulatedSession> LiveSession::simulated() const
{
    const std::lock_guard lock(m_mutex);
    return m_current;
}

/// The simulation that a branch belongs to, and what it is called there.
std::optional<std::pair<std::shared_ptr<SimulatedSession>, BranchId>>
LiveSession::simulationOf(BranchId branch) const
{
    const std::lock_guard lock(m_mutex);
    for (const auto& each : m_whatIfs) {
        const auto number = branch.value - each.first.value;
        if (branch.value > each.first.value && number < branchesEach) {
            return std::pair(each.session, BranchId(number));
        }
    }
    return std::nullopt;
}

Snapshot LiveSession::withSimulations(Snapshot live) const
{
    std::vector<WhatIf> all;
    std::shared_ptr<SimulatedSession> current;
    {
        const std::lock_guard lock(m_mutex);
        all = m_whatIfs;
        current = m_current;
        live.revision += m_turns;
    }
    auto shown = live;
    for (const auto& each : all) {
        auto its = each.session->snapshot();
        const auto renumber = [&](BranchId id) {
            return id ? BranchId(each.first.value + id.value) : liveBranch;
        };
        for (auto& branch : its.branches) {
            branch.id = renumber(branch.id);
            branch.forkedAt = branch.parent ? branch.forkedAt : each.at;
            branch.parent = renumber(branch.parent);
            branch.whatIf = true;
        }
        its.current = renumber(its.current);
        live.revision += its.revision;
        live.branches.insert(live.branches.end(), its.branches.begin(), its.branches.end());
        if (each.session == current) {
            shown = std::move(its);
        }
    }
    shown.source = Source::Live;
    shown.nodes = live.nodes;
    shown.branches = std::move(live.branches);
    shown.revision = live.revision;
    return shown;
}

/// The nodes as they stood there, in a simulated world.
Result<std::shared_ptr<SimulatedSession>> LiveSession::simulateFrom(EventId at,
                                                                    const std::string& name)
{
    auto view = m_course.view();
    const auto frame = view.frameAt(at);
    at = std::max(at, frame->world.last()); // a step is whole
    const auto survivors = survivorsOf(frame->world);
    if (std::ranges::none_of(survivors, [](const auto& each) { return each.node != nullptr; })) {
        return fail("no node's state is known there");
    }
    auto plan = std::make_shared<Plan>(*m_plan);
    auto about = m_course.trace()->about();
    about.clients = sim::World(*plan->protocol, plan->setup, plan->settings).about().clients;
    for (auto number = about.drawn->count(); auto& client : about.clients) {
        client = "c" + std::to_string(++number);
    }
    plan->about.clients = about.clients;
    const PlanPtr shared = std::move(plan);
    sim::World world(*shared->protocol, shared->setup, shared->settings, survivorsOf(frame->world),
                     frame->world.network(), at, frame->world.now());
    const auto origin = "what if: " + name;
    about.origin = origin;
    const auto trace = m_course.trace()->fork(at, std::move(about));
    auto monitor = monitorOf(frame->world, world, *trace);
    const auto begins = world.last();
    auto run = std::make_unique<Runner>(shared, std::move(world), std::move(monitor));
    auto course = std::make_unique<Course>(*trace, std::move(run), origin);
    view.events = at.value;
    auto past = std::make_shared<const LiveStates>(std::move(view));
    return std::make_shared<SimulatedSession>(shared, std::move(course), Source::Simulated,
                                              Past{std::move(past), begins, name});
}

void LiveSession::fork(EventId at, std::string name)
{
    if (const auto simulation = simulated()) {
        simulation->fork(at, std::move(name));
        return;
    }
    post([this, at, name = std::move(name)] {
        auto made = simulateFrom(std::min(at, m_course.world().last()), name);
        if (!made) {
            m_problem = "Cannot continue as a simulation: " + made.error().message;
            return;
        }
        m_problem.clear();
        const std::lock_guard lock(m_mutex);
        m_whatIfs.push_back({BranchId(++m_begun * branchesEach), at, *made});
        m_current = std::move(*made);
        ++m_turns;
    });
}

void LiveSession::switchTo(BranchId branch)
{
    const auto simulation = simulationOf(branch);
    {
        const std::lock_guard lock(m_mutex);
        m_current = simulation ? simulation->first : nullptr;
        ++m_turns;
    }
    if (simulation) {
        simulation->first->switchTo(simulation->second);
    }
}

void LiveSession::rename(BranchId branch, std::string name)
{
    if (const auto simulation = simulationOf(branch)) {
        simulation->first->rename(simulation->second, std::move(name));
        return;
    }
    post([this, name = std::move(name)] { m_name = name; });
}

void LiveSession::remove(BranchId branch)
{
    const auto simulation = simulationOf(branch);
    if (!simulation) {
        post([this] { m_problem = "The live run cannot be removed"; });
        return;
    }
    if (simulation->second != BranchId(1)) {
        simulation->first->remove(simulation->second);
        return;
    }
    const auto its = simulation->first->snapshot().revision;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_whatIfs, [&](const auto& each) { return each.session == simulation->first; });
    m_current = m_current == simulation->first ? nullptr : m_current;
    m_turns += its + 1; // what is shown has changed, whatever its number was
}

void LiveSession::undo()
{
    if (const auto simulation = simulated()) {
        simulation->undo();
        return;
    }
    post([this] { m_problem = "What was done to real nodes cannot be taken back"; });
}

void LiveSession::redo()
{
    if (const auto simulation = simulated()) {
        simulation->redo();
    }
}

bool LiveSession::canUndo() const
{
    const auto simulation = simulated();
    return simulation && simulation->canUndo();
}

bool LiveSession::canRedo() const
{
    const auto simulation = simulated();
    return simulation && simulation->canRedo();
}

void LiveSession::answer(std::string choice)
{
    if (const auto simulation = simulated()) {
        simulation->answer(std::move(choice));
    }
}

} // namespace lightcone::session
