#include "engine/core/dice.h"
#include "engine/protocols/saga/plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lightcone::protocols::saga {
namespace {

using namespace std::chrono_literals;

/// "column: message", or empty where the script is one.
std::string wrong(const std::string& text)
{
    const auto script = parseScript(text);
    return script ? std::string()
                  : std::to_string(script.error().column) + ": " + script.error().message;
}

/// The same of what stands behind two services.
std::string wrongStep(const std::string& step)
{
    const std::string head = "service a x=1 service b saga s(p) ";
    auto message = wrong(head + step);
    const auto colon = message.find(':');
    return colon == std::string::npos
        ? message
        : std::to_string(std::stoul(message) - head.size()) + message.substr(colon);
}

TEST(SagaScript, ReadsWhatTheReadmeTeaches)
{
    const auto script = parseScript(R"(
        service flights seats=5
        service cards balance=500 debt=-3
        saga trip(price=120, card = balance, tip)
          step look on cards: read balance as seen
          step seat on flights: take seats 1 undo add seats 1 fails 1 2
               timeout 50ms retries 3 backoff 10ms to 1s;
          step pay on cards: need seen - 20 >= price, take card price + tip pivot declines 20%
          step thank on flights: nothing retriable fails always
        saga empty step rest on cards: nothing)");
    ASSERT_TRUE(script) << script.error().text();
    ASSERT_EQ(script->services.size(), 2U);
    EXPECT_EQ(script->services[1].data.at("debt"), -3);
    ASSERT_EQ(script->sagas.size(), 2U);
    const auto& trip = script->sagas[0];
    EXPECT_EQ(trip.pointOfNoReturn, 3U);
    ASSERT_EQ(trip.parameters.size(), 3U);
    EXPECT_EQ(trip.parameters[0].use, ParameterPlan::Use::Number);
    EXPECT_EQ(trip.parameters[1].use, ParameterPlan::Use::Key);
    EXPECT_EQ(trip.parameters[0].byDefault, "120");
    EXPECT_EQ(trip.parameters[2].byDefault, std::nullopt);
    const auto& seat = trip.steps[1];
    EXPECT_EQ(seat.kind, StepKind::Compensatable);
    EXPECT_EQ(seat.undo->fails.tries, (std::vector<std::uint32_t>{1, 2}));
    EXPECT_EQ(seat.timeout, Duration(50ms));
    EXPECT_EQ(seat.retries, 3U);
    EXPECT_EQ(seat.backOff, Duration(10ms));
    EXPECT_EQ(seat.mostBackOff, Duration(1s));
    const auto& pay = trip.steps[2];
    EXPECT_EQ(pay.kind, StepKind::Pivot);
    EXPECT_DOUBLE_EQ(pay.action.declines.chance, 0.2);
    EXPECT_EQ(pay.action.operations[0].comparison, Comparison::GreaterEqual);
    EXPECT_TRUE(pay.action.operations[1].keyIsParameter);
    EXPECT_TRUE(trip.steps[3].action.fails.always);
    EXPECT_EQ(script->sagas[1].pointOfNoReturn, 1U) << "no pivot: its last step";
}

TEST(SagaScript, SaysWhereItIsWrongAndWhatWasExpected)
{
    EXPECT_EQ(wrong(""),
              "1: script: expected a service, such as: service cards balance=100, found "
              "the end of the script");
    EXPECT_EQ(wrong("service a x=1"),
              "14: script: expected a saga, such as: saga trip step pay on "
              "a: …, found the end of the script");
    EXPECT_EQ(wrong("trip"), "1: script: expected service or saga, found 'trip'");
    EXPECT_EQ(wrong("service a x 1"), "13: script: expected '=' and a number after 'x', found '1'");
    EXPECT_EQ(wrong("service a x=1 x=2"), "15: script: 'x' is given twice");
    EXPECT_EQ(wrong("service a service a"), "19: script: there are two services called 'a'");
    EXPECT_EQ(wrong("service n1"),
              "9: script: expected a service's name, found 'n1', which is a node's");
    EXPECT_EQ(wrong("service step"), "9: script: expected a service's name, found 'step'");
    EXPECT_EQ(wrong("service a x=1 $"),
              "15: script: expected a word, a number or one of : , ; = + - ( ) < >, found '$'");
    EXPECT_EQ(wrongStep(""),
              "1: script: expected a step, such as: step pay on cards: take balance "
              "10, found the end of the script");
    EXPECT_EQ(wrongStep("step t a: add x 1"), "8: script: expected 'on' and a service, found 'a'");
    EXPECT_EQ(wrongStep("step t on c: add x 1"),
              "11: script: expected one of the services: a, b, found 'c'");
    EXPECT_EQ(wrongStep("step t on a add x 1"),
              "13: script: expected ':' and what the step does, found 'add'");
    EXPECT_EQ(wrongStep("step t on a: ad x 1"),
              "14: script: expected add, take, set, read, need or nothing, found 'ad'");
    EXPECT_EQ(wrongStep("step t on a: add y 1"),
              "18: script: a has no number 'y': expected one of x");
    EXPECT_EQ(wrongStep("step t on b: add y 1"), "18: script: b has no number 'y': it owns none");
    EXPECT_EQ(wrongStep("step t on a: add x"),
              "19: script: expected a number, a parameter or a value that was read, found the end "
              "of the script");
    EXPECT_EQ(wrongStep("step t on a: add x q"),
              "20: script: 'q' is no parameter of 's', was not read before, and a has no such "
              "number: expected one of x");
    EXPECT_EQ(wrongStep("step t on a: need x 1"),
              "21: script: expected a comparison: < <= > >= == !=, found '1'");
    EXPECT_EQ(wrongStep("step t on a: add x 1 timeout 50"),
              "30: script: expected a duration from 1us to a day, such as 50ms, found '50'");
    EXPECT_EQ(wrongStep("step t on a: add x 1 retries 101"),
              "30: script: expected a number of retries from 0 to 100, found '101'");
    EXPECT_EQ(wrongStep("step t on a: add x 1 fails 120%"),
              "28: script: expected always, a chance such as 20%, or numbers of tries such as 1 2, "
              "found '120%'");
    EXPECT_EQ(wrongStep("step t on a: add x 1 pivot pivot"), "28: script: 'pivot' is given twice");
    EXPECT_EQ(wrongStep("step t on a: add p 1, add x p pivot"),
              "29: script: 'p' is used as a number and as the name of one");
}

TEST(SagaScript, KnowsWhatKindOfStepMayStandWhere)
{
    const std::string at = "6: script: step 't' ";
    EXPECT_EQ(wrongStep("step t on a: add x 1"),
              at + "changes numbers: expected undo, pivot or retriable");
    EXPECT_EQ(wrongStep("step t on a: add x 1 pivot undo add x 1"),
              at + "is never undone, as it is the pivot: expected no undo");
    EXPECT_EQ(wrongStep("step t on a: take x 1 retriable"),
              at
                  + "is retriable, so it must succeed in the end: expected no take, need or "
                    "declines");
    EXPECT_NE(wrongStep("step r on a: add x 1 retriable step t on a: add x 1 pivot")
                  .find("'t' is a pivot after the pivot or a retriable step"),
              std::string::npos);
    EXPECT_NE(wrongStep("step r on a: add x 1 pivot step t on a: add x 1 undo add x 1")
                  .find("'t' follows the pivot or a retriable step: expected retriable"),
              std::string::npos);
    EXPECT_NE(wrongStep("step t on a: add x 1 undo add x 1 declines 1")
                  .find("a compensation cannot decline: expected fails"),
              std::string::npos);
    EXPECT_EQ(wrongStep("step t on a: read x"), "") << "what only reads needs no compensation";
    EXPECT_NE(wrong("service a x=1 saga s(p=one) step t on a: add x p pivot")
                  .find("expected a number for 'p', which is used as one, found 'one'"),
              std::string::npos);
}

TEST(SagaScript, IsBounded)
{
    EXPECT_NE(wrong(std::string(longestScript + 1, ' ')).find("expected at most 65536 bytes"),
              std::string::npos);
    std::string services;
    for (std::size_t i = 0; i <= mostServices; ++i) {
        services += "service s" + std::to_string(i) + " ";
    }
    EXPECT_NE(wrong(services).find("expected at most 32 services"), std::string::npos);
    EXPECT_NE(wrong("service a x=1000000000000001").find("up to 1000000000000000"),
              std::string::npos);
}

TEST(SagaScript, AnyBytesAreFineToTry)
{
    const std::vector<std::string> words{
        "service", "saga",    "step",      "on",    "a",    "b",   "x",
        "undo",    "pivot",   "retriable", "fails", "1",    "20%", ":",
        "add",     "take",    "set",       "read",  "need", "=",   "(",
        ")",       ",",       "-",         "+",     "50ms", ">=",  "as",
        "p",       "nothing", "timeout",   ";",     "\x80", "\n",  "99999999999999999999",
        "to",      "always",  "declines"};
    std::size_t understood = 0;
    for (std::uint64_t seed = 0; seed < 30'000; ++seed) {
        Dice dice(seed);
        std::string text =
            dice.chance(0.7) ? "service a x=1 service b x=2 saga s(p) step t on a: " : "";
        for (auto left = dice.below(30); left > 0; --left) {
            text += words[dice.below(words.size())] + (dice.chance(0.9) ? " " : "");
        }
        const auto script = parseScript(text);
        understood += script ? 1 : 0;
        if (!script) {
            EXPECT_GE(script.error().column, 1U) << text;
            EXPECT_LE(script.error().column, text.size() + 1) << text;
            EXPECT_EQ(script.error().message.find("script: "), 0U) << text;
        }
    }
    EXPECT_GT(understood, 10U);
}

TEST(SagaPlan, NumbersSagasApartWhereverTheyBegin)
{
    Parameters parameters;
    parameters.mode = Mode::Choreographed;
    parameters.script = "service a x=1 service b x=1 saga s step t on b: add x 1 pivot "
                        "saga u step t on a: add x 1 pivot saga v step t on b: add x 1 pivot";
    const Plan plan(parameters);
    ASSERT_EQ(plan.origins, (std::vector{NodeId(2), NodeId(1)}));
    EXPECT_EQ(plan.numberAfter(0, NodeId(2)), 1U);
    EXPECT_EQ(plan.numberAfter(1, NodeId(2)), 3U);
    EXPECT_EQ(plan.numberAfter(0, NodeId(1)), 2U);
    EXPECT_EQ(plan.originOf(SagaId(5)), NodeId(2));
    EXPECT_EQ(plan.originOf(SagaId(6)), NodeId(1));
}

TEST(SagaParameters, SayWhichOfThemIsOutOfItsRange)
{
    const auto message = [](auto change) {
        Parameters parameters;
        change(parameters);
        const auto result = validate(parameters);
        return result ? std::string() : result.error().message;
    };
    EXPECT_EQ(message([](auto&) {}), "");
    EXPECT_EQ(message([](auto& each) { each.timeout = Duration(0); }),
              "timeout: expected a duration from 1 µs to a day, found 0 s");
    EXPECT_EQ(message([](auto& each) { each.mostBackOff = 1ms; }),
              "mostBackOff: expected a duration from 20 ms to a day, found 1 ms");
    EXPECT_EQ(message([](auto& each) { each.retries = 101; }),
              "retries: expected a number from 0 to 100, found 101");
    EXPECT_NE(message([](auto& each) { each.versionFile = each.reread = true; }), "");
    EXPECT_NE(message([](auto& each) { each.script = "nonsense"; }).find("script: "),
              std::string::npos);
}

} // namespace
} // namespace lightcone::protocols::saga
