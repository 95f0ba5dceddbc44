#include "tests/engine/protocols/saga/cluster.h"

#include <gtest/gtest.h>

// What Garcia-Molina and Salem say in "Sagas" (1987), and Richardson in "Microservices Patterns"
// (2018), chapter 4: a sentence, and a test of it.
namespace lightcone::protocols::saga {
namespace {

using namespace std::chrono_literals;

std::string poor(const std::string& undo = "")
{
    return "service flights seats=5 service hotels rooms=5 service cards balance=100 "
           "saga trip(price=120) "
           "step seat on flights: take seats 1 undo add seats 1 "
           "step room on hotels: take rooms 1 undo add rooms 1 "
        + undo + " step pay on cards: take balance price pivot";
}

Done done(const std::string& step, const Values& values = {{"price", "120"}})
{
    return {1, step, "trip", values, 0, 0};
}

Execute execute(const std::string& step, std::uint32_t tryNumber = 1, SagaId saga = 1)
{
    return {saga, step, "trip", tryNumber, {{"price", "120"}}, 0};
}

Compensate compensate(const std::string& step, std::uint32_t tryNumber = 1, bool byHand = false)
{
    return {1, step, "trip", tryNumber, {{"price", "120"}}, byHand, 0};
}

// Abstract: "A LLT is a saga if it can be written as a sequence of transactions that can be
// interleaved with other transactions."
TEST(PaperSagas, AreInterleavedWithEachOther)
{
    Cluster cluster(trip());
    cluster.start("trip", {{"price", "100"}}, 1);
    ASSERT_TRUE(cluster.until([&] { return cluster.amount("flights", "seats") == 49; }));
    cluster.start("trip", {{"price", "200"}}, 2);
    ASSERT_TRUE(cluster.until([&] { return cluster.amount("flights", "seats") == 48; }));
    EXPECT_EQ(cluster.amount("cards", "balance"), 6000) << "the first is still under way";
    EXPECT_EQ(cluster.ended(1), SagaState::Completed);
    EXPECT_EQ(cluster.ended(2), SagaState::Completed);
    EXPECT_EQ(cluster.amount("cards", "balance"), 5700);
    EXPECT_EQ(cluster.problem(), "");
}

// Abstract: "either all the transactions in a saga are successfully completed or compensating
// transactions are run to amend a partial execution."
TEST(PaperSagas, AreCompletedOrAmended)
{
    for (const auto mode : {Mode::Orchestrated, Mode::Choreographed}) {
        Cluster rich(trip(mode));
        rich.start();
        EXPECT_EQ(rich.ended(), SagaState::Completed);
        EXPECT_EQ(rich.amount("mail", "sent"), 1);
        Cluster cluster(scripted(poor(), mode));
        cluster.start();
        EXPECT_EQ(cluster.ended(), SagaState::Compensated);
        EXPECT_EQ(cluster.amount("flights", "seats"), 5);
        EXPECT_EQ(cluster.amount("hotels", "rooms"), 5);
        EXPECT_EQ(rich.problem() + cluster.problem(), "");
    }
}

// §1: the sequence T1, T2, … Tn.
TEST(PaperSagas, GoForwardOneStepAfterTheOther)
{
    Process process(orchestrator);
    process.ask(Start{});
    EXPECT_EQ(process.sentTo<Execute>(flights)->step, "seat");
    EXPECT_EQ(process.sent<Execute>().size(), 1U);
    process.receive(flights, done("seat"));
    EXPECT_EQ(process.sentTo<Execute>(hotels)->step, "room");
    process.receive(flights, done("seat"));
    EXPECT_TRUE(process.sent<Execute>().empty()) << "it has heard that already";
    process.receive(hotels, done("room"));
    EXPECT_EQ(process.sentTo<Execute>(cards)->step, "pay");
    process.receive(cards, done("pay"));
    EXPECT_EQ(process.sentTo<Execute>(mail)->step, "ticket");
    process.receive(mail, done("ticket"));
    EXPECT_EQ(process.machine().run(1)->state, SagaState::Completed);
}

// §1: or the sequence T1, T2, … Tj, Cj, … C2, C1.
TEST(PaperSagas, GoBackFromTheLastStepThatWasDone)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    process.receive(hotels, done("room"));
    process.receive(cards, Failed{1, "pay", "trip", Verdict::Declined, "too little", 1, 0, 0});
    EXPECT_EQ(process.sentTo<Compensate>(hotels)->step, "room");
    EXPECT_EQ(process.sent<Compensate>().size(), 1U);
    process.receive(hotels, Undone{1, "room", "trip", true, 0, 0});
    EXPECT_EQ(process.sentTo<Compensate>(flights)->step, "seat");
    process.receive(flights, Undone{1, "seat", "trip", true, 0, 0});
    EXPECT_EQ(process.machine().run(1)->state, SagaState::Compensated);
}

// §1: "other transactions might see the effects of a partial saga execution", and nobody is told
// when what they saw is undone.
TEST(PaperSagas, OthersSeeWhatIsUndoneLater)
{
    Process service(flights);
    service.receive(orchestrator, execute("seat"));
    const auto id = service.ask(Get{"seats"});
    const auto seen = service.answer<Number>(id);
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->value, 49);
    EXPECT_TRUE(seen->pending);
    service.receive(orchestrator, compensate("seat"));
    EXPECT_EQ(service.sent<Undone>().size(), 1U);
    EXPECT_EQ(service.effects().size(), 2U) << "a write and an answer, to nobody else";
}

