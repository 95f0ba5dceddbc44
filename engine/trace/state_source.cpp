#include "engine/trace/state_source.h"

namespace lightcone::trace {

void StateRecorder::cluster(const ClusterState& state)
{
    Bytes bytes;
    for (const auto& each : state.nodes) {
        bytes.clear();
        if (each.state.exists()) {
            describe::encode(each.state, bytes);
        }
        node(state.event, each, each.state.shape(), bytes);
    }
    for (const auto& each : state.flights) {
        flight(state.event, each.message, each.due, each.held);
    }
    links(state.event, state.links);
    rules(state.event, state.rules);
}

void StateSource::visit(std::span<const EventId> events,
                        const std::function<bool(EventId, const ClusterState&)>& see) const
{
    for (const auto event : events) {
        if (!see(event, at(event))) {
            return;
        }
    }
}

void StateSource::tell(EventId first, EventId last, StateRecorder& recorder) const
{
    for (auto number = first.value - 1; number <= last.value; ++number) {
        recorder.cluster(at(EventId(number)));
    }
}

} // namespace lightcone::trace
