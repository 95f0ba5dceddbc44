#pragma once

#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <string>
#include <vector>

namespace lightcone::measure {

/// How long the elements of a list in the nodes' states stood there, one with the other: locks that
/// were held, transactions in doubt, nodes waited for.
struct Standing
{
    std::string path; ///< "locks"
    Duration time{}; ///< two elements for 10 ms are 20 ms
    friend bool operator==(const Standing&, const Standing&) = default;
};

/// Of each list that a badge or whom a node waits for is made of, of all members that were up. Of a
/// long run some thousand moments stand for what is between them.
std::vector<Standing> standingsOf(const trace::Trace&, const trace::StateSource&, EventId last);

} // namespace lightcone::measure
