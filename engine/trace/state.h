#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/describe/value.h"
#include "engine/node/payload.h"
#include "engine/trace/event.h"

#include <string>
#include <vector>

namespace lightcone::trace {

enum class Life : std::uint8_t { NotStarted, Up, Paused, Crashed };
BOOST_DESCRIBE_ENUM(Life, NotStarted, Up, Paused, Crashed)

struct ArmedTimer
{
    std::string name; ///< as the card says: "election"
    std::uint64_t about = 0;
    Instant armed{};
    Instant due{};
    EventId cause{}; ///< the step that armed it
};

struct NodeState
{
    NodeId id;
    Life life = Life::NotStarted;
    describe::Value
        state{}; ///< the protocol's; of a crashed node its last; nothing before the start
    std::vector<ArmedTimer> timers{};
    EventId lastStep{}; ///< the newest step of this node at that event
    std::uint64_t unsyncedWrites = 0;
    Duration clockOffset{}; ///< its clock minus the run's time
    double clockRate = 1.0;
    std::string disk{}; ///< empty when healthy, else "slow ×10", "full", "forgetful"
};

/// A message under way.
struct Flight
{
    EventId message; ///< its Send or Duplicate
    NodeId from;
    NodeId to;
    Channel channel = Channel::Message;
    node::PayloadPtr payload{};
    RequestId request{};
    Instant sent{};
    Instant due{}; ///< when it will arrive as things stand
    bool held = false; ///< by a rule, until it is released
};

struct LinkState
{
    NodeId from;
    NodeId to;
    bool cut = false;
    std::string model{}; ///< empty when as the plan says, else "latency 50ms", "loss 20%"
};

/// All that is to be known of a cluster right after one event.
struct ClusterState
{
    EventId event{};
    Instant now{};
    std::vector<NodeState> nodes{}; ///< members in the plan's order, then clients
    std::vector<Flight> flights{}; ///< by due time, then number
    std::vector<LinkState> links{}; ///< only those that are cut or not as planned
    std::vector<std::string> rules{}; ///< as a scenario writes them

    [[nodiscard]] const NodeState* node(NodeId id) const
    {
        for (const auto& each : nodes) {
            if (each.id == id) {
                return &each;
            }
        }
        return nullptr;
    }
};

} // namespace lightcone::trace
