#include "tests/views/real_run.h"
#include "views/charts/measure_words.h"
#include "views/window/compare_choice.h"
#include "views/window/compare_window.h"

#include <QAbstractItemModelTester>
#include <QDialogButtonBox>
#include <QPushButton>
#include <QTest>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::window {
namespace {

using measure::Better;
using measure::ComparedRow;
using measure::Measure;
using measure::Unit;
using testing_support::perform;
using testing_support::waitUntil;

session::Recording recordingOf(const std::string& settings, const std::string& protocol = "raft")
{
    auto scenario = session::parseScenario("cluster " + protocol + " nodes=3 clients=4 " + settings
                                           + "\nuntil any(role == leader)\n"
                                             "load rate=200/s duration=1s mix=\"put:1 get:1\"\n"
                                             "at +300ms crash leader\nuntil replied within 10s\n");
    EXPECT_TRUE(scenario);
    const auto plan = session::prepare(std::move(*scenario));
    EXPECT_TRUE(plan) << plan.error().text();
    auto recording = session::recordScenario(*plan);
    EXPECT_TRUE(recording);
    return std::move(*recording);
}

class CompareTest : public testing::Test
{
protected:
    void open(session::Recording left, session::Recording right)
    {
        compared =
            std::make_unique<CompareWindow>(palette, Contender{"one", "seed 4", std::move(left)},
                                            Contender{"other", "seed 5", std::move(right)});
        compared->setAttribute(Qt::WA_DeleteOnClose, false);
        compared->show();
        ASSERT_TRUE(waitUntil([this] { return compared->settled(); }));
    }

    [[nodiscard]] const DifferencesModel::Row* row(const QString& name) const
    {
        for (const auto& each : compared->differences().rows()) {
            if (each.name == name) {
                return &each;
            }
        }
        return nullptr;
    }

    theme::Theme palette;
    std::unique_ptr<CompareWindow> compared;
};

TEST_F(CompareTest, BothSidesShareOneMoment)
{
    open(recordingOf("seed=4"), recordingOf("seed=5"));
    const Instant moment(std::chrono::milliseconds(700));
    compared->lookAt(moment);
    for (std::size_t i = 0; i < 2; ++i) {
        auto& side = compared->side(i);
        EXPECT_EQ(side.at(), trace::eventAt(*side.trace(), moment));
        ASSERT_TRUE(waitUntil(
            [&] { return side.run().state() && side.run().state()->event == side.at(); }));
    }
    EXPECT_NE(compared->side(0).at(), compared->side(1).at()) << "other dice";
    compared->setAlign(CompareWindow::Align::Event);
    compared->lookAt(EventId(50));
    EXPECT_EQ(compared->side(0).at(), EventId(50));
    EXPECT_EQ(compared->side(1).at(), EventId(50));
    QTest::keyClick(compared.get(), Qt::Key_Right);
    EXPECT_EQ(compared->side(1).at(), EventId(51));
    QTest::keyClick(compared.get(), Qt::Key_End);
    EXPECT_EQ(compared->side(0).at().value, compared->side(0).trace()->size());
    EXPECT_EQ(compared->side(1).at().value, compared->side(1).trace()->size());
}

TEST_F(CompareTest, SaysWhatDiffersAndWhatWasGivenDifferently)
{
    open(recordingOf("seed=4"), recordingOf("seed=4 preVote=false"));
    EXPECT_EQ(compared->givenDifferently(), QStringLiteral("Given differently: preVote"));
    ASSERT_NE(row(QStringLiteral("messages")), nullptr);
    const auto* first = row(QStringLiteral("first different event"));
    ASSERT_NE(first, nullptr);
    EXPECT_NE(first->left, first->right);
    EXPECT_TRUE(first->difference.startsWith(QLatin1Char('#')));
    EXPECT_NE(row(QStringLiteral("RequestPreVote")), nullptr) << "only the left one has any";
    EXPECT_EQ(row(QStringLiteral("RequestPreVote"))->right, QStringLiteral("–"));
    EXPECT_EQ(compared->side(0).tiles().size(), 5);
    open(recordingOf("seed=4"), recordingOf("seed=5 latency=9ms"));
    EXPECT_EQ(compared->givenDifferently(), QStringLiteral("Given differently: seed, latency"));
    EXPECT_TRUE(compared->side(0).tiles().at(0).startsWith(QStringLiteral("p50 latency ")));
}

TEST_F(CompareTest, IdenticalRunsDifferInNothing)
{
    open(recordingOf("seed=4"), recordingOf("seed=4"));
    EXPECT_EQ(compared->givenDifferently(),
              QStringLiteral("The same protocol, seed and parameters"));
    ASSERT_TRUE(waitUntil(
        [&] { return compared->side(0).run().state() && compared->side(1).run().state(); }));
    EXPECT_EQ(compared->differences().headerData(0, Qt::Horizontal, Qt::DisplayRole),
              QStringLiteral("Nothing differs"));
    EXPECT_TRUE(compared->differences().rows().empty())
        << compared->differences().rows().front().name.toStdString();
}

TEST_F(CompareTest, TwoProtocolsAreComparedByTheirNumbers)
{
    open(recordingOf("seed=4"), recordingOf("seed=4", "paxos"));
    EXPECT_EQ(compared->givenDifferently(), QStringLiteral("Two protocols: Raft and Paxos"));
    EXPECT_EQ(row(QStringLiteral("first different event")), nullptr);
    EXPECT_EQ(compared->differences().headerData(2, Qt::Horizontal, Qt::DisplayRole),
              QStringLiteral("Paxos"));
    EXPECT_NE(row(QStringLiteral("AppendEntries")), nullptr);
    EXPECT_NE(row(QStringLiteral("Accept")), nullptr);
    EXPECT_GT(compared->grab().width(), 100);
}

TEST_F(CompareTest, ChartsShowBothAndAClickMovesBoth)
{
    open(recordingOf("seed=4"), recordingOf("seed=5"));
    ASSERT_GE(compared->panels().size(), 5U);
    auto* plot = compared->panels().front()->plot();
    const auto area = plot->chart()->plotArea();
    const auto words = plot->readout(plot->xOf(Instant(std::chrono::milliseconds(500))));
    EXPECT_TRUE(words.join(QLatin1Char('|')).contains(QStringLiteral("left")))
        << words.join(QLatin1Char('|')).toStdString();
    QTest::mouseClick(
        plot->viewport(), Qt::LeftButton, {},
        QPoint(static_cast<int>(area.center().x()), static_cast<int>(area.center().y())));
    const auto moment = plot->instantAt(area.center().x());
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& trace = *compared->side(i).trace();
        const auto gap = trace[compared->side(i).at()].at - moment;
        EXPECT_LT(std::abs(gap.count()), 100'000'000);
    }
}

