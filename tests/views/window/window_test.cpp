#include "tests/views/real_run.h"
#include "tests/views/window/opened.h"
#include "views/window/compare_window.h"
#include "views/window/fault_dialogs.h"
#include "views/window/main_window.h"
#include "views/window/node_diff.h"
#include "views/window/until_dialog.h"

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QDockWidget>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <gtest/gtest.h>

namespace lightcone::window {
namespace {

TEST(Fuzzy, PrefersBeginningsOfWordsAndRuns)
{
    EXPECT_FALSE(fuzzyScore("xyz", "Crash n3"));
    ASSERT_TRUE(fuzzyScore("cn3", "Crash n3"));
    EXPECT_GT(*fuzzyScore("sb", "Step back"), *fuzzyScore("sb", "Disable"));
    EXPECT_GT(*fuzzyScore("step", "Step"), *fuzzyScore("step", "Save the epilogue"));
    EXPECT_TRUE(fuzzyScore("", "anything"));
}

TEST(Fuzzy, ListsTheBestFirst)
{
    CommandModel model({{"Go to event", "Timeline", "Ctrl+G", {}},
                        {"Crash n3", "Faults", {}, {}},
                        {"Compare branches", "Timeline", {}, {}}});
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    EXPECT_EQ(model.rowCount({}), 3);
    model.narrow("crn");
    ASSERT_GE(model.rowCount({}), 1);
    EXPECT_EQ(model.index(0).data().toString(), "Crash n3");
    model.narrow("timeline go");
    ASSERT_EQ(model.rowCount({}), 1);
    EXPECT_EQ(model.index(0).data(CommandModel::KeysRole).toString(), "Ctrl+G");
}

TEST_F(Opened, TheCursorFollowsTheEndUntilAPersonLooksBack)
{
    transport.toEnd();
    EXPECT_EQ(cursor.event(), EventId(18));
    session->grow(3);
    settle();
    EXPECT_EQ(cursor.event(), EventId(21));
    transport.stepBack();
    EXPECT_EQ(cursor.event(), EventId(20));
    session->grow(3);
    settle();
    EXPECT_EQ(cursor.event(), EventId(20));
    transport.stepForward();
    EXPECT_EQ(cursor.event(), EventId(21));
}

TEST_F(Opened, AStepAtTheEndIsTheEngines)
{
    transport.toEnd();
    transport.stepForward();
    EXPECT_EQ(last(), "step 1");
    transport.play();
    EXPECT_EQ(last(), "play");
    settle();
    EXPECT_TRUE(transport.isPlaying());
    transport.pause();
    EXPECT_EQ(last(), "pause");
}

TEST_F(Opened, WhileAQuestionWaitsNothingIsAskedOfTheEngine)
{
    session->change([](auto& snapshot) { snapshot.question = {3, "Who leads?", {"n1", "n2"}}; });
    settle();
    session->log.clear();
    transport.toEnd();
    EXPECT_EQ(transport.whyNotPlay(), QStringLiteral("Answer the question first."));
    transport.play();
    transport.stepForward();
    EXPECT_TRUE(session->log.empty());
    session->change([](auto& snapshot) { snapshot.question.reset(); });
    settle();
    EXPECT_TRUE(transport.whyNotPlay().isEmpty());
    transport.play();
    EXPECT_FALSE(session->log.empty());
}

TEST_F(Opened, PlayingInThePastMovesTheCursorAndNotTheEngine)
{
    transport.setPace(9); // ×1
    transport.goTo(EventId(5));
    transport.play();
    EXPECT_TRUE(session->log.empty());
    EXPECT_TRUE(QTest::qWaitFor([&] { return cursor.event() > EventId(5); }, 2000));
    // At the end the engine goes on.
    EXPECT_TRUE(QTest::qWaitFor([&] { return last() == "play"; }, 2000));
}

TEST_F(Opened, StepsByTheEventsOfTheSelectedNode)
{
    cursor.setNode(NodeId(2));
    transport.goTo(EventId(3));
    transport.nextOfNode();
    EXPECT_EQ(cursor.event(), EventId(8));
    transport.nextOfNode();
    EXPECT_EQ(cursor.event(), EventId(9));
    transport.previousOfNode();
    EXPECT_EQ(cursor.event(), EventId(8));
}

TEST_F(Opened, PacesGoFromAThousandthToAsFastAsItGoes)
{
    EXPECT_DOUBLE_EQ(Transport::paceAt(0).factor, 0.001);
    EXPECT_EQ(Transport::paceAt(Transport::paceCount - 1).kind, session::Pace::Kind::Unbounded);
    for (int place = 1; place + 1 < Transport::paceCount; ++place) {
        EXPECT_GT(Transport::paceAt(place).factor, Transport::paceAt(place - 1).factor);
    }
}

TEST_F(Opened, AtTheEndOfALiveRunNobodySetsThePace)
{
    transport.toEnd();
    EXPECT_FALSE(transport.followsRealNodes());
    session->change([](session::Snapshot& snapshot) { snapshot.source = session::Source::Live; });
    settle();
    EXPECT_TRUE(transport.followsRealNodes());
    transport.stepBack();
    EXPECT_FALSE(transport.followsRealNodes()) << "what is past can be replayed at any speed";
    transport.toEnd();
    session->change([](session::Snapshot& snapshot) {
        for (auto& branch : snapshot.branches) {
            branch.whatIf = true;
        }
    });
    settle();
    EXPECT_FALSE(transport.followsRealNodes()) << "a simulation from there has a pace";
}

TEST_F(Opened, NodesThatEndAlikeAreLeftOut)
{
    session::StatePtr one;
    session::StatePtr other;
    const auto branch = session->snapshot().current;
    session->stateAt(branch, EventId(10), [&](session::StatePtr state) { one = state; });
    session->stateAt(branch, EventId(12), [&](session::StatePtr state) { other = state; });
    const auto diffs = diffOf(*one, *other);
    ASSERT_EQ(diffs.size(), 1U);
    EXPECT_EQ(diffs[0].node, NodeId(1));
    EXPECT_FALSE(diffs[0].changes.empty());
}

TEST_F(Opened, APartitionIsALineOfTheScenarioLanguage)
{
    PartitionDialog dialog(run.trace()->about(), NodeId(3), nullptr);
    EXPECT_EQ(dialog.line(), "partition {n1 n2} {n3}");
    dialog.findChildren<QComboBox*>().last()->setCurrentIndex(0);
    EXPECT_EQ(dialog.line(), "");
}

TEST_F(Opened, ASlowLinkIsALineOfTheScenarioLanguage)
{
    LinkDialog dialog(run.trace()->about(), NodeId(1), NodeId(2), nullptr);
    EXPECT_EQ(dialog.line(), "link n1 n2 latency=50ms");
    dialog.findChild<QCheckBox*>()->setChecked(true);
    dialog.findChildren<QDoubleSpinBox*>().first()->setValue(5);
    EXPECT_EQ(dialog.line(), "link n1 -> n2 latency=50ms loss=5%");
}

TEST_F(Opened, RunUntilShowsWhereTheQuestionIsWrong)
{
    auto* dialog = new UntilDialog(theme, run, {}, "n1 (", nullptr);
    const QSignalSpy started(dialog, &UntilDialog::started);
    session->syntaxError = "expected a comparison";
    QPushButton* go = nullptr;
    for (auto* each : dialog->findChildren<QPushButton*>()) {
        go = each->isDefault() ? each : go;
    }
    ASSERT_NE(go, nullptr);
    go->click();
    EXPECT_EQ(started.count(), 0);
    bool shown = false;
    for (const auto* label : dialog->findChildren<QLabel*>()) {
        shown = shown || label->text().startsWith("  ^\nexpected a comparison");
    }
    EXPECT_TRUE(shown);
    session->syntaxError.clear();
    go->click();
    EXPECT_EQ(started.count(), 1);
    EXPECT_EQ(last(), "until n1 (");
}

TEST_F(Opened, MemoryKeepsTheNewestFilesFirst)
{
    QFile one(folder.filePath("a.scenario"));
    QFile two(folder.filePath("b.scenario"));
    ASSERT_TRUE(one.open(QIODevice::WriteOnly) && two.open(QIODevice::WriteOnly));
    memory.opened(one.fileName());
    memory.opened(two.fileName());
    memory.opened(one.fileName());
    EXPECT_EQ(memory.recent(), QStringList({one.fileName(), two.fileName()}));
    two.remove();
    EXPECT_EQ(memory.recent(), QStringList({one.fileName()}));
}

TEST_F(Opened, TheWindowActsOnTheSelectedNode)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    settle();
    cursor.setNode(NodeId(1));
    settle();
    window.deeds()["crash"]->trigger();
    EXPECT_EQ(last(), "act crash n1 @18");
    cursor.setNode(NodeId(3));
    settle();
    EXPECT_EQ(window.deeds()["crash"]->text(), "Restart");
    window.deeds()["crash"]->trigger();
    EXPECT_EQ(last(), "act restart n3 @18");
}

TEST_F(Opened, TheWindowOffersOnlyWhatCanBeDone)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    settle();
    EXPECT_FALSE(window.deeds()["undo"]->isEnabled());
    EXPECT_TRUE(window.deeds()["compare"]->isEnabled());
    session->undoable = true;
    session->fork(EventId(4), "what if");
    session->refused["crash n1"] = "n1 is down already";
    cursor.setNode(NodeId(1));
    settle();
    EXPECT_TRUE(window.deeds()["undo"]->isEnabled());
    EXPECT_FALSE(window.deeds()["crash"]->isEnabled());
    EXPECT_EQ(window.deeds()["crash"]->toolTip(), "n1 is down already");
}

