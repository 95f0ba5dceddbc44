#include "app/cli/cluster.h"
#include "app/cli/json_text.h"
#include "app/cli/numbers.h"
#include "engine/check/jepsen.h"
#include "engine/describe/naming.h"
#include "engine/describe/shape_of.h"
#include "engine/live/load.h"
#include "engine/session/load_history.h"

#include <boost/asio/signal_set.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <charconv>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>

namespace lightcone::cli {

namespace {

using live::Deed;
using live::LoadPlan;
using live::LoadResult;

std::string nameOf(Deed deed)
{
    return describe::enumeratorName(describe::nameOf(deed));
}

/// "put=50,get=50".
Result<std::array<std::uint32_t, live::deeds>> mixOf(std::string_view text)
{
    std::array<std::uint32_t, live::deeds> mix{};
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto part = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const auto equals = part.find('=');
        std::uint32_t share = 1;
        if (equals != std::string_view::npos) {
            const auto digits = part.substr(equals + 1);
            const auto* end = digits.data() + digits.size();
            const auto [at, problem] = std::from_chars(digits.data(), end, share);
            if (problem != std::errc{} || at != end || share > 1'000'000) {
                return fail("--mix: expected a share up to 1000000 behind '"
                            + std::string(part.substr(0, equals + 1)) + "', found '"
                            + std::string(digits) + "'");
            }
        }
        bool known = false;
        for (std::size_t i = 0; i < live::deeds; ++i) {
            if (nameOf(static_cast<Deed>(i)) == part.substr(0, equals)) {
                mix[i] = share;
                known = true;
            }
        }
        if (!known) {
            return fail("--mix: expected put, get, delete or cas, found '"
                        + std::string(part.substr(0, equals)) + "'");
        }
    }
    return mix;
}

Result<LoadPlan> planOf(const Options& given)
{
    LoadPlan plan;
    plan.clients = given.get<std::uint32_t>("clients");
    plan.operations = given.get<std::uint64_t>("operations");
    plan.rate = given.get<double>("rate");
    plan.poisson = given.has("poisson");
    plan.keys = given.get<std::uint64_t>("keys");
    plan.valueBytes = given.get<std::size_t>("value-size");
    plan.seed = given.has("seed") ? given.get<std::uint64_t>("seed") : std::random_device{}();
    constexpr std::uint32_t mostClients = 100'000;
    if (plan.clients > mostClients) {
        return fail(fmt::format("--clients: expected at most {}", mostClients));
    }
    constexpr std::size_t mostValueBytes = std::size_t{1} << 20;
    if (plan.valueBytes > mostValueBytes) {
        return fail(fmt::format("--value-size: expected at most {} bytes", mostValueBytes));
    }
    if (given.has("zipf")) {
        plan.choice = live::Choice::Zipf;
        plan.skew = given.get<double>("zipf");
    }
    if (given.has("key-prefix")) {
        plan.keyPrefix = given.get<std::string>("key-prefix");
    } else if (given.has("history")) {
        // What an earlier load left would look like a write that nobody made.
        plan.keyPrefix = fmt::format("load{:08x}-", std::random_device{}());
    }
    const auto lasts = given.has("duration") ? durationOf(given, "duration")
        : plan.operations != 0               ? Result<Duration>(Duration::zero())
                                             : Result<Duration>(std::chrono::seconds(10));
    const auto warmUp = durationOf(given, "warm-up");
    const auto mix = mixOf(given.get<std::string>("mix"));
    if (!lasts || !warmUp || !mix) {
        return !lasts ? lasts.error() : !warmUp ? warmUp.error() : mix.error();
    }
    plan.lasts = *lasts;
    plan.warmUp = *warmUp;
    plan.mix = *mix;
    return plan;
}

boost::json::object toJson(const LoadPlan& plan, const LoadResult& result,
                           const live::Welcome& cluster)
{
    boost::json::object kinds;
    for (std::size_t i = 0; i < live::deeds; ++i) {
        if (plan.mix[i] != 0) {
            kinds[nameOf(static_cast<Deed>(i))] = latencyJson(result.kinds[i].latency);
        }
    }
    return {{"protocol", cluster.protocol},
            {"cluster", cluster.cluster},
            {"nodes", cluster.members.size()},
            {"clients", plan.clients},
            {"loop", plan.rate > 0 ? "open" : "closed"},
            {"rate", plan.rate},
            {"seed", plan.seed},
            {"nanoseconds", result.took.count()},
            {"done", result.done},
            {"perSecond", result.perSecond()},
            {"refused", result.refused},
            {"unknown", result.unknown},
            {"silences", result.silences},
            {"longestGap", result.longestGap.count()},
            {"latency", latencyJson(result.latency)},
            {"kinds", std::move(kinds)},
            {"buckets", bucketsOf(result.latency)}};
}

void print(const LoadPlan& plan, const LoadResult& result, const live::Welcome& cluster)
{
    const auto loop = plan.rate > 0 ? fmt::format("an open loop of {:g} a second", plan.rate)
                                    : std::string("a closed loop");
    std::cout << fmt::format("{} on {} nodes, cluster {}: {} clients in {}\n", cluster.protocol,
                             cluster.members.size(), cluster.cluster, plan.clients, loop);
    std::cout << fmt::format(
        "  {} done in {}: {:.0f} a second; {} refused, {} unknown, {} silences\n", result.done,
        shortText(result.took), result.perSecond(), result.refused, result.unknown,
        result.silences);
    if (!result.firstRefusal.empty()) {
        std::cout << "  the first refusal: " << result.firstRefusal << '\n';
    }
    std::cout << fmt::format("  longest time without an answer: {}\n",
                             shortText(result.longestGap));
    std::cout << latencyHeading();
    for (std::size_t i = 0; i < live::deeds; ++i) {
        if (plan.mix[i] != 0) {
            std::cout << latencyRow(nameOf(static_cast<Deed>(i)), result.kinds[i].latency);
        }
    }
    std::cout << latencyRow("all", result.latency);
}

/// Runs it; ends early, with what there is, when a person interrupts.
Result<LoadResult> perform(boost::asio::io_context& context, live::ClusterClient& cluster,
                           const LoadPlan& plan, session::LoadHistory* history)
{
    auto load = live::Load::prepare(context.get_executor(), cluster, plan);
    if (!load) {
        return load.error();
    }
    if (history != nullptr) {
        (*load)->onBegun = [&](const live::LoadOperation& each) { history->begun(each); };
        (*load)->onEnded = [&](const live::LoadOperation& each) { history->ended(each); };
    }
    boost::asio::signal_set interrupts(context, SIGINT, SIGTERM);
    interrupts.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) {
            (*load)->stop();
        }
    });
    std::optional<LoadResult> result;
    (*load)->start([&](const LoadResult& whole) { result = whole; });
    while (!result) {
        context.run_one();
    }
    return *result;
}

