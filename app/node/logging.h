#pragma once

#include "app/node/settings.h"
#include "engine/live/log.h"

namespace lightcone::node_program {

/// Log lines on stderr, as text (time, level, what, key=value …) or one JSON object a line.
live::Log openLog(const Settings&);

} // namespace lightcone::node_program
