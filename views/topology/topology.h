#pragma once

#include "engine/picture/topology.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/painter.h"
#include "views/theme/theme.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include <map>
#include <memory>

class QMenu;

namespace lightcone::topology {

/// The cluster at the cursor's instant: cards, links, messages on their way. What is done to it by
/// hand becomes lines of a scenario.
class Topology final : public QWidget
{
    Q_OBJECT

public:
    Topology(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
             QWidget* parent = nullptr);

    /// What is on the screen.
    [[nodiscard]] const picture::Drawing& drawing() const { return m_drawing; }
    [[nodiscard]] const picture::TopologyLayout& layout() const { return m_layout; }

    /// Where the person dragged cards to, as text for a settings file, and back.
    [[nodiscard]] QString placement() const;
    void setPlacement(const QString& text);
    void resetPlacement();

    /// The menus that a right click opens; the caller owns them.
    QMenu* nodeMenu(NodeId node);
    QMenu* linkMenu(NodeId from, NodeId to);
    QMenu* messageMenu(const picture::Subject& flight);

    /// The words for what lies under a point; empty for nothing.
    [[nodiscard]] QString describe(const picture::Subject& subject) const;

    [[nodiscard]] QSize sizeHint() const override { return {900, 380}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 200}; }

signals:
    /// The person asks for a form with more choices than a menu has.
    void clockWanted(lightcone::NodeId node);
    void diskWanted(lightcone::NodeId node);
    void requestWanted(lightcone::NodeId node);
    void linkWanted(lightcone::NodeId from, lightcone::NodeId to);
    /// placement() is another.
    void placementChanged();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    enum class Drag { None, OnCard, Card, OnGround, Line };

    void refresh();
    void dress();
    void act(const std::string& line);
    void toggleLink(NodeId from, NodeId to, bool oneWay);
    void partitionAlong(QPointF from, QPointF to);
    void offer(QMenu& menu, const QString& text, const std::string& line);
    void openMenu(QMenu* menu, QPoint at);
    [[nodiscard]] std::string name(NodeId node) const;
    [[nodiscard]] QString shownName(NodeId node) const;
    [[nodiscard]] bool isCut(NodeId from, NodeId to) const;
    [[nodiscard]] picture::Subject subjectAt(QPointF at) const;
    [[nodiscard]] picture::TopologyOptions options() const;

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    std::unique_ptr<theme::Painter> m_painter;
    std::unique_ptr<theme::FontMeasure> m_measure;
    picture::Drawing m_drawing;
    picture::TopologyLayout m_layout;
    std::map<NodeId, picture::Point> m_positions;
    picture::Subject m_hovered;
    Drag m_drag = Drag::None;
    NodeId m_dragged{};
    QPointF m_pressed;
    QPointF m_grip; ///< from the card's middle to where it was taken hold of
    QPointF m_lineEnd;
    Qt::KeyboardModifiers m_modifiers;
};

} // namespace lightcone::topology
