#include "engine/sim/chaos.h"
#include "engine/trace/hash.h"
#include "tests/engine/sim/ring_run.h"

#include <map>
#include <set>

/// What holds of every run, whatever strikes it.
namespace lightcone::sim {
namespace {

using trace::Channel;
using trace::Event;
using trace::isStep;
using trace::Kind;
using trace::Trace;

Settings busySettings(std::uint64_t seed)
{
    Settings settings;
    settings.seed = seed;
    settings.clients = 3;
    settings.sync = LatencyModel::longTailed(300us, 1.5);
    settings.flush = 3ms;
    return settings;
}

/// A ring under load and chaos. The chaos belongs to the driver, not to the world.
struct RingDriver
{
    explicit RingDriver(std::uint64_t seed, bool lazy = false)
        : world(test::ringProtocol(), test::ringSetup({5, 0, 2ms, 40ms, lazy}), busySettings(seed))
        , chaos({}, Dice(seed).fork(5), {})
    {
    }

    void begin(trace::Sink* sink)
    {
        Load load;
        load.clients = world.clients();
        load.interval = 10ms;
        for (int amount = 1; amount < 9; ++amount) {
            load.bodies.push_back(test::ringRequest(test::Add{amount}));
            load.bodies.push_back(test::ringRequest(test::Look{}));
        }
        ASSERT_TRUE(world.apply(load, "load", sink));
    }

    void until(Duration time, trace::Sink* sink)
    {
        while (chaos.due() <= at(time)) {
            world.advanceTo(chaos.due(), sink);
            const auto done = world.apply(chaos.strike(world), "chaos", sink);
            ASSERT_TRUE(done) << done.error().message;
        }
        world.advanceTo(at(time), sink);
    }

    World world;
    Chaos chaos;
};

class Properties : public testing::TestWithParam<std::uint64_t>
{
protected:
    Properties()
        : driver(GetParam(), GetParam() % 2 == 0)
        , trace(driver.world.about())
    {
        driver.begin(&trace);
        driver.until(4s, &trace);
    }

    template <class Look>
    void forAll(Look look) const
    {
        for (std::uint64_t number = 1; number <= trace.size(); ++number) {
            look(EventId(number), trace[EventId(number)]);
        }
    }

