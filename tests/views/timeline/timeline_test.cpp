#include "tests/engine/picture/sample.h"
#include "tests/support/views/fake_session.h"
#include "tests/views/real_run.h"
#include "views/timeline/timeline.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

namespace lightcone::timeline {
namespace {

using testing_support::FakeSession;

class Shown : public testing::Test
{
protected:
    Shown()
    {
        theme.setMode(theme::Mode::Dark);
        auto made = std::make_unique<FakeSession>();
        session = made.get();
        timeline = std::make_unique<Timeline>(theme, cursor, run);
        timeline->resize(1000, 420);
        timeline->show();
        run.open(std::move(made));
        settle();
    }

    Canvas& canvas() { return timeline->canvas(); }

    void settle()
    {
        QElapsedTimer clock;
        clock.start();
        do {
            run.soon();
            QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        } while (!canvas().settled() && clock.elapsed() < 5000);
        QCoreApplication::processEvents();
        ASSERT_TRUE(canvas().settled());
    }

    /// Where something of that kind can be pointed at.
    QPoint find(picture::Subject::Kind kind, EventId event = {})
    {
        const auto& drawing = canvas().prepared()->drawing;
        for (int y = 20; y < canvas().height(); y += 2) {
            for (int x = 60; x < canvas().width(); x += 2) {
                const auto subject = drawing.hit({double(x), double(y)}, 2);
                if (subject.kind == kind && (!event || subject.event == event)) {
                    return {x, y};
                }
            }
        }
        return {-1, -1};
    }

