#include "tests/views/real_run.h"
#include "views/charts/charts.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QFile>
#include <QImage>
#include <QLineSeries>
#include <QMenu>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace lightcone::charts {
namespace {

using measure::Chart;
using testing_support::perform;
using testing_support::waitUntil;

const std::string underLoad = R"(
cluster raft nodes=3 seed=4 clients=6
until any(role == leader)
load loop=open rate=300/s duration=2s mix="put:1 get:1"
at +700ms crash leader
at +600ms restart (crashed)
until replied within 10s
)";

Topic plot(Chart chart)
{
    return {Topic::Kind::Plot, chart, {}};
}

class ChartsTest : public testing::Test
{
protected:
    void open(const std::string& scenario = underLoad)
    {
        perform(itsRun, scenario);
        itsCharts.resize(760, 600);
        itsCharts.show();
        settle();
    }

    void settle()
    {
        ASSERT_TRUE(waitUntil([this] { return itsCharts.settled(); }));
    }

    Panel& panel(const Topic& topic)
    {
        for (auto* each : itsCharts.panels()) {
            if (each->topic() == topic) {
                return *each;
            }
        }
        throw std::runtime_error("no such panel");
    }

    theme::Theme itsTheme;
    theme::Cursor itsCursor;
    run::RunView itsRun;
    Charts itsCharts{itsTheme, itsCursor, itsRun};
};

TEST_F(ChartsTest, ShowTheWholeRunAndItsFaults)
{
    open();
    const auto& survey = *itsCharts.survey();
    EXPECT_EQ(survey.events, itsRun.events());
    EXPECT_TRUE(survey.complete);
    EXPECT_LE(survey.window.from, Instant(std::chrono::milliseconds(1)));
    EXPECT_GE(survey.window.to, itsRun.now() - std::chrono::seconds(1));
    EXPECT_GT(survey.totals.done, 400U);
    std::vector<std::string> marks;
    for (const auto& mark : survey.marks) {
        marks.push_back(mark.text);
    }
    EXPECT_THAT(marks, testing::Contains("crash leader"));
    EXPECT_THAT(marks, testing::Contains("restart (crashed)"));
    const auto* latency = survey.figure(plot(Chart::Latency));
    ASSERT_NE(latency, nullptr);
    EXPECT_EQ(latency->lines.front().values.size(), survey.cut.count);
    EXPECT_FALSE(panel(plot(Chart::Latency)).plot()->legend().isEmpty());
    EXPECT_EQ(panel(plot(Chart::Latency)).plot()->unit(), QStringLiteral("ms"));
}

TEST_F(ChartsTest, TheUsualOnesAreShownUntilThePersonChooses)
{
    open();
    const auto usual = itsCharts.chosen();
    EXPECT_TRUE(usual.contains(QStringLiteral("latency")));
    EXPECT_TRUE(usual.contains(QStringLiteral("gauge/commitIndex/lag"))) << "a protocol's own";
    itsCharts.choose({QStringLiteral("bytes"), QStringLiteral("gauge/term"),
                      QStringLiteral("distribution"), QStringLiteral("of another protocol")});
    EXPECT_EQ(itsCharts.chosen(),
              (QStringList{QStringLiteral("bytes"), QStringLiteral("gauge/term"),
                           QStringLiteral("distribution")}));
    itsCharts.choose({});
    EXPECT_EQ(itsCharts.chosen(), usual);
}

TEST_F(ChartsTest, WhatAProtocolMeasuresOfItselfIsShownFirst)
{
    open("cluster replication nodes=3 seed=4\nrun 300ms");
    const auto usual = itsCharts.chosen();
    EXPECT_TRUE(usual.contains(QStringLiteral("gauge/lagEntries")));
    EXPECT_TRUE(usual.contains(QStringLiteral("gauge/lagTime")));
    EXPECT_FALSE(usual.contains(QStringLiteral("gauge/commit/lag")));
}

