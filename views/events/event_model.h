#pragma once

#include "engine/trace/trace.h"
#include "views/events/search.h"
#include "views/run/run_view.h"
#include "views/theme/theme.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace lightcone::events {

/// The events of the current branch, or those that a question lets through. Nothing is copied: a
/// row is a number, and what it shows is read from the trace when somebody looks.
class EventModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Number, Time, Node, Kind, Peer, Content, Cause, ColumnCount };
    enum Role {
        FilterRole = Qt::UserRole, ///< the question that this cell answers: "to == n3"; or empty
        EventRole, ///< the event's number
    };

    EventModel(const theme::Theme& theme, run::RunView& run, QObject* parent = nullptr);

    /// An empty question lets everything through. The error is the question's.
    Result<void> setFilter(const QString& question);
    [[nodiscard]] const QString& filter() const { return m_filter; }

    /// From 0 to 1 while a filter is behind the trace; nothing when it has caught up.
    [[nodiscard]] std::optional<double> progress() const;

    [[nodiscard]] EventId eventAt(int row) const;

    /// The row of an event, or of the last one shown before it; -1 when there is none.
    [[nodiscard]] int rowOf(EventId event) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

signals:
    void progressed();

private:
    void restart();
    void grew(quint64 to);
    void take();
    [[nodiscard]] QString cell(EventId id, int column) const;
    [[nodiscard]] QString question(EventId id, int column) const;

    const theme::Theme& m_theme;
    run::RunView& m_run;
    QString m_filter;
    std::optional<query::Query> m_question;
    Search m_search;
    std::vector<std::uint64_t> m_matches;
    std::uint64_t m_judged = 0; ///< up to here the matches are all there
    std::uint64_t m_all = 0; ///< rows without a filter
};

} // namespace lightcone::events
