#pragma once

#include "engine/protocols/raft/command.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>

namespace lightcone::protocols::raft {

/// The largest number that a majority of these nodes has reached; 0 of no nodes.
template <class Function>
std::uint64_t agreedAmong(const NodeSet& nodes, const Function& reachedBy)
{
    boost::container::small_vector<std::uint64_t, 8> reached;
    for (const auto node : nodes) {
        reached.push_back(reachedBy(node));
    }
    std::sort(reached.begin(), reached.end(), std::greater<>());
    return reached.empty() ? 0 : reached[reached.size() / 2];
}

/// The same under a configuration; in joint consensus of both majorities (§4.3).
template <class Function>
std::uint64_t agreed(const Configuration& configuration, const Function& reachedBy)
{
    const auto byNew = agreedAmong(configuration.voters, reachedBy);
    return configuration.joint() ? std::min(byNew, agreedAmong(configuration.oldVoters, reachedBy))
                                 : byNew;
}

inline bool isMajority(const Configuration& configuration, const NodeSet& nodes)
{
    return agreed(configuration, [&](NodeId node) { return nodes.contains(node) ? 1U : 0U; }) == 1;
}

} // namespace lightcone::protocols::raft
