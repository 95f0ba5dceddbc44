#include "views/inspector/flight_model.h"

#include "engine/describe/text.h"
#include "views/run/wording.h"

#include <algorithm>

namespace lightcone::inspector {

using picture::Ink;
using run::Wording;

FlightModel::FlightModel(const theme::Theme& theme, run::RunView& run, QObject* parent)
    : QAbstractTableModel(parent)
    , m_theme(theme)
    , m_run(run)
{
    connect(&run, &run::RunView::stateChanged, this, &FlightModel::refresh);
    connect(&run, &run::RunView::opened, this, &FlightModel::refresh);
    refresh();
}

std::vector<FlightModel::Next> FlightModel::gathered() const
{
    std::vector<Next> rows;
    const auto& state = m_run.state();
    if (!state || !m_run.trace()) {
        return rows;
    }
    for (const auto& flight : state->flights) {
        Next next;
        next.message = flight.message;
        next.from = flight.from;
        next.to = flight.to;
        next.due = flight.due;
        next.held = flight.held;
        next.payload = flight.payload;
        next.cut = std::ranges::any_of(state->links, [&](const trace::LinkState& link) {
            return link.cut && link.from == flight.from && link.to == flight.to;
        });
        rows.push_back(std::move(next));
    }
    for (const auto& node : state->nodes) {
        for (const auto& timer : node.timers) {
            Next next;
            next.to = node.id;
            next.timer = timer.name;
            next.about = timer.about;
            next.due = timer.due;
            rows.push_back(std::move(next));
        }
    }
    std::ranges::stable_sort(rows, {}, &Next::due);
    return rows;
}

// A selection survives: rows that stay keep their place as far as order allows.
void FlightModel::refresh()
{
    auto rows = gathered();
    m_now = m_run.state() ? m_run.state()->now : Instant{};
    m_messages = static_cast<int>(
        std::ranges::count_if(rows, [](const Next& next) { return next.timer.empty(); }));
    const bool sameRows = rows.size() == m_rows.size()
        && std::ranges::equal(rows, m_rows, [](const Next& a, const Next& b) { return a.same(b); });
    if (sameRows) {
        m_rows = std::move(rows);
        if (!m_rows.empty()) {
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        }
        return;
    }
    emit layoutAboutToBeChanged();
    const auto persistent = persistentIndexList();
    QModelIndexList moved;
    for (const auto& old : persistent) {
        const auto found =
            std::ranges::find_if(rows, [&](const Next& next) { return next.same(at(old.row())); });
        moved << (found == rows.end()
                      ? QModelIndex()
                      : createIndex(static_cast<int>(found - rows.begin()), old.column()));
    }
    m_rows = std::move(rows);
    changePersistentIndexList(persistent, moved);
    emit layoutChanged();
}

QString FlightModel::name(NodeId node) const
{
    return node && m_run.trace() ? QString::fromStdString(m_run.trace()->about().nameOf(node))
                                 : QString();
}

std::string FlightModel::timerWords(const Next& next) const
{
    auto words = m_run.trace()->about().nameOf(next.to) + " " + next.timer;
    return next.about == 0 ? words : words + " about=" + std::to_string(next.about);
}

std::string FlightModel::pickLine(int row) const
{
    const auto& next = at(row);
    return next.timer.empty() ? "pick #" + std::to_string(next.message.value)
                              : "pick " + timerWords(next);
}

std::string FlightModel::nowLine(int row) const
{
    const auto& next = at(row);
    return next.timer.empty() ? "deliver #" + std::to_string(next.message.value)
                              : "fire " + timerWords(next);
}

QString FlightModel::whenText(const Next& next) const
{
    if (next.held) {
        return tr("held by a rule");
    }
    if (next.cut) {
        return tr("will die: cut");
    }
    return next.due > m_now ? tr("in %1").arg(Wording::time(next.due - m_now)) : tr("now");
}

int FlightModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int FlightModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant FlightModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const auto& next = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case What:
            if (!next.timer.empty()) {
                return tr("%1 timer").arg(QString::fromStdString(next.timer));
            }
            return next.payload ? QString::fromStdString(
                       describe::brief(next.payload->describe(), m_run.trace()->about().names()))
                                : QString();
        case From:
            return name(next.from);
        case To:
            return name(next.to);
        default:
            return whenText(next);
        }
    case Qt::ToolTipRole:
        return next.payload ? QString::fromStdString(
                   describe::toText(next.payload->describe(), m_run.trace()->about().names()))
                            : QString();
    case Qt::ForegroundRole:
        if (index.column() == When) {
            return m_theme.colour(next.cut ? Ink::Bad : next.held ? Ink::Cursor : Ink::Muted);
        }
        if (index.column() == What) {
            return m_theme.colour(next.timer.empty()
                                      ? theme::Theme::inkOf(Wording::toneOf(next.payload))
                                      : Ink::Cursor);
        }
        return {};
    default:
        return {};
    }
}

QVariant FlightModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case What:
        return tr("What");
    case From:
        return tr("From");
    case To:
        return tr("To");
    default:
        return tr("When");
    }
}

} // namespace lightcone::inspector
