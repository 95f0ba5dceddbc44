#include "engine/session/runner.h"

#include "engine/core/check.h"
#include "engine/session/binding.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::session {
namespace {

/// An `until` that does not say how long gives up after so long.
constexpr Duration longestWait = std::chrono::minutes(10);

template <class T>
const T* doingOf(const PlannedLine& line)
{
    return std::get_if<T>(&line.line.doing);
}

} // namespace

Runner::Runner(PlanPtr plan)
    : m_plan(std::move(plan))
    , m_world(*m_plan->protocol, m_plan->setup, m_plan->settings)
    , m_monitor(*m_plan->protocol, m_plan->setup)
    , m_lines(m_plan->lines.size())
    , m_deeds(std::make_shared<const std::vector<PlannedLine>>(m_plan->deeds))
    , m_paused(m_plan->setup->members.size(), false)
{
    settle({});
}

Runner::Runner(PlanPtr plan, sim::World world, checking::Monitor monitor)
    : m_plan(std::move(plan))
    , m_world(std::move(world))
    , m_monitor(std::move(monitor))
    , m_lines(m_plan->lines.size())
    , m_deeds(std::make_shared<const std::vector<PlannedLine>>())
    , m_paused(m_plan->setup->members.size(), false)
{
    settle({});
}

Runner::Runner(const Runner& other)
    : m_plan(other.m_plan)
    , m_world(other.m_world)
    , m_monitor(other.m_monitor)
    , m_lines(other.m_lines)
    , m_nextLine(other.m_nextLine)
    , m_arrived(other.m_arrived)
    , m_lineBegan(other.m_lineBegan)
    , m_watches(other.m_watches)
    , m_failures(other.m_failures)
    , m_asked(other.m_asked)
    , m_stopped(other.m_stopped)
    , m_deeds(other.m_deeds)
    , m_nextDeed(other.m_nextDeed)
    , m_ruleNames(other.m_ruleNames)
    , m_paused(other.m_paused)
    , m_judged(other.m_judged)
{
}

bool Runner::over() const
{
    const bool waits =
        std::ranges::any_of(m_watches, [](const Watch& each) { return bool(each.deadline); });
    return m_stopped || (m_nextLine >= m_lines.size() && m_nextDeed >= m_deeds->size() && !waits);
}

/// When the next line may be done, its `at` considered; nothing when there is none.
std::optional<Instant> Runner::readyAt() const
{
    if (m_nextLine >= m_lines.size()) {
        return std::nullopt;
    }
    const auto& line = m_plan->lines[m_nextLine].line;
    auto at = m_arrived;
    if (line.when) {
        at = line.when->kind == When::Kind::After ? m_arrived + line.when->time
                                                  : Instant(line.when->time);
    }
    return std::max(at, now());
}

const Until* Runner::currentUntil() const
{
    return m_nextLine < m_lines.size() ? doingOf<Until>(m_plan->lines[m_nextLine]) : nullptr;
}

Runner::Next Runner::next(const Pen& pen) const
{
    // Of what is due at one instant the first here goes first. Deeds were done when nothing else
    // had happened yet at their event; a deadline lets everything of its instant happen.
    Next best;
    const auto offer = [&](Next::What what, Instant at, std::size_t which = 0) {
        at = std::max(at, now());
        if (best.what == Next::What::Nothing || at < best.at) {
            best = {what, at, which};
        }
    };
    const auto ready = readyAt();
    const auto* until = currentUntil();
    const auto* run = ready ? doingOf<RunFor>(m_plan->lines[m_nextLine]) : nullptr;
    const auto started = ready && *ready <= now();
    if (ready && (!started || run != nullptr)) {
        offer(Next::What::Wait, started ? m_lineBegan + run->time : *ready);
    }
    if (m_nextDeed < m_deeds->size()) {
        const auto& when = *(*m_deeds)[m_nextDeed].line.when;
        if (when.event == last()) {
            const auto base = when.event ? (*pen.history)[when.event].at : Instant{};
            offer(Next::What::Deed, base + when.time);
        } else if (when.event < last()) {
            offer(Next::What::Deed, now());
        }
    }
    if (started && until == nullptr && run == nullptr) {
        offer(Next::What::Line, now());
    }
    if (const auto due = m_world.nextDue()) {
        offer(Next::What::Step, *due);
    }
    if (started && until != nullptr) {
        offer(Next::What::Deadline, m_lineBegan + until->within.value_or(longestWait), m_nextLine);
    }
    for (const auto& watch : m_watches) {
        if (watch.deadline) {
            offer(Next::What::Deadline, *watch.deadline, watch.line);
        }
    }
    return best;
}

