#pragma once

#include "engine/core/error.h"
#include "engine/picture/drawing.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace lightcone::picture {

enum class Shade : std::uint8_t { Dark, Light };

struct Rgb
{
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    friend bool operator==(const Rgb&, const Rgb&) = default;
};

/// Inks as colours, for what is written without a window.
struct Palette
{
    std::array<Rgb, inkCount> colours{};

    [[nodiscard]] Rgb of(Ink ink) const { return colours[static_cast<std::size_t>(ink)]; }

    /// From the text of resources/theme/tokens.json. The error names the token that is missing or
    /// is no colour.
    static Result<Palette> read(std::string_view tokens, Shade shade);
};

} // namespace lightcone::picture
