#pragma once

#include "engine/core/histogram.h"
#include "engine/measure/meter.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::measure {

struct Window
{
    Instant from{};
    Instant to{};
    friend bool operator==(const Window&, const Window&) = default;
};

/// A window cut into buckets: bucket i holds the instants from (first + i) · 2^k nanoseconds to the
/// next one's.
struct Cut
{
    unsigned k = 0;
    std::int64_t first = 0;
    std::size_t count = 0;

    /// The widest buckets that are no more than `most`, at least one.
    static Cut of(const Window&, std::size_t most);

    [[nodiscard]] Instant begin(std::size_t bucket) const;
    [[nodiscard]] Instant middle(std::size_t bucket) const;
    [[nodiscard]] Duration width() const { return Duration(std::int64_t{1} << k); }
    friend bool operator==(const Cut&, const Cut&) = default;
};

/// What can be drawn over time.
enum class Chart : std::uint8_t {
    Latency, ///< nanoseconds, by when the operations ended: p50, p90, p99, p99.9 and the most
    Throughput, ///< operations a second: done, refused, unknown
    Waiting, ///< operations under way, and those of them that wait for a free client
    Messages, ///< a second, by kind
    Bytes, ///< a second, by kind of message
    Work, ///< steps a second, by node
    Load, ///< messages and requests that a node took, a second
    Writes, ///< forced ones a second, by node
};
BOOST_DESCRIBE_ENUM(Chart, Latency, Throughput, Waiting, Messages, Bytes, Work, Load, Writes)

/// The line of all kinds of message that have none of their own.
constexpr const char* otherKinds = "others";

/// Lines of a protocol's own (kinds of message, nodes) are called as it calls them, others by the
/// words in Chart's comments.
struct Line
{
    std::string name;
    std::vector<double> values{}; ///< one a bucket; not a number where there is nothing to say
};

struct Plot
{
    Chart chart = Chart::Latency;
    Cut cut{};
    std::vector<Line> lines{};
};

/// Over the cut, in time that follows the number of buckets, or of events where the window is a
/// small part of the run.
Plot plotOf(const Meter&, Chart, const Cut&);

/// Latencies of the operations that were done in the window.
Histogram latencyIn(const Meter&, const Window&);

/// What part of it all fell on each member.
struct Share
{
    NodeId node;
    std::uint64_t taken = 0; ///< messages and requests
    std::uint64_t answered = 0; ///< clients' operations, to their end
    std::uint64_t steps = 0;
};

/// In the window, in the order of the cluster's members.
std::vector<Share> sharesIn(const Meter&, const Window&);

} // namespace lightcone::measure
