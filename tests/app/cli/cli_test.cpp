#include "tests/app/cli/program.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace lightcone::cli {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CliTest, HelpsAndSaysItsVersion)
{
    const auto help = cli("--help");
    EXPECT_EQ(help.status, 0);
    for (const auto* verb :
         {"protocols", "scenarios", "run", "sweep", "show", "state", "replay", "export", "check"}) {
        EXPECT_THAT(help.out, HasSubstr(verb));
        const auto own = cli(std::string(verb) + " --help");
        EXPECT_EQ(own.status, 0) << verb;
        EXPECT_THAT(own.out, StartsWith(std::string("Usage: lightcone-cli ") + verb));
    }
    EXPECT_THAT(cli("--version").out, StartsWith("lightcone-cli "));
    EXPECT_EQ(cli("").status, 2);
}

TEST_F(CliTest, ListsProtocolsAsDocumentedJson)
{
    const auto outcome = cli("protocols --json");
    ASSERT_EQ(outcome.status, 0);
    const auto parsed = boost::json::parse(outcome.out);
    const auto& array = parsed.as_array();
    const auto raft = std::find_if(array.begin(), array.end(), [](const boost::json::value& row) {
        return row.at("id") == "raft";
    });
    ASSERT_NE(raft, array.end());
    for (const auto* key : {"parameters", "requests", "invariants", "mistakes"}) {
        EXPECT_FALSE(raft->at(key).as_array().empty()) << key;
    }
    EXPECT_EQ(raft->at("title"), "Raft");
}

TEST_F(CliTest, ListsTheShippedScenarios)
{
    const auto outcome = cli("scenarios raft --json");
    ASSERT_EQ(outcome.status, 0);
    const auto parsed = boost::json::parse(outcome.out);
    EXPECT_GE(parsed.as_array().size(), 14U);
    for (const auto& row : parsed.as_array()) {
        EXPECT_FALSE(row.at("title").as_string().empty());
        EXPECT_FALSE(row.at("summary").as_string().empty()) << row;
    }
    expectComplaint("scenarios rafts", "expected a protocol");
}

TEST_F(CliTest, RunsAScenarioAndJudgesIt)
{
    const auto outcome = cli("run " + at("election.scenario"));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith("Who leads?\n"));
    EXPECT_THAT(outcome.out, HasSubstr("passed: "));
    put("wrong.scenario",
        "# Two leaders?\ncluster raft nodes=3 seed=7\nrun 1s\nexpect count(role == leader) == 2\n");
    const auto wrong = cli("run " + at("election.scenario") + " " + at("wrong.scenario"));
    EXPECT_EQ(wrong.status, 1);
    EXPECT_THAT(wrong.out, HasSubstr("wrong.scenario:4: "));
    EXPECT_THAT(wrong.out, HasSubstr("FAILED: "));
}

// Two who have read the same version write, each over what it has read; a third sees both and
// deletes them.
TEST_F(CliTest, WritesOverAContextThatAPersonBrings)
{
    put("over.scenario",
        "cluster replication strategy=quorum nodes=3 seed=1\n"
        "request put x 1\nuntil replied\n"
        "request putOver x 2 {upTo={n1=1}, beyond={}} to n1\nuntil replied\n"
        "request putOver x 3 {upTo={n1=1}, beyond={}} to n2\nuntil replied\nrun 100ms\n"
        "expect n1.conflicts == 1\n"
        "request deleteOver x {upTo={n1=2, n2=1}, beyond={}} to n1\nuntil replied\n"
        "expect n1.conflicts == 0\n");
    const auto outcome = cli("run " + at("over.scenario"));
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
}

TEST_F(CliTest, RunTakesSeedsAndSettings)
{
    const auto one = boost::json::parse(cli("run --json --seed 1 " + at("election.scenario")).out);
    const auto again =
        boost::json::parse(cli("run --json --seed 1 " + at("election.scenario")).out);
    const auto other =
        boost::json::parse(cli("run --json --seed 2 --set nodes=5 " + at("election.scenario")).out);
    EXPECT_EQ(one.at(0).at("seed"), 1);
    EXPECT_EQ(one.at(0).at("hash"), again.at(0).at("hash"));
    EXPECT_NE(one.at(0).at("hash"), other.at(0).at("hash"));
    EXPECT_EQ(one.at(0).at("passed"), true);
    expectComplaint("run --set nodes " + at("election.scenario"),
                    "expected --set KEY=VALUE, found 'nodes'");
    expectComplaint("run --set ndoes=5 " + at("election.scenario"), "ndoes");
}

TEST_F(CliTest, RecordsShowsAndReplays)
{
    ASSERT_EQ(cli("run --record " + at("a.lightcone") + " " + at("election.scenario")).status, 0);
    const auto replayed = cli("replay " + at("a.lightcone"));
    EXPECT_EQ(replayed.status, 0) << replayed.err;
    EXPECT_THAT(replayed.out, StartsWith("identical: "));
    const auto notes = cli("show " + at("a.lightcone") + " --where 'note ~ \"becomes leader\"'");
    EXPECT_EQ(notes.status, 0);
    EXPECT_THAT(notes.out, HasSubstr("becomes leader of term 1"));
    EXPECT_EQ(std::count(notes.out.begin(), notes.out.end(), '\n'), 1);
    const auto limited = cli("show --limit 3 " + at("a.lightcone"));
    EXPECT_EQ(std::count(limited.out.begin(), limited.out.end(), '\n'), 3);
    EXPECT_EQ(cli("show " + at("election.scenario") + " --limit 3").out, limited.out)
        << "a scenario shows as its recording";
}

