#pragma once

#include "engine/core/error.h"
#include "engine/trace/formats/watch.h"
#include "engine/trace/state_source.h"
#include "engine/trace/trace.h"

#include <functional>
#include <ostream>
#include <span>
#include <string_view>

namespace lightcone::trace::formats {

/// What of a run is to be written.
struct Excerpt
{
    const Trace* trace = nullptr;
    const StateSource* states = nullptr; ///< where known; some formats show more with it
    EventId first{1};
    EventId last{}; ///< none: to the end
    std::function<bool(EventId, const Event&)> where{}; ///< empty: all of them
    Watch watch{};
};

/// A way to write a run for another program. All stream: memory does not grow with the text.
struct Format
{
    std::string_view name; ///< as --to takes it: "shiviz"
    std::string_view extension; ///< without the dot
    std::string_view text; ///< one sentence: who reads it
    Result<void> (*write)(const Excerpt&, std::ostream&);
};

/// Every format of this folder that is written and not read, by name.
std::span<const Format> formats();

/// nullptr when there is none of that name.
const Format* findFormat(std::string_view name);

} // namespace lightcone::trace::formats
