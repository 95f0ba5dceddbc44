#pragma once

#include "engine/protocols/load_balancer/hashing.h"
#include "engine/protocols/load_balancer/parameters.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::load_balancer {

enum class Tier : std::uint8_t { Agents, Balancers, Backends };

/// Who is who and where, from the parameters: agents first, then balancers, then backends.
struct Plan
{
    std::vector<NodeId> agents;
    std::vector<NodeId> balancers;
    std::vector<NodeId> backends;
    std::vector<std::uint32_t> weights; ///< of backends, before anybody changes them
    std::vector<std::string> regions; ///< each once; agents and balancers are dealt out over them
    Ring ring; ///< empty where the algorithm needs none

    /// The parameters are valid ones.
    explicit Plan(const Parameters&);

    [[nodiscard]] Tier tierOf(NodeId node) const;

    /// Its place within its tier, from 0.
    [[nodiscard]] std::size_t placeOf(NodeId node) const;

    /// "a1", "lb1", "b1".
    [[nodiscard]] std::string nameOf(NodeId node) const;

    /// The agent that a client's requests go to.
    [[nodiscard]] NodeId homeOf(NodeId client) const;

    /// The place of a node's region among regions; 0 where there are none.
    [[nodiscard]] std::size_t regionOf(NodeId node) const;

    /// All regions by their distance from that one, itself first; ties as they are listed.
    [[nodiscard]] const std::vector<std::size_t>& nearestTo(std::size_t region) const
    {
        return m_nearest[region];
    }

private:
    void placeRegions(const Parameters&);

    std::vector<std::size_t> m_backendRegions;
    std::vector<std::vector<std::size_t>> m_nearest;
};

} // namespace lightcone::protocols::load_balancer
