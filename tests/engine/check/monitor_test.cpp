#include "engine/check/monitor.h"
#include "engine/node/hosted.h"
#include "engine/node/protocol.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace lightcone::checking {
namespace {

/// Holds for so many steps, then complains at each.
struct Patience
{
    int left;
    std::optional<std::string> observe(const node::Observation& observation)
    {
        return left-- > 0 ? std::nullopt
                          : std::optional("lost at " + std::to_string(observation.event.value));
    }
};

struct Memory : Patience
{
    static constexpr bool needsWholeRun = true;
};

class TwoInvariants final : public node::Protocol
{
public:
    [[nodiscard]] const node::Card& card() const override { return m_card; }
    [[nodiscard]] Result<node::SetupPtr> setup(const describe::Value&) const override
    {
        return node::SetupPtr{};
    }
    [[nodiscard]] std::unique_ptr<node::Node> makeNode(NodeId, const node::SetupPtr&) const override
    {
        return nullptr;
    }
    [[nodiscard]] std::unique_ptr<node::Disk> makeDisk() const override { return nullptr; }
    [[nodiscard]] std::vector<std::unique_ptr<node::Invariant>>
    invariants(const node::SetupPtr&) const override
    {
        std::vector<std::unique_ptr<node::Invariant>> all;
        all.push_back(std::make_unique<node::HostedInvariant<Memory>>(
            node::InvariantCard{"long", "", ""}, Memory{{5}}));
        all.push_back(std::make_unique<node::HostedInvariant<Patience>>(
            node::InvariantCard{"short", "", ""}, Patience{2}));
        return all;
    }
    [[nodiscard]] Result<std::unique_ptr<node::Node>>
    restoreNode(NodeId, const node::SetupPtr&, const describe::Value&) const override
    {
        return fail("not here");
    }
    [[nodiscard]] Result<std::unique_ptr<node::Disk>>
    restoreDisk(const describe::Value&) const override
    {
        return fail("not here");
    }
    [[nodiscard]] Result<std::unique_ptr<node::Disk>> disk(BytesView) const override
    {
        return fail("not here");
    }
    [[nodiscard]] Result<node::PayloadPtr> payload(node::PayloadRole,
                                                   const describe::Value&) const override
    {
        return fail("not here");
    }
    [[nodiscard]] Result<node::PayloadPtr> payload(node::PayloadRole, BytesView) const override
    {
        return fail("not here");
    }

private:
    node::Card m_card;
};

node::Observation stepAt(std::uint64_t event)
{
    node::Observation observation;
    observation.event = EventId(event);
    return observation;
}

TEST(Monitor, TellsTheFirstStepThatBrokeEach)
{
    const TwoInvariants protocol;
    Monitor monitor(protocol, nullptr);
    EXPECT_TRUE(monitor.observe(stepAt(1)).empty());
    EXPECT_TRUE(monitor.observe(stepAt(2)).empty());
    EXPECT_TRUE(monitor.allHold());
    EXPECT_EQ(monitor.observe(stepAt(7)), std::vector<std::size_t>{1});
    EXPECT_FALSE(monitor.allHold());
    EXPECT_EQ(monitor.verdicts()[1].brokenBy, EventId(7));
    EXPECT_EQ(monitor.verdicts()[1].how, "lost at 7");
    monitor.recorded(1, EventId(9));
    EXPECT_EQ(monitor.verdicts()[1].violation, EventId(9));
    // Only once, and the other goes on.
    EXPECT_TRUE(monitor.observe(stepAt(10)).empty());
    EXPECT_TRUE(monitor.observe(stepAt(11)).empty());
    EXPECT_EQ(monitor.observe(stepAt(12)), std::vector<std::size_t>{0});
    EXPECT_EQ(monitor.verdicts()[1].brokenBy, EventId(7));
}

TEST(Monitor, WhatNeedsTheWholeRunIsNotJudgedOnceAPartWasMissed)
{
    const TwoInvariants protocol;
    Monitor monitor(protocol, nullptr);
    EXPECT_EQ(monitor.suspend("n2 was killed"), std::vector<std::size_t>{0});
    monitor.recorded(0, EventId(4));
    EXPECT_EQ(monitor.verdicts()[0].notJudged, "n2 was killed");
    EXPECT_EQ(monitor.verdicts()[0].notJudgedFrom, EventId(4));
    EXPECT_EQ(monitor.verdicts()[1].notJudged, "");
    EXPECT_TRUE(monitor.suspend("n3 was killed").empty()) << "it was told already";
    EXPECT_EQ(monitor.verdicts()[0].notJudged, "n2 was killed");
    monitor.forget(protocol, nullptr);
    Monitor copy(monitor);
    for (std::uint64_t event = 5; event < 20; ++event) {
        copy.observe(stepAt(event));
    }
    EXPECT_FALSE(copy.verdicts()[0].brokenBy) << "it would have been after five steps";
    EXPECT_EQ(copy.verdicts()[1].brokenBy, EventId(7)) << "the other is judged all the same";
}

TEST(Monitor, WhatIsBrokenStaysBrokenWhateverIsMissedLater)
{
    const TwoInvariants protocol;
    Monitor monitor(protocol, nullptr);
    for (std::uint64_t event = 1; event < 10; ++event) {
        monitor.observe(stepAt(event));
    }
    EXPECT_TRUE(monitor.suspend("n2 was killed").empty());
    EXPECT_EQ(monitor.verdicts()[0].brokenBy, EventId(6));
    EXPECT_EQ(monitor.verdicts()[0].notJudged, "");
}

TEST(Monitor, ACopyGoesOnByItself)
{
    const TwoInvariants protocol;
    Monitor monitor(protocol, nullptr);
    monitor.observe(stepAt(1));
    Monitor copy(monitor);
    copy.observe(stepAt(2));
    EXPECT_EQ(copy.observe(stepAt(3)).size(), 1U);
    EXPECT_TRUE(monitor.allHold());
    EXPECT_TRUE(monitor.observe(stepAt(4)).empty()) << "the copy's steps are not the original's";
    monitor = copy;
    EXPECT_FALSE(monitor.allHold());
}

} // namespace
} // namespace lightcone::checking
