#pragma once

#include "engine/core/bytes.h"
#include "engine/trace/lanes.h"

#include <memory>

namespace lightcone::trace::formats {

/// The lane changes up to an event as the bytes of a Lanes block.
Bytes encodeLanes(const LaneTrack&, EventId last);

/// Those up to an event; nullptr for bytes that are no lanes.
std::shared_ptr<LaneTrack> decodeLanes(BytesView, EventId last);

} // namespace lightcone::trace::formats
