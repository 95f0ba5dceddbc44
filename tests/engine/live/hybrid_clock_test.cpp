#include "engine/live/hybrid_clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace lightcone::live {
namespace {

TEST(HybridClock, FollowsTheWallAndCountsWhereItStands)
{
    HybridClock clock;
    EXPECT_EQ(clock.tick(100), (HybridTime{100, 0}));
    EXPECT_EQ(clock.tick(100), (HybridTime{100, 1}));
    EXPECT_EQ(clock.tick(101), (HybridTime{101, 0}));
}

TEST(HybridClock, NeverGoesBackWithTheWall)
{
    HybridClock clock;
    clock.tick(100);
    EXPECT_EQ(clock.tick(50), (HybridTime{100, 1}));
    EXPECT_EQ(clock.tick(99), (HybridTime{100, 2}));
    EXPECT_EQ(clock.tick(101), (HybridTime{101, 0}));
}

TEST(HybridClock, IsLaterThanWhatItHeardWhateverTheWallSays)
{
    HybridClock clock;
    clock.tick(100);
    EXPECT_EQ(clock.merge(101, {500, 7}), (HybridTime{500, 8}));
    EXPECT_EQ(clock.merge(600, {500, 20}), (HybridTime{600, 0}));
    EXPECT_EQ(clock.merge(600, {600, 0}), (HybridTime{600, 1}));
    EXPECT_EQ(clock.merge(600, {400, 9}), (HybridTime{600, 2}));
}

TEST(HybridClock, DoesNotBelieveInTheFarFuture)
{
    HybridClock clock;
    constexpr auto end = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(clock.merge(100, {end, 7}), (HybridTime{100, 0}));
    EXPECT_EQ(clock.merge(100, {100 + HybridClock::mostAhead + 1, 0}), (HybridTime{100, 1}));
    EXPECT_EQ(clock.merge(100, {100 + HybridClock::mostAhead, 0}),
              (HybridTime{100 + HybridClock::mostAhead, 1}));
}

TEST(HybridClock, ACounterThatIsFullMovesTheTime)
{
    HybridClock clock;
    const auto full = std::numeric_limits<std::uint32_t>::max();
    EXPECT_EQ(clock.merge(1, {500, full}), (HybridTime{501, 0}));
}

} // namespace
} // namespace lightcone::live
