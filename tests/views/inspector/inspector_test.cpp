#include "tests/support/views/fake_session.h"
#include "tests/views/real_run.h"
#include "views/inspector/checks.h"
#include "views/inspector/flights.h"
#include "views/inspector/inspector.h"

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QSignalSpy>
#include <QToolButton>

#include <gtest/gtest.h>

namespace lightcone::inspector {
namespace {

using testing_support::FakeSession;

class Watched : public testing::Test
{
protected:
    Watched()
    {
        theme.setMode(theme::Mode::Dark);
        auto made = std::make_unique<FakeSession>();
        session = made.get();
        run.open(std::move(made));
        QObject::connect(&cursor, &theme::Cursor::changed, &run,
                         [this] { run.lookAt(cursor.event()); });
    }

    void look(std::uint64_t event, NodeId node)
    {
        cursor.setNode(node);
        cursor.setEvent(EventId(event), (*run.trace())[EventId(event)].at);
        settle();
    }

    void settle()
    {
        for (int i = 0; i < 5; ++i) {
            run.soon();
            QCoreApplication::processEvents();
        }
    }

    static bool shows(const QWidget& widget, const QString& text)
    {
        for (const auto* label : widget.findChildren<QLabel*>()) {
            if (label->isVisibleTo(&widget) && label->text().contains(text)) {
                return true;
            }
        }
        return false;
    }

