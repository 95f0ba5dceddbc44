#include "engine/measure/meter.h"
#include "engine/sim/world.h"
#include "tests/engine/measure/hand_made.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::measure {
namespace {

using node::Answer;
using testing::ElementsAre;
using testing::IsEmpty;
using trace::Kind;

TEST(Operations, LastFromRequestToReply)
{
    HandMade run;
    run.operation(10ms, 14ms, 1);
    run.operation(20ms, 27ms, 2, Answer::Refused);
    run.request(30ms, {c1, 3});
    const auto totals = totalsOf(run.meter());
    EXPECT_EQ(totals.wanted, 3U);
    EXPECT_EQ(totals.done, 1U);
    EXPECT_EQ(totals.refused, 1U);
    EXPECT_EQ(totals.unknown, 0U);
    EXPECT_EQ(totals.open, 1U);
    EXPECT_EQ(totals.latency.count(), 1U) << "of done ones alone";
    EXPECT_EQ(totals.latency.most(), 4ms);
    EXPECT_DOUBLE_EQ(totals.errors(), 0.5);
    EXPECT_DOUBLE_EQ(totals.throughput(), 1 / 0.020);
    ASSERT_EQ(totals.kinds.size(), 1U);
    EXPECT_EQ(totals.kinds[0].name, "add");
    EXPECT_EQ(totals.kinds[0].asked, 2U);
    EXPECT_EQ(totals.answeredBy(n1), 1U);
    EXPECT_EQ(totals.answeredBy(n2), 0U);
}

TEST(Operations, CountFromWhenTheyArrivedThoughTheyWaitedInLine)
{
    HandMade run;
    const auto note = run.text(5ms, Kind::Note, "waits", c1, {}, trace::waitsInLine);
    const RequestId id{c1, 1};
    const auto begun = run.request(40ms, id, note);
    auto meter = run.meter();
    EXPECT_EQ(meter.operations().wanted(), std::vector{at(5ms)});
    EXPECT_EQ(meter.operations().begun(), std::vector{at(40ms)});
    run.reply(45ms, id, begun);
    meter.grow(EventId(run.trace()->size()));
    ASSERT_EQ(meter.operations().ended().size(), 1U);
    EXPECT_EQ(meter.operations().ended()[0].latency(), 40ms);
    EXPECT_EQ(meter.operations().open(), 0U);
}

TEST(Operations, WhoseBeginningWasLostAreNotCounted)
{
    HandMade run;
    run.text(1ms, Kind::Gap, "lost", n1);
    run.reply(3ms, {c1, 7}, {});
    EXPECT_EQ(totalsOf(run.meter()).done, 0U);
}

TEST(Operations, RoundTripsAreTheMessagesOneAfterTheOther)
{
    HandMade run;
    const RequestId id{c1, 1};
    const auto ask = [&](EventId event) { return event; };
    const auto begun = run.request(0ms, id);
    const auto send = [&](Duration when, NodeId from, NodeId to, EventId cause) {
        return run.event(when, Kind::Send, from, to, cause);
    };
    const auto arrive = [&](Duration when, NodeId to, NodeId from, EventId cause) {
        return run.event(when, Kind::Deliver, to, from, cause);
    };
    const auto asked = arrive(1ms, n1, c1, send(0ms, c1, n1, ask(begun)));
    const auto there = arrive(2ms, n2, n1, send(1ms, n1, n2, asked));
    send(1ms + 500us + 500us, n1, n2, asked); // another one beside it does not count
    const auto back = arrive(3ms, n1, n2, send(2ms, n2, n1, there));
    const auto sent = send(3ms, n1, c1, back);
    trace::Event answer{sent, at(4ms), c1, n1, Kind::Deliver};
    answer.request = id;
    answer.payload = node::makePayload(test::Total{1});
    run.trace()->record(EventId(run.trace()->size() + 1), answer);
    run.reply(4ms, id, begun);
    const auto meter = run.meter();
    ASSERT_EQ(meter.operations().ended().size(), 1U);
    EXPECT_EQ(meter.operations().ended()[0].hops, 4U);
    EXPECT_DOUBLE_EQ(totalsOf(meter).roundTrips, 2);
}

std::vector<std::pair<Duration, Duration>> unavailable(const HandMade& run)
{
    std::vector<std::pair<Duration, Duration>> all;
    for (const auto& stretch : totalsOf(run.meter()).unavailable) {
        all.emplace_back(stretch.from.time_since_epoch(), stretch.to.time_since_epoch());
    }
    return all;
}

using Stretches = std::vector<std::pair<Duration, Duration>>;

TEST(Unavailable, IsWhenSomebodyWaitsAndNobodyIsServed)
{
    HandMade run;
    run.operation(0ms, 90ms, 1);
    run.operation(500ms, 510ms, 2); // nobody wanted anything before
    run.operation(600ms, 900ms, 3);
    EXPECT_EQ(unavailable(run), (Stretches{{600ms, 900ms}}));
}

TEST(Unavailable, GoesOnThroughRefusalsUntilSomebodyIsServed)
{
    HandMade run;
    run.operation(0ms, 5ms, 1);
    for (std::uint32_t i = 0; i < 20; ++i) {
        run.operation(10ms + 20ms * i, 15ms + 20ms * i, 2 + i, Answer::Refused);
    }
    run.operation(410ms, 420ms, 30);
    EXPECT_EQ(unavailable(run), (Stretches{{10ms, 420ms}}));
}

TEST(Unavailable, EndsWhereClientsGaveUpAndStayedAway)
{
    HandMade run;
    run.operation(0ms, 300ms, 1, Answer::Unknown);
    run.operation(5s, 5005ms, 2);
    EXPECT_EQ(unavailable(run), (Stretches{{0ms, 300ms}}));
}

TEST(Unavailable, GoesOnToTheEndOfTheRun)
{
    HandMade run;
    run.request(50ms, {c1, 1});
    run.event(60ms, Kind::Crash, n1);
    EXPECT_THAT(unavailable(run), IsEmpty());
    run.event(400ms, Kind::Crash, n2);
    EXPECT_EQ(unavailable(run), (Stretches{{50ms, 400ms}}));
    EXPECT_EQ(totalsOf(run.meter()).unavailableTime, 350ms);
}

TEST(Unavailable, OthersAreServedMeanwhile)
{
    HandMade run;
    const auto slow = run.request(0ms, {c2, 1});
    for (std::uint32_t i = 1; i <= 10; ++i) {
        run.operation(50ms * i, 50ms * i + 10ms, i);
    }
    run.reply(600ms, {c2, 1}, slow);
    EXPECT_THAT(unavailable(run), IsEmpty());
}

TEST(Meter, MarksActsOnceAndWhatBefellNodes)
{
    HandMade run;
    const auto act = run.text(10ms, Kind::Act, "partition {n1} {n2}");
    run.event(10ms, Kind::Cut, n1, n2, act);
    run.event(10ms, Kind::Cut, n1, c1, act);
    run.event(20ms, Kind::Crash, n2);
    run.text(30ms, Kind::Act, "request add 1");
    run.text(40ms, Kind::Violation, "n1 said so");
    std::vector<std::string> texts;
    const auto meter = run.meter();
    for (const auto& mark : meter.marks()) {
        texts.push_back(mark.text);
    }
    EXPECT_THAT(texts, ElementsAre("partition {n1} {n2}", "crash n2", "n1 said so"));
    EXPECT_EQ(meter.marks()[0].event, act);
}

TEST(Meter, GrowsWithItsTraceToTheSameNumbers)
{
    sim::Settings settings;
    settings.clients = 3;
    settings.loss = 0.05;
    sim::World world(test::ringProtocol(), test::ringSetup(), settings);
    const auto trace = std::make_shared<trace::Trace>(world.about());
    sim::Load load{world.clients(), {test::ringRequest(test::Add{1})}, 10ms, {}};
    ASSERT_TRUE(world.apply(load, "load", trace.get()));
    Meter grown(trace);
    for (int i = 1; i <= 40; ++i) {
        world.advanceTo(Instant(100ms * i), trace.get());
        grown.grow(EventId(trace->size() - static_cast<std::uint64_t>(i % 7)));
    }
    grown.grow(EventId(trace->size()));
    Meter whole(trace);
    whole.grow(EventId(trace->size()));
    const auto a = totalsOf(grown);
    const auto b = totalsOf(whole);
    EXPECT_GT(a.done, 100U);
    EXPECT_GT(a.retries, 0U);
    EXPECT_EQ(a.done, b.done);
    EXPECT_EQ(a.latency.buckets(), b.latency.buckets());
    EXPECT_EQ(a.messages, b.messages);
    EXPECT_EQ(a.bytes, b.bytes);
    EXPECT_EQ(a.forced, b.forced);
    EXPECT_EQ(a.unavailable, b.unavailable);
}

TEST(Meter, CountsMessagesBytesWritesAndWork)
{
    sim::World world(test::ringProtocol(), test::ringSetup(), {});
    const auto trace = std::make_shared<trace::Trace>(world.about());
    world.advanceTo(Instant(1s), trace.get());
    Meter meter(trace);
    meter.grow(EventId(trace->size()));
    const auto totals = totalsOf(meter);
    std::map<Kind, std::uint64_t> kinds;
    std::map<std::string, std::uint64_t> sent;
    std::uint64_t bytes = 0;
    std::uint64_t steps = 0;
    Bytes encoded;
    trace::forEach(*trace, EventId(1), EventId(trace->size()), [&](EventId, const auto& event) {
        ++kinds[event.kind];
        steps += trace::isStep(event) ? 1 : 0;
        if (event.kind == Kind::Send) {
            ++sent[std::string(event.payload->name())];
            encoded.clear();
            event.payload->encode(encoded);
            bytes += encoded.size();
        }
    });
    EXPECT_EQ(totals.messages, kinds[Kind::Send]);
    EXPECT_EQ(totals.bytes, bytes);
    EXPECT_GT(bytes, 0U);
    EXPECT_EQ(totals.forced, kinds[Kind::Write]);
    EXPECT_EQ(totals.syncs, kinds[Kind::Sync]);
    ASSERT_EQ(totals.messageKinds.size(), sent.size());
    for (const auto& kind : totals.messageKinds) {
        EXPECT_EQ(kind.sent.total, sent[kind.name]) << kind.name;
    }
    std::uint64_t worked = 0;
    for (const auto& node : totals.nodes) {
        worked += node.steps.total;
    }
    EXPECT_EQ(worked, steps);
}

} // namespace
} // namespace lightcone::measure
