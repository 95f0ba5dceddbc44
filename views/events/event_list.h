#pragma once

#include "views/events/event_model.h"

#include <QAbstractScrollArea>
#include <QHeaderView>

namespace lightcone::events {

/// Draws the rows of an EventModel that are in sight, and nothing else: what a table costs Qt per
/// row would be too much for the millions that there may be.
class EventList final : public QAbstractScrollArea
{
    Q_OBJECT

public:
    EventList(const theme::Theme& theme, EventModel& model, QWidget* parent = nullptr);

    [[nodiscard]] int current() const { return m_current; }

    /// Marks the row and brings it into sight; -1 marks none.
    void setCurrent(int row);

    [[nodiscard]] QString rowText(int row) const;

signals:
    /// The person chose a row.
    void chosen(int row);
    void menuAsked(const QModelIndex& index, const QPoint& at);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void arrange();
    void paintRow(QPainter& painter, int row, int y);
    [[nodiscard]] int rowAt(int y) const;
    [[nodiscard]] int page() const;
    [[nodiscard]] QModelIndex indexAt(const QPoint& at) const;
    void choose(int row);

    const theme::Theme& m_theme;
    EventModel& m_model;
    QHeaderView* m_header;
    int m_current = -1;
};

} // namespace lightcone::events
