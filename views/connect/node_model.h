#pragma once

#include "engine/session/session.h"
#include "views/theme/theme.h"

#include <QAbstractTableModel>

#include <vector>

namespace lightcone::connecting {

/// The real nodes of a run, and how they are connected.
class NodeModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column : std::uint8_t { Name, State, Address, Offset, ColumnCount };

    explicit NodeModel(const theme::Theme& theme, QObject* parent = nullptr);

    void show(const std::vector<session::LiveNode>& nodes);
    [[nodiscard]] int connected() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    [[nodiscard]] QString stateText(const session::LiveNode& node) const;
    [[nodiscard]] QString tip(const session::LiveNode& node) const;

    const theme::Theme& m_theme;
    std::vector<session::LiveNode> m_nodes;
};

} // namespace lightcone::connecting
