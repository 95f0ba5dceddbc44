#include "tests/app/cli/program.h"
#include "tests/support/golden.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// A scenario with a crash at each moment, as the program prints it.
namespace lightcone::cli {
namespace {

using testing::HasSubstr;

class SweepTest : public CliTest
{
protected:
    static std::string shipped(const std::string& name)
    {
        return LIGHTCONE_SOURCE_DIR "/resources/scenarios/" + name + ".scenario";
    }

    /// The crash points of two-phase commit, under other parameters.
    [[nodiscard]] Outcome crashPoints(const std::string& options) const
    {
        return cli("sweep " + shipped("two_phase_commit/crash_points") + " " + options
                   + " --while 'in doubt: any(inDoubt)' --end 'a-10: p1.store.a == 90'"
                     " --end 'b+10: p2.store.b == 110'");
    }
};

struct Grid
{
    std::string name;
    std::string options;
};

class SweepGrid : public SweepTest, public testing::WithParamInterface<Grid>
{
};

INSTANTIATE_TEST_SUITE_P(
    TwoPhaseCommit, SweepGrid,
    testing::Values(
        Grid{"presumed_abort_coordinator", "--crash coordinator"},
        Grid{"presumed_abort_participant", "--crash p1"},
        Grid{"presumed_nothing_coordinator", "--crash coordinator --set variant=presumedNothing"},
        Grid{"presumed_commit_coordinator", "--crash coordinator --set variant=presumedCommit"},
        Grid{"cooperative_coordinator", "--crash coordinator --set cooperative=true"},
        Grid{"three_phase_coordinator",
             "--crash coordinator --set variant=threePhase --set voteTimeout=50ms"}),
    [](const auto& each) { return each.param.name; });

TEST_P(SweepGrid, IsPrintedAsKept)
{
    const auto outcome = crashPoints(GetParam().options);
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    expectGolden(outcome.out, "sweeps/two_phase_commit_" + GetParam().name + ".txt");
}

// Whatever a variant does, a crash at any moment leaves both accounts changed or neither.
TEST_F(SweepTest, NoCrashTearsATransactionApart)
{
    for (const auto* variant :
         {"presumedNothing", "presumedAbort", "presumedCommit", "threePhase"}) {
        for (const auto* victim : {"coordinator", "p1", "p2"}) {
            const auto outcome = crashPoints(std::string("--json --set voteTimeout=50ms --crash ")
                                             + victim + " --set variant=" + variant);
            ASSERT_EQ(outcome.status, 0) << outcome.err;
            const auto parsed = boost::json::parse(outcome.out);
            const auto& runs = parsed.at("runs").as_array();
            EXPECT_GT(runs.size(), 5U);
            for (const auto& run : runs) {
                EXPECT_EQ(run.at("end").at("a-10"), run.at("end").at("b+10")) << run;
            }
        }
    }
}

TEST_F(SweepTest, ASettingThatIsNoneIsComplainedOf)
{
    expectComplaint("sweep " + shipped("two_phase_commit/crash_points") + " --crash p1 --set 400ms",
                    "expected --set KEY=VALUE, found '400ms'");
}

TEST_F(SweepTest, AMistakeEndsWithOneAndIsNamed)
{
    const auto outcome = crashPoints("--crash coordinator --set mistake=forgetsTooEarly");
    EXPECT_EQ(outcome.status, 1);
    EXPECT_THAT(outcome.out, HasSubstr("'nothing is forgotten too early' was broken"));
}

TEST_F(SweepTest, AnyProtocolCanBeSwept)
{
    const auto outcome = cli("sweep " + at("election.scenario")
                             + " --crash leader --while 'no leader: not any(role == leader and "
                               "up)' --json");
    EXPECT_EQ(outcome.status, 0) << outcome.out;
    const auto parsed = boost::json::parse(outcome.out);
    EXPECT_EQ(parsed.at("protocol"), "raft");
    EXPECT_EQ(parsed.at("crash"), "leader");
    const auto& runs = parsed.at("runs").as_array();
    ASSERT_GT(runs.size(), 3U);
    EXPECT_TRUE(runs[0].at("node").is_null());
    EXPECT_GT(runs[1].at("while").at("no leader").to_number<std::int64_t>(), 0);
    for (const auto* key : {"node", "event", "at", "what", "answers", "while", "end", "messages",
                            "forcedWrites", "failures"}) {
        EXPECT_TRUE(runs[1].as_object().contains(key)) << key;
    }
}

TEST_F(SweepTest, WrongWordsAreOneSentence)
{
    expectComplaint("sweep", "expected one scenario file");
    expectComplaint("sweep " + at("election.scenario"), "expected --crash and whom");
    expectComplaint("sweep " + at("election.scenario") + " --crash n9", "'n9' is nobody here");
    expectComplaint("sweep " + at("election.scenario") + " --crash n1 --down -3s", "--down: ");
    expectComplaint("sweep " + at("election.scenario") + " --crash n1 --while 'x: any(rol == 1)'",
                    "--while x: any(rol == 1): ");
}

} // namespace
} // namespace lightcone::cli
