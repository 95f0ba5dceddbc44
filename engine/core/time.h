#pragma once

#include "engine/core/error.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace lightcone {

using Duration = std::chrono::nanoseconds;

/// The time of a run: nanoseconds since its start. It has no now(): whoever runs things says what
/// time it is.
struct Timeline
{
    using rep = std::int64_t;
    using period = std::nano;
    using duration = Duration;
    using time_point = std::chrono::time_point<Timeline, Duration>;
    static constexpr bool is_steady = true;
};

using Instant = Timeline::time_point;

/// "412 ms", "437.02 ms", "1.5 s", "20 µs": rounded to three digits behind the point of
/// the unit that fits.
std::string toText(Duration);
std::string toText(Instant);

/// The same as a scenario writes it, without a space and never rounded: "412ms",
/// "437.020123ms", "1.5s".
std::string toScenarioText(Duration);

/// Reads "20ms", "1.5 s", "300us", "µs", "7ns", "2m". Fails on a missing or unknown unit and on
/// overflow.
Result<Duration> parseDuration(std::string_view);

} // namespace lightcone
