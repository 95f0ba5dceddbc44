#include "views/run/wording.h"
#include "views/theme/text.h"
#include "views/window/compare_choice.h"
#include "views/window/compare_window.h"
#include "views/window/long_work.h"
#include "views/window/main_window.h"

#include <QFileInfo>
#include <QMessageBox>

/// The run in the window beside another.
namespace lightcone::window {

using run::Wording;

namespace {

/// "seed=7 nodes=5"
Result<std::vector<session::Setting>> settingsOf(const QString& words)
{
    std::vector<session::Setting> settings;
    for (const auto& word : words.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const auto equals = word.indexOf(QLatin1Char('='));
        if (equals <= 0) {
            return fail(MainWindow::tr("expected a setting such as seed=7, found '%1'")
                            .arg(word)
                            .toStdString());
        }
        settings.push_back({word.left(equals).toStdString(), word.mid(equals + 1).toStdString()});
    }
    return settings;
}

/// Runs a scenario to its end, or opens a recorded run. Called on a thread of its own.
Result<session::Recording> recordingOf(const std::string& path,
                                       const std::vector<session::Setting>& settings,
                                       const session::Progress& progress)
{
    session::Work work;
    work.cancelled = progress.cancelled;
    if (!path.ends_with(".scenario")) {
        return session::openRecording(path, work);
    }
    const auto plan = session::planOf(path, settings);
    return plan ? session::recordScenario(*plan, work) : plan.error();
}

QString subtitleOf(const session::Recording& recording)
{
    const auto& about = recording.trace->about();
    const auto clients = static_cast<int>(about.clients.size());
    const QStringList parts{
        q(about.card.title), MainWindow::tr("seed %1").arg(about.seed),
        MainWindow::tr("%n nodes", nullptr, static_cast<int>(about.members.size())),
        MainWindow::tr("%n clients", nullptr, clients),
        MainWindow::tr("%1 events").arg(Wording::count(recording.trace->size()))};
    return parts.join(QStringLiteral(" · "));
}

} // namespace

/// As the library calls it.
QString MainWindow::titleOf(const QString& path) const
{
    for (const auto& shelf : m_shared.ground.shelves(QLocale().name())) {
        for (const auto& item : shelf.items) {
            if (item.path == path) {
                return item.title;
            }
        }
    }
    return QFileInfo(path).completeBaseName();
}

/// A branch as it is now: it may go on, the comparison does not.
Result<session::Recording> MainWindow::frozen(const session::Branch& branch) const
{
    if (branch.events == 0) {
        return fail(tr("Nothing has happened yet.").toStdString());
    }
    session::Recording recording;
    recording.trace = branch.trace->fork(EventId(branch.events), branch.trace->about().origin);
    recording.states = m_shared.run.session().states(branch.id);
    return recording;
}

void MainWindow::compare()
{
    CompareChoice dialog(m_shared.theme, m_shared.run, m_path,
                         m_shared.ground.shelves(QLocale().name()), this);
    if (dialog.exec() == QDialog::Accepted) {
        compareWith(dialog.choice());
    }
}

void MainWindow::compareWith(const CompareChoice::Choice& choice)
{
    const auto sorry = [this](const Error& error) {
        QMessageBox::warning(this, tr("Compare with"), q(error.text()));
    };
    const auto& snapshot = m_shared.run.snapshot();
    const auto settings = settingsOf(choice.settings);
    if (!settings) {
        sorry(settings.error());
        return;
    }
    // The same scenario with other settings, and one that has not begun, are compared whole: else
    // the run is as far as it is in the window.
    const bool notBegun = snapshot.branch().events == 0;
    const bool whole = !choice.branch && m_path.endsWith(QStringLiteral(".scenario"))
        && (choice.path == m_path || notBegun);
    Result<session::Recording> left = frozen(snapshot.branch());
    Result<session::Recording> right = left;
    if (choice.branch) {
        const auto found =
            std::ranges::find(snapshot.branches, choice.branch, &session::Branch::id);
        right = found != snapshot.branches.end() ? frozen(*found) : left;
    } else {
        LongWork work(this, tr("Running %1…").arg(choice.title));
        work.run([&](const session::Progress& progress) {
            right = recordingOf(choice.path.toStdString(), *settings, progress);
            if (right && whole) {
                left = recordingOf(m_path.toStdString(), {}, progress);
            }
        });
        if (work.cancelled()) {
            return;
        }
    }
    for (const auto* each : {&left, &right}) {
        if (!*each) {
            sorry(each->error());
            return;
        }
    }
    const auto leftTitle =
        choice.branch || m_path.isEmpty() ? q(snapshot.branch().name) : titleOf(m_path);
    const auto rightTitle = choice.settings.isEmpty()
        ? choice.title
        : choice.title + QStringLiteral(" · ") + choice.settings;
    const auto leftWords = subtitleOf(*left);
    const auto rightWords = subtitleOf(*right);
    auto* window = new CompareWindow(m_shared.theme, {leftTitle, leftWords, std::move(*left)},
                                     {rightTitle, rightWords, std::move(*right)}, this);
    window->show();
}

} // namespace lightcone::window