TEST_F(ChartsTest, WhoNeverHadAnyHasNoLineUnlessNobodyHad)
{
    open("cluster replication acknowledge=async nodes=3 seed=4 latency=5ms\nrun 100ms\n"
         "load rate=200/s mix=put duration=1s\nrun 1s");
    itsCharts.choose({QStringLiteral("gauge/lagEntries"), QStringLiteral("gauge/staleReads")});
    itsCharts.hide();
    itsCharts.show();
    settle();
    const auto lag = itsCharts.panels().at(0)->plot()->legend();
    EXPECT_TRUE(lag.contains(QStringLiteral("n2"))) << lag.toStdString();
    EXPECT_FALSE(lag.contains(QStringLiteral("monitor"))) << lag.toStdString();
    const auto stale = itsCharts.panels().at(1)->plot()->legend();
    EXPECT_TRUE(stale.contains(QStringLiteral("n2"))) << "nobody read anything old: that is news";
}

TEST_F(ChartsTest, SeveralAreChosenWhileTheMenuIsOpen)
{
    open();
    const auto before = itsCharts.chosen();
    auto* menu = itsCharts.findChild<QMenu*>(QStringLiteral("choice"));
    ASSERT_NE(menu, nullptr);
    menu->popup({});
    for (const auto chart : {Chart::Bytes, Chart::Work}) {
        for (auto* action : menu->actions()) {
            if (action->text() == TopicWords::title(plot(chart))) {
                menu->setActiveAction(action);
                QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
                EXPECT_TRUE(action->isChecked());
                EXPECT_TRUE(menu->isVisible());
            }
        }
    }
    EXPECT_EQ(itsCharts.chosen(),
              before + QStringList({QStringLiteral("bytes"), QStringLiteral("work")}));
    menu->close();
}

TEST_F(ChartsTest, AreNarrowWhenTheyMust)
{
    open();
    const auto* more = itsCharts.findChild<QToolButton*>(QStringLiteral("more"));
    ASSERT_NE(more, nullptr);
    EXPECT_FALSE(more->isVisible()) << "there is room for all buttons";
    EXPECT_LT(itsCharts.minimumSizeHint().width(), 240);
    itsCharts.resize(280, 600);
    EXPECT_TRUE(more->isVisible());
    EXPECT_EQ(more->menu()->actions().size(), 3);
    EXPECT_EQ(panel(plot(Chart::Latency)).width() + 2 * theme::Space::small,
              itsCharts.findChild<QScrollArea*>()->viewport()->width());
    more->menu()->actions().at(1)->trigger();
    EXPECT_TRUE(panel(plot(Chart::Latency)).plot()->isLog());
}

TEST_F(ChartsTest, AnEmptyFrameSaysWhatIsMissing)
{
    open("cluster raft nodes=3 seed=4\nrun 300ms");
    auto& latency = panel(plot(Chart::Latency));
    EXPECT_EQ(latency.plot()->unit(), QStringLiteral("ms"));
    EXPECT_EQ(latency.plot()->whyNothing(), QStringLiteral("No request was answered here."));
    auto& throughput = panel(plot(Chart::Throughput));
    EXPECT_TRUE(throughput.plot()->whyNothing().isEmpty()) << "none a second is a number";
    throughput.setLog(true);
    EXPECT_EQ(throughput.plot()->whyNothing(),
              QStringLiteral("Nothing above zero, and the scale is logarithmic."));
    auto& messages = panel(plot(Chart::Messages));
    EXPECT_TRUE(messages.plot()->whyNothing().isEmpty());
    EXPECT_TRUE(panel(plot(Chart::Messages)).toolTip().isEmpty()) << "values are read there";
}

// The logarithm of nothing is nowhere: a line does not run on over a stretch without answers.
TEST_F(ChartsTest, ALogarithmicLineHasGapsWhereNothingWas)
{
    open();
    auto& plotView = *panel(plot(Chart::Throughput)).plot();
    const auto parts = [&] {
        const auto series = plotView.chart()->series();
        return std::ranges::count_if(series, [](const QAbstractSeries* each) {
            const auto* line = qobject_cast<const QLineSeries*>(each);
            return line != nullptr && line->isVisible() && line->count() > 1;
        });
    };
    EXPECT_EQ(parts(), 1);
    plotView.setLog(true);
    EXPECT_GE(parts(), 2) << "nobody answers while there is no leader";
}

