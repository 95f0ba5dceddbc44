#pragma once

#include "engine/core/time.h"
#include "engine/kv/operation.h"
#include "engine/kv/store.h"
#include "engine/protocols/raft/command.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// The parts that a node's state is made of.
namespace lightcone::protocols::raft {

template <class T>
using PerNode = boost::container::flat_map<NodeId, T>;

enum class Role : std::uint8_t {
    Follower,
    PreCandidate, ///< asks whether an election would be worth it (§9.6)
    Candidate,
    Leader,
    Learner, ///< follows without a vote
};
BOOST_DESCRIBE_ENUM(Role, Follower, PreCandidate, Candidate, Leader, Learner)

constexpr auto tones(describe::Tag<Role>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{
        EnumeratorTone{"Follower", Tone::Calm}, EnumeratorTone{"PreCandidate", Tone::Busy},
        EnumeratorTone{"Candidate", Tone::Busy}, EnumeratorTone{"Leader", Tone::Strong},
        EnumeratorTone{"Learner", Tone::Neutral}};
}

/// The state machine and the configuration as of one index of the log (§5).
struct Snapshot
{
    Index lastIndex = 0;
    Term lastTerm = 0;
    Configuration configuration{};
    kv::Store store{};
};
BOOST_DESCRIBE_STRUCT(Snapshot, (), (lastIndex, lastTerm, configuration, store))
using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// As much of a leader's snapshot as has arrived.
struct PartialSnapshot
{
    Index lastIndex = 0;
    Term lastTerm = 0;
    std::string data{};
};
BOOST_DESCRIBE_STRUCT(PartialSnapshot, (), (lastIndex, lastTerm, data))
constexpr auto facets(describe::Tag<PartialSnapshot>)
{
    return std::array{describe::FieldFacet{"data", describe::Facet::Detail}};
}

/// The configuration that an entry of the log brought; index 0 for the first one of all.
struct PlacedConfiguration
{
    Index index = 0;
    Configuration configuration{};
};
BOOST_DESCRIBE_STRUCT(PlacedConfiguration, (), (index, configuration))

/// How a leader feeds one follower.
enum class Flow : std::uint8_t {
    Probe, ///< looks for the place where the logs part: one message at a time
    Replicate, ///< logs match: sends ahead without waiting, up to the window
    Snapshot, ///< the follower needs entries that are gone: sends the snapshot piece by piece
};
BOOST_DESCRIBE_ENUM(Flow, Probe, Replicate, Snapshot)

struct Progress
{
    Flow flow = Flow::Probe;
    bool waiting = false; ///< Probe and Snapshot: for an answer, or for the next heartbeat
    boost::container::small_vector<Index, 8> inFlight{}; ///< Replicate: last index of each message
    Instant heardAt{}; ///< when the follower last answered in this term
    std::uint64_t round = 0; ///< the newest of our heartbeat rounds that it has answered
    Index snapshotIndex = 0; ///< Snapshot: which one
    std::uint64_t snapshotOffset = 0;
    std::shared_ptr<const std::string> snapshotData{};
};
BOOST_DESCRIBE_STRUCT(Progress, (),
                      (flow, waiting, inFlight, heardAt, round, snapshotIndex, snapshotOffset,
                       snapshotData))
constexpr auto facets(describe::Tag<Progress>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"heardAt", Facet::Detail}, FieldFacet{"round", Facet::Detail},
                      FieldFacet{"snapshotData", Facet::Detail}};
}

/// A read that waits until leadership has been confirmed since it came (§6.4).
struct PendingRead
{
    RequestId request{};
    std::string key{};
    Index readIndex = 0;
    std::uint64_t round = 0; ///< the heartbeat round that confirms it
};
BOOST_DESCRIBE_STRUCT(PendingRead, (), (request, key, readIndex, round))

/// A heartbeat round that a majority has not answered yet.
struct Round
{
    std::uint64_t number = 0;
    Instant begun{};
};
BOOST_DESCRIBE_STRUCT(Round, (), (number, begun))

/// How far a new server has come: it has caught up when a round, the replication of all that the
/// leader's log held when the round began, took less than an election timeout (§4.2.1).
struct CatchUp
{
    std::uint32_t round = 1;
    Index until = 0;
    Instant begun{};
    bool done = false;
};
BOOST_DESCRIBE_STRUCT(CatchUp, (), (round, until, begun, done))

/// A change of members that this leader carries out.
struct MemberChange
{
    RequestId request{}; ///< none when it was inherited from an earlier leader
    NodeSet voters{}; ///< as they shall be
    PerNode<CatchUp> catchUp{};
};
BOOST_DESCRIBE_STRUCT(MemberChange, (), (request, voters, catchUp))

/// A hand-over of leadership (§3.10).
struct Transfer
{
    RequestId request{};
    NodeId to{};
    bool told = false; ///< TimeoutNow was sent
};
BOOST_DESCRIBE_STRUCT(Transfer, (), (request, to, told))

} // namespace lightcone::protocols::raft
