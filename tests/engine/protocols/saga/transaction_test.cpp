#include "engine/protocols/saga/durable.h"
#include "engine/protocols/saga/plan.h"
#include "engine/protocols/saga/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lightcone::protocols::saga {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A service with a number x, on which sagas do deeds that a script spells out.
class Service
{
public:
    explicit Service(const Rules& rules = {})
        : m_rules(rules)
    {
        m_data["x"] = 100;
    }

    /// Does or undoes the step of a saga, with what it read before; why it is declined.
    std::string perform(SagaId saga, const std::string& deed, std::uint32_t step = 0,
                        StepKind kind = StepKind::Compensatable, bool undo = false)
    {
        const auto script =
            parseScript("service s x=1 y=0 saga t(p) step r on s: read x as seen, read x as old "
                        "step a on s: "
                        + deed + " pivot");
        EXPECT_TRUE(script) << deed << ": " << script.error().message;
        Transaction work(m_data, m_records, m_entries, m_rules, {saga, step, kind, undo},
                         m_values[saga]);
        const auto declined = work.run(script->sagas[0].steps[1].action);
        remarks = work.remarks();
        anomalies = work.anomalies();
        if (declined) {
            return *declined;
        }
        m_values[saga] = work.values();
        Commit commit;
        commit.effect = undo ? Effect::Undo : Effect::Action;
        commit.entry.saga = saga;
        commit.entry.step = step;
        commit.entry.state = undo ? EntryState::Undone : EntryState::Done;
        if (const auto* before = findEntry(m_entries, saga, step)) {
            commit.entry.touches = before->touches;
        }
        commit.entry.touches.insert(commit.entry.touches.end(), work.touches().begin(),
                                    work.touches().end());
        commit.changes = work.changes();
        Shelf{m_data, m_records, m_entries, m_outbox, m_transactions}.commit(commit);
        return {};
    }
    std::string undo(SagaId saga, const std::string& deed, std::uint32_t step = 0)
    {
        return perform(saga, deed, step, StepKind::Compensatable, true);
    }
    void settle(SagaId saga)
    {
        Shelf{m_data, m_records, m_entries, m_outbox, m_transactions}.settle(saga);
    }

    [[nodiscard]] Amount x() const { return m_data.at("x"); }
    [[nodiscard]] const Record& record() const { return m_records.at("x"); }

    std::vector<std::string> remarks;
    Anomalies anomalies;

private:
    Rules m_rules;
    Data m_data;
    Records m_records;
    std::vector<Entry> m_entries;
    std::vector<Post> m_outbox;
    std::uint64_t m_transactions = 0;
    std::map<SagaId, Values> m_values;
};

TEST(SagaTransaction, DoesWhatTheScriptSays)
{
    Service service;
    EXPECT_EQ(service.perform(1, "add x 5, take x 25, add y x - 30 + 1"), "");
    EXPECT_EQ(service.x(), 80);
    EXPECT_EQ(service.perform(1, "set x x + x", 1), "");
    EXPECT_EQ(service.x(), 160);
}

TEST(SagaTransaction, IsDoneWholeOrNotAtAll)
{
    Service service;
    EXPECT_EQ(service.perform(1, "add x 5, take x 106"), "x is 105, and 106 are needed");
    EXPECT_EQ(service.perform(1, "add x 5, need x < 100"),
              "what it needs does not hold: 105 and 100");
    EXPECT_EQ(service.x(), 100);
}

TEST(SagaTransaction, NumbersStayWithinTheirBounds)
{
    Service service;
    for (std::uint32_t step = 0; step < 100; ++step) {
        ASSERT_EQ(service.perform(1, "set x x + x + x + x", step), "");
    }
    EXPECT_EQ(service.x(), mostAmount);
}

