#include "engine/node/workload.h"
#include "engine/trace/hash.h"
#include "tests/engine/sim/ring_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace lightcone::sim {
namespace {

using trace::Kind;

Settings clients(std::uint32_t count)
{
    auto settings = plainSettings();
    settings.clients = count;
    return settings;
}

/// Looks at the ring: answered after two ways over the link, 2 ms.
Load looking(const RingRun& run, Loop loop, Duration interval)
{
    Load load{run.world.clients(), {test::ringRequest(test::Look{})}, interval, 200ms};
    load.loop = loop;
    return load;
}

std::string noteOf(const RingRun& run, EventId id)
{
    return node::payloadAs<node::Text>(*run.trace[id].payload).text;
}

TEST(OpenLoop, OperationsArriveWhateverBecomesOfThem)
{
    RingRun run(clients(2));
    run.act(looking(run, Loop::Even, 10ms));
    run.until(1s);
    const auto begun = run.all(Kind::Request);
    ASSERT_EQ(begun.size(), 19U) << "at 10, 20, … 190 ms";
    for (std::size_t i = 0; i < begun.size(); ++i) {
        EXPECT_EQ(run.trace[begun[i]].at, at(10ms * static_cast<int>(i + 1)));
        EXPECT_EQ(run.trace[begun[i]].node, c1) << "the second is not needed";
    }
    EXPECT_TRUE(run.all(Kind::Note, c1).empty());
    EXPECT_EQ(run.world.openRequests(), 0U);
}

TEST(OpenLoop, ThePoolOfClientsGrowsAndThenTheyWaitInLine)
{
    RingRun run(clients(3));
    run.act(ChangeNetwork{LinkChange{LatencyModel::constant(50ms)}});
    run.act(looking(run, Loop::Even, 10ms));
    run.until(75ms);
    EXPECT_EQ(run.all(Kind::Request).size(), 3U);
    const auto waits = run.all(Kind::Note, c1);
    ASSERT_EQ(waits.size(), 4U) << "at 40, 50, 60 and 70 ms";
    EXPECT_EQ(noteOf(run, waits.front()), "Look waits in line: all 3 clients are busy");
    EXPECT_EQ(run.world.openRequests(), 7U);
    run.until(3s);
    const auto begun = run.all(Kind::Request);
    ASSERT_EQ(begun.size(), 19U) << "all that arrived, none twice";
    EXPECT_EQ(run.all(Kind::Reply).size(), 19U);
    EXPECT_EQ(run.world.openRequests(), 0U);
    // The fourth waited from 40 ms until the first was answered, which its cause tells.
    const auto& fourth = run.trace[begun[3]];
    EXPECT_EQ(fourth.at, at(110ms));
    EXPECT_EQ(fourth.cause, waits.front());
    EXPECT_EQ(run.trace[fourth.cause].at, at(40ms));
    EXPECT_EQ(run.trace[fourth.cause].detail, trace::waitsInLine);
    EXPECT_EQ(run.trace[fourth.cause].tag, fourth.tag);
    std::set<EventId> causes;
    for (const auto id : begun) {
        causes.insert(run.trace[id].cause);
    }
    EXPECT_EQ(causes.size(), 1 + run.all(Kind::Note, c1).size()) << "in the order of the line";
}

TEST(OpenLoop, PoissonArrivalsAreAtRandomAndAsManyAsTheRateSays)
{
    RingRun run(clients(50));
    auto load = looking(run, Loop::Poisson, 1ms);
    load.lasts = 4s;
    load.dice = Dice(3);
    run.act(load);
    run.until(5s);
    const auto begun = run.all(Kind::Request);
    // Four standard deviations of a Poisson count of 4000.
    EXPECT_NEAR(static_cast<double>(begun.size()), 4000, 4 * 63.2);
    double squares = 0;
    Instant before{};
    for (const auto id : begun) {
        const auto gap = std::chrono::duration<double, std::milli>(run.trace[id].at - before);
        squares += gap.count() * gap.count();
        before = run.trace[id].at;
    }
    // The second moment of an exponential with mean 1 is 2, of equal distances 1.
    EXPECT_NEAR(squares / static_cast<double>(begun.size()), 2, 0.25);
}

TEST(OpenLoop, EndsWithStopAndWithAnotherLoadButDoesWhatHasArrived)
{
    for (const bool stop : {true, false}) {
        RingRun run(clients(2));
        run.act(ChangeNetwork{LinkChange{LatencyModel::constant(50ms)}});
        run.act(looking(run, Loop::Even, 10ms));
        run.until(65ms);
        if (stop) {
            run.act(StopLoad{});
        } else {
            auto next = looking(run, Loop::Closed, 1s);
            next.clients = {c1};
            next.lasts = 600ms;
            run.act(next);
        }
        run.until(800ms);
        // Six had arrived; the closed loop asks once after them.
        EXPECT_EQ(run.all(Kind::Request).size(), stop ? 6U : 7U);
        EXPECT_EQ(run.world.openRequests(), 0U);
    }
}

TEST(OpenLoop, ArrivesByHandToo)
{
    RingRun run(clients(2));
    run.act(looking(run, Loop::Even, 10ms));
    const auto items = run.world.pending();
    const auto arrival = std::ranges::find(items, Pending::What::Arrival, &Pending::what);
    ASSERT_NE(arrival, items.end());
    EXPECT_EQ(arrival->due, at(10ms));
    EXPECT_EQ(arrival->node, c1);
    run.act(Arrive{c1, When::Now});
    EXPECT_EQ(run.all(Kind::Request).size(), 1U);
    run.act(Arrive{clientId(2), When::Due});
    EXPECT_EQ(run.world.instant(), at(20ms));
    EXPECT_EQ(run.all(Kind::Request).size(), 2U);
    EXPECT_EQ(run.trace[run.all(Kind::Request).back()].node, clientId(2)) << "the first is busy";
    run.act(StopLoad{});
    EXPECT_EQ(run.world.whyNot(Arrive{c1}), "c1 takes part in no open loop");
    EXPECT_EQ(run.world.whyNot(Arrive{n1}), "n1 is not a client");
}

TEST(OpenLoop, NeedsAnInterval)
{
    RingRun run(clients(2));
    EXPECT_EQ(run.world.whyNot(looking(run, Loop::Poisson, Duration::zero())),
              "an open loop needs an interval");
}

TEST(OpenLoop, ACopyGoesOnTheSameWay)
{
    auto settings = clients(3);
    settings.latency = LatencyModel::exponential(8ms);
    settings.seed = 5;
    RingRun run(settings);
    auto load = looking(run, Loop::Poisson, 4ms);
    load.dice = Dice(9);
    run.act(load);
    run.until(100ms);
    auto copy = run.world;
    const auto again = run.trace.fork(run.world.last(), "a copy");
    run.until(1s);
    copy.advanceTo(at(1s), again.get());
    EXPECT_GT(run.all(Kind::Note, c1).size(), 3U) << "some wait in line";
    EXPECT_EQ(trace::traceHash(*again), trace::traceHash(run.trace));
}

TEST(ClosedLoop, WhoThinksWaitsAfterAnAnswer)
{
    RingRun run(clients(1));
    auto load = looking(run, Loop::Closed, Duration::zero());
    load.think = LatencyModel::constant(30ms);
    run.act(load);
    run.until(500ms);
    const auto begun = run.all(Kind::Request);
    const auto ended = run.all(Kind::Reply);
    ASSERT_GE(begun.size(), 4U);
    EXPECT_EQ(run.trace[begun[0]].at, at(30ms));
    for (std::size_t i = 1; i < begun.size(); ++i) {
        EXPECT_EQ(run.trace[begun[i]].at, run.trace[ended[i - 1]].at + 30ms);
    }
}

} // namespace
} // namespace lightcone::sim
