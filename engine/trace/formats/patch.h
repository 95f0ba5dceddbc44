#pragma once

#include "engine/core/bytes.h"

namespace lightcone::trace::formats {

/// Appends what turns `before` into `after`: few bytes where few places differ.
/// Format: the size of the result as varint; then, until it is reached, how many bytes to copy from
/// where we are in `before`, how many to skip there after that, and a text to insert.
void makePatch(BytesView before, BytesView after, Bytes& patch);

/// Replaces `after` by the result. The reader fails on a patch that does not fit.
void applyPatch(BytesView before, ByteReader& patch, Bytes& after);

} // namespace lightcone::trace::formats
