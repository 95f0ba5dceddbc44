#include "engine/measure/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>

namespace lightcone::measure {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// How many kinds of message have a line of their own.
constexpr std::size_t mostKinds = 8;

std::int64_t countOf(Instant at)
{
    return at.time_since_epoch().count();
}

/// The bucket of an instant; nothing outside of the cut.
std::optional<std::size_t> bucketOf(const Cut& cut, Instant at)
{
    const auto bucket = (countOf(at) >> cut.k) - cut.first;
    return bucket >= 0 && bucket < static_cast<std::int64_t>(cut.count)
        ? std::optional(static_cast<std::size_t>(bucket))
        : std::nullopt;
}

std::span<const Operation> endedIn(const Meter& meter, const Window& window)
{
    const auto& all = meter.operations().ended();
    const auto first = std::ranges::lower_bound(all, window.from, {}, &Operation::ended);
    const auto last = std::ranges::lower_bound(all, window.to, {}, &Operation::ended);
    return {first, last};
}

Window windowOf(const Cut& cut)
{
    return {cut.begin(0), cut.begin(cut.count)};
}

/// What of each bucket lies within the run so far, in seconds; less than a quarter of a bucket says
/// nothing.
std::vector<double> secondsOf(const Meter& meter, const Cut& cut)
{
    const auto begin = meter.size() ? (*meter.trace())[EventId(1)].at : Instant{};
    std::vector<double> seconds(cut.count, 0);
    for (std::size_t i = 0; i < cut.count; ++i) {
        const auto from = std::max(begin, cut.begin(i));
        const auto to = std::min(meter.now(), cut.begin(i + 1));
        const auto covered = to > from ? to - from : Duration::zero();
        seconds[i] =
            4 * covered >= cut.width() ? std::chrono::duration<double>(covered).count() : 0;
    }
    return seconds;
}

std::vector<double> perSecond(std::vector<double> counts, const std::vector<double>& seconds)
{
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] = seconds[i] > 0 ? counts[i] / seconds[i] : nothing;
    }
    return counts;
}

/// Counts of wide buckets from those of narrower ones.
std::vector<double> gathered(const Counts& counts, const Traffic& traffic, const Cut& cut)
{
    std::vector<double> sums(cut.count, 0);
    const auto shift = cut.k - traffic.width();
    for (std::size_t i = 0; i < cut.count; ++i) {
        const auto from =
            ((cut.first + static_cast<std::int64_t>(i)) << shift) - traffic.firstBucket();
        const auto to = from + (std::int64_t{1} << shift);
        const auto end = std::min(to, static_cast<std::int64_t>(counts.byBucket.size()));
        for (auto bucket = std::max<std::int64_t>(from, 0); bucket < end; ++bucket) {
            sums[i] += static_cast<double>(counts.byBucket[static_cast<std::size_t>(bucket)]);
        }
    }
    return sums;
}

/// Traffic with buckets that are narrow enough for the cut: the run's own, or, where these are too
/// wide, that of the window's events.
class Narrow
{
public:
    Narrow(const Meter& meter, const Cut& cut)
        : m_traffic(&meter.traffic())
    {
        if (m_traffic->width() <= cut.k) {
            return;
        }
        const auto window = windowOf(cut);
        m_own.emplace(window.from, cut.k);
        const auto& trace = *meter.trace();
        const auto before = eventAt(trace, window.from - Duration(1));
        const auto last = std::min(eventAt(trace, window.to - Duration(1)), meter.size());
        trace::forEach(trace, EventId(before.value + 1), last,
                       [&](EventId, const trace::Event& event) { m_own->add(event); });
        m_traffic = &*m_own;
    }

    [[nodiscard]] const Traffic& get() const { return *m_traffic; }

private:
    std::optional<Traffic> m_own;
    const Traffic* m_traffic;
};

double quantileOf(std::vector<std::int64_t>& values, double share)
{
    const auto rank = std::ceil(share * static_cast<double>(values.size()));
    const auto index = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
    std::nth_element(values.begin(), values.begin() + index, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(index)]);
}

