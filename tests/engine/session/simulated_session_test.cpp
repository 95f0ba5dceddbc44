#include "engine/core/dice.h"
#include "engine/session/simulated_session.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/ring_plan.h"
#include "tests/engine/session/watched.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SimulatedSession, PlaysToTheScenariosEndAndBeyond)
{
    Watched watched("cluster ring\nsay \"Hello.\"\nrun 200ms\nexpect n1.round > 1\n");
    EXPECT_EQ(watched.session->snapshot().branch().events, 0U);
    watched.session->play(unbounded);
    auto snapshot = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 10; });
    EXPECT_EQ(snapshot.doing, "The scenario is over");
    EXPECT_GE(snapshot.branch().now, Instant(milliseconds(200)));
    ASSERT_EQ(snapshot.lessons.size(), 2U);
    EXPECT_EQ(snapshot.lessons[0].state, Lesson::State::Told);
    EXPECT_EQ(snapshot.lessons[0].text, "Hello.");
    EXPECT_EQ(snapshot.lessons[1].state, Lesson::State::Held);
    const auto events = snapshot.branch().events;
    watched.session->runFor(seconds(1));
    snapshot = watched.until(
        [&](const Snapshot& each) { return !each.running && each.branch().events > events; });
    EXPECT_EQ(snapshot.branch().now, Instant(milliseconds(200) + seconds(1)));
    EXPECT_EQ(snapshot.branch().trace->size(), snapshot.branch().events);
}

TEST(SimulatedSession, AStepIsOneThing)
{
    Watched watched("cluster ring\nsay \"One.\"\nsay \"Two.\"\nrun 1s\n");
    watched.session->step(1);
    auto snapshot = watched.until(
        [](const Snapshot& each) { return each.branch().events == 1 && !each.running; });
    EXPECT_EQ((*snapshot.branch().trace)[EventId(1)].kind, trace::Kind::Say);
    watched.session->step(2);
    snapshot = watched.until(
        [](const Snapshot& each) { return each.branch().events > 2 && !each.running; });
    EXPECT_EQ((*snapshot.branch().trace)[EventId(3)].kind, trace::Kind::Start);
}

TEST(SimulatedSession, WhatGoesOnFromAnotherRunHasItsNameAtOnce)
{
    const auto plan = ringPlan("cluster ring\nrun 1s\n");
    const SimulatedSession session(plan, std::make_unique<Course>(plan), Source::Simulated,
                                   Past{{}, {}, "what if"});
    EXPECT_EQ(session.snapshot().branch().name, "what if");
}

TEST(SimulatedSession, AnActAtTheEndIsDoneThere)
{
    Watched watched("cluster ring\nrun 100ms\n");
    watched.session->play(unbounded);
    const auto before = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 10; });
    ASSERT_TRUE(watched.act("crash n2"));
    const auto after = watched.rest();
    EXPECT_EQ(after.branches.size(), 1U);
    EXPECT_EQ(after.problem, "");
    const auto act = EventId(before.branch().events + 1);
    EXPECT_EQ((*after.branch().trace)[act].kind, trace::Kind::Act);
    EXPECT_EQ(watched.state(EventId(act.value + 1))->node(NodeId(2))->life, trace::Life::Crashed);
    EXPECT_EQ(watched.state(act)->node(NodeId(2))->life, trace::Life::Up);

    EXPECT_EQ(watched.session->whyNot("crash n3"), std::nullopt);
    EXPECT_NE(watched.session->whyNot("crash n2"), std::nullopt);
    EXPECT_NE(watched.session->whyNot("carsh n2"), std::nullopt);
    EXPECT_EQ(watched.act("crash n9").error().text(),
              "line 1, column 7: 'n9' is nobody here: did you mean 'n1'?");
    ASSERT_TRUE(watched.act("crash n2"));
    EXPECT_NE(watched.rest().problem.find("Cannot crash n2: "), std::string::npos);
}

