#pragma once

#include "views/inspector/field_model.h"
#include "views/inspector/field_tree.h"
#include "views/run/run_view.h"
#include "views/theme/cursor.h"
#include "views/theme/theme.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <vector>

namespace lightcone::inspector {

class Happening;
class CheckLine;

/// The selected node at the cursor, or where none is selected the one at which the event happened:
/// its state, what the step at the cursor changed in it, why that
/// step came about, and what may happen to it next.
class Inspector final : public QScrollArea
{
    Q_OBJECT

public:
    Inspector(const theme::Theme& theme, theme::Cursor& cursor, run::RunView& run,
              QWidget* parent = nullptr);

signals:
    /// The person wants to run until a question about the node's state holds.
    void untilAsked(const QString& query);

private:
    void build();
    bool follow();
    QLabel* addSection(const QString& title);
    void choose();
    void refresh();
    void refreshHeader();
    void refreshFields();
    void refreshNext();
    void refreshTimers();
    void refreshSafety();
    [[nodiscard]] NodeId node() const;
    [[nodiscard]] const trace::NodeState* shown() const;

    /// The step whose outcome is shown: the node's newest at the cursor.
    [[nodiscard]] EventId step() const;

    const theme::Theme& m_theme;
    theme::Cursor& m_cursor;
    run::RunView& m_run;
    NodeId m_followed{}; ///< the node at which the event happened that is looked at
    QWidget* m_content = nullptr;
    QVBoxLayout* m_layout = nullptr;
    QLabel* m_nobody = nullptr;
    QWidget* m_body = nullptr;
    QLabel* m_name = nullptr;
    QLabel* m_role = nullptr;
    QLabel* m_when = nullptr;
    QLabel* m_because = nullptr;
    QLabel* m_stale = nullptr;
    FieldModel m_model;
    FieldTree* m_tree = nullptr;
    QLabel* m_nextTitle = nullptr;
    std::vector<Happening*> m_next;
    QLabel* m_nextMore = nullptr;
    QLabel* m_timersTitle = nullptr;
    std::vector<Happening*> m_timers;
    QLabel* m_safetyTitle = nullptr;
    std::vector<CheckLine*> m_safety;
    QVBoxLayout* m_nextRoom = nullptr;
    QVBoxLayout* m_timerRoom = nullptr;
    QVBoxLayout* m_safetyRoom = nullptr;
};

} // namespace lightcone::inspector
