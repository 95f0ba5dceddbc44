#pragma once

#include "views/run/run_view.h"
#include "views/theme/theme.h"
#include "views/window/branch_diff.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QTreeWidget>

#include <array>

namespace lightcone::window {

/// What came of two branches: their numbers, where they part, and how each node ended.
class CompareDialog final : public QDialog
{
    Q_OBJECT

public:
    CompareDialog(const theme::Theme& theme, run::RunView& run, QWidget* parent);

signals:
    /// The person wants to see that event of that branch.
    void goAsked(session::BranchId branch, EventId event);

private:
    void fill();
    void addNumbers(const session::Branch& one, const session::Branch& other);
    void addNodes();
    [[nodiscard]] const session::Branch* chosen(std::size_t side) const;

    const theme::Theme& m_theme;
    run::RunView& m_run;
    session::Snapshot m_snapshot; ///< as it was when the dialog opened
    std::array<QComboBox*, 2> m_choice{};
    QTreeWidget* m_table;
    QLabel* m_parting;
    std::array<session::StatePtr, 2> m_ends;
    std::uint64_t m_question = 0;
};

} // namespace lightcone::window
