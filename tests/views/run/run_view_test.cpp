#include "tests/support/views/fake_session.h"
#include "views/run/run_view.h"

#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace lightcone::run {
namespace {

using testing_support::FakeSession;

struct Opened
{
    Opened()
    {
        auto made = std::make_unique<FakeSession>();
        session = made.get();
        view.open(std::move(made));
    }

    void settle()
    {
        for (int i = 0; i < 5; ++i) {
            view.soon();
            QCoreApplication::processEvents();
        }
    }

    RunView view;
    FakeSession* session = nullptr;
};

TEST(RunView, SaysWhatGrew)
{
    Opened run;
    EXPECT_EQ(run.view.events(), 18U);
    const QSignalSpy grew(&run.view, &RunView::grew);
    run.session->grow(5);
    run.settle();
    ASSERT_EQ(grew.count(), 1);
    EXPECT_EQ(grew.at(0).at(0).toULongLong(), 19U);
    EXPECT_EQ(grew.at(0).at(1).toULongLong(), 23U);
}

TEST(RunView, FetchesTheStateAndThenWhatItIsComparedWith)
{
    Opened run;
    run.view.lookAt(EventId(11));
    run.view.compareWith(EventId(10));
    run.settle();
    ASSERT_TRUE(run.view.state());
    EXPECT_EQ(run.view.state()->event, EventId(11));
    ASSERT_TRUE(run.view.before());
    EXPECT_EQ(run.view.before()->event, EventId(10));
}

TEST(RunView, ANewerWishWinsOverAnOlder)
{
    Opened run;
    run.view.lookAt(EventId(3));
    run.view.lookAt(EventId(4));
    run.view.lookAt(EventId(9));
    run.settle();
    EXPECT_EQ(run.view.state()->event, EventId(9));
}

TEST(RunView, StartsOverOnAnotherBranch)
{
    Opened run;
    run.view.lookAt(EventId(18));
    run.settle();
    const QSignalSpy changed(&run.view, &RunView::branchChanged);
    run.session->fork(EventId(8), "what if");
    run.settle();
    EXPECT_EQ(changed.count(), 1);
    EXPECT_EQ(run.view.events(), 8U);
    ASSERT_TRUE(run.view.state());
    EXPECT_EQ(run.view.state()->event, EventId(8));
}

TEST(RunView, PassesOnWhatAnActGotWrong)
{
    Opened run;
    const QSignalSpy failed(&run.view, &RunView::failed);
    run.session->syntaxError = "expected a node's name, found '7'";
    run.view.act("crash 7");
    ASSERT_EQ(failed.count(), 1);
    EXPECT_EQ(failed.at(0).at(0).toString(), "expected a node's name, found '7'");
}

TEST(RunView, ActsAtTheEndUnlessToldOtherwise)
{
    Opened run;
    run.view.act("crash n3");
    run.view.act("crash n2", EventId(7));
    ASSERT_EQ(run.session->log.size(), 2U);
    EXPECT_EQ(run.session->log[0], "act crash n3 @18");
    EXPECT_EQ(run.session->log[1], "act crash n2 @7");
}

TEST(RunView, ClosesWhileAnAnswerIsOnItsWay)
{
    Opened run;
    run.view.lookAt(EventId(5));
    run.view.open(nullptr);
    run.settle();
    EXPECT_FALSE(run.view.isOpen());
    EXPECT_FALSE(run.view.state());
    EXPECT_EQ(run.view.events(), 0U);
}

} // namespace
} // namespace lightcone::run