    theme::Theme theme;
    theme::Cursor cursor;
    run::RunView run;
    FakeSession* session = nullptr;
};

TEST_F(Watched, TheInspectorTellsWhatChangedAndWhy)
{
    Inspector inspector(theme, cursor, run);
    look(11, NodeId(1));
    EXPECT_TRUE(shows(inspector, "candidate → leader"));
    EXPECT_TRUE(shows(inspector, "from n2"));
    EXPECT_TRUE(shows(inspector, "14 ms"));
    const auto* tree = inspector.findChild<FieldTree*>();
    const auto role = tree->model()->index(0, FieldModel::Before);
    EXPECT_EQ(role.data().toString(), "candidate");
    EXPECT_TRUE(role.data(FieldModel::ChangedRole).toBool());
}

TEST_F(Watched, TheInspectorMarksNothingWhenTheStepWasEarlier)
{
    Inspector inspector(theme, cursor, run);
    look(14, NodeId(1));
    const auto* tree = inspector.findChild<FieldTree*>();
    EXPECT_FALSE(tree->model()->index(0, 0).data(FieldModel::ChangedRole).toBool());
    EXPECT_TRUE(shows(inspector, "before this moment"));
}

TEST_F(Watched, TheInspectorAsksForANode)
{
    Inspector inspector(theme, cursor, run);
    EXPECT_TRUE(shows(inspector, "Select a node"));
}

TEST_F(Watched, TheInspectorGoesAlongWithTheEventsWhereNoNodeIsSelected)
{
    Inspector inspector(theme, cursor, run);
    look(11, NodeId());
    EXPECT_TRUE(shows(inspector, "candidate → leader"));
    look(11, NodeId(2));
    EXPECT_FALSE(shows(inspector, "candidate → leader")) << "n2 is selected";
}

TEST_F(Watched, TheInspectorDropsAMessageAtTheCursor)
{
    Inspector inspector(theme, cursor, run);
    look(7, NodeId(1));
    QToolButton* drop = nullptr;
    for (auto* button : inspector.findChildren<QToolButton*>()) {
        if (button->text() == "Drop" && drop == nullptr) {
            drop = button;
        }
    }
    ASSERT_NE(drop, nullptr);
    drop->click();
    ASSERT_FALSE(session->log.empty());
    EXPECT_EQ(session->log.back(), "act drop #6 @7");
}

TEST_F(Watched, FlightsListMessagesAndTimersSoonestFirst)
{
    FlightModel model(theme, run);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    look(7, NodeId(1));
    ASSERT_EQ(model.rowCount(), 3);
    EXPECT_EQ(model.messages(), 2);
    EXPECT_EQ(model.pickLine(0), "pick #6");
    EXPECT_EQ(model.nowLine(2), "fire n2 election");
    EXPECT_TRUE(model.at(1).cut);
    look(10, NodeId(1));
    EXPECT_EQ(model.messages(), 1);
}

TEST_F(Watched, FlightsKeepTheSelectionWhileOthersArrive)
{
    FlightModel model(theme, run);
    look(7, NodeId(1));
    const QPersistentModelIndex timer = model.index(2, 0);
    look(8, NodeId(1));
    ASSERT_TRUE(timer.isValid());
    EXPECT_EQ(model.at(timer.row()).timer, "election");
}

TEST_F(Watched, PickingAFlightMakesItHappenNext)
{
    Flights flights(theme, cursor, run);
    look(7, NodeId(1));
    auto* list = flights.findChild<QTreeView*>();
    list->setCurrentIndex(list->model()->index(1, 0));
    flights.pick();
    EXPECT_EQ(session->log.back(), "act pick #7 @7");
}

TEST_F(Watched, ChecksCountAndLeadToWhatBroke)
{
    Checks checks(theme, cursor, run);
    QAbstractItemModelTester tester(checks.findChild<QTreeView*>()->model(),
                                    QAbstractItemModelTester::FailureReportingMode::Fatal);
    const QSignalSpy counted(&checks, &Checks::counted);
    settle();
    EXPECT_EQ(checks.model().rowCount(), 4); // two invariants, linearizability, one expectation
    EXPECT_EQ(checks.model().held(), 3);
    // What is told and what a person guessed are no checks.
    session->change([](auto& snapshot) {
        using Lesson = session::Lesson;
        snapshot.lessons.push_back({7, "soon", Lesson::State::Ahead, {}, Lesson::Kind::Say});
        snapshot.lessons.push_back(
            {8, "who?", Lesson::State::Failed, EventId(3), Lesson::Kind::Ask});
    });
    settle();
    EXPECT_EQ(checks.model().rowCount(), 4);
    const auto linearizable = checks.model().index(2, CheckModel::Outcome);
    EXPECT_EQ(linearizable.data().toString(), "not applicable");
    session->change([](auto& snapshot) {
        snapshot.checks[0].brokenAt = EventId(12);
        snapshot.checks[0].how = "n1 and n2 both lead";
    });
    settle();
    EXPECT_EQ(checks.model().held(), 2);
    const auto broken = checks.model().index(0, 0);
    EXPECT_TRUE(broken.data(Qt::ToolTipRole).toString().contains("n1 and n2 both lead"));
    EXPECT_EQ(broken.data(CheckModel::EventRole).toULongLong(), 12U);
    EXPECT_EQ(broken.data(Qt::ForegroundRole).value<QColor>(), theme.colour(picture::Ink::Bad));
}

TEST_F(Watched, WhatIsNotJudgedNeitherHoldsNorIsBroken)
{
    Checks checks(theme, cursor, run);
    const QSignalSpy counted(&checks, &Checks::counted);
    session->change([](auto& snapshot) {
        snapshot.checks[0].notJudgedFrom = EventId(9);
        snapshot.checks[0].notJudged = "n2 was killed";
    });
    settle();
    EXPECT_FALSE(counted.isEmpty());
    const auto& model = checks.model();
    EXPECT_EQ(model.held(), 2);
    EXPECT_EQ(model.settled(), 2);
    EXPECT_EQ(model.notJudged(), 1);
    const auto line = model.index(0, CheckModel::What);
    EXPECT_EQ(line.siblingAtColumn(CheckModel::Outcome).data().toString(),
              "not judged from event 9 on");
    EXPECT_TRUE(line.data(Qt::ToolTipRole).toString().startsWith("n2 was killed\n"));
    EXPECT_EQ(line.data(Qt::ForegroundRole).value<QColor>(), theme.colour(picture::Ink::Muted));
    const auto pictureOf = [](const QVariant& icon) {
        return icon.value<QIcon>().pixmap(14, 14).toImage();
    };
    for (const auto state :
         {CheckModel::State::Holds, CheckModel::State::Broken, CheckModel::State::Ahead}) {
        EXPECT_NE(pictureOf(line.data(Qt::DecorationRole)),
                  CheckModel::icon(theme, state).pixmap(14, 14).toImage());
    }
    emit checks.findChild<QTreeView*>()->clicked(line);
    EXPECT_EQ(cursor.event(), EventId(9));
    // What was broken before stays so, whatever else is said.
    session->change([](auto& snapshot) {
        snapshot.checks[0].brokenAt = EventId(5);
        snapshot.checks[0].how = "n1 and n2 both lead";
    });
    settle();
    EXPECT_EQ(model.notJudged(), 0);
    EXPECT_EQ(model.settled(), 3);
    EXPECT_EQ(line.data(CheckModel::EventRole).toULongLong(), 5U);
}

TEST_F(Watched, AStaleReadLeadsToItsReply)
{
    Checks checks(theme, cursor, run);
    testing_support::perform(run, testing_support::staleRead);
    const auto& model = checks.model();
    int row = 0;
    while (row < model.rowCount() && model.index(row, 0).data().toString() != "Linearizable") {
        ++row;
    }
    ASSERT_LT(row, model.rowCount());
    const auto line = model.index(row, CheckModel::What);
    const EventId reply(line.data(CheckModel::EventRole).toULongLong());
    EXPECT_EQ(reply, run.linearity()->reply);
    EXPECT_EQ(line.siblingAtColumn(CheckModel::Outcome).data().toString(),
              QString("broken at event %1").arg(reply.value));
    EXPECT_TRUE(line.data(Qt::ToolTipRole).toString().contains("could only have held 2"));
    emit checks.findChild<QTreeView*>()->clicked(line);
    EXPECT_EQ(cursor.event(), reply);
    EXPECT_EQ((*run.trace())[reply].kind, trace::Kind::Reply);
}

} // namespace
} // namespace lightcone::inspector
