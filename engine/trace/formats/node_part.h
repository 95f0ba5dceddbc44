#pragma once

#include "engine/core/bytes.h"
#include "engine/describe/shape.h"
#include "engine/trace/state.h"
#include "engine/trace/trace.h"

#include <cstdint>
#include <vector>

namespace lightcone::trace::formats {

/// A node's state as a States block keeps it: README.md in this folder.
void encodeNode(const NodeState&, Instant now, const Trace&, std::uint64_t shapeCode,
                BytesView state, Bytes& out);

struct ReadNode
{
    NodeState node; ///< without `id`, `state` and `lastStep`
    describe::ShapePtr shape;
    BytesView state;
};

/// The reader fails on bytes that are no node's.
ReadNode decodeNode(ByteReader&, Instant now, const Trace&, const std::vector<describe::ShapePtr>&);

void encodeLinks(const std::vector<LinkState>&, Bytes& out);
std::vector<LinkState> decodeLinks(ByteReader&);

void encodeRules(const std::vector<std::string>&, Bytes& out);
std::vector<std::string> decodeRules(ByteReader&);

} // namespace lightcone::trace::formats
