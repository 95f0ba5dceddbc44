#include "engine/describe/described.h"
#include "engine/trace/lanes.h"
#include "engine/trace/trace.h"

#include <gtest/gtest.h>

namespace lightcone::trace {
namespace {

enum class Role { Follower, Leader };
BOOST_DESCRIBE_ENUM(Role, Follower, Leader)

constexpr auto tones(describe::Tag<Role>)
{
    return std::array{describe::EnumeratorTone{"Leader", describe::Tone::Strong}};
}

struct Machine
{
    Role role = Role::Follower;
    std::uint64_t term = 0;
};
BOOST_DESCRIBE_STRUCT(Machine, (), (role, term))

constexpr auto facets(describe::Tag<Machine>)
{
    return std::array{describe::FieldFacet{"role", describe::Facet::Role},
                      describe::FieldFacet{"term", describe::Facet::Epoch}};
}

void step(LaneRecorder& recorder, std::uint64_t event, std::uint32_t node, const Machine& machine)
{
    recorder.stepped(EventId(event), NodeId(node),
                     describe::fieldToValue(machine, recorder.roleField()),
                     describe::fieldToValue(machine, recorder.epochField()));
}

TEST(Lanes, OnlyWhatDiffersIsKept)
{
    LaneTrack track;
    LaneRecorder recorder(track, describe::shapeOf<Machine>());
    recorder.lived(EventId(1), NodeId(1), Kind::Start);
    step(recorder, 1, 1, {Role::Follower, 0});
    step(recorder, 2, 1, {Role::Follower, 0});
    step(recorder, 5, 1, {Role::Leader, 1});
    step(recorder, 6, 2, {Role::Follower, 1});
    step(recorder, 7, 1, {Role::Leader, 1});
    recorder.lived(EventId(9), NodeId(1), Kind::Crash);
    recorder.lived(EventId(10), NodeId(1), Kind::Send);
    ASSERT_EQ(track.size(), 4U);
    EXPECT_EQ(track[1].tone, describe::Tone::Strong);
    EXPECT_EQ(track[1].epoch, 1U);
    EXPECT_EQ(track[2].life, Life::Up);
    EXPECT_EQ(track[3].life, Life::Crashed);
    EXPECT_EQ(track[3].epoch, 1U) << "a crashed node keeps the epoch it died in";
    EXPECT_EQ(track.after(EventId(5)), 2U);
    EXPECT_EQ(track.after(EventId(0)), 0U);
}

TEST(Lanes, AForkKeepsWhatItSharesAndGoesOnFromThere)
{
    Trace trace{About{}};
    for (std::uint64_t id = 1; id <= 10; ++id) {
        trace.record(EventId(id), {});
    }
    LaneRecorder recorder(trace.lanes(), describe::shapeOf<Machine>());
    step(recorder, 2, 1, {Role::Follower, 1});
    step(recorder, 4, 1, {Role::Leader, 2});
    step(recorder, 8, 1, {Role::Follower, 3});
    const auto branch = trace.fork(EventId(5), "branch");
    ASSERT_EQ(branch->lanes().size(), 2U);
    LaneRecorder continued(branch->lanes(), describe::shapeOf<Machine>());
    step(continued, 6, 1, {Role::Leader, 2});
    EXPECT_EQ(branch->lanes().size(), 2U) << "nothing changed since the fork";
    EXPECT_EQ(trace.lanes().size(), 3U);
}

TEST(Lanes, ManyChangesStayReadable)
{
    LaneTrack track;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        track.append({EventId(i + 1), NodeId(1), Life::Up, describe::Tone::Neutral, 0, i});
    }
    ASSERT_EQ(track.size(), 5000U);
    EXPECT_EQ(track[4999].epoch, 4999U);
    EXPECT_EQ(track.after(EventId(4096)), 4096U);
}

} // namespace
} // namespace lightcone::trace
