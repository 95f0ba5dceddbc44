#include "engine/picture/timeline_svg.h"

#include "engine/picture/svg.h"
#include "engine/picture/timeline.h"

#include <algorithm>
#include <cmath>

namespace lightcone::picture {

Result<std::string> timelineSvg(const trace::TracePtr& trace, const SvgOptions& wanted)
{
    TimelineIndex index(trace);
    index.grow();
    if (index.size() == 0) {
        return fail("there is nothing to draw: the run has no events");
    }
    const auto first = wanted.first ? wanted.first : EventId(1);
    const auto last =
        wanted.last ? std::min(wanted.last, EventId(index.size())) : EventId(index.size());
    if (first > last) {
        return fail("there is nothing to draw: the run has " + std::to_string(index.size())
                    + " events, and the part begins with event " + std::to_string(first.value));
    }
    const SvgMeasure measure;
    TimelineOptions options;
    options.lanes = allLanes(index);
    options.showCursor = false;
    options.cursor = (*trace)[last].at;
    Scale scale;
    scale.gutter = gutterFor(index, options, measure);
    const auto events = static_cast<double>(last.value - first.value + 1);
    scale.width = wanted.width > 0
        ? wanted.width
        : std::clamp(std::round(scale.gutter + 5 * events), 900.0, 4000.0);
    const auto lanes = static_cast<double>(options.lanes.size());
    scale.height = wanted.height > 0 ? wanted.height : 46 + lanes * (lanes > 24 ? 30 : 58);
    const auto from = wanted.first ? (*trace)[first].at : Instant{};
    scale = scale.fitted(from, std::max((*trace)[last].at, from + Duration(1)));
    const auto drawing = timeline(index, scale, options, measure);
    const auto& title = trace->about().card.title;
    return Result<std::string>(
        boost::system::in_place_value,
        toSvg(drawing, wanted.palette, title.empty() ? "Timeline" : title + ", timeline"));
}

} // namespace lightcone::picture
