#include "tests/resources/lessons.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace lightcone::session {
namespace {

std::string manual()
{
    std::ifstream in(scenarioFolder() / "README.md");
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string between(const std::string& text, const std::string& begin, const std::string& end)
{
    const auto from = text.find(begin);
    const auto to = text.find(end, from + begin.size());
    return from == std::string::npos || to == std::string::npos
        ? std::string()
        : text.substr(from + begin.size(), to - from - begin.size());
}

TEST(ScenarioManual, ItsExampleRuns)
{
    const auto text = between(manual(), "```\n", "```");
    auto scenario = parseScenario(text, "README.md");
    ASSERT_TRUE(scenario) << scenario.error().text();
    EXPECT_EQ(scenario->title, "The leader crashes: who leads next?");
    auto plan = prepare(std::move(*scenario));
    ASSERT_TRUE(plan) << plan.error().text();
    const auto recording = recordScenario(*plan);
    ASSERT_TRUE(recording) << recording.error().text();
    for (const auto& failure : recording->run->failures()) {
        ADD_FAILURE() << failure.text;
    }
}

TEST(ScenarioManual, ListsEveryLesson)
{
    const auto text = manual();
    const auto list = text.substr(std::min(text.find("## Raft's lessons"), text.size()));
    for (const auto& entry : library(scenarioFolder())) {
        EXPECT_NE(list.find("`" + entry.file.stem().string() + "`"), std::string::npos)
            << entry.file << " is not in the list of lessons";
    }
}

/// What stands for something else in the manual's tables, as it could be written.
std::string filledIn(std::string line)
{
    static const std::vector<std::pair<std::regex, std::string>> blanks{
        {std::regex(R"(\\\|)"), "|"},
        {std::regex(R"(hold\|drop\|duplicate)"), "hold"},
        {std::regex(R"( \[within D\])"), " within 2s"},
        {std::regex(R"( \[answer B\])"), " answer B"},
        {std::regex(R"( \["an invariant"\])"), " \"election safety\""},
        {std::regex(R"( \[from c1\] \[to N\])"), " from c1 to N"},
        {std::regex(R"( \[about=K\])"), " about=7"},
        {std::regex("QUERY"), "any(up)"},
        {std::regex("\"…\""), "\"What?\""},
        {std::regex(" latency=…"), " latency=5ms"},
        {std::regex(R"( …$)"), ""},
        {std::regex(R"( [a-zA-Z]+=…)"), ""},
        {std::regex("#[MN]\\b"), "#812"},
        {std::regex(R"(\bD\b)"), "20ms"},
    };
    for (const auto& [blank, example] : blanks) {
        line = std::regex_replace(line, blank, example);
    }
    return line;
}

TEST(ScenarioManual, TheLinesOfItsTablesAreLines)
{
    std::istringstream lines(manual().substr(0, manual().find("## When")));
    std::size_t tried = 0;
    for (std::string row; std::getline(lines, row);) {
        if (!row.starts_with("| `")) {
            continue;
        }
        // Bars inside of code do not end the cell.
        const auto cell = std::regex_replace(row, std::regex(R"(\\\|)"), "\x01");
        auto first = cell.substr(2, cell.find('|', 2) - 2);
        static const std::regex code("`([^`]+)`");
        std::string verb;
        for (std::sregex_iterator at(first.begin(), first.end(), code), end; at != end; ++at) {
            auto line = std::regex_replace((*at)[1].str(), std::regex("\x01"), "|");
            if (line.find(' ') == std::string::npos && line != "stop" && line != "heal"
                && line != "unrule") {
                line = verb + " " + line; // "`disk N slow=10`, `slow=5ms`"
            }
            verb = line.substr(0, line.rfind(' '));
            line = std::regex_replace(line, std::regex("hold\\|drop"), "hold|drop");
            const auto parsed = parseLine(filledIn(line));
            EXPECT_TRUE(parsed) << line << " as " << filledIn(line) << ": "
                                << parsed.error().text();
            ++tried;
        }
    }
    EXPECT_GE(tried, 40U);
}

TEST(ScenarioManual, TheSettingsOfAWorkloadAreSettings)
{
    std::istringstream lines(between(manual(), "## A workload", "## Translations"));
    std::size_t tried = 0;
    for (std::string row; std::getline(lines, row);) {
        if (!row.starts_with("| `")) {
            continue;
        }
        const auto setting = row.substr(3, row.find('`', 3) - 3);
        const std::string before = setting.starts_with("arrivals=") ? "loop=open " : "";
        auto scenario = parseScenario("cluster raft clients=4\nload " + before + setting);
        ASSERT_TRUE(scenario) << setting << ": " << scenario.error().text();
        const auto plan = prepare(std::move(*scenario));
        EXPECT_TRUE(plan) << setting << ": " << plan.error().text();
        ++tried;
    }
    EXPECT_EQ(tried, 12U);
}

} // namespace
} // namespace lightcone::session