std::optional<Instant> Runner::nextAt(const Pen& pen) const
{
    const auto found = next(pen);
    return found.what == Next::What::Nothing ? std::nullopt : std::optional(found.at);
}

bool Runner::advance(const Pen& pen)
{
    const auto what = next(pen);
    if (what.what == Next::What::Nothing) {
        return false;
    }
    if (what.what != Next::What::Step) {
        m_world.waitUntil(what.at);
    }
    switch (what.what) {
    case Next::What::Wait:
        settle(pen);
        return true;
    case Next::What::Deed:
        performDeed(pen);
        break;
    case Next::What::Line:
        performLine(pen);
        break;
    case Next::What::Deadline:
        passDeadline(what.which, pen);
        break;
    default:
        m_world.step(pen.sink);
        break;
    }
    moved(pen);
    return true;
}

/// After whatever made events: checks, queries, and then the lines that this lets pass.
void Runner::moved(const Pen& pen)
{
    const auto observation = m_world.observation();
    m_stepped = m_clusterFresh && observation ? observation->node : NodeId{};
    m_clusterFresh = false;
    if (observation) {
        for (const auto place : m_monitor.observe(*observation)) {
            sim::Remark violation{trace::Kind::Violation, m_monitor.verdicts()[place].how};
            violation.cause = observation->event;
            violation.node = observation->node;
            violation.tag = static_cast<std::uint16_t>(place);
            const bool done = m_world.apply(violation, {}, pen.sink).has_value();
            check(done, "a remark can always be made");
            m_monitor.recorded(place, last());
        }
    }
    judgeWatches(pen);
    settle(pen);
}

const query::Cluster& Runner::cluster() const
{
    if (!m_cluster) {
        m_cluster = std::make_unique<query::RunningCluster>();
        m_clusterFresh = false;
        m_stepped = {};
    }
    if (!m_clusterFresh) {
        m_cluster->update(m_world.sights(), {m_paused.data(), m_paused.size()}, now(), m_stepped);
        m_clusterFresh = true;
        m_stepped = {};
    }
    return *m_cluster;
}

/// Puts a line's query to what has happened since it was asked last.
Runner::Truth Runner::ask(std::size_t line, const Pen& pen)
{
    const auto& query = *m_plan->lines[line].query;
    if (!query.asksEvents()) {
        const bool holds = query.holds(cluster());
        return {holds, holds};
    }
    auto& judged = m_judged[line];
    if (judged >= last().value) {
        return {};
    }
    check(pen.history != nullptr, "a query about events is asked where there is a history");
    auto found = m_filters.find(line);
    if (found == m_filters.end()) {
        found = m_filters.emplace(line, query::EventFilter(query, pen.history)).first;
        while (found->second.judged() < judged) {
            found->second.next(query.asksCluster() ? &cluster() : nullptr);
        }
    }
    Truth truth;
    while (found->second.judged() < last().value) {
        const bool holds = found->second.next(query.asksCluster() ? &cluster() : nullptr);
        truth.any = truth.any || holds;
        truth.all = truth.all && holds;
    }
    judged = last().value;
    return truth;
}

bool Runner::untilHolds(std::size_t line, const Pen& pen)
{
    if (m_plan->lines[line].query) {
        return ask(line, pen).any;
    }
    return m_world.openRequests() == 0;
}

/// Lets pass what needs no event of its own: waits that are over and conditions that hold.
void Runner::settle(const Pen& pen)
{
    while (m_nextLine < m_lines.size()) {
        if (*readyAt() > now()) {
            return;
        }
        auto& state = m_lines[m_nextLine];
        const auto& line = m_plan->lines[m_nextLine];
        const auto* run = doingOf<RunFor>(line);
        if (run == nullptr && doingOf<Until>(line) == nullptr) {
            return;
        }
        if (state.is == LineState::Is::Ahead) {
            state = {LineState::Is::Waiting, last()};
            m_lineBegan = now();
            m_judged[m_nextLine] = last().value;
        }
        const bool done =
            run != nullptr ? now() >= m_lineBegan + run->time : untilHolds(m_nextLine, pen);
        if (!done) {
            return;
        }
        m_filters.erase(m_nextLine);
        pass(LineState::Is::Held);
    }
}

