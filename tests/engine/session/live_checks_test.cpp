#include "engine/core/check.h"
#include "engine/session/binding.h"
#include "engine/session/plan.h"
#include "tests/engine/session/live_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

/// What an explorer judges of real nodes that it has not seen from the beginning to the end.
namespace lightcone::session {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

/// Paxos: "validity" judges what is accepted by what was asked for before, "agreement" does not.
class LiveChecks : public testing::Test
{
protected:
    void watch(live::From first) { watcher.emplace(cluster, plan, first); }

    void boot()
    {
        for (auto& node : cluster.nodes) {
            node->boot(false);
        }
    }

    /// Passes time; every now and then somebody asks for something.
    void goOn(int rounds)
    {
        for (int i = 0; i < rounds; ++i) {
            if (i % 10 == 5) {
                ask(1 + static_cast<std::uint32_t>(i / 10 % 3));
            }
            cluster.pass(milliseconds(10));
            if (watcher) {
                watcher->poll();
            }
        }
    }

    void ask(std::uint32_t node)
    {
        Bytes body;
        requestOf(Piece{"put x " + std::to_string(++m_sequence)}, *plan).value()->encode(body);
        cluster.node(NodeId(node)).ask({clientId(1), m_sequence}, body);
    }

    [[nodiscard]] const checking::Verdict& verdict(const std::string& name) const
    {
        const auto& all = watcher->world.monitor().verdicts();
        const auto found = std::ranges::find_if(
            all, [&](const checking::Verdict& each) { return each.card.name == name; });
        check(found != all.end(), "an invariant of Paxos");
        return *found;
    }

    /// Validity is not judged any more, for this reason, and the trace says so.
    void expectNotJudged(const std::string& why) const
    {
        const auto& validity = verdict("validity");
        EXPECT_THAT(validity.notJudged, HasSubstr(why));
        EXPECT_EQ(verdict("agreement").notJudged, "") << "it only sees less";
        ASSERT_TRUE(validity.notJudgedFrom);
        const auto& event = (*watcher->trace)[validity.notJudgedFrom];
        ASSERT_TRUE(trace::isNotJudged(event));
        EXPECT_FALSE(event.node);
        EXPECT_EQ(event.tag, &validity - watcher->world.monitor().verdicts().data());
        EXPECT_EQ(node::payloadAs<node::Text>(*event.payload).text, validity.notJudged);
        EXPECT_TRUE(watcher->world.monitor().allHold());
    }

    PlanPtr plan = prepare(parseScenario("cluster paxos nodes=3\n").value()).value();
    LiveCluster cluster{*plan->protocol, plan->setup, 7, live::FeedLimits{20'000, 500, 1000}};
    std::optional<LiveWatcher> watcher;

private:
    std::uint32_t m_sequence = 0;
};

TEST_F(LiveChecks, AllIsJudgedWhereAllWasSeen)
{
    watch(live::From::Oldest);
    boot();
    goOn(200);
    for (const auto& each : watcher->world.monitor().verdicts()) {
        EXPECT_EQ(each.notJudged, "") << each.card.name;
        EXPECT_FALSE(each.brokenBy) << each.card.name << ": " << each.how;
    }
    EXPECT_GT(watcher->trace->size(), 200U);
}

TEST_F(LiveChecks, WhoJoinsLateHasMissedTheBeginning)
{
    boot();
    goOn(100);
    watch(live::From::Now);
    goOn(100);
    expectNotJudged("was running already: what it did before is not here");
}

TEST_F(LiveChecks, AGapIsAGap)
{
    watch(live::From::Oldest);
    boot();
    goOn(50);
    ASSERT_EQ(verdict("validity").notJudged, "");
    watcher->setConnected(1, false);
    for (int i = 0; i < 6000; ++i) { // longer than a node remembers what it told
        cluster.pass(milliseconds(10));
        watcher->poll();
    }
    watcher->setConnected(1, true);
    goOn(50);
    expectNotJudged("n2 was not seen for a while");
}

TEST_F(LiveChecks, WhoIsKilledMayNotHaveToldAll)
{
    watch(live::From::Oldest);
    boot();
    goOn(50);
    ASSERT_EQ(verdict("validity").notJudged, "");
    cluster.node(NodeId(3)).crash();
    goOn(50);
    expectNotJudged("n3 was killed: what it did last it may not have told");
}

TEST_F(LiveChecks, WhatWasAskedBeforeAllWereSeenIsNotKnown)
{
    watch(live::From::Oldest);
    watcher->setConnected(2, false);
    boot();
    goOn(200);
    watcher->setConnected(2, true);
    goOn(200);
    expectNotJudged("was asked when not every node was seen");
}

TEST_F(LiveChecks, WhoHasRunBeforeHasAPast)
{
    boot();
    goOn(100);
    for (auto& node : cluster.nodes) {
        node->crash();
    }
    for (auto& node : cluster.nodes) {
        node->boot(true);
    }
    watch(live::From::Oldest);
    goOn(100);
    expectNotJudged("has run before: what it did then is not here");
}

/// The last link of a chain is killed and comes back while nobody else is heard: its disk has a
/// write that the link before it is not known to have.
TEST(LiveChecksOfAChain, WhoComesBackMayHoldWhatOthersHaveNotTold)
{
    const auto plan =
        prepare(parseScenario("cluster replication nodes=3 strategy=chain\n").value()).value();
    LiveCluster cluster{*plan->protocol, plan->setup, 7};
    LiveWatcher watcher{cluster, plan, live::From::Oldest};
    const auto goOn = [&](int rounds) {
        for (int i = 0; i < rounds; ++i) {
            cluster.pass(milliseconds(10));
            watcher.poll();
        }
    };
    std::uint32_t sequence = 0;
    const auto put = [&] {
        Bytes body;
        requestOf(Piece{"put x " + std::to_string(++sequence)}, *plan).value()->encode(body);
        cluster.node(NodeId(1)).ask({clientId(1), sequence}, body);
    };
    for (auto& node : cluster.nodes) {
        node->boot(false);
    }
    goOn(50);
    put();
    goOn(50);
    ASSERT_TRUE(watcher.world.seesAll());

    for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
        watcher.setConnected(i, false);
    }
    goOn(1);
    put();
    goOn(20);
    cluster.node(NodeId(3)).crash();
    goOn(1);
    cluster.node(NodeId(3)).boot(true);
    watcher.setConnected(2, true);
    goOn(20);
    EXPECT_EQ(watcher.world.life(NodeId(3)), trace::Life::Up);
    EXPECT_FALSE(watcher.world.seesAll());

    for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
        watcher.setConnected(i, true);
    }
    goOn(100);
    EXPECT_TRUE(watcher.world.seesAll());
    for (const auto& each : watcher.world.monitor().verdicts()) {
        EXPECT_FALSE(each.brokenBy) << each.card.name << ": " << each.how;
    }
}

} // namespace
} // namespace lightcone::session
