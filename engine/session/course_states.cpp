#include "engine/session/course_states.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lightcone::session {

namespace {

using trace::Kind;

/// Tells what one step of a run changed.
class Teller
{
public:
    Teller(const trace::Trace& trace, trace::StateRecorder& recorder)
        : m_trace(&trace)
        , m_recorder(&recorder)
    {
    }

    void step(const Runner& run, EventId first, EventId last)
    {
        // An act is seen as if nothing had followed from it yet; what did shows with the next
        // event.
        const bool act = (*m_trace)[first].kind == Kind::Act;
        const auto shown = act && first < last ? EventId(first.value + 1) : first;
        collect(first, last);
        for (const auto node : m_touched) {
            m_bytes.clear();
            const auto shape = run.world().encodeState(node, m_bytes);
            m_recorder->node(shown, run.world().conditionOf(node), shape, m_bytes);
        }
        if (m_network) {
            const auto state = run.world().state();
            m_recorder->links(shown, state.links);
            m_recorder->rules(shown, state.rules);
            tellFlights(state.flights, shown, last);
        }
    }

private:
    /// A message that the step itself sent cannot be told about before it was.
    void tellFlights(const std::vector<trace::Flight>& flights, EventId shown, EventId last)
    {
        for (const auto& flight : flights) {
            if (flight.message <= shown) {
                m_recorder->flight(shown, flight.message, flight.due, flight.held);
            }
        }
        for (const auto& flight : flights) {
            if (flight.message > shown && flight.message <= last) {
                m_recorder->flight(last, flight.message, flight.due, flight.held);
            }
        }
    }

    void collect(EventId first, EventId last)
    {
        m_touched.clear();
        m_network = false;
        for (auto number = first.value; number <= last.value; ++number) {
            const auto& event = (*m_trace)[EventId(number)];
            // An act may move things that make no event of their own: a message delayed, a timer of
            // a changed clock.
            m_network = m_network || event.kind == Kind::Cut || event.kind == Kind::Heal
                || event.kind == Kind::Rule || event.kind == Kind::Link || event.kind == Kind::Act;
            if (event.node
                && std::find(m_touched.begin(), m_touched.end(), event.node) == m_touched.end()) {
                m_touched.push_back(event.node);
            }
        }
    }

    const trace::Trace* m_trace;
    trace::StateRecorder* m_recorder;
    std::vector<NodeId> m_touched;
    bool m_network = false;
    Bytes m_bytes;
};

} // namespace

CourseStates::CourseStates(CourseView view)
    : m_view(std::move(view))
{
}

trace::ClusterState CourseStates::at(EventId event) const
{
    const auto run = m_view.runAt(m_view.momentOf(event));
    return *m_view.stateAt(event, *run);
}

void CourseStates::visit(std::span<const EventId> events,
                         const std::function<bool(EventId, const trace::ClusterState&)>& see) const
{
    std::unique_ptr<Runner> run;
    for (const auto event : events) {
        run = m_view.runAt(m_view.momentOf(event), std::move(run));
        if (!see(event, *m_view.stateAt(event, *run))) {
            return;
        }
    }
}

void CourseStates::tell(EventId first, EventId last, trace::StateRecorder& recorder) const
{
    const EventId before(first.value - 1);
    auto run = m_view.runAt(before);
    recorder.cluster(*m_view.stateAt(before, *run));
    Teller teller(*m_view.trace, recorder);
    const Pen pen{nullptr, m_view.trace};
    while (run->last() < last) {
        const EventId next(run->last().value + 1);
        if (!run->advance(pen)) {
            break;
        }
        teller.step(*run, next, std::min(run->last(), last));
    }
    // Of what is still under way the trace does not say when it would arrive.
    for (const auto& flight : run->world().state().flights) {
        if (flight.message <= last) {
            recorder.flight(last, flight.message, flight.due, flight.held);
        }
    }
}

} // namespace lightcone::session
