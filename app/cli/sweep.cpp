#include "engine/session/sweep.h"

#include "app/cli/arguments.h"
#include "app/cli/cluster.h"
#include "app/cli/json_text.h"
#include "app/cli/load.h"

#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <iostream>

namespace lightcone::cli {

namespace {

using session::SweepRow;
using session::SweepWish;

Result<SweepWish> wishOf(const Options& given, const session::Plan& plan)
{
    SweepWish wish;
    if (!given.has("crash")) {
        return fail("expected --crash and whom: a node's name or a role");
    }
    wish.who = given.get<std::string>("crash");
    const auto down = durationOf(given, "down");
    const auto settle = durationOf(given, "settle");
    if (!down || !settle) {
        return down ? settle.error() : down.error();
    }
    wish.down = *down;
    wish.settle = *settle;
    const auto read = [&](const std::string& option, auto& columns) -> Result<void> {
        for (const auto& text : given.list(option)) {
            auto column = session::sweepColumn(plan, text);
            if (!column) {
                return fail("--" + option + " " + text + ": " + column.error().text());
            }
            columns.push_back(std::move(*column));
        }
        return {};
    };
    if (auto whiles = read("while", wish.whiles); !whiles) {
        return whiles.error();
    }
    if (auto ends = read("end", wish.ends); !ends) {
        return ends.error();
    }
    return wish;
}

std::string answersOf(const SweepRow& row)
{
    std::string all;
    for (const auto& answer : row.answers) {
        all += (all.empty() ? "" : ", ") + answer;
    }
    return all;
}

/// A name that the invariant is known by, or the line of the text.
std::string verdictOf(const SweepRow& row)
{
    if (row.failures.empty()) {
        return "passed";
    }
    const auto& first = row.failures.front();
    const auto more = row.failures.size() - 1;
    const auto what = first.line == 0 ? first.text.substr(0, first.text.find(':'))
                                      : fmt::format("line {} failed", first.line);
    return what + (more == 0 ? "" : fmt::format(" and {} more", more));
}

/// Columns as wide as what stands in them.
void printTable(const std::vector<std::vector<std::string>>& table)
{
    std::vector<std::size_t> widths;
    for (const auto& row : table) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto characters = std::count_if(row[i].begin(), row[i].end(), [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
            });
            widths[i] = std::max(widths[i], static_cast<std::size_t>(characters));
        }
    }
    for (const auto& row : table) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto characters =
                static_cast<std::size_t>(std::count_if(row[i].begin(), row[i].end(), [](char c) {
                    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                }));
            line += row[i] + std::string(i + 1 < row.size() ? widths[i] - characters + 2 : 0, ' ');
        }
        std::cout << line << '\n';
    }
}

void print(const session::Plan& plan, const SweepWish& wish, const std::vector<SweepRow>& rows)
{
    std::cout << plan.scenario.title << "\n\n";
    std::vector<std::string> head{"event", "time", "a crash right after", "clients were answered"};
    for (const auto& column : wish.whiles) {
        head.push_back(column.label);
    }
    for (const auto& column : wish.ends) {
        head.push_back(column.label);
    }
    head.insert(head.end(), {"messages", "forced", "checks"});
    std::vector<std::vector<std::string>> table{head};
    for (const auto& row : rows) {
        std::vector<std::string> cells;
        if (row.victim) {
            cells = {fmt::format("#{}", row.after.value), toText(row.at), row.what};
        } else {
            cells = {"", "", "(no crash)"};
        }
        cells.push_back(answersOf(row));
        for (const auto lasted : row.whiles) {
            cells.push_back(toText(lasted));
        }
        for (const bool holds : row.ends) {
            cells.emplace_back(holds ? "yes" : "no");
        }
        cells.push_back(std::to_string(row.messages));
        cells.push_back(std::to_string(row.forcedWrites));
        cells.push_back(verdictOf(row));
        table.push_back(std::move(cells));
    }
    printTable(table);
    for (const auto& row : rows) {
        for (const auto& failure : row.failures) {
            std::cout << fmt::format("\nfailed{}: {}\n",
                                     row.victim ? fmt::format(" after #{}", row.after.value) : "",
                                     failure.text);
        }
    }
}

