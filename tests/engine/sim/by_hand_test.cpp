#include "tests/engine/sim/ring_run.h"

namespace lightcone::sim {
namespace {

using trace::DropReason;
using trace::Kind;

/// The first message under way in a fresh ring: the token on its way to the second node.
EventId firstMessage(RingRun& run)
{
    return run.untilNext(Kind::Send, n1);
}

TEST(ByHand, listsWhatMayHappenNext)
{
    RingRun run;
    EXPECT_EQ(run.world.pending().size(), 3U);
    EXPECT_EQ(run.world.pending().front().what, Pending::What::Boot);
    const auto message = firstMessage(run);
    const auto items = run.world.pending();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0].what, Pending::What::Message);
    EXPECT_EQ(items[0].message, message);
    EXPECT_EQ(items[0].from, n1);
    EXPECT_EQ(items[0].node, n2);
    EXPECT_EQ(items[0].due, at(3ms));
    EXPECT_EQ(items[1].what, Pending::What::Timer);
    EXPECT_EQ(items[1].node, n1);
    EXPECT_EQ(items[1].due, at(42ms));
    run.act(Pause{n2});
    EXPECT_TRUE(run.world.pending().back().waits);
}

TEST(ByHand, deliversNowOrWhenItIsDue)
{
    RingRun run;
    const auto message = firstMessage(run);
    auto other = run.world;
    run.act(DeliverMessage{message});
    const auto now = run.all(Kind::Deliver).front();
    EXPECT_EQ(run.trace[now].at, at(2ms));
    EXPECT_EQ(run.trace[now].cause, message);
    EXPECT_TRUE(run.world.observation().has_value());
    ASSERT_TRUE(other.apply(DeliverMessage{message, When::Due}, "pick", nullptr));
    EXPECT_EQ(other.instant(), at(3ms));
}

TEST(ByHand, whatWasPassedOverComesLate)
{
    RingRun run;
    const auto message = firstMessage(run);
    run.act(FireTimer{n1, {1, 0}, When::Due});
    EXPECT_EQ(run.world.instant(), at(42ms));
    EXPECT_EQ(run.trace[run.all(Kind::Timer, n1).back()].at, at(42ms));
    EXPECT_EQ(run.world.nextDue(), at(42ms));
    ASSERT_TRUE(run.world.step(&run.trace));
    const auto deliver = run.all(Kind::Deliver).front();
    EXPECT_EQ(run.trace[deliver].cause, message);
    EXPECT_EQ(run.trace[deliver].at, at(42ms));
}

TEST(ByHand, dropsDuplicatesAndDelays)
{
    RingRun run;
    const auto message = firstMessage(run);
    run.act(DuplicateMessage{message});
    const auto copy = run.all(Kind::Duplicate).front();
    EXPECT_EQ(run.trace[copy].cause, message);
    run.act(DelayMessage{message, 5ms});
    run.act(DropMessage{copy});
    const auto& drop = run.trace[run.all(Kind::Drop).front()];
    EXPECT_EQ(drop.cause, copy);
    EXPECT_EQ(detailOf<DropReason>(drop), DropReason::Hand);
    const auto deliver = run.untilNext(Kind::Deliver, n2);
    EXPECT_EQ(run.trace[deliver].cause, message);
    EXPECT_EQ(run.trace[deliver].at, at(8ms));
}

TEST(ByHand, aHandIsStrongerThanLossAndRules)
{
    Settings settings = plainSettings();
    settings.loss = 1;
    RingRun run(settings);
    run.act(DeliverMessage{firstMessage(run)});
    EXPECT_EQ(run.all(Kind::Deliver).size(), 1U);
    run.act(AddRule{});
    const auto held = run.untilNext(Kind::Send, n1);
    ASSERT_TRUE(run.world.state().flights.back().held);
    run.act(DeliverMessage{held});
    EXPECT_EQ(run.all(Kind::Deliver).size(), 2U);
}

TEST(ByHand, finishesADiskAndWakesAClient)
{
    RingRun run;
    run.untilNext(Kind::Write, n2);
    const auto now = run.world.instant();
    run.act(FinishSync{n2});
    EXPECT_EQ(run.trace[run.all(Kind::Sync, n2).front()].at, now);
    EXPECT_EQ(run.durable(n2).round, 1U);
    EXPECT_FALSE(run.all(Kind::Send, n2).empty()) << "what waited for the disk has left";
    run.act(Cut{c1, n1});
    run.act(Request{c1, test::ringRequest(test::Look{}), {}});
    run.act(WakeClient{c1, When::Due});
    EXPECT_EQ(run.world.instant(), now + 500ms);
    const auto note = run.all(Kind::Note, c1).front();
    EXPECT_EQ(node::payloadAs<node::Text>(*run.trace[note].payload).text,
              "no answer from n1 for 500 ms");
}

} // namespace
} // namespace lightcone::sim
