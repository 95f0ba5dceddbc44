#pragma once

#include "engine/picture/drawing.h"
#include "views/theme/theme.h"

#include <QColor>
#include <QFont>
#include <QImage>

#include <array>
#include <map>
#include <tuple>

class QPainter;

namespace lightcone::theme {

/// Paints a drawing and decides nothing: colours and fonts are the theme's as they were when this
/// was made, positions are the drawing's. Used by one thread at a time, any thread.
class Painter
{
public:
    explicit Painter(const Theme& theme);

    /// The drawing at its own size, in the painter's coordinates.
    void paint(QPainter& painter, const picture::Drawing& drawing);

    /// The drawing on the ground colour, at so many pixels a unit.
    [[nodiscard]] QImage image(const picture::Drawing& drawing, double pixelRatio);

    [[nodiscard]] QColor colour(picture::Ink ink, double opacity = 1) const;

private:
    /// Lines of one look, drawn at once.
    using LineLook = std::tuple<picture::Ink, double, picture::Dash, double>;
    /// A small disc drawn once: fill, its opacity, radius, stroke, its width, scale.
    using DiscLook = std::tuple<int, double, double, int, double, double>;

    void paintLines(QPainter& painter, const picture::Drawing& drawing, std::size_t from,
                    std::size_t to);
    void paint(QPainter& painter, const picture::LineItem& line, double opacity);
    void paint(QPainter& painter, const picture::PathItem& path, double opacity);
    void paint(QPainter& painter, const picture::RectItem& rect, double opacity);
    void paint(QPainter& painter, const picture::EllipseItem& ellipse, double opacity);
    void paint(QPainter& painter, const picture::ArcItem& arc, double opacity);
    void paint(QPainter& painter, const picture::TextItem& text, double opacity);
    void paint(QPainter& painter, const picture::MarkItem& mark, double opacity);
    [[nodiscard]] QPen pen(const picture::Stroke& stroke, double opacity) const;
    [[nodiscard]] const QFont& font(picture::Typeface face, double size);

    std::array<QColor, picture::inkCount> m_colours;
    std::array<QFont, 3> m_faces;
    double m_pointsPerPixel = 0.75;
    std::map<std::pair<picture::Typeface, double>, QFont> m_fonts;
    /// A sign drawn once: which, in which ink, how large, how opaque, at which scale.
    using MarkLook = std::tuple<picture::Mark, picture::Ink, double, double, double>;
    std::map<DiscLook, QImage> m_discs;
    std::map<MarkLook, QImage> m_marks;
};

} // namespace lightcone::theme