// §4, backward recovery: the log is written before what it tells is done.
TEST(PaperRecovery, ASagaIsInTheLogBeforeItsFirstStepIsAskedFor)
{
    Process process(orchestrator);
    process.ask(Start{});
    const auto begins = process.written<SagaBegins>();
    ASSERT_EQ(begins.size(), 1U);
    EXPECT_EQ(begins[0].second, node::Sync::Forced);
}

TEST(PaperRecovery, TurningBackIsInTheLogBeforeAnythingIsUndone)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    process.receive(hotels, Failed{1, "room", "trip", Verdict::Declined, "full", 1, 0, 0});
    const auto turns = process.written<SagaTurns>();
    ASSERT_EQ(turns.size(), 1U);
    EXPECT_EQ(turns[0].second, node::Sync::Forced);
    EXPECT_EQ(turns[0].first.end, 1U);
}

TEST(PaperRecovery, AStepThatMayHaveToBeUndoneIsLoggedBeforeTheNext)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    EXPECT_EQ(process.written<StepLogged>()[0].second, node::Sync::Forced);
    process.receive(hotels, done("room"));
    process.receive(cards, done("pay"));
    EXPECT_EQ(process.written<StepLogged>()[0].second, node::Sync::Lazy)
        << "behind the pivot nobody goes back";
}

TEST(PaperRecovery, AfterACrashASagaThatWentForwardGoesOn)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    process.start();
    EXPECT_EQ(process.sentTo<Execute>(hotels)->step, "room");
    EXPECT_TRUE(process.noted("goes on with saga 1 from its log: running"));
}

TEST(PaperRecovery, AfterACrashASagaThatWentBackGoesOnBack)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    process.receive(hotels, done("room"));
    process.receive(cards, Failed{1, "pay", "trip", Verdict::Declined, "too little", 1, 0, 0});
    process.receive(hotels, Undone{1, "room", "trip", true, 0, 0});
    process.start();
    EXPECT_EQ(process.sentTo<Compensate>(flights)->step, "seat");
    EXPECT_TRUE(process.sent<Execute>().empty());
}

TEST(PaperRecovery, AfterACrashWhatIsOverStaysOver)
{
    Process process(orchestrator);
    const auto id = process.ask(Start{});
    for (const auto* step : {"seat", "room", "pay", "ticket"}) {
        process.receive(flights, done(step));
    }
    process.start();
    EXPECT_TRUE(process.sent<Execute>().empty());
    EXPECT_EQ(process.sent<Confirm>().size(), 2U) << "who has not confirmed is told again";
    process.askAgain(id, Start{});
    EXPECT_EQ(process.answer<Ended>(id)->state, SagaState::Completed);
    EXPECT_TRUE(process.written<SagaBegins>().empty()) << "a retry begins nothing";
}

// §6: "The other possible solution to this problem is manual intervention."
TEST(PaperErrors, ACompensationThatKeepsFailingWaitsForAPerson)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    process.receive(hotels, Failed{1, "room", "trip", Verdict::Declined, "full", 1, 0, 0});
    for (std::uint32_t tries = 1; tries <= 3; ++tries) {
        process.receive(flights, CompensationFailed{1, "seat", "closed", tries});
        process.receive(flights, CompensationFailed{1, "seat", "closed", tries});
        if (tries < 3) {
            EXPECT_TRUE(process.machine().alarm().empty());
            process.fire(Timer::BackOff, 1);
        }
    }
    EXPECT_EQ(process.machine().role(), Role::Parked);
    EXPECT_EQ(process.machine().alarm(), "saga 1: undo seat: closed");
    process.start();
    EXPECT_EQ(process.machine().role(), Role::Parked) << "the alarm outlives a crash";
    process.ask(Resume{1});
    EXPECT_EQ(process.sentTo<Compensate>(flights)->tryNumber, 4U);
    process.receive(flights, Undone{1, "seat", "trip", true, 0, 0});
    EXPECT_EQ(process.machine().run(1)->state, SagaState::Compensated);
    EXPECT_TRUE(process.machine().alarm().empty());
}

