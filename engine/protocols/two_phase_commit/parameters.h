#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace lightcone::protocols::two_phase_commit {

/// Which commit protocol the nodes follow.
enum class Variant : std::uint8_t {
    PresumedNothing, ///< both decisions are forced and acknowledged (R*'s "2P", §2)
    PresumedAbort, ///< what is not known was aborted (R*, PA)
    PresumedCommit, ///< what is not known was committed (R*, PC)
    ThreePhase, ///< nobody commits before everybody could (Skeen 1981)
};
BOOST_DESCRIBE_ENUM(Variant, PresumedNothing, PresumedAbort, PresumedCommit, ThreePhase)

/// What becomes of transactions that wait for each other.
enum class Deadlocks : std::uint8_t {
    WaitDie, ///< the older one may wait, the younger one dies (Rosenkrantz, Stearns, Lewis 1978)
    Timeout, ///< who waits too long gives up
};
BOOST_DESCRIBE_ENUM(Deadlocks, WaitDie, Timeout)

/// Ways in which people really break it.
enum class Mistake : std::uint8_t {
    None,
    VotesBeforeForced,
    TellsBeforeLogging,
    AbortsAloneAfterYes,
    ForgetsTooEarly,
    ReleasesAtPrepare,
};
BOOST_DESCRIBE_ENUM(Mistake, None, VotesBeforeForced, TellsBeforeLogging, AbortsAloneAfterYes,
                    ForgetsTooEarly, ReleasesAtPrepare)

struct Parameters
{
    Variant variant = Variant::PresumedAbort;
    std::uint32_t coordinators = 1;
    std::uint32_t participants = 3;
    std::string data{};
    bool readOnlyVotes = true;
    bool cooperative = false;
    Deadlocks deadlocks = Deadlocks::WaitDie;
    Duration lockTimeout = std::chrono::milliseconds(100);
    std::uint32_t restarts = 5;
    Duration restartAfter = std::chrono::milliseconds(20);
    Duration workTimeout = std::chrono::milliseconds(500);
    Duration voteTimeout = std::chrono::milliseconds(100);
    Duration retry = std::chrono::milliseconds(60);
    Duration inquiry = std::chrono::milliseconds(250);
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (variant, coordinators, participants, data, readOnlyVotes, cooperative,
                       deadlocks, lockTimeout, restarts, restartAfter, workTimeout, voteTimeout,
                       retry, inquiry, mistake))

/// One sentence about the first parameter that is out of its range.
Result<void> validate(const Parameters&);

} // namespace lightcone::protocols::two_phase_commit
