#include "tests/app/cli/program.h"

#include <boost/json/parse.hpp>

namespace lightcone::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class MeasureTest : public CliTest
{
protected:
    MeasureTest()
    {
        put("load.scenario",
            "# Under load\ncluster raft nodes=3 seed=7 clients=4\n"
            "until count(role == leader) == 1 within 2s\n"
            "load loop=open rate=200/s duration=2s mix=\"put:1 get:1\"\n"
            "at +500ms crash leader\nuntil replied within 10s\nrun 500ms\n");
    }
};

TEST_F(MeasureTest, StatsTellLatenciesMessagesWritesAndUnavailableTime)
{
    const auto outcome = cli("stats " + at("load.scenario"));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const auto* word : {"load.scenario: raft, 3 nodes, 4 clients, ", "done a second",
                             "round trips each", "unavailable for ", "99.99 %", "put  ", "get  ",
                             "AppendEntries", "Put (request)", "forced", "died on the way"}) {
        EXPECT_THAT(outcome.out, HasSubstr(word));
    }
    const auto json = boost::json::parse(cli("stats --json " + at("load.scenario")).out);
    const auto& operations = json.at("operations").as_object();
    EXPECT_EQ(json.at("protocol"), "raft");
    EXPECT_NEAR(static_cast<double>(operations.at("wanted").as_int64()), 400, 80);
    EXPECT_EQ(operations.at("open"), 0);
    EXPECT_EQ(operations.at("latency").at("count"), operations.at("done"));
    EXPECT_EQ(operations.at("kinds").as_object().size(), 2U);
    // Who leads next is not known for as long as an election takes.
    EXPECT_GT(operations.at("unavailable").at("nanoseconds").as_int64(), 100'000'000);
    EXPECT_FALSE(operations.at("unavailable").at("stretches").as_array().empty());
    std::int64_t sent = 0;
    for (const auto& kind : json.at("messages").at("kinds").as_array()) {
        sent += kind.at("sent").as_int64();
        EXPECT_GT(kind.at("bytes").as_int64(), 0);
    }
    EXPECT_EQ(sent, json.at("messages").at("sent").as_int64());
    EXPECT_EQ(json.at("nodes").as_array().size(), 3U);
}

TEST_F(MeasureTest, ARecordingHasTheNumbersOfItsScenario)
{
    ASSERT_EQ(cli("run --record " + at("a.lightcone") + " " + at("load.scenario")).status, 0);
    auto recorded = boost::json::parse(cli("stats --json " + at("a.lightcone")).out).as_object();
    auto simulated = boost::json::parse(cli("stats --json " + at("load.scenario")).out).as_object();
    recorded.erase("file");
    simulated.erase("file");
    EXPECT_EQ(recorded, simulated);
}

TEST_F(MeasureTest, PatienceSaysWhatIsUnavailable)
{
    const auto strict = cli("stats --patience 1us " + at("load.scenario"));
    EXPECT_THAT(strict.out, HasSubstr("more than 1 µs without an answer"));
    const auto calm =
        boost::json::parse(cli("stats --json --patience 1m " + at("load.scenario")).out);
    EXPECT_EQ(calm.at("operations").at("unavailable").at("nanoseconds"), 0);
    expectComplaint("stats --patience soon " + at("load.scenario"), "--patience: ");
    expectComplaint("stats", "expected one file");
    expectComplaint("stats " + at("nowhere.scenario"), "nowhere.scenario: ");
}

TEST_F(MeasureTest, PercentilesAreAsHdrHistogramWritesThem)
{
    const auto outcome = cli("stats --percentiles " + at("load.scenario"));
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out,
                StartsWith("       Value     Percentile TotalCount 1/(1-Percentile)\n"));
    EXPECT_THAT(outcome.out, HasSubstr(" 1.000000000000 "));
    EXPECT_THAT(outcome.out, HasSubstr("#[Max = "));
}

