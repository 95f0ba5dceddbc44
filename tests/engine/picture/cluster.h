#pragma once

#include "engine/picture/topology.h"
#include "tests/engine/picture/sample.h"

namespace lightcone::picture::sample {

inline describe::Value stateOf(Role role, std::uint64_t term, std::uint64_t entries,
                               std::uint64_t committed, std::vector<NodeId> votes = {})
{
    State state{role, term, std::move(votes), {}, committed};
    for (std::uint64_t i = 0; i < entries; ++i) {
        state.log.push_back({i < 2 ? 1U : 2U, {i % 2 == 0 ? "x" : "y", i + 1}});
    }
    return describe::toValue(state);
}

inline trace::NodeState nodeState(std::uint32_t number, Role role, std::uint64_t term,
                                  std::uint64_t entries, std::uint64_t committed)
{
    using namespace std::chrono_literals;
    trace::NodeState node;
    node.id = NodeId(number);
    node.life = trace::Life::Up;
    node.state = stateOf(role, term, entries, committed);
    node.timers = {{"election", 0, Instant(300ms), Instant(300ms + 40ms * number), {}}};
    return node;
}

/// Five nodes as they stand after their leader crashed: one asks for votes, two links are cut.
inline trace::ClusterState cluster(std::uint32_t nodes = 5)
{
    using namespace std::chrono_literals;
    trace::ClusterState state;
    state.event = EventId(1);
    state.now = Instant(437ms);
    for (std::uint32_t i = 1; i <= nodes; ++i) {
        state.nodes.push_back(nodeState(i, Role::Follower, i == 2 ? 2 : 3, i == 2 ? 2 : 3, 2));
    }
    state.nodes[0].life = trace::Life::Crashed;
    state.nodes[0].timers.clear();
    if (nodes >= 5) {
        state.nodes[3].state = stateOf(Role::Candidate, 3, 3, 2, {NodeId(4)});
        state.links = {{NodeId(2), NodeId(3), true, {}},
                       {NodeId(3), NodeId(2), true, {}},
                       {NodeId(2), NodeId(4), true, {}}};
        for (const std::uint32_t to : {1, 3, 5}) {
            state.flights.push_back({EventId(to),
                                     NodeId(4),
                                     NodeId(to),
                                     trace::Channel::Message,
                                     node::makePayload(Message(Ask{3})),
                                     {},
                                     Instant(430ms),
                                     Instant(440ms + 3ms * to),
                                     false});
        }
    }
    return state;
}

} // namespace lightcone::picture::sample