TEST(PaperErrors, WhatAPersonHasUndoneIsNotUndoneAgain)
{
    for (const auto mode : {Mode::Orchestrated, Mode::Choreographed}) {
        Cluster cluster(scripted(poor("fails always"), mode));
        cluster.start();
        ASSERT_TRUE(cluster.until([&] {
            return cluster.at("hotels").role() == Role::Parked
                || cluster.at(1).role() == Role::Parked;
        }));
        const auto parked = mode == Mode::Orchestrated ? 1 : cluster.number("hotels");
        cluster.ask(Settle{1}, parked, 2);
        cluster.run(200ms);
        EXPECT_EQ(cluster.amount("hotels", "rooms"), 4) << "that is the person's part";
        EXPECT_EQ(cluster.amount("flights", "seats"), 5);
        EXPECT_EQ(cluster.problem(), "");
    }
}

// Richardson §3.3.6: a service that gets the same message twice must not do it twice.
TEST(PaperServices, AnswerARepeatedRequestFromMemory)
{
    Process service(flights);
    service.receive(orchestrator, execute("seat"));
    EXPECT_EQ(service.written<Commit>()[0].second, node::Sync::Forced);
    service.receive(orchestrator, execute("seat", 2));
    EXPECT_EQ(service.sent<Done>().size(), 1U);
    EXPECT_TRUE(service.written<Commit>().empty());
    service.start();
    service.receive(orchestrator, execute("seat", 3));
    EXPECT_EQ(service.machine().data().at("seats"), 49) << "and after a crash";
    service.receive(orchestrator, execute("seat", 1, 2));
    EXPECT_EQ(service.machine().data().at("seats"), 48) << "another saga is another request";
}

TEST(PaperServices, UndoAStepOnce)
{
    Process service(flights);
    service.receive(orchestrator, execute("seat"));
    service.receive(orchestrator, compensate("seat"));
    service.receive(orchestrator, compensate("seat", 2));
    EXPECT_TRUE(service.sentTo<Undone>(orchestrator)->ran);
    EXPECT_EQ(service.machine().data().at("seats"), 50);
}

TEST(PaperServices, RememberWhatMustNeverBeDone)
{
    Process service(flights);
    service.receive(orchestrator, compensate("seat"));
    EXPECT_FALSE(service.sentTo<Undone>(orchestrator)->ran);
    service.start();
    service.receive(orchestrator, execute("seat"));
    EXPECT_EQ(service.sentTo<Failed>(orchestrator)->verdict, Verdict::Declined);
    EXPECT_EQ(service.machine().data().at("seats"), 50);
}

TEST(PaperServices, ForgetSagasThatAreOverAndIgnoreTheirMessages)
{
    Process service(flights);
    service.receive(orchestrator, execute("seat"));
    auto later = execute("seat", 1, 2);
    later.below = 2;
    service.receive(orchestrator, later);
    EXPECT_EQ(service.machine().entry(1, 0), nullptr);
    service.receive(orchestrator, execute("seat"));
    EXPECT_TRUE(service.effects().empty());
    EXPECT_EQ(service.machine().data().at("seats"), 48);
}

// §4.3.2, the structure of a saga: a pivot is "the go/no-go point in a saga. If the pivot
// transaction commits, the saga will run until completion."
TEST(PaperPivot, IsWithdrawnOnlyIfItHasNotRun)
{
    for (const bool ran : {false, true}) {
        auto parameters = trip();
        parameters.retries = 0;
        Process process(orchestrator, parameters);
        process.ask(Start{});
        process.receive(flights, done("seat"));
        process.receive(hotels, done("room"));
        process.fire(Timer::Answer, 1);
        ASSERT_TRUE(process.sentTo<Withdraw>(cards).has_value()) << "nobody knows whether it ran";
        EXPECT_TRUE(process.sent<Compensate>().empty());
        if (ran) {
            process.receive(cards, done("pay"));
            EXPECT_EQ(process.sentTo<Execute>(mail)->step, "ticket");
        } else {
            process.receive(cards, Undone{1, "pay", "trip", false, 0, 0});
            EXPECT_EQ(process.sentTo<Compensate>(hotels)->step, "room");
        }
    }
}

