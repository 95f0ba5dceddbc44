#include "tests/engine/protocols/two_phase_commit/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

Parameters with(Mistake mistake)
{
    auto parameters = withMoney();
    parameters.mistake = mistake;
    return parameters;
}

std::string transfer(Mistake mistake)
{
    Cluster cluster(with(mistake));
    cluster.ask(Transfer{"a", "b", 10});
    cluster.answered();
    cluster.run(200ms);
    return cluster.problem();
}

// p1 has the decision to commit, p2 does not hear of it for a while.
std::string waitForADecision(Mistake mistake)
{
    Cluster cluster(with(mistake));
    cluster.drop("Commit", Cluster::tm, Cluster::p2);
    cluster.ask(Transfer{"a", "b", 10});
    EXPECT_TRUE(cluster.untilPhase(Cluster::p2, Phase::InDoubt));
    cluster.run(400ms);
    cluster.dropNoMore();
    cluster.run(400ms);
    return cluster.problem();
}

// The first transaction is prepared at p1 when the second wants the same key.
std::string addTwice(Mistake mistake)
{
    Cluster cluster(with(mistake));
    cluster.drop("Commit", Cluster::tm, Cluster::p1);
    cluster.ask(Transact{{Add{"a", 1}, Add{"b", 1}}}, 0, 1);
    EXPECT_TRUE(cluster.untilPhase(Cluster::p1, Phase::InDoubt));
    cluster.ask(Transact{{Add{"a", 1}}}, 0, 2);
    cluster.run(15ms);
    cluster.dropNoMore();
    cluster.run(500ms);
    return cluster.problem();
}

std::vector<Case> cases()
{
    return {{"votesBeforeForced", transfer},
            {"tellsBeforeLogging", transfer},
            {"abortsAloneAfterYes", waitForADecision},
            {"forgetsTooEarly", transfer},
            {"releasesAtPrepare", addTwice}};
}

class TwoPhaseCommitMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(TwoPhaseCommitMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(theProtocol(), GetParam());
}

TEST_P(TwoPhaseCommitMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(TwoPhaseCommit, TwoPhaseCommitMistakes, testing::ValuesIn(cases()),
                         Case::name);

TEST(TwoPhaseCommitMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(theProtocol(), cases());
}

TEST(TwoPhaseCommitSerialization, NamesTheCircle)
{
    EXPECT_THAT(addTwice(Mistake::ReleasesAtPrepare),
                testing::HasSubstr("no serial order has transactions 1 → 2 → 1 (1 writes a of p1 "
                                   "before 2 writes it, 2 reads a of p1 before 1 writes it)"));
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
