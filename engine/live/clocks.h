#pragma once

#include "engine/core/time.h"

#include <chrono>
#include <cstdint>

/// The one place where a live node reads clocks.
namespace lightcone::live {

/// Time since this process began, which no one can set: what timers and Moment::now run on. A wall
/// clock would jump when somebody sets it.
inline Instant steadyNow()
{
    static const auto begin = std::chrono::steady_clock::now();
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin));
}

/// Nanoseconds since the Unix epoch, for hybrid time only.
inline std::int64_t wallNow()
{
    return std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

} // namespace lightcone::live
