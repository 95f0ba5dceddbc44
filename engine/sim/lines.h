#pragma once

#include "engine/describe/text.h"
#include "engine/sim/actions.h"
#include "engine/sim/conditions.h"

#include <span>
#include <string>

namespace lightcone::sim {

/// The line of a scenario that stands for the action: "crash n3", "partition {n1 n2} {n3 n4 n5}".
/// timers: their names, as the protocol's card gives them. A Load and a Remark have no line of one
/// act's own: a sentence in brackets stands for them.
std::string toLine(const Action&, const describe::NodeNames&, std::span<const std::string> timers);

/// "rule hold Vote from n3", "rule delay 5ms any to n2 times 3 chance 0.2".
std::string toLine(const Rule&, const describe::NodeNames&);

} // namespace lightcone::sim
