#include "engine/session/runner.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/ring_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lightcone::session {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> failuresOf(const std::string& text)
{
    const auto done = performed(ringPlan(text));
    std::vector<std::string> all;
    for (const auto& failure : done.run->failures()) {
        all.push_back(std::to_string(failure.line) + ": " + failure.text);
    }
    return all;
}

using Texts = std::vector<std::string>;

TEST(Plan, SaysWhatWordsMeanNothingAndWhere)
{
    const auto error = [](const std::string& line) {
        const auto plan = tryPlan(line.starts_with("cluster") ? line : "cluster ring\n" + line);
        return plan ? std::string("fine") : plan.error().text();
    };
    EXPECT_EQ(error("cluster rng"),
              "test.scenario:1:9: 'rng' is no protocol: did you mean 'ring'?");
    EXPECT_EQ(error("cluster ring node=3"),
              "test.scenario:1:14: 'node' is no setting of ring: did you mean 'nodes'?");
    EXPECT_EQ(error("cluster ring nodes=1"), "test.scenario:1:20: nodes: expected at least 2");
    EXPECT_EQ(error("crash n9"), "test.scenario:2:7: 'n9' is nobody here: did you mean 'n1'?");
    EXPECT_EQ(error("crash c1"), "test.scenario:2:7: 'c1' is a client: expected a node");
    EXPECT_EQ(error("request ad 1"),
              "test.scenario:2:9: 'ad' is no request of ring: did you mean 'add'?");
    EXPECT_EQ(error("fire n1 pas"),
              "test.scenario:2:9: 'pas' is no timer of ring: did you mean "
              "'pass'?");
    EXPECT_EQ(error("rule hold Tokn"),
              "test.scenario:2:11: 'Tokn' is no message of ring: did you mean 'Token'?");
    EXPECT_EQ(error("link n1 n2 latncy=5ms"),
              "test.scenario:2:12: 'latncy' is no setting of a link: did you mean 'latency'?");
    EXPECT_EQ(error("expect broken \"durable\""),
              "test.scenario:2:15: 'durable' is no invariant of ring: expected one of: durable "
              "before passed");
    EXPECT_EQ(error("load clients=3"),
              "test.scenario:2:14: expected a number of clients from 1 to 1 (the cluster line's "
              "clients=) for 'clients', found '3'");
    EXPECT_EQ(error("request add 5 from c1 to n2"), "fine");
}

TEST(Plan, AQuerysErrorPointsIntoTheScenario)
{
    const auto plan = tryPlan("cluster ring\nuntil n1.round >= 3 and\n   n1.rond > 1");
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().line, 3U);
    EXPECT_EQ(plan.error().column, 7U) << plan.error().text();
}

TEST(Plan, OverridesReplaceWhatTheClusterLineSays)
{
    const auto plan = ringPlan("cluster ring nodes=3 seed=1", {{"nodes", "5"}, {"seed", "9"}});
    EXPECT_EQ(plan->setup->members.size(), 5U);
    EXPECT_EQ(plan->settings.seed, 9U);
    EXPECT_EQ(toText(plan->scenario.cluster), "cluster ring nodes=5 seed=9");
    const auto wrong = tryPlan("cluster ring", {{"sede", "1"}});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().text(), "'sede' is no setting of ring: did you mean 'seed'?");
}

