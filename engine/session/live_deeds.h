#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/disturbance.h"
#include "engine/session/plan.h"
#include "engine/sim/actions.h"

#include <optional>
#include <string>
#include <vector>

namespace lightcone::session {

/// What a line means for real nodes.
struct LiveDeed
{
    enum class Kind { Disturb, Crash, Restart, Request };
    Kind kind = Kind::Disturb;
    std::vector<NodeId> targets{}; ///< who must be told
    bool anyone = false; ///< one of them who is told is enough
    live::Disturbance what{};
    node::PayloadPtr request{};
    NodeId only{}; ///< of a request: that node and no other
};

/// The error is the reason why that cannot be done to real nodes.
Result<LiveDeed> liveDeed(const sim::Action&, const Plan&);

} // namespace lightcone::session
