#include "engine/picture/palette.h"

#include <boost/json.hpp>

#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace lightcone::picture {

namespace {

constexpr std::array<std::string_view, 14> tokenNames{
    "ground",   "panel",  "raised", "line", "text", "muted",  "faint",
    "selected", "cursor", "calm",   "good", "bad",  "strong", "busy"};

/// The share of a lane's tint over the ground.
constexpr double tint = 0.35;

std::optional<Rgb> parseColour(std::string_view text)
{
    if (text.size() != 7 || text[0] != '#') {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(text.data() + 1, text.data() + text.size(), number, 16);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return Rgb{static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
               static_cast<std::uint8_t>(number)};
}

Rgb mix(Rgb under, Rgb over)
{
    const auto channel = [](std::uint8_t below, std::uint8_t above) {
        return static_cast<std::uint8_t>(std::lround(below + (above - below) * tint));
    };
    return {channel(under.red, over.red), channel(under.green, over.green),
            channel(under.blue, over.blue)};
}

} // namespace

Result<Palette> Palette::read(std::string_view tokens, Shade shade)
{
    boost::system::error_code problem;
    const auto document = boost::json::parse(tokens, problem);
    if (problem) {
        return fail("the colours are not JSON: " + problem.message());
    }
    const std::string name = shade == Shade::Dark ? "dark" : "light";
    const auto* object = document.if_object();
    const auto* set = object != nullptr ? object->if_contains(name) : nullptr;
    if (set == nullptr || !set->is_object()) {
        return fail("the colours have no set named \"" + name + "\"");
    }
    Palette palette;
    for (std::size_t i = 0; i < tokenNames.size(); ++i) {
        const auto* value = set->get_object().if_contains(tokenNames[i]);
        const auto* text = value != nullptr ? value->if_string() : nullptr;
        const auto colour = text != nullptr ? parseColour(*text) : std::nullopt;
        if (!colour) {
            return fail("the colour " + name + "." + std::string(tokenNames[i])
                        + " is missing or not like #0F131A");
        }
        palette.colours[i] = *colour;
    }
    const auto ground = palette.of(Ink::Ground);
    const std::array steps{Ink::Calm, Ink::Strong, Ink::Busy, Ink::Good};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        palette.colours[static_cast<std::size_t>(Ink::Epoch0) + i] =
            mix(ground, palette.of(steps[i]));
    }
    const auto* owners = set->get_object().if_contains("owners");
    const auto* list = owners != nullptr ? owners->if_array() : nullptr;
    for (std::size_t i = 0; i < ownerInks; ++i) {
        const auto* text = list != nullptr && i < list->size() ? (*list)[i].if_string() : nullptr;
        const auto colour = text != nullptr ? parseColour(*text) : std::nullopt;
        if (!colour) {
            return fail("the colour " + name + ".owners[" + std::to_string(i)
                        + "] is missing or not like #0F131A");
        }
        palette.colours[static_cast<std::size_t>(Ink::Owner0) + i] = *colour;
    }
    return palette;
}

} // namespace lightcone::picture
