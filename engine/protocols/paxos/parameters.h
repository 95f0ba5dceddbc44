#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/protocols/paxos/command.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace lightcone::protocols::paxos {

/// How many values there are to agree on.
enum class Mode : std::uint8_t {
    Single, ///< one: the algorithm of Paxos Made Simple §2, the synod of The Part-Time Parliament
    Multi, ///< a log of them: the state machine of §3, the parliament
};
BOOST_DESCRIBE_ENUM(Mode, Single, Multi)

/// Which sets of acceptors are quorums.
enum class QuorumKind : std::uint8_t {
    Counted, ///< any q1 acceptors in phase 1, any q2 in phase 2
    Grid, ///< acceptors stand in rows: a whole row in phase 1, a whole column in phase 2
};
BOOST_DESCRIBE_ENUM(QuorumKind, Counted, Grid)

/// Who finds out that a value was chosen (Paxos Made Simple §2.3).
enum class Learning : std::uint8_t {
    Distinguished, ///< acceptors tell the proposer, and it tells the learners
    Everyone, ///< acceptors tell every learner
};
BOOST_DESCRIBE_ENUM(Learning, Distinguished, Everyone)

/// How a leader makes sure that a read sees every write acknowledged before it.
enum class ReadMode : std::uint8_t {
    Log, ///< sends the read through the log like a write
    Lease, ///< relies on nobody else leading for a while, else through the log
};
BOOST_DESCRIBE_ENUM(ReadMode, Log, Lease)

/// Ways in which people really break Paxos.
enum class Mistake : std::uint8_t {
    None,
    ForgetsPromise,
    IgnoresAccepted,
    SharedBallots,
    DisjointQuorums,
    SkipsOpenSlots,
    AcceptsBeforeDurable,
    StaleReads,
};
BOOST_DESCRIBE_ENUM(Mistake, None, ForgetsPromise, IgnoresAccepted, SharedBallots, DisjointQuorums,
                    SkipsOpenSlots, AcceptsBeforeDurable, StaleReads)

struct Parameters
{
    Mode mode = Mode::Multi;
    std::uint32_t nodes = 5;
    std::string proposers{};
    std::string acceptors{};
    std::string learners{};
    QuorumKind quorums = QuorumKind::Counted;
    std::uint32_t q1 = 0;
    std::uint32_t q2 = 0;
    std::uint32_t columns = 0;
    Learning learning = Learning::Distinguished;
    Duration electionTimeoutLow = std::chrono::milliseconds(150);
    Duration electionTimeoutHigh = std::chrono::milliseconds(300);
    Duration heartbeat = std::chrono::milliseconds(50);
    Duration retry = std::chrono::milliseconds(60);
    Duration backOff = std::chrono::milliseconds(20);
    Duration mostBackOff = std::chrono::milliseconds(640);
    Duration catchUp = std::chrono::milliseconds(200);
    ReadMode reads = ReadMode::Log;
    double leaseDriftBound = 1.1;
    std::uint32_t window = 16;
    std::uint32_t maxBatch = 64;
    std::uint32_t snapshotThreshold = 1000;
    std::uint32_t snapshotChunk = 4096;
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (mode, nodes, proposers, acceptors, learners, quorums, q1, q2, columns,
                       learning, electionTimeoutLow, electionTimeoutHigh, heartbeat, retry, backOff,
                       mostBackOff, catchUp, reads, leaseDriftBound, window, maxBatch,
                       snapshotThreshold, snapshotChunk, mistake))

/// The nodes that a list such as "n1 n3 n4" names, all of them where it is empty. An error names
/// the parameter and the word that is no node.
Result<NodeSet> parseNodes(std::string_view parameter, std::string_view text, std::uint32_t nodes);

/// One sentence about the first parameter that is out of its range.
Result<void> validate(const Parameters&);

} // namespace lightcone::protocols::paxos
