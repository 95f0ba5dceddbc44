#pragma once

#include "engine/kv/store.h"
#include "engine/protocols/replication/entry.h"
#include "engine/protocols/replication/hash_ring.h"
#include "engine/protocols/replication/versions.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// The parts that a node's state is made of.
namespace lightcone::protocols::replication {

/// What a node is doing.
enum class Role : std::uint8_t {
    Monitor, ///< decides who serves together, and keeps no data
    Primary, ///< orders the writes
    Backup, ///< is in the view, and would take over
    Head, ///< where writes enter the chain
    Middle,
    Tail, ///< where writes are done and reads are answered
    Joining, ///< is not in the view: catches up until it is let in
    Fenced, ///< is in the view, but its lease has run out: must not serve
    Replica, ///< one of equals in a quorum store
};
BOOST_DESCRIBE_ENUM(Role, Monitor, Primary, Backup, Head, Middle, Tail, Joining, Fenced, Replica)

constexpr auto tones(describe::Tag<Role>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{
        EnumeratorTone{"Monitor", Tone::Neutral}, EnumeratorTone{"Primary", Tone::Strong},
        EnumeratorTone{"Backup", Tone::Calm},     EnumeratorTone{"Head", Tone::Strong},
        EnumeratorTone{"Middle", Tone::Calm},     EnumeratorTone{"Tail", Tone::Good},
        EnumeratorTone{"Joining", Tone::Busy},    EnumeratorTone{"Fenced", Tone::Bad},
        EnumeratorTone{"Replica", Tone::Calm}};
}

/// The store after the writes up to one index, and where each view's writes began.
struct Snapshot
{
    Index last = 0;
    ViewStarts starts{};
    kv::Store store{};
};
BOOST_DESCRIBE_STRUCT(Snapshot, (), (last, starts, store))
using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// As much of another node's snapshot as has arrived.
struct PartialSnapshot
{
    Index last = 0;
    ViewStarts starts{};
    std::string data{};
};
BOOST_DESCRIBE_STRUCT(PartialSnapshot, (), (last, starts, data))

/// A snapshot as it is sent, kept while it is asked for.
struct SnapshotImage
{
    Index last = 0;
    ViewStarts starts{};
    std::string data{};
};
BOOST_DESCRIBE_STRUCT(SnapshotImage, (), (last, starts, data))
using SnapshotImagePtr = std::shared_ptr<const SnapshotImage>;

/// What a node knows of one that it ships its log to.
struct Follower
{
    Index next = 1; ///< what is sent next
    Index match = 0; ///< up to here it has our log on disk
    std::optional<Instant> heardAt{}; ///< when it last answered in this view
    Instant echo{}; ///< the newest of its clock that it told us
    Index resentFrom = 0; ///< what was sent again last
    Instant resentAt{};
};
BOOST_DESCRIBE_STRUCT(Follower, (), (next, match, heardAt, echo, resentFrom, resentAt))

/// A client's write that is in the log and was not answered.
struct PendingWrite
{
    RequestId request{};
    Index index = 0;
};
BOOST_DESCRIBE_STRUCT(PendingWrite, (), (request, index))

/// A read that waits for the tail's word (CRAQ).
struct PendingRead
{
    RequestId request{};
    std::string key{};
};
BOOST_DESCRIBE_STRUCT(PendingRead, (), (request, key))

/// A read that a node answered from what it had, to be judged when it learns more.
struct PastRead
{
    NodeId client{};
    std::string key{};
    Index applied = 0; ///< what the answer was made of
    Instant at{};
    Token written{}; ///< what its session relied on
    Token seen{};
};
BOOST_DESCRIBE_STRUCT(PastRead, (), (client, key, applied, at, written, seen))

/// The monitor's: how far a node was when it last told.
struct Report
{
    Epoch epoch = 0;
    Index last = 0;
    Epoch lastEpoch = 0;
    Instant heardAt{};
    std::optional<Instant> servedAt{}; ///< when it last told that it serves
};
BOOST_DESCRIBE_STRUCT(Report, (), (epoch, last, lastEpoch, heardAt, servedAt))

/// The monitor's: a change of the primary that is under way.
struct Sealing
{
    Epoch epoch = 0; ///< the view that is to come
    NodeSet asked{};
    PerNode<Token> answers{}; ///< where the logs of those who sealed theirs end
    Instant deadline{};
};
BOOST_DESCRIBE_STRUCT(Sealing, (), (epoch, asked, answers, deadline))

/// What only the monitor keeps.
struct Watch
{
    PerNode<Report> reports{};
    PerNode<Instant> leasedAt{}; ///< when a node may last have been given a lease
    std::optional<Sealing> sealing{};
    PerNode<Token> candidates{}; ///< what the newest primary was chosen from
    Instant upAt{}; ///< when the service was last known to be there
    std::uint32_t failovers = 0;
    Duration unavailable{}; ///< for how long nobody served, all outages together
    Duration recovery{}; ///< how long the newest outage took: the RTO
    LostRanges lost{}; ///< what nodes have told that they had to throw away
    std::uint64_t lostEntries = 0; ///< how many writes that is: the RPO
};
BOOST_DESCRIBE_STRUCT(Watch, (),
                      (reports, leasedAt, sealing, candidates, upAt, failovers, unavailable,
                       recovery, lost, lostEntries))

enum class Phase : std::uint8_t {
    Reading, ///< gathers versions, for a read or before a timestamp is chosen
    Writing, ///< gathers acknowledgements
};
BOOST_DESCRIBE_ENUM(Phase, Reading, Writing)

/// A read or write that this node coordinates. It stays until all have answered or it is given up.
struct Coordination
{
    RequestId request{};
    std::string key{};
    bool isRead = true;
    Phase phase = Phase::Reading;
    std::optional<std::string> value{}; ///< of a write; none: deletes
    Clock context{}; ///< of a write: what it replaces
    bool looksFirst = false; ///< a write that replaces what it finds
    Siblings versions{}; ///< what a read has gathered, or the version that is written
    PerNode<Siblings> found{}; ///< what each has answered to a read
    NodeSet asked{};
    NodeSet acks{};
    std::optional<Siblings> answered{}; ///< what the client was told
    Instant begunAt{};
};
BOOST_DESCRIBE_STRUCT(Coordination, (),
                      (request, key, isRead, phase, value, context, looksFirst, versions, found,
                       asked, acks, answered, begunAt))

/// Whom a hint is for, and which key's.
struct HintKey
{
    NodeId owner{};
    std::string key{};
    friend auto operator<=>(const HintKey&, const HintKey&) = default;
};
BOOST_DESCRIBE_STRUCT(HintKey, (), (owner, key))
using Hints = std::map<HintKey, Siblings>;

constexpr auto facets(describe::Tag<Watch>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"failovers", Facet::Level},
                      FieldFacet{"unavailable", Facet::Level}, FieldFacet{"recovery", Facet::Level},
                      FieldFacet{"lostEntries", Facet::Level}};
}
constexpr auto facets(describe::Tag<PartialSnapshot>)
{
    return std::array{describe::FieldFacet{"data", describe::Facet::Detail}};
}
constexpr auto facets(describe::Tag<Follower>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"echo", Facet::Detail}, FieldFacet{"resentFrom", Facet::Detail},
                      FieldFacet{"resentAt", Facet::Detail}};
}

} // namespace lightcone::protocols::replication
