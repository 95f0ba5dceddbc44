#pragma once

#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"
#include "views/window/ground.h"
#include "views/window/main_window.h"
#include "views/window/memory.h"
#include "views/window/transport.h"

#include <QObject>
#include <QTranslator>

#include <memory>

namespace lightcone::window {

/// What the program is asked for on its command line.
struct Wish
{
    QString file; ///< to open; empty for the first scenario
    QString picture; ///< where the window's picture goes; empty to show the window
    QSize size{1680, 1050}; ///< of that picture
    std::optional<theme::Mode> mode{};
    std::optional<std::uint64_t> at{}; ///< the event to look at; the end otherwise
    QString language{}; ///< empty: as remembered, or the system's
    QString settings{}; ///< another file of settings; empty: the person's
};

/// The running program: the one open run, how it looks, and a window on it that is made anew when
/// the language changes.
class Desktop final : public QObject
{
    Q_OBJECT

public:
    Desktop(Ground ground, Wish wish, QObject* parent = nullptr);
    ~Desktop() override;

    /// Runs until the window closes, or draws the wished picture; the program's exit status.
    int run();

    [[nodiscard]] MainWindow& window() const { return *m_window; }

private:
    void speak(const QString& language);
    void makeWindow();
    int drawPicture();
    [[nodiscard]] QString fileToOpen() const;

    Ground m_ground;
    Wish m_wish;
    Memory m_memory;
    theme::Theme m_theme;
    theme::Cursor m_cursor;
    run::RunView m_run;
    Transport m_transport;
    QTranslator m_own;
    QTranslator m_qt;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace lightcone::window
