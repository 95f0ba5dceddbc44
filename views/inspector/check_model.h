#pragma once

#include "views/run/run_view.h"
#include "views/theme/theme.h"

#include <QAbstractTableModel>
#include <QIcon>

#include <vector>

namespace lightcone::inspector {

/// What must hold, and whether it does: the protocol's invariants, then the scenario's
/// expectations.
class CheckModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { What, Outcome, ColumnCount };
    enum class State : std::uint8_t {
        Holds,
        Broken,
        NotJudged, ///< not from some event on: a part of the run was not seen
        Ahead,
        GaveUp, ///< nobody knows, and nobody will
        NotApplicable,
    };
    enum Role {
        EventRole = Qt::UserRole, ///< the number of the event that settled it; 0 for none
    };

    struct Row
    {
        QString name;
        QString text; ///< what is promised, and by whom
        State state = State::Holds;
        EventId at{};
        QString how;
        bool expectation = false;
        friend bool operator==(const Row&, const Row&) = default;
    };

    CheckModel(const theme::Theme& theme, run::RunView& run, QObject* parent = nullptr);

    [[nodiscard]] int held() const;
    [[nodiscard]] int settled() const; ///< those that hold or are broken
    [[nodiscard]] int notJudged() const;

    static State stateOf(const session::Check& check);

    /// The event that says how it stands; none while it holds.
    static EventId told(const session::Check& check);
    static QIcon icon(const theme::Theme& theme, State state);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    void refresh();
    [[nodiscard]] std::vector<Row> gathered() const;
    [[nodiscard]] Row linearizable(const session::Linearity& linearity) const;
    [[nodiscard]] int count(State state) const;
    [[nodiscard]] QString outcome(const Row& row) const;

    const theme::Theme& m_theme;
    run::RunView& m_run;
    std::vector<Row> m_rows;
};

} // namespace lightcone::inspector
