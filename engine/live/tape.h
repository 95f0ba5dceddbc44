#pragma once

#include "engine/core/bytes.h"
#include "engine/core/dice.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/effects.h"
#include "engine/trace/event.h"

#include <boost/describe.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lightcone::live {

/// A time that respects cause and effect whatever the machines' clocks say: nanoseconds since the
/// Unix epoch, and a counter that orders what the clock cannot (Kulkarni et al. 2014, Logical
/// Physical Clocks).
struct HybridTime
{
    std::int64_t physical = 0;
    std::uint32_t logical = 0;
    friend auto operator<=>(const HybridTime&, const HybridTime&) = default;
};
BOOST_DESCRIBE_STRUCT(HybridTime, (), (physical, logical))

/// Names a message for good: the step that sent it and its place among the sends of that step.
struct MessageName
{
    NodeId from{};
    std::uint64_t incarnation = 0; ///< of the sender: how many times it had booted
    std::uint64_t step = 0; ///< the entry on the sender's tape
    std::uint32_t index = 0; ///< 0 for the first Send among the step's effects
    friend auto operator<=>(const MessageName&, const MessageName&) = default;
};
BOOST_DESCRIBE_STRUCT(MessageName, (), (from, incarnation, step, index))

// What a node tells of itself is a tape: not its states but what moved it. A protocol is a
// deterministic value, so whoever has one state of a node and the tape from there repeats every
// later state, message, write and note exactly, and the node pays only for the tape.

/// A step: the node booted on this disk.
struct Booted
{
    bool again = false; ///< after a crash or a stop, not for the first time
    Bytes disk{}; ///< node::Disk::encode()
};
BOOST_DESCRIBE_STRUCT(Booted, (), (again, disk))

/// A step: a message of a peer.
struct Delivered
{
    MessageName message{};
    Bytes body{}; ///< node::Payload::encode()
};
BOOST_DESCRIBE_STRUCT(Delivered, (), (message, body))

/// A step: a timer ran out.
struct Fired
{
    std::uint16_t kind = 0;
    std::uint64_t about = 0;
};
BOOST_DESCRIBE_STRUCT(Fired, (), (kind, about))

/// A step: a client asked.
struct Asked
{
    RequestId request{};
    Bytes body{};
};
BOOST_DESCRIBE_STRUCT(Asked, (), (request, body))

/// All writes of this incarnation up to the given number, from 1, are durable.
struct Synced
{
    std::uint64_t writes = 0;
};
BOOST_DESCRIBE_STRUCT(Synced, (), (writes))

/// A message that the node sent died on its side; where nothing is said it left.
struct Dropped
{
    MessageName message{};
    NodeId to{};
    trace::DropReason reason = trace::DropReason::Down;
};
BOOST_DESCRIBE_STRUCT(Dropped, (), (message, to, reason))

/// The connection to a peer came or went, by itself.
struct Contact
{
    NodeId peer{};
    bool up = false;
    std::string why{};
};
BOOST_DESCRIBE_STRUCT(Contact, (), (peer, up, why))

/// Somebody disturbed the node through its control port; what follows from it comes after it.
struct Disturbed
{
    std::string by{}; ///< the certificate's name, or "token"
    std::string line{}; ///< as a scenario writes it: "cut n1 n2 oneway"
};
BOOST_DESCRIBE_STRUCT(Disturbed, (), (by, line))

enum class Pulse : std::uint8_t { Paused, Resumed, Stopping };
BOOST_DESCRIBE_ENUM(Pulse, Paused, Resumed, Stopping)

/// The node stood still, went on, or is about to leave.
struct Turned
{
    Pulse pulse = Pulse::Paused;
    std::string why{};
};
BOOST_DESCRIBE_STRUCT(Turned, (), (pulse, why))

using Happening =
    std::variant<Booted, Delivered, Fired, Asked, Synced, Dropped, Contact, Disturbed, Turned>;

/// One entry of a node's tape. Entries are numbered from 1 in each incarnation, without holes.
struct Entry
{
    std::uint64_t number = 0;
    HybridTime time{};
    Instant now{}; ///< of a step: Moment::now, on the node's own, possibly skewed, clock
    Happening what{};
};
BOOST_DESCRIBE_STRUCT(Entry, (), (number, time, now, what))

/// Dice on their way to somebody who throws them further: Dice::state() and Dice::seed().
struct DiceState
{
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    std::uint64_t d = 0;
    std::uint64_t seed = 0;
};
BOOST_DESCRIBE_STRUCT(DiceState, (), (a, b, c, d, seed))

DiceState stateOf(const Dice&);

/// Nothing when it is no dice's state.
std::optional<Dice> diceOf(const DiceState&);

/// A timer that is armed, and how long it still has on the node's own clock.
struct Alarm
{
    std::uint16_t kind = 0;
    std::uint64_t about = 0;
    Duration left{};
};
BOOST_DESCRIBE_STRUCT(Alarm, (), (kind, about, left))

/// A write that was handed to the disk and is not durable yet.
struct Unsynced
{
    node::Sync sync = node::Sync::Forced;
    Bytes record{}; ///< node::Payload::encode()
};
BOOST_DESCRIBE_STRUCT(Unsynced, (), (sync, record))

/// A node right after an entry: where a repetition of its tape may begin.
struct Checkpoint
{
    std::uint64_t incarnation = 0;
    std::uint64_t entry = 0; ///< 0: before the first
    HybridTime time{};
    Bytes state{}; ///< node::Node::encode(); empty when it has not booted
    Bytes disk{}; ///< node::Disk::encode(), as far as it is durable
    DiceState dice{}; ///< as the next step finds them
    std::vector<Alarm> alarms{};
    std::uint64_t synced = 0; ///< writes of this incarnation that are durable
    std::vector<Unsynced> unsynced{}; ///< those after them, in order
    bool paused = false;
};
BOOST_DESCRIBE_STRUCT(Checkpoint, (),
                      (incarnation, entry, time, state, disk, dice, alarms, synced, unsynced,
                       paused))

} // namespace lightcone::live
