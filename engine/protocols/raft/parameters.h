#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"
#include "engine/protocols/raft/command.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace lightcone::protocols::raft {

/// How a leader makes sure that a read sees every write acknowledged before it.
enum class ReadMode : std::uint8_t {
    ReadIndex, ///< asks a majority whether it still leads (§6.4)
    Lease, ///< relies on nobody else being elected for a while (§6.4.1)
    Log, ///< sends the read through the log like a write
};
BOOST_DESCRIBE_ENUM(ReadMode, ReadIndex, Lease, Log)

/// Ways in which people really break Raft.
enum class Mistake : std::uint8_t {
    None,
    CommitOldTermByCounting,
    ForgetsVote,
    ReadsFromDeposedLeader,
    UnsafeMembershipChange,
    AcknowledgesBeforeDurable,
    NoConsistencyCheck,
    CountsUnwritten,
};
BOOST_DESCRIBE_ENUM(Mistake, None, CommitOldTermByCounting, ForgetsVote, ReadsFromDeposedLeader,
                    UnsafeMembershipChange, AcknowledgesBeforeDurable, NoConsistencyCheck,
                    CountsUnwritten)

struct Parameters
{
    std::uint32_t nodes = 5;
    std::uint32_t spares = 0;
    Duration electionTimeoutLow = std::chrono::milliseconds(150);
    Duration electionTimeoutHigh = std::chrono::milliseconds(300);
    Duration heartbeat = std::chrono::milliseconds(50);
    bool preVote = true;
    bool checkQuorum = true;
    ReadMode readMode = ReadMode::ReadIndex;
    double leaseDriftBound = 1.1;
    std::uint32_t maxBatch = 64;
    std::uint32_t window = 8;
    bool grouped = false; ///< many commands, one message, sent while the leader writes (§10.2)
    std::uint32_t snapshotThreshold = 1000;
    std::uint32_t snapshotChunk = 4096;
    std::string logs{};
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (nodes, spares, electionTimeoutLow, electionTimeoutHigh, heartbeat, preVote,
                       checkQuorum, readMode, leaseDriftBound, maxBatch, window, grouped,
                       snapshotThreshold, snapshotChunk, logs, mistake))

/// The logs that nodes begin with, as the parameter `logs` gives them: "n1: 1 1 4 4:x=1; n2: 1 1".
/// A word is the term of one entry, a no-op, or of a put of x=1. Checks that these logs could have
/// come about: terms do not decrease, and two logs with the same term at the same index are the
/// same up to there.
Result<std::map<NodeId, Entries>> parseLogs(std::string_view text, std::uint32_t nodes);

/// One sentence about the first parameter that is out of its range.
Result<void> validate(const Parameters&);

} // namespace lightcone::protocols::raft