TEST(PaperPivot, ItsServiceSaysWhetherItHasRun)
{
    Process never(cards);
    never.receive(orchestrator, Withdraw{1, "pay", "trip", {{"price", "120"}}, 0, 0});
    EXPECT_FALSE(never.sentTo<Undone>(orchestrator)->ran);
    Process ran(cards);
    ran.receive(orchestrator, execute("pay"));
    ran.receive(orchestrator, Withdraw{1, "pay", "trip", {{"price", "120"}}, 0, 0});
    EXPECT_TRUE(ran.sentTo<Done>(orchestrator).has_value());
    EXPECT_EQ(ran.machine().data().at("balance"), 5880);
}

// §4.3.2: retriable transactions "are guaranteed to succeed".
TEST(PaperPivot, WhatFollowsItIsTriedUntilItSucceeds)
{
    Process process(orchestrator);
    process.ask(Start{});
    for (const auto* step : {"seat", "room", "pay"}) {
        process.receive(flights, done(step));
    }
    for (std::uint32_t tries = 1; tries < 30; ++tries) {
        process.receive(mail, Failed{1, "ticket", "trip", Verdict::Failed, "down", tries, 0, 0});
        EXPECT_TRUE(process.armed(Timer::BackOff).has_value());
        EXPECT_LE(process.armed(Timer::BackOff)->count(), Duration(320ms).count());
        process.fire(Timer::BackOff, 1);
        EXPECT_EQ(process.sentTo<Execute>(mail)->tryNumber, tries + 1);
    }
}

TEST(PaperPivot, ACompensatableStepIsGivenUpAfterItsRetries)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    for (std::uint32_t tries = 1; tries <= 3; ++tries) {
        EXPECT_TRUE(process.sent<Compensate>().empty());
        process.receive(hotels, Failed{1, "room", "trip", Verdict::Failed, "down", tries, 0, 0});
        if (tries < 3) {
            process.fire(Timer::BackOff, 1);
        }
    }
    EXPECT_EQ(process.sentTo<Compensate>(hotels)->step, "room") << "it may have run all the same";
}

// §4.3.2, semantic lock: a compensatable transaction "sets a flag in any record that it creates or
// updates"; it is cleared when the saga completes or the change is compensated.
TEST(PaperSemanticLock, KeepsOthersAwayUntilThePivotIsDone)
{
    auto parameters = trip();
    parameters.semanticLock = true;
    Process service(flights, parameters);
    service.receive(orchestrator, execute("seat"));
    service.receive(orchestrator, execute("seat", 1, 2));
    EXPECT_EQ(service.sentTo<Failed>(orchestrator)->verdict, Verdict::Busy);
    service.receive(orchestrator, Confirm{1, 0, 0});
    service.receive(orchestrator, execute("seat", 2, 2));
    EXPECT_TRUE(service.sentTo<Done>(orchestrator).has_value());
}

TEST(PaperSemanticLock, ComesToAnEndWhereTwoWantEachOthers)
{
    auto parameters = scripted("service a x=10 service b x=10 "
                               "saga one step s on a: take x 1 undo add x 1 "
                               "  step t on b: take x 1 undo add x 1 "
                               "saga two step s on b: take x 1 undo add x 1 "
                               "  step t on a: take x 1 undo add x 1");
    parameters.semanticLock = true;
    Cluster cluster(parameters);
    cluster.start("one", {}, 1);
    cluster.start("two", {}, 2);
    const auto one = cluster.ended(1);
    const auto two = cluster.ended(2);
    EXPECT_TRUE(one == SagaState::Compensated || two == SagaState::Compensated);
    EXPECT_NE(one, SagaState::Running);
    EXPECT_NE(two, SagaState::Running);
    EXPECT_EQ(cluster.amount("a", "x"), cluster.amount("b", "x"));
    EXPECT_EQ(cluster.problem(), "");
}

// §4.2.1: "the saga participants subscribe to each other's events and respond accordingly".
TEST(PaperChoreography, AServiceThatHasDoneItsStepTellsTheNext)
{
    Process service(2, trip(Mode::Choreographed)); // the hotels
    service.receive(1, Done{1, "seat", "trip", {{"price", "120"}}, 1, 7});
    EXPECT_EQ(service.sentTo<Heard>(1)->post, 7U);
    EXPECT_EQ(service.sentTo<Done>(3)->step, "room");
    service.receive(1, Done{1, "seat", "trip", {{"price", "120"}}, 1, 7});
    EXPECT_EQ(service.sentTo<Heard>(1)->post, 7U);
    EXPECT_TRUE(service.sent<Done>().empty()) << "once is enough";
}

