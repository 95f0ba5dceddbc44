#include "engine/session/live_clock.h"

#include <gtest/gtest.h>

namespace lightcone::session {
namespace {

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

} // namespace
} // namespace lightcone::session