TEST(Runner, LinesComeOneAfterAnotherAndTheirEventsAreInTheTrace)
{
    const auto done = performed(ringPlan(R"(cluster ring seed=3
say "It begins."
until n1.round >= 3
request add 5
until replied
at +20ms crash n2
expect n2.crashed
run 30ms
restart n2
expect eventually n2.round > 6 within 2s
)"));
    EXPECT_TRUE(done.run->failures().empty()) << done.run->failures().front().text;
    std::vector<std::string> told;
    Instant crashed;
    Instant restarted;
    Instant replied;
    for (std::uint64_t i = 1; i <= done.trace->size(); ++i) {
        const auto& event = (*done.trace)[EventId(i)];
        const auto* text = node::payloadIf<node::Text>(event.payload.get());
        if (event.kind == trace::Kind::Say || event.kind == trace::Kind::Act
            || event.kind == trace::Kind::Expect) {
            told.push_back(text->text);
        }
        replied = event.kind == trace::Kind::Reply ? event.at : replied;
        crashed = event.kind == trace::Kind::Crash ? event.at : crashed;
        restarted = event.kind == trace::Kind::Restart ? event.at : restarted;
    }
    EXPECT_EQ(told,
              (Texts{"It begins.", "request add 5", "crash n2", "expect n2.crashed", "restart n2",
                     "expect eventually n2.round > 6 within 2s"}));
    EXPECT_EQ(crashed, replied + milliseconds(20));
    EXPECT_EQ(restarted, crashed + milliseconds(30));
}

TEST(Runner, SaysWhichExpectationsFailedAndWhen)
{
    EXPECT_EQ(failuresOf("cluster ring\nrun 10ms\nexpect n1.round == 99\nexpect true"),
              Texts{"3: 'expect n1.round == 99' does not hold at 10 ms"});
    const auto always = failuresOf("cluster ring\nexpect always n1.round < 2\nrun 500ms");
    ASSERT_EQ(always.size(), 1U);
    EXPECT_TRUE(always[0].starts_with("2: 'expect always n1.round < 2' was broken at "))
        << always[0];
    const auto never =
        failuresOf("cluster ring\nexpect never kind == crash\nrun 5ms\ncrash n1\nrun 5ms");
    EXPECT_EQ(never, Texts{"2: 'expect never kind == crash' was broken at 5 ms"});
    EXPECT_EQ(failuresOf("cluster ring\nexpect eventually n1.round > 999 within 1s"),
              Texts{"2: 'expect eventually n1.round > 999 within 1s' did not come true in time at "
                    "1 s"});
    EXPECT_EQ(failuresOf("cluster ring\nuntil n1.round > 999 within 50ms\ncrash n1"),
              Texts{"2: 'until n1.round > 999 within 50ms' did not come true in time at 50 ms"})
        << "what comes after an until that failed is not done";
}

TEST(Runner, AnActThatCannotBeDoneFailsItsLine)
{
    const auto failures = failuresOf("cluster ring\nrun 5ms\nrestart n1");
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_TRUE(failures[0].starts_with("3: cannot restart n1: ")) << failures[0];
    EXPECT_EQ(failuresOf("cluster ring\nrun 5ms\ncrash (round > 99)"),
              Texts{"3: cannot crash (round > 99): no node fits (round > 99) now"});
}

TEST(Runner, AQueryChoosesTheFirstNodeThatFitsWhenTheLineIsDone)
{
    const auto done = performed(ringPlan("cluster ring nodes=5\nrun 5ms\ncrash n1\n"
                                         "crash (up)\nrun 1ms\nexpect n1.crashed and n2.crashed "
                                         "and n3.up"));
    EXPECT_TRUE(done.run->failures().empty());
}

TEST(Runner, UntilAboutEventsLooksAtThoseSinceItsTurnCame)
{
    const auto done = performed(ringPlan("cluster ring\nuntil kind == timer\nuntil kind == timer\n"
                                         "until msg is Token and to == n1 and kind == deliver"));
    ASSERT_TRUE(done.run->failures().empty());
    std::size_t timers = 0;
    for (std::uint64_t i = 1; i <= done.run->lines()[1].at.value; ++i) {
        timers += (*done.trace)[EventId(i)].kind == trace::Kind::Timer ? 1 : 0;
    }
    EXPECT_EQ(timers, 2U);
    EXPECT_EQ(done.run->lines()[2].is, LineState::Is::Held);
}

TEST(Runner, ABrokenInvariantFailsTheRunUnlessItIsExpected)
{
    const std::string broken = "cluster ring lazy=true flush=1s sync=1s\nrun 2s\n";
    const auto failures = failuresOf(broken);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_TRUE(failures[0].starts_with("0: 'durable before passed' was broken: node "))
        << failures[0];
    EXPECT_TRUE(failuresOf(broken + "expect broken \"durable before passed\"").empty());
    EXPECT_TRUE(failuresOf(broken + "expect broken").empty());
    EXPECT_EQ(failuresOf("cluster ring\nrun 1s\nexpect broken"),
              Texts{"3: 'expect broken' does not hold at 1 s"});

    const auto done = performed(ringPlan(broken));
    const auto& verdict = done.run->monitor().verdicts().front();
    const auto& violation = (*done.trace)[verdict.violation];
    EXPECT_EQ(violation.kind, trace::Kind::Violation);
    EXPECT_EQ(violation.cause, verdict.brokenBy);
}

TEST(Runner, DeedsAreDoneExactlyAtTheirEvent)
{
    const auto plain = performed(ringPlan("cluster ring seed=5\nrun 200ms"));
    // An event after which a step ended: the last before a timer's.
    std::uint64_t at = 40;
    while ((*plain.trace)[EventId(at + 1)].kind != trace::Kind::Timer) {
        ++at;
    }
    const auto number = std::to_string(at);
    const auto done =
        performed(ringPlan("cluster ring seed=5\nrun 200ms\nat #" + number + " crash n3\n"));
    EXPECT_TRUE(done.run->failures().empty());
    EXPECT_EQ((*done.trace)[EventId(at + 1)].kind, trace::Kind::Act);
    EXPECT_EQ((*done.trace)[EventId(at + 1)].at, (*done.trace)[EventId(at)].at);
    EXPECT_EQ((*done.trace)[EventId(at + 2)].kind, trace::Kind::Crash);

    const auto later =
        performed(ringPlan("cluster ring seed=5\nrun 200ms\nat #" + number + " +1us crash n3\n"));
    EXPECT_EQ((*later.trace)[EventId(at + 1)].at,
              (*later.trace)[EventId(at)].at + std::chrono::microseconds(1));

    const auto stopped =
        performed(ringPlan("cluster ring seed=5\nrun 200ms\nat #" + number + " stop\n"));
    EXPECT_EQ(stopped.trace->size(), at);
}

TEST(Runner, ADeedWhoseEventNeverCameIsAFailure)
{
    // Acts and their consequences are one: nothing happens between events 1 and 2 of a crash.
    const auto done = performed(ringPlan("cluster ring\nrun 50ms\ncrash n1\nrun 10ms\n"));
    std::uint64_t act = 1;
    while ((*done.trace)[EventId(act)].kind != trace::Kind::Act) {
        ++act;
    }
    EXPECT_EQ(failuresOf("cluster ring\nrun 50ms\ncrash n1\nrun 10ms\nat #" + std::to_string(act)
                         + " pause n2"),
              Texts{"5: 'at #" + std::to_string(act)
                    + " pause n2' was never done: no step ends at event " + std::to_string(act)});
}

TEST(Runner, TheSamePlanGivesTheSameTraceAndACopyGoesOnTheSameWay)
{
    const auto plan = ringPlan("cluster ring seed=7 loss=0.1 clients=2\nload clients=2 rate=300/s "
                               "duration=300ms mix=\"add:2 look:1\"\nuntil replied within 5s\n"
                               "expect always n1.total < 1000\nrule drop Token times 3\nrun 1s\n"
                               "until kind == crash preceded by kind == drop within 1s\n");
    const auto first = performed(plan);
    const auto second = performed(plan);
    EXPECT_EQ(trace::traceHash(*first.trace), trace::traceHash(*second.trace));
    EXPECT_GT(first.trace->size(), 500U);

    // Copied at every hundredth event, and gone on from the copy.
    auto again = std::make_shared<trace::Trace>(plan->about);
    const Pen pen{again.get(), again};
    auto run = std::make_unique<Runner>(plan);
    while (!run->over() && run->advance(pen)) {
        if (run->last().value % 100 < 10) {
            run = std::make_unique<Runner>(*run);
        }
    }
    EXPECT_EQ(trace::traceHash(*again), trace::traceHash(*first.trace));
    EXPECT_EQ(run->failures().size(), first.run->failures().size());
}

TEST(Runner, RulesGoByTheirNames)
{
    const auto done =
        performed(ringPlan("cluster ring\nrule hold Token as mine\n"
                           "rule hold Ack as other\nrun 100ms\nexpect max(round) <= 1\n"
                           "unrule mine\nunrule other\nrun 300ms\n"
                           "expect max(round) > 3\nunrule mine"));
    ASSERT_EQ(done.run->failures().size(), 1U) << done.run->failures().front().text;
    EXPECT_EQ(done.run->failures()[0].text,
              "cannot unrule mine: there is no rule of the name 'mine' now");
}

} // namespace
} // namespace lightcone::session
