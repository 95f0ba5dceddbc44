#pragma once

#include "engine/core/dice.h"
#include "engine/core/ids.h"
#include "engine/trace/drawn_clients.h"

#include <cstdint>
#include <limits>
#include <random>

namespace lightcone::live {

/// The machine's own chance, which no run repeats: for seeds of real nodes and their clients.
inline std::uint64_t trueChance()
{
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

/// A client's id, at random so that two programs' clients are different ones to the cluster.
inline NodeId drawClient(Dice& dice)
{
    constexpr auto least = firstClient + trace::mostPlannedClients + 1;
    return NodeId(
        static_cast<std::uint32_t>(dice.between(least, std::numeric_limits<std::uint32_t>::max())));
}

} // namespace lightcone::live
