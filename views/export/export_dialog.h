#pragma once

#include "engine/core/error.h"
#include "engine/picture/drawing.h"
#include "engine/session/session.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace lightcone::exporting {

/// Which events are to be written.
struct Choice
{
    EventId first{};
    EventId last{}; ///< none: there are none
    std::string question{}; ///< only those that answer it; empty for all
    /// Some formats show more where the states are known.
    std::shared_ptr<const trace::StateSource> states{};
};

/// A file format for events.
struct Format
{
    QString title; ///< "shiviz"
    QString ending; ///< "csv"
    QString text; ///< who reads it

    /// Called on a thread of its own.
    std::function<Result<void>(const trace::TracePtr& trace, const Choice& choice,
                               const std::string& path, const session::Progress& progress)>
        write;
};

/// A view that can be drawn as a picture.
struct View
{
    QString title;
    std::function<picture::Drawing()> draw;
};

/// Asks what is to be written, in which format, where; writes it with progress.
class ExportDialog final : public QDialog
{
    Q_OBJECT

public:
    ExportDialog(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
                 std::vector<View> views, std::vector<Format> formats,
                 std::optional<std::pair<Instant, Instant>> visible, QWidget* parent);
    ~ExportDialog() override;

    /// The file's name without its ending.
    void suggest(const QString& path);

signals:
    void written(const QString& path);

private:
    enum class Range : std::uint8_t { All, Visible, Around };

    void build();
    void refresh();
    void browse();
    void write();
    void finish(const Result<void>& result);
    [[nodiscard]] bool isPicture() const;
    [[nodiscard]] QString ending() const;
    [[nodiscard]] Choice choice() const;
    [[nodiscard]] std::pair<EventId, EventId> within(Instant first, Instant last) const;
    void say(const QString& sentence);

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    std::vector<View> m_views;
    std::vector<Format> m_formats;
    std::optional<std::pair<Instant, Instant>> m_visible;
    QComboBox* m_what = nullptr;
    QComboBox* m_range = nullptr;
    QLineEdit* m_filter = nullptr;
    QLineEdit* m_path = nullptr;
    QLabel* m_error = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_write = nullptr;
    QPushButton* m_close = nullptr;
    QTimer m_tick;
    std::thread m_thread;
    std::atomic<bool> m_cancelled = false;
    std::atomic<int> m_share = 0;
};

} // namespace lightcone::exporting
