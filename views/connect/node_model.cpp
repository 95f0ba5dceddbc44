#include "views/connect/node_model.h"

#include "views/theme/text.h"

#include <algorithm>

namespace lightcone::connecting {

using picture::Ink;
using session::LiveNode;

namespace {

Ink inkOf(LiveNode::State state)
{
    switch (state) {
    case LiveNode::State::Connected:
        return Ink::Good;
    case LiveNode::State::Connecting:
    case LiveNode::State::Silent:
        return Ink::Cursor;
    case LiveNode::State::Unreachable:
    case LiveNode::State::Ended:
    case LiveNode::State::Refused:
        return Ink::Bad;
    }
    return Ink::Text;
}

} // namespace

NodeModel::NodeModel(const theme::Theme& theme, QObject* parent)
    : QAbstractTableModel(parent)
    , m_theme(theme)
{
}

void NodeModel::show(const std::vector<LiveNode>& nodes)
{
    if (nodes == m_nodes) {
        return;
    }
    if (nodes.size() != m_nodes.size()) {
        beginResetModel();
        m_nodes = nodes;
        endResetModel();
        return;
    }
    m_nodes = nodes;
    emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int NodeModel::connected() const
{
    return static_cast<int>(
        std::ranges::count(m_nodes, LiveNode::State::Connected, &LiveNode::state));
}

int NodeModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_nodes.size());
}

int NodeModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString NodeModel::stateText(const LiveNode& node) const
{
    switch (node.state) {
    case LiveNode::State::Connecting:
        return tr("connecting");
    case LiveNode::State::Connected:
        return tr("connected");
    case LiveNode::State::Silent:
        return tr("silent");
    case LiveNode::State::Unreachable:
        return tr("not reached");
    case LiveNode::State::Ended:
        return tr("not running");
    case LiveNode::State::Refused:
        return tr("refused");
    }
    return {};
}

QString NodeModel::tip(const LiveNode& node) const
{
    QStringList lines;
    if (!node.why.empty()) {
        lines << q(node.why);
    }
    lines << (node.whyNoFaults.empty() ? tr("It may be disturbed.")
                                       : tr("No faults: %1").arg(q(node.whyNoFaults)));
    return lines.join(QLatin1Char('\n'));
}

QVariant NodeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const auto& node = m_nodes[static_cast<std::size_t>(index.row())];
    if (role == Qt::ToolTipRole) {
        return tip(node);
    }
    if (role == Qt::ForegroundRole && index.column() == State) {
        return m_theme.colour(inkOf(node.state));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (index.column()) {
    case Name:
        return q(node.name);
    case State:
        return stateText(node);
    case Address:
        return q(node.address);
    case Offset:
        return node.state == LiveNode::State::Connected ? q(toText(node.clockOffset)) : QString();
    default:
        return {};
    }
}

QVariant NodeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Node");
    case State:
        return tr("Connection");
    case Address:
        return tr("Address");
    case Offset:
        return tr("Clock ahead");
    default:
        return {};
    }
}

} // namespace lightcone::connecting