TEST(PaperChoreography, AnEventStaysInTheOutboxUntilItIsHeard)
{
    Process service(2, trip(Mode::Choreographed));
    service.receive(1, Done{1, "seat", "trip", {{"price", "120"}}, 1, 7});
    const auto post = service.machine().outbox().at(0).number;
    EXPECT_EQ(service.disk().outbox.size(), 1U) << "on disk, in the same transaction";
    service.start();
    EXPECT_EQ(service.sentTo<Done>(3)->post, post);
    service.fire(Timer::Resend, post);
    EXPECT_EQ(service.sentTo<Done>(3)->post, post);
    service.receive(3, Heard{1, post});
    EXPECT_TRUE(service.disk().outbox.empty());
}

TEST(PaperChoreography, ItGivesUpLikeAnOrchestratorUnlessTheStepHasRun)
{
    auto parameters = trip(Mode::Choreographed);
    parameters.retries = 0;
    Process service(2, parameters);
    service.receive(1, Done{1, "seat", "trip", {{"price", "120"}}, 1, 7});
    const auto post = service.machine().outbox().at(0).number;
    service.fire(Timer::Resend, post);
    ASSERT_EQ(service.sentTo<Withdraw>(3)->step, "pay");
    Process cardService(3, parameters);
    cardService.receive(2, *service.sentTo<Withdraw>(3));
    EXPECT_EQ(cardService.sentTo<Undone>(2)->step, "pay");
    service.receive(3, *cardService.sentTo<Undone>(2));
    EXPECT_EQ(service.machine().entry(1, 1)->state, EntryState::Undone);
    EXPECT_EQ(service.sentTo<Undone>(1)->step, "room");
}

TEST(SagaRequests, AreAnsweredByWhomTheyConcern)
{
    Process service(flights);
    EXPECT_EQ(service.redirect(service.ask(Start{})), NodeId(orchestrator));
    EXPECT_EQ(service.redirect(service.ask(Get{"rooms"})), NodeId(hotels));
    EXPECT_EQ(service.refusal(service.ask(Get{"nothing"})), "no service has a number 'nothing'");
    Process process(orchestrator);
    EXPECT_EQ(process.refusal(process.ask(Start{"trap", {}})),
              "there is no saga 'trap': expected trip");
    EXPECT_EQ(process.refusal(process.ask(Start{"trip", {{"prize", "1"}}})),
              "'prize' is no parameter of trip: expected price");
    EXPECT_EQ(process.refusal(process.ask(Start{"trip", {{"price", "much"}}})),
              "price: expected a number within 1000000000000000, found 'much'");
    EXPECT_EQ(process.refusal(process.ask(Resume{1})), "saga 1 is not parked here");
    EXPECT_EQ(process.refusal(process.ask(Cancel{1})), "saga 1 does not go forward");
}

TEST(SagaRequests, ACancelUndoesWhatHasNotPassedItsPivot)
{
    Process process(orchestrator);
    process.ask(Start{});
    process.receive(flights, done("seat"));
    EXPECT_TRUE(process.answer<Accepted>(process.ask(Cancel{1})).has_value());
    EXPECT_EQ(process.sentTo<Compensate>(hotels)->step, "room");
    Process late(orchestrator);
    late.ask(Start{});
    for (const auto* step : {"seat", "room", "pay"}) {
        late.receive(flights, done(step));
    }
    EXPECT_EQ(late.refusal(late.ask(Cancel{1})), "saga 1 is past its point of no return");
}

TEST(SagaRequests, AnOldRequestThatComesLateBeginsNothing)
{
    Process process(orchestrator);
    const auto old = process.ask(Start{});
    for (const auto* step : {"seat", "room", "pay", "ticket"}) {
        process.receive(flights, done(step));
    }
    process.receive(flights, Confirmed{1});
    process.receive(hotels, Confirmed{1});
    process.ask(Start{});
    EXPECT_EQ(process.machine().runs().size(), 1U) << "what its client knows is forgotten";
    process.askAgain(old, Start{});
    EXPECT_TRUE(process.effects().empty());
}

} // namespace
} // namespace lightcone::protocols::saga
