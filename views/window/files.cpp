#include "views/export/event_formats.h"
#include "views/theme/text.h"
#include "views/window/long_work.h"
#include "views/window/main_window.h"

#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QSaveFile>

namespace lightcone::window {
namespace {

QString suggested(const QString& path, const QString& ending)
{
    const QFileInfo info(path);
    const auto folder = QDir::homePath();
    const auto name = path.isEmpty() ? QStringLiteral("run") : info.completeBaseName();
    return folder + QLatin1Char('/') + name + ending;
}

/// Where a run is to be written; empty when the person thinks better of it. A name without an
/// ending gets the right one, before anybody asks whether that file may go.
QString askWhere(QWidget* parent, const QString& title, const QString& path, const QString& ending,
                 const QString& filter)
{
    QFileDialog dialog(parent, title, QDir::homePath(), filter);
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(ending);
    dialog.selectFile(suggested(path, QLatin1Char('.') + ending));
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

} // namespace

void MainWindow::askOpen()
{
    const auto path = QFileDialog::getOpenFileName(
        this, tr("Open"), m_path.isEmpty() ? QDir::homePath() : QFileInfo(m_path).path(),
        tr("Runs (*.scenario *.lightcone);;Scenarios (*.scenario);;Recorded runs (*.lightcone);;"
           "All files (*)"));
    if (!path.isEmpty()) {
        open(path);
    }
}

void MainWindow::open(const QString& path)
{
    if (path.isEmpty() || m_opening || !mayLeave()) {
        return;
    }
    m_opening = true;
    refreshStatus();
    Result<std::unique_ptr<session::Session>> result(fail("not opened"));
    LongWork work(this, tr("Opening %1…").arg(QFileInfo(path).fileName()));
    work.run([&](const session::Progress& progress) {
        result = m_shared.ground.open(path.toStdString(), progress);
    });
    m_opening = false;
    if (work.cancelled()) {
        refreshStatus();
        return;
    }
    if (!result) {
        refreshStatus();
        QMessageBox::warning(this, tr("Cannot open %1").arg(QFileInfo(path).fileName()),
                             q(result.error().text()));
        return;
    }
    opened(path, std::move(*result));
}

void MainWindow::opened(const QString& path, std::unique_ptr<session::Session> session)
{
    m_lastProblem.clear();
    m_path = path;
    m_shared.run.open(std::move(session));
    const auto text = m_shared.run.session().asScenario();
    m_savedText = text ? q(*text) : QString();
    m_shared.memory.opened(path);
    m_library->show(m_shared.ground.shelves(QLocale().name()), m_shared.memory.recent());
    setPath(path);
    m_timeline->setFocus(); // Space plays
    refreshStatus();
}

void MainWindow::saveScenario()
{
    const auto text = m_shared.run.session().asScenario();
    if (!text) {
        QMessageBox::warning(this, tr("Save as scenario"), q(text.error().text()));
        return;
    }
    const auto path = askWhere(this, tr("Save as scenario"), m_path, QStringLiteral("scenario"),
                               tr("Scenarios (*.scenario)"));
    if (path.isEmpty()) {
        return;
    }
    QSaveFile file(path);
    const auto bytes = QByteArray::fromStdString(*text);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        QMessageBox::warning(this, tr("Save as scenario"),
                             tr("%1 cannot be written: %2.").arg(path, file.errorString()));
        return;
    }
    m_savedText = q(*text);
    m_shared.memory.opened(path);
    tell(tr("Saved as %1. It replays exactly this run.").arg(path));
}

void MainWindow::saveRun()
{
    const auto path = askWhere(this, tr("Save the recorded run"), m_path,
                               QStringLiteral("lightcone"), tr("Recorded runs (*.lightcone)"));
    if (path.isEmpty()) {
        return;
    }
    Result<void> done;
    LongWork work(this, tr("Saving %1…").arg(QFileInfo(path).fileName()));
    work.run([&](const session::Progress& progress) {
        done = m_shared.run.session().save(path.toStdString(), progress);
    });
    if (work.cancelled()) {
        return;
    }
    if (!done) {
        QMessageBox::warning(this, tr("Save the recorded run"), q(done.error().text()));
        return;
    }
    const auto text = m_shared.run.session().asScenario();
    m_savedText = text ? q(*text) : m_savedText;
    m_shared.memory.opened(path);
    tell(tr("Saved as %1.").arg(path));
}

// What a person did by hand is lost when they leave without saving it.
bool MainWindow::mayLeave()
{
    if (!m_shared.run.isOpen() || !m_shared.run.session().canUndo()) {
        return true;
    }
    const auto text = m_shared.run.session().asScenario();
    if (!text || q(*text) == m_savedText) {
        return true;
    }
    QMessageBox box(QMessageBox::Question, tr("Unsaved changes"),
                    tr("What you did in this run is not saved. Keep it as a scenario?"),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    box.button(QMessageBox::Save)->setText(tr("Save as scenario…"));
    box.button(QMessageBox::Discard)->setText(tr("Discard"));
    box.button(QMessageBox::Cancel)->setText(tr("Cancel"));
    switch (box.exec()) {
    case QMessageBox::Save:
        saveScenario();
        return q(*text) == m_savedText;
    case QMessageBox::Discard:
        return true;
    default:
        return false;
    }
}

void MainWindow::askExport()
{
    auto* dialog =
        new exporting::ExportDialog(m_shared.theme, m_shared.cursor, m_shared.run, pictures(),
                                    exporting::eventFormats(), visibleTime(), this);
    dialog->suggest(suggested(m_path, QString()));
    connect(dialog, &exporting::ExportDialog::written, this,
            [this](const QString& path) { tell(tr("Written to %1.").arg(path)); });
    dialog->show();
}

std::vector<exporting::View> MainWindow::pictures() const
{
    std::vector<exporting::View> views;
    if (const auto& prepared = m_timeline->canvas().prepared()) {
        views.push_back({tr("Timeline"), [prepared] { return prepared->drawing; }});
    }
    views.push_back({tr("Topology"), [this] { return m_topology->drawing(); }});
    return views;
}

std::optional<std::pair<Instant, Instant>> MainWindow::visibleTime() const
{
    const auto& scale = m_timeline->canvas().scale();
    return std::pair(scale.first, scale.last());
}

} // namespace lightcone::window