    RingDriver driver;
    Trace trace;
};

TEST_P(Properties, causesComeBeforeAndTimeDoesNotGoBack)
{
    Instant before{};
    forAll([&](EventId id, const Event& event) {
        EXPECT_LT(event.cause, id);
        EXPECT_GE(event.at, before);
        EXPECT_EQ(event.node.value != 0 || event.kind == Kind::Act || event.kind == Kind::Link,
                  true);
        before = event.at;
    });
    EXPECT_EQ(trace.size(), driver.world.last().value);
}

TEST_P(Properties, eachMessageEndsOnceOrIsStillUnderWay)
{
    std::map<EventId, int> ends;
    forAll([&](EventId id, const Event& event) {
        if (event.kind == Kind::Send || event.kind == Kind::Duplicate) {
            ends[id] = 0;
        } else if (event.kind == Kind::Deliver || event.kind == Kind::Drop) {
            ASSERT_TRUE(ends.contains(event.cause)) << "nothing arrives that was not sent";
            ++ends[event.cause];
            const auto& sent = trace[event.cause];
            const bool delivered = event.kind == Kind::Deliver;
            EXPECT_EQ(sent.payload, event.payload);
            EXPECT_EQ(sent.node, delivered ? event.peer : event.node);
            EXPECT_EQ(sent.peer, delivered ? event.node : event.peer);
        }
    });
    for (const auto& flight : driver.world.state().flights) {
        ++ends[flight.message];
    }
    for (const auto& [message, count] : ends) {
        EXPECT_EQ(count, 1) << "message #" << message.value;
    }
}

TEST_P(Properties, nothingLeavesBeforeItsForcedWritesAreDurable)
{
    std::map<EventId, std::vector<EventId>> forced; // of each step
    std::map<NodeId, std::set<EventId>> pending;
    std::map<NodeId, std::vector<EventId>> order;
    int waited = 0;
    forAll([&](EventId id, const Event& event) {
        if (event.kind == Kind::Write) {
            order[event.node].push_back(id);
            if (detailOf<node::Sync>(event) == node::Sync::Forced) {
                pending[event.node].insert(id);
            }
        } else if (event.kind == Kind::Sync) {
            auto& mine = pending[event.node];
            mine.erase(mine.begin(), mine.upper_bound(event.cause));
        } else if (event.kind == Kind::Crash) {
            pending[event.node].clear();
        } else if (event.kind == Kind::Send && !isClient(event.node)) {
            // All forced writes of the step that sent, and of those before it.
            const auto step = event.cause;
            for (const auto write : pending[event.node]) {
                EXPECT_GT(trace[write].cause, step)
                    << "#" << id.value << " left before #" << write.value << " was durable";
            }
            waited += event.at > trace[step].at ? 1 : 0;
        }
    });
    EXPECT_TRUE(waited > 0) << "otherwise this tests nothing";
}

TEST_P(Properties, syncsCoverEachWriteOnceAndInOrder)
{
    std::map<NodeId, EventId> durable;
    forAll([&](EventId, const Event& event) {
        if (event.kind == Kind::Sync) {
            EXPECT_EQ(trace[event.cause].kind, Kind::Write);
            EXPECT_EQ(trace[event.cause].node, event.node);
            EXPECT_GT(event.cause, durable[event.node]);
            durable[event.node] = event.cause;
        }
    });
}

TEST_P(Properties, onlyRunningNodesMakeSteps)
{
    std::map<NodeId, trace::Life> lives;
    forAll([&](EventId id, const Event& event) {
        auto& life = lives[event.node];
        switch (event.kind) {
        case Kind::Start:
        case Kind::Restart:
        case Kind::Resume:
            life = trace::Life::Up;
            break;
        case Kind::Pause:
            life = trace::Life::Paused;
            break;
        case Kind::Crash:
            life = trace::Life::Crashed;
            break;
        default:
            break;
        }
        const bool owns = isStep(event) || event.kind == Kind::Write || event.kind == Kind::Sync
            || (event.kind == Kind::Send && !isClient(event.node));
        if (owns) {
            EXPECT_EQ(life, trace::Life::Up) << "#" << id.value;
        }
    });
}

TEST_P(Properties, effectsNameTheirStep)
{
    forAll([&](EventId id, const Event& event) {
        if (event.kind == Kind::Write || (event.kind == Kind::Note && !isClient(event.node))
            || (event.kind == Kind::Send && !isClient(event.node))) {
            EXPECT_TRUE(isStep(trace[event.cause])) << "#" << id.value;
            EXPECT_EQ(trace[event.cause].node, event.node);
        }
        if (event.kind == Kind::Timer) {
            EXPECT_TRUE(isStep(trace[event.cause])) << "#" << id.value;
        }
    });
}

TEST_P(Properties, clientsHaveOneOperationAtATime)
{
    std::map<NodeId, RequestId> open;
    int unknown = 0;
    forAll([&](EventId, const Event& event) {
        if (event.kind == Kind::Request) {
            EXPECT_FALSE(open[event.node]);
            open[event.node] = event.request;
        } else if (event.kind == Kind::Reply) {
            EXPECT_EQ(open[event.node], event.request);
            EXPECT_EQ(trace[event.cause].kind, Kind::Request);
            EXPECT_EQ(trace[event.cause].request, event.request);
            open[event.node] = {};
            unknown += detailOf<node::Answer>(event) == node::Answer::Unknown ? 1 : 0;
        }
    });
    SUCCEED() << unknown;
}

TEST_P(Properties, theSameSeedAndActsGiveTheSameTrace)
{
    RingDriver again(GetParam(), GetParam() % 2 == 0);
    Trace second(again.world.about());
    again.begin(&second);
    again.until(4s, &second);
    EXPECT_EQ(trace::traceHash(trace), trace::traceHash(second));
    RingDriver other(GetParam() + 100, GetParam() % 2 == 0);
    Trace third(other.world.about());
    other.begin(&third);
    other.until(4s, &third);
    EXPECT_NE(trace::traceHash(trace), trace::traceHash(third));
}

TEST_P(Properties, unrecordedEventsAreNumberedTheSame)
{
    RingDriver silent(GetParam(), GetParam() % 2 == 0);
    silent.begin(nullptr);
    silent.until(4s, nullptr);
    EXPECT_EQ(silent.world.last(), driver.world.last());
    EXPECT_EQ(silent.world.instant(), driver.world.instant());
    for (std::size_t i = 0; i < 5; ++i) {
        Bytes mine;
        Bytes theirs;
        silent.world.sights()[i].node->encode(mine);
        driver.world.sights()[i].node->encode(theirs);
        EXPECT_EQ(mine, theirs);
    }
}

TEST_P(Properties, aCopyGoesOnAsTheOriginalAndNeitherDisturbsTheOther)
{
    auto branch = driver;
    auto once = trace.fork(EventId(trace.size()), "once");
    auto again = trace.fork(EventId(trace.size()), "again");
    branch.until(5s, once.get());
    const auto middle = branch;
    branch.until(6s, once.get());
    driver.until(6s, again.get());
    EXPECT_EQ(trace::traceHash(*once), trace::traceHash(*again));
    auto late = middle;
    late.until(6s, nullptr);
    EXPECT_EQ(late.world.last(), branch.world.last());
}

TEST_P(Properties, eachStepMakesAnEvent)
{
    for (int i = 0; i < 3000; ++i) {
        const auto before = driver.world.last();
        const auto due = driver.world.nextDue();
        ASSERT_TRUE(due.has_value());
        ASSERT_TRUE(driver.world.step(nullptr));
        EXPECT_GT(driver.world.last(), before);
        EXPECT_EQ(driver.world.instant(), *due);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Properties, testing::Range<std::uint64_t>(1, 13));

} // namespace
} // namespace lightcone::sim
