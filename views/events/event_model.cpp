#include "views/events/event_model.h"

#include "engine/describe/text.h"
#include "engine/describe/words.h"
#include "views/run/wording.h"
#include "views/theme/text.h"

#include <algorithm>
#include <limits>

namespace lightcone::events {

using picture::Ink;
using run::Wording;
using trace::Kind;

namespace {

// Rows are ints to Qt.
constexpr std::uint64_t mostRows = std::numeric_limits<int>::max();

Ink inkOf(const trace::Event& event)
{
    switch (event.kind) {
    case Kind::Crash:
    case Kind::Drop:
    case Kind::Violation:
    case Kind::Cut:
        return Ink::Bad;
    case Kind::Restart:
    case Kind::Heal:
    case Kind::Reply:
        return Ink::Good;
    case Kind::Note:
    case Kind::Say:
    case Kind::Act:
        return Ink::Cursor;
    default: {
        const auto ink = theme::Theme::inkOf(Wording::toneOf(event.payload));
        return ink == Ink::Muted ? Ink::Text : ink;
    }
    }
}

} // namespace

EventModel::EventModel(const theme::Theme& theme, run::RunView& run, QObject* parent)
    : QAbstractTableModel(parent)
    , m_theme(theme)
    , m_run(run)
    , m_all(std::min(run.events(), mostRows))
{
    connect(&run, &run::RunView::branchChanged, this, &EventModel::restart);
    connect(&run, &run::RunView::grew, this, [this](quint64, quint64 to) { grew(to); });
    connect(&m_search, &Search::progressed, this, &EventModel::take);
}

Result<void> EventModel::setFilter(const QString& question)
{
    const auto text = question.trimmed();
    std::optional<query::Query> parsed;
    if (!text.isEmpty() && m_run.trace()) {
        const auto context = query::Context::of(m_run.trace()->about(), query::Scope::Events);
        auto result = query::Query::parse(text.toStdString(), context);
        if (!result) {
            return result.error();
        }
        parsed = *result;
    }
    m_filter = text;
    m_question = std::move(parsed);
    restart();
    return {};
}

// Another branch may be of another protocol: then the question is put anew, or dropped.
void EventModel::restart()
{
    beginResetModel();
    m_search.stop();
    m_judged = 0;
    m_matches.clear();
    m_all = std::min(m_run.events(), mostRows);
    if (!m_filter.isEmpty() && m_run.trace()) {
        const auto context = query::Context::of(m_run.trace()->about(), query::Scope::Events);
        auto parsed = query::Query::parse(m_filter.toStdString(), context);
        if (parsed) {
            m_question = *parsed;
            m_search.start(*m_question, m_run.trace(), m_run.events());
        } else {
            m_question.reset();
            m_filter.clear();
        }
    } else {
        m_question.reset();
    }
    endResetModel();
    emit progressed();
}

void EventModel::grew(quint64 to)
{
    if (m_question) {
        m_search.grow(to);
        return;
    }
    const auto all = std::min<std::uint64_t>(to, mostRows);
    if (all > m_all) {
        beginInsertRows({}, static_cast<int>(m_all), static_cast<int>(all) - 1);
        m_all = all;
        endInsertRows();
    }
}

void EventModel::take()
{
    std::vector<std::uint64_t> found;
    m_judged = m_search.take(found);
    if (!found.empty()) {
        const auto first = static_cast<int>(m_matches.size());
        beginInsertRows({}, first, first + static_cast<int>(found.size()) - 1);
        m_matches.insert(m_matches.end(), found.begin(), found.end());
        endInsertRows();
    }
    emit progressed();
}

std::optional<double> EventModel::progress() const
{
    if (!m_question) {
        return std::nullopt;
    }
    const auto wanted = m_search.wanted();
    return m_judged >= wanted
        ? std::nullopt
        : std::optional(static_cast<double>(m_judged) / static_cast<double>(wanted));
}

EventId EventModel::eventAt(int row) const
{
    if (row < 0 || row >= rowCount()) {
        return {};
    }
    const auto place = static_cast<std::size_t>(row);
    return EventId(m_question ? m_matches[place] : place + 1);
}

int EventModel::rowOf(EventId event) const
{
    if (!m_question) {
        return static_cast<int>(std::min(event.value, m_all)) - 1;
    }
    const auto after = std::ranges::upper_bound(m_matches, event.value);
    return static_cast<int>(after - m_matches.begin()) - 1;
}

int EventModel::rowCount(const QModelIndex& parent) const
{
    if (parent.isValid()) {
        return 0;
    }
    return static_cast<int>(m_question ? m_matches.size() : m_all);
}

int EventModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString EventModel::cell(EventId id, int column) const
{
    const auto& trace = *m_run.trace();
    const auto& event = trace[id];
    const auto& about = trace.about();
    switch (column) {
    case Number:
        return Wording::count(id.value);
    case Time:
        return Wording::at(event.at);
    case Node:
        return event.node ? q(about.nameOf(event.node)) : QString();
    case Kind:
        return Wording::kind(event.kind);
    case Peer: {
        if (!event.peer) {
            return {};
        }
        const auto arrow = event.kind == Kind::Deliver || event.kind == Kind::Reply
            ? QStringLiteral("← ")
            : QStringLiteral("→ ");
        return arrow + q(about.nameOf(event.peer));
    }
    case Content: {
        auto text = Wording::content(about, event);
        if (event.kind == Kind::Drop) {
            text += QStringLiteral(" · ")
                + Wording::reason(static_cast<trace::DropReason>(event.detail));
        }
        return text;
    }
    default:
        return event.cause ? Wording::count(event.cause.value) : QString();
    }
}

QString EventModel::question(EventId id, int column) const
{
    const auto& trace = *m_run.trace();
    const auto& event = trace[id];
    const auto& about = trace.about();
    switch (column) {
    case Number:
        return QStringLiteral("event == %1").arg(id.value);
    case Time:
        return QStringLiteral("time >= %1").arg(q(toScenarioText(event.at.time_since_epoch())));
    case Node:
        return event.node ? QStringLiteral("node == ") + q(about.nameOf(event.node)) : QString();
    case Kind: {
        const auto name = std::string(boost::describe::enum_to_string(event.kind, ""));
        return QStringLiteral("kind == ") + q(name).toLower();
    }
    case Peer:
        return event.peer ? QStringLiteral("peer == ") + q(about.nameOf(event.peer)) : QString();
    case Content:
        if (event.kind == Kind::Note) {
            return QStringLiteral("note ~ ") + q(describe::quoted(run::textOf(event)));
        }
        if (event.payload && run::textOf(event).empty()) {
            return QStringLiteral("msg is ") + q(std::string(event.payload->name()));
        }
        return {};
    default:
        return event.cause ? QStringLiteral("cause == %1").arg(event.cause.value) : QString();
    }
}

QVariant EventModel::data(const QModelIndex& index, int role) const
{
    const auto id = index.isValid() ? eventAt(index.row()) : EventId{};
    if (!id || !m_run.trace()) {
        return {};
    }
    const auto& event = (*m_run.trace())[id];
    switch (role) {
    case Qt::DisplayRole:
        return cell(id, index.column());
    case Qt::ToolTipRole:
        if (index.column() == Content && event.payload) {
            return q(describe::toText(event.payload->describe(), m_run.trace()->about().names()));
        }
        return {};
    case Qt::TextAlignmentRole:
        return static_cast<int>(
            Qt::AlignVCenter
            | (index.column() == Number || index.column() == Time || index.column() == Cause
                   ? Qt::AlignRight
                   : Qt::AlignLeft));
    case Qt::ForegroundRole:
        switch (index.column()) {
        case Number:
        case Time:
        case Cause:
            return m_theme.colour(Ink::Muted);
        case Kind:
        case Content:
            return m_theme.colour(inkOf(event));
        default:
            return m_theme.colour(Ink::Text);
        }
    case Qt::FontRole:
        return m_theme.font(index.column() == Kind ? picture::Typeface::Ui
                                                   : picture::Typeface::Data,
                            theme::Type::small);
    case FilterRole:
        return question(id, index.column());
    case EventRole:
        return static_cast<qulonglong>(id.value);
    default:
        return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Number:
        return tr("Event");
    case Time:
        return tr("Time");
    case Node:
        return tr("Node");
    case Kind:
        return tr("Kind");
    case Peer:
        return tr("Peer");
    case Content:
        return tr("Content");
    default:
        return tr("Cause");
    }
}

} // namespace lightcone::events
