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

/// The most that a level or a badge's number in the nodes' states ever was (lag, a queue, retries,
/// what was lost, how long nobody served), and at whom.
struct Highest
{
    std::string path; ///< "lagTime"
    bool time = false; ///< in nanoseconds
    double most = 0;
    NodeId node{}; ///< none: it was never above zero
    friend bool operator==(const Highest&, const Highest&) = default;
};

/// What only the states know of a run.
struct OfStates
{
    std::vector<Standing> standings{};
    std::vector<Highest> levels{};
};

/// Standings of each list that a badge or whom a node waits for is made of, and all levels; of
/// members that were up. Of a long run some thousand moments stand for what is between them.
OfStates ofStates(const trace::Trace&, const trace::StateSource&, EventId last);

} // namespace lightcone::measure
