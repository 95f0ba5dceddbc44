#pragma once

#include "engine/core/time.h"
#include "engine/kv/store.h"
#include "engine/protocols/paxos/command.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

/// The parts that a node's state is made of.
namespace lightcone::protocols::paxos {

/// What a node is doing. Whoever proposes is a Follower while somebody else leads, or nobody.
enum class Role : std::uint8_t {
    Follower, ///< may lead, and does not just now
    Acceptor, ///< promises and accepts, and never proposes
    Learner, ///< only learns what was chosen
    Preparing, ///< phase 1: gathers promises
    Proposing, ///< phase 2 of a single decree: gathers acceptances
    Proposer, ///< of a single decree: may propose, and does not just now
    Leader, ///< has done phase 1 once for all slots, and does phase 2 in one after the other
};
BOOST_DESCRIBE_ENUM(Role, Follower, Acceptor, Learner, Preparing, Proposing, Proposer, Leader)

constexpr auto tones(describe::Tag<Role>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{
        EnumeratorTone{"Follower", Tone::Calm},    EnumeratorTone{"Acceptor", Tone::Calm},
        EnumeratorTone{"Learner", Tone::Neutral},  EnumeratorTone{"Preparing", Tone::Busy},
        EnumeratorTone{"Proposing", Tone::Strong}, EnumeratorTone{"Proposer", Tone::Calm},
        EnumeratorTone{"Leader", Tone::Strong}};
}

/// The state machine after the commands of all slots up to one.
struct Snapshot
{
    Slot last = 0;
    kv::Store store{};
};
BOOST_DESCRIBE_STRUCT(Snapshot, (), (last, store))
using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// As much of another node's snapshot as has arrived.
struct PartialSnapshot
{
    Slot last = 0;
    std::string data{};
};
BOOST_DESCRIBE_STRUCT(PartialSnapshot, (), (last, data))
constexpr auto facets(describe::Tag<PartialSnapshot>)
{
    return std::array{describe::FieldFacet{"data", describe::Facet::Detail}};
}

/// A snapshot as it is sent, kept while it is asked for.
struct SnapshotImage
{
    Slot last = 0;
    std::string data{};
};
BOOST_DESCRIBE_STRUCT(SnapshotImage, (), (last, data))
using SnapshotImagePtr = std::shared_ptr<const SnapshotImage>;

/// Something that a client asked of this proposer and was not answered yet.
struct Want
{
    RequestId request{};
    Command command{}; ///< a gap: the client only asks what was chosen
    Slot slot = 0; ///< where it was proposed; 0: not yet
};
BOOST_DESCRIBE_STRUCT(Want, (), (request, command, slot))

/// The acceptors that are known to have accepted one proposal.
struct Tally
{
    Ballot ballot = 0;
    NodeSet acceptors{};
    Entry value{}; ///< as acceptors told it; a gap where the proposal is in our own log
};
BOOST_DESCRIBE_STRUCT(Tally, (), (ballot, acceptors, value))

/// What a leader knows of an acceptor.
struct Peer
{
    Instant heardAt{}; ///< when it last answered in this ballot
    std::uint64_t round = 0; ///< the newest of our heartbeats that it has answered
};
BOOST_DESCRIBE_STRUCT(Peer, (), (heardAt, round))

/// A round of heartbeats that no quorum has answered yet.
struct Round
{
    std::uint64_t number = 0;
    Instant begun{};
};
BOOST_DESCRIBE_STRUCT(Round, (), (number, begun))

} // namespace lightcone::protocols::paxos
