#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What an operator can do to a live node: the meaning of a scenario's line, told to every node
/// that it concerns. A node does its own part: messages die, wait and are copied where they leave.
/// Names of two words are used where a plain word is taken.
namespace lightcone::live {

/// crash: the process ends as if by SIGKILL.
struct CrashNode
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(CrashNode, (), (node))

/// pause: the state machine stands still; what arrives and runs out waits.
struct PauseNode
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(PauseNode, (), (node))

struct ResumeNode
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(ResumeNode, (), (node))

/// cut a b, cut a -> b. The sender drops what it has for the other end; an end that is told of the
/// direction towards it discards what still comes, so that one reachable end is enough.
struct CutLink
{
    NodeId from{};
    NodeId to{};
    bool oneWay = false;
};
BOOST_DESCRIBE_STRUCT(CutLink, (), (from, to, oneWay))

struct HealLink
{
    NodeId from{};
    NodeId to{};
    bool oneWay = false;
};
BOOST_DESCRIBE_STRUCT(HealLink, (), (from, to, oneWay))

/// partition {…} {…}: cuts what lies between the groups and heals what lies within them; members
/// that are not named are one more group.
struct PartitionNodes
{
    std::vector<std::vector<NodeId>> groups{};
};
BOOST_DESCRIBE_STRUCT(PartitionNodes, (), (groups))

/// isolate: cuts all links of the node to other members.
struct IsolateNode
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(IsolateNode, (), (node))

/// heal NODE, or, with none, heal: whatever was cut.
struct HealAll
{
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(HealAll, (), (node))

/// link a b latency=… jitter=… loss=…: on top of what the network itself does. Each message takes
/// latency plus up to jitter; order on the link is kept. Without ends: network.
struct ChangeLink
{
    NodeId from{};
    NodeId to{};
    bool oneWay = false;
    Duration latency{};
    Duration jitter{};
    double loss = 0; ///< a chance
    bool reset = false; ///< back to the network itself
};
BOOST_DESCRIBE_STRUCT(ChangeLink, (), (from, to, oneWay, latency, jitter, loss, reset))

enum class RuleVerb : std::uint8_t {
    Hold, ///< until the rule goes
    Drop,
    Delay,
    Duplicate,
};
BOOST_DESCRIBE_ENUM(RuleVerb, Hold, Drop, Delay, Duplicate)

/// rule hold Vote from n3 to n1 …: rules are asked in order as a message leaves; the first that
/// matches, and whose chance comes up, decides.
struct AddRule
{
    std::string name{}; ///< for RemoveRule; empty: its number, counted from 1
    RuleVerb verb = RuleVerb::Hold;
    std::string type{}; ///< the kind of message: "Vote"; empty: any
    NodeId from{}; ///< none: any
    NodeId to{}; ///< none: any
    double chance = 1;
    Duration by{}; ///< of Delay
    std::uint32_t times = 0; ///< how many messages it may decide about; 0: no limit
};
BOOST_DESCRIBE_STRUCT(AddRule, (), (name, verb, type, from, to, chance, by, times))

/// unrule NAME, or, with an empty name, unrule. What it held is let go.
struct RemoveRule
{
    std::string name{};
};
BOOST_DESCRIBE_STRUCT(RemoveRule, (), (name))

/// clock n1 skew=… drift=…: what is not given stays. A step does not move armed timers, a rate
/// does: timers run on the node's own clock.
struct SetClock
{
    NodeId node{};
    std::optional<Duration> skew{};
    std::optional<double> rate{}; ///< seconds of its own a second, from 0.01 to 100
};
BOOST_DESCRIBE_STRUCT(SetClock, (), (node, skew, rate))

/// disk n1 slow=10, slow=20ms, full, ok. A sync takes factor times as long as it does, and latency
/// more. Full: the next write fails as it does on a full disk, and the node stops.
struct SetDisk
{
    NodeId node{};
    double factor = 1; ///< from 1 to 1000000
    Duration latency{};
    bool full = false;
};
BOOST_DESCRIBE_STRUCT(SetDisk, (), (node, factor, latency, full))

using Disturbance =
    std::variant<CrashNode, PauseNode, ResumeNode, CutLink, HealLink, PartitionNodes, IsolateNode,
                 HealAll, ChangeLink, AddRule, RemoveRule, SetClock, SetDisk>;

} // namespace lightcone::live
