#pragma once

#include "engine/check/monitor.h"
#include "engine/core/ids.h"
#include "engine/session/session.h"

namespace lightcone::session {

/// How an invariant stands as a person sees it who has been shown the events up to that one.
Check checkOf(const checking::Verdict&, EventId shown);

} // namespace lightcone::session
