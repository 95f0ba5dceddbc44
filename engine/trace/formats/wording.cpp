#include "engine/trace/formats/wording.h"

#include "engine/describe/described.h"
#include "engine/node/effects.h"

#include <algorithm>
#include <fmt/format.h>

namespace lightcone::trace::formats {

namespace {

/// The enumerator of that number; the number where there is none.
template <class Enum>
std::string named(std::uint8_t detail)
{
    const auto& shape = *describe::shapeOf<Enum>();
    return detail < shape.enumerators.size() ? shape.enumerators[detail].name
                                             : std::to_string(detail);
}

} // namespace

Wording::Wording(const About& about)
    : m_about(&about)
    , m_names(about.names())
{
}

std::string Wording::detail(const Event& event) const
{
    switch (event.kind) {
    case Kind::Send:
    case Kind::Deliver:
    case Kind::Duplicate:
        return named<Channel>(event.detail);
    case Kind::Drop:
        return named<DropReason>(event.detail);
    case Kind::Crash:
        return named<CrashReason>(event.detail);
    case Kind::Write:
        return named<node::Sync>(event.detail);
    case Kind::Reply:
        return named<node::Answer>(event.detail);
    case Kind::Cut:
    case Kind::Heal:
        return named<Direction>(event.detail);
    case Kind::Rule:
        return event.detail == 1 ? "came" : "went";
    case Kind::Expect:
        return event.detail == 1 ? "held" : "failed";
    case Kind::Note:
        return isNotJudged(event) ? "not judged" : "";
    default:
        return {};
    }
}

std::string Wording::brief(const Event& event) const
{
    if (!event.payload) {
        return {};
    }
    return isText(event) ? whole(event) : describe::brief(event.payload->describe(), m_names);
}

std::string Wording::whole(const Event& event) const
{
    if (!event.payload) {
        return {};
    }
    const auto value = event.payload->describe();
    const auto* text = isText(event) ? value.find("text") : nullptr;
    return text != nullptr ? text->asText() : describe::toText(value, m_names);
}

bool Wording::isText(const Event& event)
{
    return event.payload && event.payload->shape()->name == describe::shapeOf<node::Text>()->name;
}

std::string Wording::request(const Event& event) const
{
    return event.request ? fmt::format("{}#{}", name(event.request.client), event.request.sequence)
                         : std::string{};
}

std::string Wording::tag(const Event& event) const
{
    const auto& card = m_about->card;
    if (event.kind == Kind::Timer) {
        return event.tag < card.timers.size() ? card.timers[event.tag]
                                              : fmt::format("timer {}", event.tag);
    }
    if (event.kind == Kind::Violation || isNotJudged(event)) {
        return event.tag < card.invariants.size() ? card.invariants[event.tag].name
                                                  : fmt::format("invariant {}", event.tag);
    }
    return {};
}

std::string Wording::aboutMessage(const Event& event) const
{
    const auto what = brief(event);
    const auto peer = name(event.peer);
    switch (event.kind) {
    case Kind::Send:
        return fmt::format("sends {} to {}", what, peer);
    case Kind::Deliver:
        return fmt::format("receives {} from {}", what, peer);
    case Kind::Drop:
        return fmt::format("{} to {} dies: {}", what, peer, detail(event));
    case Kind::Duplicate:
        return fmt::format("{} to {} is doubled", what, peer);
    case Kind::Request:
        return fmt::format("asks {}: {}", peer, what);
    default:
        return what.empty() ? fmt::format("operation ends: {}", detail(event))
                            : fmt::format("hears from {}: {} ({})", peer, what, detail(event));
    }
}

std::string Wording::aboutWorld(const Event& event) const
{
    const auto what = brief(event);
    const bool oneWay = event.detail == static_cast<std::uint8_t>(Direction::OneWay);
    switch (event.kind) {
    case Kind::Cut:
        return fmt::format("link to {} is cut{}", name(event.peer), oneWay ? " one way" : "");
    case Kind::Heal:
        return fmt::format("link to {} carries again{}", name(event.peer),
                           oneWay ? " one way" : "");
    case Kind::Rule:
        return fmt::format("rule {}: {}", detail(event), what);
    case Kind::Link:
        return fmt::format("link to {} changes: {}", name(event.peer), what);
    case Kind::Clock:
        return fmt::format("clock changes: {}", what);
    case Kind::Disk:
        return fmt::format("disk changes: {}", what);
    case Kind::Expect:
        return fmt::format("expectation {}: {}", detail(event), what);
    case Kind::Violation:
        return fmt::format("breaks {}: {}", tag(event), what);
    case Kind::Gap:
        return fmt::format("events are missing here: {}", what);
    default:
        return isNotJudged(event)
            ? fmt::format("not judged from here on: {} ({})", tag(event), what)
            : what; // Note, Act, Say, Ask
    }
}

std::string Wording::sentence(const Event& event) const
{
    switch (event.kind) {
    case Kind::Start:
        return "starts";
    case Kind::Crash:
        return fmt::format("crashes ({})", detail(event));
    case Kind::Restart:
        return "restarts";
    case Kind::Pause:
        return "is paused";
    case Kind::Resume:
        return "goes on";
    case Kind::Timer:
        return fmt::format("{} runs out", tag(event));
    case Kind::Write:
        return fmt::format("writes {}", brief(event));
    case Kind::Sync:
        return "has its writes on disk";
    case Kind::Send:
    case Kind::Deliver:
    case Kind::Drop:
    case Kind::Duplicate:
    case Kind::Request:
    case Kind::Reply:
        return aboutMessage(event);
    default:
        return aboutWorld(event);
    }
}

std::string kindName(Kind kind)
{
    return named<Kind>(static_cast<std::uint8_t>(kind));
}

Excerpt bounded(Excerpt excerpt)
{
    const EventId end(excerpt.trace->size());
    excerpt.first = std::max(excerpt.first, EventId(1));
    excerpt.last = excerpt.last ? std::min(excerpt.last, end) : end;
    return excerpt;
}

} // namespace lightcone::trace::formats
