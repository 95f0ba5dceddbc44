#include "tests/engine/sim/ring_run.h"

namespace lightcone::sim {
namespace {

using trace::CrashReason;
using trace::Direction;
using trace::DropReason;
using trace::Kind;
using trace::Life;

TEST(Faults, aCrashLosesWhatIsNotDurableAndARestartGoesOnFromTheDisk)
{
    RingRun run;
    // The second node has heard of round 1 and is writing it down.
    const auto write = run.untilNext(Kind::Write, n2);
    EXPECT_EQ(run.machine(n2).round(), 1U);
    EXPECT_EQ(run.durable(n2).round, 0U);
    const auto act = run.act(Crash{n2});
    const auto crash = run.all(Kind::Crash).front();
    EXPECT_EQ(run.trace[crash].cause, act);
    EXPECT_EQ(detailOf<CrashReason>(run.trace[crash]), CrashReason::Hand);
    EXPECT_FALSE(run.world.sights()[1].up);
    EXPECT_EQ(run.machine(n2).round(), 1U) << "of a crashed node the last state is shown";
    run.until(20ms);
    EXPECT_TRUE(run.all(Kind::Sync, n2, write).empty());
    EXPECT_TRUE(run.all(Kind::Send, n2).empty()) << "the acknowledgement was never sent";
    run.act(Restart{n2});
    EXPECT_EQ(run.machine(n2).round(), 0U);
    const auto restart = run.all(Kind::Restart, n2).front();
    EXPECT_EQ(run.trace[run.trace[restart].cause].kind, Kind::Act);
    ASSERT_TRUE(run.world.observation().has_value());
    EXPECT_TRUE(run.world.observation()->restarted);
    run.until(200ms);
    EXPECT_GT(run.durable(n2).round, 1U) << "the token was sent again and went on";
}

TEST(Faults, whatIsDurableSurvives)
{
    RingRun run;
    run.until(100ms);
    const auto durable = run.durable(n3).round;
    ASSERT_GT(durable, 3U);
    run.act(Crash{n3});
    run.act(Restart{n3});
    EXPECT_EQ(run.machine(n3).round(), durable);
}

TEST(Faults, messagesToACrashedNodeDieWhereItWas)
{
    RingRun run;
    run.until(1ms);
    run.act(Crash{n2});
    run.until(50ms);
    const auto drops = run.all(Kind::Drop);
    ASSERT_FALSE(drops.empty());
    const auto& drop = run.trace[drops.front()];
    EXPECT_EQ(detailOf<DropReason>(drop), DropReason::Down);
    EXPECT_EQ(drop.node, n1);
    EXPECT_EQ(drop.peer, n2);
    EXPECT_EQ(run.trace[drop.cause].kind, Kind::Send);
    EXPECT_EQ(drop.at - run.trace[drop.cause].at, 1ms);
}

TEST(Faults, aPausedNodeMakesNoStepAndCatchesUp)
{
    RingRun run;
    run.until(10ms);
    run.act(Pause{n2});
    const auto paused = run.world.last();
    run.until(100ms);
    const auto happens = [&](const trace::Event& event) {
        return event.node == n2 && event.kind != Kind::Drop;
    };
    EXPECT_TRUE(run.all(happens, paused).empty());
    EXPECT_EQ(run.world.state().node(n2)->life, Life::Paused);
    EXPECT_TRUE(run.world.sights()[1].up);
    const auto waiting = run.world.state().flights;
    ASSERT_FALSE(waiting.empty());
    run.act(Resume{n2});
    run.until(100ms);
    const auto after = run.all(happens, paused);
    ASSERT_GT(after.size(), 1U);
    EXPECT_EQ(run.trace[after.back()].at, at(100ms)) << "what waited happens at once";
    run.until(200ms);
    EXPECT_GT(run.machine(n2).round(), 10U);
}

TEST(Faults, whatWaitedForAPausedNodeDiesWithIt)
{
    RingRun run;
    run.until(1ms);
    run.act(Pause{n2});
    run.until(30ms);
    run.act(Crash{n2});
    const auto crash = run.world.last();
    run.until(30ms);
    const auto drops = run.all(Kind::Drop, n1, crash);
    ASSERT_FALSE(drops.empty());
    EXPECT_EQ(detailOf<DropReason>(run.trace[drops.front()]), DropReason::Down);
}

TEST(Faults, aCutStopsBothWaysOrOne)
{
    RingRun run;
    const auto act = run.act(Cut{n1, n2, Direction::OneWay});
    const auto cut = run.trace[run.world.last()];
    EXPECT_EQ(cut.kind, Kind::Cut);
    EXPECT_EQ(cut.cause, act);
    EXPECT_EQ(cut.node, n1);
    EXPECT_EQ(cut.peer, n2);
    EXPECT_EQ(detailOf<Direction>(cut), Direction::OneWay);
    run.until(200ms);
    EXPECT_TRUE(run.all(Kind::Deliver, n2).empty());
    for (const auto drop : run.all(Kind::Drop)) {
        EXPECT_EQ(detailOf<DropReason>(run.trace[drop]), DropReason::Cut);
    }
    ASSERT_EQ(run.world.state().links.size(), 1U);
    EXPECT_TRUE(run.world.state().links.front().cut);
    run.act(Heal{n1, n2});
    EXPECT_EQ(detailOf<Direction>(run.trace[run.world.last()]), Direction::OneWay)
        << "only one way changed";
    run.act(Cut{n2, n1});
    EXPECT_EQ(detailOf<Direction>(run.trace[run.world.last()]), Direction::Both);
    const auto before = run.world.last();
    run.act(Cut{n2, n1});
    EXPECT_EQ(run.world.last().value, before.value + 1) << "nothing changed: only the act";
    run.act(HealAll{});
    run.until(400ms);
    EXPECT_FALSE(run.all(Kind::Deliver, n2).empty());
    EXPECT_TRUE(run.world.state().links.empty());
}

TEST(Faults, aMessageUnderWayDiesAtALinkThatWasCutMeanwhile)
{
    RingRun run;
    const auto send = run.untilNext(Kind::Send, n1);
    run.act(Cut{n1, n2});
    run.until(10ms);
    const auto drops = run.all(Kind::Drop);
    ASSERT_EQ(drops.size(), 1U);
    EXPECT_EQ(run.trace[drops.front()].cause, send);
    EXPECT_EQ(run.trace[drops.front()].at - run.trace[send].at, 1ms);
}

TEST(Faults, groupsHearOnlyThemselves)
{
    Settings settings = plainSettings();
    settings.clients = 2;
    RingRun run(settings, {5});
    const auto isCut = [&](NodeId from, NodeId to) {
        for (const auto& link : run.world.state().links) {
            if (link.from == from && link.to == to) {
                return link.cut;
            }
        }
        return false;
    };
    run.act(Partition{{{n1, n2, c1}}});
    EXPECT_FALSE(isCut(n1, n2));
    EXPECT_FALSE(isCut(c1, n2));
    EXPECT_TRUE(isCut(c1, n3));
    EXPECT_TRUE(isCut(n3, c1));
    EXPECT_TRUE(isCut(n2, NodeId(5)));
    EXPECT_FALSE(isCut(n3, NodeId(4))) << "those that are not named are a group";
    EXPECT_FALSE(isCut(clientId(2), n3)) << "a client that is not named reaches everybody";
    run.act(Partition{{{n1, n3}, {n2, NodeId(4), NodeId(5)}}});
    EXPECT_FALSE(isCut(n1, n3)) << "the new partition replaces the old one";
    EXPECT_TRUE(isCut(n1, n2));
    run.act(HealAll{});
    EXPECT_TRUE(run.world.state().links.empty());
    run.act(Isolate{n3});
    EXPECT_TRUE(isCut(n3, n1));
    EXPECT_TRUE(isCut(n1, n3));
    EXPECT_FALSE(isCut(c1, n3));
    run.act(Rejoin{n3});
    EXPECT_TRUE(run.world.state().links.empty());
}

TEST(Faults, lossKillsOnTheWay)
{
    Settings settings = plainSettings();
    settings.loss = 0.5;
    RingRun run(settings);
    run.until(5s);
    const auto sends = run.all(Kind::Send).size();
    const auto drops = run.all(Kind::Drop);
    EXPECT_GT(drops.size(), sends * 4 / 10);
    EXPECT_LT(drops.size(), sends * 6 / 10);
    const auto& drop = run.trace[drops.front()];
    EXPECT_EQ(detailOf<DropReason>(drop), DropReason::Loss);
    EXPECT_EQ(drop.at - run.trace[drop.cause].at, 500us) << "half-way";
}

TEST(Faults, duplicationMakesSecondCopies)
{
    Settings settings = plainSettings();
    settings.duplicate = 1;
    RingRun run(settings);
    run.until(1s);
    const auto copies = run.all(Kind::Duplicate);
    EXPECT_EQ(copies.size(), run.all(Kind::Send).size());
    const auto& copy = run.trace[copies.front()];
    EXPECT_EQ(copy.cause.value + 1, copies.front().value);
    EXPECT_EQ(run.trace[copy.cause].payload, copy.payload);
    const auto arrivals = run.all([&](const trace::Event& event) {
        return event.kind == Kind::Deliver
            && (event.cause == copies.front() || event.cause == copy.cause);
    });
    EXPECT_EQ(arrivals.size(), 2U);
}

/// How many messages of a link were overtaken by a later one.
int overtaken(const RingRun& run)
{
    std::map<std::pair<NodeId, NodeId>, EventId> newest;
    int count = 0;
    for (const auto id : run.all(Kind::Deliver)) {
        const auto& event = run.trace[id];
        auto& last = newest[{event.peer, event.node}];
        count += event.cause < last ? 1 : 0;
        last = std::max(last, event.cause);
    }
    return count;
}

TEST(Faults, aLinkKeepsOrderUnlessItReorders)
{
    Settings settings = plainSettings();
    settings.latency = LatencyModel::uniform(0ms, 20ms);
    RingRun ordered(settings, {3, 0, 2ms, 1ms});
    ordered.until(5s);
    EXPECT_GT(ordered.all(Kind::Deliver).size(), 1000U);
    EXPECT_EQ(overtaken(ordered), 0);
    settings.reorder = 0.3;
    RingRun mixed(settings, {3, 0, 2ms, 1ms});
    mixed.until(5s);
    EXPECT_GT(overtaken(mixed), 50);
}

TEST(Faults, linksAndNetworkChangeAndGoBack)
{
    RingRun run;
    LinkChange slow;
    slow.latency = LatencyModel::constant(30ms);
    run.act(ChangeLink{n1, n2, Direction::OneWay, slow});
    EXPECT_EQ(run.trace[run.world.last()].kind, Kind::Link);
    const auto* model = node::payloadIf<LinkModel>(run.trace[run.world.last()].payload.get());
    ASSERT_NE(model, nullptr);
    EXPECT_EQ(model->latency, LatencyModel::constant(30ms));
    const auto send = run.untilNext(Kind::Send, n1);
    const auto deliver = run.untilNext(Kind::Deliver, n2);
    EXPECT_EQ(run.trace[deliver].at - run.trace[send].at, 30ms);
    LinkChange lossy;
    lossy.loss = 0.25;
    run.act(ChangeNetwork{lossy});
    for (const auto& link : run.world.state().links) {
        const bool changed = link.from == n1 && link.to == n2;
        EXPECT_EQ(link.model, changed ? "latency 30ms, loss 25%" : "loss 25%");
    }
    run.act(ResetLink{n1, n2});
    run.act(ResetNetwork{});
    EXPECT_TRUE(run.world.state().links.empty());
}

TEST(Faults, rulesHoldUntilTheyGo)
{
    RingRun run;
    Rule rule;
    rule.message = "Token";
    rule.from = n1;
    run.act(AddRule{rule});
    EXPECT_EQ(run.world.state().rules, std::vector<std::string>{"rule hold Token from n1"});
    run.until(100ms);
    EXPECT_TRUE(run.all(Kind::Deliver).empty());
    const auto flights = run.world.state().flights;
    ASSERT_EQ(flights.size(), 3U) << "sent again and again";
    EXPECT_TRUE(flights.front().held);
    run.act(RemoveRule{1});
    EXPECT_TRUE(run.world.state().rules.empty());
    run.until(101ms);
    EXPECT_EQ(run.all(Kind::Deliver, n2).size(), 3U);
}

TEST(Faults, rulesDropDelayAndDuplicate)
{
    RingRun run;
    Rule drop;
    drop.action = RuleAction::Drop;
    drop.message = "Token";
    drop.limit = 2;
    run.act(AddRule{drop});
    Rule delay;
    delay.action = RuleAction::Delay;
    delay.delay = 7ms;
    delay.message = "Token";
    delay.limit = 1;
    run.act(AddRule{delay});
    Rule twice;
    twice.action = RuleAction::Duplicate;
    twice.to = n1;
    run.act(AddRule{twice});
    run.until(200ms);
    const auto drops = run.all(Kind::Drop);
    ASSERT_EQ(drops.size(), 2U);
    EXPECT_EQ(detailOf<DropReason>(run.trace[drops[0]]), DropReason::Rule);
    const auto first = run.all(Kind::Deliver, n2).front();
    EXPECT_EQ(run.trace[first].at - run.trace[run.trace[first].cause].at, 8ms);
    EXPECT_EQ(run.all(Kind::Duplicate, n2).size(), run.all(Kind::Send, n2).size() / 2)
        << "of what the second node sends, the acknowledgements go to the first";
    run.act(ClearRules{});
    EXPECT_EQ(run.all(Kind::Rule).size(), 6U);
}

TEST(Faults, clocksAreSkewedAndDrift)
{
    RingRun run;
    run.until(1ms);
    run.act(SetClock{n1, 250ms, std::nullopt});
    EXPECT_EQ(run.world.state().node(n1)->clockOffset, 250ms);
    EXPECT_EQ(run.world.state().node(n1)->timers.front().due, at(2ms))
        << "a step of the clock moves no timer";
    run.act(SetClock{n1, std::nullopt, 0.5});
    EXPECT_EQ(run.world.state().node(n1)->timers.front().due, at(3ms))
        << "what is left takes twice as long";
    const auto timer = run.untilNext(Kind::Timer, n1);
    EXPECT_EQ(run.trace[timer].at, at(3ms));
    EXPECT_EQ(run.world.state().node(n1)->clockRate, 0.5);
    EXPECT_EQ(run.world.state().node(n1)->clockOffset, 249ms);
    const auto clock = run.trace[run.all(Kind::Clock).back()];
    EXPECT_NE(node::payloadIf<ClockCondition>(clock.payload.get()), nullptr);
}

TEST(Faults, aSlowDiskTakesLonger)
{
    RingRun run;
    run.act(SetDisk{n2, {DiskKind::Slow, 30, {}, 1}});
    EXPECT_EQ(run.world.state().node(n2)->disk, "slow ×30");
    const auto write = run.untilNext(Kind::Write, n2);
    const auto sync = run.untilNext(Kind::Sync, n2);
    EXPECT_EQ(run.trace[sync].at - run.trace[write].at, 3ms);
    EXPECT_EQ(run.trace[sync].cause, write);
    run.act(SetDisk{n2, {DiskKind::Slow, 1, 9ms, 1}});
    const auto second = run.untilNext(Kind::Write, n2);
    EXPECT_EQ(run.trace[run.untilNext(Kind::Sync, n2)].at - run.trace[second].at, 9ms);
    run.act(SetDisk{n2, {}});
    EXPECT_EQ(run.world.state().node(n2)->disk, "");
}

TEST(Faults, aFullDiskStopsTheNodeAtItsFirstWrite)
{
    RingRun run;
    run.act(SetDisk{n2, {DiskKind::Full, 1, {}, 1}});
    const auto crash = run.untilNext(Kind::Crash, n2);
    EXPECT_EQ(detailOf<CrashReason>(run.trace[crash]), CrashReason::DiskFull);
    EXPECT_EQ(run.trace[run.trace[crash].cause].kind, Kind::Deliver);
    EXPECT_TRUE(run.all(Kind::Write, n2).empty());
    run.act(Restart{n2});
    const auto again = run.untilNext(Kind::Crash, n2);
    EXPECT_GT(again, crash);
    run.act(SetDisk{n2, {}});
    run.act(Restart{n2});
    run.until(300ms);
    EXPECT_GT(run.durable(n2).round, 0U);
}

TEST(Faults, aForgetfulDiskLosesWhatItAcknowledged)
{
    RingRun run;
    run.until(60ms);
    run.act(SetDisk{n2, {DiskKind::Forgetful, 1, {}, 2}});
    const auto before = run.durable(n2).round;
    while (run.durable(n2).round < before + 9) {
        ASSERT_TRUE(run.world.step(&run.trace));
    }
    const auto acknowledged = run.durable(n2).round;
    run.act(Crash{n2});
    EXPECT_EQ(run.durable(n2).round, acknowledged - 6) << "two writes of three rounds each";
    run.act(SetDisk{n2, {}});
    run.act(Restart{n2});
    EXPECT_EQ(run.machine(n2).round(), acknowledged - 6);
}

TEST(Faults, aSpareStandsByUntilItIsStarted)
{
    RingRun run(plainSettings(), {3, 1});
    run.until(20ms);
    EXPECT_EQ(run.world.state().node(NodeId(4))->life, Life::NotStarted);
    EXPECT_EQ(run.world.sights()[3].node, nullptr);
    const auto act = run.act(StartNode{NodeId(4)});
    const auto start = run.all(Kind::Start, NodeId(4));
    ASSERT_EQ(start.size(), 1U);
    EXPECT_EQ(run.trace[start.front()].cause, act);
    EXPECT_EQ(run.world.whyNot(StartNode{NodeId(4)}), "n4 has been started before");
}

TEST(Faults, whatCannotBeDoneIsSaidAndChangesNothing)
{
    RingRun run;
    run.until(10ms);
    const auto last = run.world.last();
    const auto why = [&](const Action& action) {
        const auto done = run.world.apply(action, "a line", &run.trace);
        return done ? std::string("done") : done.error().message;
    };
    Rule misspelt;
    misspelt.message = "Tokn";
    EXPECT_EQ(why(Restart{n1}), "n1 has not crashed");
    EXPECT_EQ(why(Resume{n1}), "n1 is not paused");
    EXPECT_EQ(why(Crash{NodeId(9)}), "n9 is not a member of this cluster");
    EXPECT_EQ(why(Cut{n1, n1}), "a link has two different ends");
    EXPECT_EQ(why(Partition{{{n1}, {n1}}}), "n1 is named twice");
    EXPECT_EQ(why(AddRule{misspelt}),
              "Token ring has no message 'Tokn': expected one of Token, "
              "Ack, Add, Look, Total, Redirect, Refusal");
    EXPECT_EQ(why(RemoveRule{1}), "there is no rule 1: rules are counted from 1, and there are 0");
    EXPECT_EQ(why(DropMessage{EventId(1)}), "message #1 is not under way");
    EXPECT_EQ(why(Request{clientId(7), test::ringRequest(test::Look{}), {}}),
              "there is no client c7: this run has 1 (clients=1)");
    EXPECT_EQ(why(FireTimer{n2, {1, 0}}), "n2 has no such timer armed: resend");
    EXPECT_EQ(why(ChangeNetwork{}),
              "nothing is to be changed: expected latency, loss, duplicate, "
              "reorder or reorderBy");
    EXPECT_EQ(run.world.last(), last);
}

} // namespace
} // namespace lightcone::sim
