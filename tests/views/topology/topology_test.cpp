#include "tests/support/views/fake_session.h"
#include "views/topology/topology.h"

#include <QMenu>
#include <QSignalSpy>
#include <QTest>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::topology {
namespace {

using picture::Subject;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing_support::FakeSession;

class Shown : public testing::Test
{
protected:
    Shown()
    {
        theme.setMode(theme::Mode::Dark);
        auto made = std::make_unique<FakeSession>();
        session = made.get();
        view = std::make_unique<Topology>(theme, cursor, run);
        view->resize(900, 420);
        view->show();
        QObject::connect(&cursor, &theme::Cursor::changed, &run,
                         [this] { run.lookAt(cursor.event()); });
        run.open(std::move(made));
        look(7);
    }

    void look(std::uint64_t event)
    {
        settle();
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

    QPoint centreOf(std::uint32_t node)
    {
        const auto centre = view->layout().nodes.at(NodeId(node)).centre();
        return {int(centre.x), int(centre.y)};
    }

    /// Somewhere on the link between two nodes where nothing else is.
    QPoint onLink(std::uint32_t a, std::uint32_t b)
    {
        const auto from = centreOf(a);
        const auto to = centreOf(b);
        for (int step = 0; step < 30; ++step) {
            const double share = 0.2 + 0.02 * step;
            const QPoint at = from + (to - from) * share;
            const auto subject = view->drawing().hit({double(at.x()), double(at.y())}, 5);
            if (subject.kind == Subject::Kind::Link && subject.node == NodeId(a)
                && subject.peer == NodeId(b)) {
                return at;
            }
        }
        ADD_FAILURE() << "no link to point at";
        return {};
    }

    static QAction* action(QMenu& menu, const QString& line)
    {
        for (auto* each : menu.findChildren<QAction*>()) {
            if (each->data().toString() == line) {
                return each;
            }
        }
        return nullptr;
    }

    theme::Theme theme;
    theme::Cursor cursor;
    run::RunView run;
    FakeSession* session = nullptr;
    std::unique_ptr<Topology> view;
};

TEST_F(Shown, TheFocusIsAFrameAndNoVeil)
{
    const auto ground = theme.colour(picture::Ink::Ground);
    view->activateWindow();
    view->setFocus();
    settle();
    ASSERT_TRUE(view->hasFocus());
    const auto image = view->grab().toImage().convertToFormat(QImage::Format_RGB32);
    const auto scale = static_cast<int>(image.devicePixelRatio());
    EXPECT_NE(image.pixelColor(0, image.height() / 2), ground);
    EXPECT_EQ(image.pixelColor(5 * scale, 5 * scale), ground);
}

TEST_F(Shown, EachNodeHasACardAndAClickSelectsIt)
{
    EXPECT_EQ(view->layout().nodes.size(), run.trace()->about().members.size());
    QTest::mouseClick(view.get(), Qt::LeftButton, {}, centreOf(2));
    EXPECT_EQ(cursor.node(), NodeId(2));
}

TEST_F(Shown, AClickOnALinkCutsItAndWithShiftOneWay)
{
    QTest::mouseClick(view.get(), Qt::LeftButton, {}, onLink(1, 2));
    EXPECT_THAT(session->log, Contains("act cut n1 n2 @7"));
    QTest::mouseClick(view.get(), Qt::LeftButton, Qt::ShiftModifier, onLink(1, 2));
    EXPECT_THAT(session->log, Contains("act cut n1 -> n2 @7"));
}

TEST_F(Shown, ALineAcrossLinksPartitions)
{
    const auto first = centreOf(1);
    const int y = (first.y() + std::min(centreOf(2).y(), centreOf(3).y())) / 2;
    QTest::mousePress(view.get(), Qt::LeftButton, {}, {20, y});
    QTest::mouseMove(view.get(), {300, y});
    QTest::mouseMove(view.get(), {880, y});
    QTest::mouseRelease(view.get(), Qt::LeftButton, {}, {880, y});
    EXPECT_THAT(session->log, Contains(HasSubstr("partition {")));
    EXPECT_THAT(session->log, Contains(HasSubstr("{n2 n3}")));
}

TEST_F(Shown, ALineThatCrossesNothingDoesNothing)
{
    QTest::mousePress(view.get(), Qt::LeftButton, {}, {8, 8});
    QTest::mouseMove(view.get(), {20, 30});
    QTest::mouseRelease(view.get(), Qt::LeftButton, {}, {22, 34});
    EXPECT_THAT(session->log, Not(Contains(HasSubstr("partition"))));
}

TEST_F(Shown, TheNodesMenuSaysWhyNot)
{
    session->refused["crash n2"] = "n2 is not to be touched";
    const std::unique_ptr<QMenu> menu(view->nodeMenu(NodeId(2)));
    auto* crash = action(*menu, "crash n2");
    ASSERT_NE(crash, nullptr);
    EXPECT_FALSE(crash->isEnabled());
    EXPECT_EQ(crash->toolTip(), "n2 is not to be touched");
    auto* isolate = action(*menu, "isolate n2");
    ASSERT_NE(isolate, nullptr);
    isolate->trigger();
    EXPECT_THAT(session->log, Contains("act isolate n2 @7"));
}

TEST_F(Shown, ACrashedNodeIsOfferedARestart)
{
    look(run.events());
    ASSERT_EQ(run.state()->node(NodeId(3))->life, trace::Life::Crashed);
    const std::unique_ptr<QMenu> menu(view->nodeMenu(NodeId(3)));
    EXPECT_NE(action(*menu, "restart n3"), nullptr);
    EXPECT_EQ(action(*menu, "crash n3"), nullptr);
}

TEST_F(Shown, AMessageUnderWayCanBeDealtWith)
{
    Subject flight{Subject::Kind::Flight, EventId(6)};
    const std::unique_ptr<QMenu> menu(view->messageMenu(flight));
    for (const auto* line : {"deliver #6", "drop #6", "duplicate #6", "delay #6 10ms"}) {
        auto* each = action(*menu, line);
        ASSERT_NE(each, nullptr) << line;
        each->trigger();
        EXPECT_THAT(session->log, Contains(HasSubstr(line)));
    }
}

TEST_F(Shown, AMessageInTheWayGivesItsLinkToo)
{
    Subject flight{Subject::Kind::Flight, EventId(6), NodeId(1), NodeId(2)};
    const std::unique_ptr<QMenu> menu(view->messageMenu(flight));
    auto* link = menu->actions().back()->menu();
    ASSERT_NE(link, nullptr);
    auto* cut = action(*link, "cut n1 n2");
    ASSERT_NE(cut, nullptr);
    cut->trigger();
    EXPECT_THAT(session->log, Contains(HasSubstr("cut n1 n2")));
}

TEST_F(Shown, CardsStayWhereTheyAreDraggedTo)
{
    QSignalSpy changed(view.get(), &Topology::placementChanged);
    const auto from = centreOf(1);
    const QPoint to(200, 300);
    QTest::mousePress(view.get(), Qt::LeftButton, {}, from);
    QTest::mouseMove(view.get(), from + QPoint(10, 10));
    QTest::mouseMove(view.get(), to);
    QTest::mouseRelease(view.get(), Qt::LeftButton, {}, to);
    EXPECT_EQ(changed.size(), 1);
    EXPECT_LT((centreOf(1) - to).manhattanLength(), 4);
    const auto text = view->placement();
    view->resetPlacement();
    EXPECT_LT((centreOf(1) - from).manhattanLength(), 4);
    view->setPlacement(text);
    EXPECT_LT((centreOf(1) - to).manhattanLength(), 4);
    view->setPlacement("nonsense;1:7,8;x:y");
    EXPECT_LT((centreOf(1) - from).manhattanLength(), 4) << "what makes no sense is left out";
}

TEST_F(Shown, TabGoesFromNodeToNodeAndDeleteCrashes)
{
    view->setFocus();
    QTest::keyClick(view.get(), Qt::Key_Tab);
    EXPECT_EQ(cursor.node(), NodeId(1));
    QTest::keyClick(view.get(), Qt::Key_Tab);
    EXPECT_EQ(cursor.node(), NodeId(2));
    QTest::keyClick(view.get(), Qt::Key_Backtab, Qt::ShiftModifier);
    EXPECT_EQ(cursor.node(), NodeId(1));
    QTest::keyClick(view.get(), Qt::Key_Delete);
    EXPECT_THAT(session->log, Contains("act crash n1 @7"));
    QTest::keyClick(view.get(), Qt::Key_Backtab, Qt::ShiftModifier);
    EXPECT_EQ(cursor.node(), NodeId(1)) << "who goes on can read in the inspector what is selected";
    QTest::keyClick(view.get(), Qt::Key_Escape);
    EXPECT_EQ(cursor.node(), NodeId());
}

TEST_F(Shown, EverythingPointedAtIsDescribed)
{
    for (const auto& item : view->drawing().items) {
        if (item.subject.kind != Subject::Kind::None) {
            EXPECT_FALSE(view->describe(item.subject).isEmpty());
        }
    }
}

TEST_F(Shown, WithoutARunItSaysSo)
{
    run.open(nullptr);
    settle();
    EXPECT_TRUE(view->drawing().items.empty());
    QTest::mouseClick(view.get(), Qt::LeftButton, {}, {300, 200});
    QTest::keyClick(view.get(), Qt::Key_Delete);
    view->grab();
}

} // namespace
} // namespace lightcone::topology