TEST_F(CliTest, RecordsWhatClientsAskAsTheScenarioWritesIt)
{
    std::ofstream(at("asked.scenario")) << "cluster raft nodes=3 clients=2 seed=5\n"
                                           "until count(role == leader) == 1\n"
                                           "request put x 1\n"
                                           "request get x from c2\n"
                                           "until replied\n"
                                           "crash leader\n"
                                           "request cas x 1 2\n"
                                           "until replied\n"
                                           "run 200ms\n";
    const auto recorded = cli("run --record " + at("a.lightcone") + " " + at("asked.scenario"));
    ASSERT_EQ(recorded.status, 0) << recorded.err;
    EXPECT_EQ(cli("replay " + at("a.lightcone")).status, 0);
    const auto requests = cli("show " + at("a.lightcone") + " --where 'kind == request'");
    EXPECT_EQ(std::count(requests.out.begin(), requests.out.end(), '\n'), 3) << requests.out;
}

TEST_F(CliTest, ShowsTheStateAtAnyEventOfAFileAndOfARun)
{
    ASSERT_EQ(cli("run --record " + at("a.lightcone") + " " + at("election.scenario")).status, 0);
    for (const auto event : {0, 1, 20, 40, 70}) {
        const auto number = " --json --at " + std::to_string(event);
        const auto file = cli("state " + at("a.lightcone") + number);
        ASSERT_EQ(file.status, 0) << file.err;
        EXPECT_EQ(file.out, cli("state " + at("election.scenario") + number).out) << event;
        EXPECT_EQ(boost::json::parse(file.out).as_array().size() >= 3, true);
    }
    const auto one = cli("state " + at("a.lightcone") + " --at 70 --node n2");
    EXPECT_THAT(one.out, StartsWith("n2  up\n"));
    EXPECT_THAT(one.out, HasSubstr("  term 1\n"));
    expectComplaint("state " + at("a.lightcone") + " --at 999999", "expected an event from 0 to ");
    expectComplaint("state " + at("a.lightcone") + " --at 5 --node n9",
                    "expected a node such as n1, found 'n9'");
    expectComplaint("state " + at("a.lightcone"), "expected --at EVENT");
}

TEST_F(CliTest, ExportsEveryFormat)
{
    for (const auto* format : {"json", "csv", "shiviz", "chrome", "mermaid", "svg"}) {
        const auto outcome =
            cli("export " + at("election.scenario") + " --to " + format + " -o " + at(format));
        EXPECT_EQ(outcome.status, 0) << format << ": " << outcome.err;
        EXPECT_GT(read(format).size(), 500U) << format;
    }
    EXPECT_NO_THROW(boost::json::parse(read("json")));
    EXPECT_NO_THROW(boost::json::parse(read("chrome")));
    EXPECT_THAT(read("svg"), HasSubstr("</svg>"));
    expectComplaint("export " + at("election.scenario") + " --to xml", "expected a format (");
    expectComplaint("export " + at("election.scenario"), "expected --to FORMAT");
}

TEST_F(CliTest, WhatIsWrongIsOneSentenceAndStatusTwo)
{
    expectComplaint("dance", "expected a verb (protocols, ");
    expectComplaint("run", "expected at least one scenario file");
    expectComplaint("run " + at("nowhere.scenario"), "nowhere.scenario: ");
    expectComplaint("show " + at("nowhere.lightcone"), "nowhere.lightcone");
    expectComplaint("show --wehre x " + at("election.scenario"), "wehre");
    expectComplaint("show " + at("election.scenario") + " --where '(kind == drop'",
                    "--where: column 14: expected ')' to close the '(' at column 1, found the end");
    put("typo.scenario", "# Typo\ncluster raft nodes=3\nrequst put x 1\n");
    expectComplaint("run " + at("typo.scenario"), "typo.scenario:3:1: ");
}

TEST_F(CliTest, ADamagedFileShowsWhatIsLeftAndSaysWhatWasLost)
{
    ASSERT_EQ(cli("run --record " + at("a.lightcone") + " " + at("election.scenario")).status, 0);
    const auto whole = read("a.lightcone");
    for (const auto share : {0.0, 0.1, 0.5, 0.9, 0.99}) {
        const auto size = static_cast<std::size_t>(static_cast<double>(whole.size()) * share);
        put("b.lightcone", whole.substr(0, size));
        const auto outcome = cli("show " + at("b.lightcone"));
        EXPECT_EQ(outcome.status, 2) << size;
        EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    }
    auto flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x10);
    put("c.lightcone", flipped);
    const auto outcome = cli("show " + at("c.lightcone"));
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("c.lightcone"));
    const auto replayed = cli("replay " + at("b.lightcone"));
    EXPECT_EQ(replayed.status, 2);
    EXPECT_THAT(replayed.out, StartsWith("identical up to where the file is damaged: "));
}

} // namespace

} // namespace lightcone::cli