TEST_F(MeasureTest, ComparesTwoRunsAndFindsWhereTheyPart)
{
    const auto outcome =
        cli("compare " + at("load.scenario") + " " + at("load.scenario") + " --right seed=8");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    for (const auto* word :
         {"operations wanted", "latency, 99 %", "forced writes an operation", "AppendEntries",
          "the first event that differs: #", "    left   ", "    right  "}) {
        EXPECT_THAT(outcome.out, HasSubstr(word));
    }
    EXPECT_THAT(outcome.out, Not(HasSubstr(" \n"))) << "no line ends in blanks";
    const auto same = cli("compare " + at("load.scenario") + " " + at("load.scenario"));
    EXPECT_THAT(same.out, HasSubstr("no event differs: the runs are identical"));
    const auto json = boost::json::parse(
        cli("compare --json " + at("load.scenario") + " " + at("load.scenario") + " --left nodes=5")
            .out);
    EXPECT_EQ(json.at("sameProtocol"), true);
    EXPECT_GT(json.at("firstDifference").at("event").as_int64(), 0);
    bool found = false;
    for (const auto& row : json.at("rows").as_array()) {
        if (row.at("measure") == "messages") {
            found = true;
            EXPECT_EQ(row.at("unit"), "count");
            EXPECT_GT(row.at("left").to_number<double>(), row.at("right").to_number<double>());
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(MeasureTest, SaysForHowLongLocksWereHeld)
{
    const std::string lessons = LIGHTCONE_SOURCE_DIR "/resources/scenarios/";
    const auto outcome = cli("compare " + lessons + "saga/the_same_business.scenario " + lessons
                             + "two_phase_commit/the_same_business.scenario");
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, ContainsRegex("time in locks +– +[0-9.]+ ms"));
    EXPECT_THAT(outcome.out, ContainsRegex("time in pending +[0-9.]+ ms +–"));
}

TEST_F(MeasureTest, TellsWhatTheProtocolMeasuresOfItself)
{
    put("lost.scenario",
        "cluster replication acknowledge=async nodes=3 seed=3 latency=2ms clientTimeout=200ms\n"
        "until n1.role == primary within 500ms\n"
        "rule drop Ship from n1\nrequest put x 1\nuntil replied within 100ms\ncrash n1\nunrule\n"
        "until any(role == primary and up) within 2s\nrestart n1\n"
        "until monitor.watch.lostEntries == 1 within 3s\n");
    const auto stats = cli("stats " + at("lost.scenario"));
    EXPECT_THAT(stats.out, ContainsRegex("watch.lostEntries +1 +monitor"));
    EXPECT_THAT(stats.out, ContainsRegex("watch.recovery +[0-9]+ ms +monitor"));
    EXPECT_THAT(stats.out, ContainsRegex("staleReads +0 *\n"));
    const auto json = boost::json::parse(cli("stats --json " + at("lost.scenario")).out);
    bool told = false;
    for (const auto& level : json.at("levels").as_array()) {
        told = told
            || (level.at("level") == "watch.unavailable" && level.at("unit") == "nanoseconds"
                && level.at("most").to_number<double>() > 1e8 && level.at("node") == "monitor");
    }
    EXPECT_TRUE(told);
    const auto compared =
        cli("compare --right acknowledge=sync " + at("lost.scenario") + " " + at("lost.scenario"));
    EXPECT_THAT(compared.out, ContainsRegex("watch.lostEntries, the most +1 +0"));
    EXPECT_THAT(compared.out, Not(HasSubstr("staleReads"))) << "never above zero in either";
}

TEST_F(MeasureTest, TellsHowManyNodesOperationsTookAndWhatAResizeMoves)
{
    put("scan.scenario",
        "cluster partitioning strategy=modulo slots=12 nodes=3 spares=1 seed=2\nrun 50ms\n"
        "request put a 1\nuntil replied\nrequest put b 2\nuntil replied\n"
        "request scan a z {}\nuntil replied\nstart s4\nrun 200ms\n"
        "request add s4 to map\nuntil replied\nrun 2s\n");
    const auto stats = cli("stats " + at("scan.scenario"));
    EXPECT_THAT(stats.out, ContainsRegex("touching.one +2 +r1")) << stats.err;
    EXPECT_THAT(stats.out, ContainsRegex("touching.several +1 +r1"));
    EXPECT_THAT(stats.out, ContainsRegex("touching.nodes +3 +r1"));
    EXPECT_THAT(stats.out, ContainsRegex("directory.resize.share +0.75 +map"));
    EXPECT_THAT(stats.out, ContainsRegex("directory.resize.least +0.25 +map"));
    EXPECT_THAT(stats.out, ContainsRegex("skew +[0-9]"));
}

TEST_F(MeasureTest, ComparesDifferentProtocolsByTheirNumbersAlone)
{
    put("paxos.scenario",
        "# Paxos\ncluster paxos nodes=3 seed=7 clients=4\nrun 1s\nrequest put x 1\n"
        "until replied within 2s\n");
    const auto outcome = cli("compare " + at("load.scenario") + " " + at("paxos.scenario"));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("the events of different protocols cannot be compared"));
    EXPECT_THAT(outcome.out, HasSubstr("Accepted"));
    EXPECT_THAT(outcome.out, HasSubstr("AppendEntries"));
}

TEST_F(MeasureTest, SaysWhatCannotBeCompared)
{
    expectComplaint("compare " + at("load.scenario"), "expected two files");
    expectComplaint("compare " + at("load.scenario") + " " + at("load.scenario") + " --left nodes",
                    "expected --left KEY=VALUE, found 'nodes'");
    ASSERT_EQ(cli("run --record " + at("a.lightcone") + " " + at("load.scenario")).status, 0);
    expectComplaint("compare " + at("a.lightcone") + " " + at("load.scenario") + " --left nodes=5",
                    "a.lightcone is a trace: settings can be given to a scenario");
    const auto whole = read("a.lightcone");
    put("b.lightcone", whole.substr(0, whole.size() / 2));
    const auto outcome = cli("compare " + at("b.lightcone") + " " + at("load.scenario"));
    EXPECT_EQ(outcome.status, 2);
    EXPECT_THAT(outcome.err, HasSubstr("b.lightcone"));
    EXPECT_THAT(outcome.out, HasSubstr("operations wanted")) << "what is whole is compared";
}

} // namespace
} // namespace lightcone::cli
