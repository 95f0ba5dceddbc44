#include "engine/trace/event_text.h"

#include "engine/describe/described.h"
#include "engine/describe/text.h"
#include "engine/node/effects.h"

#include <fmt/format.h>

namespace lightcone::trace {

namespace {

template <class Enum>
std::string enumeratorWord(std::uint8_t detail)
{
    const auto& names = describe::shapeOf<Enum>()->enumerators;
    return detail < names.size() ? names[detail].name : std::string{};
}

std::string payloadText(const Trace& trace, const Event& event)
{
    if (!event.payload) {
        return {};
    }
    if (const auto* text = node::payloadIf<node::Text>(event.payload.get())) {
        return text->text;
    }
    const auto value = event.payload->describe();
    const auto* text = event.payload->name() == "Text" ? value.find("text") : nullptr;
    return text != nullptr ? text->asText() : describe::toText(value, trace.about().names());
}

std::string ends(const Trace& trace, const Event& event)
{
    if (!event.node) {
        return {};
    }
    const auto node = trace.about().nameOf(event.node);
    if (!event.peer) {
        return node;
    }
    const bool arrives = event.kind == Kind::Deliver || event.kind == Kind::Reply;
    return node + (arrives ? " <- " : " -> ") + trace.about().nameOf(event.peer);
}

/// The timer's name; the card of an unknown protocol may not have it.
std::string timerName(const Trace& trace, const Event& event)
{
    const auto& timers = trace.about().card.timers;
    return event.tag < timers.size() ? timers[event.tag] : std::to_string(event.tag);
}

} // namespace

std::string detailWord(const Event& event)
{
    switch (event.kind) {
    case Kind::Crash:
        return enumeratorWord<CrashReason>(event.detail);
    case Kind::Drop:
        return enumeratorWord<DropReason>(event.detail);
    case Kind::Write:
        return enumeratorWord<node::Sync>(event.detail);
    case Kind::Reply:
        return enumeratorWord<node::Answer>(event.detail);
    case Kind::Cut:
    case Kind::Heal:
        return enumeratorWord<Direction>(event.detail);
    case Kind::Expect:
        return event.detail != 0 ? "held" : "failed";
    default:
        return {};
    }
}

std::string eventLine(const Trace& trace, EventId id)
{
    const auto& event = trace[id];
    std::string what = describe::nameOf(event.kind);
    for (const auto& part :
         {detailWord(event),
          event.kind == Kind::Timer && !isClient(event.node) ? timerName(trace, event)
                                                             : std::string{},
          payloadText(trace, event)}) {
        what += part.empty() ? "" : " " + part;
    }
    return fmt::format("{:>7} {:>12}  {:<10}  {}{}", fmt::format("#{}", id.value), toText(event.at),
                       ends(trace, event), what,
                       event.cause ? fmt::format("  because #{}", event.cause.value) : "");
}

} // namespace lightcone::trace
