#include "engine/describe/described.h"
#include "views/inspector/field_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace lightcone::inspector {

struct Entry
{
    int term = 0;
    std::string command;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (term, command))

struct Machine
{
    int term = 0;
    std::set<NodeId> votes;
    std::vector<Entry> log;
    std::map<std::string, int> store;
    std::optional<int> leader;
    std::uint64_t logStart = 1;
};
BOOST_DESCRIBE_STRUCT(Machine, (), (term, votes, log, store, leader, logStart))
constexpr auto facets(describe::Tag<Machine>)
{
    return std::array{describe::FieldFacet{"log", describe::Facet::Log},
                      describe::FieldFacet{"logStart", describe::Facet::LogStart}};
}

namespace {

using describe::toValue;

struct Shown
{
    Shown() { model.show(toValue(before), toValue(before), describe::plainNames()); }

    void change(const Machine& now)
    {
        model.show(toValue(now), toValue(before), describe::plainNames());
    }

    [[nodiscard]] QString text(int row, int column, const QModelIndex& parent = {}) const
    {
        return model.index(row, column, parent).data().toString();
    }

    Machine before{1, {NodeId(3)}, {{1, "put x"}}, {{"x", 1}}, {}, 1};
    FieldModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
};

enum : int { Term, Votes, Log, Store, Leader };

TEST(FieldModel, MarksWhatChangedWithItsOldValue)
{
    Shown shown;
    auto now = shown.before;
    now.term = 2;
    shown.change(now);
    EXPECT_EQ(shown.text(Term, FieldModel::Now), "2");
    EXPECT_EQ(shown.text(Term, FieldModel::Before), "1");
    EXPECT_TRUE(shown.model.index(Term, 0).data(FieldModel::ChangedRole).toBool());
    EXPECT_FALSE(shown.model.index(Votes, 0).data(FieldModel::ChangedRole).toBool());
    EXPECT_EQ(shown.text(Votes, FieldModel::Before), "");
}

TEST(FieldModel, ShowsAnEmptyOptionalAsNothing)
{
    Shown shown;
    auto now = shown.before;
    now.leader = 4;
    shown.change(now);
    EXPECT_EQ(shown.text(Leader, FieldModel::Now), "4");
    EXPECT_EQ(shown.text(Leader, FieldModel::Before), "—");
}

TEST(FieldModel, KeepsRowsWhileALogGrowsAndShrinks)
{
    Shown shown;
    const QPersistentModelIndex log = shown.model.index(Log, 0);
    ASSERT_EQ(shown.model.rowCount(log), 1);
    auto now = shown.before;
    for (int i = 0; i < 5; ++i) {
        now.log.push_back({2, "put y"});
    }
    const QSignalSpy reset(&shown.model, &QAbstractItemModel::modelReset);
    shown.change(now);
    EXPECT_EQ(shown.model.rowCount(log), 6);
    EXPECT_EQ(shown.text(Log, FieldModel::Now), "[6]");
    EXPECT_TRUE(shown.model.index(5, 0, log).data(FieldModel::ChangedRole).toBool());
    EXPECT_FALSE(shown.model.index(0, 0, log).data(FieldModel::ChangedRole).toBool());
    now.log.resize(2);
    shown.change(now);
    EXPECT_EQ(shown.model.rowCount(log), 2);
    EXPECT_TRUE(log.isValid());
    EXPECT_EQ(reset.count(), 0);
}

TEST(FieldModel, NumbersALogFromWhereItStarts)
{
    Shown shown;
    auto now = shown.before;
    now.logStart = 40;
    now.log.push_back({2, "put y"});
    shown.change(now);
    const auto log = shown.model.index(Log, 0);
    EXPECT_EQ(shown.text(0, FieldModel::Name, log), "40");
    EXPECT_EQ(shown.text(1, FieldModel::Name, log), "41");
}

TEST(FieldModel, SaysHowManyEntriesItLeavesOutAndBringsThem)
{
    Shown shown;
    auto now = shown.before;
    now.log.assign(1000, {2, "put y"});
    shown.change(now);
    const auto log = shown.model.index(Log, 0);
    ASSERT_EQ(shown.model.rowCount(log), FieldModel::window + 1);
    const auto rest = shown.model.index(0, 0, log);
    EXPECT_EQ(rest.data(FieldModel::HiddenRole).toULongLong(), 1000U - FieldModel::window);
    EXPECT_EQ(shown.text(1, FieldModel::Name, log), QString::number(1001 - FieldModel::window));
    shown.model.reveal(rest);
    EXPECT_EQ(shown.model.rowCount(log), 2 * FieldModel::window + 1);
    EXPECT_EQ(rest.data(FieldModel::HiddenRole).toULongLong(), 1000U - 2U * FieldModel::window);
}

TEST(FieldModel, NamesAMapsEntriesByTheirKeys)
{
    Shown shown;
    auto now = shown.before;
    now.store["y"] = 9;
    shown.change(now);
    const auto store = shown.model.index(Store, 0);
    ASSERT_EQ(shown.model.rowCount(store), 2);
    EXPECT_EQ(shown.text(1, FieldModel::Name, store), "y");
    EXPECT_EQ(shown.text(1, FieldModel::Before, store), "—");
    EXPECT_EQ(shown.model.index(1, 0, store).data(FieldModel::PathRole).toString(), "store.y");
}

TEST(FieldModel, NothingIsAnEmptyTree)
{
    Shown shown;
    shown.model.show({}, {}, describe::plainNames());
    EXPECT_EQ(shown.model.rowCount(), 0);
}

} // namespace
} // namespace lightcone::inspector
