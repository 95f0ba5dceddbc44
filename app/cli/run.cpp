#include "app/cli/arguments.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"
#include "engine/trace/hash.h"

#include <boost/program_options/value_semantic.hpp>

#include <fmt/format.h>
#include <iostream>
#include <optional>

namespace lightcone::cli {

namespace {

using session::LineState;

struct Wish
{
    std::vector<session::Setting> overrides;
    std::optional<std::string> record;
    bool json = false;
};

/// What a line came to when the run is over: who still waits then (expect always) was never proved
/// wrong.
std::string_view word(LineState::Is is)
{
    switch (is) {
    case LineState::Is::Ahead:
        return "not reached";
    case LineState::Is::Waiting:
        return "held";
    case LineState::Is::Done:
        return "done";
    case LineState::Is::Held:
        return "held";
    case LineState::Is::Failed:
        return "failed";
    }
    return "";
}

std::string instantOf(const session::Recording& recording, EventId event)
{
    return event ? toText((*recording.trace)[event].at) : "";
}

void print(const session::Recording& recording)
{
    const auto& runner = *recording.run;
    const auto& plan = runner.plan();
    std::cout << plan.scenario.title << '\n';
    for (std::size_t i = 0; i < plan.lines.size(); ++i) {
        const auto& state = runner.lines()[i];
        const auto& text = plan.lines[i].text;
        std::cout << fmt::format("  {:>12}  {:<8} {:<11} {}\n", instantOf(recording, state.at),
                                 state.at ? fmt::format("#{}", state.at.value) : "", word(state.is),
                                 text);
    }
    for (const auto& verdict : runner.monitor().verdicts()) {
        if (verdict.violation) {
            std::cout << fmt::format("  broken: {} at #{} ({}): {}\n", verdict.card.name,
                                     verdict.violation.value,
                                     instantOf(recording, verdict.violation), verdict.how);
        }
    }
    for (const auto& failure : runner.failures()) {
        std::cout << "  failed: " << plan.scenario.file
                  << (failure.line != 0 ? fmt::format(":{}", failure.line) : "") << ": "
                  << failure.text << '\n';
    }
    std::cout << fmt::format(
        "  {}: {} events, {}, trace {:016x}\n\n", runner.failures().empty() ? "passed" : "FAILED",
        recording.trace->size(), toText(runner.now()), trace::traceHash(*recording.trace));
}

boost::json::object toJson(const session::Recording& recording)
{
    const auto& runner = *recording.run;
    const auto& plan = runner.plan();
    boost::json::array lines;
    for (std::size_t i = 0; i < plan.lines.size(); ++i) {
        const auto& state = runner.lines()[i];
        lines.push_back(boost::json::object{{"line", plan.lines[i].line.place.line},
                                            {"text", plan.lines[i].text},
                                            {"outcome", word(state.is)},
                                            {"event", state.at.value}});
    }
    boost::json::array invariants;
    for (const auto& verdict : runner.monitor().verdicts()) {
        invariants.push_back(boost::json::object{{"name", verdict.card.name},
                                                 {"holds", !verdict.brokenBy},
                                                 {"event", verdict.violation.value},
                                                 {"how", verdict.how}});
    }
    boost::json::array failures;
    for (const auto& failure : runner.failures()) {
        failures.push_back(boost::json::object{
            {"line", failure.line}, {"event", failure.at.value}, {"text", failure.text}});
    }
    return {{"scenario", plan.scenario.file},
            {"title", plan.scenario.title},
            {"protocol", plan.scenario.cluster.protocol},
            {"seed", plan.settings.seed},
            {"passed", runner.failures().empty()},
            {"events", recording.trace->size()},
            {"nanoseconds", runner.now().time_since_epoch().count()},
            {"hash", fmt::format("{:016x}", trace::traceHash(*recording.trace))},
            {"lines", std::move(lines)},
            {"invariants", std::move(invariants)},
            {"failures", std::move(failures)}};
}

/// One scenario; its status. With json the row goes there.
int runOne(const std::string& file, const Wish& wish, boost::json::array& rows)
{
    const ShownWork shown(file);
    const auto plan = session::planOf(file, wish.overrides);
    if (!plan) {
        return complain("run", plan.error());
    }
    const auto recording = session::recordScenario(*plan, shown.work());
    if (!recording) {
        return complain("run", recording.error());
    }
    if (wish.record) {
        if (const auto saved = session::saveRecording(*recording, *wish.record, shown.work());
            !saved) {
            return complain("run", saved.error());
        }
    }
    if (wish.json) {
        rows.push_back(toJson(*recording));
    } else {
        print(*recording);
    }
    return recording->run->failures().empty() ? fine : failed;
}

} // namespace

int run(const Words& arguments)
{
    namespace options = boost::program_options;
    Options given("run");
    given.add()("seed", options::value<std::uint64_t>(), "another seed than the scenario's")(
        "set", options::value<std::vector<std::string>>(),
        "KEY=VALUE: a parameter of the protocol (mistake=…) or of the simulated world")(
        "record", options::value<std::string>(), "write the trace to a .lightcone file")(
        "json", "as JSON: an array with an object a scenario");
    given.words("scenario");
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto files = given.list("scenario");
    const auto overrides = overridesOf(given);
    if (!overrides) {
        return complain("run", overrides.error());
    }
    if (files.empty()) {
        return complain("run", fail("expected at least one scenario file"));
    }
    Wish wish{*overrides, std::nullopt, given.has("json")};
    if (given.has("record")) {
        if (files.size() != 1) {
            return complain(
                "run",
                fail("expected one scenario with --record, found " + std::to_string(files.size())));
        }
        wish.record = given.get<std::string>("record");
    }
    int status = fine;
    boost::json::array rows;
    for (const auto& file : files) {
        status = std::max(status, runOne(file, wish, rows));
    }
    if (wish.json) {
        std::cout << readable(rows);
    }
    return status;
}

} // namespace lightcone::cli
