#pragma once

#include "engine/core/dice.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/effects.h"
#include "engine/node/payload.h"
#include "engine/node/workload.h"
#include "engine/sim/conditions.h"
#include "engine/sim/settings.h"
#include "engine/trace/event.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Everything that somebody can do to a world: what a scenario's lines and the window's buttons
/// become.
namespace lightcone::sim {

/// A client asks. client: which one; to: that node and no other, else whoever it believes in.
struct Request
{
    NodeId client = clientId(1);
    node::PayloadPtr body{};
    NodeId to{};
};

using node::Loop;

/// Clients that ask again and again. In an open loop (Even, Poisson) an operation goes to the first
/// client that is free; where none is, it waits in line, which a Note tells that is then its cause.
struct Load
{
    std::vector<NodeId> clients{};
    std::vector<node::PayloadPtr> bodies{}; ///< dealt out in turn, and again from the first
    Duration interval{}; ///< of each client of a closed loop, of all of an open one; zero: as fast
                         ///< as it is answered
    Duration lasts{}; ///< zero: until StopLoad
    node::WorkloadPtr workload{}; ///< where it is given, deals out what comes after the bodies
    Loop loop = Loop::Closed;
    LatencyModel think{}; ///< of a closed loop: before each operation, after the last has ended
    Dice dice{}; ///< of think and Poisson
};

/// No more operations begin, but for those that wait in line.
struct StopLoad
{
};

struct Crash
{
    NodeId node;
};

struct Restart
{
    NodeId node;
};

/// Boots a spare member for the first time.
struct StartNode
{
    NodeId node;
};

/// The process stands still: what arrives and what runs out waits for Resume. Its disk's answers
/// too.
struct Pause
{
    NodeId node;
};

struct Resume
{
    NodeId node;
};

/// A message that would arrive over a cut link dies there, one already under way too.
struct Cut
{
    NodeId from;
    NodeId to;
    trace::Direction direction = trace::Direction::Both;
};

struct Heal
{
    NodeId from;
    NodeId to;
    trace::Direction direction = trace::Direction::Both;
};

/// Only nodes of the same group reach each other. Members that are not named are one more group;
/// clients that are not named reach everybody.
struct Partition
{
    std::vector<std::vector<NodeId>> groups{};
};

/// Cuts the node from all other members; clients still reach it.
struct Isolate
{
    NodeId node;
};

/// Heals all links of the node.
struct Rejoin
{
    NodeId node;
};

struct HealAll
{
};

/// Changes the links that have no model of their own for it.
struct ChangeNetwork
{
    LinkChange change{};
};

struct ChangeLink
{
    NodeId from;
    NodeId to;
    trace::Direction direction = trace::Direction::Both;
    LinkChange change{};
};

/// The link is as the network again.
struct ResetLink
{
    NodeId from;
    NodeId to;
    trace::Direction direction = trace::Direction::Both;
};

/// Network and links are as the plan says again.
struct ResetNetwork
{
};

struct AddRule
{
    Rule rule{};
};

/// Rules count from 1 in the order in which they were added; what it holds is let go.
struct RemoveRule
{
    std::uint32_t number = 0;
};

struct ClearRules
{
};

/// Sets the node's clock; what is not given stays. A step of the clock does not move timers that
/// are armed, a new rate does: timers run on the node's own clock.
struct SetClock
{
    NodeId node;
    std::optional<Duration> offset{};
    std::optional<double> rate{};
};

struct SetDisk
{
    NodeId node;
    DiskCondition condition{};
};

/// Now: at this instant. Due: time passes until then, without what else is due before (that comes
/// late).
enum class When : std::uint8_t { Now, Due };

/// A message by its name: the number of its Send or Duplicate. One that is held or lost is
/// delivered too.
struct DeliverMessage
{
    EventId message;
    When when = When::Now;
};

struct DropMessage
{
    EventId message;
};

struct DuplicateMessage
{
    EventId message;
};

struct DelayMessage
{
    EventId message;
    Duration by{};
};

struct FireTimer
{
    NodeId node;
    node::TimerId timer{};
    When when = When::Now;
};

/// The disk finishes what it is writing.
struct FinishSync
{
    NodeId node;
    When when = When::Now;
};

/// The client's time-out or pause ends.
struct WakeClient
{
    NodeId client;
    When when = When::Now;
};

/// The next operation of the open loop that the client takes part in begins.
struct Arrive
{
    NodeId client;
    When when = When::Now;
};

/// One event that is told, not done: narration, a question, a judged expectation, a violation. No
/// Act is recorded for it.
struct Remark
{
    trace::Kind kind = trace::Kind::Say;
    std::string text{};
    EventId cause{};
    NodeId node{};
    std::uint8_t detail = 0;
    std::uint16_t tag = 0;
};

using Action = std::variant<Request, Load, StopLoad, Crash, Restart, StartNode, Pause, Resume, Cut,
                            Heal, Partition, Isolate, Rejoin, HealAll, ChangeNetwork, ChangeLink,
                            ResetLink, ResetNetwork, AddRule, RemoveRule, ClearRules, SetClock,
                            SetDisk, DeliverMessage, DropMessage, DuplicateMessage, DelayMessage,
                            FireTimer, FinishSync, WakeClient, Arrive, Remark>;

} // namespace lightcone::sim
