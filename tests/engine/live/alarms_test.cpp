#include "engine/live/alarms.h"

#include <gtest/gtest.h>

#include <chrono>

namespace lightcone::live {
namespace {

using namespace std::chrono_literals;

TEST(Alarms, RunOutInTheOrderInWhichTheyAreDue)
{
    Alarms alarms;
    alarms.arm({1, 0}, Instant(30ms));
    alarms.arm({2, 0}, Instant(10ms));
    alarms.arm({1, 7}, Instant(20ms));
    EXPECT_EQ(alarms.due(), Instant(10ms));
    EXPECT_FALSE(alarms.take(Instant(9ms)));
    EXPECT_EQ(alarms.take(Instant(25ms)), (node::TimerId{2, 0}));
    EXPECT_EQ(alarms.take(Instant(25ms)), (node::TimerId{1, 7}));
    EXPECT_FALSE(alarms.take(Instant(25ms)));
    EXPECT_EQ(alarms.take(Instant(30ms)), (node::TimerId{1, 0}));
    EXPECT_FALSE(alarms.due());
}

TEST(Alarms, ArmingAnArmedOneMovesItAndDisarmingTakesItAway)
{
    Alarms alarms;
    alarms.arm({1, 0}, Instant(10ms));
    alarms.arm({1, 0}, Instant(50ms));
    EXPECT_FALSE(alarms.take(Instant(10ms)));
    alarms.disarm({1, 0});
    alarms.disarm({1, 0});
    EXPECT_FALSE(alarms.take(Instant(1h)));
}

TEST(Alarms, AClockThatRunsFasterBringsThemEarlier)
{
    Alarms alarms;
    alarms.arm({1, 0}, Instant(100ms));
    alarms.rescale(Instant(20ms), 0.5);
    EXPECT_EQ(alarms.due(), Instant(60ms));
    EXPECT_EQ(alarms.left(Instant(50ms)).front().left, Duration(10ms));
}

TEST(SkewedClock, IsSetAndRunsAtItsOwnRate)
{
    SkewedClock clock;
    EXPECT_EQ(clock.local(Instant(5s)), Instant(5s));
    clock.set(Instant(5s), 2s, std::nullopt);
    EXPECT_EQ(clock.local(Instant(6s)), Instant(8s));
    clock.set(Instant(10s), std::nullopt, 2.0);
    EXPECT_EQ(clock.local(Instant(10s)), Instant(12s));
    EXPECT_EQ(clock.local(Instant(11s)), Instant(14s));
    EXPECT_EQ(clock.real(100ms), Duration(50ms));
    EXPECT_EQ(clock.passed(50ms), Duration(100ms));
    clock.set(Instant(12s), -1s, 1.0);
    EXPECT_EQ(clock.local(Instant(13s)), Instant(12s));
}

} // namespace
} // namespace lightcone::live
