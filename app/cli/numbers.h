#pragma once

#include "engine/core/histogram.h"

#include <boost/json/object.hpp>

#include <array>
#include <string>
#include <string_view>
#include <utility>

/// Numbers as every verb that measures prints them.
namespace lightcone::cli {

constexpr std::array<std::pair<const char*, double>, 5> theQuantiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"p9999", 0.9999}}};

/// {count, mean, least, most, p50, …}
boost::json::object latencyJson(const Histogram& latency);

/// [[upTo, count], …]: the histogram whole.
boost::json::array bucketsOf(const Histogram& latency);

/// Three digits are what a person compares: "12.3 ms".
std::string shortText(Duration);

/// "4.2 kB"
std::string bytesText(double bytes);

/// The heading of a table of latencies, and a row of it.
std::string latencyHeading();
std::string latencyRow(std::string_view name, const Histogram& latency);

} // namespace lightcone::cli