std::vector<Line> latencies(const Meter& meter, const Cut& cut)
{
    struct Quantile
    {
        const char* name;
        double share;
    };
    static constexpr std::array<Quantile, 5> quantiles{
        {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"most", 1}}};
    std::vector<Line> lines;
    for (const auto& each : quantiles) {
        lines.push_back({each.name, std::vector<double>(cut.count, nothing)});
    }
    std::vector<std::int64_t> values;
    std::optional<std::size_t> bucket;
    const auto close = [&] {
        for (std::size_t i = 0; bucket && !values.empty() && i < quantiles.size(); ++i) {
            lines[i].values[*bucket] = quantileOf(values, quantiles[i].share);
        }
        values.clear();
    };
    for (const auto& operation : endedIn(meter, windowOf(cut))) {
        const auto here = bucketOf(cut, operation.ended);
        if (here != bucket) {
            close();
            bucket = here;
        }
        if (operation.done()) {
            values.push_back(operation.latency().count());
        }
    }
    close();
    return lines;
}

std::vector<Line> throughput(const Meter& meter, const Cut& cut)
{
    std::vector<double> done(cut.count, 0);
    std::vector<double> refused(cut.count, 0);
    std::vector<double> unknown(cut.count, 0);
    for (const auto& operation : endedIn(meter, windowOf(cut))) {
        auto& ending = operation.done()                 ? done
            : operation.answer == node::Answer::Unknown ? unknown
                                                        : refused;
        if (const auto bucket = bucketOf(cut, operation.ended)) {
            ++ending[*bucket];
        }
    }
    const auto seconds = secondsOf(meter, cut);
    return {{"done", perSecond(std::move(done), seconds)},
            {"refused", perSecond(std::move(refused), seconds)},
            {"unknown", perSecond(std::move(unknown), seconds)}};
}

std::vector<Line> waiting(const Meter& meter, const Cut& cut)
{
    const auto& operations = meter.operations();
    Line open{"under way", std::vector<double>(cut.count, nothing)};
    Line inLine{"in line", std::vector<double>(cut.count, nothing)};
    for (std::size_t i = 0; i < cut.count; ++i) {
        const auto end = cut.begin(i + 1);
        if (cut.begin(i) > meter.now()) {
            break;
        }
        const auto before = [&](const std::vector<Instant>& instants) {
            return std::ranges::lower_bound(instants, end) - instants.begin();
        };
        const auto& all = operations.ended();
        const auto ended = std::ranges::lower_bound(all, end, {}, &Operation::ended) - all.begin();
        const auto wanted = before(operations.wanted());
        open.values[i] = static_cast<double>(wanted - ended);
        inLine.values[i] = static_cast<double>(wanted - before(operations.begun()));
    }
    return {std::move(open), std::move(inLine)};
}

std::vector<Line> byKind(const Meter& meter, const Cut& cut, Counts MessageKind::*which)
{
    const Narrow narrow(meter, cut);
    const auto& traffic = narrow.get();
    std::vector<std::pair<double, Line>> lines;
    const auto seconds = secondsOf(meter, cut);
    for (const auto& kind : traffic.kinds()) {
        auto counts = gathered(kind.*which, traffic, cut);
        double sum = 0;
        for (const auto each : counts) {
            sum += each;
        }
        if (sum > 0) {
            lines.emplace_back(sum, Line{kind.name, std::move(counts)});
        }
    }
    std::ranges::stable_sort(lines, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Line> result;
    Line others{otherKinds, std::vector<double>(cut.count, 0)};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i < mostKinds) {
            result.push_back(std::move(lines[i].second));
            continue;
        }
        for (std::size_t bucket = 0; bucket < cut.count; ++bucket) {
            others.values[bucket] += lines[i].second.values[bucket];
        }
    }
    if (lines.size() > mostKinds) {
        result.push_back(std::move(others));
    }
    for (auto& line : result) {
        line.values = perSecond(std::move(line.values), seconds);
    }
    return result;
}

