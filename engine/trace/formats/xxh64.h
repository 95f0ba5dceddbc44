#pragma once

#include "engine/core/bytes.h"

#include <cstdint>

namespace lightcone::trace::formats {

/// The 64-bit xxHash (Collet, specification 0.1.1): finds damage, not malice.
std::uint64_t xxh64(BytesView, std::uint64_t seed = 0);

} // namespace lightcone::trace::formats
