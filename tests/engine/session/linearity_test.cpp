#include "engine/kv/operation.h"
#include "engine/session/linearity.h"
#include "engine/session/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <variant>

namespace lightcone::session {
namespace {

using namespace std::chrono_literals;
using State = Linearity::State;

/// A deposed leader answers a read out of its own memory.
trace::TracePtr staleRead(const std::string& settings)
{
    auto scenario = parseScenario("cluster raft nodes=5 seed=9 clients=2 clientTimeout=200ms "
                                  "clientPatience=400ms checkQuorum=false "
                                  + settings + R"(
run 10ms
fire n1 election
until all(leader == n1) within 500ms
request put x 1 from c1
until replied within 1s
isolate n1
until any(role == leader and term > 1) within 1s
request put x 2 from c2 to (role == leader and term > 1)
until kind == reply and node == c2 and answer == done within 1s
request get x from c1 to n1
until replied within 1s
)");
    EXPECT_TRUE(scenario) << scenario.error().text();
    const auto plan = prepare(std::move(*scenario));
    EXPECT_TRUE(plan) << plan.error().text();
    const auto recording = recordScenario(*plan);
    EXPECT_TRUE(recording);
    return recording->trace;
}

LinearityPtr judgedBy(LinearityDesk& desk, const trace::TracePtr& trace, std::uint64_t events)
{
    desk.look(trace, events);
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!desk.settled() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(desk.settled());
    return desk.newest();
}

TEST(Linearity, FindsTheStaleReadOfADeposedLeader)
{
    const auto trace = staleRead("mistake=readsFromDeposedLeader");
    LinearityDesk desk({.longest = 2s, .rest = 1ms});
    const auto found = judgedBy(desk, trace, trace->size());
    ASSERT_EQ(found->state, State::Broken);
    EXPECT_EQ(found->how, "get x gave 1, where x could only have held 2");
    EXPECT_EQ(found->operations, 3U);
    EXPECT_EQ((*trace)[found->request].kind, trace::Kind::Request);
    EXPECT_EQ((*trace)[found->reply].kind, trace::Kind::Reply);
    EXPECT_EQ((*trace)[found->reply].cause, found->request);
    ASSERT_TRUE(found->places);
    EXPECT_NE(found->places->impossibleAt(found->reply), nullptr);
    ASSERT_EQ(found->places->points.size(), 2U);
    for (const auto& point : found->places->points) {
        EXPECT_GE(point.at, (*trace)[point.request].at);
        EXPECT_EQ(found->places->pointOf(point.request), point.at);
    }
    EXPECT_EQ(found->places->pointOf(found->request), std::nullopt);
}

TEST(Linearity, FollowsARunAsItGrowsAndStartsOverWithAnother)
{
    const auto trace = staleRead("mistake=readsFromDeposedLeader");
    LinearityDesk desk({.longest = 2s, .rest = 1ms});
    EXPECT_EQ(desk.newest()->state, State::NotApplicable);
    const auto broken = judgedBy(desk, trace, trace->size());
    const auto before = judgedBy(desk, trace, broken->reply.value - 1);
    EXPECT_EQ(before->state, State::Holds) << "fewer events: undone, start over";
    EXPECT_EQ(judgedBy(desk, trace, broken->reply.value)->state, State::Broken);
    EXPECT_EQ(judgedBy(desk, trace, 5)->state, State::Holds) << "nobody has asked for anything";
    const auto healthy = staleRead("");
    EXPECT_EQ(judgedBy(desk, healthy, healthy->size())->state, State::Holds);
    EXPECT_EQ(judgedBy(desk, {}, 0)->state, State::NotApplicable);
}

TEST(Linearity, IsNotApplicableWhereClientsAskForSomethingElse)
{
    auto trace = std::make_shared<trace::Trace>(trace::About{});
    trace->record(EventId(1), {.kind = trace::Kind::Note});
    LinearityDesk desk;
    EXPECT_EQ(judgedBy(desk, trace, 1)->state, State::NotApplicable);
}

/// Forty swaps in a circle at once, and a read of what only one more could have written, had there
/// been what it waits for: all sets of swaps have to be tried.
trace::TracePtr hardRun()
{
    using Request = std::variant<kv::Put, kv::Get, kv::Cas>;
    trace::About about;
    about.card.request = describe::shapeOf<Request>();
    auto trace = std::make_shared<trace::Trace>(std::move(about));
    const auto record = [&](trace::Kind kind, std::uint32_t client, std::uint32_t sequence,
                            node::PayloadPtr payload) {
        trace::Event event;
        event.kind = kind;
        event.at = Instant(Duration(static_cast<std::int64_t>(trace->size()) + 1));
        event.node = clientId(client);
        event.request = {clientId(client), sequence};
        event.payload = std::move(payload);
        trace->record(EventId(trace->size() + 1), std::move(event));
    };
    const auto ask = [&](std::uint32_t client, std::uint32_t sequence, Request request) {
        record(trace::Kind::Request, client, sequence, node::makePayload(std::move(request)));
    };
    const auto answer = [&](std::uint32_t client, std::uint32_t sequence, kv::Result result) {
        record(trace::Kind::Reply, client, sequence, node::makePayload(std::move(result)));
    };
    for (std::uint32_t i = 1; i <= 40; ++i) {
        ask(i, 1, kv::Cas{"x", std::to_string(i % 7), std::to_string((i + 1) % 7)});
    }
    ask(90, 1, kv::Put{"x", "0"});
    answer(90, 1, {kv::Outcome::Done, {}});
    ask(90, 2, kv::Put{"x", "1"});
    answer(90, 2, {kv::Outcome::Done, {}});
    ask(92, 1, kv::Cas{"x", "8", "7"});
    ask(91, 1, kv::Get{"x"});
    answer(91, 1, {kv::Outcome::Found, "7"});
    for (std::uint32_t i = 1; i <= 40; ++i) {
        answer(i, 1, {kv::Outcome::Done, {}});
    }
    return trace;
}

TEST(Linearity, GivesUpPolitely)
{
    const auto trace = hardRun();
    LinearityDesk desk({.longest = 50ms, .rest = 1ms});
    const auto begun = std::chrono::steady_clock::now();
    const auto found = judgedBy(desk, trace, trace->size());
    EXPECT_EQ(found->state, State::GaveUp);
    EXPECT_THAT(found->how, testing::HasSubstr("takes longer"));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(Linearity, EndsAtOnceInTheMiddleOfAJudgement)
{
    const auto begun = std::chrono::steady_clock::now();
    {
        LinearityDesk desk({.longest = 10min, .rest = 1ms});
        const auto trace = hardRun();
        desk.look(trace, trace->size());
        const auto healthy = staleRead("");
        EXPECT_EQ(judgedBy(desk, healthy, healthy->size())->state, State::Holds)
            << "another run comes first";
        desk.look(trace, trace->size());
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1min);
}

} // namespace
} // namespace lightcone::session
