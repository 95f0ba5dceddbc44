#pragma once

#include "engine/session/recording.h"
#include "views/charts/surveyor.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"
#include "views/topology/topology.h"

#include <QFrame>
#include <QLabel>
#include <QWidget>

#include <array>

namespace lightcone::window {

/// A run that is compared with another: only looked at.
struct Contender
{
    QString title;
    QString subtitle;
    session::Recording recording{};
};

/// One of two runs side by side: its cluster at the moment that both are at, and what it came to.
class CompareSide final : public QWidget
{
    Q_OBJECT

public:
    CompareSide(const theme::Theme& theme, Contender contender, QWidget* parent = nullptr);

    [[nodiscard]] const QString& title() const { return m_contender.title; }
    [[nodiscard]] const trace::TracePtr& trace() const { return m_contender.recording.trace; }
    [[nodiscard]] std::shared_ptr<const trace::StateSource> states() const
    {
        return m_contender.recording.states;
    }
    [[nodiscard]] run::RunView& run() { return m_run; }
    [[nodiscard]] EventId at() const { return m_cursor.event(); }

    /// Of its last event.
    [[nodiscard]] Instant end() const;

    /// Shows the cluster at that moment: after the last event at or before it.
    void lookAt(Instant moment);

    /// Shows the cluster right after an event.
    void lookAt(EventId event);

    /// The tiles say what this run came to, coloured by how the other one compares.
    void showTiles(const measure::Totals& mine, const measure::Totals& other);

    /// "p99 1,840 ms": for tests and for who cannot see.
    [[nodiscard]] QStringList tiles() const;

private:
    struct Tile
    {
        QFrame* frame;
        QLabel* name;
        QLabel* value;
    };
    void dress();

    const theme::Theme& m_theme;
    Contender m_contender;
    theme::Cursor m_cursor;
    run::RunView m_run;
    QLabel* m_title;
    QLabel* m_subtitle;
    topology::Topology* m_topology;
    std::array<Tile, 5> m_tiles{};
};

} // namespace lightcone::window
