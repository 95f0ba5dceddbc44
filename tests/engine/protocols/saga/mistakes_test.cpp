#include "tests/engine/protocols/saga/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::saga {
namespace {

using namespace std::chrono_literals;
using Run = std::string (*)(Mistake);

Parameters with(Mistake mistake, std::string script = defaultScript(),
                Mode mode = Mode::Orchestrated)
{
    auto parameters = scripted(std::move(script), mode);
    parameters.mistake = mistake;
    return parameters;
}

std::string poorTrip()
{
    return "service flights seats=5 service hotels rooms=5 service cards balance=100 "
           "saga trip(price=120) "
           "step seat on flights: take seats 1 undo add seats 1 "
           "step room on hotels: take rooms 1 undo add rooms 1 "
           "step pay on cards: take balance price undo add balance price";
}

std::string crashInTheMiddle(Mode mode, Mistake mistake)
{
    Cluster cluster(with(mistake, defaultScript(), mode));
    cluster.drop(mode == Mode::Orchestrated ? "Execute" : "Done", 0, cluster.number("cards"));
    cluster.start();
    EXPECT_TRUE(cluster.until([&] { return cluster.amount("hotels", "rooms") == 49; }));
    cluster.run(20ms);
    const std::string victim = mode == Mode::Orchestrated ? "orchestrator" : "hotels";
    cluster.crash(victim);
    cluster.restart(victim);
    cluster.run(10ms);
    return cluster.problem();
}

std::string crashTheOrchestrator(Mistake mistake)
{
    return crashInTheMiddle(Mode::Orchestrated, mistake);
}

std::string crashAService(Mistake mistake)
{
    return crashInTheMiddle(Mode::Choreographed, mistake);
}

std::string decline(Mistake mistake)
{
    Cluster cluster(with(mistake, poorTrip()));
    cluster.start();
    cluster.run(300ms);
    return cluster.problem();
}

std::string loseAnAnswer(Mistake mistake)
{
    Cluster cluster(with(mistake));
    cluster.drop("Done", cluster.number("flights"));
    cluster.start();
    cluster.run(150ms);
    return cluster.problem();
}

// The same of a compensation.
std::string loseAnUndone(Mistake mistake)
{
    Cluster cluster(with(mistake, poorTrip()));
    cluster.drop("Undone", cluster.number("hotels"));
    cluster.start();
    cluster.run(200ms);
    return cluster.problem();
}

std::string loseWhatWasHeard(Mistake mistake)
{
    Cluster cluster(with(mistake, defaultScript(), Mode::Choreographed));
    cluster.drop("Heard", cluster.number("hotels"));
    cluster.start();
    cluster.run(150ms);
    return cluster.problem();
}

std::string undoBeforeItArrives(Mistake mistake, Mode mode)
{
    auto parameters = with(mistake, defaultScript(), mode);
    parameters.retries = 0;
    parameters.timeout = 20ms;
    Cluster cluster(parameters);
    sim::Rule rule;
    rule.action = sim::RuleAction::Hold;
    rule.message = mode == Mode::Orchestrated ? "Execute" : "Done";
    rule.to = NodeId(cluster.number("hotels"));
    rule.limit = 1;
    cluster.act(sim::AddRule{rule});
    cluster.start();
    EXPECT_TRUE(cluster.until([&] { return cluster.amount("flights", "seats") == 49; }));
    EXPECT_TRUE(cluster.until([&] { return cluster.amount("flights", "seats") == 50; }));
    cluster.act(sim::ClearRules{});
    cluster.run(50ms);
    return cluster.problem();
}

std::string holdARequest(Mistake mistake)
{
    return undoBeforeItArrives(mistake, Mode::Orchestrated);
}

std::string holdAnEvent(Mistake mistake)
{
    return undoBeforeItArrives(mistake, Mode::Choreographed);
}

std::string failAfterThePivot(Mistake mistake)
{
    Cluster cluster(with(mistake,
                         "service flights seats=5 service cards balance=100 service mail sent=0 "
                         "saga trip "
                         "step seat on flights: take seats 1 undo add seats 1 "
                         "step pay on cards: take balance 10 pivot "
                         "step ticket on mail: add sent 1 retriable fails 1 2 3 4"));
    cluster.start();
    cluster.run(500ms);
    return cluster.problem();
}

std::string answerEarly(Mistake mistake)
{
    auto settings = Cluster::steady();
    settings.flush = 50ms;
    Cluster cluster(with(mistake), settings);
    cluster.start();
    cluster.run(100ms);
    return cluster.problem();
}

std::string readWhatIsLocked(Mistake mistake)
{
    auto parameters = with(mistake,
                           "service cards balance=100 service shop stock=5 "
                           "saga order "
                           "step pay on cards: take balance 80 undo add balance 80 "
                           "step ship on shop: take stock 1 pivot fails 1 "
                           "saga look "
                           "step look on cards: read balance as seen "
                           "step done on shop: nothing pivot");
    parameters.semanticLock = true;
    Cluster cluster(parameters);
    cluster.start("order", {}, 1);
    EXPECT_TRUE(cluster.until([&] { return cluster.amount("cards", "balance") == 20; }));
    cluster.start("look", {}, 2);
    cluster.run(500ms);
    return cluster.problem();
}

struct Case
{
    std::string name;
    std::string mistake;
    Run run;
};

class SagaMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(SagaMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    const auto& cards = sagaProtocol().card().mistakes;
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

TEST_P(SagaMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(
    Saga, SagaMistakes,
    testing::Values(Case{"noSagaLog", "noSagaLog", crashTheOrchestrator},
                    Case{"noSagaLogChoreographed", "noSagaLog", crashAService},
                    Case{"forwardCompensation", "forwardCompensation", decline},
                    Case{"notIdempotent", "notIdempotent", loseAnAnswer},
                    Case{"notIdempotentCompensation", "notIdempotent", loseAnUndone},
                    Case{"notIdempotentChoreographed", "notIdempotent", loseWhatWasHeard},
                    Case{"compensatesUnrun", "compensatesUnrun", decline},
                    Case{"noTombstone", "noTombstone", holdARequest},
                    Case{"noTombstoneChoreographed", "noTombstone", holdAnEvent},
                    Case{"compensatesAfterPivot", "compensatesAfterPivot", failAfterThePivot},
                    Case{"answersBeforeDurable", "answersBeforeDurable", answerEarly},
                    Case{"readsPastLocks", "readsPastLocks", readWhatIsLocked}),
    [](const auto& each) { return each.param.name; });

TEST(SagaMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    const auto& card = sagaProtocol().card();
    const auto shape = describe::shapeOf<Mistake>();
    ASSERT_EQ(card.mistakes.size() + 1, shape->enumerators.size());
    for (std::size_t i = 0; i < card.mistakes.size(); ++i) {
        EXPECT_EQ(card.mistakes[i].name, shape->enumerators[i + 1].name);
        EXPECT_TRUE(
            std::any_of(card.invariants.begin(), card.invariants.end(),
                        [&](const auto& each) { return each.name == card.mistakes[i].caughtBy; }));
    }
}

} // namespace
} // namespace lightcone::protocols::saga
