#include "views/run/wording.h"
#include "views/window/main_window.h"

#include <QActionGroup>
#include <QApplication>
#include <QFileInfo>
#include <QMenuBar>

namespace lightcone::window {

using picture::Ink;
using run::Wording;

void MainWindow::addFileDeeds()
{
    m_deeds.begin(tr("File"));
    m_deeds.add("open", tr("&Open…"), {QKeySequence::Open}, [this] { askOpen(); });
    m_deeds.add("reload", tr("Run it from the star&t again"), {Qt::CTRL | Qt::Key_R},
                [this] { open(m_path); });
    m_deeds.add("saveScenario", tr("&Save as scenario…"), {QKeySequence::Save},
                [this] { saveScenario(); });
    m_deeds.add("saveRun", tr("Save the recor&ded run…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_S},
                [this] { saveRun(); });
    m_deeds.add("export", tr("&Export…"),
                // A line that is written in takes Ctrl+E for its end.
                {Qt::CTRL | Qt::SHIFT | Qt::Key_E, Qt::CTRL | Qt::Key_E}, [this] { askExport(); });
    m_deeds.add("quit", tr("&Quit"), {QKeySequence::Quit}, [this] { close(); });
}

void MainWindow::addRunDeeds()
{
    auto& transport = m_shared.transport;
    m_deeds.begin(tr("Run"));
    m_deeds.add(
        "play", tr("Play"), {Qt::Key_F5}, [&transport] { transport.playPause(); },
        QStringLiteral("play"), Ink::Cursor);
    m_deeds.add(
        "step", tr("Step"), {Qt::Key_F8, Qt::CTRL | Qt::Key_Period},
        [&transport] { transport.stepForward(); }, QStringLiteral("step"));
    m_deeds.add(
        "stepBack", tr("Step back"), {Qt::SHIFT | Qt::Key_F8, Qt::CTRL | Qt::Key_Comma},
        [&transport] { transport.stepBack(); }, QStringLiteral("step-back"));
    m_deeds.add(
        "toStart", tr("To the start"), {Qt::CTRL | Qt::Key_Home},
        [&transport] { transport.toStart(); }, QStringLiteral("to-start"));
    m_deeds.add(
        "toEnd", tr("To the end"), {Qt::CTRL | Qt::Key_End}, [&transport] { transport.toEnd(); },
        QStringLiteral("to-end"));
    m_deeds.add("faster", tr("Faster"), {Qt::CTRL | Qt::Key_BracketRight},
                [&transport] { transport.setPace(transport.pace() + 1); });
    m_deeds.add("slower", tr("Slower"), {Qt::CTRL | Qt::Key_BracketLeft},
                [&transport] { transport.setPace(transport.pace() - 1); });
    m_deeds.add("fastest", tr("As fast as it goes"), {Qt::CTRL | Qt::Key_Backslash},
                [&transport] { transport.setPace(Transport::paceCount - 1); });
    auto* byHand = m_deeds.add("byHand", tr("By &hand: pick what happens next"),
                               {Qt::CTRL | Qt::Key_H}, [this] {
                                   const bool on = m_deeds["byHand"]->isChecked();
                                   m_shared.transport.setByHand(on);
                                   if (on) {
                                       m_flightsDock->show();
                                       m_flightsDock->raise();
                                   }
                               });
    byHand->setCheckable(true);
    m_deeds.add("until", tr("Run &until…"), {Qt::Key_F6}, [this] { askUntil(); });
    m_deeds.add("runFor", tr("Run &for a time…"), {Qt::SHIFT | Qt::Key_F6},
                [this] { askRunFor(); });
    m_deeds.add("request", tr("Write a re&quest"), {Qt::CTRL | Qt::Key_L},
                [this] { m_tools->focusRequest(); });
    m_deeds.add("send", tr("Send the request"), {Qt::CTRL | Qt::Key_Return},
                [this] { m_tools->sendRequest(); });
}

void MainWindow::addFaultDeeds()
{
    m_deeds.begin(tr("Faults"));
    m_deeds.add(
        "crash", tr("Crash"), {Qt::CTRL | Qt::Key_D}, [this] { crashOrRestart(); },
        QStringLiteral("crash"));
    m_deeds.add(
        "pauseNode", tr("Pause"), {Qt::CTRL | Qt::SHIFT | Qt::Key_D}, [this] { pauseOrResume(); },
        QStringLiteral("pause"));
    m_deeds.add(
        "partition", tr("Partition"), {Qt::CTRL | Qt::Key_P}, [this] { askPartition(); },
        QStringLiteral("partition"));
    m_deeds.add("isolate", tr("Isolate"), {Qt::CTRL | Qt::Key_I},
                [this] { onSelected(QStringLiteral("isolate")); });
    m_deeds.add(
        "slowLink", tr("Slow link"), {Qt::CTRL | Qt::SHIFT | Qt::Key_L}, [this] { askLink(); },
        QStringLiteral("slow"));
    m_deeds.add("heal", tr("&Heal everything"), {Qt::CTRL | Qt::SHIFT | Qt::Key_H},
                [this] { act(QStringLiteral("heal")); });
    m_deeds.add("clock", tr("Skew its &clock…"), {}, [this] { askClock(); });
    m_deeds.add("diskSlow", tr("Its disk is slow"), {},
                [this] { act(QStringLiteral("disk %1 slow=10").arg(selectedName())); });
    m_deeds.add("diskFull", tr("Its disk is full"), {},
                [this] { act(QStringLiteral("disk %1 full").arg(selectedName())); });
    m_deeds.add("diskOk", tr("Its disk is healthy"), {},
                [this] { act(QStringLiteral("disk %1 ok").arg(selectedName())); });
    m_deeds.add("line", tr("&Do a line of the scenario language…"),
                {Qt::CTRL | Qt::SHIFT | Qt::Key_Return}, [this] { askLine(); });
    m_deeds.add("undo", tr("&Undo"), {QKeySequence::Undo}, [this] {
        m_shared.run.session().undo();
        m_shared.run.soon();
    });
    m_deeds.add("redo", tr("&Redo"), {Qt::CTRL | Qt::SHIFT | Qt::Key_Z, Qt::CTRL | Qt::Key_Y},
                [this] {
                    m_shared.run.session().redo();
                    m_shared.run.soon();
                });
}

void MainWindow::addTimelineDeeds()
{
    auto& transport = m_shared.transport;
    m_deeds.begin(tr("Timeline"));
    m_deeds.add(
        "fork", tr("Fork here"), {Qt::CTRL | Qt::Key_B}, [this] { fork(); },
        QStringLiteral("fork"));
    m_deeds.add(
        "compare", tr("&Compare with…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_B}, [this] { compare(); },
        QStringLiteral("compare"));
    m_deeds.add("renameBranch", tr("Re&name the branch…"), {Qt::Key_F2},
                [this] { renameBranch(); });
    m_deeds.add("removeBranch", tr("Remove the branch"), {}, [this] { removeBranch(); });
    m_deeds.add("goTo", tr("&Go to event…"), {Qt::CTRL | Qt::Key_G}, [this] { askGoTo(); });
    m_deeds.add("nextOfNode", tr("Next event of the selected node"), {Qt::CTRL | Qt::Key_Right},
                [&transport] { transport.nextOfNode(); });
    m_deeds.add("previousOfNode", tr("Previous event of the selected node"),
                {Qt::CTRL | Qt::Key_Left}, [&transport] { transport.previousOfNode(); });
    auto* cone = m_deeds.add("cone", tr("Causal c&one"), {Qt::CTRL | Qt::Key_J},
                             [this] { m_shared.cursor.setCone(m_deeds["cone"]->isChecked()); });
    cone->setCheckable(true);
    m_deeds.add("filter", tr("&Filter the events"), {QKeySequence::Find}, [this] {
        m_eventsDock->show();
        m_eventsDock->raise();
        m_events->focusFilter();
    });
}

void MainWindow::addViewDeeds()
{
    m_deeds.begin(tr("View"));
    m_deeds.add("palette", tr("Do anything…"), {Qt::CTRL | Qt::Key_K}, [this] { showPalette(); });
    m_deeds.add("library", tr("Search the li&brary"), {Qt::CTRL | Qt::SHIFT | Qt::Key_F}, [this] {
        m_libraryDock->show();
        m_libraryDock->raise();
        m_library->focusSearch();
    });
    m_deeds.add("charts", tr("The run in &charts"), {Qt::CTRL | Qt::SHIFT | Qt::Key_G}, [this] {
        m_chartsDock->show();
        m_chartsDock->raise();
        m_charts->setFocus();
    });
    m_deeds.add("resetLayout", tr("&Reset the layout"), {}, [this] {
        m_shared.memory.forgetLayout();
        resetLayout();
    });
    auto* full = m_deeds.add("fullScreen", tr("Full &screen"), {Qt::Key_F11},
                             [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    full->setCheckable(true);
    auto* reduced = m_deeds.add("reducedMotion", tr("Reduced &motion"), {}, [this] {
        const bool on = m_deeds["reducedMotion"]->isChecked();
        m_shared.theme.setReducedMotion(on);
        m_shared.memory.setReducedMotion(on);
    });
    reduced->setCheckable(true);
    reduced->setChecked(m_shared.theme.reducedMotion());
    const auto look = [this](const QString& id, const QString& text, theme::Mode mode) {
        auto* action = m_deeds.add(id, text, {}, [this, mode] {
            m_shared.theme.setMode(mode);
            m_shared.memory.setMode(mode);
        });
        action->setCheckable(true);
        action->setChecked(m_shared.theme.mode() == mode);
        return action;
    };
    auto* looks = new QActionGroup(this);
    looks->addAction(look("lookSystem", tr("Theme: as the system"), theme::Mode::System));
    looks->addAction(look("lookDark", tr("Theme: dark"), theme::Mode::Dark));
    looks->addAction(look("lookLight", tr("Theme: light"), theme::Mode::Light));
    const auto speak = [this](const QString& id, const QString& text, const QString& code) {
        auto* action = m_deeds.add(id, text, {}, [this, code] { emit languageChosen(code); });
        action->setCheckable(true);
        action->setChecked(QLocale().name() == QLocale(code).name());
        return action;
    };
    auto* languages = new QActionGroup(this);
    languages->addAction(speak("english", QStringLiteral("English"), QStringLiteral("en")));
    languages->addAction(speak("chinese", QStringLiteral("简体中文"), QStringLiteral("zh_CN")));
}

void MainWindow::addHelpDeeds()
{
    m_deeds.begin(tr("Help"));
    m_deeds.add("keys", tr("&Keyboard"), {QKeySequence::HelpContents}, [this] { showKeys(); });
    m_deeds.add("questions", tr("The &language for asking"), {Qt::SHIFT | Qt::Key_F1},
                [this] { showQuestions(); });
    m_deeds.add("about", tr("&About Lightcone"), {}, [this] { showAbout(); });
}

QMenu* MainWindow::addMenu(const QString& title, const QStringList& ids)
{
    auto* menu = menuBar()->addMenu(title);
    for (const auto& id : ids) {
        if (id.isEmpty()) {
            menu->addSeparator();
        } else {
            menu->addAction(m_deeds[id]);
        }
    }
    return menu;
}

void MainWindow::buildMenus()
{
    auto* file = addMenu(tr("&File"), {"open"});
    m_recent = file->addMenu(tr("Open &recent"));
    for (const auto* id : {"connect", "startCluster"}) {
        file->addAction(m_deeds[QString::fromLatin1(id)]);
    }
    connect(m_recent, &QMenu::aboutToShow, this, &MainWindow::fillRecent);
    for (const auto* id : {"reload", "", "saveScenario", "saveRun", "export", "", "quit"}) {
        if (*id == '\0') {
            file->addSeparator();
        } else {
            file->addAction(m_deeds[QString::fromLatin1(id)]);
        }
    }
    addMenu(tr("&Run"),
            {"play", "step", "stepBack", "toStart", "toEnd", "", "faster", "slower", "fastest",
             "byHand", "", "until", "runFor", "", "request", "send"});
    auto* faults = addMenu(
        tr("F&aults"), {"crash", "pauseNode", "isolate", "", "partition", "slowLink", "heal", ""});
    auto* ofNode = faults->addMenu(tr("Crash a &node"));
    connect(ofNode, &QMenu::aboutToShow, this,
            [this, ofNode] { fillNodes(*ofNode, QStringLiteral("crash")); });
    for (const auto* id : {"clock", "diskSlow", "diskFull", "diskOk"}) {
        faults->addAction(m_deeds[QString::fromLatin1(id)]);
    }
    faults->addSeparator();
    for (const auto* id : {"line", "undo", "redo"}) {
        faults->addAction(m_deeds[QString::fromLatin1(id)]);
    }
    auto* timeline = addMenu(tr("&Timeline"), {"fork", "continueAsSimulation", "compare"});
    m_branches = timeline->addMenu(tr("&Branches"));
    connect(m_branches, &QMenu::aboutToShow, this, &MainWindow::fillBranches);
    for (const auto* id : {"renameBranch", "removeBranch", "goTo", "nextOfNode", "previousOfNode",
                           "cone", "filter"}) {
        timeline->addAction(m_deeds[QString::fromLatin1(id)]);
    }
    auto* view = addMenu(tr("&View"), {"palette", "library", "charts", ""});
    for (auto* dock : m_docks) {
        view->addAction(dock->toggleViewAction());
    }
    view->addAction(m_deeds["resetLayout"]);
    view->addSeparator();
    auto* theme = view->addMenu(tr("&Theme"));
    for (const auto* id : {"lookSystem", "lookDark", "lookLight"}) {
        theme->addAction(m_deeds[QString::fromLatin1(id)]);
    }
    auto* language = view->addMenu(tr("&Language"));
    language->addAction(m_deeds["english"]);
    language->addAction(m_deeds["chinese"]);
    view->addAction(m_deeds["reducedMotion"]);
    view->addAction(m_deeds["fullScreen"]);
    addMenu(tr("&Help"), {"keys", "questions", "", "about"});

    auto* anything = new QToolButton(this);
    anything->setText(
        tr("%1 Do anything…")
            .arg(QKeySequence(Qt::CTRL | Qt::Key_K).toString(QKeySequence::NativeText)));
    anything->setProperty("quiet", true);
    anything->setProperty("corner", true);
    connect(anything, &QToolButton::clicked, this, &MainWindow::showPalette);
    menuBar()->setCornerWidget(anything, Qt::TopRightCorner);
}

void MainWindow::fillRecent()
{
    m_recent->clear();
    const auto recent = m_shared.memory.recent();
    for (const auto& path : recent) {
        auto* action =
            m_recent->addAction(QFileInfo(path).fileName(), this, [this, path] { open(path); });
        action->setToolTip(path);
    }
    if (recent.isEmpty()) {
        m_recent->addAction(tr("None yet"))->setEnabled(false);
        return;
    }
    m_recent->addSeparator();
    m_recent->addAction(tr("Forget them"), this, [this] {
        m_shared.memory.forgetRecent();
        m_library->show(m_shared.ground.shelves(QLocale().name()), {});
    });
}

void MainWindow::fillBranches()
{
    m_branches->clear();
    if (!m_shared.run.isOpen()) {
        return;
    }
    const auto& snapshot = m_shared.run.snapshot();
    for (const auto& branch : snapshot.branches) {
        auto* action = m_branches->addAction(
            tr("%1, %2 events")
                .arg(QString::fromStdString(branch.name), Wording::count(branch.events)),
            this, [this, id = branch.id] {
                m_shared.run.session().switchTo(id);
                m_shared.run.soon();
            });
        action->setCheckable(true);
        action->setChecked(branch.id == snapshot.current);
    }
}

void MainWindow::fillNodes(QMenu& menu, const QString& verb)
{
    menu.clear();
    if (!m_shared.run.trace()) {
        return;
    }
    for (const auto& member : m_shared.run.trace()->about().members) {
        const auto line = verb + QLatin1Char(' ') + QString::fromStdString(member.name);
        const auto why = m_shared.run.session().whyNot(line.toStdString());
        auto* action =
            menu.addAction(QString::fromStdString(member.name), this, [this, line] { act(line); });
        action->setEnabled(!why);
        action->setToolTip(why ? QString::fromStdString(*why) : QString());
    }
}

} // namespace lightcone::window
