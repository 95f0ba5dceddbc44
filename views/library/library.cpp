#include "views/library/library.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPainter>
#include <QResizeEvent>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace lightcone::library {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

namespace {

using Level = LibraryModel::Level;

/// There are few, and every protocol is of one of them; in the order in which one learns them.
constexpr std::array families{
    QT_TRANSLATE_NOOP("Family", "Consensus"),
    QT_TRANSLATE_NOOP("Family", "Transactions"),
    QT_TRANSLATE_NOOP("Family", "Storage"),
    QT_TRANSLATE_NOOP("Family", "Traffic"),
};

std::size_t placeOf(const QString& family)
{
    const auto found = std::ranges::find_if(
        families, [&](const char* name) { return family == QLatin1String(name); });
    return static_cast<std::size_t>(found - families.begin());
}

/// A family's name in the window's language.
QString familyText(const QString& family)
{
    const auto place = placeOf(family);
    return place < families.size() ? QCoreApplication::translate("Family", families[place])
                                   : family;
}

constexpr int leastHeight = 25;
constexpr int step = 12;
constexpr int padding = 4; ///< above and below a text

class LibraryDelegate final : public QStyledItemDelegate
{
public:
    LibraryDelegate(const theme::Theme& theme, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        const auto level = static_cast<Level>(index.data(LibraryModel::LevelRole).toInt());
        const bool selected = (option.state & QStyle::State_Selected) != 0 && level == Level::Item;
        const bool hovered =
            (option.state & QStyle::State_MouseOver) != 0 && level != Level::Family;
        const QRect row(0, option.rect.y(), option.rect.right() + 1, option.rect.height());
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (selected || hovered) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(m_theme.colour(selected ? Ink::Selected : Ink::Raised));
            painter->drawRoundedRect(row.adjusted(3, 1, -2, -1), 3, 3);
            if (selected) {
                painter->fillRect(QRect(0, row.y() + 1, 3, row.height() - 2),
                                  m_theme.colour(Ink::Cursor));
            }
        }
        painter->setFont(fontOf(level));
        painter->setPen(m_theme.colour(level == Level::Family ? Ink::Muted : Ink::Text));
        painter->drawText(roomOf(row, level), how, index.data().toString());
        painter->restore();
    }

    /// As high as its words need in the width that there is.
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override
    {
        const auto* view = qobject_cast<const QAbstractItemView*>(option.widget);
        const int width = view != nullptr ? view->viewport()->width() : option.rect.width();
        const auto level = static_cast<Level>(index.data(LibraryModel::LevelRole).toInt());
        const auto room = roomOf({0, 0, width, 1000}, level);
        const auto needed =
            QFontMetrics(fontOf(level)).boundingRect(room, how, index.data().toString());
        return {100, std::max(leastHeight, needed.height() + 2 * padding)};
    }

private:
    static constexpr int how = Qt::AlignVCenter | Qt::AlignLeft | Qt::TextWordWrap;

    [[nodiscard]] QFont fontOf(Level level) const
    {
        return m_theme.font(level == Level::Family ? Typeface::UiBold : Typeface::Ui,
                            level == Level::Family ? Type::small : Type::body);
    }

    static QRect roomOf(const QRect& row, Level level)
    {
        return row.adjusted(6 + static_cast<int>(level) * step, 0, -6, 0);
    }

    const theme::Theme& m_theme;
};

} // namespace

std::vector<Shelf> inOrder(std::vector<Shelf> shelves)
{
    std::ranges::stable_sort(shelves, {}, [](const Shelf& shelf) { return placeOf(shelf.family); });
    return shelves;
}

LibraryModel::LibraryModel(QObject* parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Row>())
{
}

LibraryModel::Row* LibraryModel::add(Row& parent, Level level, const QString& title,
                                     const QString& summary, const QString& path)
{
    auto row = std::make_unique<Row>();
    row->level = level;
    row->title = title;
    row->summary = summary;
    row->path = path;
    row->parent = &parent;
    row->place = static_cast<int>(parent.children.size());
    parent.children.push_back(std::move(row));
    return parent.children.back().get();
}

void LibraryModel::show(std::vector<Shelf> shelves, const QStringList& recent)
{
    beginResetModel();
    m_root = std::make_unique<Row>();
    for (const auto& shelf : inOrder(std::move(shelves))) {
        const auto title = familyText(shelf.family);
        const auto family = std::ranges::find_if(
            m_root->children, [&](const std::unique_ptr<Row>& row) { return row->title == title; });
        auto* below = family != m_root->children.end() ? family->get()
                                                       : add(*m_root, Level::Family, title, {}, {});
        auto* protocol = add(*below, Level::Protocol, shelf.title, shelf.summary, {});
        for (const auto& item : shelf.items) {
            add(*protocol, Level::Item, item.title, item.summary, item.path);
        }
    }
    if (!recent.isEmpty()) {
        auto* files = add(*m_root, Level::Family, tr("Recent files"), {}, {});
        for (const auto& path : recent) {
            add(*files, Level::Item, QFileInfo(path).fileName(), path, path);
        }
    }
    endResetModel();
}

LibraryModel::Row* LibraryModel::rowOf(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Row*>(index.internalPointer()) : m_root.get();
}

QModelIndex LibraryModel::index(int row, int column, const QModelIndex& parent) const
{
    const auto* above = rowOf(parent);
    if (row < 0 || column != 0 || static_cast<std::size_t>(row) >= above->children.size()) {
        return {};
    }
    return createIndex(row, 0, above->children[static_cast<std::size_t>(row)].get());
}

