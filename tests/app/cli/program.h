#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>

namespace lightcone::cli {

/// What a run of the program came to.
struct Outcome
{
    int status = -1;
    std::string out;
    std::string err;
};

/// Runs lightcone-cli in a folder of the test's own.
class CliTest : public testing::Test
{
public:
    ~CliTest() override { std::filesystem::remove_all(folder); }

protected:
    CliTest()
        : folder(std::filesystem::temp_directory_path()
                 / (std::string("lightcone_cli_")
                    + testing::UnitTest::GetInstance()->current_test_info()->name()))
    {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        put("election.scenario",
            "# Who leads?\n# Three nodes choose.\ncluster raft nodes=3 seed=7\n"
            "until count(role == leader) == 1 within 2s\nrequest put x 1\nuntil replied within 2s\n"
            "expect count(role == leader) == 1\n");
    }

    std::string at(const std::string& name) const { return (folder / name).string(); }

    void put(const std::string& name, const std::string& text) const
    {
        std::ofstream(folder / name, std::ios::binary) << text;
    }

    std::string read(const std::string& name) const
    {
        std::ifstream in(folder / name, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    /// Runs the program with these words, quoted as a shell would want them.
    Outcome cli(const std::string& words) const
    {
        const auto command =
            std::string(LIGHTCONE_CLI_PATH) + " " + words + " >" + at("out") + " 2>" + at("err");
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out"), read("err")};
    }

    /// One sentence on stderr, nothing else, status 2.
    void expectComplaint(const std::string& words, const std::string& part) const
    {
        const auto outcome = cli(words);
        EXPECT_EQ(outcome.status, 2) << words;
        EXPECT_THAT(outcome.err, testing::HasSubstr(part)) << words;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }

    std::filesystem::path folder;
};

} // namespace lightcone::cli