TEST_F(ChartsTest, EveryTopicHasNumbersAndWords)
{
    open();
    const auto topics = topicsOf(itsRun.trace()->about().card.state);
    EXPECT_GE(topics.size(), 14U);
    QStringList keys;
    for (const auto& topic : topics) {
        EXPECT_FALSE(TopicWords::title(topic).isEmpty()) << topic.key().toStdString();
        EXPECT_FALSE(TopicWords::hint(topic).isEmpty()) << topic.key().toStdString();
        EXPECT_FALSE(keys.contains(topic.key())) << topic.key().toStdString();
        keys << topic.key();
    }
    itsCharts.choose(keys);
    itsCharts.hide();
    itsCharts.show();
    settle();
    for (const auto& topic : topics) {
        const auto* figure = itsCharts.survey()->figure(topic);
        ASSERT_NE(figure, nullptr) << topic.key().toStdString();
        EXPECT_TRUE(!figure->lines.empty() || !figure->latency.empty() || !figure->shares.empty())
            << topic.key().toStdString();
        for (const auto& line : figure->lines) {
            EXPECT_FALSE(TopicWords::line(topic, line.name).isEmpty());
        }
    }
    const auto grabbed = itsCharts.grab();
    EXPECT_GT(grabbed.width(), 100);
}

TEST_F(ChartsTest, ANumberOfTheStatesIsAsTheStatesSay)
{
    open();
    Topic term{Topic::Kind::Gauge, Chart::Latency, {}};
    for (const auto& topic : topicsOf(itsRun.trace()->about().card.state)) {
        if (topic.key() == QStringLiteral("gauge/term")) {
            term = topic;
        }
    }
    itsCharts.choose({term.key()});
    itsCharts.hide();
    itsCharts.show();
    settle();
    const auto* figure = itsCharts.survey()->figure(term);
    ASSERT_EQ(figure->lines.size(), 3U);
    for (const auto& line : figure->lines) {
        EXPECT_GE(line.values.back(), 2) << "the leader crashed: there was another election";
        bool gap = false;
        double before = 0;
        for (const auto value : line.values) {
            gap = gap || std::isnan(value);
            EXPECT_FALSE(value < before) << "a term never goes back";
            before = std::isnan(value) ? before : value;
        }
    }
}

TEST_F(ChartsTest, DraggingBrushesAndAClickPicks)
{
    open();
    auto& plotView = *panel(plot(Chart::Latency)).plot();
    QSignalSpy shown(&itsCursor, &theme::Cursor::shown);
    const auto area = plotView.chart()->plotArea();
    const auto y = static_cast<int>(area.center().y());
    const auto at = [&](double share) {
        return QPoint(static_cast<int>(area.left() + share * area.width()), y);
    };
    auto* port = plotView.viewport();
    QTest::mousePress(port, Qt::LeftButton, {}, at(0.25));
    QTest::mouseMove(port, at(0.5));
    QTest::mouseRelease(port, Qt::LeftButton, {}, at(0.5));
    ASSERT_EQ(shown.count(), 1);
    const auto first = shown.at(0).at(0).value<Instant>();
    const auto last = shown.at(0).at(1).value<Instant>();
    const auto whole = itsCharts.survey()->window;
    const auto part = static_cast<double>((last - first).count())
        / static_cast<double>((whole.to - whole.from).count());
    EXPECT_NEAR(part, 0.25, 0.03);
    QTest::mouseClick(port, Qt::LeftButton, {}, at(0.75));
    EXPECT_EQ(shown.count(), 1) << "a click is no brush";
    const auto moment = static_cast<double>(itsCursor.instant().time_since_epoch().count())
        / static_cast<double>(whole.to.time_since_epoch().count());
    EXPECT_NEAR(moment, 0.75, 0.03);
    EXPECT_TRUE(itsCursor.event());
}

