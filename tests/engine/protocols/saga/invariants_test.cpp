#include "tests/engine/protocols/saga/cluster.h"
#include "tests/support/watched_nodes.h"

#include <gtest/gtest.h>

// Each invariant is shown processes that break it: they are told what no process would say.
namespace lightcone::protocols::saga {
namespace {

constexpr std::uint32_t orchestrator = 1;
constexpr std::uint32_t flights = 2;
constexpr std::uint32_t hotels = 3;
constexpr std::uint32_t cards = 4;
constexpr std::uint32_t mail = 5;

class Watched : public test::Watched<Saga>
{
public:
    explicit Watched(const std::string& invariant, const Parameters& parameters = trip())
        : test::Watched<Saga>(sagaProtocol(), setupOf(parameters), invariant)
    {
    }

    void execute(std::uint32_t number, const std::string& step, SagaId saga = 1)
    {
        receive(number, orchestrator, Execute{saga, step, "trip", 1, {{"price", "120"}}, 0});
    }
    void compensate(std::uint32_t number, const std::string& step)
    {
        receive(number, orchestrator, Compensate{1, step, "trip", 1, {{"price", "120"}}, false, 0});
    }
    void done(std::uint32_t from, const std::string& step)
    {
        receive(orchestrator, from, Done{1, step, "trip", {}, 0, 0});
    }
};

TEST(SagaInvariants, StepsInOrder)
{
    Watched right("steps in order");
    right.execute(flights, "seat");
    right.execute(hotels, "room");
    EXPECT_EQ(right.problem(), "");
    right.execute(mail, "ticket");
    EXPECT_EQ(right.problem(),
              "ticket of saga 1 on mail is done, and pay of saga 1 on cards before "
              "it is not");
    Watched undone("steps in order");
    undone.execute(flights, "seat");
    undone.compensate(flights, "seat");
    undone.execute(hotels, "room");
    EXPECT_EQ(undone.problem(),
              "room of saga 1 on hotels is done, and seat of saga 1 on flights "
              "before it is undone");
    Watched early("steps in order");
    early.detachDisks(true);
    early.execute(flights, "seat");
    early.execute(hotels, "room");
    EXPECT_EQ(early.problem(),
              "room of saga 1 on hotels is done, and seat of saga 1 on flights "
              "before it is on no disk yet");
}

TEST(SagaInvariants, AStepThatACrashTakesBackCountsNoLonger)
{
    Watched watched("effects exactly once");
    watched.detachDisks(true);
    watched.execute(flights, "seat");
    watched.detachDisks(false);
    watched.start(flights);
    watched.execute(flights, "seat");
    EXPECT_EQ(watched.problem(), "");
}

TEST(SagaInvariants, CompensationsInReverse)
{
    Watched right("compensations in reverse");
    right.execute(flights, "seat");
    right.execute(hotels, "room");
    right.compensate(hotels, "room");
    right.compensate(flights, "seat");
    EXPECT_EQ(right.problem(), "");
    Watched wrong("compensations in reverse");
    wrong.execute(flights, "seat");
    wrong.execute(hotels, "room");
    wrong.compensate(flights, "seat");
    EXPECT_EQ(wrong.problem(),
              "seat of saga 1 on flights is undone before room of saga 1 on "
              "hotels, which came after it");
}

TEST(SagaInvariants, OnlyWhatRanIsUndone)
{
    Watched right("only what ran is undone");
    right.compensate(flights, "seat");
    EXPECT_EQ(right.problem(), "");
    Watched wrong("only what ran is undone", trip(Mode::Orchestrated, Mistake::CompensatesUnrun));
    wrong.compensate(flights, "seat");
    EXPECT_EQ(wrong.problem(), "seat of saga 1 on flights is undone, and never ran");
}

TEST(SagaInvariants, EffectsExactlyOnce)
{
    Watched right("effects exactly once");
    right.execute(flights, "seat");
    right.execute(flights, "seat");
    right.execute(flights, "seat", 2);
    EXPECT_EQ(right.problem(), "");
    Watched wrong("effects exactly once", trip(Mode::Orchestrated, Mistake::NotIdempotent));
    wrong.execute(flights, "seat");
    wrong.execute(flights, "seat");
    EXPECT_EQ(wrong.problem(), "seat of saga 1 on flights is done twice");
    Watched undo("effects exactly once", trip(Mode::Orchestrated, Mistake::NotIdempotent));
    undo.execute(flights, "seat");
    undo.compensate(flights, "seat");
    undo.compensate(flights, "seat");
    EXPECT_EQ(undo.problem(), "seat of saga 1 on flights is undone twice");
}

TEST(SagaInvariants, NoReturnAfterThePivot)
{
    Watched watched("no return after the pivot");
    watched.execute(flights, "seat");
    watched.execute(hotels, "room");
    watched.execute(cards, "pay");
    EXPECT_EQ(watched.problem(), "");
    watched.compensate(hotels, "room");
    EXPECT_EQ(watched.problem(),
              "room of saga 1 on hotels is undone, and pay of saga 1 on cards has run");
}

TEST(SagaInvariants, LockedNumbersAreLeftAlone)
{
    auto parameters = trip(Mode::Orchestrated, Mistake::None);
    parameters.semanticLock = true;
    Watched right("locked numbers are left alone", parameters);
    right.execute(flights, "seat");
    right.execute(flights, "seat", 2);
    EXPECT_EQ(right.problem(), "");
    parameters.script = "service flights seats=5 saga trip step seat on flights: take seats 1 undo "
                        "add seats 1 saga look step look on flights: read seats";
    parameters.mistake = Mistake::ReadsPastLocks;
    Watched wrong("locked numbers are left alone", parameters);
    wrong.execute(flights, "seat");
    wrong.receive(flights, orchestrator, Execute{2, "look", "look", 1, {}, 0});
    EXPECT_EQ(wrong.problem(), "look of saga 2 on flights uses seats, which saga 1 has locked");
}

TEST(SagaInvariants, SagasAreRemembered)
{
    Watched right("sagas are remembered");
    right.ask(orchestrator, Start{});
    right.execute(flights, "seat");
    right.start(orchestrator);
    EXPECT_EQ(right.problem(), "");
    right.wipe(orchestrator);
    right.start(orchestrator);
    EXPECT_EQ(right.problem(),
              "orchestrator is back and knows nothing of saga 1, of which steps are done");
}

TEST(SagaInvariants, EventsAreRememberedUntilTheyAreHeard)
{
    Watched right("sagas are remembered", trip(Mode::Choreographed));
    right.receive(2, 1, Done{1, "seat", "trip", {{"price", "120"}}, 1, 7});
    right.start(2);
    EXPECT_EQ(right.problem(), "");
    auto parameters = trip(Mode::Choreographed, Mistake::NoSagaLog);
    Watched wrong("sagas are remembered", parameters);
    wrong.receive(2, 1, Done{1, "seat", "trip", {{"price", "120"}}, 1, 7});
    wrong.start(2);
    EXPECT_EQ(wrong.problem(), "hotels is back and knows nothing of event 1, which was not heard");
}

TEST(SagaInvariants, AnEndIsWhole)
{
    Watched right("an end is whole");
    right.ask(orchestrator, Start{});
    right.execute(flights, "seat");
    right.done(flights, "seat");
    right.execute(hotels, "room");
    right.done(hotels, "room");
    right.execute(cards, "pay");
    right.done(cards, "pay");
    right.execute(mail, "ticket");
    right.done(mail, "ticket");
    EXPECT_EQ(right.problem(), "");
    Watched lied("an end is whole");
    lied.ask(orchestrator, Start{});
    lied.execute(flights, "seat");
    for (const auto* step : {"seat", "room", "pay", "ticket"}) {
        lied.done(flights, step);
    }
    EXPECT_EQ(lied.problem(), "saga 1 is completed, and room of saga 1 on hotels is not done");
    Watched left("an end is whole");
    left.ask(orchestrator, Start{});
    left.execute(flights, "seat");
    left.done(flights, "seat");
    left.receive(orchestrator, hotels, Failed{1, "room", "trip", Verdict::Declined, "", 1, 0, 0});
    left.receive(orchestrator, flights, Undone{1, "seat", "trip", true, 0, 0});
    EXPECT_EQ(left.problem(), "saga 1 is compensated, and seat of saga 1 on flights is not undone");
}

TEST(SagaInvariants, NothingFollowsTheEnd)
{
    Watched watched("an end is whole");
    watched.ask(orchestrator, Start{});
    watched.receive(orchestrator, flights,
                    Failed{1, "seat", "trip", Verdict::Declined, "", 1, 0, 0});
    EXPECT_EQ(watched.problem(), "");
    watched.execute(flights, "seat");
    EXPECT_EQ(watched.problem(),
              "seat of saga 1 on flights is done after the saga was compensated");
}

} // namespace
} // namespace lightcone::protocols::saga
