#pragma once

#include "engine/trace/trace.h"
#include "views/run/run_view.h"
#include "views/theme/theme.h"

#include <QAbstractTableModel>

#include <string>
#include <vector>

namespace lightcone::inspector {

/// All that may happen next, soonest first: messages under way and armed timers.
class FlightModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { What, From, To, When, ColumnCount };

    /// One of them.
    struct Next
    {
        EventId message{}; ///< none of a timer
        NodeId from{};
        NodeId to{};
        std::string timer; ///< empty of a message
        std::uint64_t about = 0;
        Instant due{};
        bool held = false;
        bool cut = false;
        node::PayloadPtr payload{};

        /// What it is, whatever else changes: to keep a selection.
        [[nodiscard]] bool same(const Next& other) const
        {
            return message == other.message && to == other.to && timer == other.timer
                && about == other.about;
        }
    };

    FlightModel(const theme::Theme& theme, run::RunView& run, QObject* parent = nullptr);

    /// Takes the state that the run view has now.
    void refresh();

    /// row < rowCount()
    [[nodiscard]] const Next& at(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    [[nodiscard]] int messages() const { return m_messages; }

    /// The line of a scenario that makes this what happens next: "pick #12", "pick n3 election".
    [[nodiscard]] std::string pickLine(int row) const;

    /// The line that makes it happen at once: "deliver #12", "fire n3 election".
    [[nodiscard]] std::string nowLine(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    [[nodiscard]] std::vector<Next> gathered() const;
    [[nodiscard]] QString name(NodeId node) const;
    [[nodiscard]] QString whenText(const Next& next) const;
    [[nodiscard]] std::string timerWords(const Next& next) const;

    const theme::Theme& m_theme;
    run::RunView& m_run;
    std::vector<Next> m_rows;
    Instant m_now{};
    int m_messages = 0;
};

} // namespace lightcone::inspector