/// Each member's counts, also of those that did nothing.
template <class Sum>
std::vector<Line> byNode(const Meter& meter, const Cut& cut, Sum sum)
{
    const Narrow narrow(meter, cut);
    const auto& traffic = narrow.get();
    const auto seconds = secondsOf(meter, cut);
    std::vector<Line> lines;
    for (const auto& member : meter.trace()->about().members) {
        const auto found = std::ranges::find(traffic.nodes(), member.id, &NodeWork::node);
        auto counts = found == traffic.nodes().end() ? std::vector<double>(cut.count, 0)
                                                     : sum(*found, traffic);
        lines.push_back({member.name, perSecond(std::move(counts), seconds)});
    }
    return lines;
}

std::vector<Line> byNode(const Meter& meter, const Cut& cut, Counts NodeWork::*which)
{
    return byNode(meter, cut, [&](const NodeWork& work, const Traffic& traffic) {
        return gathered(work.*which, traffic, cut);
    });
}

} // namespace

Cut Cut::of(const Window& window, std::size_t most)
{
    const auto from = countOf(window.from);
    const auto to = std::max(countOf(window.to), from + 1);
    Cut cut;
    const auto buckets = [&] { return ((to - 1) >> cut.k) - (from >> cut.k) + 1; };
    while (buckets() > static_cast<std::int64_t>(std::max<std::size_t>(most, 1)) && cut.k < 62) {
        ++cut.k;
    }
    cut.first = from >> cut.k;
    cut.count = static_cast<std::size_t>(buckets());
    return cut;
}

Instant Cut::begin(std::size_t bucket) const
{
    return Instant(Duration((first + static_cast<std::int64_t>(bucket)) << k));
}

Instant Cut::middle(std::size_t bucket) const
{
    return begin(bucket) + width() / 2;
}

Plot plotOf(const Meter& meter, Chart chart, const Cut& cut)
{
    switch (chart) {
    case Chart::Latency:
        return {chart, cut, latencies(meter, cut)};
    case Chart::Throughput:
        return {chart, cut, throughput(meter, cut)};
    case Chart::Waiting:
        return {chart, cut, waiting(meter, cut)};
    case Chart::Messages:
        return {chart, cut, byKind(meter, cut, &MessageKind::sent)};
    case Chart::Bytes:
        return {chart, cut, byKind(meter, cut, &MessageKind::bytes)};
    case Chart::Work:
        return {chart, cut, byNode(meter, cut, &NodeWork::steps)};
    case Chart::Writes:
        return {chart, cut, byNode(meter, cut, &NodeWork::forced)};
    case Chart::Load:
        break;
    }
    const auto taken = [&](const NodeWork& work, const Traffic& traffic) {
        auto sums = gathered(work.messages, traffic, cut);
        const auto requests = gathered(work.requests, traffic, cut);
        for (std::size_t i = 0; i < sums.size(); ++i) {
            sums[i] += requests[i];
        }
        return sums;
    };
    return {chart, cut, byNode(meter, cut, taken)};
}

Histogram latencyIn(const Meter& meter, const Window& window)
{
    Histogram latency;
    for (const auto& operation : endedIn(meter, window)) {
        if (operation.done()) {
            latency.record(operation.latency());
        }
    }
    return latency;
}

std::vector<Share> sharesIn(const Meter& meter, const Window& window)
{
    // Finer than a bar can show, and no more work than a chart.
    const auto cut = Cut::of(window, 1024);
    const Narrow narrow(meter, cut);
    const auto& traffic = narrow.get();
    const auto sum = [&](const Counts& counts) {
        double all = 0;
        for (const auto each : gathered(counts, traffic, cut)) {
            all += each;
        }
        return static_cast<std::uint64_t>(all);
    };
    std::map<NodeId, std::uint64_t> answered;
    for (const auto& operation : endedIn(meter, window)) {
        answered[operation.by] += operation.done() ? 1 : 0;
    }
    std::vector<Share> shares;
    for (const auto& member : meter.trace()->about().members) {
        Share share{member.id};
        const auto found = std::ranges::find(traffic.nodes(), member.id, &NodeWork::node);
        if (found != traffic.nodes().end()) {
            share.taken = sum(found->messages) + sum(found->requests);
            share.steps = sum(found->steps);
        }
        share.answered = answered[member.id];
        shares.push_back(share);
    }
    return shares;
}

} // namespace lightcone::measure
