#include "engine/core/zipf.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace lightcone {
namespace {

TEST(ZipfTest, FollowsItsLaw)
{
    for (const auto skew : {0.0, 0.5, 0.99, 1.0, 1.5}) {
        constexpr std::uint64_t keys = 100;
        constexpr int draws = 200'000;
        const Zipf zipf(keys, skew);
        Dice dice(5);
        std::vector<int> seen(keys);
        for (int i = 0; i < draws; ++i) {
            const auto key = zipf.next(dice);
            ASSERT_LT(key, keys);
            ++seen[key];
        }
        double sum = 0;
        for (std::uint64_t k = 1; k <= keys; ++k) {
            sum += std::pow(static_cast<double>(k), -skew);
        }
        for (const std::uint64_t k : {1, 2, 10, 50, 100}) {
            const auto expected = draws * std::pow(static_cast<double>(k), -skew) / sum;
            // Five standard deviations of a count.
            EXPECT_NEAR(seen[k - 1], expected, 5 * std::sqrt(expected)) << skew << " " << k;
        }
    }
}

TEST(ZipfTest, IsTheSameOnEveryMachine)
{
    const Zipf zipf(1'000'000'000, 0.99);
    Dice dice(7);
    std::vector<std::uint64_t> first;
    for (int i = 0; i < 6; ++i) {
        first.push_back(zipf.next(dice));
    }
    EXPECT_EQ(first, (std::vector<std::uint64_t>{532, 4085005, 22, 0, 0, 10}));
}

TEST(ZipfTest, OneKeyIsAlwaysTheFirst)
{
    Dice dice(1);
    for (const auto skew : {0.0, 1.0, 10.0}) {
        EXPECT_EQ(Zipf(1, skew).next(dice), 0U);
    }
}

} // namespace
} // namespace lightcone
