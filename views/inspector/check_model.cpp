#include "views/inspector/check_model.h"

#include "views/run/wording.h"
#include "views/theme/text.h"

#include <algorithm>

namespace lightcone::inspector {

using picture::Ink;
using run::Wording;

CheckModel::CheckModel(const theme::Theme& theme, run::RunView& run, QObject* parent)
    : QAbstractTableModel(parent)
    , m_theme(theme)
    , m_run(run)
{
    connect(&run, &run::RunView::changed, this, &CheckModel::refresh);
    connect(&run, &run::RunView::linearityChanged, this, &CheckModel::refresh);
    connect(&theme, &theme::Theme::changed, this, [this] {
        if (!m_rows.empty()) {
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        }
    });
    refresh();
}

std::vector<CheckModel::Row> CheckModel::gathered() const
{
    std::vector<Row> rows;
    for (const auto& check : m_run.snapshot().checks) {
        Row row;
        row.name = q(check.card.name);
        if (!row.name.isEmpty()) {
            row.name[0] = row.name[0].toUpper();
        }
        row.text = q(check.card.text) + QStringLiteral("\n") + q(check.card.source);
        row.state = stateOf(check);
        row.at = told(check);
        row.how = q(row.state == State::Broken ? check.how : check.notJudged);
        rows.push_back(std::move(row));
    }
    if (m_run.linearity()) {
        rows.push_back(linearizable(*m_run.linearity()));
    }
    using Lesson = session::Lesson;
    for (const auto& lesson : m_run.snapshot().lessons) {
        // What is told cannot be wrong, and a person's guess is no check of the run.
        if (lesson.kind != Lesson::Kind::Expect || lesson.state == Lesson::State::Told) {
            continue;
        }
        Row row;
        row.name = q(lesson.text);
        row.text = tr("Expected by line %1 of the scenario").arg(lesson.line);
        row.state = lesson.state == Lesson::State::Held ? State::Holds
            : lesson.state == Lesson::State::Failed     ? State::Broken
                                                        : State::Ahead;
        row.at = lesson.at;
        row.expectation = true;
        rows.push_back(std::move(row));
    }
    return rows;
}

CheckModel::Row CheckModel::linearizable(const session::Linearity& linearity) const
{
    using Is = session::Linearity::State;
    Row row;
    row.name = tr("Linearizable");
    row.text = tr("Each operation of a client takes effect at one moment between its request and "
                  "its reply.")
        + QStringLiteral("\nHerlihy and Wing 1990");
    row.state = linearity.state == Is::Holds   ? State::Holds
        : linearity.state == Is::Broken        ? State::Broken
        : linearity.state == Is::GaveUp        ? State::GaveUp
        : linearity.state == Is::NotApplicable ? State::NotApplicable
                                               : State::Ahead;
    row.at = linearity.reply;
    row.how = linearity.state == Is::NotApplicable
        ? tr("The clients of this protocol do not ask for keys and values.")
        : q(linearity.how);
    return row;
}

void CheckModel::refresh()
{
    auto rows = gathered();
    if (rows == m_rows) {
        return;
    }
    if (rows.size() != m_rows.size()) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    m_rows = std::move(rows);
    emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int CheckModel::count(State state) const
{
    return static_cast<int>(std::ranges::count(m_rows, state, &Row::state));
}

int CheckModel::held() const
{
    return count(State::Holds);
}

int CheckModel::settled() const
{
    return held() + count(State::Broken);
}

int CheckModel::notJudged() const
{
    return count(State::NotJudged);
}

CheckModel::State CheckModel::stateOf(const session::Check& check)
{
    return check.brokenAt ? State::Broken : check.notJudgedFrom ? State::NotJudged : State::Holds;
}

EventId CheckModel::told(const session::Check& check)
{
    return check.brokenAt ? check.brokenAt : check.notJudgedFrom;
}

QIcon CheckModel::icon(const theme::Theme& theme, State state)
{
    switch (state) {
    case State::Holds:
        return theme.icon(QStringLiteral("held"), Ink::Good);
    case State::Broken:
        return theme.icon(QStringLiteral("broken"), Ink::Bad);
    case State::NotJudged:
        return theme.icon(QStringLiteral("not-judged"), Ink::Muted);
    default:
        return theme.icon(QStringLiteral("ahead"), Ink::Muted);
    }
}

QString CheckModel::outcome(const Row& row) const
{
    switch (row.state) {
    case State::Holds:
        return row.expectation && row.at ? tr("held at event %1").arg(Wording::count(row.at.value))
                                         : tr("holds");
    case State::Broken:
        return row.at ? tr("broken at event %1").arg(Wording::count(row.at.value)) : tr("broken");
    case State::NotJudged:
        return tr("not judged from event %1 on").arg(Wording::count(row.at.value));
    case State::Ahead:
        return tr("not yet judged");
    case State::GaveUp:
        return tr("gave up");
    case State::NotApplicable:
        return tr("not applicable");
    }
    return {};
}

int CheckModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CheckModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CheckModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const auto& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == What ? row.name : outcome(row);
    case Qt::ToolTipRole:
        return row.how.isEmpty() ? row.text : row.how + QStringLiteral("\n\n") + row.text;
    case Qt::ForegroundRole:
        if (row.state == State::Broken) {
            return m_theme.colour(Ink::Bad);
        }
        return index.column() == Outcome || row.state == State::NotJudged
            ? QVariant(m_theme.colour(Ink::Muted))
            : QVariant();
    case Qt::DecorationRole:
        return index.column() == What ? QVariant(icon(m_theme, row.state)) : QVariant();
    case EventRole:
        return static_cast<qulonglong>(row.at.value);
    default:
        return {};
    }
}

QVariant CheckModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    return section == What ? tr("What must hold") : tr("So far");
}

} // namespace lightcone::inspector