TEST_F(Opened, WhoOnlyWatchesIsToldWhy)
{
    const MainWindow window({theme, cursor, run, transport, memory, ground});
    session->refused["heal"] = "n1: an observer only watches";
    session->refused["request put x 1"] = "n1: requests are an operator's";
    session->grow(1);
    settle();
    for (const auto* id : {"crash", "partition", "isolate", "slowLink", "heal"}) {
        EXPECT_FALSE(window.deeds()[id]->isEnabled()) << id;
        EXPECT_EQ(window.deeds()[id]->toolTip(), "n1: an observer only watches") << id;
    }
    const auto* send = window.findChild<QPushButton*>(QStringLiteral("sendRequest"));
    ASSERT_NE(send, nullptr);
    EXPECT_FALSE(send->isEnabled());
    EXPECT_EQ(send->toolTip(), "n1: requests are an operator's");
    EXPECT_FALSE(window.deeds()["send"]->isEnabled());
    EXPECT_TRUE(window.deeds()["fork"]->isEnabled());
    session->change([](auto& snapshot) { snapshot.source = session::Source::Recorded; });
    settle();
    EXPECT_FALSE(window.deeds()["fork"]->isEnabled());
    session->change([](auto& snapshot) { snapshot.source = session::Source::Simulated; });
    session->refused.clear();
    session->grow(1);
    settle();
    EXPECT_TRUE(send->isEnabled());
    EXPECT_TRUE(window.deeds()["partition"]->isEnabled());
    EXPECT_EQ(window.deeds()["partition"]->toolTip(), "Partition (Ctrl+P)");
}

