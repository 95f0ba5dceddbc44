#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/disturbance.h"
#include "engine/live/feed.h"
#include "engine/live/messages.h"
#include "engine/live/tape.h"
#include "engine/node/effects.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// What is said on the control port: bodies of Control frames, once Hello and Welcome were
/// exchanged. The node speaks first, with Terms.
namespace lightcone::live {

// What an explorer says.

enum class From : std::uint8_t {
    Now, ///< the node as it stands
    Oldest, ///< as far back as the node remembers
    After, ///< what comes after an entry that was seen; if that is forgotten, the oldest
};
BOOST_DESCRIBE_ENUM(From, Now, Oldest, After)

/// Tell me everything from there on. Once in a conversation.
struct Watch
{
    From from = From::Now;
    std::uint64_t incarnation = 0; ///< of After
    std::uint64_t entry = 0; ///< of After
};
BOOST_DESCRIBE_STRUCT(Watch, (), (from, incarnation, entry))

enum class Topic : std::uint8_t {
    State, ///< as a checkpoint
    Configuration, ///< as JSON, without secrets
};
BOOST_DESCRIBE_ENUM(Topic, State, Configuration)

struct Inspect
{
    std::uint64_t id = 0; ///< the answer carries it
    Topic topic = Topic::State;
};
BOOST_DESCRIBE_STRUCT(Inspect, (), (id, topic))

/// An operator asks as a client would.
struct Submit
{
    std::uint64_t id = 0;
    RequestId request{};
    Bytes body{}; ///< node::Payload::encode() of the protocol's Request
};
BOOST_DESCRIBE_STRUCT(Submit, (), (id, request, body))

/// An operator disturbs the node.
struct Disturb
{
    std::uint64_t id = 0;
    Disturbance what{};
    std::string line{}; ///< as a scenario writes it; the node passes it on
};
BOOST_DESCRIBE_STRUCT(Disturb, (), (id, what, line))

using Wish = std::variant<Watch, Inspect, Submit, Disturb>;

// What a node says.

/// How this conversation is: what the explorer needs to repeat the node's steps, and what it may.
struct Terms
{
    Bytes parameters{}; ///< describe::encode() of node::Setup::parameters
    std::string whyNoFaults{}; ///< one sentence, where it may not disturb the node
    std::string whyNoRequests{}; ///< and where it may not ask it
};
BOOST_DESCRIBE_STRUCT(Terms, (), (parameters, whyNoFaults, whyNoRequests))

/// A piece of a checkpoint; its pieces come in order with nothing of the kind between.
struct Piece
{
    std::uint64_t id = 0; ///< of the Inspect; 0: where the watch begins
    bool last = false;
    Bytes bytes{}; ///< all pieces together: a Checkpoint
};
BOOST_DESCRIBE_STRUCT(Piece, (), (id, last, bytes))

/// Entries that the explorer asked for are forgotten; a checkpoint follows.
struct Missing
{
    std::uint64_t incarnation = 0; ///< of the first that is missing
    std::uint64_t entry = 0;
    bool bornAgain = false; ///< the node has been started again since
    std::string why{}; ///< one sentence
};
BOOST_DESCRIBE_STRUCT(Missing, (), (incarnation, entry, bornAgain, why))

/// What happened, in order and without holes.
struct Told
{
    Stretch stretch{};
};
BOOST_DESCRIBE_STRUCT(Told, (), (stretch))

/// Nothing that happens from now on bears an earlier time.
struct Beat
{
    HybridTime time{};
    std::uint64_t last = 0; ///< the newest entry
    std::int64_t wall = 0; ///< the node's own clock: nanoseconds since the Unix epoch
};
BOOST_DESCRIBE_STRUCT(Beat, (), (time, last, wall))

/// Configuration's answer.
struct Said
{
    std::uint64_t id = 0;
    std::string text{};
};
BOOST_DESCRIBE_STRUCT(Said, (), (id, text))

/// A Submit's answer.
struct Replied
{
    std::uint64_t id = 0;
    node::Answer answer = node::Answer::Done;
    Bytes body{}; ///< as in a Reply frame
};
BOOST_DESCRIBE_STRUCT(Replied, (), (id, answer, body))

/// A Disturb was done.
struct Obeyed
{
    std::uint64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(Obeyed, (), (id))

/// Anything that was asked was not done.
struct Denied
{
    std::uint64_t id = 0;
    std::string why{}; ///< one sentence
};
BOOST_DESCRIBE_STRUCT(Denied, (), (id, why))

using Word = std::variant<Terms, Piece, Missing, Told, Beat, Said, Replied, Obeyed, Denied>;

// Bodies of frames. What is read comes from elsewhere: an Error says what does not fit.
Bytes toBody(const Wish&);
Bytes toBody(const Word&);
Result<Wish> readWish(BytesView body);
Result<Word> readWord(BytesView body);

/// What a Control frame holds at most; a longer checkpoint comes in pieces.
constexpr std::size_t mostPieceBytes = std::size_t{256} << 10;

/// What a checkpoint may be, all pieces together.
constexpr std::size_t mostCheckpointBytes = std::size_t{1} << 30;

} // namespace lightcone::live