void Runner::pass(LineState::Is is)
{
    m_lines[m_nextLine] = {is, last()};
    ++m_nextLine;
    m_arrived = now();
}

EventId Runner::remark(trace::Kind kind, std::string text, std::uint8_t detail, const Pen& pen)
{
    sim::Remark remark{kind, std::move(text)};
    remark.detail = detail;
    const bool done = m_world.apply(remark, {}, pen.sink).has_value();
    check(done, "a remark can always be made");
    return last();
}

void Runner::performLine(const Pen& pen)
{
    m_asked.reset();
    const auto index = m_nextLine;
    const auto& line = m_plan->lines[index];
    if (const auto* say = doingOf<Say>(line)) {
        remark(trace::Kind::Say, say->text, 0, pen);
        pass(LineState::Is::Done);
    } else if (const auto* ask = doingOf<Ask>(line)) {
        remark(trace::Kind::Ask, ask->text, 0, pen);
        pass(LineState::Is::Done);
        m_asked = index;
    } else if (const auto* expect = doingOf<Expect>(line)) {
        startExpectation(index, *expect, pen);
    } else if (doingOf<Stop>(line) != nullptr) {
        pass(LineState::Is::Done);
        m_nextLine = m_lines.size();
        m_stopped = true;
    } else if (auto done = performAct(std::get<Act>(line.line.doing), line.text, pen); done) {
        pass(LineState::Is::Done);
    } else {
        lineFailed(index, "cannot " + line.text + ": " + done.error().message);
        m_nextLine = m_lines.size();
    }
}

void Runner::startExpectation(std::size_t line, const Expect& expect, const Pen& pen)
{
    using When = Expect::When;
    m_judged[line] = last().value;
    pass(LineState::Is::Waiting);
    if (expect.when == When::Now || expect.when == When::Broken) {
        const bool held = expect.when == When::Now
            ? ask(line, pen).any
            : brokenAsExpected(m_plan->lines[line].invariant);
        conclude(line, held, "does not hold", pen);
        return;
    }
    Watch watch{line};
    if (expect.when == When::Eventually) {
        watch.deadline = now() + *expect.within;
    }
    m_watches.push_back(watch);
}

bool Runner::brokenAsExpected(std::optional<std::size_t> invariant) const
{
    const auto& verdicts = m_monitor.verdicts();
    if (invariant) {
        return *invariant < verdicts.size() && verdicts[*invariant].brokenBy;
    }
    return !m_monitor.allHold();
}

/// Records how an expectation came out.
void Runner::conclude(std::size_t line, bool held, const std::string& why, const Pen& pen)
{
    const auto& planned = m_plan->lines[line];
    const auto event = remark(trace::Kind::Expect, planned.text, held ? 1 : 0, pen);
    m_lines[line] = {held ? LineState::Is::Held : LineState::Is::Failed, event};
    if (!held) {
        m_failures.push_back({planned.line.place.line, event,
                              "'" + planned.text + "' " + why + " at " + toText(now())});
    }
}

void Runner::lineFailed(std::size_t line, const std::string& why)
{
    m_lines[line] = {LineState::Is::Failed, last()};
    m_failures.push_back({m_plan->lines[line].line.place.line, last(), why});
}

void Runner::judgeWatches(const Pen& pen)
{
    for (std::size_t i = 0; i < m_watches.size();) {
        const auto line = m_watches[i].line;
        const auto when = doingOf<Expect>(m_plan->lines[line])->when;
        const auto truth = ask(line, pen);
        const bool broken = (when == Expect::When::Always && !truth.all)
            || (when == Expect::When::Never && truth.any);
        const bool kept = when == Expect::When::Eventually && truth.any;
        if (!broken && !kept) {
            ++i;
            continue;
        }
        m_watches.erase(m_watches.begin() + static_cast<std::ptrdiff_t>(i));
        m_filters.erase(line);
        conclude(line, kept, "was broken", pen);
    }
}

void Runner::passDeadline(std::size_t line, const Pen& pen)
{
    const auto watch = std::ranges::find(m_watches, line, &Watch::line);
    m_filters.erase(line);
    if (watch != m_watches.end()) {
        m_watches.erase(watch);
        conclude(line, false, "did not come true in time", pen);
        return;
    }
    conclude(line, false,
             m_world.nextDue() ? "did not come true in time"
                               : "can never come true: nothing is left to happen",
             pen);
    // What comes after was written for a run in which it did.
    m_nextLine = m_lines.size();
}

