#include "engine/measure/comparison.h"
#include "tests/engine/measure/hand_made.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::measure {
namespace {

const ComparedRow& rowOf(const Comparison& comparison, Measure measure, const std::string& of = {})
{
    for (const auto& row : comparison.rows) {
        if (row.left.measure == measure && row.left.of == of) {
            return row;
        }
    }
    throw std::runtime_error("no such row");
}

TEST(Comparison, PutsTheNumbersOfBothSideBySide)
{
    HandMade a;
    a.operation(0ms, 10ms, 1);
    a.operation(20ms, 320ms, 2);
    HandMade b;
    b.operation(0ms, 10ms, 1);
    b.operation(20ms, 30ms, 2);
    b.operation(40ms, 50ms, 3, node::Answer::Refused);
    const auto comparison = compare({a.meter(), {}}, {b.meter(), {}});
    EXPECT_EQ(rowOf(comparison, Measure::Operations).left.value, 2);
    EXPECT_EQ(rowOf(comparison, Measure::Operations).right, 3);
    EXPECT_EQ(rowOf(comparison, Measure::Most).left.value, 300e6);
    EXPECT_EQ(rowOf(comparison, Measure::Most).right, 10e6);
    EXPECT_EQ(rowOf(comparison, Measure::Most).left.unit, Unit::Time);
    EXPECT_EQ(rowOf(comparison, Measure::Most).left.better, Better::Less);
    EXPECT_EQ(rowOf(comparison, Measure::Unavailable).left.value, 300e6);
    EXPECT_EQ(rowOf(comparison, Measure::Unavailable).right, 0);
    EXPECT_NEAR(*rowOf(comparison, Measure::Errors).right, 1.0 / 3, 1e-9);
    EXPECT_TRUE(comparison.sameKind);
    EXPECT_EQ(comparison.firstDifference, EventId(4)) << "the second answer";
}

TEST(Comparison, WhatARunDoesNotHaveIsNothingAndNotZero)
{
    HandMade a;
    a.event(1ms, trace::Kind::Send, n1, n2);
    HandMade b;
    b.operation(0ms, 10ms, 1);
    const auto comparison = compare({a.meter(), {}}, {b.meter(), {}});
    EXPECT_FALSE(rowOf(comparison, Measure::P50).left.value);
    EXPECT_TRUE(rowOf(comparison, Measure::P50).right);
    EXPECT_FALSE(rowOf(comparison, Measure::Errors).left.value);
    EXPECT_EQ(rowOf(comparison, Measure::MessagesOfKind, "Token").left.value, 1);
    EXPECT_FALSE(rowOf(comparison, Measure::MessagesOfKind, "Token").right);
    const auto other = compare({b.meter(), {}}, {a.meter(), {}});
    const auto& row = rowOf(other, Measure::MessagesOfKind, "Token");
    EXPECT_FALSE(row.left.value);
    EXPECT_EQ(row.right, 1);
    EXPECT_EQ((&row + 1)->left.measure, Measure::MessagesPerOperation) << "beside its kind";
}

TEST(Comparison, IdenticalRunsHaveNoDifference)
{
    HandMade a;
    a.operation(0ms, 10ms, 1);
    HandMade b;
    b.operation(0ms, 10ms, 1);
    EXPECT_FALSE(compare({a.meter(), {}}, {b.meter(), {}}).firstDifference);
    b.event(11ms, trace::Kind::Crash, n1);
    EXPECT_EQ(compare({a.meter(), {}}, {b.meter(), {}}).firstDifference, EventId(3))
        << "one goes on";
    const auto branch = a.trace()->fork(EventId(2), "branch");
    Meter left(a.trace());
    left.grow(EventId(2));
    Meter right(branch);
    right.grow(EventId(2));
    EXPECT_FALSE(compare({left, {}}, {right, {}}).firstDifference);
}

} // namespace
} // namespace lightcone::measure
