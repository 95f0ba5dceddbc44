#pragma once

#include "views/theme/theme.h"

#include <QAbstractItemModel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QStringList>
#include <QTreeView>
#include <QWidget>

#include <memory>
#include <vector>

namespace lightcone::library {

/// One scenario that can be opened.
struct Item
{
    QString title;
    QString summary;
    QString path;
};

/// A protocol with its scenarios.
struct Shelf
{
    QString family; ///< "Consensus"
    QString title; ///< "Raft"
    QString summary;
    std::vector<Item> items;
};

/// By families, in the order in which one learns them.
std::vector<Shelf> inOrder(std::vector<Shelf>);

/// Families, their protocols, their scenarios; below them the recent files.
class LibraryModel final : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum class Level : std::uint8_t { Family, Protocol, Item };
    enum Role {
        LevelRole = Qt::UserRole, ///< int(Level)
        PathRole, ///< of an item
        SearchRole, ///< all words of a row
    };

    explicit LibraryModel(QObject* parent = nullptr);

    void show(std::vector<Shelf> shelves, const QStringList& recent);

    [[nodiscard]] QModelIndex index(int row, int column,
                                    const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& child) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    struct Row
    {
        Level level = Level::Family;
        QString title;
        QString summary;
        QString path;
        Row* parent = nullptr;
        int place = 0;
        std::vector<std::unique_ptr<Row>> children;
    };

    [[nodiscard]] Row* rowOf(const QModelIndex& index) const;
    static Row* add(Row& parent, Level level, const QString& title, const QString& summary,
                    const QString& path);

    std::unique_ptr<Row> m_root;
};

/// The library: what can be opened, with a search field.
class Library final : public QWidget
{
    Q_OBJECT

public:
    explicit Library(const theme::Theme& theme, QWidget* parent = nullptr);

    void show(std::vector<Shelf> shelves, const QStringList& recent);

    /// Marks the file that is open.
    void mark(const QString& path);
    void focusSearch();

    using QWidget::show;

signals:
    void chosen(const QString& path);

protected:
    /// Texts wrap: another width means other heights.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void expandShelves();
    void showMarked();

    LibraryModel m_model;
    QSortFilterProxyModel m_filter;
    QLineEdit* m_search;
    QTreeView* m_tree;
    QString m_marked;
};

} // namespace lightcone::library
