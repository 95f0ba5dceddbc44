#include "engine/session/live_clock.h"

#include <gtest/gtest.h>

namespace lightcone::session {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

const NodeId n1(1);
constexpr std::int64_t begun = 1'700'000'000'000'000'000;

live::HybridTime after(Duration time)
{
    return {begun + time.count(), 0};
}

// A node says what time it is before anything that it remembers has been put in order.
TEST(LiveClock, TheRunBeginsWithWhatTheNodesRemember)
{
    LiveClock clock;
    clock.beat(n1, after(seconds(120)), milliseconds(1));
    EXPECT_EQ(clock.at(after(seconds(0)), milliseconds(2), true), Instant(seconds(0)));
    EXPECT_EQ(clock.at(after(seconds(60)), milliseconds(3), true), Instant(seconds(60)));
    clock.beat(n1, after(seconds(120) + milliseconds(50)), milliseconds(51));
    EXPECT_EQ(clock.now(milliseconds(51)), Instant(seconds(120) + milliseconds(50)));
    EXPECT_EQ(clock.at(after(seconds(120) + milliseconds(60)), milliseconds(61), false),
              Instant(seconds(120) + milliseconds(60)));
}

TEST(LiveClock, WhatANodeTellsIsNotFarFromWhenItCame)
{
    LiveClock clock;
    clock.at(after(seconds(0)), milliseconds(0), true);
    clock.beat(n1, after(seconds(1)), milliseconds(0));
    EXPECT_EQ(clock.at(after(seconds(3600)), milliseconds(100), false),
              Instant(seconds(1) + milliseconds(120)))
        << "somebody has set its clock";
}

/// Beats, ten a second from `from` on, of a clock so far ahead that were so long under way.
void beats(ClockOffset& offset, Duration from, Duration length, Duration ahead, Duration way)
{
    for (auto at = from; at < from + length; at += 100ms) {
        const auto ours = (24h + at).count();
        offset.beat(ours + (ahead - way).count(), ours);
    }
}

TEST(ClockOffset, OfManyBeatsTheOneThatTravelledShortestCounts)
{
    ClockOffset offset;
    beats(offset, 0s, 1s, 40ms, 30ms);
    EXPECT_EQ(offset.offset(), 10ms);
    beats(offset, 1s, 100ms, 40ms, 0ms);
    EXPECT_EQ(offset.offset(), 40ms);
    beats(offset, 2s, 5s, 40ms, 30ms);
    EXPECT_EQ(offset.offset(), 40ms);
}

TEST(ClockOffset, AnExplorerThatHearsLateForAWhileDoesNotSeeAClockThatIsBehind)
{
    ClockOffset offset;
    beats(offset, 0s, 1s, 0ms, 1ms);
    beats(offset, 1s, 8s, 0ms, 70ms);
    EXPECT_EQ(offset.offset(), 0ms);
}

TEST(ClockOffset, AClockThatWasSetIsSeen)
{
    ClockOffset offset;
    beats(offset, 0s, 5s, 0ms, 1ms);
    beats(offset, 5s, 200ms, 2s, 1ms);
    EXPECT_EQ(offset.offset(), 1999ms) << "forward at once";
    beats(offset, 6s, 12s, -3s, 1ms);
    EXPECT_EQ(offset.offset(), -3001ms) << "back when nothing of the last ten seconds says more";
}

TEST(ClockOffset, OurOwnClockThatWasSetBackDoesNotHideTheOthers)
{
    ClockOffset offset;
    beats(offset, 1h, 5s, 0ms, 1ms);
    beats(offset, 0s, 1s, 1h, 1ms); // theirs goes on, ours is an hour earlier
    EXPECT_EQ(offset.offset(), 1h - 1ms);
    beats(offset, 1s, 12s, 20ms, 0ms);
    EXPECT_EQ(offset.offset(), 20ms);
}

} // namespace
} // namespace lightcone::session
