#pragma once

#include "engine/measure/meter.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::measure {

/// What a row of a comparison counts in.
enum class Unit : std::uint8_t {
    Count,
    Time, ///< nanoseconds
    Bytes,
    PerSecond,
    Share, ///< from 0 to 1
    Ratio, ///< a number of its own, as round trips an operation
};
BOOST_DESCRIBE_ENUM(Unit, Count, Time, Bytes, PerSecond, Share, Ratio)

/// What the rows are of. MessagesOfKind comes once a kind, Standing once a list in the states,
/// Highest once a level in them.
enum class Measure : std::uint8_t {
    Operations,
    Done,
    Refused,
    Unknown,
    Open,
    Retries,
    Throughput,
    Errors,
    P50,
    P90,
    P99,
    P999,
    Most,
    RoundTrips,
    Unavailable,
    Messages,
    MessagesOfKind,
    Bytes,
    BytesPerOperation,
    MessagesPerOperation,
    Dropped,
    Forced,
    ForcedPerOperation,
    Lazy,
    Standing,
    Highest,
};
BOOST_DESCRIBE_ENUM(Measure, Operations, Done, Refused, Unknown, Open, Retries, Throughput, Errors,
                    P50, P90, P99, P999, Most, RoundTrips, Unavailable, Messages, MessagesOfKind,
                    Bytes, BytesPerOperation, MessagesPerOperation, Dropped, Forced,
                    ForcedPerOperation, Lazy, Standing, Highest)

/// Which of two numbers is the better one.
enum class Better : std::uint8_t { Neither, Less, More };

/// One number of a run. Nothing where the run has none: a latency of no operation, a kind of
/// message that it does not know.
struct Reading
{
    Measure measure = Measure::Operations;
    std::string of{}; ///< of MessagesOfKind, Standing and Highest: which
    Unit unit = Unit::Count;
    Better better = Better::Neither;
    std::optional<double> value{};
};

/// Everything that is told of a run, in an order for people.
std::vector<Reading> readingsOf(const Totals&);

struct ComparedRow
{
    Reading left; ///< says of both what is measured
    std::optional<double> right{};
};

struct Comparison
{
    std::vector<ComparedRow> rows;
    bool sameKind = false; ///< the runs are of one protocol: their events can be compared
    std::optional<EventId> firstDifference{}; ///< of one kind: none when one begins as the other
};

/// The numbers of both side by side; kinds of message that only one knows too.
std::vector<ComparedRow> compareTotals(const Totals& left, const Totals& right);

/// A run up to what its meter has taken in; states: nullptr where nobody knows them.
struct Measured
{
    Meter meter;
    std::shared_ptr<const trace::StateSource> states;
};

Comparison compare(const Measured& left, const Measured& right);

} // namespace lightcone::measure
