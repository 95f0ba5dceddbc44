#pragma once

#include "engine/picture/minimap.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/painter.h"
#include "views/theme/theme.h"
#include "views/timeline/canvas.h"

#include <QWidget>

#include <memory>

namespace lightcone::timeline {

/// The whole run in one line. Dragging moves what the canvas shows.
class Minimap final : public QWidget
{
    Q_OBJECT

public:
    Minimap(Canvas& canvas, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void moveTo(double x);
    [[nodiscard]] double stretch() const;

    Canvas& m_canvas;
    double m_grip = 0; ///< from the middle of the part in view to where it was taken hold of
};

/// Lines of history; a click goes to one. Not there while there is only one.
class Branches final : public QWidget
{
    Q_OBJECT

public:
    Branches(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
             QWidget* parent = nullptr);

    [[nodiscard]] picture::Drawing drawing() const;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void refresh();
    [[nodiscard]] session::BranchId at(QPointF point) const;

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    std::unique_ptr<theme::Painter> m_painter;
    std::unique_ptr<theme::FontMeasure> m_measure;
};

} // namespace lightcone::timeline
