#include "engine/live/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace lightcone::live {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using trace::DropReason;

const NodeId first(1);
const NodeId second(2);
const NodeId third(3);

Faults faultsOf(NodeId self)
{
    return {self, {first, second, third}, 42};
}

TEST(Faults, NothingHappensWhereNothingWasDone)
{
    auto faults = faultsOf(first);
    EXPECT_TRUE(faults.none());
    const auto fate = faults.fateOf(second, "Vote");
    EXPECT_FALSE(fate.dies || fate.heldBy || fate.twice);
    EXPECT_EQ(fate.delay, Duration::zero());
}

TEST(Faults, ACutLinkCarriesNothingInItsDirection)
{
    auto sender = faultsOf(first);
    auto receiver = faultsOf(second);
    auto other = faultsOf(third);
    for (auto* each : {&sender, &receiver, &other}) {
        ASSERT_TRUE(each->apply(CutLink{first, second, true}));
    }
    EXPECT_EQ(sender.fateOf(second, "Vote").dies, DropReason::Cut);
    EXPECT_FALSE(sender.fateOf(third, "Vote").dies);
    EXPECT_FALSE(sender.isDeaf(second));
    EXPECT_TRUE(receiver.isDeaf(first));
    EXPECT_FALSE(receiver.fateOf(first, "Vote").dies);
    EXPECT_TRUE(other.none());
    ASSERT_TRUE(sender.apply(HealLink{first, second, true}));
    EXPECT_TRUE(sender.none());
}

TEST(Faults, BothWaysUnlessSaidOtherwise)
{
    auto faults = faultsOf(second);
    ASSERT_TRUE(faults.apply(CutLink{first, second, false}));
    EXPECT_TRUE(faults.isDeaf(first));
    EXPECT_EQ(faults.fateOf(first, "Vote").dies, DropReason::Cut);
    ASSERT_TRUE(faults.apply(HealLink{second, first, false}));
    EXPECT_TRUE(faults.none());
}

TEST(Faults, APartitionCutsBetweenAndHealsWithinItsGroups)
{
    auto faults = faultsOf(first);
    ASSERT_TRUE(faults.apply(CutLink{first, second, false}));
    ASSERT_TRUE(faults.apply(PartitionNodes{{{first, second}}}));
    EXPECT_FALSE(faults.fateOf(second, "Vote").dies);
    EXPECT_EQ(faults.fateOf(third, "Vote").dies, DropReason::Cut);
    EXPECT_TRUE(faults.isDeaf(third));
    ASSERT_TRUE(faults.apply(HealAll{}));
    EXPECT_TRUE(faults.none());
}

TEST(Faults, AnIsolatedNodeReachesNobody)
{
    auto inside = faultsOf(first);
    auto outside = faultsOf(second);
    for (auto* each : {&inside, &outside}) {
        ASSERT_TRUE(each->apply(IsolateNode{first}));
    }
    EXPECT_EQ(inside.fateOf(second, "Vote").dies, DropReason::Cut);
    EXPECT_EQ(inside.fateOf(third, "Vote").dies, DropReason::Cut);
    EXPECT_EQ(outside.fateOf(first, "Vote").dies, DropReason::Cut);
    EXPECT_FALSE(outside.fateOf(third, "Vote").dies);
    ASSERT_TRUE(outside.apply(HealAll{first}));
    EXPECT_TRUE(outside.none());
}

