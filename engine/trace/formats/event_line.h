#pragma once

#include "engine/trace/formats/wording.h"
#include "engine/trace/trace.h"

#include <string>

namespace lightcone::trace::formats {

/// An event in a line, for a terminal: "#812  437.02 ms  n4 <- n5  deliver Vote{term 3, granted}
/// because #805".
std::string eventLine(const Trace&, EventId, const Wording&);

} // namespace lightcone::trace::formats
