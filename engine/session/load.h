#pragma once

#include "engine/core/error.h"
#include "engine/session/scenario.h"
#include "engine/sim/actions.h"

namespace lightcone::session {

struct Plan;

/// What a `load` line asks for: clients that ask again and again, about keys and of kinds that its
/// own dice choose. The error names the setting and what was expected.
Result<sim::Action> loadOf(const Load&, const Plan&);

} // namespace lightcone::session
