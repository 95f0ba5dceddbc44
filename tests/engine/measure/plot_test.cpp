#include "engine/measure/plot.h"
#include "engine/sim/world.h"
#include "tests/engine/measure/hand_made.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace lightcone::measure {
namespace {

using trace::Kind;

const Line& lineOf(const Plot& plot, const std::string& name)
{
    for (const auto& line : plot.lines) {
        if (line.name == name) {
            return line;
        }
    }
    throw std::runtime_error("no line " + name);
}

double sumOf(const Line& line)
{
    return std::accumulate(
        line.values.begin(), line.values.end(), 0.0,
        [](double sum, double each) { return std::isnan(each) ? sum : sum + each; });
}

TEST(Cut, IsAsFineAsItMayBe)
{
    const auto cut = Cut::of({at(1s), at(2s)}, 100);
    EXPECT_LE(cut.count, 100U);
    EXPECT_GT(cut.count, 45U);
    EXPECT_LE(cut.begin(0), at(1s));
    EXPECT_GT(cut.begin(1), at(1s));
    EXPECT_GE(cut.begin(cut.count), at(2s));
    EXPECT_LT(cut.begin(cut.count - 1), at(2s));
    EXPECT_EQ(Cut::of({at(5ns), at(5ns)}, 100).count, 1U);
    EXPECT_EQ(Cut::of({at(0ns), at(8ns)}, 1).count, 1U);
}

TEST(Plot, LatencyIsOfTheOperationsThatEndedInABucket)
{
    HandMade run;
    for (std::uint32_t i = 1; i <= 100; ++i) {
        run.operation(Duration(2'000'000 * i), Duration(2'000'000 * i + 10'000 * i), i);
    }
    const auto meter = run.meter();
    const Cut one{30, 0, 1};
    const auto plot = plotOf(meter, Chart::Latency, one);
    EXPECT_DOUBLE_EQ(lineOf(plot, "p50").values[0], 500e3);
    EXPECT_DOUBLE_EQ(lineOf(plot, "p90").values[0], 900e3);
    EXPECT_DOUBLE_EQ(lineOf(plot, "p99").values[0], 990e3);
    EXPECT_DOUBLE_EQ(lineOf(plot, "p99.9").values[0], 1000e3);
    EXPECT_DOUBLE_EQ(lineOf(plot, "most").values[0], 1000e3);
    const auto later = plotOf(meter, Chart::Latency, {30, 1, 2});
    EXPECT_TRUE(std::isnan(lineOf(later, "p50").values[0]));
}

TEST(Plot, ThroughputIsPerSecondOfTheRunSoFar)
{
    HandMade run;
    for (std::uint32_t i = 0; i < 200; ++i) {
        const auto answer = i % 10 == 0 ? node::Answer::Unknown : node::Answer::Done;
        run.operation(5ms * i, 5ms * i + 1ms, i + 1, answer);
    }
    const auto meter = run.meter();
    const auto cut = Cut::of({at(0ns), at(2s)}, 16);
    const auto plot = plotOf(meter, Chart::Throughput, cut);
    const auto& done = lineOf(plot, "done").values;
    for (std::size_t i = 0; i + 1 < done.size() && cut.begin(i + 1) < at(990ms); ++i) {
        EXPECT_NEAR(done[i], 180, 16) << i;
    }
    EXPECT_TRUE(std::isnan(done.back())) << "the run has not come there";
    EXPECT_NEAR(lineOf(plot, "unknown").values[0], 20, 8);
}

TEST(Plot, WaitingCountsWhatIsUnderWayAndInLine)
{
    HandMade run;
    const auto begun = run.request(10ms, {c1, 1});
    const auto note = run.text(20ms, Kind::Note, "waits", c1, {}, trace::waitsInLine);
    run.reply(150ms, {c1, 1}, begun);
    const auto second = run.request(150ms, {c1, 2}, note);
    run.reply(300ms, {c1, 2}, second);
    const auto cut = Cut{26, 0, 5}; // 67 ms
    const auto plot = plotOf(run.meter(), Chart::Waiting, cut);
    EXPECT_THAT(lineOf(plot, "under way").values, testing::ElementsAre(2, 2, 1, 1, 0));
    EXPECT_THAT(lineOf(plot, "in line").values, testing::ElementsAre(1, 1, 0, 0, 0));
}

/// A ring that has run for a while under load.
const Meter& ringMeter()
{
    static const auto meter = [] {
        sim::Settings settings;
        settings.clients = 2;
        sim::World world(test::ringProtocol(), test::ringSetup(), settings);
        const auto trace = std::make_shared<trace::Trace>(world.about());
        sim::Load load{world.clients(), {test::ringRequest(test::Add{1})}, 10ms, {}};
        EXPECT_TRUE(world.apply(load, "load", trace.get()));
        world.advanceTo(at(20s), trace.get());
        Meter made(trace);
        made.grow(EventId(trace->size()));
        return made;
    }();
    return meter;
}

/// How many events of that kind begin in the window, by hand.
template <class Wanted>
double counted(const Meter& meter, Instant from, Instant to, Wanted wanted)
{
    double count = 0;
    trace::forEach(*meter.trace(), EventId(1), meter.size(), [&](EventId, const auto& event) {
        count += event.at >= from && event.at < to && wanted(event) ? 1 : 0;
    });
    return count;
}

TEST(Plot, TheWholeRunAndAFewMillisecondsOfItCountTheSameEvents)
{
    const auto& meter = ringMeter();
    const auto send = [](const trace::Event& event) { return event.kind == Kind::Send; };
    const auto forced = [](const trace::Event& event) { return event.kind == Kind::Write; };
    EXPECT_GT(meter.traffic().width(), 20U) << "the run has outgrown narrow buckets";
    for (const auto& [from, to] :
         {std::pair(0ns, Duration(17s)), std::pair(Duration(3s), Duration(3s + 40ms)),
          std::pair(Duration(7s), Duration(7s + 300us))}) {
        const auto cut = Cut::of({at(from), at(to)}, 64);
        const auto seconds = std::chrono::duration<double>(cut.width()).count();
        const auto messages = plotOf(meter, Chart::Messages, cut);
        double sum = 0;
        for (const auto& line : messages.lines) {
            sum += sumOf(line) * seconds;
        }
        const auto end = cut.begin(cut.count);
        ASSERT_LE(end, at(20s)) << "whole buckets";
        EXPECT_NEAR(sum, counted(meter, cut.begin(0), end, send), 1e-6 * sum);
        double writes = 0;
        for (const auto& line : plotOf(meter, Chart::Writes, cut).lines) {
            writes += sumOf(line) * seconds;
        }
        EXPECT_NEAR(writes, counted(meter, cut.begin(0), end, forced), 1e-6 * sum);
    }
}

TEST(Plot, EveryChartHasLinesOfTheCutsLength)
{
    const auto cut = Cut::of({at(0ns), at(20s)}, 100);
    for (const auto chart : {Chart::Latency, Chart::Throughput, Chart::Waiting, Chart::Messages,
                             Chart::Bytes, Chart::Work, Chart::Load, Chart::Writes}) {
        const auto plot = plotOf(ringMeter(), chart, cut);
        ASSERT_FALSE(plot.lines.empty());
        EXPECT_EQ(plot.chart, chart);
        double sum = 0;
        for (const auto& line : plot.lines) {
            EXPECT_EQ(line.values.size(), cut.count);
            sum += sumOf(line);
        }
        EXPECT_GT(sum, 0) << describe::nameOf(chart);
    }
    EXPECT_EQ(plotOf(ringMeter(), Chart::Work, cut).lines.size(), 3U) << "a line a member";
}

TEST(Shares, AreOfTheWindowAndAddUp)
{
    const auto shares = sharesIn(ringMeter(), {at(5s), at(10s)});
    ASSERT_EQ(shares.size(), 3U);
    std::uint64_t answered = 0;
    for (const auto& share : shares) {
        EXPECT_GT(share.steps, 100U);
        answered += share.answered;
    }
    const auto reply = [](const trace::Event& event) { return event.kind == Kind::Reply; };
    EXPECT_EQ(static_cast<double>(answered), counted(ringMeter(), at(5s), at(10s), reply));
    EXPECT_EQ(answered, latencyIn(ringMeter(), {at(5s), at(10s)}).count());
    EXPECT_EQ(shares[1].answered, 0U) << "the first node keeps the total";
}

} // namespace
} // namespace lightcone::measure
