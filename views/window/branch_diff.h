#pragma once

#include "engine/describe/diff.h"
#include "engine/session/session.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace lightcone::window {

/// What a branch came to, in numbers.
struct Tally
{
    std::uint64_t events = 0;
    std::uint64_t sent = 0;
    std::uint64_t dropped = 0;
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
    std::uint64_t crashes = 0;
    std::uint64_t violations = 0;
    Instant now{};
};

Tally tallyOf(const session::Branch& branch);

/// The first event that is not the same in both; none when one is a beginning of the other, or both
/// are the same.
EventId firstDifference(const session::Snapshot& snapshot, const session::Branch& one,
                        const session::Branch& other);

/// How one node ended in the two branches.
struct NodeDiff
{
    NodeId node;
    trace::Life one = trace::Life::NotStarted;
    trace::Life other = trace::Life::NotStarted;
    std::vector<describe::Change> changes;
};

/// Nodes that ended alike are left out.
std::vector<NodeDiff> diffOf(const trace::ClusterState& one, const trace::ClusterState& other);

} // namespace lightcone::window
