#include "engine/live/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace lightcone::live {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using trace::DropReason;

const NodeId n1(1);
const NodeId n2(2);
const NodeId n3(3);

Faults faultsOf(NodeId self)
{
    return {self, {n1, n2, n3}, 42};
}

TEST(Faults, NothingHappensWhereNothingWasDone)
{
    auto faults = faultsOf(n1);
    EXPECT_TRUE(faults.none());
    const auto fate = faults.fateOf(n2, "Vote");
    EXPECT_FALSE(fate.dies || fate.heldBy || fate.twice);
    EXPECT_EQ(fate.delay, Duration::zero());
}

TEST(Faults, ACutLinkCarriesNothingInItsDirection)
{
    auto sender = faultsOf(n1);
    auto receiver = faultsOf(n2);
    auto other = faultsOf(n3);
    for (auto* each : {&sender, &receiver, &other}) {
        ASSERT_TRUE(each->apply(CutLink{n1, n2, true}));
    }
    EXPECT_EQ(sender.fateOf(n2, "Vote").dies, DropReason::Cut);
    EXPECT_FALSE(sender.fateOf(n3, "Vote").dies);
    EXPECT_FALSE(sender.isDeaf(n2));
    EXPECT_TRUE(receiver.isDeaf(n1));
    EXPECT_FALSE(receiver.fateOf(n1, "Vote").dies);
    EXPECT_TRUE(other.none());
    ASSERT_TRUE(sender.apply(HealLink{n1, n2, true}));
    EXPECT_TRUE(sender.none());
}

TEST(Faults, BothWaysUnlessSaidOtherwise)
{
    auto faults = faultsOf(n2);
    ASSERT_TRUE(faults.apply(CutLink{n1, n2, false}));
    EXPECT_TRUE(faults.isDeaf(n1));
    EXPECT_EQ(faults.fateOf(n1, "Vote").dies, DropReason::Cut);
    ASSERT_TRUE(faults.apply(HealLink{n2, n1, false}));
    EXPECT_TRUE(faults.none());
}

TEST(Faults, APartitionCutsBetweenAndHealsWithinItsGroups)
{
    auto faults = faultsOf(n1);
    ASSERT_TRUE(faults.apply(CutLink{n1, n2, false}));
    ASSERT_TRUE(faults.apply(PartitionNodes{{{n1, n2}}}));
    EXPECT_FALSE(faults.fateOf(n2, "Vote").dies);
    EXPECT_EQ(faults.fateOf(n3, "Vote").dies, DropReason::Cut);
    EXPECT_TRUE(faults.isDeaf(n3));
    ASSERT_TRUE(faults.apply(HealAll{}));
    EXPECT_TRUE(faults.none());
}

TEST(Faults, AnIsolatedNodeReachesNobody)
{
    auto inside = faultsOf(n1);
    auto outside = faultsOf(n2);
    for (auto* each : {&inside, &outside}) {
        ASSERT_TRUE(each->apply(IsolateNode{n1}));
    }
    EXPECT_EQ(inside.fateOf(n2, "Vote").dies, DropReason::Cut);
    EXPECT_EQ(inside.fateOf(n3, "Vote").dies, DropReason::Cut);
    EXPECT_EQ(outside.fateOf(n1, "Vote").dies, DropReason::Cut);
    EXPECT_FALSE(outside.fateOf(n3, "Vote").dies);
    ASSERT_TRUE(outside.apply(HealAll{n1}));
    EXPECT_TRUE(outside.none());
}

