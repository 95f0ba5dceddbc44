#pragma once

#include "views/connect/node_model.h"
#include "views/run/run_view.h"
#include "views/theme/theme.h"

#include <QLabel>
#include <QTreeView>
#include <QWidget>

namespace lightcone::connecting {

/// The panel of real nodes: who is connected, and why somebody is not.
class Nodes final : public QWidget
{
    Q_OBJECT

public:
    Nodes(const theme::Theme& theme, run::RunView& run, QWidget* parent = nullptr);

    [[nodiscard]] const NodeModel& model() const { return m_model; }

private:
    void refresh();

    run::RunView& m_run;
    NodeModel m_model;
    QTreeView* m_list;
    QLabel* m_none;
};

} // namespace lightcone::connecting
