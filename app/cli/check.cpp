#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "engine/check/jepsen.h"
#include "engine/check/linearizability.h"
#include "engine/check/trace_history.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/lightcone_file.h"

#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>

namespace lightcone::cli {

namespace {

using checking::Ending;
using checking::Finding;
using checking::History;
using checking::Judgement;
using checking::KeyJudgement;
using checking::Operation;

constexpr double defaultTimeout = 60;
constexpr std::size_t mostShown = 40; ///< operations of an order, on a terminal

/// What is to be judged, and the words for it.
struct Input
{
    History history;
    trace::TracePtr trace{}; ///< nullptr: a history of its own
    bool damaged = false;
    std::string name{};

    [[nodiscard]] std::string process(const Operation& operation) const
    {
        if (trace == nullptr) {
            return fmt::format("process {}", operation.process);
        }
        return operation.request
            ? trace->about().nameOf(clientId(static_cast<std::uint32_t>(operation.process)))
            : "before the run";
    }

    /// "lines 10 to 11", "events #10 to #19".
    [[nodiscard]] std::string place(const Operation& operation) const
    {
        if (trace == nullptr) {
            return operation.lineEnded != 0
                ? fmt::format("lines {} to {}", operation.line, operation.lineEnded)
                : fmt::format("from line {}", operation.line);
        }
        return operation.reply
            ? fmt::format("events #{} to #{}", operation.request.value, operation.reply.value)
            : fmt::format("from event #{}", operation.request.value);
    }
};

bool isTrace(std::string_view beginning)
{
    return beginning.starts_with(trace::formats::fileMark.substr(0, 1));
}

Result<Input> ofTrace(trace::TracePtr trace, bool damaged)
{
    Input input;
    checking::TraceHistory gathered(trace);
    gathered.grow(EventId(trace->size()));
    input.history = gathered.history();
    if (input.history.operations().empty() && !checking::hasHistory(trace->about())) {
        return fail("expected a run whose clients put and get keys, found one of "
                    + trace->about().card.title);
    }
    input.trace = std::move(trace);
    input.damaged = damaged;
    return input;
}

Result<Input> ofText(std::string_view text, const std::string& name)
{
    auto history = checking::readJepsen(text);
    if (!history) {
        auto error = history.error();
        error.file = name;
        return error;
    }
    Input input;
    input.history = std::move(*history);
    input.name = name;
    return input;
}

Result<Input> fromStdin()
{
    const std::string name = "the standard input";
    std::string text(std::istreambuf_iterator<char>(std::cin), {});
    if (!isTrace(text)) {
        return ofText(text, name);
    }
    auto opened = trace::formats::readLightcone(std::move(text), name);
    if (!opened) {
        return opened.error();
    }
    if (opened->damage) {
        std::cerr << "lightcone-cli: " << name << ": " << *opened->damage << '\n';
    }
    return ofTrace(opened->trace, opened->damage.has_value());
}

Result<Input> inputOf(const Options& given)
{
    const auto files = given.list("file");
    if (files.size() != 1) {
        return fail("expected one file (a .lightcone trace, a .scenario or a history in EDN)");
    }
    const auto& path = files.front();
    if (path == "-") {
        return fromStdin();
    }
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path)) {
        return Error{"the file cannot be read", path};
    }
    std::string text(trace::formats::fileMark.size(), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (isTrace(text) || path.ends_with(".scenario")) {
        const auto recording = loadOne(given);
        return recording ? ofTrace(recording->trace, recording->damage.has_value())
                         : recording.error();
    }
    text.append(std::istreambuf_iterator<char>(in), {});
    return ofText(text, path);
}

struct Counts
{
    std::size_t operations = 0;
    std::size_t unknown = 0;
    std::size_t failed = 0;
    std::set<std::uint64_t> processes;
};

Counts count(const History& history)
{
    Counts counts;
    for (const auto& operation : history.operations()) {
        ++counts.operations;
        counts.unknown += operation.ending == Ending::Unknown ? 1 : 0;
        counts.failed += operation.ending == Ending::Failed ? 1 : 0;
        counts.processes.insert(operation.process);
    }
    return counts;
}

std::string many(std::size_t number, std::string_view one, std::string_view several)
{
    return fmt::format("{} {}", number, number == 1 ? one : several);
}

std::string nameOf(const KeyJudgement& key)
{
    return key.key.empty() ? "the register" : checking::plain(key.key);
}

void printOrder(const Input& input, const KeyJudgement& key)
{
    const auto& operations = input.history.operations();
    std::cout << fmt::format("  the longest order that was possible on {}: {} of {}\n", nameOf(key),
                             key.order.size(), many(key.operations, "operation", "operations"));
    const auto skipped = key.order.size() - std::min(key.order.size(), mostShown);
    if (skipped > 0) {
        std::cout << fmt::format("    … {} before\n", skipped);
    }
    for (auto i = skipped; i < key.order.size(); ++i) {
        const auto& operation = operations[key.order[i]];
        std::cout << fmt::format("    {:>12}  {:<12}  {:<24}  {}\n", toText(key.points[i]),
                                 input.process(operation), checking::describe(operation),
                                 operation.ending == Ending::Unknown ? "nobody heard" : "");
    }
}

void print(const Input& input, const Judgement& judgement)
{
    const auto& history = input.history;
    const auto counts = count(history);
    if (const auto* worst = judgement.worst(history)) {
        const auto& culprit = history.operations()[*worst->culprit];
        std::cout << "not linearizable: " << checking::sentence(history, *worst) << '\n'
                  << fmt::format("  cannot be placed: {} of {}, {} ({} to {})\n",
                                 checking::describe(culprit), input.process(culprit),
                                 input.place(culprit), toText(culprit.at), toText(culprit.until));
        printOrder(input, *worst);
        for (const auto& key : judgement.keys) {
            if (&key != worst && key.finding == Finding::Impossible) {
                std::cout << fmt::format("  nor is {}: {}, {}\n", nameOf(key),
                                         checking::sentence(history, key),
                                         input.place(history.operations()[*key.culprit]));
            }
        }
    } else {
        const bool holds = judgement.finding == Finding::Linearizable;
        std::cout << fmt::format(
            "{}: {} by {} on {} ({} unknown, {} failed)\n", holds ? "linearizable" : "gave up",
            many(counts.operations, "operation", "operations"),
            many(counts.processes.size(), "process", "processes"),
            many(judgement.keys.size(), "key", "keys"), counts.unknown, counts.failed);
    }
    for (const auto& key : judgement.keys) {
        if (key.finding == Finding::GaveUp) {
            std::cout << fmt::format("  not judged in time: {}, {}\n", nameOf(key),
                                     many(key.operations, "operation", "operations"));
        }
    }
}

std::string_view word(Finding finding)
{
    switch (finding) {
    case Finding::Linearizable:
        return "linearizable";
    case Finding::Impossible:
        return "impossible";
    case Finding::GaveUp:
        return "gaveUp";
    }
    return "";
}

boost::json::value toJson(const checking::Datum& datum)
{
    return datum ? boost::json::value(checking::plain(*datum)) : boost::json::value();
}

boost::json::object toJson(const Input& input, const Operation& operation)
{
    boost::json::object object{{"process", operation.process},
                               {"who", input.process(operation)},
                               {"operation", checking::describe(operation)},
                               {"at", operation.at.time_since_epoch().count()},
                               {"until", operation.until.time_since_epoch().count()}};
    if (input.trace) {
        object["request"] = operation.request.value;
        object["reply"] = operation.reply.value;
    } else {
        object["line"] = operation.line;
        object["lineEnded"] = operation.lineEnded;
    }
    return object;
}

boost::json::object toJson(const Input& input, const KeyJudgement& key)
{
    const auto& history = input.history;
    boost::json::array order;
    for (std::size_t i = 0; i < key.order.size(); ++i) {
        auto operation = toJson(input, history.operations()[key.order[i]]);
        operation["point"] = key.points[i].time_since_epoch().count();
        order.push_back(std::move(operation));
    }
    boost::json::object object{{"key", checking::plain(key.key)},
                               {"verdict", word(key.finding)},
                               {"operations", key.operations},
                               {"order", std::move(order)}};
    if (key.culprit) {
        boost::json::array couldHold;
        for (const auto& value : key.couldHold) {
            couldHold.push_back(toJson(value));
        }
        object["cannotBePlaced"] = toJson(input, history.operations()[*key.culprit]);
        object["why"] = checking::sentence(history, key);
        object["couldHold"] = std::move(couldHold);
    }
    return object;
}

boost::json::object toJson(const Input& input, checking::Model model, const Judgement& judgement)
{
    const auto counts = count(input.history);
    boost::json::array keys;
    for (const auto& key : judgement.keys) {
        keys.push_back(toJson(input, key));
    }
    return {{"verdict", word(judgement.finding)},
            {"model", checking::nameOf(model)},
            {"operations", counts.operations},
            {"processes", counts.processes.size()},
            {"unknown", counts.unknown},
            {"failed", counts.failed},
            {"marks", input.history.marks().size()},
            {"steps", judgement.steps},
            {"keys", std::move(keys)}};
}

int statusOf(Finding finding)
{
    switch (finding) {
    case Finding::Linearizable:
        return fine;
    case Finding::Impossible:
        return failed;
    case Finding::GaveUp:
        break;
    }
    return gaveUp;
}

/// Judges and says what came of it.
int answer(const Input& input, checking::Model model, double seconds, bool json)
{
    if (input.history.incomplete()) {
        std::cerr
            << "lightcone-cli check: gave up: events of the run were lost, so that operations "
               "may be missing\n";
        return gaveUp;
    }
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now()
        + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    checking::Patience patience;
    patience.stop = [&] { return Clock::now() >= deadline; };
    const auto judgement = checking::judge(input.history, model, patience);
    if (!judgement) {
        auto error = judgement.error();
        error.file = input.name;
        return complain("check", error);
    }
    if (json) {
        std::cout << readable(toJson(input, model, *judgement));
    } else {
        print(input, *judgement);
    }
    return input.damaged ? wrong : statusOf(judgement->finding);
}

} // namespace

int checkHistory(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("check");
    given.add()("model", options::value<std::string>(),
                "register, cas-register or kv; without it the least that knows every operation")(
        "timeout", options::value<double>(), "seconds after which it gives up; 60 without it")(
        "json", "as JSON: an object with the order of every key");
    given.word("file");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto seconds = given.has("timeout") ? given.get<double>("timeout") : defaultTimeout;
    if (!(seconds > 0 && seconds <= 1e6)) {
        return complain("check", fail("expected --timeout with seconds above 0, at most 1000000"));
    }
    std::optional<checking::Model> model;
    if (given.has("model")) {
        const auto name = given.get<std::string>("model");
        model = checking::modelOf(name);
        if (!model) {
            return complain(
                "check",
                fail("expected --model register, cas-register or kv, found '" + name + "'"));
        }
    }
    const auto input = inputOf(given);
    if (!input) {
        return complain("check", input.error());
    }
    return answer(*input, model.value_or(checking::modelFor(input->history)), seconds,
                  given.has("json"));
}

} // namespace lightcone::cli
