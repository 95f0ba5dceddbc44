// Reads the sources of the house and fails on what breaks its rules.

#include "tests/tidy/rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace lightcone::tidy {
namespace {

std::string readFile(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<Source> allSources()
{
    const std::filesystem::path root = LIGHTCONE_SOURCE_DIR;
    std::vector<Source> sources;
    for (const char* side : {"engine", "views", "app", "tests"}) {
        if (!std::filesystem::exists(root / side)) {
            continue;
        }
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / side)) {
            const auto extension = entry.path().extension();
            if (extension == ".h" || extension == ".cpp") {
                sources.push_back(
                    parseSource(entry.path().lexically_relative(root).generic_string(),
                                readFile(entry.path())));
            }
        }
    }
    std::ranges::sort(sources, {}, &Source::path);
    return sources;
}

TEST(Sources, AreFound)
{
    const auto sources = allSources();
    EXPECT_TRUE(std::ranges::any_of(sources, [](const Source& source) {
        return source.path == "tests/tidy/sources_test.cpp" && source.lines.size() > 50;
    }));
}

TEST(Sources, KeepTheRulesOfTheHouse)
{
    for (const Source& source : allSources()) {
        for (const Finding& finding : checkAll(source)) {
            ADD_FAILURE() << finding.path << ":" << finding.line << ": " << finding.sentence;
        }
    }
}

} // namespace
} // namespace lightcone::tidy
