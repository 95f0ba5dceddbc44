#pragma once

#include "engine/core/error.h"
#include "engine/picture/palette.h"
#include "engine/trace/trace.h"

#include <string>

namespace lightcone::picture {

struct SvgOptions
{
    Palette palette{}; ///< from Palette::read()
    double width = 0; ///< 0: as wide as the run asks for, 900 to 4,000
    double height = 0; ///< 0: as high as the lanes ask for
    EventId first{}; ///< none: from the beginning
    EventId last{}; ///< none: to the end
};

/// The timeline of a run as a standalone SVG: all lanes, the whole run or a stretch of it. The same
/// run and options give the same bytes on every machine. An error when the trace has no events, or
/// none in that stretch.
Result<std::string> timelineSvg(const trace::TracePtr&, const SvgOptions&);

} // namespace lightcone::picture
