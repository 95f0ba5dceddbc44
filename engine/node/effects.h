#pragma once

#include "engine/core/dice.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/payload.h"

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace lightcone::node {

/// When and with what chance a step happens: now on this node's own, possibly skewed, clock, and
/// its dice.
struct Moment
{
    Instant now;
    Dice& dice;
};

/// A timer of one node: its kind is the protocol's enumerator; about tells timers of one kind apart
/// (a transaction, a slot), 0 where there is only one. Arming an armed timer moves it.
struct TimerId
{
    std::uint16_t kind = 0;
    std::uint64_t about = 0;
    friend constexpr auto operator<=>(const TimerId&, const TimerId&) = default;
};

/// Whether what the step sends waits for the write: a Lazy one goes to disk with the next Forced
/// one or when the disk is idle, and may be lost in a crash (Mohan, Lindsay, Obermarck 1986: forced
/// and non-forced log writes).
enum class Sync : std::uint8_t { Forced, Lazy };
BOOST_DESCRIBE_ENUM(Sync, Forced, Lazy)

/// How an operation ended for its client. Refused and Redirected: whoever answered did not do it
/// and will not. Unknown: nobody answered in time; it may still happen, or never.
enum class Answer : std::uint8_t { Done, Refused, Redirected, Unknown };
BOOST_DESCRIBE_ENUM(Answer, Done, Refused, Redirected, Unknown)

/// When what a step says may leave. AtOnce: it promises nothing that this node must remember, so it
/// does not wait for the disk (Ongaro 2014, §10.2.1), and may overtake what waits.
enum class Leaves : std::uint8_t { Durable, AtOnce };

struct Send
{
    NodeId to;
    PayloadPtr message;
    Leaves leaves = Leaves::Durable;
};

struct Arm
{
    TimerId timer;
    Duration after;
};

struct Disarm
{
    TimerId timer;
};

struct Write
{
    PayloadPtr record;
    Sync sync = Sync::Forced;
};

struct Reply
{
    RequestId request;
    Answer answer = Answer::Done;
    PayloadPtr body;
    Leaves leaves = Leaves::Durable;
};

/// Why a branch was taken: "becomes leader of term 3".
struct Note
{
    std::string text;
};

using Effect = std::variant<Send, Arm, Disarm, Write, Reply, Note>;

/// What a step did, as data, in order. A driver performs it after the step returned; nothing
/// re-enters a protocol. The durability rule: sends and replies leave only when every forced write
/// up to and including this step's is on disk, but for those that say that they need not.
using Effects = std::vector<Effect>;

/// Bodies of the replies that every protocol shares.
struct Redirect
{
    NodeId to; ///< whom to ask instead; none when it is not known
};
BOOST_DESCRIBE_STRUCT(Redirect, (), (to))

struct Refusal
{
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(Refusal, (), (reason))

/// A text in a trace: a note, a narration, an act of a person.
struct Text
{
    std::string text;
};
BOOST_DESCRIBE_STRUCT(Text, (), (text))

extern template class TypedPayload<Redirect>;
extern template class TypedPayload<Refusal>;
extern template class TypedPayload<Text>;

} // namespace lightcone::node
