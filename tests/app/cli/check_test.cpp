#include "tests/app/cli/program.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace lightcone::cli {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string shipped(const std::string& name)
{
    return LIGHTCONE_SOURCE_DIR "/tests/data/histories/" + name;
}

TEST_F(CliTest, CheckJudgesHistories)
{
    const auto fine = cli("check " + shipped("etcd_like.edn"));
    EXPECT_EQ(fine.status, 0) << fine.err;
    EXPECT_EQ(fine.out,
              "linearizable: 160 operations by 28 processes on 3 keys (23 unknown, 34 "
              "failed)\n");
    EXPECT_EQ(cli("check " + shipped("many_unknown.edn")).status, 0);
    EXPECT_EQ(cli("check --model kv " + shipped("one_vector.edn")).status, 0);
    const auto stale = cli("check " + shipped("stale_read.edn"));
    EXPECT_EQ(stale.status, 1) << stale.err;
    EXPECT_THAT(stale.out,
                StartsWith("not linearizable: read x gave 1, where x could only have held 2 or 3\n"
                           "  cannot be placed: read x gave 1 of process 1, lines 10 to 11 (13 ms "
                           "to 14 ms)\n"
                           "  the longest order that was possible on x: 2 of 5 operations\n"));
    EXPECT_THAT(stale.out, HasSubstr("process 0     write x 2"));
    const auto piped = cli("check - < " + shipped("stale_read.edn"));
    EXPECT_EQ(piped.status, 1) << piped.err;
    EXPECT_EQ(piped.out, stale.out);
}

TEST_F(CliTest, CheckPrintsDocumentedJson)
{
    const auto outcome = cli("check --json " + shipped("stale_read.edn"));
    ASSERT_EQ(outcome.status, 1) << outcome.err;
    const auto parsed = boost::json::parse(outcome.out);
    EXPECT_EQ(parsed.at("verdict"), "impossible");
    EXPECT_EQ(parsed.at("model"), "register");
    EXPECT_EQ(parsed.at("operations"), 6);
    EXPECT_EQ(parsed.at("unknown"), 1);
    EXPECT_EQ(parsed.at("marks"), 2);
    const auto& keys = parsed.at("keys").as_array();
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_EQ(keys[0].at("key"), "x");
    EXPECT_EQ(keys[0].at("cannotBePlaced").at("lineEnded"), 11);
    EXPECT_EQ(keys[0].at("couldHold").as_array(), (boost::json::array{"2", "3"}));
    EXPECT_EQ(keys[0].at("order").as_array().size(), 2U);
    EXPECT_EQ(keys[1].at("verdict"), "linearizable");
}

// A leader whose clock runs slow believes in its lease when another leads already.
TEST_F(CliTest, CheckFindsTheStaleReadOfARun)
{
    const std::string scenario =
        LIGHTCONE_SOURCE_DIR "/resources/scenarios/raft/a_lease_and_a_bad_clock.scenario";
    const auto outcome = cli("check " + scenario);
    EXPECT_EQ(outcome.status, 1) << outcome.err;
    EXPECT_THAT(outcome.out,
                StartsWith("not linearizable: get x gave 1, where x could only have held 2\n"));
    ASSERT_LE(cli("run --record " + at("a.lightcone") + " " + scenario).status, 1);
    const auto file = cli("check " + at("a.lightcone"));
    EXPECT_EQ(file.status, 1) << file.err;
    EXPECT_EQ(file.out, outcome.out);
    EXPECT_EQ(cli("check - < " + at("a.lightcone")).out, outcome.out);
    const auto parsed = boost::json::parse(cli("check --json " + at("a.lightcone")).out);
    const auto& culprit = parsed.at("keys").at(0).at("cannotBePlaced");
    const auto shown = cli("show --where 'kind == reply' " + at("a.lightcone"));
    EXPECT_THAT(shown.out, HasSubstr("#" + std::to_string(culprit.at("reply").as_int64()) + " "));
    const auto healthy = cli("check " + at("election.scenario"));
    EXPECT_EQ(healthy.status, 0) << healthy.err;
    EXPECT_THAT(healthy.out, StartsWith("linearizable: 1 operation by 1 process on 1 key"));
}

TEST_F(CliTest, CheckGivesUpInTime)
{
    // Swaps in a circle, all under way at once: two to the fortieth sets of them.
    std::string history;
    for (int i = 0; i < 40; ++i) {
        const auto swap = std::to_string(i % 7) + " " + std::to_string((i + 1) % 7);
        history +=
            "{:process " + std::to_string(i) + " :type :invoke :f :cas :value [" + swap + "]}\n";
    }
    history += "{:process 90 :type :invoke :f :write :value 0}\n"
               "{:process 90 :type :ok :f :write :value 0}\n"
               "{:process 90 :type :invoke :f :write :value 1}\n"
               "{:process 90 :type :ok :f :write :value 1}\n"
               "{:process 91 :type :invoke :f :read}\n{:process 91 :type :ok :f :read :value 99}\n";
    for (int i = 0; i < 40; ++i) {
        history += "{:process " + std::to_string(i) + " :type :ok :f :cas}\n";
    }
    put("hard.edn", history);
    const auto outcome = cli("check --timeout 0.2 " + at("hard.edn"));
    EXPECT_EQ(outcome.status, 3) << outcome.out << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith("gave up: 43 operations by 42 processes on 1 key"));
    EXPECT_THAT(outcome.out, HasSubstr("not judged in time: the register, 43 operations"));
    EXPECT_EQ(
        boost::json::parse(cli("check --json --timeout 0.1 " + at("hard.edn")).out).at("verdict"),
        "gaveUp");
}

TEST_F(CliTest, CheckComplainsInOneSentence)
{
    put("bad.edn", "{:process 0, :type :invoke, :f :write, :value 1}\n{:process 0, :type :ok, :f");
    put("txn.edn", "\n{:process 0, :type :invoke, :f :txn, :value [[:append 1 2]]}\n");
    expectComplaint("check " + at("bad.edn"), "bad.edn:2:27: expected '}' for the one opened");
    expectComplaint("check " + at("txn.edn"),
                    "txn.edn:2: expected an operation that the model kv knows");
    expectComplaint("check --model register " + shipped("lost_update.edn"), "found cas");
    expectComplaint("check --model queue " + at("bad.edn"),
                    "expected --model register, cas-register or kv, found 'queue'");
    expectComplaint("check --timeout -1 " + at("bad.edn"), "expected --timeout with seconds");
    expectComplaint("check " + at("nowhere.edn"), "nowhere.edn: the file cannot be read");
    expectComplaint("check " + folder.string(), "the file cannot be read");
    expectComplaint("check", "expected one file");
    expectComplaint("check " LIGHTCONE_SOURCE_DIR "/tests/data/trace/version_1.lightcone",
                    "expected a run whose clients put and get keys, found one of Synthetic");
}

} // namespace

} // namespace lightcone::cli
