#include "tests/views/window/opened.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QKeySequence>
#include <QMap>
#include <QMenu>
#include <QMenuBar>
#include <QTest>

namespace lightcone::window {
namespace {

TEST_F(Opened, EveryShortcutMeansOneThing)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    QMap<QString, QString> meaning;
    for (const auto& group : window.deeds().groups()) {
        for (const auto* action : group.actions) {
            for (const auto& key : action->shortcuts()) {
                const auto text = key.toString();
                EXPECT_FALSE(meaning.contains(text))
                    << text.toStdString() << ": " << meaning.value(text).toStdString() << " and "
                    << action->objectName().toStdString();
                meaning[text] = action->objectName();
            }
        }
    }
    EXPECT_GT(meaning.size(), 20);
}

TEST_F(Opened, EveryLetterOfAMenuMeansOneThing)
{
    const MainWindow window({theme, cursor, run, transport, memory, ground});
    const auto letterOf = [](const QAction* action) {
        return QKeySequence::mnemonic(action->text()).toString();
    };
    int letters = 0;
    QList<const QMenu*> menus;
    QMap<QString, QString> bar;
    for (const auto* top : window.menuBar()->actions()) {
        EXPECT_FALSE(bar.contains(letterOf(top))) << top->text().toStdString();
        bar[letterOf(top)] = top->text();
        menus << top->menu();
    }
    for (const auto* menu : menus) {
        QMap<QString, QString> meaning;
        for (const auto* action : menu->actions()) {
            const auto letter = letterOf(action);
            if (letter.isEmpty()) {
                continue;
            }
            EXPECT_FALSE(meaning.contains(letter))
                << meaning.value(letter).toStdString() << " and " << action->text().toStdString();
            meaning[letter] = action->text();
            ++letters;
        }
    }
    EXPECT_GT(letters, 25);
}

TEST_F(Opened, TabGoesRoundEverythingThatIsSeenAndBack)
{
    MainWindow window({theme, cursor, run, transport, memory, ground});
    window.setWindowState(Qt::WindowNoState);
    window.resize(1400, 900);
    window.show();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    settle();
    const auto round = [&](Qt::Key key) {
        QList<QWidget*> stops;
        for (int i = 0; i < 100; ++i) {
            QTest::keyClick(QApplication::focusWidget(), key);
            auto* stop = QApplication::focusWidget();
            if (stops.size() > 1 && stop == stops.front()) {
                break;
            }
            if (stops.isEmpty() || stops.back() != stop) { // the topology goes through its nodes
                stops << stop;
            }
        }
        return stops;
    };
    cursor.setNode(NodeId(2)); // its state stays in the inspector
    settle();
    const auto panelOf = [&](QWidget* stop) {
        while (stop != &window && qobject_cast<QDockWidget*>(stop) == nullptr) {
            stop = stop->parentWidget();
        }
        return stop;
    };
    const auto there = round(Qt::Key_Tab);
    QStringList names;
    for (auto* stop : there) {
        names << stop->accessibleName();
        EXPECT_TRUE(window.rect().intersects(panelOf(stop)->geometry()))
            << names.back().toStdString();
    }
    for (const auto* wanted : {"Library", "Topology", "Timeline", "Filter of the timeline",
                               "State of the node", "Request of a client"}) {
        EXPECT_TRUE(names.contains(QString::fromLatin1(wanted))) << wanted;
    }
    EXPECT_FALSE(names.contains(QStringLiteral("Events"))) << "it stands behind the timeline";
    const auto back = round(Qt::Key_Backtab);
    for (auto* stop : there) { // but what the inspector has of one node only
        EXPECT_TRUE(back.contains(stop) || panelOf(stop)->objectName() == "inspector")
            << stop->accessibleName().toStdString() << stop->toolTip().toStdString();
    }
}

} // namespace
} // namespace lightcone::window
