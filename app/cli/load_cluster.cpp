#include "app/cli/cluster.h"
#include "app/cli/json_text.h"
#include "app/cli/numbers.h"
#include "engine/check/jepsen.h"
#include "engine/check/trace_history.h"
#include "engine/describe/naming.h"
#include "engine/live/load.h"
#include "engine/session/load.h"
#include "engine/session/load_history.h"
#include "engine/session/workload.h"

#include <boost/asio/signal_set.hpp>
#include <boost/program_options/value_semantic.hpp>

#include <array>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace lightcone::cli {

namespace {

using live::LoadPlan;
using live::LoadResult;

/// The options that are words of a scenario's load line.
constexpr std::array words{"clients",  "loop", "rate",         "arrivals", "think",
                           "duration", "mix",  "distribution", "keys",     "length"};

/// A client's history is one of keys and values: what else it asks has no place there.
Result<void> hasHistory(const node::Workload& workload, const std::string& protocol)
{
    for (const auto& share : workload.mix()) {
        if (!checking::operationOf(share.sample)) {
            return fail(fmt::format(
                "--history: it tells of put, get, delete and cas of a key-value store, and this "
                "load asks {} for {}",
                protocol, describe::enumeratorName(share.sample.name())));
        }
    }
    return {};
}

std::string seedOf(const Options& given)
{
    return given.has("seed") ? given.get<std::string>("seed")
                             : std::to_string(std::random_device{}());
}

/// Of a plan that has been read; 0: as fast as they are answered.
double rateOf(const Options& given)
{
    if (!given.has("rate")) {
        return 0;
    }
    const auto rate = session::parseRate(given.get<std::string>("rate"));
    return rate ? *rate : 0;
}

Result<LoadPlan> planOf(const Options& given, const live::ClusterClient& cluster,
                        const std::string& seed)
{
    std::vector<session::Setting> settings;
    for (const auto* word : words) {
        if (given.has(word)) {
            settings.push_back({word, given.get<std::string>(word)});
        }
    }
    const auto operations = given.get<std::uint64_t>("operations");
    if (!given.has("duration") && operations == 0) {
        settings.push_back({"duration", "10s"});
    }
    settings.push_back({"seed", seed});
    auto prefix = std::string("k");
    if (given.has("key-prefix")) {
        prefix = given.get<std::string>("key-prefix");
    } else if (given.has("history")) {
        // What an earlier load left would look like a write that nobody made.
        prefix = fmt::format("load{:08x}-", std::random_device{}());
    }
    const auto names = namesOf(cluster.welcome());
    auto plan = session::liveLoadOf(settings, cluster.protocol(), names, prefix);
    const auto warmUp = durationOf(given, "warm-up");
    if (!plan || !warmUp) {
        return plan ? warmUp.error() : plan.error();
    }
    if (given.has("history")) {
        if (const auto told = hasHistory(*plan->workload, cluster.protocol().card().id); !told) {
            return told.error();
        }
    }
    plan->operations = operations;
    plan->warmUp = *warmUp;
    return plan;
}

/// What was asked for, as it was asked for.
struct Said
{
    std::uint32_t clients = 0;
    node::Loop loop = node::Loop::Closed;
    double rate = 0; ///< operations a second; 0: as fast as they are answered
    std::uint64_t seed = 0;
};

boost::json::object toJson(const Said& said, const LoadResult& result, const live::Welcome& cluster)
{
    boost::json::object kinds;
    for (const auto& kind : result.kinds) {
        if (kind.asked != 0) {
            kinds[kind.name] = latencyJson(kind.latency);
        }
    }
    return {{"protocol", cluster.protocol},
            {"cluster", cluster.cluster},
            {"nodes", cluster.members.size()},
            {"clients", said.clients},
            {"loop", said.loop == node::Loop::Closed ? "closed" : "open"},
            {"rate", said.rate},
            {"seed", said.seed},
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

void print(const Said& said, const LoadResult& result, const live::Welcome& cluster)
{
    const auto loop = said.loop == node::Loop::Closed ? "a closed loop" : "an open loop";
    const auto rate = said.rate > 0 ? fmt::format(" of {:g} a second", said.rate) : std::string();
    std::cout << fmt::format("{} on {} nodes, cluster {}: {} clients in {}{}\n", cluster.protocol,
                             cluster.members.size(), cluster.cluster, said.clients, loop, rate);
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
    for (const auto& kind : result.kinds) {
        if (kind.asked != 0) {
            std::cout << latencyRow(kind.name, kind.latency);
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
    const auto text = [] { return options::value<std::string>(); };
    given.add()("clients", text(), "how many, each with one operation at a time (16)")(
        "loop", text(),
        "closed: each client asks again when it was answered; open: operations begin at their "
        "rate, whatever becomes of them (closed)")(
        "rate", text(),
        "of all clients together: 200/s, or max, as fast as they are answered (max)")(
        "arrivals", text(), "of an open loop: poisson or even (poisson)")(
        "think", text(), "of a closed loop: how long a client waits after an answer; \"exp 50ms\"")(
        "duration", text(),
        "how long (10s)")("operations", options::value<std::uint64_t>()->default_value(0),
                          "how many operations at most; without --duration, all of them")(
        "warm-up", text()->default_value("0s"), "a time before that, which is not measured")(
        "mix", text(),
        "the protocol's requests and their shares: \"put:1 get:3\", \"{cas x 1 2}:1\" (its first)")(
        "keys", text(), "how many keys (5)")("key-prefix", text(),
                                             "what keys begin with (k; with --history one of its "
                                             "own)")(
        "distribution", text(), "which key is next: uniform, \"zipf 0.99\", \"hot 10% 90%\"")(
        "length", text(), "values have at least so many characters")(
        "seed", text(), "of requests, keys and pauses; else a new one each time")(
        "history", text(), "writes what the clients saw as a Jepsen history, which `check` judges")(
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
    if (!where) {
        return complain("load", where.error());
    }
    boost::asio::io_context context(1);
    const auto cluster = openCluster(context, *where);
    if (!cluster) {
        return complain("load", cluster.error());
    }
    const auto seed = seedOf(given);
    const auto plan = planOf(given, **cluster, seed);
    if (!plan) {
        return complain("load", plan.error());
    }
    std::ofstream file;
    if (given.has("history")) {
        file.open(given.get<std::string>("history"));
        if (!file) {
            return complain("load", fail("cannot write " + given.get<std::string>("history")));
        }
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
    const Said said{plan->clients, plan->loop, rateOf(given), std::stoull(seed)};
    const auto& welcome = (*cluster)->welcome();
    if (given.has("json")) {
        std::cout << readable(toJson(said, *result, welcome));
    } else {
        print(said, *result, welcome);
    }
    return result->done != 0 ? fine : failed;
}

} // namespace lightcone::cli
