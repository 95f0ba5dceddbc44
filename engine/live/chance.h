#pragma once

#include <cstdint>
#include <random>

namespace lightcone::live {

/// The machine's own chance, which no run repeats: for seeds of real nodes and their clients.
inline std::uint64_t trueChance()
{
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

} // namespace lightcone::live
