#include "tests/engine/protocols/saga/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::saga {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

Parameters with(Mistake mistake, std::string script = defaultScript(),
                Mode mode = Mode::Orchestrated)
{
    auto parameters = scripted(std::move(script), mode);
    parameters.mistake = mistake;
    return parameters;
}

std::string poor()
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

std::string declineIn(Mode mode, Mistake mistake)
{
    Cluster cluster(with(mistake, poor(), mode));
    cluster.start();
    cluster.run(300ms);
    return cluster.problem();
}

std::string decline(Mistake mistake)
{
    return declineIn(Mode::Orchestrated, mistake);
}

std::string declineAmongServices(Mistake mistake)
{
    return declineIn(Mode::Choreographed, mistake);
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
    Cluster cluster(with(mistake, poor()));
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

std::string failAfterThePivotIn(Mode mode, Mistake mistake)
{
    Cluster cluster(with(mistake,
                         "service flights seats=5 service cards balance=100 service mail sent=0 "
                         "saga trip "
                         "step seat on flights: take seats 1 undo add seats 1 "
                         "step pay on cards: take balance 10 pivot "
                         "step ticket on mail: add sent 1 retriable fails 1 2 3 4",
                         mode));
    cluster.start();
    cluster.run(500ms);
    return cluster.problem();
}

std::string failAfterThePivot(Mistake mistake)
{
    return failAfterThePivotIn(Mode::Orchestrated, mistake);
}

std::string failAfterThePivotAmongServices(Mistake mistake)
{
    return failAfterThePivotIn(Mode::Choreographed, mistake);
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

std::vector<Case> cases()
{
    return {{"noSagaLog", crashTheOrchestrator},
            {"noSagaLog", crashAService, "Choreographed"},
            {"forwardCompensation", decline},
            {"forwardCompensation", declineAmongServices, "Choreographed"},
            {"notIdempotent", loseAnAnswer},
            {"notIdempotent", loseAnUndone, "Compensation"},
            {"notIdempotent", loseWhatWasHeard, "Choreographed"},
            {"compensatesUnrun", decline},
            {"compensatesUnrun", declineAmongServices, "Choreographed"},
            {"noTombstone", holdARequest},
            {"noTombstone", holdAnEvent, "Choreographed"},
            {"compensatesAfterPivot", failAfterThePivot},
            {"compensatesAfterPivot", failAfterThePivotAmongServices, "Choreographed"},
            {"answersBeforeDurable", answerEarly},
            {"readsPastLocks", readWhatIsLocked}};
}

class SagaMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(SagaMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(sagaProtocol(), GetParam());
}

TEST_P(SagaMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Saga, SagaMistakes, testing::ValuesIn(cases()), Case::name);

TEST(SagaMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(sagaProtocol(), cases());
}

} // namespace
} // namespace lightcone::protocols::saga
