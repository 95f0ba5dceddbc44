#pragma once

#include "engine/trace/event.h"

namespace lightcone::trace {

/// Where whoever makes events puts them. Numbers go up by one; the maker counts, so that a run can
/// go unrecorded.
class Sink
{
public:
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    virtual ~Sink() = default;

    /// id is the number of the event: one more than the last.
    virtual void record(EventId id, Event event) = 0;
};

} // namespace lightcone::trace
