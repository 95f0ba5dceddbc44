#include "engine/session/plan.h"
#include "engine/session/recording.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// A script in its scenario: the README's example runs, and an error is shown at the very word, in
// whichever line of the scenario it stands.
namespace lightcone::protocols::saga {
namespace {

using session::Setting;

std::string errorOf(const std::string& text, const std::vector<Setting>& overrides = {})
{
    auto scenario = session::parseScenario(text, "trip.scenario");
    if (!scenario) {
        return scenario.error().text();
    }
    const auto plan = session::prepare(std::move(*scenario), overrides);
    return plan ? std::string() : plan.error().text();
}

TEST(SagaReadme, ItsExampleRuns)
{
    std::ifstream in(LIGHTCONE_SOURCE_DIR "/engine/protocols/saga/README.md");
    std::ostringstream whole;
    whole << in.rdbuf();
    const auto text = whole.str();
    const auto begin = text.find("```\n") + 4;
    const auto plan = session::prepare(
        *session::parseScenario(text.substr(begin, text.find("```", begin) - begin), "README.md"));
    ASSERT_TRUE(plan) << plan.error().text();
    const auto recording = session::recordScenario(*plan);
    ASSERT_TRUE(recording) << recording.error().text();
    for (const auto& failure : recording->run->failures()) {
        ADD_FAILURE() << failure.text;
    }
    EXPECT_GT(recording->trace->size(), 50U);
}

TEST(SagaPlacement, AnErrorInAScriptOfSeveralLinesIsShownInItsLine)
{
    EXPECT_EQ(errorOf("# A trip\n"
                      "cluster saga seed=1\n"
                      "  script=\"\n"
                      "    service cards balance=100\n"
                      "    saga trip\n"
                      "      step pay on card: take balance 1 pivot\"\n"),
              "trip.scenario:6:19: script: expected one of the services: cards, found 'card'");
}

TEST(SagaPlacement, EscapesAndLettersOfSeveralBytesDoNotShiftIt)
{
    EXPECT_EQ(errorOf("cluster saga script=\"service a x=1 saga s\\x20step\\tt on b: nothing\"\n"),
              "trip.scenario:1:57: script: expected one of the services: a, found 'b'");
    EXPECT_EQ(errorOf("cluster saga script=\"service é\"\n"),
              "trip.scenario:1:30: script: expected a word, a number or one of : , ; = + - ( ) < "
              ">, found 'é'");
}

TEST(SagaPlacement, AnErrorAboutAnotherParameterIsShownAtItsValue)
{
    EXPECT_EQ(errorOf("cluster saga seed=1\n  timeout=50ms retries=999\n"),
              "trip.scenario:2:24: retries: expected a number from 0 to 100, found 999");
}

TEST(SagaPlacement, AnErrorInAnOverrideSaysTheColumn)
{
    EXPECT_EQ(errorOf("cluster saga\n", {{"script", "service a saga s stp", {0, 0}, {0, 0}, {}}}),
              "script: expected a step, such as: step pay on cards: take balance 10, found 'stp' "
              "(column 18)");
}

} // namespace
} // namespace lightcone::protocols::saga
