#pragma once

#include "engine/protocols/replication/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// What the nodes say to each other and to clients, and what they write.
namespace lightcone::protocols::replication {

/// A node tells the monitor that it is there, how far its log goes, and what it had to throw away.
struct Alive
{
    Epoch epoch = 0;
    Instant at{}; ///< its own clock
    Index last = 0;
    Epoch lastEpoch = 0;
    bool serves = false;
    LostRanges lost{};
};
BOOST_DESCRIBE_STRUCT(Alive, (), (epoch, at, last, lastEpoch, serves, lost))

/// The monitor's answer: who serves. A member may count on being one until its lease is over,
/// which began when it asked.
struct Lease
{
    View view{};
    std::optional<Instant> at{}; ///< the node's own clock, as it was told; none: no lease
};
BOOST_DESCRIBE_STRUCT(Lease, (), (view, at))

/// Asks the monitor to let a node in that has caught up.
struct Admit
{
    Epoch epoch = 0;
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(Admit, (), (epoch, node))

/// The monitor asks a backup to take nothing more from views before that one.
struct Seal
{
    Epoch epoch = 0;
};
BOOST_DESCRIBE_STRUCT(Seal, (), (epoch))

struct Sealed
{
    Epoch epoch = 0;
    Token last{}; ///< the end of its log
};
BOOST_DESCRIBE_STRUCT(Sealed, (), (epoch, last))

/// Writes in their order, from a primary to its backups or down the chain; also a heartbeat.
struct Ship
{
    View view{};
    Index after = 0; ///< the number of the entry before the first
    Epoch afterEpoch = 0;
    Log entries{};
    Index last = 0; ///< where the sender's log ends
    Index commit = 0; ///< up to here all is done
    Instant at{}; ///< the sender's clock
    Instant echo{}; ///< the receiver's own clock, as it last told
};
BOOST_DESCRIBE_STRUCT(Ship, (), (view, after, afterEpoch, entries, last, commit, at, echo))

/// The log up to there is on this node's disk. Up the chain: and these writes are done.
struct Ack
{
    Epoch epoch = 0;
    Index match = 0;
    Index commit = 0;
    Instant at{}; ///< its own clock
};
BOOST_DESCRIBE_STRUCT(Ack, (), (epoch, match, commit, at))

/// What was shipped does not follow on from this node's log: there is a gap, or the logs part.
struct Missing
{
    Epoch epoch = 0;
    Index from = 0; ///< what it needs; 0: everything, as a snapshot
    Epoch before = 0; ///< the view of its entry before that
    Index snapshot = 0; ///< the one that is arriving; 0: none
    std::uint64_t offset = 0; ///< how much of it is here
    Instant at{};
};
BOOST_DESCRIBE_STRUCT(Missing, (), (epoch, from, before, snapshot, offset, at))

/// One piece of a snapshot.
struct Piece
{
    View view{};
    Index last = 0;
    ViewStarts starts{};
    std::uint64_t offset = 0;
    std::string data{};
    bool done = false;
};
BOOST_DESCRIBE_STRUCT(Piece, (), (view, last, starts, offset, data, done))

/// What was shipped is of a view that is over.
struct Outdated
{
    Epoch epoch = 0; ///< the one that this node knows of
};
BOOST_DESCRIBE_STRUCT(Outdated, (), (epoch))

/// Asks the tail how far all is done: a version query (CRAQ §2.3).
struct AskTail
{
    Epoch epoch = 0;
    RequestId request{};
};
BOOST_DESCRIBE_STRUCT(AskTail, (), (epoch, request))

struct TailSays
{
    Epoch epoch = 0;
    RequestId request{};
    Index commit = 0;
};
BOOST_DESCRIBE_STRUCT(TailSays, (), (epoch, request, commit))

/// Asks a replica to keep versions of a key; to hold them for their owner where one is named.
struct StoreVersions
{
    std::uint64_t operation = 0; ///< 0: a repair, which nobody waits for
    std::string key{};
    Siblings versions{};
    NodeId owner{}; ///< whom a hint is for
};
BOOST_DESCRIBE_STRUCT(StoreVersions, (), (operation, key, versions, owner))

struct Stored
{
    std::uint64_t operation = 0;
};
BOOST_DESCRIBE_STRUCT(Stored, (), (operation))

struct Fetch
{
    std::uint64_t operation = 0;
    std::string key{};
};
BOOST_DESCRIBE_STRUCT(Fetch, (), (operation, key))

struct Fetched
{
    std::uint64_t operation = 0;
    Siblings versions{};
};
BOOST_DESCRIBE_STRUCT(Fetched, (), (operation, versions))

/// A hint goes home.
struct HandOff
{
    std::string key{};
    Siblings versions{};
};
BOOST_DESCRIBE_STRUCT(HandOff, (), (key, versions))

struct HandedOff
{
    std::string key{};
    Clock received{};
};
BOOST_DESCRIBE_STRUCT(HandedOff, (), (key, received))

/// The hash at one place of a Merkle tree. The other side goes on below it when its own differs.
struct Compare
{
    std::uint32_t range = 0;
    std::uint64_t place = 0;
    std::uint64_t hash = 0;
};
BOOST_DESCRIBE_STRUCT(Compare, (), (range, place, hash))

/// All keys of a leaf that differs.
struct Exchange
{
    std::uint32_t range = 0;
    std::uint64_t place = 0;
    Versions keys{};
    bool reply = false; ///< the receiver tells what it has beyond that
};
BOOST_DESCRIBE_STRUCT(Exchange, (), (range, place, keys, reply))

using Message = std::variant<Alive, Lease, Admit, Seal, Sealed, Ship, Ack, Missing, Piece, Outdated,
                             AskTail, TailSays, StoreVersions, Stored, Fetch, Fetched, HandOff,
                             HandedOff, Compare, Exchange>;

/// A read that carries what its session has written and read (reads=any).
struct GetAfter
{
    std::string key;
    Token written{};
    Token seen{};
};
BOOST_DESCRIBE_STRUCT(GetAfter, (), (key, written, seen))

/// A write that carries what its client had read of the key (strategy=quorum).
struct PutOver
{
    std::string key;
    std::string value;
    Clock context{};
};
BOOST_DESCRIBE_STRUCT(PutOver, (), (key, value, context))

/// A delete that carries it.
struct DeleteOver
{
    std::string key;
    Clock context{};
};
BOOST_DESCRIBE_STRUCT(DeleteOver, (), (key, context))

using Request = std::variant<kv::Put, kv::Get, kv::Delete, kv::Cas, GetAfter, PutOver, DeleteOver>;

/// An answer with reads=any: what it was made of, for the session to take along.
struct Sight
{
    kv::Outcome outcome = kv::Outcome::Done;
    std::optional<std::string> value{};
    Token token{};
    Duration behind{}; ///< at least all that was done before that long ago is in it
    bool sessionLost = false; ///< what the session had seen or written is gone
};
BOOST_DESCRIBE_STRUCT(Sight, (), (outcome, value, token, behind, sessionLost))

/// An answer of a quorum store. More than one value: writes that had not seen each other.
struct Found
{
    kv::Outcome outcome = kv::Outcome::Done;
    std::optional<std::string> value{}; ///< where it is one
    std::vector<std::string> values{};
    Clock context{}; ///< for the client to take along to its next write of the key
    std::optional<Dot> written{}; ///< how a write was named
};
BOOST_DESCRIBE_STRUCT(Found, (), (outcome, value, values, context, written))

using Reply = std::variant<kv::Result, Sight, Found>;

/// What a client has written and seen, by the tokens of its answers (Terry et al. 1994, §4).
struct Session
{
    Token written{};
    Token seen{};

