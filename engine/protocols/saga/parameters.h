#pragma once

#include "engine/core/error.h"
#include "engine/core/time.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace lightcone::protocols::saga {

/// Who decides what happens next (Microservices Patterns §4.2).
enum class Mode : std::uint8_t {
    Orchestrated, ///< an orchestrator tells the services what to do, and keeps the saga log
    Choreographed, ///< each service reacts to what the one before it or behind it did
};
BOOST_DESCRIBE_ENUM(Mode, Orchestrated, Choreographed)

/// Ways in which people really break sagas.
enum class Mistake : std::uint8_t {
    None,
    NoSagaLog,
    ForwardCompensation,
    NotIdempotent,
    CompensatesUnrun,
    NoTombstone,
    CompensatesAfterPivot,
    AnswersBeforeDurable,
    ReadsPastLocks,
};
BOOST_DESCRIBE_ENUM(Mistake, None, NoSagaLog, ForwardCompensation, NotIdempotent, CompensatesUnrun,
                    NoTombstone, CompensatesAfterPivot, AnswersBeforeDurable, ReadsPastLocks)

/// A trip: two reservations, the payment as the pivot, and a message that is sent in the end.
std::string defaultScript();

struct Parameters
{
    Mode mode = Mode::Orchestrated;
    std::string script = defaultScript();
    Duration timeout = std::chrono::milliseconds(100);
    std::uint32_t retries = 2;
    Duration backOff = std::chrono::milliseconds(20);
    Duration mostBackOff = std::chrono::milliseconds(320);
    bool semanticLock = false;
    bool commutative = false;
    bool reread = false;
    bool versionFile = false;
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (mode, script, timeout, retries, backOff, mostBackOff, semanticLock,
                       commutative, reread, versionFile, mistake))

/// One sentence about the first parameter that is out of its range; of the script with the column.
Result<void> validate(const Parameters&);

} // namespace lightcone::protocols::saga
