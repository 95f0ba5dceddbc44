#include "engine/session/course.h"

#include "engine/core/check.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::session {

EventId CourseView::momentOf(EventId event) const
{
    if (event && (*trace)[event].kind == trace::Kind::Act) {
        return EventId(event.value - 1);
    }
    return event;
}

std::unique_ptr<Runner> CourseView::runAt(EventId event, std::unique_ptr<Runner> from,
                                          const std::function<bool()>& stop) const
{
    const auto frame = keyframes->before(event);
    if (!from || from->last() > event || from->last() < frame->last()) {
        from = std::make_unique<Runner>(*frame);
    }
    from->setDeeds(deeds);
    const Pen pen{nullptr, trace};
    std::uint64_t steps = 0;
    while (from->last() < event) {
        if (++steps % 64 == 0 && stop()) {
            return nullptr;
        }
        const bool moved = from->advance(pen);
        check(moved, "a run that repeats what its trace holds");
    }
    return from;
}

StatePtr CourseView::stateAt(EventId event, const Runner& run) const
{
    auto state = std::make_shared<trace::ClusterState>(run.world().state());
    state->event = event;
    state->now = event ? (*trace)[event].at : Instant{};
    // What the rest of the step sent has not left yet.
    std::erase_if(state->flights, [&](const trace::Flight& each) { return each.message > event; });
    return state;
}

Course::Course(const PlanPtr& plan)
    : m_trace(std::make_shared<trace::Trace>(plan->about))
    , m_lanes(m_trace->lanes(), plan->protocol->card().state)
    , m_run(std::make_unique<Runner>(plan))
{
    m_keyframes = std::make_shared<Keyframes>(std::make_shared<const Runner>(*m_run));
}

Course::Course(const trace::Trace& past, std::unique_ptr<Runner> at, std::string origin)
    : m_trace(past.fork(at->last(), std::move(origin)))
    , m_lanes(m_trace->lanes(), at->plan().protocol->card().state)
    , m_keyframes(std::make_shared<Keyframes>(std::make_shared<const Runner>(*at)))
    , m_run(std::move(at))
{
}

Course::Course(const CourseView& from, std::unique_ptr<Runner> at, std::string origin)
    : m_trace(from.trace->fork(at->last(), std::move(origin)))
    , m_lanes(m_trace->lanes(), at->plan().protocol->card().state)
    , m_keyframes(from.keyframes->fork(at->last()))
    , m_run(std::make_unique<Runner>(*at)) // without what it remembers of the other trace
{
    auto done = *m_run->deeds();
    done.resize(m_run->deedsDone());
    m_run->setDeeds(std::make_shared<const std::vector<PlannedLine>>(std::move(done)));
}

CourseView Course::view() const
{
    return {m_trace, m_keyframes, m_run->deeds(), m_run->last().value};
}

bool Course::advance()
{
    const auto before = m_run->last();
    const bool moved = m_run->advance(pen());
    watchLanes(before);
    m_keyframes->offer(*m_run);
    return moved;
}

Result<void> Course::intervene(PlannedLine line)
{
    const auto before = m_run->last();
    auto done = m_run->intervene(std::move(line), pen());
    watchLanes(before);
    return done;
}

/// Keeps what the nodes' lanes look like after the events that were just made.
void Course::watchLanes(EventId before)
{
    using trace::Kind;
    for (auto number = before.value + 1; number <= m_run->last().value; ++number) {
        const auto& event = (*m_trace)[EventId(number)];
        switch (event.kind) {
        case Kind::Start:
        case Kind::Crash:
        case Kind::Restart:
        case Kind::Pause:
        case Kind::Resume:
            m_lanes.lived(EventId(number), event.node, event.kind);
            break;
        default:
            break;
        }
        if (!trace::isStep(event)) {
            continue;
        }
        for (const auto& sight : m_run->world().sights()) {
            if (sight.id == event.node && sight.node != nullptr) {
                m_lanes.stepped(EventId(number), sight.id, sight.node->field(m_lanes.roleField()),
                                sight.node->field(m_lanes.epochField()));
            }
        }
    }
}

std::string scenarioOf(const Plan& plan, const std::vector<PlannedLine>& deeds, EventId end)
{
    auto text = textOf(plan.scenario, false);
    for (const auto& deed : deeds) {
        if (deed.line.when->event < end && !std::holds_alternative<Stop>(deed.line.doing)) {
            text += toText(deed.line) + "\n";
        }
    }
    return text + fmt::format("at #{} stop\n", end.value);
}

} // namespace lightcone::session
