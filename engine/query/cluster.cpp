#include "engine/query/cluster.h"

namespace lightcone::query {

namespace {

const describe::Value nothing;

} // namespace

RecordedCluster::RecordedCluster(const trace::ClusterState& state)
    : m_now(state.now)
{
    for (const auto& node : state.nodes) {
        if (!isClient(node.id)) {
            m_nodes.push_back(&node);
        }
    }
}

const describe::Value& RecordedCluster::field(std::size_t index, std::string_view name) const
{
    const auto* found = m_nodes[index]->state.find(name);
    return found != nullptr ? *found : nothing;
}

void RunningCluster::update(std::span<const node::Sight> sights, std::span<const bool> paused,
                            Instant now, NodeId stepped)
{
    m_now = now;
    m_rows.resize(sights.size());
    for (std::size_t i = 0; i < sights.size(); ++i) {
        auto& row = m_rows[i];
        if (!stepped || sights[i].id == stepped || sights[i].node != row.sight.node) {
            row.fields.clear();
        }
        row.sight = sights[i];
        row.paused = i < paused.size() && paused[i];
    }
}

trace::Life RunningCluster::life(std::size_t index) const
{
    const auto& row = m_rows[index];
    if (row.sight.up) {
        return row.paused ? trace::Life::Paused : trace::Life::Up;
    }
    return row.sight.node != nullptr ? trace::Life::Crashed : trace::Life::NotStarted;
}

const describe::Value& RunningCluster::field(std::size_t index, std::string_view name) const
{
    const auto& row = m_rows[index];
    if (row.sight.node == nullptr) {
        return nothing;
    }
    const auto known = row.fields.find(name);
    if (known != row.fields.end()) {
        return known->second;
    }
    return row.fields.emplace(std::string(name), row.sight.node->field(name)).first->second;
}

} // namespace lightcone::query