void Runner::performDeed(const Pen& pen)
{
    const auto& deed = (*m_deeds)[m_nextDeed++];
    if (deed.line.when->event != last()) {
        m_failures.push_back({deed.line.place.line, last(),
                              fmt::format("'{}' was never done: no step ends at event {}",
                                          toText(deed.line), deed.line.when->event.value)});
        return;
    }
    if (doingOf<Stop>(deed) != nullptr) {
        m_stopped = true;
    } else if (const auto* act = std::get_if<Act>(&deed.line.doing)) {
        if (auto done = performAct(*act, deed.text, pen); !done) {
            m_failures.push_back({deed.line.place.line, last(),
                                  "cannot " + deed.text + ": " + done.error().message});
        }
    } else if (const auto* say = doingOf<Say>(deed)) {
        remark(trace::Kind::Say, say->text, 0, pen);
    }
}

Result<void> Runner::performAct(const Act& act, const std::string& text, const Pen& pen)
{
    auto action = actionOf(act, Bearings{m_plan.get(), &cluster(), &m_ruleNames});
    if (!action) {
        return action.error();
    }
    if (auto done = m_world.apply(*action, text, pen.sink); !done) {
        return done;
    }
    const auto setPaused = [&](NodeId node, bool paused) {
        const auto sights = m_world.sights();
        for (std::size_t i = 0; i < sights.size(); ++i) {
            if (sights[i].id == node) {
                m_paused[i] = paused;
            }
        }
    };
    if (const auto* pause = std::get_if<sim::Pause>(&*action)) {
        setPaused(pause->node, true);
    } else if (const auto* resume = std::get_if<sim::Resume>(&*action)) {
        setPaused(resume->node, false);
    } else if (const auto* crash = std::get_if<sim::Crash>(&*action)) {
        setPaused(crash->node, false);
    } else if (std::holds_alternative<sim::AddRule>(*action)) {
        m_ruleNames.push_back(std::get<AddRule>(act).name);
    } else if (const auto* gone = std::get_if<sim::RemoveRule>(&*action)) {
        m_ruleNames.erase(m_ruleNames.begin() + gone->number - 1);
    } else if (std::holds_alternative<sim::ClearRules>(*action)) {
        m_ruleNames.clear();
    }
    m_clusterFresh = false;
    m_stepped = {};
    return {};
}

Result<void> Runner::intervene(PlannedLine line, const Pen& pen)
{
    const auto* act = std::get_if<Act>(&line.line.doing);
    if (act == nullptr) {
        return fail("only what is done to the cluster can be done by hand, not '" + line.text
                    + "'");
    }
    const auto at = last();
    const auto base = at ? (*pen.history)[at].at : Instant{};
    const auto later = now() - base;
    if (auto done = performAct(*act, line.text, pen); !done) {
        return done;
    }
    line.line.when = When{When::Kind::Event, later, at};
    auto deeds = *m_deeds;
    deeds.resize(m_nextDeed);
    deeds.push_back(std::move(line));
    m_nextDeed = deeds.size();
    m_deeds = std::make_shared<const std::vector<PlannedLine>>(std::move(deeds));
    m_stopped = false;
    moved(pen);
    return {};
}

std::optional<std::string> Runner::whyNot(const PlannedLine& line) const
{
    const auto* act = std::get_if<Act>(&line.line.doing);
    if (act == nullptr) {
        return "only what is done to the cluster can be done by hand";
    }
    const auto action = actionOf(*act, Bearings{m_plan.get(), &cluster(), &m_ruleNames});
    return action ? m_world.whyNot(*action) : action.error().message;
}

std::vector<Failure> Runner::failures() const
{
    auto all = m_failures;
    const auto& verdicts = m_monitor.verdicts();
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const bool expected = std::ranges::any_of(m_plan->lines, [&](const PlannedLine& line) {
            const auto* expect = doingOf<Expect>(line);
            return expect != nullptr && expect->when == Expect::When::Broken
                && line.invariant.value_or(i) == i;
        });
        if (verdicts[i].brokenBy && !expected) {
            all.push_back({0, verdicts[i].violation,
                           "'" + verdicts[i].card.name + "' was broken: " + verdicts[i].how});
        }
    }
    return all;
}

} // namespace lightcone::session