TEST(SimulatedSession, AnActInThePastBeginsABranch)
{
    Watched watched("cluster ring\nrun 300ms\n");
    watched.session->play(unbounded);
    const auto first = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 10; });
    const auto end = first.branch().events;
    ASSERT_TRUE(watched.session->act("crash n3", EventId(end / 2)));
    const auto second =
        watched.until([](const Snapshot& each) { return each.branches.size() == 2; });
    EXPECT_EQ(second.branch().name, "crash n3");
    EXPECT_EQ(second.branch().parent, first.current);
    EXPECT_GE(second.branch().forkedAt.value, end / 2);
    EXPECT_LT(second.branch().forkedAt.value, end / 2 + 10);
    EXPECT_EQ(second.branches.front().events, end) << "the first branch stays as it was";
    for (std::uint64_t i = 1; i <= second.branch().forkedAt.value; ++i) {
        ASSERT_EQ((*second.branch().trace)[EventId(i)].payload,
                  (*first.branch().trace)[EventId(i)].payload);
    }
    watched.session->runFor(seconds(1));
    EXPECT_GT(watched.rest().branch().events, second.branch().forkedAt.value + 2);
    watched.session->switchTo(first.current);
    EXPECT_EQ(watched.rest().branch().events, end);

    watched.session->undo();
    EXPECT_NE(watched.rest().problem, "") << "nothing was done on the first branch";
    watched.session->switchTo(second.current);
    watched.session->undo();
    auto snapshot = watched.rest();
    EXPECT_EQ(snapshot.branches.size(), 1U) << "the act made the branch, so both go";
    EXPECT_TRUE(watched.session->canRedo());
    watched.session->redo();
    EXPECT_EQ(watched.rest().branches.size(), 2U);
    watched.session->remove(second.current);
    EXPECT_EQ(watched.rest().branches.size(), 1U);
    watched.session->remove(first.current);
    snapshot = watched.rest();
    EXPECT_EQ(snapshot.branches.size(), 1U);
    EXPECT_NE(snapshot.problem, "");
}

TEST(SimulatedSession, UndoTakesBackTheLastActAndRedoBringsBackAllThatCameAfter)
{
    Watched watched("cluster ring\nrun 100ms\n");
    watched.session->play(unbounded);
    const auto before = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 10; });
    EXPECT_FALSE(watched.session->canUndo());
    ASSERT_TRUE(watched.act("crash n2"));
    watched.session->runFor(milliseconds(100));
    const auto after = watched.rest();
    const auto hash = trace::traceHash(*after.branch().trace);
    EXPECT_TRUE(watched.session->canUndo());
    watched.session->undo();
    const auto undone = watched.rest();
    EXPECT_EQ(undone.branch().events, before.branch().events);
    EXPECT_EQ(undone.branch().id, before.branch().id);
    watched.session->runFor(milliseconds(300));
    EXPECT_GT(watched.rest().branch().events, undone.branch().events);
    watched.session->redo();
    const auto redone = watched.rest();
    EXPECT_EQ(trace::traceHash(*redone.branch().trace), hash);
    ASSERT_TRUE(watched.act("restart n2"));
    EXPECT_FALSE((watched.rest(), watched.session->canRedo()));
    EXPECT_EQ(watched.rest().problem, "");
}

TEST(SimulatedSession, StopsWhereTheBreakpointHolds)
{
    Watched watched("cluster ring\n");
    ASSERT_TRUE(watched.session->runUntil("n2.round >= 5"));
    auto snapshot = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 0; });
    EXPECT_EQ(snapshot.doing, "Stopped: n2.round >= 5");
    const auto end = EventId(snapshot.branch().events);
    EXPECT_EQ(watched.state(end)->node(NodeId(2))->state.find("round")->asUInt(), 7U)
        << "in a ring of three n2 sees rounds 1, 4 and 7";

    ASSERT_TRUE(watched.session->runUntil("kind == deliver and to == n1"));
    snapshot = watched.until(
        [&](const Snapshot& each) { return !each.running && each.branch().events > end.value; });
    const auto error = watched.session->runUntil("n2.round >=");
    ASSERT_FALSE(error);
    EXPECT_GT(error.error().column, 0U);
}

