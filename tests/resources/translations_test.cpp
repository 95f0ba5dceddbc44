#include "engine/session/narration.h"
#include "tests/resources/lessons.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

namespace lightcone::session {
namespace {

using Texts = std::vector<std::string>;

/// All that a lesson says to a person.
Texts textsOf(const Scenario& scenario)
{
    Texts texts{scenario.title, scenario.summary};
    for (const auto& line : scenario.lines) {
        if (const auto* say = std::get_if<Say>(&line.doing)) {
            texts.push_back(say->text);
        } else if (const auto* ask = std::get_if<Ask>(&line.doing)) {
            texts.push_back(ask->text);
            texts.insert(texts.end(), ask->choices.begin(), ask->choices.end());
        }
    }
    return texts;
}

/// The pairs of a file as resources/scenarios/README.md describes it.
std::map<std::string, std::string> readPairs(const std::filesystem::path& path)
{
    std::map<std::string, std::string> pairs;
    std::ifstream in(path);
    std::string text;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        if (!line.starts_with("= ")) {
            EXPECT_TRUE(text.empty()) << path << ": no translation follows: " << text;
            text = line;
            continue;
        }
        EXPECT_FALSE(text.empty()) << path << ": a translation of nothing: " << line;
        EXPECT_TRUE(pairs.emplace(text, line.substr(2)).second) << path << ": twice: " << text;
        text.clear();
    }
    EXPECT_TRUE(text.empty()) << path << ": no translation follows: " << text;
    return pairs;
}

/// Numbers and names of nodes stay as they are.
bool needsWords(const std::string& text)
{
    return text.find(' ') != std::string::npos
        || (std::ranges::none_of(text, [](char c) { return c >= '0' && c <= '9'; }));
}

bool hasChinese(const std::string& text)
{
    // The common ideographs lie between U+4E00 and U+9FFF.
    return std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0xE4 && byte <= 0xE9;
    });
}

Texts marksOf(const std::string& text)
{
    Texts marks;
    for (auto at = text.find("§"); at != std::string::npos; at = text.find("§", at + 2)) {
        auto end = at + 2;
        while (end < text.size() && (text[end] == '.' || (text[end] >= '0' && text[end] <= '9'))) {
            ++end;
        }
        marks.push_back(text.substr(at, end - at));
        while (marks.back().ends_with('.')) {
            marks.back().pop_back();
        }
    }
    std::ranges::sort(marks);
    return marks;
}

class Translation : public testing::TestWithParam<std::string>
{
};

INSTANTIATE_TEST_SUITE_P(Chinese, Translation, testing::ValuesIn(lessonNames()),
                         [](const auto& each) { return testName(each.param); });

TEST_P(Translation, CoversEveryTextAndNothingElse)
{
    const auto path = scenarioFolder() / GetParam();
    const auto plan = planOf(path.string() + ".scenario");
    ASSERT_TRUE(plan) << plan.error().text();
    const auto narration = Narration::beside(path.string() + ".scenario", "zh_CN");
    ASSERT_TRUE(narration) << narration.error().text();
    auto pairs = readPairs(path.string() + ".zh_CN.txt");
    std::set<std::string> used;
    for (const auto& text : textsOf((*plan)->scenario)) {
        const auto found = pairs.find(text);
        if (found == pairs.end()) {
            ADD_FAILURE() << GetParam() << ": not translated: " << text;
            continue;
        }
        used.insert(text);
        EXPECT_EQ((*narration)(text), found->second);
        EXPECT_TRUE(!needsWords(text) || hasChinese(found->second)) << found->second;
        EXPECT_EQ(marksOf(text), marksOf(found->second)) << "cites something else: " << text;
    }
    for (const auto& [text, translation] : pairs) {
        EXPECT_TRUE(used.contains(text)) << GetParam() << ": translates what nobody says: " << text;
    }
}

} // namespace
} // namespace lightcone::session
