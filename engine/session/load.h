#pragma once

#include "engine/core/error.h"
#include "engine/describe/text.h"
#include "engine/live/load.h"
#include "engine/node/protocol.h"
#include "engine/session/scenario.h"
#include "engine/sim/actions.h"

#include <string>
#include <vector>

namespace lightcone::session {

struct Plan;

/// What a `load` line asks for: clients that ask again and again, about keys and of kinds that its
/// own dice choose. The error names the setting and what was expected.
Result<sim::Action> loadOf(const Load&, const Plan&);

/// The same words for a load on real nodes: as fast as they answer where no rate is given. Keys
/// that are texts begin with that prefix. The error is one sentence without a place.
Result<live::LoadPlan> liveLoadOf(const std::vector<Setting>&, const node::Protocol&,
                                  const describe::NodeNames&, const std::string& keyPrefix = "k");

} // namespace lightcone::session