TEST(SimulatedSession, AQuestionStopsTheRunUntilItIsAnswered)
{
    Watched watched("cluster ring\nrun 20ms\nask \"Who?\" choices n1 | n2 answer n2\nrun 20ms\n");
    watched.session->play(unbounded);
    auto snapshot = watched.until([](const Snapshot& each) { return each.question.has_value(); });
    EXPECT_FALSE(snapshot.running);
    EXPECT_EQ(snapshot.question->text, "Who?");
    EXPECT_EQ(snapshot.question->choices, (std::vector<std::string>{"n1", "n2"}));
    watched.session->play(unbounded);
    EXPECT_EQ(watched.rest().problem, "Answer the question first");
    watched.session->answer("n1");
    snapshot = watched.until([](const Snapshot& each) { return !each.question && !each.running; });
    ASSERT_EQ(snapshot.lessons.size(), 1U);
    EXPECT_EQ(snapshot.lessons[0].state, Lesson::State::Failed);
}

TEST(SimulatedSession, ShowsEveryMomentAsItWas)
{
    Watched watched(
        "cluster ring seed=11 loss=0.05\nrun 1s\ncrash n2\nrun 1s\nrestart n2\nrun 6s\n");
    watched.session->play(unbounded);
    const auto end = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 10; });
    // The same run, looked at as it goes.
    const auto plan =
        ringPlan("cluster ring seed=11 loss=0.05\nrun 1s\ncrash n2\nrun 1s\nrestart n2\nrun 6s\n");
    auto trace = std::make_shared<trace::Trace>(plan->about);
    Runner run(plan);
    Dice dice(3);
    std::size_t looked = 0;
    while (!run.over() && run.advance({trace.get(), trace})) {
        if (!dice.chance(0.02)) {
            continue;
        }
        ++looked;
        const auto expected = run.world().state();
        const auto found = watched.state(run.last());
        ASSERT_NE(found, nullptr);
        EXPECT_EQ(found->event, run.last());
        ASSERT_EQ(found->nodes.size(), expected.nodes.size());
        for (std::size_t i = 0; i < expected.nodes.size(); ++i) {
            EXPECT_EQ(found->nodes[i].state, expected.nodes[i].state);
            EXPECT_EQ(found->nodes[i].life, expected.nodes[i].life);
            EXPECT_EQ(found->nodes[i].timers.size(), expected.nodes[i].timers.size());
        }
        EXPECT_EQ(found->flights.size(), expected.flights.size());
    }
    EXPECT_GT(looked, 20U);
    EXPECT_EQ(trace->size(), end.branch().events);
    EXPECT_EQ(watched.state(EventId(end.branch().events + 5)), nullptr);
    EXPECT_EQ(watched.state({})->nodes.front().life, trace::Life::NotStarted);
}

TEST(SimulatedSession, NewerQuestionsMakeOlderOnesPointless)
{
    Watched watched("cluster ring\nrun 20s\n");
    watched.session->play(unbounded);
    const auto end = watched.until(
        [](const Snapshot& each) { return !each.running && each.branch().events > 10; });
    std::atomic<int> answers{0};
    std::atomic<int> states{0};
    constexpr int asked = 200;
    std::promise<void> all;
    for (int i = 0; i < asked; ++i) {
        const auto event = EventId(1 + static_cast<std::uint64_t>(i) * 37 % end.branch().events);
        watched.session->stateAt(end.current, event, [&](const StatePtr& state) {
            states += state ? 1 : 0;
            if (++answers == asked) {
                all.set_value();
            }
        });
    }
    ASSERT_EQ(all.get_future().wait_for(seconds(60)), std::future_status::ready);
    EXPECT_GE(states, 1) << "the last is always answered";
    EXPECT_LT(states, asked);
}

/// Random clicks: acts now and in the past, picks by hand, branches, undo. Whatever came of it
/// replays from its scenario to the same trace, bit for bit.
class Clicks : public testing::TestWithParam<std::uint64_t>
{
};