TEST_F(Opened, ARecordingGoesOnByWhatAPersonDoes)
{
    const MainWindow window({theme, cursor, run, transport, memory, ground});
    session->change([](auto& snapshot) { snapshot.source = session::Source::Recorded; });
    cursor.setNode(NodeId(1));
    transport.toEnd();
    settle();
    EXPECT_EQ(transport.whyNotPlay(), QStringLiteral("This is the end of the recording."));
    for (const auto* id : {"crash", "partition", "send", "fork", "saveScenario"}) {
        EXPECT_TRUE(window.deeds()[id]->isEnabled()) << id;
    }
    session->change([](auto& snapshot) { snapshot.branches.back().whatIf = true; });
    settle();
    EXPECT_TRUE(transport.whyNotPlay().isEmpty()) << "what it became is no recording any more";
}

TEST_F(Opened, AScenarioThatHasNotBegunIsComparedWhole)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    const auto lesson = [](const char* name) {
        return QStringLiteral(LIGHTCONE_SOURCE_DIR "/resources/scenarios/%1.scenario")
            .arg(QLatin1String(name));
    };
    const auto path = lesson("raft/an_election");
    auto opened = session::openFile(path.toStdString());
    ASSERT_TRUE(opened) << opened.error().text();
    run.open(std::move(*opened));
    window.setPath(path);
    settle();
    ASSERT_EQ(run.events(), 0U);
    EXPECT_TRUE(window.deeds()["compare"]->isEnabled());
    window.compareWith({{}, lesson("paxos/one_proposer"), QStringLiteral("One proposer"), {}});
    auto* compared = window.findChild<CompareWindow*>();
    ASSERT_NE(compared, nullptr);
    EXPECT_GT(compared->side(0).trace()->size(), 100U);
    EXPECT_GT(compared->side(1).trace()->size(), 50U);
    EXPECT_TRUE(testing_support::waitUntil([&] { return compared->settled(); }));
}

