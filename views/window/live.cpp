#include "views/connect/connect_dialog.h"
#include "views/connect/processes.h"
#include "views/connect/start_dialog.h"
#include "views/theme/text.h"
#include "views/window/long_work.h"
#include "views/window/main_window.h"

#include <QMessageBox>

/// Real nodes: connecting to them, and starting some here.
namespace lightcone::window {

void MainWindow::addLiveDeeds()
{
    m_deeds.begin(tr("File"));
    m_deeds.add("connect", tr("&Connect to nodes…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_N},
                [this] { askConnect(); });
    m_deeds.add("startCluster", tr("Start a real cluster &here…"),
                {Qt::CTRL | Qt::SHIFT | Qt::Key_R}, [this] { askStartCluster(); });
    m_deeds.begin(tr("Timeline"));
    m_deeds.add("continueAsSimulation", tr("Continue as &simulation"),
                {Qt::CTRL | Qt::SHIFT | Qt::Key_M}, [this] { continueAsSimulation(); });
}

void MainWindow::askConnect()
{
    auto* dialog =
        new connecting::ConnectDialog(m_shared.theme, m_shared.memory.connection(), this);
    connect(dialog, &connecting::ConnectDialog::wanted, this,
            [this, dialog](const session::ConnectPlan& plan) {
                m_shared.memory.connected(dialog->remembered());
                connectTo(plan, plan.cluster.empty() ? q(plan.addresses.front()) : q(plan.cluster));
            });
    dialog->show();
}

void MainWindow::connectTo(session::ConnectPlan plan, const QString& title)
{
    if (m_opening || !mayLeave()) {
        return;
    }
    plan.software = "lightcone " + m_shared.ground.version.toStdString();
    m_opening = true;
    refreshStatus();
    Result<std::unique_ptr<session::Session>> result(fail("not connected"));
    LongWork work(this, tr("Connecting to %1…").arg(title));
    work.run([&](const session::Progress& progress) {
        result = m_shared.ground.connect(plan, progress);
    });
    m_opening = false;
    if (!result) {
        refreshStatus();
        if (!work.cancelled()) {
            QMessageBox::warning(this, tr("Cannot connect to %1").arg(title),
                                 q(result.error().text()));
        }
        return;
    }
    m_lastProblem.clear();
    m_savedText.clear();
    m_shared.run.open(std::move(*result));
    setPath({});
    setWindowTitle(tr("%1, live — Lightcone").arg(title));
    m_nodesDock->show();
    m_nodesDock->raise();
    refreshStatus();
    refreshDeeds();
}

void MainWindow::askStartCluster()
{
    auto* dialog = new connecting::StartDialog(m_shared.theme, m_shared.ground.offers,
                                               m_shared.memory.cluster(), this);
    connect(dialog, &connecting::StartDialog::wanted, this, &MainWindow::startCluster);
    dialog->show();
}

void MainWindow::startCluster(const connecting::StartPlan& plan)
{
    const auto program = connecting::nodeProgram();
    const auto title = tr("Start a real cluster here");
    if (program.isEmpty()) {
        QMessageBox::warning(this, title,
                             tr("The program lightcone-node was found neither beside this one nor "
                                "on the path."));
        return;
    }
    m_shared.memory.started(plan);
    if (!connecting::holdsCluster(plan.directory)) {
        QString why;
        LongWork work(this, tr("Making certificates and configurations…"));
        work.run([&](const session::Progress&) {
            why = connecting::makeCluster(program, plan.protocol, plan.nodes, plan.directory);
        });
        if (!why.isEmpty()) {
            QMessageBox::warning(this, title, why);
            return;
        }
    }
    const auto read = session::readConnectPlan(
        (plan.directory + QStringLiteral("/operator/cluster.toml")).toStdString());
    if (!read) {
        QMessageBox::warning(this, title, q(read.error().text()));
        return;
    }
    auto processes = std::make_shared<connecting::Processes>(program, plan.directory);
    connect(processes.get(), &connecting::Processes::ended, this,
            [this](const QString& node, const QString& why) {
                const auto last = why.trimmed().section(QLatin1Char('\n'), -1);
                warn(tr("%1 ended: %2").arg(node, last.isEmpty() ? tr("it said nothing") : last));
            });
    processes->startAll();
    auto wanted = *read;
    wanted.keeper = processes;
    connectTo(std::move(wanted), q(read->cluster));
}

void MainWindow::continueAsSimulation()
{
    const auto at = m_shared.cursor.event();
    m_shared.cursor.setFollowsEnd(true);
    m_shared.run.session().fork(at, tr("what if from event %1").arg(at.value).toStdString());
    m_shared.run.soon();
}

/// The panel comes and goes with a run of real nodes; its title says how many are connected.
void MainWindow::showNodes()
{
    const auto all = m_nodes->model().rowCount();
    if (m_watchesNodes != (all > 0)) {
        m_watchesNodes = all > 0;
        const bool inFront = rect().intersects(m_nodesDock->geometry());
        m_nodesDock->setVisible(m_watchesNodes);
        if (!m_watchesNodes && inFront) {
            m_inspectorDock->raise(); // not whichever stands beside it
        }
    }
    m_nodesDock->setWindowTitle(
        all == 0 ? tr("Nodes") : tr("Nodes %1/%2").arg(m_nodes->model().connected()).arg(all));
}

} // namespace lightcone::window
