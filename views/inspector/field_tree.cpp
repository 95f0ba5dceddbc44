#include "views/inspector/field_tree.h"

#include "views/inspector/field_model.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace lightcone::inspector {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

namespace {

constexpr int lineHeight = 24;
constexpr int barWidth = 3;

class FieldDelegate final : public QStyledItemDelegate
{
public:
    FieldDelegate(const theme::Theme& theme, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const bool changed = index.data(FieldModel::ChangedRole).toBool();
        auto font = m_theme.font(Typeface::Data, Type::small);
        auto ink = Ink::Text;
        auto alignment = Qt::AlignVCenter | Qt::AlignLeft;
        switch (index.column()) {
        case FieldModel::Name:
            ink = Ink::Muted;
            break;
        case FieldModel::Now:
            ink = index.data(FieldModel::HiddenRole).toULongLong() > 0 ? Ink::Calm
                : changed                                              ? Ink::Cursor
                                                                       : Ink::Text;
            break;
        default:
            ink = Ink::Muted;
            alignment = Qt::AlignVCenter | Qt::AlignRight;
            font.setStrikeOut(index.data().toString() != QStringLiteral("—"));
            break;
        }
        painter->save();
        painter->setFont(font);
        painter->setPen(m_theme.colour(ink));
        // Without an old value the new one has its room too.
        auto room = option.rect.adjusted(2, 0, -4, 0);
        if (index.column() == FieldModel::Now && !changed && option.widget != nullptr) {
            room.setRight(option.widget->width() - 4);
            painter->setClipping(false);
        }
        const auto text =
            QFontMetrics(font).elidedText(index.data().toString(), Qt::ElideRight, room.width());
        painter->drawText(room, alignment, text);
        painter->restore();
    }

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), lineHeight};
    }

private:
    const theme::Theme& m_theme;
};

} // namespace

FieldTree::FieldTree(const theme::Theme& theme, QWidget* parent)
    : QTreeView(parent)
    , m_theme(theme)
{
    setItemDelegate(new FieldDelegate(theme, this));
    setUniformRowHeights(true);
    setIndentation(14);
    setHeaderHidden(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFrameShape(QFrame::NoFrame);
    setAccessibleName(tr("State of the node"));
    header()->setStretchLastSection(false);
    header()->setMinimumSectionSize(40);
    connect(this, &QTreeView::expanded, this, &FieldTree::refit);
    connect(this, &QTreeView::collapsed, this, &FieldTree::refit);
    const auto reveal = [this](const QModelIndex& index) {
        if (index.data(FieldModel::HiddenRole).toULongLong() > 0) {
            static_cast<FieldModel*>(model())->reveal(index);
        }
    };
    connect(this, &QTreeView::activated, this, reveal);
    connect(this, &QTreeView::clicked, this, reveal);
}

void FieldTree::setModel(QAbstractItemModel* model)
{
    QTreeView::setModel(model);
    connect(model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex& into, int first) {
                if (first == 0 && into.data(FieldModel::LogRole).toBool()) {
                    expand(into); // the first entry of a log that was empty
                }
                refit();
            });
    connect(model, &QAbstractItemModel::rowsRemoved, this, &FieldTree::refit);
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        openLogs();
        layColumns();
        refit();
    });
}

void FieldTree::openLogs()
{
    for (int row = 0; row < model()->rowCount(); ++row) {
        const auto index = model()->index(row, 0);
        if (index.data(FieldModel::LogRole).toBool() && model()->rowCount(index) > 0) {
            expand(index);
        }
    }
}

int FieldTree::rowsBelow(const QModelIndex& parent) const
{
    const int rows = model() != nullptr ? model()->rowCount(parent) : 0;
    int total = rows;
    for (int row = 0; row < rows; ++row) {
        const auto index = model()->index(row, 0, parent);
        if (isExpanded(index)) {
            total += rowsBelow(index);
        }
    }
    return total;
}

QSize FieldTree::sizeHint() const
{
    return {280, rowsBelow({}) * lineHeight + 2};
}

void FieldTree::refit()
{
    const int height = sizeHint().height();
    if (height != this->height()) {
        setFixedHeight(height);
        updateGeometry();
    }
}

/// What the names of the fields need, where that leaves the values most of the width.
int FieldTree::nameWidth() const
{
    const QFontMetrics metrics(m_theme.font(Typeface::Data, Type::small));
    int needed = 0;
    for (int row = 0; model() != nullptr && row < model()->rowCount(); ++row) {
        const auto name = model()->index(row, FieldModel::Name).data().toString();
        needed = std::max(needed, metrics.horizontalAdvance(name));
    }
    return std::clamp(needed + indentation() + 16, 70,
                      std::max(70, viewport()->width() * 42 / 100));
}

void FieldTree::resizeEvent(QResizeEvent* event)
{
    layColumns();
    QTreeView::resizeEvent(event);
}

void FieldTree::layColumns()
{
    const int width = viewport()->width();
    const int name = nameWidth();
    const int before = std::clamp(width * 24 / 100, 40, 160);
    header()->resizeSection(FieldModel::Name, name);
    header()->resizeSection(FieldModel::Before, before);
    header()->resizeSection(FieldModel::Now, std::max(60, width - name - before));
}

void FieldTree::drawRow(QPainter* painter, const QStyleOptionViewItem& option,
                        const QModelIndex& index) const
{
    const QRect whole(0, option.rect.y(), viewport()->width(), option.rect.height());
    if (index.data(FieldModel::ChangedRole).toBool()) {
        painter->fillRect(whole, m_theme.colour(Ink::Cursor, 0.13));
        painter->fillRect(QRect(0, whole.y(), barWidth, whole.height()),
                          m_theme.colour(Ink::Cursor));
    } else if (index.row() == currentIndex().row() && index.parent() == currentIndex().parent()
               && hasFocus()) {
        painter->fillRect(whole, m_theme.colour(Ink::Selected));
    }
    QTreeView::drawRow(painter, option, index);
}

void FieldTree::drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const
{
    if (!model()->hasChildren(index)) {
        return;
    }
    const QRect room(rect.right() - 12, rect.y() + (rect.height() - 10) / 2, 10, 10);
    m_theme
        .icon(isExpanded(index) ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"),
              Ink::Muted)
        .paint(painter, room);
}

void FieldTree::contextMenuEvent(QContextMenuEvent* event)
{
    const auto index = indexAt(event->pos());
    if (!index.isValid()) {
        return;
    }
    const auto path = index.data(FieldModel::PathRole).toString();
    const auto value = index.sibling(index.row(), FieldModel::Now).data().toString();
    QMenu menu;
    menu.addAction(tr("Copy the value"), this,
                   [value] { QApplication::clipboard()->setText(value); });
    menu.addAction(tr("Copy the path"), this, [path] { QApplication::clipboard()->setText(path); });
    menu.addSeparator();
    menu.addAction(tr("Run until it changes from this…"), this,
                   [this, path, value] { emit filterAsked(path, value); });
    menu.exec(event->globalPos());
}

} // namespace lightcone::inspector
