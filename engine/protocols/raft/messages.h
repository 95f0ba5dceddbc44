#pragma once

#include "engine/kv/operation.h"
#include "engine/protocols/raft/command.h"
#include "engine/protocols/raft/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

/// What Raft's nodes say to each other and to clients, and what they write. The sender's id comes
/// with the message, so candidateId and leaderId of the paper's figure 2 are not repeated.
namespace lightcone::protocols::raft {

/// "Would you vote for me in that term?" Changes nothing at the receiver (§9.6).
struct RequestPreVote
{
    Term term = 0; ///< the term that the sender would begin
    Index lastLogIndex = 0;
    Term lastLogTerm = 0;
};
BOOST_DESCRIBE_STRUCT(RequestPreVote, (), (term, lastLogIndex, lastLogTerm))

struct PreVote
{
    Term term = 0; ///< granted: the asked term; else the voter's current one
    bool granted = false;
};
BOOST_DESCRIBE_STRUCT(PreVote, (), (term, granted))

struct RequestVote
{
    Term term = 0;
    Index lastLogIndex = 0;
    Term lastLogTerm = 0;
    bool transfer = false; ///< the leader asked for this election (§4.2.3)
};
BOOST_DESCRIBE_STRUCT(RequestVote, (), (term, lastLogIndex, lastLogTerm, transfer))

struct Vote
{
    Term term = 0;
    bool granted = false;
};
BOOST_DESCRIBE_STRUCT(Vote, (), (term, granted))

/// Without entries it is a heartbeat.
struct AppendEntries
{
    Term term = 0;
    Index prevLogIndex = 0;
    Term prevLogTerm = 0;
    Entries entries{};
    Index leaderCommit = 0;
    std::uint64_t round = 0; ///< of the leader's heartbeats, echoed; confirms leadership (§6.4)
};
BOOST_DESCRIBE_STRUCT(AppendEntries, (),
                      (term, prevLogIndex, prevLogTerm, entries, leaderCommit, round))

struct Appended
{
    Term term = 0;
    bool success = false;
    Index index = 0; ///< success: the logs match up to here; else the prevLogIndex that did not
    Term conflictTerm = 0; ///< of the follower's entry at index; 0 when its log is shorter
    Index conflictIndex = 0; ///< the first index of that term, or the end of its log and one (§5.3)
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Appended, (), (term, success, index, conflictTerm, conflictIndex, round))

/// One piece of a snapshot (figure 5.3).
struct InstallSnapshot
{
    Term term = 0;
    Index lastIndex = 0; ///< the last entry that the snapshot covers
    Term lastTerm = 0;
    Configuration configuration{};
    std::uint64_t offset = 0; ///< of data in the whole, in characters
    std::string data{}; ///< the encoded state machine, two hexadecimal digits a byte
    bool done = false;
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(InstallSnapshot, (),
                      (term, lastIndex, lastTerm, configuration, offset, data, done, round))

/// Which piece the follower wants next, so that a transfer goes on where it was interrupted.
struct SnapshotStored
{
    Term term = 0;
    Index lastIndex = 0;
    std::uint64_t offset = 0;
    bool done = false; ///< the follower's log reaches to lastIndex
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(SnapshotStored, (), (term, lastIndex, offset, done, round))

/// The leader asks its successor to begin an election at once (§3.10).
struct TimeoutNow
{
    Term term = 0;
};
BOOST_DESCRIBE_STRUCT(TimeoutNow, (), (term))

/// A leader to itself: what has been gathered meanwhile goes out together (§10.2.2).
struct Replicate
{
};
BOOST_DESCRIBE_STRUCT(Replicate, (), ())

using Message = std::variant<RequestPreVote, PreVote, RequestVote, Vote, AppendEntries, Appended,
                             InstallSnapshot, SnapshotStored, TimeoutNow, Replicate>;

/// Adds one voter: as a learner until its log has caught up, then through joint consensus.
struct AddServer
{
    NodeId server;
};
BOOST_DESCRIBE_STRUCT(AddServer, (), (server))

struct RemoveServer
{
    NodeId server;
};
BOOST_DESCRIBE_STRUCT(RemoveServer, (), (server))

/// Replaces the whole set of voters at once.
struct ChangeMembers
{
    NodeSet voters;
};
BOOST_DESCRIBE_STRUCT(ChangeMembers, (), (voters))

struct TransferLeadership
{
    NodeId to;
};
BOOST_DESCRIBE_STRUCT(TransferLeadership, (), (to))

/// The node that is asked acts as if its election timer ran out.
struct Campaign
{
};
BOOST_DESCRIBE_STRUCT(Campaign, (), ())

using Request = std::variant<kv::Put, kv::Get, kv::Delete, kv::Cas, AddServer, RemoveServer,
                             ChangeMembers, TransferLeadership, Campaign>;

struct MembersChanged
{
    NodeSet voters;
};
BOOST_DESCRIBE_STRUCT(MembersChanged, (), (voters))

struct LeadershipTransferred
{
    NodeId leader;
};
BOOST_DESCRIBE_STRUCT(LeadershipTransferred, (), (leader))

struct CampaignBegun
{
    Term term = 0;
};
BOOST_DESCRIBE_STRUCT(CampaignBegun, (), (term))

using Reply = std::variant<kv::Result, MembersChanged, LeadershipTransferred, CampaignBegun>;

struct SetHardState
{
    Term term = 0;
    NodeId votedFor{};
};
BOOST_DESCRIBE_STRUCT(SetHardState, (), (term, votedFor))

struct Append
{
    Index index = 0; ///< of the first entry
    Entries entries{};
};
BOOST_DESCRIBE_STRUCT(Append, (), (index, entries))

/// Removes the entries from an index on.
struct Truncate
{
    Index from = 0;
};
BOOST_DESCRIBE_STRUCT(Truncate, (), (from))

/// The node's own snapshot; entries up to keepAfter are no longer needed.
struct SaveSnapshot
{
    SnapshotPtr snapshot{};
    Index keepAfter = 0;
};
BOOST_DESCRIBE_STRUCT(SaveSnapshot, (), (snapshot, keepAfter))

/// A piece of a leader's snapshot. Offset 0 begins a new one.
struct SnapshotChunk
{
    Index lastIndex = 0;
    Term lastTerm = 0;
    std::uint64_t offset = 0;
    std::string data{};
};
BOOST_DESCRIBE_STRUCT(SnapshotChunk, (), (lastIndex, lastTerm, offset, data))

/// All pieces are there: they become the node's snapshot.
struct AdoptSnapshot
{
    Index lastIndex = 0;
    Term lastTerm = 0;
    Configuration configuration{};
};
BOOST_DESCRIBE_STRUCT(AdoptSnapshot, (), (lastIndex, lastTerm, configuration))

using Write =
    std::variant<SetHardState, Append, Truncate, SaveSnapshot, SnapshotChunk, AdoptSnapshot>;

using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

constexpr Tone tone(Tag<RequestPreVote>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<PreVote>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<RequestVote>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Vote>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<AppendEntries>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<Appended>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<InstallSnapshot>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<SnapshotStored>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<TimeoutNow>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Replicate>)
{
    return Tone::Calm;
}

constexpr auto facets(Tag<RequestPreVote>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"lastLogIndex", Facet::Detail},
                      FieldFacet{"lastLogTerm", Facet::Detail}};
}
constexpr auto facets(Tag<PreVote>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}
constexpr auto facets(Tag<RequestVote>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"lastLogIndex", Facet::Detail},
                      FieldFacet{"lastLogTerm", Facet::Detail},
                      FieldFacet{"transfer", Facet::Detail}};
}
constexpr auto facets(Tag<Vote>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}
constexpr auto facets(Tag<AppendEntries>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"prevLogIndex", Facet::Detail},
                      FieldFacet{"prevLogTerm", Facet::Detail},
                      FieldFacet{"leaderCommit", Facet::Committed},
                      FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<Appended>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"conflictTerm", Facet::Detail},
                      FieldFacet{"conflictIndex", Facet::Detail},
                      FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<InstallSnapshot>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"configuration", Facet::Detail},
                      FieldFacet{"data", Facet::Detail}, FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<SnapshotStored>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<TimeoutNow>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}};
}
constexpr auto facets(Tag<SetHardState>)
{
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"votedFor", Facet::Peer}};
}
constexpr auto facets(Tag<SnapshotChunk>)
{
    return std::array{FieldFacet{"data", Facet::Detail}};
}

} // namespace lightcone::protocols::raft
