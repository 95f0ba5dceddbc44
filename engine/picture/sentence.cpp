#include "engine/picture/sentence.h"

#include "engine/core/time.h"
#include "engine/describe/value.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>

namespace lightcone::picture {

namespace {

using describe::Value;
using trace::Kind;

/// A note begins with what the node does ("votes for n1", "must propose 3"), or else with somebody
/// or something else.
bool saysWhatItDoes(const trace::About& about, std::string_view note)
{
    const auto word = note.substr(0, note.find_first_of(" ,:"));
    const auto isName = [&](const node::Member& member) { return member.name == word; };
    if (std::ranges::any_of(about.members, isName)
        || std::ranges::find(about.clients, word) != about.clients.end()) {
        return false;
    }
    constexpr std::array<std::string_view, 4> others{"can", "cannot", "may", "must"};
    return word.ends_with('s') || std::ranges::find(others, word) != others.end();
}

Duration durationIn(const Value& record, std::string_view field)
{
    const auto* value = record.find(field);
    return value != nullptr && value->kind() == describe::ShapeKind::Duration ? value->asDuration()
                                                                              : Duration{};
}

double numberIn(const Value& record, std::string_view field)
{
    const auto* value = record.find(field);
    return value != nullptr && value->isNumber() ? value->asReal() : 0;
}

std::string_view kindIn(const Value& record)
{
    const auto* value = record.find("kind");
    return value != nullptr && value->kind() == describe::ShapeKind::Enum ? value->name()
                                                                          : std::string_view{};
}

void append(std::string& text, const std::string& word)
{
    text += (text.empty() ? "" : " ") + word;
}

std::string clockText(const Value& clock)
{
    const auto offset = durationIn(clock, "offset");
    const auto rate = numberIn(clock, "rate");
    std::string text;
    if (offset != Duration{} || rate == 1) {
        append(text,
               std::string("skew=") + (offset < Duration{} ? "" : "+") + toScenarioText(offset));
    }
    if (rate != 1) {
        append(text, fmt::format("drift={:.4g}", rate));
    }
    return text;
}

std::string diskText(const Value& disk)
{
    const auto kind = kindIn(disk);
    if (kind == "slow") {
        const auto latency = durationIn(disk, "latency");
        return "slow="
            + (latency != Duration{} ? toScenarioText(latency)
                                     : fmt::format("{:.4g}", numberIn(disk, "factor")));
    }
    if (kind == "forgetful") {
        return fmt::format("forgets={:.0f}", numberIn(disk, "writes"));
    }
    return kind == "healthy" ? "ok" : std::string(kind);
}

std::string latencyText(const Value& model)
{
    const auto kind = kindIn(model);
    const auto typical = toScenarioText(durationIn(model, "typical"));
    if (kind == "uniform") {
        return typical + ".." + toScenarioText(durationIn(model, "high"));
    }
    if (kind == "exponential") {
        return "exp " + typical;
    }
    return kind == "longTailed" ? fmt::format("long {} {:.4g}", typical, numberIn(model, "sigma"))
                                : typical;
}

std::string linkText(const Value& link)
{
    std::string text;
    if (const auto* latency = link.find("latency")) {
        append(text, "latency=" + latencyText(*latency));
    }
    for (const auto* chance : {"loss", "duplicate", "reorder"}) {
        if (const auto share = numberIn(link, chance); share > 0) {
            append(text, fmt::format("{}={:.4g}%", chance, share * 100));
        }
    }
    return text;
}

} // namespace

std::string noteOf(const trace::About& about, NodeId node, std::string_view note)
{
    if (!node) {
        return std::string(note);
    }
    return fmt::format("{}{}{}", about.nameOf(node), saysWhatItDoes(about, note) ? " " : " · ",
                       note);
}

std::string conditionOf(const trace::Event& event)
{
    if (!event.payload) {
        return {};
    }
    switch (event.kind) {
    case Kind::Clock:
        return clockText(event.payload->describe());
    case Kind::Disk:
        return diskText(event.payload->describe());
    case Kind::Link:
        return linkText(event.payload->describe());
    default:
        return {};
    }
}

} // namespace lightcone::picture