    void hear(const Request&, const Reply&);
    /// A get asks for what it has written and seen; all else is left as it is.
    [[nodiscard]] Request ask(const Request&) const;
};
BOOST_DESCRIBE_STRUCT(Session, (), (written, seen))

/// Entries from `first` on replace what stands there.
struct Append
{
    Index first = 0;
    Log entries{};
};
BOOST_DESCRIBE_STRUCT(Append, (), (first, entries))

/// A view: the monitor's decision, or one that a node has taken over.
struct TakeView
{
    View view{};
};
BOOST_DESCRIBE_STRUCT(TakeView, (), (view))

/// Nothing more from views before that one.
struct Promise
{
    Epoch epoch = 0;
};
BOOST_DESCRIBE_STRUCT(Promise, (), (epoch))

/// A node that is being let in: no write is acknowledged without it any more.
struct Require
{
    Epoch epoch = 0;
    NodeId node{};
};
BOOST_DESCRIBE_STRUCT(Require, (), (epoch, node))

/// Entries from `first` on are thrown away; those of `lost` clients may have been told of.
struct Discard
{
    Index first = 0;
    LostRanges lost{};
};
BOOST_DESCRIBE_STRUCT(Discard, (), (first, lost))

/// A snapshot of the node's own log; entries up to keepAfter are no longer needed.
struct SaveSnapshot
{
    SnapshotPtr snapshot{};
    Index keepAfter = 0;
};
BOOST_DESCRIBE_STRUCT(SaveSnapshot, (), (snapshot, keepAfter))

/// Another node's snapshot takes the place of everything.
struct Rebuild
{
    SnapshotPtr snapshot{};
    LostRanges lost{};
};
BOOST_DESCRIBE_STRUCT(Rebuild, (), (snapshot, lost))

/// The versions of a key, as they are now.
struct Keep
{
    std::string key{};
    Siblings versions{};
};
BOOST_DESCRIBE_STRUCT(Keep, (), (key, versions))

/// The versions of a key that are held for another node, as they are now; empty: handed over.
struct Hold
{
    HintKey hint{};
    Siblings versions{};
};
BOOST_DESCRIBE_STRUCT(Hold, (), (hint, versions))

/// This coordinator has given away the number.
struct Issue
{
    std::string key{};
    std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Issue, (), (key, number))

using Write = std::variant<Append, TakeView, Promise, Require, Discard, SaveSnapshot, Rebuild, Keep,
                           Hold, Issue>;

} // namespace lightcone::protocols::replication
