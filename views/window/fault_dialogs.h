#pragma once

#include "engine/trace/trace.h"
#include "views/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include <vector>

namespace lightcone::window {

/// Which nodes still hear each other. Gives a `partition` line.
class PartitionDialog final : public QDialog
{
    Q_OBJECT

public:
    /// The selected node begins in the second group.
    PartitionDialog(const trace::About& about, NodeId selected, QWidget* parent);

    /// "partition {n1 n2} {n3 n4 n5}"; empty while that would split nothing.
    [[nodiscard]] std::string line() const;

private:
    void refresh();

    std::vector<std::string> m_names;
    std::vector<QComboBox*> m_groups;
    QLabel* m_preview;
    QPushButton* m_go = nullptr;
};

/// How messages fare on a link. Gives a `link` or `network` line.
class LinkDialog final : public QDialog
{
    Q_OBJECT

public:
    LinkDialog(const trace::About& about, NodeId from, NodeId to, QWidget* parent);

    /// "link n1 n2 latency=50ms loss=5%".
    [[nodiscard]] std::string line() const;

private:
    void refresh();

    QComboBox* m_from;
    QComboBox* m_to;
    QCheckBox* m_oneWay;
    QLineEdit* m_latency;
    QDoubleSpinBox* m_loss;
    QDoubleSpinBox* m_duplicate;
    QDoubleSpinBox* m_reorder;
    QLabel* m_preview;
};

} // namespace lightcone::window
