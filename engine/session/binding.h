#pragma once

#include "engine/core/error.h"
#include "engine/describe/text.h"
#include "engine/node/protocol.h"
#include "engine/query/cluster.h"
#include "engine/session/plan.h"
#include "engine/session/scenario.h"
#include "engine/sim/world.h"

#include <string>
#include <vector>

namespace lightcone::session {

/// What words mean at one moment of a run. Without a cluster only whether they mean anything at
/// all is found out: roles and queries then stand for no node yet.
struct Bearings
{
    const Plan* plan = nullptr;
    const query::Cluster* cluster = nullptr;
    const std::vector<std::string>* ruleNames = nullptr; ///< of the world's rules, in order
};

/// The action that a line's act stands for.
Result<sim::Action> actionOf(const Act&, const Bearings&);

/// The request of those words: "put x 1".
Result<node::PayloadPtr> requestOf(const Piece& words, const Plan&);
Result<node::PayloadPtr> requestOf(const Piece& words, const node::Protocol&,
                                   const describe::NodeNames&);

} // namespace lightcone::session
