#include "views/window/node_diff.h"

#include <utility>

namespace lightcone::window {

std::vector<NodeDiff> diffOf(const trace::ClusterState& one, const trace::ClusterState& other)
{
    std::vector<NodeDiff> diffs;
    for (const auto& node : one.nodes) {
        const auto* there = other.node(node.id);
        if (there == nullptr) {
            continue;
        }
        NodeDiff diff;
        diff.node = node.id;
        diff.one = node.life;
        diff.other = there->life;
        if (node.state.exists() && there->state.exists()) {
            diff.changes = describe::diff(node.state, there->state);
        }
        if (diff.one != diff.other || !diff.changes.empty()) {
            diffs.push_back(std::move(diff));
        }
    }
    return diffs;
}

} // namespace lightcone::window
