#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace lightcone::protocols::replication {

/// How copies are kept alike.
enum class Strategy : std::uint8_t {
    PrimaryBackup, ///< one node orders the writes and ships them to the others
    Chain, ///< writes go from the head to the tail, which answers reads
    Quorum, ///< W nodes of N take a write, R of N answer a read, and versions tell them apart
};
BOOST_DESCRIBE_ENUM(Strategy, PrimaryBackup, Chain, Quorum)

/// When a primary tells a client that a write is done.
enum class Acknowledge : std::uint8_t {
    Sync, ///< when all backups of its view have it on disk
    SemiSync, ///< when k of them have
    Async, ///< when the primary has; the backups get it later
};
BOOST_DESCRIBE_ENUM(Acknowledge, Sync, SemiSync, Async)

/// Who answers reads.
enum class Reads : std::uint8_t {
    Single, ///< the primary, or the tail
    Any, ///< backups too, within the staleness bound and the session's guarantees; CRAQ on a chain
};
BOOST_DESCRIBE_ENUM(Reads, Single, Any)

/// What a session may rely on when any node answers reads (Terry et al. 1994).
enum class Guarantees : std::uint8_t { None, ReadYourWrites, MonotonicReads, Both };
BOOST_DESCRIBE_ENUM(Guarantees, None, ReadYourWrites, MonotonicReads, Both)

/// How a quorum store tells which of two versions is newer.
enum class Versioning : std::uint8_t {
    VectorClock, ///< by what their writers had seen; versions that had not seen each other stay
    LastWriterWins, ///< by a timestamp; one stays
};
BOOST_DESCRIBE_ENUM(Versioning, VectorClock, LastWriterWins)

/// Ways in which people really break replication.
enum class Mistake : std::uint8_t {
    None,
    NoFencing,
    AcknowledgesOnReceipt,
    PromotesLaggard,
    WeakQuorums,
    TrustsClocks,
};
BOOST_DESCRIBE_ENUM(Mistake, None, NoFencing, AcknowledgesOnReceipt, PromotesLaggard, WeakQuorums,
                    TrustsClocks)

struct Parameters
{
    Strategy strategy = Strategy::PrimaryBackup;
    std::uint32_t nodes = 3;
    Acknowledge acknowledge = Acknowledge::Sync;
    std::uint32_t k = 1;
    Reads reads = Reads::Single;
    Guarantees guarantees = Guarantees::Both;
    Duration maxStaleness{};
    Duration heartbeat = std::chrono::milliseconds(50);
    Duration suspectAfter = std::chrono::milliseconds(250);
    Duration lease = std::chrono::milliseconds(200);
    double leaseDriftBound = 1.1;
    std::uint32_t window = 256;
    std::uint32_t maxBatch = 64;
    std::uint32_t snapshotThreshold = 1000;
    std::uint32_t snapshotChunk = 4096;
    std::uint32_t n = 3;
    std::uint32_t r = 2;
    std::uint32_t w = 2;
    Versioning versions = Versioning::VectorClock;
    bool sloppy = false;
    bool readRepair = true;
    Duration hintAfter = std::chrono::milliseconds(50);
    Duration handoff = std::chrono::milliseconds(100);
    Duration antiEntropy = std::chrono::milliseconds(500);
    std::uint32_t merkleDepth = 4;
    Duration giveUpAfter = std::chrono::milliseconds(400);
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (strategy, nodes, acknowledge, k, reads, guarantees, maxStaleness, heartbeat,
                       suspectAfter, lease, leaseDriftBound, window, maxBatch, snapshotThreshold,
                       snapshotChunk, n, r, w, versions, sloppy, readRepair, hintAfter, handoff,
                       antiEntropy, merkleDepth, giveUpAfter, mistake))

/// One sentence about the first parameter that is out of its range.
Result<void> validate(const Parameters&);

/// How many answers a read waits for: r, or less with a mistake.
std::uint32_t readQuorum(const Parameters&);

/// Whether a read is promised to see every write acknowledged before it: R + W > N, and the
/// answers come from the N nodes that a key belongs to.
bool promisesLatest(const Parameters&);

} // namespace lightcone::protocols::replication