TEST_F(ChartsTest, AsTheTimelineShowsTheSameStretch)
{
    open();
    const Instant first(std::chrono::milliseconds(500));
    const Instant last(std::chrono::milliseconds(900));
    itsCharts.setTimeline(first, last);
    EXPECT_NE(itsCharts.survey()->window.from, first) << "the whole run until asked for";
    itsCharts.choose({QStringLiteral("latency"), QStringLiteral("messages")});
    itsCharts.followTimeline(true);
    settle();
    EXPECT_EQ(itsCharts.survey()->window, (measure::Window{first, last}));
    itsCharts.setTimeline(first, last + std::chrono::milliseconds(50));
    settle();
    EXPECT_EQ(itsCharts.survey()->window.to, last + std::chrono::milliseconds(50));
}

TEST_F(ChartsTest, PointingReadsValues)
{
    open();
    auto& plotView = *panel(plot(Chart::Throughput)).plot();
    const auto area = plotView.chart()->plotArea();
    const auto words = plotView.readout(area.center().x());
    ASSERT_GE(words.size(), 2) << words.join(QLatin1Char('|')).toStdString();
    EXPECT_TRUE(words.at(1).contains(QStringLiteral("/s")));
    EXPECT_TRUE(plotView.readout(area.left() - 10).isEmpty());
    const auto instant = Instant(std::chrono::milliseconds(1000));
    EXPECT_NEAR(
        static_cast<double>(plotView.instantAt(plotView.xOf(instant)).time_since_epoch().count()),
        1e9, 1e6);
}

TEST_F(ChartsTest, KeysMoveReadAndToggle)
{
    open();
    auto& plotView = *panel(plot(Chart::Latency)).plot();
    itsCursor.setEvent(EventId(5), (*itsRun.trace())[EventId(5)].at);
    const auto before = itsCursor.instant();
    QTest::keyClick(&plotView, Qt::Key_Right, Qt::ControlModifier);
    QTest::keyClick(&plotView, Qt::Key_Return);
    EXPECT_GT(itsCursor.instant(), before);
    EXPECT_FALSE(plotView.isLog());
    QTest::keyClick(&itsCharts, Qt::Key_L);
    EXPECT_TRUE(plotView.isLog());
    QTest::keyClick(&itsCharts, Qt::Key_L);
    EXPECT_FALSE(plotView.isLog());
}

TEST_F(ChartsTest, AreWrittenAsPicturesAndAsNumbers)
{
    open();
    const QTemporaryDir folder;
    auto& latency = panel(plot(Chart::Latency));
    for (const auto* ending : {"png", "svg", "pdf", "csv"}) {
        const auto path = folder.filePath(QStringLiteral("chart.") + QLatin1String(ending));
        ASSERT_TRUE(latency.write(path)) << ending;
        QFile file(path);
        ASSERT_TRUE(file.open(QIODevice::ReadOnly));
        const auto bytes = file.readAll();
        EXPECT_GT(bytes.size(), 500) << ending;
    }
    const QImage image(folder.filePath(QStringLiteral("chart.png")));
    EXPECT_EQ(image.width(), 2 * latency.width());
    QFile csv(folder.filePath(QStringLiteral("chart.csv")));
    ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
    const auto lines = csv.readAll().split('\n');
    EXPECT_EQ(lines.front().trimmed(),
              QByteArray("time [s],p50 [ns],p90 [ns],p99 [ns],p99.9 [ns],most [ns]"));
    EXPECT_EQ(lines.size(), static_cast<qsizetype>(itsCharts.survey()->cut.count) + 2);
    EXPECT_TRUE(itsCharts.write(folder.filePath(QStringLiteral("all.csv"))));
    EXPECT_TRUE(itsCharts.write(folder.filePath(QStringLiteral("all.svg"))));
    EXPECT_FALSE(itsCharts.write(QStringLiteral("/nowhere/at/all.csv")));
    EXPECT_FALSE(latency.write(folder.filePath(QStringLiteral("chart.txt"))));
}

