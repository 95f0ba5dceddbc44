#include "views/events/event_list.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace lightcone::events {

using picture::Ink;

namespace {

constexpr int rowHeight = 22;
constexpr int margin = 8;
constexpr int barWidth = 3;

} // namespace

EventList::EventList(const theme::Theme& theme, EventModel& model, QWidget* parent)
    : QAbstractScrollArea(parent)
    , m_theme(theme)
    , m_model(model)
    , m_header(new QHeaderView(Qt::Horizontal, this))
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Events"));
    m_header->setModel(&model);
    m_header->setSectionsMovable(false);
    m_header->setHighlightSections(false);
    m_header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_header->setStretchLastSection(false);
    m_header->resizeSection(EventModel::Number, 84);
    m_header->resizeSection(EventModel::Time, 96);
    m_header->resizeSection(EventModel::Node, 72);
    m_header->resizeSection(EventModel::Kind, 84);
    m_header->resizeSection(EventModel::Peer, 72);
    m_header->resizeSection(EventModel::Cause, 84);
    m_header->setSectionResizeMode(EventModel::Content, QHeaderView::Stretch);
    setViewportMargins(0, m_header->sizeHint().height(), 0, 0);
    const auto redraw = [this] { viewport()->update(); };
    connect(m_header, &QHeaderView::sectionResized, this, redraw);
    connect(&model, &QAbstractItemModel::rowsInserted, this, &EventList::arrange);
    connect(&model, &QAbstractItemModel::modelReset, this, [this] {
        m_current = -1;
        arrange();
    });
    connect(&theme, &theme::Theme::changed, this, redraw);
    arrange();
}

int EventList::page() const
{
    return std::max(1, viewport()->height() / rowHeight);
}

void EventList::arrange()
{
    auto* bar = verticalScrollBar();
    bar->setRange(0, std::max(0, m_model.rowCount() - page()));
    bar->setPageStep(page());
    bar->setSingleStep(1);
    viewport()->update();
}

void EventList::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    const int height = m_header->sizeHint().height();
    m_header->setGeometry(0, 0, viewport()->width(), height);
    arrange();
}

void EventList::setCurrent(int row)
{
    if (row == m_current) {
        return;
    }
    m_current = row;
    auto* bar = verticalScrollBar();
    if (row >= 0 && row < bar->value()) {
        bar->setValue(row);
    } else if (row >= bar->value() + page()) {
        bar->setValue(row - page() + 1);
    }
    viewport()->update();
}

void EventList::choose(int row)
{
    row = std::clamp(row, 0, m_model.rowCount() - 1);
    if (row >= 0) {
        setCurrent(row);
        emit chosen(row);
    }
}

int EventList::rowAt(int y) const
{
    const int row = verticalScrollBar()->value() + y / rowHeight;
    return y >= 0 && row < m_model.rowCount() ? row : -1;
}

QModelIndex EventList::indexAt(const QPoint& at) const
{
    const int row = rowAt(at.y());
    return row < 0 ? QModelIndex() : m_model.index(row, m_header->logicalIndexAt(at.x()));
}

QString EventList::rowText(int row) const
{
    QStringList cells;
    for (int column = 0; column < EventModel::ColumnCount; ++column) {
        cells << m_model.index(row, column).data().toString();
    }
    return cells.join(QLatin1Char('\t'));
}

void EventList::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.colour(Ink::Panel));
    const int first = verticalScrollBar()->value();
    const int last = std::min(m_model.rowCount() - 1, first + page() + 1);
    for (int row = first; row <= last; ++row) {
        paintRow(painter, row, (row - first) * rowHeight);
    }
    if (m_model.rowCount() == 0) {
        painter.setPen(m_theme.colour(Ink::Muted));
        painter.drawText(viewport()->rect(), Qt::AlignCenter,
                         m_model.filter().isEmpty() ? tr("Nothing has happened yet.")
                             : m_model.progress()   ? tr("Searching…")
                                                    : tr("No event answers the filter."));
    }
}

void EventList::paintRow(QPainter& painter, int row, int y)
{
    const QRect line(0, y, viewport()->width(), rowHeight);
    if (row == m_current) {
        painter.fillRect(line, m_theme.colour(Ink::Selected));
        painter.fillRect(QRect(0, y, barWidth, rowHeight),
                         m_theme.colour(hasFocus() ? Ink::Cursor : Ink::Faint));
    }
    for (int column = 0; column < EventModel::ColumnCount; ++column) {
        const auto index = m_model.index(row, column);
        const QRect cell(m_header->sectionViewportPosition(column) + margin, y,
                         m_header->sectionSize(column) - 2 * margin, rowHeight);
        const auto font = index.data(Qt::FontRole).value<QFont>();
        painter.setFont(font);
        painter.setPen(index.data(Qt::ForegroundRole).value<QColor>());
        const auto text =
            QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, cell.width());
        painter.drawText(cell, index.data(Qt::TextAlignmentRole).toInt(), text);
    }
}

void EventList::mousePressEvent(QMouseEvent* event)
{
    const int row = rowAt(event->pos().y());
    if (row >= 0) {
        choose(row);
    }
}

void EventList::contextMenuEvent(QContextMenuEvent* event)
{
    const auto index = event->reason() == QContextMenuEvent::Keyboard
        ? m_model.index(m_current, EventModel::Content)
        : indexAt(event->pos());
    if (index.isValid()) {
        emit menuAsked(index, event->globalPos());
    }
}

void EventList::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy) && m_current >= 0) {
        QApplication::clipboard()->setText(rowText(m_current));
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up:
        return choose(m_current - 1);
    case Qt::Key_Down:
        return choose(m_current + 1);
    case Qt::Key_PageUp:
        return choose(m_current - page());
    case Qt::Key_PageDown:
        return choose(m_current + page());
    case Qt::Key_Home:
        return choose(0);
    case Qt::Key_End:
        return choose(m_model.rowCount() - 1);
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void EventList::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void EventList::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

bool EventList::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto index = indexAt(help->pos());
        QToolTip::showText(help->globalPos(),
                           index.isValid() ? index.data(Qt::ToolTipRole).toString() : QString(),
                           viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void EventList::scrollContentsBy(int /*dx*/, int /*dy*/)
{
    viewport()->update();
}

} // namespace lightcone::events
