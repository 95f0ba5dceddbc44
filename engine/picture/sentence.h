#pragma once

#include "engine/core/ids.h"
#include "engine/trace/trace.h"

#include <string>
#include <string_view>

namespace lightcone::picture {

/// What a node noted, with the node that did: "n1 votes for n2 in term 3" where it says what the
/// node does, "n1 · n2 does not answer" where it speaks of something else.
std::string noteOf(const trace::About&, NodeId, std::string_view note);

/// What became of a clock, a disk or a link, in the words of the language for doing
/// ("skew=-400ms", "slow=90ms", "latency=40ms loss=20%"); empty for other events.
std::string conditionOf(const trace::Event&);

} // namespace lightcone::picture
