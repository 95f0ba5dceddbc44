#pragma once

#include "engine/core/ids.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace lightcone::trace {

/// A plan numbers its clients from 1. Clients of real nodes know nothing of each other, and draw
/// numbers beyond this one.
constexpr std::uint32_t mostPlannedClients = 4096;

constexpr bool isDrawn(NodeId client)
{
    return client.value > firstClient + mostPlannedClients;
}

/// The clients of a trace that have drawn their numbers, in the order in which they came: people
/// call them c1, c2, … For any thread.
class DrawnClients
{
public:
    void add(NodeId);

    /// From 1; 0 where it has not come.
    [[nodiscard]] std::uint32_t placeOf(NodeId) const;

    /// None where there are not so many.
    [[nodiscard]] NodeId at(std::uint32_t place) const;

    [[nodiscard]] std::uint32_t count() const;

private:
    mutable std::mutex m_mutex;
    std::map<NodeId, std::uint32_t> m_places;
    std::vector<NodeId> m_clients;
};

} // namespace lightcone::trace
