#include "engine/trace/trace.h"
#include "tests/support/synthetic_run.h"

#include <gtest/gtest.h>

#include <thread>

namespace lightcone::trace {
namespace {

Event at(std::int64_t nanoseconds, EventId cause = {})
{
    Event event;
    event.at = Instant(Duration(nanoseconds));
    event.cause = cause;
    event.node = NodeId(1);
    return event;
}

TEST(Trace, GivesBackWhatWasRecorded)
{
    Trace trace(synthetic::aboutOf({}));
    EXPECT_EQ(trace.size(), 0U);
    for (std::uint64_t i = 1; i <= 3 * Trace::chunkSize + 5; ++i) {
        trace.record(EventId(i), at(static_cast<std::int64_t>(i * 10), EventId(i / 2)));
    }
    EXPECT_EQ(trace.size(), 3 * Trace::chunkSize + 5);
    std::uint64_t next = 1;
    forEach(trace, EventId(1), EventId(trace.size()), [&](EventId id, const Event& event) {
        ASSERT_EQ(id.value, next++);
        ASSERT_EQ(event.cause.value, id.value / 2);
        ASSERT_EQ(&event, &trace[id]);
    });
    EXPECT_EQ(next, trace.size() + 1);
    forEach(trace, EventId(4000), EventId(3999), [](EventId, const Event&) { FAIL(); });
}

TEST(Trace, FindsTheEventAtAnInstant)
{
    Trace trace(synthetic::aboutOf({}));
    EXPECT_EQ(eventAt(trace, Instant(Duration(5))), EventId{});
    for (const auto instant : {10, 20, 20, 20, 30}) {
        trace.record(EventId(trace.size() + 1), at(instant));
    }
    EXPECT_EQ(eventAt(trace, Instant(Duration(9))), EventId{});
    EXPECT_EQ(eventAt(trace, Instant(Duration(10))), EventId(1));
    EXPECT_EQ(eventAt(trace, Instant(Duration(20))), EventId(4));
    EXPECT_EQ(eventAt(trace, Instant(Duration(29))), EventId(4));
    EXPECT_EQ(eventAt(trace, Instant(Duration(1000))), EventId(5));
}

TEST(Trace, AForkBeginsAlikeAndGoesItsOwnWay)
{
    const auto whole = synthetic::makeTrace({}, 2 * Trace::chunkSize + 700);
    for (const std::uint64_t last :
         {std::uint64_t{0}, std::uint64_t{1}, Trace::chunkSize - 1, Trace::chunkSize,
          Trace::chunkSize + 1, 2 * Trace::chunkSize + 600}) {
        const auto fork = whole->fork(EventId(last), "branch");
        ASSERT_EQ(fork->size(), last);
        EXPECT_EQ(fork->about().origin, "branch");
        for (std::uint64_t i = 1; i <= last; ++i) {
            ASSERT_EQ((*fork)[EventId(i)].payload.get(), (*whole)[EventId(i)].payload.get());
            ASSERT_EQ((*fork)[EventId(i)].at, (*whole)[EventId(i)].at);
        }
        fork->record(EventId(last + 1), at(-1));
        EXPECT_EQ((*fork)[EventId(last + 1)].at, Instant(Duration(-1)));
        EXPECT_NE((*whole)[EventId(last + 1)].at, Instant(Duration(-1)));
    }
}

TEST(Trace, OutlivesWhatItWasForkedFrom)
{
    auto whole = synthetic::makeTrace({}, 2 * Trace::chunkSize);
    const auto fork = whole->fork(EventId(Trace::chunkSize + 100), "branch");
    const auto name = std::string((*whole)[EventId(Trace::chunkSize - 2)].payload
                                      ? (*whole)[EventId(Trace::chunkSize - 2)].payload->name()
                                      : "");
    whole.reset();
    const auto& payload = (*fork)[EventId(Trace::chunkSize - 2)].payload;
    EXPECT_EQ(payload ? std::string(payload->name()) : "", name);
}

TEST(Trace, NamesNodesAsTheirPlanDoes)
{
    auto about = synthetic::aboutOf({});
    about.members[2].name = "backup";
    EXPECT_EQ(about.nameOf(NodeId(3)), "backup");
    EXPECT_EQ(about.nameOf(NodeId(30)), "n30");
    EXPECT_EQ(about.nameOf(NodeId{}), "none");
    EXPECT_EQ(about.nameOf(clientId(2)), "c2");
    EXPECT_EQ(about.nameOf(clientId(9)), "c9");
    const auto names = about.names();
    EXPECT_EQ(names.find("backup"), NodeId(3));
    EXPECT_EQ(names.find("c1"), clientId(1));
    EXPECT_EQ(names.find("n3"), std::nullopt);
}

TEST(Trace, CountsClientsThatDrewTheirNumbers)
{
    const NodeId first(0xFFFFFFFF);
    const NodeId second(firstClient + mostPlannedClients + 1);
    const NodeId absent(0x12345678);
    Trace trace(synthetic::aboutOf({}));
    const auto copy = trace.about();
    EXPECT_EQ(copy.nameOf(first), "c" + std::to_string(first.value - firstClient));
    std::uint64_t number = 0;
    for (const auto client : {clientId(1), first, second, first, clientId(9)}) {
        auto event = at(1);
        event.node = client;
        trace.record(EventId(++number), event);
    }
    for (const auto& about : {trace.about(), copy, trace.fork(EventId(1), "branch")->about()}) {
        EXPECT_EQ(about.nameOf(first), "c1");
        EXPECT_EQ(about.nameOf(second), "c2");
        EXPECT_EQ(about.nameOf(absent), "c" + std::to_string(absent.value - firstClient));
        EXPECT_EQ(about.nameOf(clientId(9)), "c9");
        EXPECT_TRUE(about.precedes(first, second));
        EXPECT_FALSE(about.precedes(second, first));
        EXPECT_TRUE(about.precedes(second, absent));
        EXPECT_TRUE(about.precedes(clientId(1), clientId(9)));
    }
    Trace other(About{});
    auto event = at(1);
    event.node = second;
    other.record(EventId(1), event);
    const auto names = other.about().names();
    EXPECT_EQ(names.find("c1"), second);
    EXPECT_EQ(names.find("c2"), std::nullopt);
    EXPECT_EQ(names.find("c1x"), std::nullopt);
    EXPECT_EQ(names.find("c"), std::nullopt);
}

TEST(Trace, IsReadWhileItGrows)
{
    synthetic::Run run({.seed = 9});
    constexpr std::uint64_t goal = 20000;
    std::atomic<int> looking{0};
    const auto read = [&] {
        std::uint64_t seen = 0;
        ++looking;
        while (seen < goal) {
            const auto size = run.trace->size();
            forEach(*run.trace, EventId(seen + 1), EventId(size),
                    [&](EventId id, const Event& event) {
                        ASSERT_LT(event.cause, id);
                        if (event.payload) {
                            ASSERT_FALSE(event.payload->name().empty());
                        }
                    });
            if (size > 0) {
                const auto fork = run.trace->fork(EventId(size), "branch");
                ASSERT_EQ((*fork)[EventId(size)].at, (*run.trace)[EventId(size)].at);
            }
            seen = size;
        }
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back(read);
    }
    while (looking < 3) {
        std::this_thread::yield();
    }
    run.until(goal);
    for (auto& reader : readers) {
        reader.join();
    }
}

TEST(TraceDeathTest, RefusesAnEffectBeforeItsCause)
{
    Trace trace(synthetic::aboutOf({}));
    EXPECT_DEATH(trace.record(EventId(1), at(0, EventId(1))),
                 "a cause that comes before its effect");
    EXPECT_DEATH(trace.record(EventId(2), at(0)), "in the order of their numbers");
}

} // namespace
} // namespace lightcone::trace
