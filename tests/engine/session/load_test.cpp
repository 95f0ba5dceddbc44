#include "engine/describe/text.h"
#include "engine/node/catalog.h"
#include "engine/session/load.h"
#include "engine/session/plan.h"
#include "engine/session/workload.h"
#include "engine/trace/hash.h"
#include "tests/engine/session/ring_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace lightcone::session {
namespace {

using trace::Kind;

PlanPtr raftPlan(const std::string& load)
{
    auto scenario =
        parseScenario("cluster raft nodes=3 clients=8 seed=4\n"
                      "until any(role == leader)\n"
                          + load + "\nrun 1500ms\nload stop\nuntil replied within 10s\n",
                      "test.scenario");
    EXPECT_TRUE(scenario) << scenario.error().text();
    auto plan = prepare(std::move(*scenario));
    EXPECT_TRUE(plan) << plan.error().text();
    return *plan;
}

std::string error(const std::string& line)
{
    auto scenario = parseScenario("cluster raft clients=4\n" + line, "test.scenario");
    if (!scenario) {
        return scenario.error().text();
    }
    const auto plan = prepare(std::move(*scenario));
    return plan ? "fine" : plan.error().text();
}

/// How often each request was begun, as people read it, without contents.
std::map<std::string, int> asked(const trace::Trace& trace)
{
    std::map<std::string, int> counts;
    trace::forEach(trace, EventId(1), EventId(trace.size()), [&](EventId, const auto& event) {
        if (event.kind == Kind::Request) {
            const auto value = event.payload->describe();
            const auto* key = value.findFacet(describe::Facet::Key);
            const auto about = key != nullptr ? " " + key->asText() : std::string();
            ++counts[std::string(event.payload->name()) + about];
            ++counts[std::string(event.payload->name())];
        }
    });
    return counts;
}

TEST(LoadLine, SaysWhatIsWrongAndWhere)
{
    EXPECT_EQ(error("load loop=opn"),
              "test.scenario:2:11: expected open or closed for 'loop', found 'opn'");
    EXPECT_EQ(error("load loop=open rate=max"),
              "test.scenario:2:16: an open loop has a rate such as rate=200/s: what is as fast as "
              "it is answered is a closed one");
    EXPECT_EQ(error("load loop=open think=5ms"),
              "test.scenario:2:16: who thinks after an answer waits for it: think= belongs to "
              "loop=closed");
    EXPECT_EQ(error("load arrivals=even"), "test.scenario:2:6: arrivals= belongs to loop=open");
    EXPECT_EQ(error("load loop=open arrivals=ofen"),
              "test.scenario:2:25: expected poisson or even for 'arrivals', found 'ofen'");
    EXPECT_EQ(error("load rate=-3"),
              "test.scenario:2:11: expected a rate such as 200/s, or max for 'rate', found '-3'");
    EXPECT_EQ(error("load think=soon"),
              "test.scenario:2:12: think: " + sim::parseLatency("soon").error().message);
    EXPECT_EQ(error("load distribution=\"zipf 11\""),
              "test.scenario:2:19: distribution: expected uniform, \"zipf 0.99\" (an exponent from "
              "0 to 10) or \"hot 10% 90%\" (of the keys, of the requests)");
    EXPECT_EQ(error("load keys=0"),
              "test.scenario:2:11: expected a number of keys from 1 to 1000000000 for 'keys', "
              "found '0'");
    EXPECT_EQ(error("load mix=\"putt:1\""),
              "test.scenario:2:10: 'putt' is no request of raft: did you mean 'put'?");
    EXPECT_EQ(error("load mix=\"put:0\""),
              "test.scenario:2:10: expected a share such as put:0.5 for 'put'");
    EXPECT_EQ(error("load mix=\"{put x\""),
              "test.scenario:2:10: expected a request's words in braces, such as {put x 1}, found "
              "'{put x'");
    EXPECT_THAT(error("load mix=\"{put x 1 2}:3\""),
                testing::StartsWith("test.scenario:2:10: expected "));
    EXPECT_EQ(error("load mix=\" \""),
              "test.scenario:2:10: expected requests and their shares, such as \"put:1 get:3\"");
    EXPECT_EQ(error("load loop=open rate=800/s arrivals=even clients=4 duration=2s keys=100 "
                    "distribution=\"hot 10% 90%\" mix=\"{cas x 1 2}:1 get\" length=30 seed=9"),
              "fine");
    EXPECT_EQ(error("fire c1 arrival"), "fine");
    EXPECT_EQ(error("fire c1 arival"),
              "test.scenario:2:9: a client has no timer but 'retry' and 'arrival', found 'arival'");
}

TEST(LoadLine, AnOpenLoopOffersItsRateAndLosesNothing)
{
    const auto done = performed(raftPlan("load loop=open rate=2000/s arrivals=even mix=\"put:1\""));
    EXPECT_TRUE(done.run->failures().empty());
    const auto counts = asked(*done.trace);
    EXPECT_NEAR(counts.at("Put"), 3000, 2) << "though eight clients cannot be that fast";
    int waited = 0;
    trace::forEach(*done.trace, EventId(1), EventId(done.trace->size()),
                   [&](EventId, const auto& event) {
                       if (event.kind == Kind::Request) {
                           waited += (*done.trace)[event.cause].kind == Kind::Note ? 1 : 0;
                       }
                   });
    EXPECT_GT(waited, 1000);
}

TEST(LoadLine, TheMixAndItsKeysAreAsTheLineSays)
{
    const auto done =
        performed(raftPlan("load loop=open rate=1000/s mix=\"put:1, {cas x 1 2}:1 get:2\" keys=20 "
                           "distribution=\"hot 10% 90%\""));
    auto counts = asked(*done.trace);
    const auto all = counts["Put"] + counts["Cas"] + counts["Get"];
    EXPECT_NEAR(all, 1500, 160);
    EXPECT_NEAR(counts["Get"], all / 2, 100);
    EXPECT_NEAR(counts["Cas"], all / 4, 90);
    EXPECT_NEAR(counts["Get k1"] + counts["Get k2"], 0.9 * counts["Get"], 60);
}

TEST(LoadLine, ARequestWithoutKeysIsTheCardsSample)
{
    const auto done = performed(raftPlan("load rate=20/s clients=1 mix=transferLeadership"));
    trace::forEach(
        *done.trace, EventId(1), EventId(done.trace->size()), [&](EventId, const auto& event) {
            if (event.kind == Kind::Request) {
                EXPECT_EQ(describe::brief(event.payload->describe()), "TransferLeadership n3");
            }
        });
}

TEST(LoadLine, GoesTheSameWayEachTime)
{
    const std::string line = "load loop=open rate=900/s distribution=\"zipf 1.1\" keys=1000000";
    const auto first = performed(raftPlan(line));
    const auto second = performed(raftPlan(line));
    EXPECT_EQ(trace::traceHash(*first.trace), trace::traceHash(*second.trace));
    const auto other = performed(raftPlan(line + " seed=2"));
    EXPECT_NE(trace::traceHash(*first.trace), trace::traceHash(*other.trace));
}

TEST(LoadLine, ThinkingClientsAskAsOftenAsLittlesLawSays)
{
    // Eight clients, each cycle a think time of 40 ms and an answer: between 2 and 20 ms.
    const auto done = performed(raftPlan("load think=\"exp 40ms\" mix=get"));
    EXPECT_GT(asked(*done.trace)["Get"], 1500 * 8 / 60);
    EXPECT_LT(asked(*done.trace)["Get"], 1500 * 8 / 40);
}

Result<live::LoadPlan> liveLoad(const std::vector<Setting>& settings,
                                std::string_view protocol = "raft")
{
    return liveLoadOf(settings, *node::findProtocol(protocol), describe::plainNames());
}

std::string liveError(const std::vector<Setting>& settings)
{
    const auto plan = liveLoad(settings);
    return plan ? "fine" : plan.error().text();
}

TEST(LiveLoad, TakesTheSameWords)
{
    const auto plan = liveLoad({{"clients", "40"},
                                {"loop", "open"},
                                {"rate", "800/s"},
                                {"arrivals", "even"},
                                {"duration", "2s"},
                                {"mix", "get"},
                                {"keys", "20"},
                                {"distribution", "hot 10% 90%"}});
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ(plan->clients, 40U);
    EXPECT_EQ(plan->loop, node::Loop::Even);
    EXPECT_EQ(plan->interval, std::chrono::microseconds(1250));
    EXPECT_EQ(plan->lasts, std::chrono::seconds(2));
    EXPECT_FALSE(plan->think);
    int hot = 0;
    for (std::uint64_t number = 0; number < 2000; ++number) {
        const auto key = plan->workload->body(number)->describe().held().find("key")->asText();
        hot += key == "k1" || key == "k2" ? 1 : 0;
    }
    EXPECT_NEAR(hot, 1800, 80);
}

TEST(LiveLoad, IsAsFastAsItIsAnsweredUnlessTold)
{
    const auto fast = liveLoad({});
    ASSERT_TRUE(fast);
    EXPECT_EQ(fast->loop, node::Loop::Closed);
    EXPECT_EQ(fast->interval, Duration::zero());
    const auto paced = liveLoad({{"clients", "10"}, {"rate", "100"}});
    EXPECT_EQ(paced->interval, std::chrono::milliseconds(100)) << "ten of them make 100 a second";
    const auto thinking = liveLoad({{"think", "5ms"}, {"seed", "3"}});
    ASSERT_TRUE(thinking->think);
    auto dice = thinking->dice;
    EXPECT_EQ(thinking->think(dice), std::chrono::milliseconds(5));
}

TEST(LiveLoad, EveryProtocolTakesOne)
{
    for (const auto* protocol : node::catalog()) {
        const auto plan = liveLoad({}, protocol->card().id);
        ASSERT_TRUE(plan) << plan.error().text();
        EXPECT_TRUE(plan->workload->body(5000)) << protocol->card().id;
    }
}

TEST(LiveLoad, SaysWhatIsWrong)
{
    EXPECT_EQ(liveError({{"clients", "0"}}),
              "expected a number of clients from 1 to 100000 for 'clients', found '0'");
    EXPECT_EQ(liveError({{"loop", "open"}}), "an open loop has a rate, such as 200/s");
    EXPECT_EQ(liveError({{"loop", "open"}, {"rate", "5/s"}, {"think", "5ms"}}),
              "who thinks after an answer waits for it: think= belongs to loop=closed");
    EXPECT_EQ(liveError({{"mix", "putt"}}), "'putt' is no request of raft: did you mean 'put'?");
    EXPECT_EQ(liveError({{"rate", "often"}}),
              "expected a rate such as 200/s, or max for 'rate', found 'often'");
}

} // namespace
} // namespace lightcone::session