    theme::Theme theme;
    theme::Cursor cursor;
    run::RunView run;
    FakeSession* session = nullptr;
    std::unique_ptr<Timeline> timeline;
};

TEST_F(Shown, ThePictureHasALaneForEachNodeAndClient)
{
    const auto& lanes = canvas().prepared()->lanes;
    EXPECT_EQ(lanes.size(), run.trace()->about().members.size() + 1);
    EXPECT_EQ(canvas().prepared()->events, run.events());
    EXPECT_FALSE(canvas().prepared()->image.isNull());
}

TEST_F(Shown, ArrowKeysStepByEventAndWithControlByTheNodesEvents)
{
    cursor.setEvent(EventId(1), (*run.trace())[EventId(1)].at);
    QTest::keyClick(&canvas(), Qt::Key_Right);
    EXPECT_EQ(cursor.event(), EventId(2));
    QTest::keyClick(&canvas(), Qt::Key_Left);
    EXPECT_EQ(cursor.event(), EventId(1));
    cursor.setNode(NodeId(2));
    for (int i = 0; i < 3; ++i) {
        QTest::keyClick(&canvas(), Qt::Key_Right, Qt::ControlModifier);
        EXPECT_EQ((*run.trace())[cursor.event()].node, NodeId(2));
    }
    QTest::keyClick(&canvas(), Qt::Key_End);
    EXPECT_EQ(cursor.event().value, run.events());
    EXPECT_TRUE(cursor.followsEnd());
    QTest::keyClick(&canvas(), Qt::Key_Home);
    EXPECT_EQ(cursor.event(), EventId(1));
    EXPECT_FALSE(cursor.followsEnd());
    QTest::keyClick(&canvas(), Qt::Key_Left);
    EXPECT_EQ(cursor.event(), EventId{}) << "before the first event";
}

TEST_F(Shown, AClickSelectsTheNearerEndOfAMessage)
{
    EventId send;
    EventId deliver;
    const auto& trace = *run.trace();
    for (std::uint64_t i = 1; i <= run.events() && !deliver; ++i) {
        if (trace[EventId(i)].kind == trace::Kind::Deliver
            && trace[trace[EventId(i)].cause].kind == trace::Kind::Send) {
            deliver = EventId(i);
            send = trace[deliver].cause;
        }
    }
    canvas().show(trace[send].at, trace[deliver].at);
    settle();
    const auto& items = canvas().prepared()->drawing.items;
    std::optional<picture::LineItem> arrow;
    for (const auto& item : items) {
        if (item.subject.kind == picture::Subject::Kind::Message && item.subject.event == send
            && std::holds_alternative<picture::LineItem>(item.shape)) {
            arrow = std::get<picture::LineItem>(item.shape);
        }
    }
    ASSERT_TRUE(arrow);
    const auto on = [&](double share) {
        return QPoint(int(arrow->from.x + (arrow->to.x - arrow->from.x) * share),
                      int(arrow->from.y + (arrow->to.y - arrow->from.y) * share));
    };
    QTest::mouseClick(&canvas(), Qt::LeftButton, {}, on(0.75));
    EXPECT_EQ(cursor.event(), deliver);
    EXPECT_EQ(cursor.node(), trace[deliver].node);
    settle();
    QTest::mouseClick(&canvas(), Qt::LeftButton, {}, on(0.4));
    EXPECT_EQ(cursor.event(), send);
}

TEST_F(Shown, TheWheelZoomsAtThePointer)
{
    canvas().fit();
    const double x = 500;
    const auto before = canvas().scale().at(x);
    canvas().zoom(x, 0.5);
    EXPECT_NEAR(double((canvas().scale().at(x) - before).count()), 0, 2000);
    const auto closer = canvas().scale().nanosecondsPerPixel;
    QWheelEvent wheel({x, 200}, canvas().mapToGlobal(QPointF(x, 200)), {}, {0, 120}, {}, {},
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&canvas(), &wheel);
    EXPECT_LT(canvas().scale().nanosecondsPerPixel, closer);
    EXPECT_NEAR(double((canvas().scale().at(x) - before).count()), 0, 2000);
}

TEST_F(Shown, DraggingPansAndDraggingTheRulerScrubs)
{
    canvas().show(Instant(Duration(0)), run.now());
    canvas().zoom(400, 0.25);
    settle();
    const auto first = canvas().scale().first;
    QTest::mousePress(&canvas(), Qt::LeftButton, {}, {500, 380});
    QTest::mouseMove(&canvas(), {480, 380});
    QTest::mouseMove(&canvas(), {450, 380});
    QTest::mouseRelease(&canvas(), Qt::LeftButton, {}, {450, 380});
    EXPECT_GT(canvas().scale().first, first);
    canvas().fit();
    settle();
    QTest::mousePress(&canvas(), Qt::LeftButton, {}, {int(canvas().scale().x(run.now())) + 2, 8});
    EXPECT_EQ(cursor.event().value, run.events());
    QTest::mouseMove(&canvas(), {int(canvas().scale().gutter) + 1, 8});
    EXPECT_LT(cursor.event().value, run.events());
    QTest::mouseRelease(&canvas(), Qt::LeftButton);
}

TEST_F(Shown, AFilterSaysHowManyMatchAndAnErrorWhatIsWrong)
{
    QSignalSpy filtered(timeline.get(), &Timeline::filtered);
    timeline->filterBy("kind == send");
    settle();
    ASSERT_EQ(filtered.size(), 1);
    std::uint64_t sends = 0;
    for (std::uint64_t i = 1; i <= run.events(); ++i) {
        sends += (*run.trace())[EventId(i)].kind == trace::Kind::Send ? 1 : 0;
    }
    ASSERT_TRUE(canvas().prepared()->found);
    EXPECT_EQ(canvas().prepared()->found->size(), sends);
    timeline->filterBy("kind == (send");
    EXPECT_EQ(filtered.size(), 1) << "what is not understood changes nothing";
    bool said = false;
    for (const auto* label : timeline->findChildren<QLabel*>()) {
        said = said || label->property("kind") == "bad";
    }
    EXPECT_TRUE(said);
    timeline->filterBy({});
    settle();
    EXPECT_FALSE(canvas().prepared()->found);
}

TEST_F(Shown, TheConeDimsWhatHasNothingToDoWithTheSelection)
{
    cursor.setEvent(EventId(2), (*run.trace())[EventId(2)].at);
    settle();
    const auto dimmed = [&] {
        const auto& items = canvas().prepared()->drawing.items;
        return std::ranges::count_if(items, [](const auto& item) { return item.dimmed; });
    };
    EXPECT_EQ(dimmed(), 0);
    QTest::keyClick(&canvas(), Qt::Key_C);
    EXPECT_TRUE(cursor.cone());
    settle();
    EXPECT_GT(dimmed(), 0);
}

TEST_F(Shown, EverythingPointedAtIsDescribed)
{
    for (const auto& item : canvas().prepared()->drawing.items) {
        using Kind = picture::Subject::Kind;
        const auto kind = item.subject.kind;
        if (kind == Kind::Message || kind == Kind::Event || kind == Kind::Fault
            || kind == Kind::Operation || kind == Kind::Bundle || kind == Kind::Lane) {
            EXPECT_FALSE(canvas().describe(item.subject).isEmpty());
        }
    }
}

TEST_F(Shown, ARunThatGrowsIsFollowedToItsEnd)
{
    cursor.setFollowsEnd(true);
    session->grow(2000);
    settle();
    cursor.setInstant(EventId(run.events()), run.now());
    settle();
    const double x = canvas().scale().x(run.now());
    EXPECT_GE(x, canvas().scale().gutter);
    EXPECT_LE(x, canvas().scale().width);
    EXPECT_EQ(canvas().prepared()->events, run.events());
}

TEST_F(Shown, ACursorThatWasSeenStaysSeenInANarrowerPicture)
{
    cursor.setFollowsEnd(true);
    cursor.setInstant(EventId(run.events()), run.now());
    canvas().fit();
    settle();
    ASSERT_LE(canvas().scale().x(cursor.instant()), canvas().width());
    // A widget that is not shown hears of its new size later, and not of its old one.
    timeline->hide();
    timeline->resize(900, 420);
    timeline->show();
    settle();
    const double x = canvas().scale().x(cursor.instant());
    EXPECT_GE(x, canvas().scale().gutter);
    EXPECT_LE(x, canvas().width());
}

TEST_F(Shown, ClosingTheRunEmptiesThePicture)
{
    run.open(nullptr);
    QCoreApplication::processEvents();
    EXPECT_FALSE(canvas().prepared());
    QTest::keyClick(&canvas(), Qt::Key_Right);
    QTest::mouseClick(&canvas(), Qt::LeftButton, {}, {300, 200});
    canvas().grab();
}

TEST_F(Shown, BothThemesAtTwiceTheScaleArePainted)
{
    for (const auto mode : {theme::Mode::Dark, theme::Mode::Light}) {
        theme.setMode(mode);
        settle();
        const auto image = timeline->grab().toImage();
        const auto ground = theme.colour(picture::Ink::Ground);
        int other = 0;
        for (int y = 0; y < image.height(); y += 3) {
            for (int x = 0; x < image.width(); x += 3) {
                other += image.pixelColor(x, y) != ground ? 1 : 0;
            }
        }
        EXPECT_GT(other, 500);
    }
}

TEST_F(Shown, AnImpossibleOperationLightsUpItsCausalPast)
{
    testing_support::perform(run, testing_support::staleRead);
    ASSERT_EQ(run.linearity()->state, session::Linearity::State::Broken);
    const auto request = run.linearity()->request;
    const auto reply = run.linearity()->reply;
    const auto& trace = *run.trace();
    canvas().show(trace[request].at, trace[reply].at);
    settle();
    const auto dimmed = [&] {
        return std::ranges::count_if(canvas().prepared()->drawing.items,
                                     [](const picture::Item& item) { return item.dimmed; });
    };
    EXPECT_EQ(dimmed(), 0);
    const auto bar = find(picture::Subject::Kind::Operation, request);
    ASSERT_GE(bar.x(), 0);
    const auto words = canvas().describe({picture::Subject::Kind::Operation, request, clientId(1)});
    EXPECT_TRUE(words.contains("no order of the operations explains its answer: get x gave 1"))
        << words.toStdString();
    QTest::mouseClick(&canvas(), Qt::LeftButton, {}, bar);
    EXPECT_EQ(cursor.event(), reply);
    canvas().fit();
    settle();
    EXPECT_GT(dimmed(), 0);
    // What the reply did not know of is dark, what it knew of is lit: the write of 2 is not in it.
    for (const auto& item : canvas().prepared()->drawing.items) {
        if (item.subject.kind == picture::Subject::Kind::Operation
            && std::holds_alternative<picture::RectItem>(item.shape)) {
            const auto client = trace[item.subject.event].node;
            EXPECT_EQ(item.dimmed, client == clientId(2)) << item.subject.event.value;
        }
    }
}

TEST_F(Shown, OperationsSayWhenTheyMayHaveTakenEffect)
{
    testing_support::perform(run, testing_support::staleRead);
    const auto request = run.linearity()->places->points.front().request;
    const picture::Subject subject{picture::Subject::Kind::Operation, request};
    EXPECT_TRUE(canvas().describe(subject).contains("may have taken effect"));
}

/// A run of one node, which is noted so often.
trace::TracePtr noted(std::uint64_t events)
{
    trace::About about;
    about.members.push_back({NodeId(1), "n1", ""});
    auto made = std::make_shared<trace::Trace>(about);
    for (std::uint64_t number = 1; number <= events; ++number) {
        trace::Event event;
        event.kind = trace::Kind::Note;
        event.node = NodeId(1);
        event.at = Instant(std::chrono::milliseconds(number));
        made->record(EventId(number), event);
    }
    return made;
}

TEST(Preparer, AnotherRunIsAnotherWhateverItsVersion)
{
    theme::Theme theme;
    Preparer preparer;
    PreparedPtr last;
    QObject::connect(&preparer, &Preparer::prepared, &theme,
                     [&](const PreparedPtr& picture) { last = picture; });
    const auto picture = [&](const trace::TracePtr& trace, std::uint64_t serial) {
        Order order;
        order.trace = trace;
        order.version = 1;
        order.scale.width = 400;
        order.scale.height = 200;
        order.painter = std::make_shared<theme::Painter>(theme);
        order.measure = std::make_shared<theme::FontMeasure>(theme);
        order.serial = serial;
        preparer.order(std::move(order));
        return QTest::qWaitFor([&] { return last && last->serial == serial; });
    };
    ASSERT_TRUE(picture(noted(20'000), 1));
    EXPECT_EQ(last->events, 20'000U);
    ASSERT_TRUE(picture(noted(3), 2));
    EXPECT_EQ(last->events, 3U);
}

} // namespace
} // namespace lightcone::timeline
