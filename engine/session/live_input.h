#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/tape.h"
#include "engine/trace/event.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a live run is made of, in the order in which its nodes' tapes were merged. The same inputs
/// give the same events, so that any moment of the run can be found again.
namespace lightcone::session {

/// The node as it stands: its repetition begins here.
struct Joined
{
    live::Checkpoint checkpoint{};
};
BOOST_DESCRIBE_STRUCT(Joined, (), (checkpoint))

/// An entry of the node's tape, right after the one before.
struct Happened
{
    live::Entry entry{};
};
BOOST_DESCRIBE_STRUCT(Happened, (), (entry))

/// What the node did was not told: until the next Joined nothing is known of it.
struct Missed
{
    std::string why{}; ///< one sentence
};
BOOST_DESCRIBE_STRUCT(Missed, (), (why))

/// The node's process is gone.
struct Gone
{
    std::string why{}; ///< one sentence; empty: nothing is known
};
BOOST_DESCRIBE_STRUCT(Gone, (), (why))

/// Whether the explorer hears the node.
struct Heard
{
    bool heard = true;
    std::string why{}; ///< one sentence
};
BOOST_DESCRIBE_STRUCT(Heard, (), (heard, why))

/// The person at the explorer did something that no tape tells by itself.
struct Acted
{
    std::string line{}; ///< of a scenario
    RequestId request{}; ///< of a request: what it is known by from now on
    NodeId node{}; ///< of a crash or restart: who
};
BOOST_DESCRIBE_STRUCT(Acted, (), (line, request, node))

/// Nobody answered the explorer's own request in time.
struct GaveUp
{
    RequestId request{};
};
BOOST_DESCRIBE_STRUCT(GaveUp, (), (request))

struct LiveInput
{
    NodeId node{}; ///< whom it is about; none: the explorer itself
    Instant at{}; ///< of the run's time; what comes late happens no earlier than the one before
    std::optional<Duration> offset{}; ///< the machine's clock ahead of the explorer's, where it
                                      ///< changed
    bool past = false; ///< the node catches up with what was not heard when it happened
    std::vector<NodeId> untold{}; ///< of a Joined and a boot: who has not told all that it did
                                  ///< until then
    std::variant<Joined, Happened, Missed, Gone, Heard, Acted, GaveUp> what{};
};
BOOST_DESCRIBE_STRUCT(LiveInput, (), (node, at, offset, past, untold, what))

} // namespace lightcone::session