TEST_P(Clicks, ReplayFromTheirScenario)
{
    Dice dice(GetParam());
    Watched watched("# What if?\ncluster ring nodes=4 clients=2\n    seed="
                    + std::to_string(GetParam())
                    + "\nsay \"Go.\"\nuntil max(round) > 3\n"
                      "request add 3\nuntil replied\nload clients=2 rate=100/s duration=100ms\n"
                      "at +10ms cut n1 n2\nrun 100ms\nheal\nexpect always max(round) < 1000\n");
    const auto oneOf = [&](std::vector<std::string> lines) {
        return lines[dice.below(lines.size())];
    };
    const auto node = [&] { return "n" + std::to_string(1 + dice.below(4)); };
    for (int i = 0; i < 25; ++i) {
        const auto snapshot = watched.rest();
        const auto events = snapshot.branch().events;
        switch (dice.below(10)) {
        case 0:
            watched.session->play(unbounded);
            watched.until([&](const Snapshot& each) {
                return each.branch().events > events + 20 || !each.running;
            });
            watched.session->pause();
            break;
        case 1:
            watched.session->step(1 + dice.below(20));
            break;
        case 2:
            watched.session->runFor(milliseconds(dice.below(50)));
            break;
        case 3: {
            watched.session->play(Pace{Pace::Kind::Scaled, 2});
            std::this_thread::sleep_for(milliseconds(5));
            break; // and act while it goes
        }
        case 4:
            watched.session->undo();
            break;
        case 5:
            watched.session->fork(EventId(dice.below(events + 1)), "");
            break;
        case 6: {
            // By hand: anything that is under way.
            const auto state = watched.state(EventId(events));
            if (state && !state->flights.empty()) {
                const auto& flight = state->flights[dice.below(state->flights.size())];
                (void)watched.act(oneOf({"pick #", "drop #", "deliver #", "duplicate #"})
                                  + std::to_string(flight.message.value));
            }
            break;
        }
        default: {
            const auto line = oneOf({"crash " + node(), "restart " + node(), "pause " + node(),
                                     "resume " + node(), "isolate " + node(), "heal",
                                     "request add 2 from c2 to " + node(),
                                     "clock " + node() + " skew=+20ms drift=1.5",
                                     "rule drop Token chance 0.3 as r" + std::to_string(i),
                                     "disk " + node() + " slow=20", "network latency=10ms loss=5%",
                                     "crash (round > 1)", "fire " + node() + " pass"});
            const auto at = dice.chance(0.3) ? dice.below(events + 1) : events;
            ASSERT_TRUE(watched.session->act(line, EventId(at))) << line;
            break;
        }
        }
        if (dice.chance(0.3)) {
            watched.session->pause();
        }
        if (watched.session->snapshot().running) {
            (void)watched.act("request add 1");
            watched.session->pause();
        }
    }
    watched.session->pause();
    for (const auto& branch : watched.rest().branches) {
        watched.session->switchTo(branch.id);
        const auto snapshot = watched.rest();
        const auto scenario = watched.session->asScenario();
        ASSERT_TRUE(scenario);
        const auto replayed = performed(ringPlan(*scenario));
        ASSERT_EQ(replayed.trace->size(), snapshot.branch().events) << *scenario;
        EXPECT_EQ(trace::traceHash(*replayed.trace), trace::traceHash(*snapshot.branch().trace))
            << *scenario;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Clicks, testing::Range<std::uint64_t>(1, 21));

TEST(SimulatedSession, AnswersWhileItRunsAtFullSpeed)
{
    Watched watched("cluster ring nodes=5 hold=10us\n");
    watched.session->play(unbounded);
    watched.until([](const Snapshot& each) { return each.branch().events > 1000; });
    std::uint64_t read = 0;
    std::uint64_t sum = 0;
    std::atomic<int> states{0};
    for (int i = 0; i < 30; ++i) {
        const auto snapshot = watched.session->snapshot();
        const auto& branch = snapshot.branch();
        for (; read < branch.trace->size(); ++read) {
            const auto& event = (*branch.trace)[EventId(read + 1)];
            sum += event.node.value + (event.payload ? event.payload->tag() : 0);
        }
        watched.session->stateAt(snapshot.current, EventId(branch.events),
                                 [&](const StatePtr& state) { states += state ? 1 : 0; });
        (void)watched.session->whyNot("crash n1");
        (void)watched.session->asScenario();
        const auto asked = std::chrono::steady_clock::now();
        const auto acts = snapshot.branch().events;
        ASSERT_TRUE(watched.session->act("request add 1", EventId(acts)));
        std::this_thread::sleep_for(milliseconds(3));
        EXPECT_LT(std::chrono::steady_clock::now() - asked, seconds(5));
    }
    watched.session->pause();
    const auto end = watched.rest();
    EXPECT_EQ(end.branches.size(), 1U) << "an act at the end that was seen is no branch";
    EXPECT_GT(sum, 0U);
    EXPECT_EQ(end.problem, "");
}

} // namespace
} // namespace lightcone::session
