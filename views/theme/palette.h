#pragma once

#include "engine/core/error.h"
#include "engine/picture/drawing.h"

#include <QByteArray>
#include <QColor>

#include <array>

namespace lightcone::theme {

/// Which of the two sets of colours.
enum class Shade : std::uint8_t { Dark, Light };

/// The colours of one shade by meaning. They come from resources/theme/tokens.json; nothing else
/// names a colour.
class Palette
{
public:
    /// The error names the token that is missing or is no colour.
    static Result<Palette> read(const QByteArray& json, Shade shade);

    [[nodiscard]] QColor colour(picture::Ink ink) const;

    /// As a token names an ink: "ground", "muted"; empty for the epochs, which are mixed, and
    /// for the owners, which are a list.
    [[nodiscard]] static QString tokenOf(picture::Ink ink);

private:
    std::array<QColor, picture::inkCount> m_colours{};
};

/// `share` of `over` on `under`: what a translucent colour looks like, but opaque.
QColor mix(const QColor& under, const QColor& over, double share);

/// How well text of one colour reads on the other: 1 to 21 (WCAG 2.1, contrast ratio).
double contrast(const QColor& one, const QColor& other);

} // namespace lightcone::theme
