#include "engine/sim/world.h"
#include "engine/trace/trace.h"
#include "tests/support/ring.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace lightcone::sim {
namespace {

using namespace std::chrono_literals;
using trace::Event;
using trace::Kind;
using trace::Trace;

constexpr Instant at(Duration time)
{
    return Instant(time);
}

World ringWorld(const Settings& settings = {}, const test::RingParameters& parameters = {})
{
    return {test::ringProtocol(), test::ringSetup(parameters), settings};
}

TEST(World, startsEveryMemberAndGoesOn)
{
    auto world = ringWorld();
    Trace trace(world.about());
    world.advanceTo(at(1s), &trace);
    EXPECT_EQ(world.last().value, trace.size());
    EXPECT_EQ(world.instant(), at(1s));
    std::map<Kind, int> kinds;
    for (std::uint64_t i = 1; i <= trace.size(); ++i) {
        ++kinds[trace[EventId(i)].kind];
    }
    EXPECT_EQ(kinds[Kind::Start], 3);
    EXPECT_GT(kinds[Kind::Deliver], 100);
    EXPECT_GT(kinds[Kind::Sync], 50);
    EXPECT_EQ(kinds[Kind::Drop], 0);
    for (std::uint64_t i = 1; i <= trace.size(); ++i) {
        EXPECT_LT(trace[EventId(i)].cause.value, i);
    }
}

TEST(World, aClientIsRedirectedAndAnswered)
{
    auto world = ringWorld();
    Trace trace(world.about());
    world.advanceTo(at(10ms), &trace);
    ASSERT_TRUE(
        world.apply(Request{clientId(1), test::ringRequest(test::Add{5}), {}}, "add", &trace));
    EXPECT_EQ(world.openRequests(), 1U);
    world.advanceTo(at(100ms), &trace);
    EXPECT_EQ(world.openRequests(), 0U);
}

} // namespace
} // namespace lightcone::sim