void addLoadOptions(Options& given)
{
    namespace options = boost::program_options;
    given.add()("clients", options::value<std::uint32_t>()->default_value(16),
                "how many, each with one operation at a time")(
        "duration", options::value<std::string>(),
        "how long (10s)")("operations", options::value<std::uint64_t>()->default_value(0),
                          "how many operations at most; without --duration, all of them")(
        "warm-up", options::value<std::string>()->default_value("0s"),
        "a time before that, which is not measured")(
        "rate", options::value<double>()->default_value(0),
        "an open loop: so many operations a second begin, whatever becomes of them; 0: each "
        "client asks again when it was answered")(
        "poisson", "of an open loop: at random instants, not at equal distances")(
        "mix", options::value<std::string>()->default_value("put"),
        "shares of put, get, delete and cas: put=50,get=50")(
        "keys", options::value<std::uint64_t>()->default_value(1000),
        "how many keys")("key-prefix", options::value<std::string>(),
                         "what keys begin with (key; with --history one of its own)")(
        "zipf", options::value<double>(),
        "a few keys get most of the load: the i-th a share of 1 / i^SKEW")(
        "value-size", options::value<std::size_t>()->default_value(16), "bytes of a value")(
        "seed", options::value<std::uint64_t>(), "of keys and values; else a new one each time")(
        "history", options::value<std::string>(),
        "writes what the clients saw as a Jepsen history, which `check` judges")(
        "json", "as JSON: an object");
    addClusterOptions(given);
    given.word("where");
}

} // namespace

int loadCluster(const Words& arguments)
{
    Options given("load");
    addLoadOptions(given);
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto clusters = given.list("where");
    if (clusters.size() != 1) {
        return complain("load", fail("expected one cluster: HOST:PORT[,HOST:PORT…], or its file"));
    }
    const auto where = clusterOf(given, clusters.front());
    const auto plan = planOf(given);
    if (!where || !plan) {
        return complain("load", where ? plan.error() : where.error());
    }
    std::ofstream file;
    if (given.has("history")) {
        file.open(given.get<std::string>("history"));
        if (!file) {
            return complain("load", fail("cannot write " + given.get<std::string>("history")));
        }
    }
    boost::asio::io_context context(1);
    const auto cluster = openCluster(context, *where);
    if (!cluster) {
        return complain("load", cluster.error());
    }
    session::LoadHistory history;
    const auto result =
        perform(context, **cluster, *plan, given.has("history") ? &history : nullptr);
    if (!result) {
        return complain("load", result.error());
    }
    if (given.has("history")) {
        checking::writeJepsen(file, history.history());
        file.close();
        if (!file) {
            return complain("load",
                            fail("cannot write all of " + given.get<std::string>("history")));
        }
    }
    const auto& welcome = (*cluster)->welcome();
    if (given.has("json")) {
        std::cout << readable(toJson(*plan, *result, welcome));
    } else {
        print(*plan, *result, welcome);
    }
    return result->done != 0 ? fine : failed;
}

} // namespace lightcone::cli