TEST_F(Opened, OnASmallScreenTheWindowTakesAllOfIt)
{
    const MainWindow window({theme, cursor, run, transport, memory, ground});
    const auto room = window.screen()->availableSize();
    const bool small = room.width() < 1400 || room.height() < 900;
    EXPECT_EQ(window.windowState().testFlag(Qt::WindowMaximized), small);
    const auto least = window.minimumSizeHint();
    EXPECT_LE(window.width(), std::max(room.width(), least.width()));
    EXPECT_LE(window.height(), std::max(room.height(), least.height()));
}

TEST_F(Opened, WhatIsDoneDoesNotLookLikeAProblem)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    const auto* notice = window.findChild<Notice*>();
    ASSERT_NE(notice, nullptr);
    EXPECT_TRUE(notice->isHidden());
    window.tell(QStringLiteral("Saved."));
    EXPECT_FALSE(notice->isHidden());
    EXPECT_EQ(notice->property("kind"), QStringLiteral("told"));
    window.warn(QStringLiteral("The disk is full."));
    EXPECT_EQ(notice->property("kind"), QStringLiteral("problem"));
    EXPECT_EQ(notice->findChild<QLabel*>()->text(), QStringLiteral("The disk is full."));
}

TEST_F(Opened, AFreshWindowSharesItsWidthAsTheDesignDoes)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    window.show();
    window.setWindowState(Qt::WindowNoState);
    window.resize(1680, 1050);
    settle();
    const auto widthOf = [&](const char* panel) {
        return window.findChild<QDockWidget*>(QString::fromLatin1(panel))->width();
    };
    ASSERT_EQ(window.width(), 1680);
    EXPECT_NEAR(widthOf("inspector"), 1680 * 21 / 100, 10);
    EXPECT_NEAR(widthOf("library"), 1680 * 17 / 100, 10);
    window.resize(1280, 800);
    settle();
    EXPECT_LT(widthOf("inspector"), 1280 * 29 / 100);
    EXPECT_NEAR(widthOf("library"), 220, 25);
}

TEST_F(Opened, ACountThatGrowsMovesNoPanel)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    window.resize(1400, 900);
    window.show();
    settle();
    window.resize(1680, 1050);
    settle();
    auto* checks = window.findChild<QDockWidget*>(QStringLiteral("checks"));
    auto* flights = window.findChild<QDockWidget*>(QStringLiteral("flights"));
    const auto* stage = window.findChild<QDockWidget*>(QStringLiteral("topology"));
    const auto before = stage->geometry();
    for (int i = 0; i < 30; ++i) {
        checks->setWindowTitle(QStringLiteral("Checks %1/%2").arg(7 + i * 40).arg(8 + i * 40));
        flights->setWindowTitle(i % 2 == 0 ? QStringLiteral("In flight")
                                           : QStringLiteral("In flight %1").arg(i * 100));
        settle();
    }
    EXPECT_EQ(stage->geometry(), before);
}