boost::json::object toJson(const session::Plan& plan, const SweepWish& wish,
                           const std::vector<SweepRow>& rows)
{
    boost::json::array list;
    for (const auto& row : rows) {
        boost::json::object whiles;
        for (std::size_t i = 0; i < row.whiles.size(); ++i) {
            whiles[wish.whiles[i].label] = row.whiles[i].count();
        }
        boost::json::object ends;
        for (std::size_t i = 0; i < row.ends.size(); ++i) {
            ends[wish.ends[i].label] = bool(row.ends[i]);
        }
        boost::json::array failures;
        for (const auto& failure : row.failures) {
            failures.push_back(boost::json::object{
                {"line", failure.line}, {"event", failure.at.value}, {"text", failure.text}});
        }
        list.push_back(boost::json::object{
            {"node", row.victim ? boost::json::value(plan.about.nameOf(row.victim)) : nullptr},
            {"event", row.after.value},
            {"at", row.at.time_since_epoch().count()},
            {"what", row.what},
            {"answers", boost::json::array(row.answers.begin(), row.answers.end())},
            {"while", std::move(whiles)},
            {"end", std::move(ends)},
            {"messages", row.messages},
            {"forcedWrites", row.forcedWrites},
            {"failures", std::move(failures)}});
    }
    return {{"scenario", plan.scenario.file},
            {"title", plan.scenario.title},
            {"protocol", plan.scenario.cluster.protocol},
            {"crash", wish.who},
            {"down", wish.down.count()},
            {"settle", wish.settle.count()},
            {"runs", std::move(list)}};
}

void addOptions(Options& given)
{
    namespace options = boost::program_options;
    using Texts = std::vector<std::string>;
    given.add()("crash", options::value<std::string>(),
                "whom: a node's name, or a role such as leader, whoever that is then")(
        "down", options::value<std::string>()->default_value("500ms"),
        "how long until it is started again; 0s: never")(
        "settle", options::value<std::string>()->default_value("2s"),
        "how long a run goes on after its last line")(
        "while", options::value<Texts>(), "[LABEL: ]QUERY: a column with how long it held")(
        "end", options::value<Texts>(),
        "[LABEL: ]QUERY: a column with whether it holds at the end")(
        "seed", options::value<std::uint64_t>(), "another seed than the scenario's")(
        "set", options::value<Texts>(),
        "KEY=VALUE: a parameter of the protocol (mistake=…) or of the simulated world")("json",
                                                                                        "as JSON");
    given.word("scenario");
}

} // namespace

int sweep(const Words& arguments)
{
    Options given("sweep");
    addOptions(given);
    if (const auto status = given.parse(arguments)) {
        return *status;
    }
    const auto files = given.list("scenario");
    if (files.size() != 1) {
        return complain("sweep", fail("expected one scenario file"));
    }
    const auto& file = files.front();
    const auto overrides = overridesOf(given);
    if (!overrides) {
        return complain("sweep", overrides.error());
    }
    const auto plan = session::planOf(file, *overrides);
    if (!plan) {
        return complain("sweep", plan.error());
    }
    const auto wish = wishOf(given, **plan);
    if (!wish) {
        return complain("sweep", wish.error());
    }
    Result<std::vector<SweepRow>> rows = fail("not run");
    {
        const ShownWork shown(file);
        rows = session::sweep(*plan, *wish, shown.work());
    }
    if (!rows) {
        return complain("sweep", rows.error());
    }
    if (given.has("json")) {
        std::cout << readable(toJson(**plan, *wish, *rows));
    } else {
        print(**plan, *wish, *rows);
    }
    const bool passed = std::all_of(rows->begin(), rows->end(),
                                    [](const SweepRow& row) { return row.failures.empty(); });
    return passed ? fine : failed;
}

} // namespace lightcone::cli
