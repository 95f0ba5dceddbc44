#pragma once

#include "engine/picture/drawing.h"
#include "engine/picture/palette.h"

#include <string>
#include <string_view>

namespace lightcone::picture {

/// The drawing as a standalone SVG 1.1 document on the palette's ground colour. The title is what a
/// reader hears.
std::string toSvg(const Drawing&, const Palette&, std::string_view title = {});

/// Widths as the fonts named in the SVG have them; letters beyond ASCII are estimated.
class SvgMeasure final : public TextMeasure
{
public:
    [[nodiscard]] double width(const std::string& text, Typeface, double size) const override;
};

} // namespace lightcone::picture