// Richardson §4.3.1, dirty reads: "A transaction or a saga reads the updates made by a saga that
// has not yet completed those updates."
TEST(SagaTransaction, SeesADirtyRead)
{
    Service service;
    ASSERT_EQ(service.perform(1, "add x 5"), "");
    ASSERT_EQ(service.perform(1, "read x as seen", 1), "");
    EXPECT_EQ(service.anomalies.dirtyReads, 0U) << "its own change";
    for (const auto* deed : {"read x as seen", "need x > 1", "take x 1"}) {
        ASSERT_EQ(service.perform(2, deed, 0, StepKind::Pivot), "");
        EXPECT_EQ(service.anomalies.dirtyReads, 1U) << deed;
        EXPECT_THAT(service.remarks, ElementsAre(HasSubstr("which saga 1 has changed")));
    }
    ASSERT_EQ(service.perform(2, "add x 1", 1), "");
    EXPECT_EQ(service.anomalies.dirtyReads, 0U) << "adding reads nothing";
}

TEST(SagaTransaction, WhatIsSettledOrUndoneIsNotDirty)
{
    Service service;
    ASSERT_EQ(service.perform(1, "add x 5"), "");
    EXPECT_TRUE(service.record().pending.contains(1));
    service.settle(1);
    ASSERT_EQ(service.perform(2, "read x as seen"), "");
    EXPECT_EQ(service.anomalies.dirtyReads, 0U);
    ASSERT_EQ(service.perform(3, "add x 5"), "");
    ASSERT_EQ(service.perform(3, "add x 5", 1), "");
    ASSERT_EQ(service.undo(3, "add x 0 - 5", 1), "");
    EXPECT_TRUE(service.record().pending.contains(3)) << "its first step's change is still there";
    ASSERT_EQ(service.undo(3, "add x 0 - 5"), "");
    EXPECT_TRUE(service.record().pending.empty());
    ASSERT_EQ(service.perform(4, "add x 5", 0, StepKind::Pivot), "");
    EXPECT_TRUE(service.record().pending.empty()) << "a pivot is never undone";
}

// §4.3.1, lost updates: "One saga overwrites without reading changes made by another saga."
TEST(SagaTransaction, SeesALostUpdate)
{
    Service service;
    ASSERT_EQ(service.perform(1, "read x as seen"), "");
    ASSERT_EQ(service.perform(2, "add x 50", 0, StepKind::Pivot), "");
    ASSERT_EQ(service.perform(1, "set x seen + 10", 1), "");
    EXPECT_EQ(service.x(), 110);
    EXPECT_EQ(service.anomalies.lostUpdates, 1U);
    EXPECT_THAT(service.remarks,
                ElementsAre("lost update: saga 1 overwrites x=150 of saga 2 with 110, and has not "
                            "read it"));
}

TEST(SagaTransaction, ItsOwnChangesAreNotLost)
{
    Service service;
    ASSERT_EQ(service.perform(1, "read x as seen"), "");
    ASSERT_EQ(service.perform(1, "add x 1", 1), "");
    ASSERT_EQ(service.perform(1, "set x seen + 10", 2), "");
    EXPECT_EQ(service.anomalies.lostUpdates, 0U);
    ASSERT_EQ(service.perform(2, "read x as seen"), "");
    ASSERT_EQ(service.perform(1, "add x 1", 3), "");
    ASSERT_EQ(service.perform(2, "add x 1", 1), "");
    ASSERT_EQ(service.perform(2, "set x seen", 2), "");
    EXPECT_EQ(service.anomalies.lostUpdates, 1U) << "adding after somebody else hides nothing";
}

