#include "tests/support/views/fake_session.h"
#include "views/events/events.h"

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace lightcone::events {
namespace {

using testing_support::FakeSession;

class Listed : public testing::Test
{
protected:
    Listed()
    {
        auto made = std::make_unique<FakeSession>();
        session = made.get();
        run.open(std::move(made));
    }

    void settle(const EventModel& model)
    {
        const auto done = [&] { return !model.progress() && model.rowCount() >= 0; };
        for (int i = 0; i < 500 && (!done() || i < 5); ++i) {
            run.soon();
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
            QTest::qWait(1);
        }
    }

    theme::Theme theme;
    theme::Cursor cursor;
    run::RunView run;
    FakeSession* session = nullptr;
};

TEST_F(Listed, ShowsEveryEventAndThoseThatCome)
{
    EventModel model(theme, run);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    EXPECT_EQ(model.rowCount(), 18);
    EXPECT_EQ(model.index(11, EventModel::Content).data().toString(), "becomes leader of term 1");
    EXPECT_EQ(model.index(10, EventModel::Cause).data().toString(), "9");
    session->grow(4);
    settle(model);
    EXPECT_EQ(model.rowCount(), 22);
}

TEST_F(Listed, AFilterLetsThroughWhatAnswersIt)
{
    EventModel model(theme, run);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    ASSERT_TRUE(model.setFilter("kind == send and node == n1"));
    settle(model);
    ASSERT_EQ(model.rowCount(), 2);
    EXPECT_EQ(model.eventAt(0), EventId(6));
    EXPECT_EQ(model.eventAt(1), EventId(7));
    EXPECT_EQ(model.rowOf(EventId(6)), 0);
    EXPECT_EQ(model.rowOf(EventId(18)), 1);
    EXPECT_EQ(model.rowOf(EventId(2)), -1);
}

TEST_F(Listed, AFilterGoesOnAsTheRunDoes)
{
    EventModel model(theme, run);
    ASSERT_TRUE(model.setFilter("kind == timer"));
    settle(model);
    const int before = model.rowCount();
    session->grow(20000);
    run.soon();
    QTest::qWait(30);
    settle(model);
    EXPECT_EQ(model.rowCount(), before + 20000);
}

TEST_F(Listed, EveryCellsQuestionIsOneAndFindsItsOwnEvent)
{
    EventModel model(theme, run);
    const int rows = model.rowCount();
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < EventModel::ColumnCount; ++column) {
            const auto question = model.index(row, column).data(EventModel::FilterRole).toString();
            if (question.isEmpty()) {
                continue;
            }
            EventModel filtered(theme, run);
            const auto done = filtered.setFilter(question);
            ASSERT_TRUE(done) << question.toStdString() << ": " << done.error().message;
            settle(filtered);
            const auto found = filtered.rowOf(EventId(static_cast<std::uint64_t>(row) + 1));
            EXPECT_EQ(filtered.eventAt(found).value, static_cast<std::uint64_t>(row) + 1)
                << question.toStdString();
        }
    }
}

TEST_F(Listed, ABadFilterSaysWhereAndKeepsTheList)
{
    Events events(theme, cursor, run);
    events.filterBy("kind == send");
    settle(events.model());
    const int before = events.model().rowCount();
    events.filterBy("kind == (");
    const auto labels = events.findChildren<QLabel*>();
    EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->isVisibleTo(&events) && label->text().contains("^ ");
    }));
    EXPECT_EQ(events.model().rowCount(), before);
}

TEST_F(Listed, FollowsTheCursorAndMovesIt)
{
    Events events(theme, cursor, run);
    events.resize(900, 300);
    auto* list = events.findChild<EventList*>();
    cursor.setEvent(EventId(9), (*run.trace())[EventId(9)].at);
    EXPECT_EQ(list->current(), 8);
    QTest::keyClick(list, Qt::Key_Down);
    EXPECT_EQ(cursor.event(), EventId(10));
    QTest::keyClick(list, Qt::Key_Home);
    EXPECT_EQ(cursor.event(), EventId(1));
    EXPECT_FALSE(cursor.followsEnd());
}

TEST_F(Listed, AClickChoosesTheRowUnderIt)
{
    Events events(theme, cursor, run);
    events.resize(900, 600);
    events.show();
    auto* list = events.findChild<EventList*>();
    QCoreApplication::processEvents();
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(100, 22 * 3 + 5));
    EXPECT_EQ(cursor.event(), EventId(4));
}

} // namespace
} // namespace lightcone::events