TEST_F(CompareTest, TheModelIsSound)
{
    DifferencesModel model(palette);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setTitles("one", "other");
    model.show({{{Measure::Done, {}, Unit::Count, Better::More, 4.0}, 5.0},
                {{Measure::Open, {}, Unit::Count, Better::Less, 4.0}, 4.0},
                {{Measure::P99, {}, Unit::Time, Better::Less, 1e6}, 21e6}},
               {{"n1 term", "3", "4", {}, 0}});
    ASSERT_EQ(model.rowCount(), 3) << "what is alike is left out";
    EXPECT_EQ(model.index(0, 3).data(), QStringLiteral("+1"));
    EXPECT_EQ(model.index(1, 3).data(), QStringLiteral("× 21"));
    EXPECT_EQ(model.rows()[0].better, 1);
    EXPECT_EQ(model.rows()[1].better, -1);
    EXPECT_EQ(model.headerData(2, Qt::Horizontal, Qt::DisplayRole), QStringLiteral("other"));
}

TEST(MeasureWordsTest, SayDifferences)
{
    using charts::MeasureWords;
    const auto compared = [](Unit unit, std::optional<double> a, std::optional<double> b) {
        return ComparedRow{{Measure::P99, {}, unit, Better::Less, a}, b};
    };
    EXPECT_EQ(MeasureWords::difference(compared(Unit::Time, 42e6, 2e6)), QStringLiteral("÷ 21"));
    EXPECT_EQ(MeasureWords::difference(compared(Unit::Count, 10, 3)), QStringLiteral("−7"));
    EXPECT_EQ(MeasureWords::difference(compared(Unit::Count, 3, 3)), QStringLiteral("="));
    EXPECT_EQ(MeasureWords::difference(compared(Unit::Count, {}, 3)), QString());
    EXPECT_EQ(MeasureWords::value(Unit::Share, 0.062), QStringLiteral("6.2 %"));
    EXPECT_EQ(MeasureWords::judge(compared(Unit::Time, 2, 1)), 1);
    EXPECT_EQ(MeasureWords::judge(compared(Unit::Time, 1, 2)), -1);
    for (int i = 0; i <= static_cast<int>(Measure::Lazy); ++i) {
        if (static_cast<Measure>(i) != Measure::MessagesOfKind) {
            EXPECT_FALSE(MeasureWords::name({static_cast<Measure>(i)}).isEmpty()) << i;
        }
    }
}

TEST(CompareChoiceTest, OffersBranchesScenariosAndTheSameWithOtherSettings)
{
    const theme::Theme theme;
    run::RunView run;
    perform(run, "cluster raft nodes=3 seed=1\nrun 200ms");
    run.session().fork(EventId(20), "what if");
    ASSERT_TRUE(waitUntil([&] {
        run.soon();
        return run.snapshot().branches.size() == 2;
    }));
    const std::vector<library::Shelf> shelves{
        {"Consensus",
         "Raft",
         "",
         {{"An election", "", "/a/an_election.scenario"}, {"Mine", "", "/a/mine.scenario"}}}};
    CompareChoice dialog(theme, run, "/a/mine.scenario", shelves, nullptr);
    ASSERT_EQ(dialog.list().count(), 3) << "the other branch, the same, the other scenario";
    EXPECT_TRUE(dialog.choice().branch) << "who has forked wants to see what became of it";
    auto* compare = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    EXPECT_TRUE(compare->isEnabled());
    auto* search = dialog.findChildren<QLineEdit*>().first();
    QTest::keyClick(search, Qt::Key_Down);
    EXPECT_EQ(dialog.choice().path, QStringLiteral("/a/mine.scenario"));
    EXPECT_EQ(dialog.choice().title, QStringLiteral("Mine")) << "as the library calls it";
    EXPECT_FALSE(compare->isEnabled()) << "a scenario differs from itself in nothing";
    dialog.findChildren<QLineEdit*>().last()->setText(QStringLiteral(" seed=7 "));
    EXPECT_TRUE(compare->isEnabled());
    EXPECT_EQ(dialog.choice().settings, QStringLiteral("seed=7"));
    dialog.narrow(QStringLiteral("branch"));
    EXPECT_TRUE(dialog.choice().branch);
    EXPECT_TRUE(dialog.choice().settings.isEmpty()) << "a branch has none";
    dialog.narrow(QStringLiteral("raft elec"));
    EXPECT_EQ(dialog.choice().path, QStringLiteral("/a/an_election.scenario"));
    dialog.narrow(QStringLiteral("nothing of the kind"));
    EXPECT_FALSE(dialog.choice().branch);
    EXPECT_TRUE(dialog.choice().path.isEmpty());
}

} // namespace
} // namespace lightcone::window
