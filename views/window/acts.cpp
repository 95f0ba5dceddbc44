#include "views/run/wording.h"
#include "views/theme/text.h"
#include "views/window/fault_dialogs.h"
#include "views/window/help.h"
#include "views/window/main_window.h"
#include "views/window/until_dialog.h"

#include <QCursor>
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>

namespace lightcone::window {

using run::Wording;

const trace::NodeState* MainWindow::selected() const
{
    const auto& state = m_shared.run.state();
    return state ? state->node(m_shared.cursor.node()) : nullptr;
}

QString MainWindow::selectedName() const
{
    const auto node = m_shared.cursor.node();
    return node && m_shared.run.trace() ? q(m_shared.run.trace()->about().nameOf(node)) : QString();
}

void MainWindow::act(const QString& line)
{
    m_shared.run.act(line.toStdString(), m_shared.cursor.event());
}

void MainWindow::onSelected(const QString& verb)
{
    if (!selectedName().isEmpty()) {
        act(verb + QLatin1Char(' ') + selectedName());
        return;
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillNodes(*menu, verb);
    menu->popup(QCursor::pos());
}

void MainWindow::crashOrRestart()
{
    const auto* node = selected();
    const bool down = node != nullptr && node->life == trace::Life::Crashed;
    onSelected(down ? QStringLiteral("restart") : QStringLiteral("crash"));
}

void MainWindow::pauseOrResume()
{
    const auto* node = selected();
    const bool paused = node != nullptr && node->life == trace::Life::Paused;
    onSelected(paused ? QStringLiteral("resume") : QStringLiteral("pause"));
}

/// Who may not heal may not disturb either, and a recording that cannot go on cannot be forked.
void MainWindow::refreshFaults(bool open, bool acts, bool real)
{
    const auto refused = open ? m_shared.run.session().whyNot("heal") : std::nullopt;
    const auto why = refused ? q(*refused) : QString();
    for (const auto* id :
         {"partition", "isolate", "slowLink", "heal", "clock", "diskSlow", "diskFull", "diskOk"}) {
        m_deeds.allow(QString::fromLatin1(id), acts, why);
    }
    if (!acts || selectedName().isEmpty()) { // else it is about that node
        m_deeds.allow(QStringLiteral("crash"), acts, why);
        m_deeds.allow(QStringLiteral("pauseNode"), acts, why);
    }
    m_deeds.allow(QStringLiteral("fork"), open && !real, acts ? QString() : why);
}

void MainWindow::refreshDeeds()
{
    const auto& run = m_shared.run;
    const bool open = run.isOpen() && run.trace();
    const bool acts = run.takesActs();
    for (const auto* id :
         {"reload", "saveRun", "export", "toStart", "toEnd", "step", "stepBack", "goTo", "filter",
          "compare", "renameBranch", "removeBranch", "cone", "nextOfNode", "previousOfNode"}) {
        m_deeds[QString::fromLatin1(id)]->setEnabled(open);
    }
    for (const auto* id : {"until", "runFor", "byHand", "line"}) {
        m_deeds[QString::fromLatin1(id)]->setEnabled(acts);
    }
    for (const auto* id : {"request", "send"}) {
        m_deeds.allow(QString::fromLatin1(id), true, m_shared.transport.whyNotRequest());
    }
    const bool live = open && run.snapshot().source == session::Source::Live;
    const bool real = live && !run.snapshot().branch().whatIf;
    refreshFaults(open, acts, real);
    const auto name = selectedName();
    const auto* node = selected();
    const bool down = node != nullptr && node->life == trace::Life::Crashed;
    const bool paused = node != nullptr && node->life == trace::Life::Paused;
    m_deeds["crash"]->setText(down ? tr("Restart") : tr("Crash"));
    m_deeds["pauseNode"]->setText(paused ? tr("Resume") : tr("Pause"));
    for (const auto* id :
         {"clock", "diskSlow", "diskFull", "diskOk", "nextOfNode", "previousOfNode"}) {
        auto* action = m_deeds[QString::fromLatin1(id)];
        action->setEnabled(action->isEnabled() && !name.isEmpty());
    }
    m_deeds["undo"]->setEnabled(acts && run.session().canUndo());
    m_deeds["redo"]->setEnabled(acts && run.session().canRedo());
    m_deeds["reload"]->setEnabled(open && !live);
    m_deeds["saveScenario"]->setEnabled(acts && !live);
    m_deeds["byHand"]->setEnabled(acts && !real);
    m_deeds["continueAsSimulation"]->setEnabled(real && run.events() > 0);
    // A scenario that has not begun is compared whole.
    const bool hasRun = run.events() > 0 || m_path.endsWith(QStringLiteral(".scenario"));
    m_deeds["compare"]->setEnabled(open && hasRun);
    m_deeds["removeBranch"]->setEnabled(open && run.snapshot().branches.size() > 1);
    m_deeds["byHand"]->setChecked(m_shared.transport.isByHand());
    m_deeds["cone"]->setChecked(m_shared.cursor.cone());
    if (acts && !name.isEmpty()) {
        const auto tell = [&](const char* id, const QString& line, const QString& does) {
            const auto why = m_shared.run.session().whyNot(line.toStdString());
            auto* action = m_deeds[QString::fromLatin1(id)];
            action->setEnabled(!why);
            action->setToolTip(why ? q(*why) : does);
        };
        tell("crash", (down ? QStringLiteral("restart ") : QStringLiteral("crash ")) + name,
             down ? tr("Restart %1 from its disk").arg(name) : tr("Crash %1").arg(name));
        tell("pauseNode", (paused ? QStringLiteral("resume ") : QStringLiteral("pause ")) + name,
             paused ? tr("Let %1 go on").arg(name) : tr("Pause %1").arg(name));
    }
}

void MainWindow::askPartition()
{
    PartitionDialog dialog(m_shared.run.trace()->about(), m_shared.cursor.node(), this);
    if (dialog.exec() == QDialog::Accepted) {
        act(q(dialog.line()));
    }
}

void MainWindow::connectTopology()
{
    using topology::Topology;
    connect(m_topology, &Topology::clockWanted, this, [this](NodeId node) {
        m_shared.cursor.setNode(node);
        askClock();
    });
    connect(m_topology, &Topology::diskWanted, this, [this](NodeId node) {
        m_shared.cursor.setNode(node);
        askDisk();
    });
    connect(m_topology, &Topology::requestWanted, this, &MainWindow::askRequestOf);
    connect(m_topology, &Topology::linkWanted, this, &MainWindow::askLinkBetween);
    const auto protocol = [this] { return q(m_shared.run.trace()->about().card.id); };
    connect(m_topology, &Topology::placementChanged, this, [this, protocol] {
        if (m_shared.run.isOpen()) {
            m_shared.memory.setPlacement(protocol(), m_topology->placement());
        }
    });
    connect(&m_shared.run, &run::RunView::opened, this, [this, protocol] {
        if (m_shared.run.isOpen()) {
            m_topology->setPlacement(m_shared.memory.placement(protocol()));
        }
    });
}

void MainWindow::askLink()
{
    askLinkBetween(m_shared.cursor.node(), {});
}

void MainWindow::askLinkBetween(NodeId from, NodeId to)
{
    LinkDialog dialog(m_shared.run.trace()->about(), from, to, this);
    if (dialog.exec() == QDialog::Accepted) {
        act(q(dialog.line()));
    }
}

void MainWindow::askClock()
{
    bool accepted = false;
    const auto text =
        QInputDialog::getText(this, tr("Skew the clock of %1").arg(selectedName()),
                              tr("How far ahead of the run's time, such as 50ms or -1s:"),
                              QLineEdit::Normal, QStringLiteral("50ms"), &accepted);
    if (accepted && !text.trimmed().isEmpty()) {
        auto skew = text.trimmed();
        if (!skew.startsWith(QLatin1Char('-')) && !skew.startsWith(QLatin1Char('+'))) {
            skew.prepend(QLatin1Char('+'));
        }
        act(QStringLiteral("clock %1 skew=%2").arg(selectedName(), skew));
    }
}

void MainWindow::askDisk()
{
    bool accepted = false;
    const auto text = QInputDialog::getText(
        this, tr("The disk of %1").arg(selectedName()),
        tr("slow=10 (times slower), full, forgets=3 (writes that a crash takes) or ok:"),
        QLineEdit::Normal, QStringLiteral("slow=10"), &accepted);
    if (accepted && !text.trimmed().isEmpty()) {
        act(QStringLiteral("disk %1 %2").arg(selectedName(), text.trimmed()));
    }
}

void MainWindow::askRequestOf(NodeId node)
{
    const auto& about = m_shared.run.trace()->about();
    const auto name = q(about.nameOf(node));
    QStringList samples;
    for (const auto& request : about.card.requests) {
        samples << q(request.sample);
    }
    bool accepted = false;
    const auto text =
        QInputDialog::getItem(this, tr("Send a request to %1").arg(name),
                              tr("This node is asked and no other:"), samples, 0, true, &accepted);
    if (accepted && !text.trimmed().isEmpty()) {
        act(QStringLiteral("request %1 to %2").arg(text.trimmed(), name));
    }
}

void MainWindow::askLine()
{
    bool accepted = false;
    const auto line = QInputDialog::getText(
        this, tr("Do a line of the scenario language"),
        tr("Such as: cut n1 -> n2 · rule hold Vote from n3 · request put x 1"), QLineEdit::Normal,
        {}, &accepted);
    if (accepted && !line.trimmed().isEmpty()) {
        act(line.trimmed());
    }
}

void MainWindow::askUntil(const QString& question)
{
    auto* dialog =
        new UntilDialog(m_shared.theme, m_shared.run, m_shared.memory.questions(), question, this);
    connect(dialog, &UntilDialog::started, this, [this](const QString& asked) {
        m_shared.memory.asked(asked);
        m_shared.transport.toEnd();
    });
    dialog->show();
}

void MainWindow::askRunFor()
{
    bool accepted = false;
    const auto text =
        QInputDialog::getText(this, tr("Run for a time"), tr("Virtual time, such as 200ms or 5s:"),
                              QLineEdit::Normal, QStringLiteral("1s"), &accepted);
    if (!accepted) {
        return;
    }
    const auto time = parseDuration(text.toStdString());
    if (!time) {
        QMessageBox::warning(this, tr("Run for a time"), q(time.error().message));
        return;
    }
    m_shared.transport.toEnd();
    m_shared.run.session().runFor(*time);
    m_shared.run.soon();
}

void MainWindow::askGoTo()
{
    const auto most = static_cast<int>(
        std::min<std::uint64_t>(m_shared.run.events(), std::numeric_limits<int>::max()));
    bool accepted = false;
    const auto now = static_cast<int>(m_shared.cursor.event().value);
    const int event = QInputDialog::getInt(
        this, tr("Go to event"),
        tr("Its number, from 1 to %1:").arg(Wording::count(static_cast<std::uint64_t>(most))),
        std::max(now, 1), 1, std::max(most, 1), 1, &accepted);
    if (accepted) {
        m_shared.transport.goTo(EventId(static_cast<std::uint64_t>(event)));
    }
}

void MainWindow::fork()
{
    const auto at = m_shared.cursor.event();
    bool accepted = false;
    const auto name = QInputDialog::getText(
        this, tr("Fork here"),
        tr("A new branch begins after event %1. Its name:").arg(Wording::count(at.value)),
        QLineEdit::Normal, tr("what if %1").arg(m_shared.run.snapshot().branches.size()),
        &accepted);
    if (accepted) {
        m_shared.cursor.setFollowsEnd(true);
        m_shared.run.session().fork(at, name.trimmed().toStdString());
        m_shared.run.soon();
    }
}

void MainWindow::renameBranch()
{
    const auto& branch = m_shared.run.snapshot().branch();
    bool accepted = false;
    const auto name = QInputDialog::getText(this, tr("Rename the branch"), tr("Its new name:"),
                                            QLineEdit::Normal, q(branch.name), &accepted);
    if (accepted && !name.trimmed().isEmpty()) {
        m_shared.run.session().rename(branch.id, name.trimmed().toStdString());
        m_shared.run.soon();
    }
}

void MainWindow::removeBranch()
{
    const auto& branch = m_shared.run.snapshot().branch();
    const auto answer = QMessageBox::question(
        this, tr("Remove the branch"),
        tr("Remove the branch %1 and all that happened only in it?").arg(q(branch.name)));
    if (answer == QMessageBox::Yes) {
        m_shared.run.session().remove(branch.id);
        m_shared.run.soon();
    }
}

std::vector<Command> MainWindow::commands()
{
    std::vector<Command> commands;
    for (const auto& group : m_deeds.groups()) {
        for (auto* action : group.actions) {
            if (action->isEnabled() && action->objectName() != QStringLiteral("palette")) {
                commands.push_back({Deeds::plainText(*action), group.title,
                                    action->shortcut().toString(QKeySequence::NativeText),
                                    [action] { action->trigger(); }});
            }
        }
    }
    const auto& run = m_shared.run;
    if (run.takesActs()) {
        const auto& about = run.trace()->about();
        for (const auto& member : about.members) {
            for (const auto* verb : {"crash", "restart", "pause", "resume", "isolate", "start"}) {
                const auto line = std::string(verb) + " " + member.name;
                if (!run.session().whyNot(line)) {
                    commands.push_back({q(line), tr("Faults"), {}, [this, line] { act(q(line)); }});
                }
            }
        }
        for (const auto& request : about.card.requests) {
            const auto line = "request " + request.sample;
            commands.push_back({q(line), tr("Requests"), {}, [this, line] { act(q(line)); }});
        }
        for (const auto& branch : run.snapshot().branches) {
            if (branch.id != run.snapshot().current) {
                commands.push_back({q(branch.name), tr("Branches"), {}, [this, id = branch.id] {
                                        m_shared.run.session().switchTo(id);
                                        m_shared.run.soon();
                                    }});
            }
        }
    }
    for (const auto& shelf : m_shared.ground.shelves(QLocale().name())) {
        for (const auto& item : shelf.items) {
            commands.push_back(
                {item.title, shelf.title, {}, [this, path = item.path] { open(path); }});
        }
    }
    for (auto* dock : m_docks) {
        commands.push_back({dock->windowTitle(), tr("Panels"), {}, [dock] {
                                dock->show();
                                dock->raise();
                            }});
    }
    return commands;
}

void MainWindow::showPalette()
{
    auto* palette = new CommandPalette(m_shared.theme, commands(), this);
    palette->show();
}

void MainWindow::showKeys()
{
    auto* sheet = new KeySheet(m_shared.theme, m_deeds, this);
    sheet->show();
}

void MainWindow::showQuestions()
{
    auto* sheet = new QuestionSheet(m_shared.theme, m_shared.run, this);
    sheet->show();
}

void MainWindow::showAbout()
{
    QMessageBox::about(
        this, tr("About Lightcone"),
        tr("<b>Lightcone %1</b><p>An explorer for distributed protocols: click through a run, "
           "crash nodes, cut links, step back, branch, compare.</p>"
           "<p>GPL-3.0-or-later</p>")
            .arg(m_shared.ground.version.toHtmlEscaped()));
}

} // namespace lightcone::window