TEST_F(ChartsTest, TheModelIsSound)
{
    open();
    for (const auto& topic : topicsOf(itsRun.trace()->about().card.state)) {
        PlotModel model;
        const QAbstractItemModelTester tester(
            &model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.show(topic, itsCharts.survey(), {});
        model.show(topic, itsCharts.survey(), itsCharts.survey());
        if (itsCharts.survey()->figure(topic) != nullptr) {
            EXPECT_GT(model.rowCount(), 0);
            EXPECT_FALSE(model.csv().isEmpty());
        }
    }
}

TEST_F(ChartsTest, FollowARunThatGoesOn)
{
    auto opened = session::openScenario("cluster raft nodes=3 seed=4 clients=2\n"
                                        "load rate=200/s\nrun 60s\nstop\n");
    ASSERT_TRUE(opened);
    itsRun.open(std::move(*opened));
    itsCharts.resize(500, 400);
    itsCharts.show();
    itsRun.session().play({session::Pace::Kind::Scaled, 2});
    ASSERT_TRUE(waitUntil([&] { return itsCharts.survey() && itsCharts.survey()->events > 200; }));
    const auto seen = itsCharts.survey()->events;
    ASSERT_TRUE(waitUntil([&] { return itsCharts.survey()->events > seen + 200; }));
    itsRun.session().pause();
    ASSERT_TRUE(waitUntil([&] {
        return itsCharts.settled() && itsCharts.survey()->events == itsRun.events()
            && !itsRun.snapshot().running;
    }));
}

TEST_F(ChartsTest, AHiddenOneMeasuresNothing)
{
    perform(itsRun, underLoad);
    EXPECT_TRUE(itsCharts.settled());
    EXPECT_FALSE(itsCharts.survey());
    itsCharts.show();
    settle();
    EXPECT_TRUE(itsCharts.survey());
    itsRun.open(nullptr);
    EXPECT_FALSE(itsCharts.survey()) << "nothing is left of a run that is gone";
}

TEST_F(ChartsTest, LooksRightInBothThemes)
{
    open();
    for (const auto mode : {theme::Mode::Dark, theme::Mode::Light}) {
        itsTheme.setMode(mode);
        const auto image = itsCharts.grab().toImage();
        EXPECT_EQ(image.pixelColor(2, image.height() - 2).rgb(),
                  itsTheme.colour(picture::Ink::Ground).rgb());
    }
}

TEST(TopicWordsTest, NumbersAreShort)
{
    EXPECT_EQ(TopicWords::value(Scale::Time, 12'345'678), QStringLiteral("12.3 ms"));
    EXPECT_EQ(TopicWords::value(Scale::Time, 999), QStringLiteral("999 ns"));
    EXPECT_EQ(TopicWords::value(Scale::PerSecond, 811.4), QStringLiteral("811 /s"));
    EXPECT_EQ(TopicWords::value(Scale::Count, 3), QStringLiteral("3"));
    EXPECT_EQ(TopicWords::value(Scale::BytesPerSecond, 15'300), QStringLiteral("15.3 kB/s"));
    EXPECT_EQ(TopicWords::value(Scale::Count, std::nan("")), QStringLiteral("–"));
}

TEST(Surveyor, MeasuresInTwoRunsSideBySide)
{
    const theme::Theme theme;
    run::RunView one;
    perform(one, underLoad);
    Surveyor surveyor;
    SurveyPtr survey;
    QObject::connect(&surveyor, &Surveyor::surveyed, &surveyor,
                     [&](const SurveyPtr& made) { survey = made; });
    Order order;
    order.trace = one.trace();
    order.events = one.events();
    order.topics = {plot(Chart::Latency), {Topic::Kind::Share, Chart::Latency, {}}};
    surveyor.order(order);
    ASSERT_TRUE(waitUntil([&] { return survey && survey->complete; }));
    Panel panel(theme, order.topics[0]);
    panel.resize(400, 200);
    panel.show(survey, std::make_shared<const Survey>(*survey));
    PlotModel model;
    model.show(order.topics[0], survey, std::make_shared<const Survey>(*survey));
    EXPECT_EQ(model.columnCount(), 11) << "the time, five lines of the left, five of the right";
    Panel bars(theme, order.topics[1]);
    bars.show(survey, std::make_shared<const Survey>(*survey));
    ASSERT_EQ(bars.bars()->texts().size(), 3);
    EXPECT_TRUE(bars.bars()->texts().front().contains(QStringLiteral(" → ")));
}

} // namespace
} // namespace lightcone::charts
