#pragma once

#include "engine/session/session.h"

#include <QEventLoop>
#include <QMessageBox>
#include <QProgressBar>
#include <QProgressDialog>
#include <QThread>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>

namespace lightcone::window {

/// Long work on a thread of its own, with a dialog that shows how far it is and can stop it.
class LongWork final
{
public:
    LongWork(QWidget* parent, const QString& text)
        : m_dialog(text, QMessageBox::tr("Cancel"), 0, 1000, parent)
    {
        auto* bar = new QProgressBar(&m_dialog);
        bar->setTextVisible(false); // it is a thin line
        m_dialog.setBar(bar);
        m_dialog.setWindowTitle(QStringLiteral("Lightcone"));
        m_dialog.setWindowModality(Qt::WindowModal);
        m_dialog.setMinimumDuration(400);
        m_dialog.setAutoClose(false);
        m_dialog.setAutoReset(false);
        QObject::connect(&m_dialog, &QProgressDialog::canceled, &m_dialog,
                         [this] { m_cancelled = true; });
    }

    /// Returns when the work is done; the window goes on drawing meanwhile.
    void run(const std::function<void(const session::Progress&)>& work)
    {
        session::Progress progress;
        progress.report = [this](double share) { m_share = static_cast<int>(share * 1000); };
        progress.cancelled = [this] { return m_cancelled.load(); };
        std::unique_ptr<QThread> thread(QThread::create([&] { work(progress); }));
        QTimer tick;
        QObject::connect(&tick, &QTimer::timeout, &m_dialog,
                         [this] { m_dialog.setValue(m_share); });
        tick.start(50);
        QEventLoop loop;
        QObject::connect(thread.get(), &QThread::finished, &loop, &QEventLoop::quit);
        thread->start();
        loop.exec();
        thread->wait();
    }

    [[nodiscard]] bool cancelled() const { return m_cancelled; }

private:
    QProgressDialog m_dialog;
    std::atomic<bool> m_cancelled = false;
    std::atomic<int> m_share = 0;
};

} // namespace lightcone::window
