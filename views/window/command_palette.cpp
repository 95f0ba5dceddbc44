#include "views/window/command_palette.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <numeric>

namespace lightcone::window {

using picture::Ink;
using picture::Typeface;
using theme::Space;
using theme::Type;

namespace {

constexpr int rowHeight = 30;
constexpr int forStart = 8;
constexpr int forRun = 5;

class CommandDelegate final : public QStyledItemDelegate
{
public:
    CommandDelegate(const theme::Theme& theme, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override
    {
        painter->save();
        if ((option.state & QStyle::State_Selected) != 0) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(m_theme.colour(Ink::Selected));
            painter->drawRoundedRect(option.rect.adjusted(0, 1, 0, -1), 3, 3);
        }
        auto room = option.rect.adjusted(Space::small, 0, -Space::small, 0);
        const auto keys = index.data(CommandModel::KeysRole).toString();
        painter->setFont(m_theme.font(Typeface::Data, Type::tiny));
        painter->setPen(m_theme.colour(Ink::Muted));
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignRight, keys);
        room.setRight(room.right() - painter->fontMetrics().horizontalAdvance(keys)
                      - Space::medium);
        painter->setFont(m_theme.font(Typeface::Ui, Type::body));
        const auto group = index.data(CommandModel::GroupRole).toString() + QStringLiteral("  ");
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft, group);
        room.setLeft(room.left() + painter->fontMetrics().horizontalAdvance(group));
        painter->setPen(m_theme.colour(Ink::Text));
        painter->drawText(room, Qt::AlignVCenter | Qt::AlignLeft,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight,
                                                            room.width()));
        painter->restore();
    }

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& /*option*/,
                                 const QModelIndex& /*index*/) const override
    {
        return {300, rowHeight};
    }

private:
    const theme::Theme& m_theme;
};

} // namespace

std::optional<int> fuzzyScore(const QString& typed, const QString& text)
{
    int score = 0;
    qsizetype from = 0;
    qsizetype last = -2;
    for (const auto letter : typed) {
        if (letter.isSpace()) {
            continue;
        }
        // The beginning of a word is what a person means, where there is one further on.
        qsizetype found = -1;
        for (auto i = from; i < text.size(); ++i) {
            if (text[i].toCaseFolded() != letter.toCaseFolded()) {
                continue;
            }
            const bool starts = i == 0 || !text[i - 1].isLetterOrNumber();
            if (found < 0 || starts || i == last + 1) {
                found = i;
            }
            if (starts || i == last + 1) {
                break;
            }
        }
        if (found < 0) {
            return std::nullopt;
        }
        score += found == 0 || !text[found - 1].isLetterOrNumber() ? forStart : 0;
        score += found == last + 1 ? forRun : 0;
        score -= static_cast<int>(std::min<qsizetype>(found - from, 3));
        last = found;
        from = found + 1;
    }
    // Of two that fit alike the shorter is meant.
    return score * 8 - static_cast<int>(std::min<qsizetype>(text.size(), 64) / 4);
}

CommandModel::CommandModel(std::vector<Command> commands, QObject* parent)
    : QAbstractListModel(parent)
    , m_commands(std::move(commands))
{
    narrow({});
}

void CommandModel::narrow(const QString& typed)
{
    beginResetModel();
    std::vector<std::pair<int, std::size_t>> found;
    for (std::size_t i = 0; i < m_commands.size(); ++i) {
        const auto& command = m_commands[i];
        auto score = fuzzyScore(typed, command.text);
        if (!score) {
            score = fuzzyScore(typed, command.group + QLatin1Char(' ') + command.text);
        }
        if (score) {
            found.emplace_back(-*score, i);
        }
    }
    std::ranges::sort(found);
    m_shown.clear();
    for (const auto& each : found) {
        m_shown.push_back(each.second);
    }
    endResetModel();
}

const Command& CommandModel::at(int row) const
{
    return m_commands[m_shown[static_cast<std::size_t>(row)]];
}

int CommandModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

QVariant CommandModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const auto& command = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return command.text;
    case GroupRole:
        return command.group;
    case KeysRole:
        return command.keys;
    default:
        return {};
    }
}

CommandPalette::CommandPalette(const theme::Theme& theme, std::vector<Command> commands,
                               QWidget* parent)
    : QDialog(parent, Qt::Popup | Qt::FramelessWindowHint)
    , m_model(std::move(commands))
    , m_field(new QLineEdit(this))
    , m_list(new QListView(this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("palette"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(Space::small, Space::small, Space::small, Space::small);
    layout->setSpacing(Space::small);
    m_field->setPlaceholderText(tr("Do anything…"));
    m_field->setAccessibleName(tr("Command"));
    m_field->installEventFilter(this);
    layout->addWidget(m_field);
    m_list->setModel(&m_model);
    m_list->setItemDelegate(new CommandDelegate(theme, this));
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setAccessibleName(tr("Commands"));
    layout->addWidget(m_list);
    const int width = std::min(620, parent->width() - 80);
    resize(width, std::min(460, parent->height() - 120));
    move(parent->mapToGlobal(QPoint((parent->width() - width) / 2, 64)));
    connect(m_field, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_model.narrow(text);
        m_list->setCurrentIndex(m_model.index(0));
    });
    connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QListView::clicked, this, &CommandPalette::run);
    m_list->setCurrentIndex(m_model.index(0));
    m_field->setFocus();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int row = m_list->currentIndex().row();
        const int page = std::max(1, m_list->height() / rowHeight - 1);
        const int step = key == Qt::Key_Down ? 1
            : key == Qt::Key_Up              ? -1
            : key == Qt::Key_PageDown        ? page
            : key == Qt::Key_PageUp          ? -page
                                             : 0;
        if (step != 0 && m_model.rowCount() > 0) {
            m_list->setCurrentIndex(
                m_model.index(std::clamp(row + step, 0, m_model.rowCount() - 1)));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void CommandPalette::run()
{
    const auto index = m_list->currentIndex();
    if (!index.isValid()) {
        return;
    }
    auto deed = m_model.at(index.row()).run;
    close();
    QTimer::singleShot(0, parent(), std::move(deed));
}

} // namespace lightcone::window
