#pragma once

#include "views/theme/theme.h"

#include <QSet>
#include <QTreeView>

namespace lightcone::inspector {

/// Shows a FieldModel as tall as its rows are: what is around it scrolls. A changed row is lit and
/// has its old value, struck through, at the right.
class FieldTree final : public QTreeView
{
    Q_OBJECT

public:
    explicit FieldTree(const theme::Theme& theme, QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* model) override;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {100, sizeHint().height()}; }

signals:
    /// The person asks for a filter on that field: "term", "==", "3".
    void filterAsked(const QString& path, const QString& value);

protected:
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option,
                 const QModelIndex& index) const override;
    void drawBranches(QPainter* painter, const QRect& rect,
                      const QModelIndex& index) const override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void refit();
    void openLogs();
    void layColumns();
    [[nodiscard]] int nameWidth() const;
    [[nodiscard]] int rowsBelow(const QModelIndex& parent) const;

    const theme::Theme& m_theme;
};

} // namespace lightcone::inspector
