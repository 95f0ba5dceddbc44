#pragma once

#include "engine/core/hash.h"
#include "engine/trace/trace.h"

#include <array>
#include <cstdint>
#include <optional>

namespace lightcone::trace {

/// The fingerprint of a run, event by event: every field of every event and the bytes of every
/// payload. The same plan, seed and scenario give the same one on every machine and build.
class TraceHasher
{
public:
    void add(const Event&);
    [[nodiscard]] std::uint64_t value() const { return m_hasher.value(); }

private:
    [[nodiscard]] std::uint64_t hashOf(const node::PayloadPtr&);

    /// A message's payload comes again when it is delivered: those met lately are not encoded
    /// twice.
    struct Known
    {
        node::PayloadPtr payload;
        std::uint64_t hash = 0;
    };

    Hasher m_hasher;
    std::array<Known, 256> m_known;
    Bytes m_bytes;
};

/// Of the events 1 … last.
std::uint64_t traceHash(const Trace&, EventId last);
std::uint64_t traceHash(const Trace&);

/// The number of the first event that differs between two traces as far as they are asked for: also
/// one that only one of them has. Nothing when they are identical.
std::optional<EventId> firstDifference(const Trace&, EventId last, const Trace&, EventId otherLast);

} // namespace lightcone::trace
