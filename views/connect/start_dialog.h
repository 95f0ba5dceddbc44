#pragma once

#include "views/theme/theme.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

#include <vector>

namespace lightcone::connecting {

/// A protocol that a cluster can be started of.
struct Offer
{
    QString id; ///< "raft"
    QString title; ///< "Raft"
    bool counts = true; ///< whether it has a parameter `nodes`
};

/// A cluster that shall be started on this machine.
struct StartPlan
{
    QString protocol;
    int nodes = 3; ///< 0: as the protocol says
    QString directory;
};

/// Asks which cluster to start here.
class StartDialog final : public QDialog
{
    Q_OBJECT

public:
    StartDialog(const theme::Theme& theme, std::vector<Offer> offers, const StartPlan& last,
                QWidget* parent = nullptr);

    [[nodiscard]] StartPlan plan() const;

signals:
    void wanted(const StartPlan& plan);

private:
    void check();

    std::vector<Offer> m_offers;
    QComboBox* m_protocol;
    QSpinBox* m_nodes;
    QLineEdit* m_directory;
    QLabel* m_note;
    QPushButton* m_go;
};

/// Whether a cluster was made in that directory before.
bool holdsCluster(const QString& directory);

} // namespace lightcone::connecting