TEST(Faults, TheFirstRuleThatMatchesDecides)
{
    auto faults = faultsOf(first);
    ASSERT_TRUE(faults.apply(AddRule{"late", RuleVerb::Delay, "Vote", {}, second, 1, 20ms, 0}));
    ASSERT_TRUE(faults.apply(AddRule{"gone", RuleVerb::Drop, "", {}, second, 1, {}, 0}));
    ASSERT_TRUE(faults.apply(AddRule{"", RuleVerb::Hold, "Vote", first, third, 1, {}, 0}));
    ASSERT_TRUE(faults.apply(AddRule{"else", RuleVerb::Drop, "Vote", second, {}, 1, {}, 0}));
    EXPECT_EQ(faults.fateOf(second, "Vote").delay, Duration(20ms));
    EXPECT_EQ(faults.fateOf(second, "AppendEntries").dies, DropReason::Rule);
    EXPECT_TRUE(faults.fateOf(third, "Vote").heldBy);
    EXPECT_FALSE(faults.fateOf(third, "AppendEntries").heldBy);
    const auto gone = faults.apply(RemoveRule{"3"});
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->size(), 1u);
    EXPECT_FALSE(faults.fateOf(third, "Vote").heldBy);
    EXPECT_EQ(faults.apply(RemoveRule{})->size(), 3u);
    EXPECT_TRUE(faults.none());
}

TEST(Faults, ARuleDecidesAsOftenAsItMay)
{
    auto faults = faultsOf(first);
    ASSERT_TRUE(faults.apply(AddRule{"twice", RuleVerb::Duplicate, "", {}, {}, 1, {}, 2}));
    EXPECT_TRUE(faults.fateOf(second, "Vote").twice);
    EXPECT_TRUE(faults.fateOf(third, "Vote").twice);
    EXPECT_FALSE(faults.fateOf(second, "Vote").twice);
}

TEST(Faults, ChancesComeUpAsOftenAsTheySay)
{
    auto faults = faultsOf(first);
    ASSERT_TRUE(faults.apply(ChangeLink{first, second, false, 10ms, 5ms, 0.25, false}));
    int lost = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto fate = faults.fateOf(second, "Vote");
        if (fate.dies) {
            EXPECT_EQ(*fate.dies, DropReason::Loss);
            ++lost;
        } else {
            EXPECT_GE(fate.delay, Duration(10ms));
            EXPECT_LE(fate.delay, Duration(15ms));
        }
    }
    EXPECT_NEAR(lost, 2500, 200);
    ASSERT_TRUE(faults.apply(ChangeLink{first, second, false, {}, {}, 0, true}));
    EXPECT_TRUE(faults.none());
}

TEST(Faults, ANetworkIsAllLinks)
{
    auto faults = faultsOf(second);
    ASSERT_TRUE(faults.apply(ChangeLink{{}, {}, false, 10ms, {}, 0, false}));
    EXPECT_EQ(faults.fateOf(first, "Vote").delay, Duration(10ms));
    EXPECT_EQ(faults.fateOf(third, "Vote").delay, Duration(10ms));
}

TEST(Faults, WhatMakesNoSenseChangesNothing)
{
    auto faults = faultsOf(first);
    const auto refused = [](const auto& result, const std::string& part) {
        ASSERT_FALSE(result);
        EXPECT_THAT(result.error().message, HasSubstr(part));
    };
    refused(faults.apply(CutLink{first, NodeId(9), false}), "node 9 is no member");
    refused(faults.apply(CutLink{first, first, false}), "two different ends");
    refused(faults.apply(PartitionNodes{{{first}, {first, second}}}), "in two groups");
    refused(faults.apply(ChangeLink{first, second, false, {}, {}, 1.5, false}), "loss from 0 to 1");
    refused(faults.apply(ChangeLink{first, second, false, -1ms, {}, 0, false}), "not negative");
    refused(faults.apply(AddRule{"", RuleVerb::Drop, "", {}, {}, -1, {}, 0}), "chance");
    refused(faults.apply(RemoveRule{"nobody"}), "no rule 'nobody'");
    EXPECT_TRUE(faults.none());
    ASSERT_TRUE(faults.apply(AddRule{"a", RuleVerb::Drop, "", {}, {}, 1, {}, 0}));
    refused(faults.apply(AddRule{"a", RuleVerb::Drop, "", {}, {}, 1, {}, 0}), "already");
}

} // namespace
} // namespace lightcone::live
