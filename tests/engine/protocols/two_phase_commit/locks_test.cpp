#include "engine/protocols/two_phase_commit/locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::protocols::two_phase_commit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Transactions are as old as their numbers say.
class Table
{
public:
    explicit Table(Deadlocks deadlocks)
        : m_locks(m_list, deadlocks)
    {
    }
    Grant shared(TransactionId id, const std::string& key = "a")
    {
        return m_locks.request({id, id, key, false}, {});
    }
    Grant exclusive(TransactionId id, const std::string& key = "a")
    {
        return m_locks.request({id, id, key, true}, {});
    }
    std::vector<TransactionId> release(TransactionId id) { return m_locks.release(id, {}); }
    [[nodiscard]] std::vector<TransactionId> obstacles(TransactionId id) const
    {
        return m_locks.obstacles(id);
    }
    [[nodiscard]] const std::vector<Lock>& list() const { return m_list; }

private:
    std::vector<Lock> m_list;
    Locks m_locks;
};

TEST(Locks, SharedOnesGoTogetherExclusiveOnesWithNobody)
{
    Table table(Deadlocks::Timeout);
    EXPECT_EQ(table.shared(1), Grant::Granted);
    EXPECT_EQ(table.shared(2), Grant::Granted);
    EXPECT_EQ(table.exclusive(3), Grant::Waits);
    EXPECT_EQ(table.exclusive(3, "b"), Grant::Granted) << "another key";
    EXPECT_THAT(table.obstacles(3), ElementsAre(1, 2));
    EXPECT_THAT(table.release(1), IsEmpty());
    EXPECT_THAT(table.release(2), ElementsAre(3));
    EXPECT_EQ(table.shared(4), Grant::Waits);
    EXPECT_THAT(table.release(3), ElementsAre(4));
}

TEST(Locks, AskedAgainAreWhatTheyWere)
{
    Table table(Deadlocks::Timeout);
    EXPECT_EQ(table.exclusive(1), Grant::Granted);
    EXPECT_EQ(table.exclusive(1), Grant::Granted);
    EXPECT_EQ(table.shared(1), Grant::Granted) << "an exclusive lock is a shared one too";
    EXPECT_EQ(table.exclusive(2), Grant::Waits);
    EXPECT_EQ(table.exclusive(2), Grant::Waits);
    EXPECT_EQ(table.list().size(), 2U);
}

TEST(Locks, WhoWaitsIsNotOvertakenByASharedOne)
{
    Table table(Deadlocks::Timeout);
    EXPECT_EQ(table.shared(1), Grant::Granted);
    EXPECT_EQ(table.exclusive(2), Grant::Waits);
    EXPECT_EQ(table.shared(3), Grant::Waits);
    EXPECT_THAT(table.obstacles(3), ElementsAre(2));
    EXPECT_THAT(table.release(1), ElementsAre(2));
    EXPECT_THAT(table.release(2), ElementsAre(3));
}

TEST(Locks, ASharedOneBecomesExclusiveBeforeOthersThatWait)
{
    Table table(Deadlocks::Timeout);
    EXPECT_EQ(table.shared(1), Grant::Granted);
    EXPECT_EQ(table.exclusive(1), Grant::Granted) << "alone, at once";
    table.release(1);
    table.shared(1);
    table.shared(2);
    EXPECT_EQ(table.exclusive(3), Grant::Waits);
    EXPECT_EQ(table.exclusive(1), Grant::Waits);
    EXPECT_THAT(table.release(2), ElementsAre(1));
    ASSERT_EQ(table.list().size(), 2U) << "the shared lock has become the exclusive one";
    EXPECT_THAT(table.release(1), ElementsAre(3));
}

// Rosenkrantz, Stearns, Lewis 1978, WAIT-DIE: the older one waits, the younger one dies.
TEST(Locks, OnlyAnOlderOneWaits)
{
    Table table(Deadlocks::WaitDie);
    EXPECT_EQ(table.exclusive(5), Grant::Granted);
    EXPECT_EQ(table.exclusive(7), Grant::Dies);
    EXPECT_EQ(table.exclusive(3), Grant::Waits);
    EXPECT_EQ(table.list().size(), 2U) << "who dies leaves nothing";
}

TEST(Locks, WaitDieLooksAtAllThatAreInTheWay)
{
    Table table(Deadlocks::WaitDie);
    EXPECT_EQ(table.shared(2), Grant::Granted);
    EXPECT_EQ(table.shared(6), Grant::Granted);
    EXPECT_EQ(table.exclusive(4), Grant::Dies) << "older than one of the two only";
    EXPECT_EQ(table.exclusive(1), Grant::Waits);
    EXPECT_EQ(table.shared(3), Grant::Dies)
        << "it would overtake who waits, or wait for an older one";
}

// Waits must lead from old to young among those that wait as well.
TEST(Locks, OfWaitersTheYoungestGoesFirst)
{
    Table table(Deadlocks::WaitDie);
    table.exclusive(9);
    EXPECT_EQ(table.exclusive(5), Grant::Waits);
    EXPECT_EQ(table.exclusive(3), Grant::Waits);
    EXPECT_THAT(table.obstacles(3), ElementsAre(9, 5));
    EXPECT_THAT(table.obstacles(5), ElementsAre(9));
    EXPECT_THAT(table.release(9), ElementsAre(5));
    EXPECT_THAT(table.release(5), ElementsAre(3));
}

TEST(Locks, AReleaseServesAllThatFitTogether)
{
    Table table(Deadlocks::WaitDie);
    table.exclusive(9);
    table.exclusive(9, "b");
    table.shared(4);
    table.shared(5);
    table.exclusive(3, "b");
    EXPECT_THAT(table.release(9), ElementsAre(5, 4, 3));
    EXPECT_TRUE(std::none_of(table.list().begin(), table.list().end(),
                             [](const Lock& lock) { return lock.waits; }));
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
