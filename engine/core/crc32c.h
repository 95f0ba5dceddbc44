#pragma once

#include "engine/core/bytes.h"

#include <cstdint>

namespace lightcone {

/// The Castagnoli checksum (RFC 3720, appendix B.4) of the bytes, going on from that of what was
/// before them. Finds every burst of damage of up to 32 bits; not for adversaries.
std::uint32_t crc32c(BytesView bytes, std::uint32_t before = 0);

} // namespace lightcone
