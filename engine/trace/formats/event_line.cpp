#include "engine/trace/formats/event_line.h"

#include <fmt/format.h>

namespace lightcone::trace::formats {

namespace {

std::string ends(const Event& event, const Wording& wording)
{
    if (!event.node) {
        return {};
    }
    const auto node = wording.name(event.node);
    if (!event.peer) {
        return node;
    }
    const bool arrives = event.kind == Kind::Deliver || event.kind == Kind::Reply;
    return node + (arrives ? " <- " : " -> ") + wording.name(event.peer);
}

} // namespace

std::string eventLine(const Trace& trace, EventId id, const Wording& wording)
{
    const auto& event = trace[id];
    auto what = kindName(event.kind);
    for (const auto& part : {wording.detail(event), wording.tag(event), wording.whole(event)}) {
        what += part.empty() ? "" : " " + part;
    }
    return fmt::format("{:>7} {:>12}  {:<10}  {}{}", fmt::format("#{}", id.value), toText(event.at),
                       ends(event, wording), what,
                       event.cause ? fmt::format("  because #{}", event.cause.value) : "");
}

} // namespace lightcone::trace::formats
