#pragma once

#include "engine/core/ids.h"
#include "engine/describe/shape.h"
#include "engine/trace/state.h"

#include <map>
#include <string>

namespace lightcone::trace {

/// Where a state of that shape says what part of the whole falls on each node: a map by node to
/// records with a field of Facet::Share. "backends.share"; empty where it says nothing of the kind.
std::string shareIn(const describe::ShapePtr& state);

/// What part falls on each node, from 0 to 1, as the states of nodes that are up say it: in the
/// mean, where several do. Who has given nobody anything yet is not heard.
std::map<NodeId, double> sharesOf(const ClusterState&);

} // namespace lightcone::trace
