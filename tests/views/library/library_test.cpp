#include "views/library/library.h"

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QLineEdit>
#include <QSignalSpy>

#include <gtest/gtest.h>

#include <algorithm>

namespace lightcone::library {
namespace {

std::vector<Shelf> shelves()
{
    return {{"Consensus",
             "Raft",
             "A log.",
             {{"The leader crashes", "Who leads next?", "/s/crash.scenario"},
              {"A split vote", "Nobody wins.", "/s/split.scenario"}}},
            {"Consensus", "Paxos", "One value.", {{"A round", "", "/s/round.scenario"}}},
            {"Storage", "Replication", "Copies.", {}}};
}

TEST(LibraryModel, BeginsWithWhatOneLearnsFirst)
{
    LibraryModel model;
    auto reversed = shelves();
    std::reverse(reversed.begin(), reversed.end());
    reversed.push_back({"Elsewhere", "Beacon", "A lamp.", {}});
    model.show(reversed, {});
    ASSERT_EQ(model.rowCount(), 3);
    EXPECT_EQ(model.index(0, 0).data().toString(), "Consensus");
    EXPECT_EQ(model.index(1, 0).data().toString(), "Storage");
    EXPECT_EQ(model.index(2, 0).data().toString(), "Elsewhere");
}

TEST(LibraryModel, GathersProtocolsUnderTheirFamilies)
{
    LibraryModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.show(shelves(), {"/home/a/mine.scenario"});
    ASSERT_EQ(model.rowCount(), 3);
    const auto consensus = model.index(0, 0);
    EXPECT_EQ(consensus.data().toString(), "Consensus");
    ASSERT_EQ(model.rowCount(consensus), 2);
    const auto raft = model.index(0, 0, consensus);
    const auto crash = model.index(0, 0, raft);
    EXPECT_EQ(crash.data(LibraryModel::PathRole).toString(), "/s/crash.scenario");
    EXPECT_EQ(crash.data(Qt::ToolTipRole).toString(), "Who leads next?");
    const auto recent = model.index(2, 0);
    EXPECT_EQ(model.index(0, 0, recent).data().toString(), "mine.scenario");
}

struct Shown
{
    Shown() { library.show(shelves(), {}); }

    /// Titles that can be seen, from the top.
    [[nodiscard]] QStringList seen() const
    {
        const auto* tree = library.findChild<QTreeView*>();
        QStringList titles;
        for (auto index = tree->model()->index(0, 0); index.isValid();
             index = tree->indexBelow(index)) {
            titles << index.data().toString();
        }
        return titles;
    }

    theme::Theme theme;
    Library library{theme};
};

TEST(Library, SearchFindsWordsOfTitlesAndSummaries)
{
    Shown shown;
    shown.library.findChild<QLineEdit*>()->setText("leads next");
    EXPECT_EQ(shown.seen(), QStringList({"Consensus", "Raft", "The leader crashes"}));
    shown.library.findChild<QLineEdit*>()->setText("no such thing");
    EXPECT_TRUE(shown.seen().isEmpty());
}

TEST(Library, OpensTheShelfOfWhatIsOpen)
{
    Shown shown;
    EXPECT_FALSE(shown.seen().contains("A round"));
    shown.library.mark("/s/round.scenario");
    EXPECT_TRUE(shown.seen().contains("A round"));
    const auto* tree = shown.library.findChild<QTreeView*>();
    EXPECT_EQ(tree->currentIndex().data().toString(), "A round");
}

TEST(Library, AChosenScenarioIsOpenedAndAFamilyIsNot)
{
    Shown shown;
    const QSignalSpy chosen(&shown.library, &Library::chosen);
    auto* tree = shown.library.findChild<QTreeView*>();
    const auto consensus = tree->model()->index(0, 0);
    emit tree->clicked(consensus);
    EXPECT_EQ(chosen.count(), 0);
    const auto raft = tree->model()->index(0, 0, consensus);
    emit tree->clicked(tree->model()->index(1, 0, raft));
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_EQ(chosen.at(0).at(0).toString(), "/s/split.scenario");
}

TEST(Library, ATitleThatIsTooLongForItsPanelIsWrapped)
{
    Shown shown;
    auto* tree = shown.library.findChild<QTreeView*>();
    tree->expandAll();
    const auto title = tree->model()->index(0, 0, tree->model()->index(0, 0, {}));
    const auto item = tree->model()->index(0, 0, title);
    shown.library.resize(600, 400);
    shown.library.show();
    const int wide = tree->visualRect(item).height();
    shown.library.resize(110, 400);
    EXPECT_GT(tree->visualRect(item).height(), wide);
    shown.library.resize(600, 400);
    EXPECT_EQ(tree->visualRect(item).height(), wide);
}

TEST(Library, WhatIsOpenIsSeenWhole)
{
    theme::Theme theme;
    Library library(theme);
    Shelf shelf{"Consensus", "Raft", "", {}};
    for (int i = 0; i < 30; ++i) {
        shelf.items.push_back(
            {QStringLiteral("A question that takes three lines of such a panel, number %1?").arg(i),
             {},
             QStringLiteral("/s/%1.scenario").arg(i)});
    }
    library.resize(190, 500);
    library.show({shelf}, {});
    library.QWidget::show();
    const auto* tree = library.findChild<QTreeView*>();
    for (const int place : {29, 3, 17}) {
        library.mark(QStringLiteral("/s/%1.scenario").arg(place));
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::processEvents();
        }
        const auto row = tree->visualRect(tree->currentIndex());
        EXPECT_GE(row.top(), 0) << place;
        EXPECT_LE(row.bottom(), tree->viewport()->height()) << place;
        EXPECT_GT(row.height(), 40) << place;
    }
}

} // namespace
} // namespace lightcone::library