QModelIndex LibraryModel::parent(const QModelIndex& child) const
{
    const auto* row = rowOf(child);
    return row->parent == nullptr || row->parent == m_root.get()
        ? QModelIndex()
        : createIndex(row->parent->place, 0, row->parent);
}

int LibraryModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(rowOf(parent)->children.size());
}

int LibraryModel::columnCount(const QModelIndex& /*parent*/) const
{
    return 1;
}

QVariant LibraryModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const auto& row = *rowOf(index);
    switch (role) {
    case Qt::DisplayRole:
        return row.title;
    case Qt::ToolTipRole:
        return row.summary;
    case LevelRole:
        return static_cast<int>(row.level);
    case PathRole:
        return row.path;
    case SearchRole:
        return QString(row.title + QLatin1Char(' ') + row.summary);
    default:
        return {};
    }
}

Library::Library(const theme::Theme& theme, QWidget* parent)
    : QWidget(parent)
    , m_search(new QLineEdit(this))
    , m_tree(new QTreeView(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::medium, Space::tight, Space::small, Space::small);
    layout->setSpacing(Space::small);
    m_search->setPlaceholderText(tr("Search runs and lessons"));
    m_search->setClearButtonEnabled(true);
    m_search->setAccessibleName(tr("Search the library"));
    layout->addWidget(m_search);
    m_filter.setSourceModel(&m_model);
    m_filter.setFilterRole(LibraryModel::SearchRole);
    m_filter.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filter.setRecursiveFilteringEnabled(true);
    m_filter.setAutoAcceptChildRows(true);
    m_tree->setModel(&m_filter);
    m_tree->setItemDelegate(new LibraryDelegate(theme, this));
    m_tree->setHeaderHidden(true);
    m_tree->setRootIsDecorated(false);
    m_tree->setIndentation(0);
    m_tree->viewport()->installEventFilter(this);
    m_tree->setMouseTracking(true);
    m_tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_tree->setExpandsOnDoubleClick(false);
    m_tree->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel); // rows are not all alike
    m_tree->setAccessibleName(tr("Library"));
    layout->addWidget(m_tree, 1);

    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter.setFilterFixedString(text.trimmed());
        expandShelves();
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        m_tree->setFocus();
        m_tree->setCurrentIndex(m_tree->indexBelow(m_tree->model()->index(0, 0)));
    });
    const auto open = [this](const QModelIndex& index) {
        const auto path = index.data(LibraryModel::PathRole).toString();
        if (!path.isEmpty()) {
            emit chosen(path);
        } else if (index.data(LibraryModel::LevelRole).toInt()
                   == static_cast<int>(Level::Protocol)) {
            m_tree->setExpanded(index, !m_tree->isExpanded(index));
        }
    };
    // One click opens: a run is cheap to open and to leave.
    connect(m_tree, &QTreeView::clicked, this, open);
    connect(m_tree, &QTreeView::activated, this, [this, open](const QModelIndex& index) {
        if (m_tree->hasFocus() && QGuiApplication::mouseButtons() == Qt::NoButton
            && index.data(LibraryModel::PathRole).toString() != m_marked) {
            open(index);
        }
    });
    connect(&theme, &theme::Theme::changed, m_tree->viewport(), qOverload<>(&QWidget::update));
}

bool Library::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_tree->viewport() && event->type() == QEvent::Resize) {
        const auto* resized = static_cast<QResizeEvent*>(event);
        if (resized->size().width() != resized->oldSize().width()) {
            m_tree->doItemsLayout();
            showMarked();
        }
    }
    return QWidget::eventFilter(watched, event);
}

void Library::expandShelves()
{
    const bool searching = !m_search->text().trimmed().isEmpty();
    const auto marked = m_marked;
    for (int row = 0; row < m_filter.rowCount(); ++row) {
        const auto family = m_filter.index(row, 0);
        m_tree->expand(family);
        const bool only = m_filter.rowCount(family) == 1 && m_filter.rowCount() <= 2;
        for (int place = 0; place < m_filter.rowCount(family); ++place) {
            const auto protocol = m_filter.index(place, 0, family);
            bool open = searching || only;
            for (int item = 0; item < m_filter.rowCount(protocol) && !open; ++item) {
                open = m_filter.index(item, 0, protocol).data(LibraryModel::PathRole).toString()
                    == marked;
            }
            if (open) {
                m_tree->expand(protocol);
            }
        }
    }
}

void Library::show(std::vector<Shelf> shelves, const QStringList& recent)
{
    m_model.show(std::move(shelves), recent);
    mark(m_marked);
}

void Library::mark(const QString& path)
{
    m_marked = path;
    expandShelves();
    const auto found = m_filter.match(m_filter.index(0, 0), LibraryModel::PathRole, path, 1,
                                      Qt::MatchExactly | Qt::MatchRecursive);
    if (!path.isEmpty() && !found.isEmpty()) {
        m_tree->setCurrentIndex(found.first());
        showMarked();
    } else {
        m_tree->setCurrentIndex({});
    }
}

/// Whole, once the rows have their heights.
void Library::showMarked()
{
    QTimer::singleShot(0, this, [this] { m_tree->scrollTo(m_tree->currentIndex()); });
}

void Library::focusSearch()
{
    m_search->setFocus();
    m_search->selectAll();
}

} // namespace lightcone::library
