#include "app/cli/numbers.h"

#include <boost/json/array.hpp>

#include <fmt/format.h>

namespace lightcone::cli {

boost::json::object latencyJson(const Histogram& latency)
{
    boost::json::object row{{"count", latency.count()},
                            {"mean", latency.mean().count()},
                            {"least", latency.least().count()},
                            {"most", latency.most().count()}};
    for (const auto& [name, share] : theQuantiles) {
        row[name] = latency.quantile(share).count();
    }
    return row;
}

boost::json::array bucketsOf(const Histogram& latency)
{
    boost::json::array buckets;
    for (const auto& bucket : latency.buckets()) {
        buckets.push_back(boost::json::array{bucket.upTo.count(), bucket.count});
    }
    return buckets;
}

std::string shortText(Duration duration)
{
    const auto count = static_cast<double>(duration.count());
    return count < 1e3 ? fmt::format("{:.0f} ns", count)
        : count < 1e6  ? fmt::format("{:.3g} µs", count / 1e3)
        : count < 1e9  ? fmt::format("{:.3g} ms", count / 1e6)
                       : fmt::format("{:.4g} s", count / 1e9);
}

std::string bytesText(double bytes)
{
    return bytes < 1e4 ? fmt::format("{:.4g} B", bytes)
        : bytes < 1e7  ? fmt::format("{:.4g} kB", bytes / 1e3)
        : bytes < 1e10 ? fmt::format("{:.4g} MB", bytes / 1e6)
                       : fmt::format("{:.4g} GB", bytes / 1e9);
}

std::string latencyHeading()
{
    return fmt::format("  {:<12}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "latency",
                       "done", "mean", "50 %", "90 %", "99 %", "99.9 %", "99.99 %", "most");
}

std::string latencyRow(std::string_view name, const Histogram& latency)
{
    auto row =
        fmt::format("  {:<12}{:>10}{:>10}", name, latency.count(), shortText(latency.mean()));
    for (const auto& [ignored, share] : theQuantiles) {
        row += fmt::format("{:>10}", shortText(latency.quantile(share)));
    }
    return row + fmt::format("{:>10}\n", shortText(latency.most()));
}

} // namespace lightcone::cli
