#include "engine/core/dice.h"
#include "engine/core/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace lightcone {
namespace {

using namespace std::chrono_literals;

constexpr Duration longest(std::numeric_limits<std::int64_t>::max());
constexpr Duration shortest(std::numeric_limits<std::int64_t>::min());

TEST(Duration, IsShownAtAGlance)
{
    EXPECT_EQ(toText(0ns), "0 s");
    EXPECT_EQ(toText(7ns), "7 ns");
    EXPECT_EQ(toText(999ns), "999 ns");
    EXPECT_EQ(toText(1us), "1 µs");
    EXPECT_EQ(toText(1'500ns), "1.5 µs");
    EXPECT_EQ(toText(20us), "20 µs");
    EXPECT_EQ(toText(412ms), "412 ms");
    EXPECT_EQ(toText(437'020us), "437.02 ms");
    EXPECT_EQ(toText(437'020'499ns), "437.02 ms");
    EXPECT_EQ(toText(437'020'500ns), "437.021 ms");
    EXPECT_EQ(toText(1'500ms), "1.5 s");
    EXPECT_EQ(toText(90min), "5400 s");
    EXPECT_EQ(toText(-1'500us), "-1.5 ms");
    EXPECT_EQ(toText(Instant(412ms)), "412 ms");
}

TEST(Duration, RoundsUpIntoTheNextUnit)
{
    EXPECT_EQ(toText(999'999'999ns), "1 s");
    EXPECT_EQ(toText(999'999ns), "1 ms");
    EXPECT_EQ(toText(999'499ns), "999.499 µs");
}

TEST(Duration, IsExactInAScenario)
{
    EXPECT_EQ(toScenarioText(0ns), "0s");
    EXPECT_EQ(toScenarioText(412ms), "412ms");
    EXPECT_EQ(toScenarioText(437'020us), "437.02ms");
    EXPECT_EQ(toScenarioText(437'020'499ns), "437.020499ms");
    EXPECT_EQ(toScenarioText(1'500ms), "1.5s");
    EXPECT_EQ(toScenarioText(-7ns), "-7ns");
    EXPECT_EQ(toScenarioText(longest), "9223372036.854775807s");
    EXPECT_EQ(toScenarioText(shortest), "-9223372036.854775808s");
}

TEST(Duration, ReadsWhatPeopleWrite)
{
    EXPECT_EQ(parseDuration("20ms").value(), 20ms);
    EXPECT_EQ(parseDuration("1.5 s").value(), 1'500ms);
    EXPECT_EQ(parseDuration("300us").value(), 300us);
    EXPECT_EQ(parseDuration("300µs").value(), 300us);
    EXPECT_EQ(parseDuration("7ns").value(), 7ns);
    EXPECT_EQ(parseDuration("2m").value(), 2min);
    EXPECT_EQ(parseDuration("2min").value(), 2min);
    EXPECT_EQ(parseDuration("0.25min").value(), 15s);
    EXPECT_EQ(parseDuration(".5s").value(), 500ms);
    EXPECT_EQ(parseDuration("5.s").value(), 5s);
    EXPECT_EQ(parseDuration("-20ms").value(), -20ms);
    EXPECT_EQ(parseDuration("+20ms").value(), 20ms);
    EXPECT_EQ(parseDuration("0.0000000019s").value(), 1ns) << "what is finer is dropped";
    EXPECT_EQ(parseDuration("0.1s").value(), 100ms) << "in integers: no binary fraction is near";
}

TEST(Duration, RefusesTheRestWithOneSentence)
{
    for (const std::string text : {"", " ", "20", "ms", "20 parsecs", "1.2.3s", ".s", "-s", "--1s",
                                   "1,5s", "20ms ", "1e3s", "0x1s", "\xff"}) {
        const auto read = parseDuration(text);
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().text(),
                  "expected a duration such as 20ms, 1.5s or 300us, found '" + text + "'");
    }
}

TEST(Duration, RefusesWhatDoesNotFit)
{
    EXPECT_EQ(parseDuration("9223372036.854775807s").value(), longest);
    EXPECT_EQ(parseDuration("-9223372036.854775808s").value(), shortest);
    for (const auto* text :
         {"9223372036.854775808s", "-9223372036.854775809s", "9223372037s", "99999999999999999999s",
          "18446744073709551615ns", "18446744073.709551615s", "153722868m"}) {
        const auto read = parseDuration(text);
        ASSERT_FALSE(read) << text;
        EXPECT_NE(read.error().message.find("too long"), std::string::npos);
    }
}

TEST(Duration, ReadsBackWhatAScenarioSays)
{
    Dice dice(42);
    for (int i = 0; i < 20'000; ++i) {
        const Duration duration(static_cast<std::int64_t>(dice.next() >> dice.below(64))
                                * (dice.chance(0.5) ? 1 : -1));
        ASSERT_EQ(parseDuration(toScenarioText(duration)).value(), duration)
            << toScenarioText(duration);
    }
}

} // namespace
} // namespace lightcone
