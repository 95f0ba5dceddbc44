#include "engine/measure/comparison.h"

#include "engine/trace/hash.h"

#include <algorithm>
#include <cmath>

namespace lightcone::measure {

namespace {

class Writer
{
public:
    explicit Writer(std::vector<Reading>& rows)
        : m_rows(rows)
    {
    }

    void add(Measure measure, Unit unit, Better better, std::optional<double> value)
    {
        m_rows.push_back({measure, {}, unit, better, value});
    }
    void count(Measure measure, Better better, std::uint64_t value)
    {
        add(measure, Unit::Count, better, static_cast<double>(value));
    }
    void latency(Measure measure, const Histogram& latency, double share)
    {
        add(measure, Unit::Time, Better::Less,
            latency.empty() ? std::nullopt
                            : std::optional(static_cast<double>(latency.quantile(share).count())));
    }

private:
    std::vector<Reading>& m_rows;
};

bool isOfStates(Measure measure)
{
    return measure == Measure::Standing || measure == Measure::Highest;
}

std::optional<double> each(std::uint64_t sum, std::uint64_t times)
{
    return times > 0 ? std::optional(static_cast<double>(sum) / static_cast<double>(times))
                     : std::nullopt;
}

} // namespace

std::vector<Reading> readingsOf(const Totals& totals)
{
    std::vector<Reading> rows;
    Writer write(rows);
    const auto ended = totals.done + totals.refused + totals.unknown;
    write.count(Measure::Operations, Better::Neither, totals.wanted);
    write.count(Measure::Done, Better::More, totals.done);
    write.count(Measure::Refused, Better::Less, totals.refused);
    write.count(Measure::Unknown, Better::Less, totals.unknown);
    write.count(Measure::Open, Better::Less, totals.open);
    write.count(Measure::Retries, Better::Less, totals.retries);
    write.add(Measure::Throughput, Unit::PerSecond, Better::More, totals.throughput());
    write.add(Measure::Errors, Unit::Share, Better::Less,
              ended > 0 ? std::optional(totals.errors()) : std::nullopt);
    write.latency(Measure::P50, totals.latency, 0.5);
    write.latency(Measure::P90, totals.latency, 0.9);
    write.latency(Measure::P99, totals.latency, 0.99);
    write.latency(Measure::P999, totals.latency, 0.999);
    write.latency(Measure::Most, totals.latency, 1);
    write.add(Measure::RoundTrips, Unit::Ratio, Better::Less,
              totals.roundTrips > 0 ? std::optional(totals.roundTrips) : std::nullopt);
    write.add(Measure::Unavailable, Unit::Time, Better::Less,
              static_cast<double>(totals.unavailableTime.count()));
    write.count(Measure::Messages, Better::Less, totals.messages);
    for (const auto& kind : totals.messageKinds) {
        rows.push_back({Measure::MessagesOfKind, kind.name, Unit::Count, Better::Neither,
                        static_cast<double>(kind.sent.total)});
    }
    write.add(Measure::MessagesPerOperation, Unit::Ratio, Better::Less,
              each(totals.messages, totals.done));
    write.add(Measure::Bytes, Unit::Bytes, Better::Less, static_cast<double>(totals.bytes));
    write.add(Measure::BytesPerOperation, Unit::Bytes, Better::Less,
              each(totals.bytes, totals.done));
    write.count(Measure::Dropped, Better::Neither, totals.dropped);
    write.count(Measure::Forced, Better::Less, totals.forced);
    write.add(Measure::ForcedPerOperation, Unit::Ratio, Better::Less,
              each(totals.forced, totals.done));
    write.count(Measure::Lazy, Better::Neither, totals.lazy);
    for (const auto& level : totals.ofStates.levels) {
        const bool whole = level.most == std::floor(level.most);
        rows.push_back({Measure::Highest, level.path,
                        level.time  ? Unit::Time
                            : whole ? Unit::Count
                                    : Unit::Ratio,
                        Better::Less, level.most});
    }
    for (const auto& list : totals.ofStates.standings) {
        rows.push_back({Measure::Standing, list.path, Unit::Time, Better::Less,
                        static_cast<double>(list.time.count())});
    }
    return rows;
}

std::vector<ComparedRow> compareTotals(const Totals& left, const Totals& right)
{
    std::vector<ComparedRow> rows;
    auto mine = readingsOf(left);
    const auto others = readingsOf(right);
    const auto same = [](const Reading& a) {
        return [&a](const Reading& b) { return a.measure == b.measure && a.of == b.of; };
    };
    for (auto& reading : mine) {
        const auto found = std::ranges::find_if(others, same(reading));
        auto other = found == others.end() ? std::nullopt : found->value;
        rows.push_back({std::move(reading), other});
    }
    // What only the right run has: kinds of message below those of the left, lists at the end.
    for (const auto& other : others) {
        const auto known = [&](const ComparedRow& row) { return same(other)(row.left); };
        if (std::ranges::any_of(rows, known)) {
            continue;
        }
        auto reading = other;
        reading.value.reset();
        const auto after = isOfStates(other.measure)
            ? rows.end()
            : std::ranges::find(rows, Measure::MessagesPerOperation,
                                [](const auto& row) { return row.left.measure; });
        rows.insert(after, ComparedRow{std::move(reading), other.value});
    }
    // A list in which nothing ever stood is no news, nor is a level that was never above zero.
    std::erase_if(rows, [](const ComparedRow& row) {
        return isOfStates(row.left.measure) && row.left.value.value_or(0) == 0
            && row.right.value_or(0) == 0;
    });
    return rows;
}

Comparison compare(const Measured& left, const Measured& right)
{
    const auto totals = [](const Measured& run) {
        auto all = totalsOf(run.meter);
        if (run.states) {
            all.ofStates = ofStates(*run.meter.trace(), *run.states, run.meter.size());
        }
        return all;
    };
    Comparison comparison;
    comparison.rows = compareTotals(totals(left), totals(right));
    const auto& one = *left.meter.trace();
    const auto& other = *right.meter.trace();
    comparison.sameKind = one.about().card.id == other.about().card.id;
    if (comparison.sameKind) {
        comparison.firstDifference =
            trace::firstDifference(one, left.meter.size(), other, right.meter.size());
    }
    return comparison;
}

} // namespace lightcone::measure