// §4.3.1, fuzzy or nonrepeatable reads: "Two different steps of a saga read the same data and get
// different results because another saga has made updates."
TEST(SagaTransaction, SeesAFuzzyRead)
{
    Service service;
    ASSERT_EQ(service.perform(1, "read x as seen"), "");
    ASSERT_EQ(service.perform(1, "read x as seen", 1), "");
    EXPECT_EQ(service.anomalies.fuzzyReads, 0U);
    ASSERT_EQ(service.perform(2, "add x 50", 0, StepKind::Pivot), "");
    ASSERT_EQ(service.perform(1, "read x as seen", 2), "");
    EXPECT_EQ(service.anomalies.fuzzyReads, 1U);
    EXPECT_THAT(service.remarks,
                ElementsAre("fuzzy read: saga 1 has read x=100 before and reads "
                            "150 now, changed by saga 2"));
}

// §4.3.2: "Commutative updates—Design update operations to be executable in any order."
TEST(SagaTransaction, ACommutativeUpdateAddsTheDifference)
{
    Service service({.commutative = true});
    ASSERT_EQ(service.perform(1, "read x as seen"), "");
    ASSERT_EQ(service.perform(2, "add x 50", 0, StepKind::Pivot), "");
    ASSERT_EQ(service.perform(1, "set x seen + 10", 1), "");
    EXPECT_EQ(service.x(), 160);
    EXPECT_EQ(service.anomalies.lostUpdates, 0U);
    ASSERT_EQ(service.perform(3, "add x 40", 0, StepKind::Pivot), "");
    ASSERT_EQ(service.undo(1, "set x seen", 1), "");
    EXPECT_EQ(service.x(), 140) << "160 + 40 and what it had become, 160, back to 100";
}

// §4.3.2: "Reread value—Prevent dirty writes by rereading data to verify that it's unchanged before
// overwriting it."
TEST(SagaTransaction, AValueThatIsReadAgainDeclinesWhenItHasChanged)
{
    Service service({.reread = true});
    ASSERT_EQ(service.perform(1, "read x as seen"), "");
    ASSERT_EQ(service.perform(2, "add x 50", 0, StepKind::Pivot), "");
    EXPECT_EQ(service.perform(1, "set x seen + 10", 1),
              "x was changed by saga 2 since it was read");
    EXPECT_EQ(service.x(), 150);
    EXPECT_EQ(service.perform(1, "set x seen + 10", 1, StepKind::Retriable), "")
        << "a retriable step must not decline";
    EXPECT_EQ(service.anomalies.lostUpdates, 1U);
}

// §4.3.2: "Version file—Record the updates to a record so that they can be reordered."
TEST(SagaTransaction, AVersionFileReordersUpdates)
{
    Service service({.versionFile = true});
    ASSERT_EQ(service.perform(2, "add x 50", 0, StepKind::Pivot), "");
    ASSERT_EQ(service.perform(1, "set x 70"), "");
    EXPECT_EQ(service.x(), 120) << "saga 1 comes before saga 2, whenever it arrives";
    ASSERT_EQ(service.undo(1, "set x 100"), "");
    EXPECT_EQ(service.x(), 150) << "its line is struck out";
    EXPECT_EQ(service.record().file.size(), 1U);
}

TEST(SagaShelf, ForgetsWhatIsOverEverywhere)
{
    Data data;
    Records records;
    std::vector<Entry> entries;
    std::vector<Post> outbox;
    std::uint64_t transactions = 0;
    const Shelf shelf{data, records, entries, outbox, transactions};
    records["x"] = {3, 2, {1, 2, 3, 4}, 10, {{1, 0, false, 5}, {2, 0, true, 7}, {3, 0, false, 1}}};
    for (const SagaId saga : {1, 2, 3, 4}) {
        entries.push_back({saga, 0, EntryState::Done, "t", {}, {}, {}, 0});
    }
    shelf.prune(0, 2, 4); // 1 and 3 are of the first of two origins
    EXPECT_EQ(entries.size(), 2U);
    EXPECT_EQ(records["x"].pending, (SagaSet{2, 4}));
    EXPECT_EQ(records["x"].base, 15) << "only what comes first in the file";
    EXPECT_EQ(records["x"].file.size(), 2U);
}

} // namespace
} // namespace lightcone::protocols::saga
