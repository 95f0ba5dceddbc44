#pragma once

#include "engine/core/time.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lightcone {

/// How often durations of each size occurred, in buckets that are as wide as 1/128 of what is in
/// them or narrower: every answer is at most 0.8 % too high, whatever the size (the idea of Tene's
/// HdrHistogram). Nothing is lost at either end: negative durations count as zero. Costs at most
/// 59 KiB, and recording is a few instructions.
class Histogram
{
public:
    void record(Duration value, std::uint64_t times = 1);

    /// Adds what another one has seen.
    void merge(const Histogram& other);

    [[nodiscard]] std::uint64_t count() const { return m_count; }
    [[nodiscard]] bool empty() const { return m_count == 0; }

    // Exact; zero when nothing was recorded.
    [[nodiscard]] Duration least() const { return m_least; }
    [[nodiscard]] Duration most() const { return m_most; }
    [[nodiscard]] Duration mean() const;

    /// The smallest duration that at least that share of all, from 0 to 1, did not exceed: 0.5 is
    /// the median.
    [[nodiscard]] Duration quantile(double share) const;

    /// A bucket that holds something: durations up to that, and how many.
    struct Bucket
    {
        Duration upTo{};
        std::uint64_t count = 0;
        friend bool operator==(const Bucket&, const Bucket&) = default;
    };

    /// From small to large.
    [[nodiscard]] std::vector<Bucket> buckets() const;

private:
    static std::size_t indexOf(std::uint64_t value);
    static std::uint64_t upperBound(std::size_t index);

    std::vector<std::uint64_t> m_counts; ///< up to the largest that occurred
    std::uint64_t m_count = 0;
    double m_sum = 0;
    Duration m_least{};
    Duration m_most{};
};

} // namespace lightcone
