#include "engine/sim/conditions.h"
#include "engine/sim/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace lightcone::sim {
namespace {

using namespace std::chrono_literals;

std::vector<Duration> draws(const LatencyModel& model)
{
    Dice dice(4);
    std::vector<Duration> drawn;
    for (int i = 0; i < 20001; ++i) {
        drawn.push_back(model.draw(dice));
    }
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

double mean(const std::vector<Duration>& durations)
{
    double sum = 0;
    for (const auto duration : durations) {
        sum += static_cast<double>(duration.count());
    }
    return sum / static_cast<double>(durations.size());
}

TEST(LatencyModel, drawsWhatItSays)
{
    EXPECT_EQ(draws(LatencyModel::constant(3ms)).back(), 3ms);
    const auto uniform = draws(LatencyModel::uniform(1ms, 5ms));
    EXPECT_GE(uniform.front(), 1ms);
    EXPECT_LE(uniform.back(), 5ms);
    EXPECT_NEAR(mean(uniform), 3e6, 0.05e6);
    const auto exponential = draws(LatencyModel::exponential(2ms));
    EXPECT_NEAR(mean(exponential), 2e6, 0.1e6);
    EXPECT_GT(exponential.back(), 12ms);
    const auto longTailed = draws(LatencyModel::longTailed(2ms, 1.2));
    EXPECT_NEAR(static_cast<double>(longTailed[10000].count()), 2e6, 0.1e6) << "the median";
    EXPECT_GT(longTailed.back(), 60ms);
}

TEST(LatencyModel, isWrittenAndRead)
{
    for (const auto* text : {"5ms", "0s", "1ms..5ms", "exp 3ms", "long 2ms 1.2", "150us"}) {
        const auto read = parseLatency(text);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(toText(*read), std::string(text) == "0s" ? toText(LatencyModel{}) : text);
        EXPECT_EQ(parseLatency(toText(*read)).value(), *read);
    }
    EXPECT_EQ(parseLatency(" 1ms .. 5ms ").value(), LatencyModel::uniform(1ms, 5ms));
    EXPECT_EQ(parseLatency("long 2ms").value(), LatencyModel::longTailed(2ms, 1));
    for (const auto* text : {"", "5", "5ms..1ms", "-1ms", "exp", "exp x", "long 2ms x", "1ms..",
                             "long 2ms 9", "long 2ms -1", "25h", "1ms..5ms..9ms", "long 2ms nan"}) {
        EXPECT_FALSE(parseLatency(text)) << text;
    }
}

TEST(Settings, eachIsSetByItsNameAndWrittenBack)
{
    Settings settings;
    const std::vector<std::pair<std::string, std::string>> texts{
        {"seed", "18446744073709551615"},
        {"clients", "7"},
        {"latency", "exp 3ms"},
        {"loss", "20%"},
        {"duplicate", "0.125"},
        {"reorder", "1"},
        {"reorderBy", "3ms"},
        {"sync", "long 1ms 0.5"},
        {"flush", "9ms"},
        {"clientTimeout", "40ms"},
        {"clientBackOff", "2ms"},
        {"clientPatience", "3s"},
        {"retryRefused", "true"},
    };
    ASSERT_EQ(texts.size(), settingCards().size());
    for (const auto& [name, text] : texts) {
        EXPECT_TRUE(isSetting(name));
        const auto done = assign(settings, name, text);
        ASSERT_TRUE(done) << done.error().message;
        Settings other;
        ASSERT_TRUE(assign(other, name, settingText(settings, name)));
        EXPECT_EQ(settingText(other, name), settingText(settings, name));
        EXPECT_NE(other, Settings{}) << name;
    }
    EXPECT_EQ(settings.link().loss, 0.2);
    EXPECT_EQ(settings.client().timeout, 40ms);
    EXPECT_TRUE(settings.client().retryRefused);
}

TEST(Settings, errorsSayWhatWasExpected)
{
    Settings settings;
    const auto error = [&](std::string_view name, std::string_view text) {
        return assign(settings, name, text).error().message;
    };
    EXPECT_EQ(error("loss", "120%"),
              "loss: expected a chance from 0 to 1 or from 0% to 100%, found '120%'");
    EXPECT_EQ(error("loss", "nan"),
              "loss: expected a chance from 0 to 1 or from 0% to 100%, found 'nan'");
    EXPECT_EQ(error("clients", "0"), "clients: expected a whole number from 1 to 1000, found '0'");
    EXPECT_EQ(error("latency", "fast"),
              "latency: expected a latency such as 5ms, 1ms..5ms, 'exp 3ms' or 'long 2ms 1.2', "
              "found 'fast'");
    EXPECT_EQ(error("retryRefused", "maybe"),
              "retryRefused: expected true or false, found 'maybe'");
    EXPECT_TRUE(error("lattency", "1ms")
                    .starts_with("there is no setting 'lattency': expected one "
                                 "of seed, clients, latency"));
    EXPECT_EQ(settings, Settings{});
}

TEST(Chance, isWrittenWithoutLosingAnything)
{
    for (const double chance : {0.0, 1.0, 0.2, 0.25, 0.07, 1.0 / 3, 0.123456789012345}) {
        EXPECT_EQ(parseChance(chanceText(chance)).value(), chance) << chanceText(chance);
    }
    EXPECT_EQ(chanceText(0.2), "20%");
}

TEST(LinkChange, changesOnlyWhatItGives)
{
    LinkChange first;
    first.loss = 0.5;
    first.latency = LatencyModel::constant(9ms);
    LinkChange second;
    second.loss = 0.25;
    const auto both = second.over(first);
    EXPECT_EQ(both.loss, 0.25);
    EXPECT_EQ(both.latency, LatencyModel::constant(9ms));
    EXPECT_EQ(difference(both.appliedTo({}), {}), "latency 9ms, loss 25%");
    EXPECT_EQ(difference({}, {}), "");
}

TEST(Clock, runsAtItsOwnRate)
{
    Clock clock;
    EXPECT_EQ(clock.local(Instant(5s)), Instant(5s));
    clock.set(Instant(10s), {-2s, 1.5});
    EXPECT_EQ(clock.local(Instant(10s)), Instant(8s));
    EXPECT_EQ(clock.local(Instant(20s)), Instant(23s));
    EXPECT_EQ(clock.condition(Instant(20s)).offset, 3s);
    EXPECT_EQ(clock.real(3s), 2s);
}

} // namespace
} // namespace lightcone::sim
