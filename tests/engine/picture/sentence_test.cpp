#include "engine/node/payload.h"
#include "engine/picture/sentence.h"
#include "engine/sim/conditions.h"
#include "engine/sim/settings.h"
#include "tests/engine/picture/cluster.h"

#include <gtest/gtest.h>

namespace lightcone::picture {
namespace {

using namespace std::chrono_literals;
using trace::Kind;

TEST(Note, SaysWhatItsNodeDoesOrWhatItSpeaksOf)
{
    const auto about = sample::about(3);
    const NodeId n1(1);
    EXPECT_EQ(noteOf(about, n1, "votes for n2 in term 3"), "n1 votes for n2 in term 3");
    EXPECT_EQ(noteOf(about, n1, "decides: transaction 1 is committed"),
              "n1 decides: transaction 1 is committed");
    EXPECT_EQ(noteOf(about, n1, "must propose what ballot 3 proposed"),
              "n1 must propose what ballot 3 proposed");
    EXPECT_EQ(noteOf(about, n1, "n2 does not answer"), "n1 · n2 does not answer");
    EXPECT_EQ(noteOf(about, n1, "transaction 1 is committed"), "n1 · transaction 1 is committed");
    EXPECT_EQ(noteOf(about, n1, "1 acknowledged writes are lost"),
              "n1 · 1 acknowledged writes are lost");
    EXPECT_EQ(noteOf(about, n1, ""), "n1 · ");
}

template <class T>
std::string said(Kind kind, T condition)
{
    trace::Event event{};
    event.kind = kind;
    event.payload = node::makePayload(std::move(condition));
    return conditionOf(event);
}

TEST(Condition, IsSaidInTheLanguageForDoing)
{
    EXPECT_EQ(said(Kind::Clock, sim::ClockCondition{-400ms, 1}), "skew=-400ms");
    EXPECT_EQ(said(Kind::Clock, sim::ClockCondition{100ms, 1.1}), "skew=+100ms drift=1.1");
    EXPECT_EQ(said(Kind::Clock, sim::ClockCondition{{}, 0.5}), "drift=0.5");
    EXPECT_EQ(said(Kind::Clock, sim::ClockCondition{}), "skew=+0s");
    EXPECT_EQ(said(Kind::Disk, sim::DiskCondition{sim::DiskKind::Slow, 10}), "slow=10");
    EXPECT_EQ(said(Kind::Disk, sim::DiskCondition{sim::DiskKind::Slow, 1, 90ms}), "slow=90ms");
    EXPECT_EQ(said(Kind::Disk, sim::DiskCondition{sim::DiskKind::Full}), "full");
    EXPECT_EQ(said(Kind::Disk, sim::DiskCondition{sim::DiskKind::Forgetful, 10, {}, 3}),
              "forgets=3");
    EXPECT_EQ(said(Kind::Disk, sim::DiskCondition{}), "ok");
    EXPECT_EQ(said(Kind::Link, sim::LinkModel{sim::LatencyModel::uniform(1ms, 5ms), 0.2, 0.1}),
              "latency=1ms..5ms loss=20% duplicate=10%");
    EXPECT_EQ(said(Kind::Link, sim::LinkModel{sim::LatencyModel::constant(40ms)}), "latency=40ms");
    EXPECT_EQ(said(Kind::Link, sim::LinkModel{sim::LatencyModel::longTailed(2ms, 1.2)}),
              "latency=long 2ms 1.2");
    EXPECT_EQ(conditionOf(trace::Event{}), "");
}

} // namespace
} // namespace lightcone::picture
