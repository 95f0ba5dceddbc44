#pragma once

#include "engine/describe/diff.h"
#include "engine/trace/state.h"

#include <vector>

namespace lightcone::window {

/// How one node differs between two moments, of branches or of runs.
struct NodeDiff
{
    NodeId node;
    trace::Life one = trace::Life::NotStarted;
    trace::Life other = trace::Life::NotStarted;
    std::vector<describe::Change> changes;
};

/// Nodes that are alike, or that only one of them has, are left out.
std::vector<NodeDiff> diffOf(const trace::ClusterState& one, const trace::ClusterState& other);

} // namespace lightcone::window
