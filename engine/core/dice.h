#pragma once

#include "engine/core/time.h"

#include <array>
#include <cstdint>
#include <optional>

namespace lightcone {

/// A stream of chance that is the same on every machine for the same seed (xoshiro256**, Blackman
/// and Vigna 2018). The distributions are our own, from integer and basic IEEE operations only,
/// because those of <random> and libm differ between libraries. A copy continues exactly as the
/// original.
class Dice
{
public:
    explicit Dice(std::uint64_t seed = 0);

    std::uint64_t next();

    /// Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);

    /// Uniform in [low, high], both included.
    std::int64_t between(std::int64_t low, std::int64_t high);
    Duration between(Duration low, Duration high);

    /// Uniform in [0, 1).
    double unit();

    /// True with the given probability; 0 and below is never, 1 and above always.
    bool chance(double probability);

    /// Exponential with the given mean.
    Duration exponential(Duration mean);

    /// Standard normal (sum of uniforms would have thin tails: Marsaglia's polar method).
    double normal();

    /// Median times e to the (sigma × normal): the long-tailed shape of real latencies.
    Duration logNormal(Duration median, double sigma);

    /// A stream of its own for one purpose, independent of how much of this one was used.
    [[nodiscard]] Dice fork(std::uint64_t purpose) const;

    friend bool operator==(const Dice&, const Dice&) = default;

    /// What a copy elsewhere needs to continue exactly as this one: see restored().
    [[nodiscard]] const std::array<std::uint64_t, 4>& state() const { return m_state; }
    [[nodiscard]] std::uint64_t seed() const { return m_seed; }

    /// The dice whose state() and seed() these are. Nothing when they are nobody's: a state of
    /// zeros alone gives zeros for ever.
    static std::optional<Dice> restored(const std::array<std::uint64_t, 4>& state,
                                        std::uint64_t seed);

private:
    std::array<std::uint64_t, 4> m_state{};
    std::uint64_t m_seed = 0;
};

/// Natural logarithm and exponential from basic operations: bit for bit the same everywhere.
double portableLog(double);
double portableExp(double);

} // namespace lightcone
