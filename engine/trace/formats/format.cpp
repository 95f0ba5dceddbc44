#include "engine/trace/formats/format.h"

#include "engine/trace/formats/writers.h"

#include <algorithm>
#include <array>

namespace lightcone::trace::formats {

std::span<const Format> formats()
{
    static constexpr std::array all{
        Format{"chrome", "json",
               "Chrome trace for Perfetto: a process per node, arrows for messages.", writeChrome},
        Format{"csv", "csv", "A row per event for spreadsheets (RFC 4180).", writeCsv},
        Format{"json", "json", "Everything, for programs; documented and stable.", writeJson},
        Format{"mermaid", "mmd", "A sequence diagram for documents.", writeMermaid},
        Format{"shiviz", "log", "A log with vector clocks for ShiViz, in its default format.",
               writeShiviz},
    };
    return all;
}

const Format* findFormat(std::string_view name)
{
    const auto all = formats();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Format& format) { return format.name == name; });
    return found != all.end() ? &*found : nullptr;
}

} // namespace lightcone::trace::formats
