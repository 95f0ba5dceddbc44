#pragma once

#include "engine/trace/trace.h"

#include <string>

namespace lightcone::trace {

/// An event in a line, for terminals and golden texts: "#812  437.02 ms  n4 <- n5  deliver
/// Vote{term 3, granted}  because #805".
std::string eventLine(const Trace&, EventId);

/// What its detail says in a word ("lost", "forced", "oneWay"); empty where it says nothing.
std::string detailWord(const Event&);

} // namespace lightcone::trace
