#pragma once

#include "engine/protocols/paxos/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// What Paxos's nodes say to each other and to clients, and what they write.
namespace lightcone::protocols::paxos {

/// Phase 1a, for the slot and all after it at once (Paxos Made Simple §2.2 and §3; NextBallot in
/// The Part-Time Parliament).
struct Prepare
{
    Ballot ballot = 0;
    Slot from = 0;
};
BOOST_DESCRIBE_STRUCT(Prepare, (), (ballot, from))

/// Phase 1b: "a promise not to accept any more proposals numbered less than n and with the
/// highest-numbered proposal (if any) that it has accepted" (LastVote).
struct Promise
{
    Ballot ballot = 0;
    Slot first = 0; ///< the slot of the first entry; later than asked where the rest was discarded
    Slots entries{}; ///< what it has accepted, gaps between included
    Slot chosen = 0; ///< up to here it knows what was chosen
};
BOOST_DESCRIBE_STRUCT(Promise, (), (ballot, first, entries, chosen))

/// Phase 2a, in one or several slots (BeginBallot).
struct Accept
{
    Ballot ballot = 0;
    Slot first = 0;
    Slots entries{};
    Slot chosen = 0; ///< up to here the sender knows what was chosen
};
BOOST_DESCRIBE_STRUCT(Accept, (), (ballot, first, entries, chosen))

/// Phase 2b (Voted).
struct Accepted
{
    Ballot ballot = 0;
    Slot first = 0;
    Slot last = 0;
    Slots entries{}; ///< for learners that have not heard the proposal; else empty
};
BOOST_DESCRIBE_STRUCT(Accepted, (), (ballot, first, last, entries))

/// A higher number was promised: the acceptor "should probably inform the proposer, who should then
/// abandon its proposal" (§2.2).
struct Nack
{
    Ballot ballot = 0; ///< the one that is refused
    Ballot promised = 0;
};
BOOST_DESCRIBE_STRUCT(Nack, (), (ballot, promised))

/// The leader is there, and how far it knows what was chosen.
struct Heartbeat
{
    Ballot ballot = 0;
    Slot chosen = 0;
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Heartbeat, (), (ballot, chosen, round))

struct Alive
{
    Ballot ballot = 0;
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Alive, (), (ballot, round))

/// Asks what was chosen, or for the rest of a snapshot.
struct Learn
{
    Slot from = 0;
    Slot snapshot = 0; ///< the one that is arriving; 0: none
    std::uint64_t offset = 0; ///< how much of it is here
};
BOOST_DESCRIBE_STRUCT(Learn, (), (from, snapshot, offset))

/// These were chosen (Success).
struct Chosen
{
    Slot first = 0;
    Slots entries{};
    Slot chosen = 0; ///< up to here the sender knows what was chosen
};
BOOST_DESCRIBE_STRUCT(Chosen, (), (first, entries, chosen))

/// One piece of a snapshot, for a node that lacks slots which were discarded.
struct SnapshotPiece
{
    Slot last = 0; ///< the last slot that the snapshot covers
    std::uint64_t offset = 0;
    std::string data{};
    bool done = false;
};
BOOST_DESCRIBE_STRUCT(SnapshotPiece, (), (last, offset, data, done))

using Message = std::variant<Prepare, Promise, Accept, Accepted, Nack, Heartbeat, Alive, Learn,
                             Chosen, SnapshotPiece>;

/// Asks a proposer to have this value chosen (mode=single).
struct Propose
{
    std::string value;
};
BOOST_DESCRIBE_STRUCT(Propose, (), (value))

/// Asks what has been chosen: "If a learner needs to know whether a value has been chosen, it can
/// have a proposer issue a proposal" (§2.3; mode=single).
struct Inquire
{
};
BOOST_DESCRIBE_STRUCT(Inquire, (), ())

/// The node that is asked acts as if it had not heard from a leader for too long (mode=multi).
struct Campaign
{
};
BOOST_DESCRIBE_STRUCT(Campaign, (), ())

using Request = std::variant<kv::Put, kv::Get, kv::Delete, kv::Cas, Propose, Inquire, Campaign>;

/// What was chosen; none as long as nothing was.
struct Decision
{
    std::optional<std::string> value{};
};
BOOST_DESCRIBE_STRUCT(Decision, (), (value))

struct CampaignBegun
{
    Ballot ballot = 0;
};
BOOST_DESCRIBE_STRUCT(CampaignBegun, (), (ballot))

using Reply = std::variant<kv::Result, Decision, CampaignBegun>;

/// An acceptor's promise, a proposer's newest number: "Each proposer remembers (in stable storage)
/// the highest-numbered proposal it has tried to issue" (§2.5).
struct Pledge
{
    Ballot ballot = 0;
};
BOOST_DESCRIBE_STRUCT(Pledge, (), (ballot))

/// Proposals that were accepted.
struct Vote
{
    Slot first = 0;
    Slots entries{};
    Slot chosen = 0; ///< how far it is known what was chosen, at no extra cost
};
BOOST_DESCRIBE_STRUCT(Vote, (), (first, entries, chosen))

/// What was chosen, heard from others.
struct Lesson
{
    Slot first = 0;
    Slots entries{};
    Slot chosen = 0;
};
BOOST_DESCRIBE_STRUCT(Lesson, (), (first, entries, chosen))

/// A snapshot, the node's own or another's; slots up to keepAfter are no longer needed.
struct SaveSnapshot
{
    SnapshotPtr snapshot{};
    Slot keepAfter = 0;
};
BOOST_DESCRIBE_STRUCT(SaveSnapshot, (), (snapshot, keepAfter))

using Write = std::variant<Pledge, Vote, Lesson, SaveSnapshot>;

using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

constexpr Tone tone(Tag<Prepare>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Promise>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Accept>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Accepted>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Nack>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Heartbeat>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<Alive>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Learn>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Chosen>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<SnapshotPiece>)
{
    return Tone::Busy;
}

constexpr auto facets(Tag<Prepare>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"from", Facet::Detail}};
}
constexpr auto facets(Tag<Promise>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"first", Facet::Detail},
                      FieldFacet{"chosen", Facet::Committed}};
}
constexpr auto facets(Tag<Accept>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"first", Facet::Detail},
                      FieldFacet{"chosen", Facet::Committed}};
}
constexpr auto facets(Tag<Accepted>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"first", Facet::Detail}};
}
constexpr auto facets(Tag<Nack>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}};
}
constexpr auto facets(Tag<Heartbeat>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"chosen", Facet::Committed},
                      FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<Alive>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<Learn>)
{
    return std::array{FieldFacet{"snapshot", Facet::Detail}, FieldFacet{"offset", Facet::Detail}};
}
constexpr auto facets(Tag<Chosen>)
{
    return std::array{FieldFacet{"first", Facet::Detail}, FieldFacet{"chosen", Facet::Committed}};
}
constexpr auto facets(Tag<SnapshotPiece>)
{
    return std::array{FieldFacet{"data", Facet::Detail}};
}
constexpr auto facets(Tag<Propose>)
{
    return std::array{FieldFacet{"value", Facet::Content}};
}
constexpr auto facets(Tag<Pledge>)
{
    return std::array{FieldFacet{"ballot", Facet::Epoch}};
}

} // namespace lightcone::protocols::paxos
