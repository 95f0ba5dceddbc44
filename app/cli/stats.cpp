#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "app/cli/numbers.h"
#include "engine/describe/naming.h"
#include "engine/describe/shape_of.h"
#include "engine/measure/meter.h"

#include <boost/program_options/value_semantic.hpp>

#include <fmt/format.h>
#include <iostream>

namespace lightcone::cli {

namespace {

using measure::Totals;

std::string nameOf(trace::Channel channel)
{
    return describe::enumeratorName(describe::nameOf(channel));
}

std::int64_t countOf(Instant at)
{
    return at.time_since_epoch().count();
}

double perSecond(const Totals& totals, std::uint64_t count)
{
    const auto seconds = std::chrono::duration<double>(totals.time).count();
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

double share(std::uint64_t part, std::uint64_t all)
{
    return all > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(all) : 0;
}

void printOperations(const Totals& totals)
{
    std::cout << fmt::format(
        "  {} wanted: {} done, {} refused, {} unknown, {} under way; {} retries\n", totals.wanted,
        totals.done, totals.refused, totals.unknown, totals.open, totals.retries);
    std::cout << fmt::format("  {:.4g} done a second, {:.3g} % errors, {:.3g} round trips each\n",
                             totals.throughput(), 100 * totals.errors(), totals.roundTrips);
    std::cout << fmt::format("  unavailable for {} (more than {} without an answer)\n",
                             shortText(totals.unavailableTime), shortText(totals.patience));
    for (const auto& stretch : totals.unavailable) {
        std::cout << fmt::format("    from {} to {}\n", toText(stretch.from), toText(stretch.to));
    }
    std::cout << '\n' << latencyHeading();
    for (const auto& kind : totals.kinds) {
        std::cout << latencyRow(kind.name, kind.latency);
    }
    std::cout << latencyRow("all", totals.latency);
}

void printMessages(const Totals& totals)
{
    std::cout << fmt::format("\n  {:<28}{:>10}{:>12}{:>12}{:>12}\n", "messages", "sent", "a second",
                             "bytes", "each");
    const auto row = [&](const std::string& name, std::uint64_t sent, std::uint64_t bytes) {
        const auto each = sent > 0 ? static_cast<double>(bytes) / static_cast<double>(sent) : 0;
        std::cout << fmt::format("  {:<28}{:>10}{:>12.4g}{:>12}{:>12}\n", name, sent,
                                 perSecond(totals, sent), bytesText(static_cast<double>(bytes)),
                                 bytesText(each));
    };
    for (const auto& kind : totals.messageKinds) {
        const bool message = kind.channel == trace::Channel::Message;
        row(message ? kind.name : kind.name + " (" + nameOf(kind.channel) + ")", kind.sent.total,
            kind.bytes.total);
    }
    row("all", totals.messages, totals.bytes);
    std::cout << fmt::format("  {} died on the way\n", totals.dropped);
}

void printNodes(const Totals& totals, const trace::About& about)
{
    std::cout << fmt::format("\n  {:<10}{:>9}{:>10}{:>10}{:>9}{:>10}{:>8}{:>10}{:>9}{:>8}{:>8}\n",
                             "nodes", "steps", "messages", "requests", "sent", "answered", "share",
                             "forced", "a second", "lazy", "syncs");
    for (const auto& node : totals.nodes) {
        const auto answered = totals.answeredBy(node.node);
        std::cout << fmt::format(
            "  {:<10}{:>9}{:>10}{:>10}{:>9}{:>10}{:>7.1f}%{:>10}{:>9.3g}{:>8}{:>8}\n",
            about.nameOf(node.node), node.steps.total, node.messages.total, node.requests.total,
            node.sent.total, answered, share(answered, totals.done), node.forced.total,
            perSecond(totals, node.forced.total), node.lazy, node.syncs);
    }
}

/// What the protocol measures of itself.
void printLevels(const Totals& totals, const trace::About& about)
{
    const auto& levels = totals.ofStates.levels;
    if (levels.empty()) {
        return;
    }
    std::cout << fmt::format("\n  {:<28}{:>10}{:>12}\n", "in the nodes' states", "the most", "at");
    for (const auto& level : levels) {
        const auto most = level.time ? shortText(Duration(static_cast<std::int64_t>(level.most)))
                                     : fmt::format("{:.6g}", level.most);
        std::cout << fmt::format("  {:<28}{:>10}{:>12}\n", level.path, most,
                                 level.node ? about.nameOf(level.node) : "");
    }
}

void print(const std::string& file, const session::Recording& recording, const Totals& totals)
{
    const auto& about = recording.trace->about();
    std::cout << fmt::format("{}: {}, {} nodes, {} clients, {} events in {}\n", file, about.card.id,
                             about.members.size(), about.clients.size(), totals.events,
                             toText(totals.time));
    printOperations(totals);
    printMessages(totals);
    printNodes(totals, about);
    printLevels(totals, about);
}

/// As HdrHistogram writes it, for the tools that draw it: value in milliseconds, percentile, how
/// many so far, 1 / (1 - percentile).
void printPercentiles(const Histogram& latency)
{
    std::cout << fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount",
                             "1/(1-Percentile)");
    std::uint64_t seen = 0;
    for (const auto& bucket : latency.buckets()) {
        seen += bucket.count;
        const auto part = static_cast<double>(seen) / static_cast<double>(latency.count());
        const auto value = static_cast<double>(std::min(bucket.upTo, latency.most()).count()) / 1e6;
        std::cout << fmt::format("{:>12.6f} {:>14.12f} {:>10}", value, part, seen);
        std::cout << (seen < latency.count() ? fmt::format(" {:>14.2f}\n", 1 / (1 - part)) : "\n");
    }
    std::cout << fmt::format("#[Mean = {:.6f}]\n#[Max = {:.6f}, Total count = {}]\n",
                             static_cast<double>(latency.mean().count()) / 1e6,
                             static_cast<double>(latency.most().count()) / 1e6, latency.count());
}

boost::json::object operationsJson(const Totals& totals)
{
    boost::json::object kinds;
    for (const auto& kind : totals.kinds) {
        kinds[kind.name] = boost::json::object{
            {"asked", kind.asked}, {"done", kind.done}, {"latency", latencyJson(kind.latency)}};
    }
    boost::json::array stretches;
    for (const auto& stretch : totals.unavailable) {
        stretches.push_back(boost::json::array{countOf(stretch.from), countOf(stretch.to)});
    }
    return {{"wanted", totals.wanted},
            {"done", totals.done},
            {"refused", totals.refused},
            {"unknown", totals.unknown},
            {"open", totals.open},
            {"retries", totals.retries},
            {"perSecond", totals.throughput()},
            {"errors", totals.errors()},
            {"roundTrips", totals.roundTrips},
            {"latency", latencyJson(totals.latency)},
            {"kinds", std::move(kinds)},
            {"buckets", bucketsOf(totals.latency)},
            {"unavailable",
             {{"patience", totals.patience.count()},
              {"nanoseconds", totals.unavailableTime.count()},
              {"stretches", std::move(stretches)}}}};
}

boost::json::object toJson(const std::string& file, const session::Recording& recording,
                           const Totals& totals)
{
    const auto& about = recording.trace->about();
    boost::json::array kinds;
    for (const auto& kind : totals.messageKinds) {
        kinds.push_back(boost::json::object{{"name", kind.name},
                                            {"channel", nameOf(kind.channel)},
                                            {"sent", kind.sent.total},
                                            {"bytes", kind.bytes.total}});
    }
    boost::json::array nodes;
    for (const auto& node : totals.nodes) {
        nodes.push_back(boost::json::object{{"node", about.nameOf(node.node)},
                                            {"steps", node.steps.total},
                                            {"messages", node.messages.total},
                                            {"requests", node.requests.total},
                                            {"sent", node.sent.total},
                                            {"answered", totals.answeredBy(node.node)},
                                            {"forced", node.forced.total},
                                            {"lazy", node.lazy},
                                            {"syncs", node.syncs}});
    }
    boost::json::array levels;
    for (const auto& level : totals.ofStates.levels) {
        levels.push_back(boost::json::object{{"level", level.path},
                                             {"unit", level.time ? "nanoseconds" : "count"},
                                             {"most", level.most},
                                             {"node", about.nameOf(level.node)}});
    }
    return {{"file", file},
            {"protocol", about.card.id},
            {"seed", about.seed},
            {"events", totals.events},
            {"nanoseconds", totals.time.count()},
            {"operations", operationsJson(totals)},
            {"messages",
             {{"sent", totals.messages},
              {"bytes", totals.bytes},
              {"dropped", totals.dropped},
              {"kinds", std::move(kinds)}}},
            {"writes", {{"forced", totals.forced}, {"lazy", totals.lazy}, {"syncs", totals.syncs}}},
            {"nodes", std::move(nodes)},
            {"levels", std::move(levels)}};
}

} // namespace

int stats(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("stats");
    given.add()("patience", options::value<std::string>()->default_value("100ms"),
                "how long nobody may be answered before it counts as unavailable")(
        "percentiles", "the latencies' whole distribution, as HdrHistogram writes it")(
        "json", "as JSON: an object");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto patience = durationOf(given, "patience");
    if (!patience) {
        return complain("stats", patience.error());
    }
    const auto recording = loadOne(given);
    if (!recording) {
        return complain("stats", recording.error());
    }
    measure::Meter meter(recording->trace, *patience);
    meter.grow(EventId(recording->trace->size()));
    auto totals = measure::totalsOf(meter);
    if (recording->states) {
        totals.ofStates = measure::ofStates(*recording->trace, *recording->states, meter.size());
    }
    const auto file = given.list("file").front();
    if (given.has("json")) {
        std::cout << readable(toJson(file, *recording, totals));
    } else if (given.has("percentiles")) {
        printPercentiles(totals.latency);
    } else {
        print(file, *recording, totals);
    }
    return statusOf(*recording);
}

} // namespace lightcone::cli
