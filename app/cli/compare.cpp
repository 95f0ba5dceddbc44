#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "app/cli/numbers.h"
#include "engine/describe/naming.h"
#include "engine/describe/shape_of.h"
#include "engine/measure/comparison.h"
#include "engine/trace/formats/wording.h"

#include <boost/program_options/value_semantic.hpp>

#include <cmath>
#include <fmt/format.h>
#include <iostream>
#include <utility>

namespace lightcone::cli {

namespace {

using measure::ComparedRow;
using measure::Measure;
using measure::Unit;

std::string labelOf(const measure::Reading& row)
{
    switch (row.measure) {
    case Measure::Operations:
        return "operations wanted";
    case Measure::Done:
        return "done";
    case Measure::Refused:
        return "refused";
    case Measure::Unknown:
        return "unknown";
    case Measure::Open:
        return "under way at the end";
    case Measure::Retries:
        return "retries";
    case Measure::Throughput:
        return "done a second";
    case Measure::Errors:
        return "errors";
    case Measure::P50:
        return "latency, 50 %";
    case Measure::P90:
        return "latency, 90 %";
    case Measure::P99:
        return "latency, 99 %";
    case Measure::P999:
        return "latency, 99.9 %";
    case Measure::Most:
        return "latency, the most";
    case Measure::RoundTrips:
        return "round trips an operation";
    case Measure::Unavailable:
        return "unavailable";
    case Measure::Messages:
        return "messages";
    case Measure::MessagesOfKind:
        return "  " + row.of;
    case Measure::MessagesPerOperation:
        return "messages an operation";
    case Measure::Bytes:
        return "bytes";
    case Measure::BytesPerOperation:
        return "bytes an operation";
    case Measure::Dropped:
        return "died on the way";
    case Measure::Forced:
        return "forced writes";
    case Measure::ForcedPerOperation:
        return "forced writes an operation";
    case Measure::Lazy:
        return "lazy writes";
    case Measure::Highest:
        return row.of + ", the most";
    case Measure::Standing:
        return "time in " + row.of;
    }
    return {};
}

std::string valueText(Unit unit, double value)
{
    switch (unit) {
    case Unit::Count:
        return fmt::format("{:.0f}", value);
    case Unit::Time:
        return shortText(Duration(static_cast<std::int64_t>(value)));
    case Unit::Bytes:
        return bytesText(value);
    case Unit::PerSecond:
        return fmt::format("{:.4g} /s", value);
    case Unit::Share:
        return fmt::format("{:.3g} %", 100 * value);
    case Unit::Ratio:
        break;
    }
    return fmt::format("{:.3g}", value);
}

std::string valueText(Unit unit, const std::optional<double>& value)
{
    return value ? valueText(unit, *value) : "–";
}

/// By how much the right one differs: "+12", "-3.1 ms", "÷ 21".
std::string differenceText(const ComparedRow& row)
{
    if (!row.left.value || !row.right) {
        return "";
    }
    const auto a = *row.left.value;
    const auto b = *row.right;
    if (a == b) {
        return "=";
    }
    constexpr double much = 2;
    if (a > 0 && b > 0 && row.left.unit != Unit::Count && (b / a >= much || a / b >= much)) {
        return b > a ? fmt::format("× {:.3g}", b / a) : fmt::format("÷ {:.3g}", a / b);
    }
    return (b > a ? "+" : "-") + valueText(row.left.unit, std::abs(b - a));
}

/// One line about an event, or that the run has none of that number.
std::string eventText(const trace::Trace& trace, EventId event)
{
    if (event.value > trace.size()) {
        return "the run has ended";
    }
    const trace::formats::Wording wording(trace.about());
    const auto& what = trace[event];
    const auto where = what.node ? wording.name(what.node) + " " : std::string();
    return toText(what.at) + " " + where + wording.sentence(what);
}

struct Side
{
    std::string file;
    session::Recording recording;
};

/// On the right of so many columns: a letter beyond ASCII takes one, too.
std::string padded(const std::string& text, std::size_t width)
{
    const auto letters = static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    return letters < width ? std::string(width - letters, ' ') + text : text;
}

void print(const Side& left, const Side& right, const measure::Comparison& comparison)
{
    constexpr std::size_t wide = 16;
    for (const auto* side : {&left, &right}) {
        const auto& about = side->recording.trace->about();
        std::cout << fmt::format(
            "{}: {}, {} nodes, {} events in {}\n", side->file, about.card.id, about.members.size(),
            side->recording.trace->size(),
            toText(side->recording.trace->size() > 0
                       ? (*side->recording.trace)[EventId(side->recording.trace->size())].at
                       : Instant{}));
    }
    std::cout << fmt::format("\n  {:<28}", "") << padded("left", wide) << padded("right", wide)
              << padded("difference", wide) << '\n';
    for (const auto& row : comparison.rows) {
        const auto difference = differenceText(row);
        std::cout << fmt::format("  {:<28}", labelOf(row.left))
                  << padded(valueText(row.left.unit, row.left.value), wide)
                  << padded(valueText(row.left.unit, row.right), wide)
                  << (difference.empty() ? "" : padded(difference, wide)) << '\n';
    }
    if (!comparison.sameKind) {
        std::cout << "\n  the events of different protocols cannot be compared one by one\n";
    } else if (!comparison.firstDifference) {
        std::cout << "\n  no event differs: the runs are identical\n";
    } else {
        const auto event = *comparison.firstDifference;
        std::cout << fmt::format("\n  the first event that differs: #{}\n    left   {}\n"
                                 "    right  {}\n",
                                 event.value, eventText(*left.recording.trace, event),
                                 eventText(*right.recording.trace, event));
    }
}

boost::json::value jsonOf(const std::optional<double>& value)
{
    return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

boost::json::object toJson(const Side& side)
{
    const auto& about = side.recording.trace->about();
    return {{"file", side.file},
            {"protocol", about.card.id},
            {"seed", about.seed},
            {"events", side.recording.trace->size()}};
}

boost::json::object toJson(const Side& left, const Side& right,
                           const measure::Comparison& comparison)
{
    boost::json::array rows;
    for (const auto& row : comparison.rows) {
        const auto measure = describe::enumeratorName(describe::nameOf(row.left.measure));
        rows.push_back(
            boost::json::object{{"measure", measure},
                                {"of", row.left.of},
                                {"unit", describe::enumeratorName(describe::nameOf(row.left.unit))},
                                {"left", jsonOf(row.left.value)},
                                {"right", jsonOf(row.right)}});
    }
    boost::json::object whole{{"left", toJson(left)},
                              {"right", toJson(right)},
                              {"sameProtocol", comparison.sameKind},
                              {"rows", std::move(rows)}};
    if (comparison.firstDifference) {
        const auto event = *comparison.firstDifference;
        whole["firstDifference"] =
            boost::json::object{{"event", event.value},
                                {"left", eventText(*left.recording.trace, event)},
                                {"right", eventText(*right.recording.trace, event)}};
    }
    return whole;
}

/// A file, or a scenario as it is with other settings.
Result<session::Recording> open(const Options& given, const std::string& file,
                                const std::string& side)
{
    const auto overrides = settingsOf(given, side);
    if (!overrides) {
        return overrides.error();
    }
    const ShownWork shown(file);
    if (overrides->empty()) {
        return session::openRecording(file, shown.work());
    }
    if (!file.ends_with(".scenario")) {
        return fail(file + " is a trace: settings can be given to a scenario");
    }
    const auto plan = session::planOf(file, *overrides);
    return plan ? session::recordScenario(*plan, shown.work()) : plan.error();
}

measure::Measured measured(const Side& side, Duration patience)
{
    measure::Meter meter(side.recording.trace, patience);
    meter.grow(EventId(side.recording.trace->size()));
    return {std::move(meter), side.recording.states};
}

} // namespace

int compare(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("compare");
    given.add()("left", options::value<std::vector<std::string>>(),
                "KEY=VALUE: a setting of the first file, when it is a scenario")(
        "right", options::value<std::vector<std::string>>(),
        "KEY=VALUE: a setting of the second file, when it is a scenario")(
        "patience", options::value<std::string>()->default_value("100ms"),
        "how long nobody may be answered before it counts as unavailable")("json",
                                                                           "as JSON: an object");
    given.words("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto files = given.list("file");
    if (files.size() != 2) {
        return complain("compare", fail("expected two files (.lightcone traces or .scenarios)"));
    }
    const auto patience = durationOf(given, "patience");
    if (!patience) {
        return complain("compare", patience.error());
    }
    auto first = open(given, files[0], "left");
    if (!first) {
        return complain("compare", first.error());
    }
    auto second = open(given, files[1], "right");
    if (!second) {
        return complain("compare", second.error());
    }
    const Side left{files[0], std::move(*first)};
    const Side right{files[1], std::move(*second)};
    for (const auto* side : {&left, &right}) {
        if (side->recording.damage) {
            std::cerr << "lightcone-cli: " << side->file << ": " << *side->recording.damage << '\n';
        }
    }
    const auto comparison = measure::compare(measured(left, *patience), measured(right, *patience));
    if (given.has("json")) {
        std::cout << readable(toJson(left, right, comparison));
    } else {
        print(left, right, comparison);
    }
    return std::max(statusOf(left.recording), statusOf(right.recording));
}

} // namespace lightcone::cli
