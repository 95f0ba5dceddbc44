#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/node/payload.h"

#include <boost/describe.hpp>

#include <cstdint>

namespace lightcone::trace {

/// What happened. The comment says who cause, peer, detail and payload are, where they are
/// anything.
enum class Kind : std::uint8_t {
    Start, ///< a node booted for the first time
    Crash, ///< detail: CrashReason
    Restart, ///< a crashed node booted from its disk
    Pause,
    Resume,
    Send, ///< node → peer; cause: the step that sent; detail: Channel. Its number is the message's
          ///< name
    Deliver, ///< node ← peer; cause: the Send or Duplicate; detail: Channel. A step, unless the
             ///< receiver is a client
    Drop, ///< a message dies; node: where it came from; peer: where it was going; cause: its Send
          ///< or Duplicate; detail: DropReason
    Duplicate, ///< a second copy of a message came to be; cause: its Send (or Duplicate). Its
               ///< number is the copy's name
    Timer, ///< a timer ran out; cause: the step that armed it; tag: its kind; payload: none. A step
    Write, ///< handed to the disk; cause: the step; detail: node::Sync
    Sync, ///< everything written so far is durable; cause: the last Write that it covers
    Request, ///< a client (node) begins an operation on peer; payload: the request
    Reply, ///< a client's (node) operation ended; cause: its Request; peer: who answered; detail:
           ///< node::Answer
    Note, ///< a node says why; payload: node::Text; detail: waitsInLine, notJudged or nothing
    Cut, ///< link node → peer no longer carries; detail: Direction
    Heal, ///< link node → peer carries again; detail: Direction
    Rule, ///< a rule on messages came or went; detail: 1 came, 0 went; payload: the rule
    Link, ///< a link's latency, loss, … changed; payload: the new model
    Clock, ///< a node's clock was skewed or drifts; payload: the new clock
    Disk, ///< a disk became slow, full, forgetful or healthy; payload: the new state
    Act, ///< somebody intervened; payload: node::Text, the line of a scenario. Its consequences
         ///< have it as cause
    Say, ///< narration; payload: node::Text
    Ask, ///< a prediction is asked for; payload: node::Text
    Expect, ///< an expectation was judged; detail: 1 held, 0 did not; payload: node::Text
    Violation, ///< an invariant was broken by cause; tag: the invariant's place on the card;
               ///< payload: node::Text, how
    Gap, ///< events of node were lost and are not here; payload: node::Text
};
BOOST_DESCRIBE_ENUM(Kind, Start, Crash, Restart, Pause, Resume, Send, Deliver, Drop, Duplicate,
                    Timer, Write, Sync, Request, Reply, Note, Cut, Heal, Rule, Link, Clock, Disk,
                    Act, Say, Ask, Expect, Violation, Gap)

/// Which conversation a packet belongs to.
enum class Channel : std::uint8_t {
    Message, ///< between nodes, the protocol's Message
    Request, ///< from a client, the protocol's Request
    Reply, ///< to a client: the protocol's Reply, node::Redirect or node::Refusal
};
BOOST_DESCRIBE_ENUM(Channel, Message, Request, Reply)

enum class DropReason : std::uint8_t { Loss, Cut, Down, Rule, Hand };
BOOST_DESCRIBE_ENUM(DropReason, Loss, Cut, Down, Rule, Hand)

enum class CrashReason : std::uint8_t { Hand, DiskFull, Stopped };
BOOST_DESCRIBE_ENUM(CrashReason, Hand, DiskFull, Stopped)

enum class Direction : std::uint8_t { Both, OneWay };
BOOST_DESCRIBE_ENUM(Direction, Both, OneWay)

/// Detail of a client's Note: an operation, of the kind that tag says, waits until a client is
/// free. It is the cause of the operation's Request.
constexpr std::uint8_t waitsInLine = 1;

/// Detail of a Note of nobody: the invariant at the place tag is not judged from there on, because
/// a part of the run was not seen. payload: why.
constexpr std::uint8_t notJudged = 2;

/// One thing that happened. Its number is its place in the trace, from 1.
struct Event
{
    EventId cause{};
    Instant at{}; ///< the run's time, never a node's own clock
    NodeId node{}; ///< where it happened; none for narration and the like
    NodeId peer{};
    Kind kind = Kind::Note;
    std::uint8_t detail = 0;
    std::uint16_t tag = 0; ///< the payload's alternative, or the timer's kind
    RequestId request{}; ///< the client's operation that it belongs to, where it is known
    node::PayloadPtr payload{};
};
static_assert(sizeof(Event) <= 64);

constexpr bool isNotJudged(const Event& event)
{
    return event.kind == Kind::Note && event.detail == notJudged;
}

/// Whether the event is the start of a step: a state machine ran, and what it then did has this
/// event as its cause.
constexpr bool isStep(const Event& event)
{
    return event.kind == Kind::Start || event.kind == Kind::Restart || event.kind == Kind::Timer
        || (event.kind == Kind::Deliver && !isClient(event.node));
}

} // namespace lightcone::trace