TEST(Faults, TheFirstRuleThatMatchesDecides)
{
    auto faults = faultsOf(n1);
    ASSERT_TRUE(faults.apply(AddRule{"late", RuleVerb::Delay, "Vote", {}, n2, 1, 20ms, 0}));
    ASSERT_TRUE(faults.apply(AddRule{"gone", RuleVerb::Drop, "", {}, n2, 1, {}, 0}));
    ASSERT_TRUE(faults.apply(AddRule{"", RuleVerb::Hold, "Vote", n1, n3, 1, {}, 0}));
    ASSERT_TRUE(faults.apply(AddRule{"else", RuleVerb::Drop, "Vote", n2, {}, 1, {}, 0}));
    EXPECT_EQ(faults.fateOf(n2, "Vote").delay, Duration(20ms));
    EXPECT_EQ(faults.fateOf(n2, "AppendEntries").dies, DropReason::Rule);
    EXPECT_TRUE(faults.fateOf(n3, "Vote").heldBy);
    EXPECT_FALSE(faults.fateOf(n3, "AppendEntries").heldBy);
    const auto gone = faults.apply(RemoveRule{"3"});
    ASSERT_TRUE(gone);
    EXPECT_EQ(gone->size(), 1u);
    EXPECT_FALSE(faults.fateOf(n3, "Vote").heldBy);
    EXPECT_EQ(faults.apply(RemoveRule{})->size(), 3u);
    EXPECT_TRUE(faults.none());
}

TEST(Faults, ARuleDecidesAsOftenAsItMay)
{
    auto faults = faultsOf(n1);
    ASSERT_TRUE(faults.apply(AddRule{"twice", RuleVerb::Duplicate, "", {}, {}, 1, {}, 2}));
    EXPECT_TRUE(faults.fateOf(n2, "Vote").twice);
    EXPECT_TRUE(faults.fateOf(n3, "Vote").twice);
    EXPECT_FALSE(faults.fateOf(n2, "Vote").twice);
}

TEST(Faults, ChancesComeUpAsOftenAsTheySay)
{
    auto faults = faultsOf(n1);
    ASSERT_TRUE(faults.apply(ChangeLink{n1, n2, false, 10ms, 5ms, 0.25, false}));
    int lost = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto fate = faults.fateOf(n2, "Vote");
        if (fate.dies) {
            EXPECT_EQ(*fate.dies, DropReason::Loss);
            ++lost;
        } else {
            EXPECT_GE(fate.delay, Duration(10ms));
            EXPECT_LE(fate.delay, Duration(15ms));
        }
    }
    EXPECT_NEAR(lost, 2500, 200);
    ASSERT_TRUE(faults.apply(ChangeLink{n1, n2, false, {}, {}, 0, true}));
    EXPECT_TRUE(faults.none());
}

TEST(Faults, ANetworkIsAllLinks)
{
    auto faults = faultsOf(n2);
    ASSERT_TRUE(faults.apply(ChangeLink{{}, {}, false, 10ms, {}, 0, false}));
    EXPECT_EQ(faults.fateOf(n1, "Vote").delay, Duration(10ms));
    EXPECT_EQ(faults.fateOf(n3, "Vote").delay, Duration(10ms));
}

TEST(Faults, WhatMakesNoSenseChangesNothing)
{
    auto faults = faultsOf(n1);
    const auto refused = [](const auto& result, const std::string& part) {
        ASSERT_FALSE(result);
        EXPECT_THAT(result.error().message, HasSubstr(part));
    };
    refused(faults.apply(CutLink{n1, NodeId(9), false}), "node 9 is no member");
    refused(faults.apply(CutLink{n1, n1, false}), "two different ends");
    refused(faults.apply(PartitionNodes{{{n1}, {n1, n2}}}), "in two groups");
    refused(faults.apply(ChangeLink{n1, n2, false, {}, {}, 1.5, false}), "loss from 0 to 1");
    refused(faults.apply(ChangeLink{n1, n2, false, -1ms, {}, 0, false}), "not negative");
    refused(faults.apply(AddRule{"", RuleVerb::Drop, "", {}, {}, -1, {}, 0}), "chance");
    refused(faults.apply(RemoveRule{"nobody"}), "no rule 'nobody'");
    EXPECT_TRUE(faults.none());
    ASSERT_TRUE(faults.apply(AddRule{"a", RuleVerb::Drop, "", {}, {}, 1, {}, 0}));
    refused(faults.apply(AddRule{"a", RuleVerb::Drop, "", {}, {}, 1, {}, 0}), "already");
}

} // namespace
} // namespace lightcone::live
