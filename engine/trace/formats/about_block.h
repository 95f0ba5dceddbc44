#pragma once

#include "engine/core/bytes.h"
#include "engine/describe/shape.h"
#include "engine/trace/trace.h"

#include <optional>

namespace lightcone::trace::formats {

/// What a trace is of, with the types that it needs, as the bytes of an About block. Adds the
/// card's types to the table first, so that they come with it.
Bytes encodeAbout(const About&, describe::ShapeTable&);

struct ReadAbout
{
    About about;
    describe::ShapeTable shapes;
};

/// Skips what a newer build added. Nothing when the bytes are not an About block's.
std::optional<ReadAbout> decodeAbout(BytesView);

} // namespace lightcone::trace::formats
