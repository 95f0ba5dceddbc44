#include "engine/core/dice.h"
#include "engine/core/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lightcone {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(Histogram, OfNothingSaysNothing)
{
    const Histogram none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.quantile(0.5), Duration::zero());
    EXPECT_EQ(none.mean(), Duration::zero());
    EXPECT_TRUE(none.buckets().empty());
}

TEST(Histogram, SmallNumbersAreExact)
{
    Histogram seen;
    for (int i = 0; i < 256; ++i) {
        seen.record(Duration(i));
    }
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(seen.quantile((i + 1) / 256.0), Duration(i));
    }
    EXPECT_EQ(seen.mean(), Duration(127));
}

TEST(Histogram, OneValueIsEveryQuantile)
{
    Histogram seen;
    seen.record(milliseconds(137), 5);
    EXPECT_EQ(seen.count(), 5U);
    for (const auto share : {0.0, 0.5, 0.999, 1.0}) {
        EXPECT_EQ(seen.quantile(share), milliseconds(137));
    }
    EXPECT_EQ(seen.mean(), milliseconds(137));
}

TEST(Histogram, TheEndsAreThere)
{
    Histogram seen;
    seen.record(Duration(-5));
    seen.record(Duration::max());
    EXPECT_EQ(seen.least(), Duration::zero());
    EXPECT_EQ(seen.quantile(0), Duration::zero());
    EXPECT_EQ(seen.quantile(1), Duration::max());
    EXPECT_EQ(seen.buckets().size(), 2U);
}

/// Against sorting: never too low, never more than 1/128 too high.
TEST(Histogram, QuantilesAreAsNearAsPromised)
{
    Dice dice(7);
    for (int round = 0; round < 50; ++round) {
        Histogram seen;
        std::vector<Duration> all;
        const auto count = 1 + dice.below(3000);
        for (std::uint64_t i = 0; i < count; ++i) {
            all.push_back(dice.logNormal(microseconds(1 + dice.below(100'000)), 2.0));
            seen.record(all.back());
        }
        std::sort(all.begin(), all.end());
        for (const auto share : {0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            const auto rank = std::max<double>(1, std::ceil(share * static_cast<double>(count)));
            const auto exact = all[static_cast<std::size_t>(rank) - 1];
            const auto told = seen.quantile(share);
            EXPECT_GE(told, exact);
            EXPECT_LE(told, exact + exact / 128 + Duration(1));
        }
        EXPECT_EQ(seen.least(), all.front());
        EXPECT_EQ(seen.most(), all.back());
    }
}

TEST(Histogram, MergingIsAsIfOneHadSeenAll)
{
    Dice dice(3);
    Histogram one;
    Histogram other;
    Histogram both;
    for (int i = 0; i < 1000; ++i) {
        const auto value = dice.exponential(milliseconds(3));
        (i % 3 == 0 ? one : other).record(value);
        both.record(value);
    }
    one.merge(other);
    one.merge(Histogram());
    EXPECT_EQ(one.buckets(), both.buckets());
    EXPECT_EQ(one.count(), 1000U);
    EXPECT_EQ(one.least(), both.least());
    EXPECT_EQ(one.most(), both.most());
    EXPECT_NEAR(static_cast<double>(one.mean().count()), static_cast<double>(both.mean().count()),
                2.0);
    Histogram empty;
    empty.merge(both);
    EXPECT_EQ(empty.least(), both.least());
}

TEST(Histogram, BucketsHoldAllThatWasRecorded)
{
    Dice dice(11);
    Histogram seen;
    for (int i = 0; i < 5000; ++i) {
        seen.record(Duration(static_cast<std::int64_t>(dice.next() >> (1 + dice.below(62)))));
    }
    std::uint64_t sum = 0;
    auto before = Duration(-1);
    for (const auto& bucket : seen.buckets()) {
        EXPECT_GT(bucket.upTo, before);
        before = bucket.upTo;
        sum += bucket.count;
    }
    EXPECT_EQ(sum, 5000U);
}

} // namespace
} // namespace lightcone
