#pragma once

#include "tests/app/node/process.h"
#include "tests/engine/live/loopback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace lightcone::node_program {

/// What a run of the program to its end came to.
struct Outcome
{
    int status = -1;
    std::string output;
};

/// Runs lightcone-node in a folder of the test's own.
class NodeProgramTest : public ::testing::Test
{
protected:
    [[nodiscard]] std::string at(const std::string& name) const
    {
        return (folder.path / name).string();
    }

    void put(const std::string& name, const std::string& text) const
    {
        std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
        std::ofstream(at(name), std::ios::binary) << text;
    }

    Outcome run(std::vector<std::string> words)
    {
        words.insert(words.begin(), LIGHTCONE_NODE_PATH);
        const auto output = at("output" + std::to_string(++m_runs));
        testing::Process process(words, output);
        const auto status = process.wait();
        EXPECT_TRUE(status) << "it still runs: " << process.output();
        return {status && WIFEXITED(*status) ? WEXITSTATUS(*status) : -1, process.output()};
    }

    /// One sentence, nothing else, status 2.
    void expectComplaint(const std::vector<std::string>& words, const std::string& part)
    {
        const auto outcome = run(words);
        EXPECT_EQ(outcome.status, 2) << outcome.output;
        EXPECT_THAT(outcome.output, ::testing::HasSubstr(part));
        EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1)
            << outcome.output;
    }

    live::testing::TemporaryDirectory folder;

private:
    int m_runs = 0;
};

} // namespace lightcone::node_program
