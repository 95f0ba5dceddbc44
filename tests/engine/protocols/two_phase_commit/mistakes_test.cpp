#include "tests/engine/protocols/two_phase_commit/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;
using Run = std::string (*)(Mistake);

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

struct Case
{
    std::string mistake;
    Run run;
};

class TwoPhaseCommitMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(TwoPhaseCommitMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    const auto& cards = theProtocol().card().mistakes;
    const auto card = std::find_if(cards.begin(), cards.end(), [](const auto& each) {
        return each.name == GetParam().mistake;
    });
    ASSERT_NE(card, cards.end());
    const auto shape = describe::shapeOf<Mistake>();
    for (std::size_t i = 1; i < shape->enumerators.size(); ++i) {
        if (shape->enumerators[i].name == card->name) {
            const auto problem = GetParam().run(*describe::enumeratorAt<Mistake>(i));
            EXPECT_THAT(problem, testing::StartsWith(card->caughtBy + ": "));
        }
    }
}

TEST_P(TwoPhaseCommitMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(TwoPhaseCommit, TwoPhaseCommitMistakes,
                         testing::Values(Case{"votesBeforeForced", transfer},
                                         Case{"tellsBeforeLogging", transfer},
                                         Case{"abortsAloneAfterYes", waitForADecision},
                                         Case{"forgetsTooEarly", transfer},
                                         Case{"releasesAtPrepare", addTwice}),
                         [](const auto& each) { return each.param.mistake; });

TEST(TwoPhaseCommitMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    const auto& card = theProtocol().card();
    const auto shape = describe::shapeOf<Mistake>();
    ASSERT_EQ(card.mistakes.size() + 1, shape->enumerators.size());
    for (std::size_t i = 0; i < card.mistakes.size(); ++i) {
        EXPECT_EQ(card.mistakes[i].name, shape->enumerators[i + 1].name);
        EXPECT_TRUE(
            std::any_of(card.invariants.begin(), card.invariants.end(),
                        [&](const auto& each) { return each.name == card.mistakes[i].caughtBy; }));
    }
}

TEST(TwoPhaseCommitSerialization, NamesTheCircle)
{
    EXPECT_THAT(addTwice(Mistake::ReleasesAtPrepare),
                testing::HasSubstr("no serial order has transactions 1 → 2 → 1 (1 writes a of p1 "
                                   "before 2 writes it, 2 reads a of p1 before 1 writes it)"));
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