TEST_F(Opened, ThePanelOfNodesComesAndGoesWithRealOnes)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    const auto* panel = window.findChild<QDockWidget*>(QStringLiteral("nodes"));
    ASSERT_NE(panel, nullptr);
    settle();
    EXPECT_TRUE(panel->isHidden());
    session->change([](session::Snapshot& now) { now.nodes.emplace_back().name = "n1"; });
    settle();
    EXPECT_FALSE(panel->isHidden());
    window.resetLayout();
    EXPECT_FALSE(panel->isHidden());
    window.show();
    window.findChild<QDockWidget*>(QStringLiteral("nodes"))->raise();
    settle();
    session->change([](session::Snapshot& now) { now.nodes.clear(); });
    settle();
    EXPECT_TRUE(panel->isHidden());
    const auto* inspector = window.findChild<QDockWidget*>(QStringLiteral("inspector"));
    EXPECT_TRUE(window.rect().intersects(inspector->geometry()))
        << "it takes the place, not the charts";
}

TEST_F(Opened, ThePaletteKnowsNodesRequestsAndPanels)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    settle();
    QStringList texts;
    for (const auto& command : window.commands()) {
        texts << command.text;
    }
    for (const auto* wanted : {"crash n2", "request put x 1", "Checks 3/3", "Fork here"}) {
        EXPECT_TRUE(texts.contains(QString::fromLatin1(wanted))) << wanted;
    }
}

TEST_F(Opened, TheTitleCountsWhatIsNotJudgedApart)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    session->change([](session::Snapshot& now) { now.checks[0].notJudgedFrom = EventId(9); });
    settle();
    QStringList texts;
    for (const auto& command : window.commands()) {
        texts << command.text;
    }
    EXPECT_TRUE(texts.contains("Checks 2/2, 1?"));
}

TEST_F(Opened, NarrationShowsWhatTheRunHasReached)
{
    Narration narration(theme, cursor, run);
    transport.goTo(EventId(3));
    EXPECT_TRUE(narration.isHidden());
    transport.goTo(EventId(6));
    EXPECT_FALSE(narration.isHidden());
    const auto labels = narration.findChildren<QLabel*>();
    EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
        return label->text() == "Three nodes wait.";
    }));
}

TEST_F(Opened, AQuestionWaitsForAChoice)
{
    Narration narration(theme, cursor, run);
    transport.toEnd();
    session->change([](auto& snapshot) {
        snapshot.question = session::Question{7, "Who leads next?", {"n2", "n3"}};
    });
    settle();
    auto buttons = narration.findChildren<QPushButton*>();
    ASSERT_EQ(buttons.size(), 2);
    const QSignalSpy answered(&narration, &Narration::answered);
    buttons[1]->click();
    EXPECT_EQ(last(), "answer n3");
    EXPECT_EQ(answered.count(), 1);
}

TEST_F(Opened, AnswersThatDoNotFitBesideEachOtherStandBelow)
{
    Narration narration(theme, cursor, run);
    transport.toEnd();
    session->change([](auto& snapshot) {
        snapshot.question = session::Question{
            7, "What now?", {"It is lost with the leader", "It survives in whoever wins"}};
    });
    settle();
    const auto buttons = narration.findChildren<QPushButton*>();
    ASSERT_EQ(buttons.size(), 2);
    EXPECT_LT(narration.minimumSizeHint().width(), 300);
    narration.resize(1000, 100);
    settle();
    EXPECT_EQ(buttons[0]->y(), buttons[1]->y());
    narration.resize(320, 160);
    settle();
    EXPECT_LT(buttons[0]->geometry().bottom(), buttons[1]->y());
}

} // namespace
} // namespace lightcone::window
