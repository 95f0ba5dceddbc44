#include "engine/picture/svg.h"

#include "engine/picture/marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace lightcone::picture {

namespace {

constexpr double dim = 0.22;

/// Hundredths of a pixel are fine enough, and the same on every machine.
std::string number(double value)
{
    if (!std::isfinite(value)) {
        return "0";
    }
    auto text = fmt::format("{:.2f}", value);
    while (text.back() == '0') {
        text.pop_back();
    }
    if (text.back() == '.') {
        text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

/// Text for XML; control characters that XML 1.0 cannot carry become a replacement sign.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char each : text) {
        switch (each) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            if (static_cast<unsigned char>(each) < 0x20 && each != '\t' && each != '\n') {
                out += "\xEF\xBF\xBD";
            } else {
                out += each;
            }
        }
    }
    return out;
}

class Writer
{
public:
    explicit Writer(const Palette& palette)
        : m_palette(palette)
    {
    }

    void write(const Shape& shape, double opacity)
    {
        m_opacity = opacity;
        std::visit([this](const auto& each) { put(each); }, shape);
    }

    std::string take() { return std::move(m_out); }
    void raw(std::string_view text) { m_out += text; }

    [[nodiscard]] std::string hex(Ink ink) const
    {
        const auto rgb = m_palette.of(ink);
        return fmt::format("#{:02X}{:02X}{:02X}", rgb.red, rgb.green, rgb.blue);
    }

private:
    [[nodiscard]] std::string share(std::string_view name, double opacity) const
    {
        const double whole = opacity * m_opacity;
        return whole < 0.995 ? fmt::format(" {}=\"{}\"", name, number(whole)) : std::string();
    }

    [[nodiscard]] std::string line(const Stroke& stroke) const
    {
        auto text = fmt::format(" stroke=\"{}\" stroke-width=\"{}\"", hex(stroke.ink),
                                number(stroke.width));
        if (stroke.dash == Dash::Dashed) {
            text += " stroke-dasharray=\"4 4\"";
        } else if (stroke.dash == Dash::Dotted) {
            text += " stroke-dasharray=\"1.5 3\"";
        }
        return text + share("stroke-opacity", stroke.opacity);
    }

    [[nodiscard]] std::string area(const Fill& fill, bool filled) const
    {
        return filled
            ? fmt::format(" fill=\"{}\"", hex(fill.ink)) + share("fill-opacity", fill.opacity)
            : std::string(" fill=\"none\"");
    }

    void put(const LineItem& item)
    {
        auto to = item.to;
        if (item.arrow) {
            to = head(item);
        }
        m_out +=
            fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", number(item.from.x),
                        number(item.from.y), number(to.x), number(to.y), line(item.stroke));
    }

    /// Writes the arrow's head; gives where its shaft ends.
    Point head(const LineItem& item)
    {
        const double dx = item.to.x - item.from.x;
        const double dy = item.to.y - item.from.y;
        const double length = std::hypot(dx, dy);
        if (length < 2) {
            return item.to;
        }
        const double reach = std::min(8.0 + item.stroke.width, length);
        const double half = 2.4 + item.stroke.width / 2;
        const double ux = dx / length;
        const double uy = dy / length;
        const Point base{item.to.x - ux * reach, item.to.y - uy * reach};
        m_out += fmt::format("<path d=\"M{} {}L{} {}L{} {}Z\" fill=\"{}\"{}/>\n", number(item.to.x),
                             number(item.to.y), number(base.x - uy * half),
                             number(base.y + ux * half), number(base.x + uy * half),
                             number(base.y - ux * half), hex(item.stroke.ink),
                             share("fill-opacity", std::min(1.0, item.stroke.opacity + 0.1)));
        return base;
    }

    void put(const PathItem& item)
    {
        std::string points;
        for (const auto& point : item.points) {
            points += fmt::format("{}{} {}", points.empty() ? 'M' : 'L', number(point.x),
                                  number(point.y));
        }
        m_out += fmt::format("<path d=\"{}{}\"{}{}/>\n", points, item.closed ? "Z" : "",
                             area(item.fill, item.filled),
                             item.stroke.width > 0 ? line(item.stroke) : std::string());
    }

    void put(const RectItem& item)
    {
        const auto round =
            item.radius > 0 ? fmt::format(" rx=\"{}\"", number(item.radius)) : std::string();
        m_out += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}{}{}/>\n", number(item.rect.x),
            number(item.rect.y), number(std::max(0.0, item.rect.width)),
            number(std::max(0.0, item.rect.height)), round, area(item.fill, item.filled),
            item.stroked ? line(item.stroke) : std::string());
    }

    void put(const EllipseItem& item)
    {
        m_out += fmt::format("<ellipse cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\"{}{}/>\n",
                             number(item.centre.x), number(item.centre.y), number(item.rx),
                             number(item.ry), area(item.fill, item.filled),
                             item.stroked ? line(item.stroke) : std::string());
    }

    void put(const ArcItem& item)
    {
        if (std::abs(item.sweep) >= 359.9) {
            put(EllipseItem{item.centre, item.radius, item.radius, {}, false, item.stroke, true});
            return;
        }
        const auto at = [&](double degrees) {
            const double angle = degrees * 3.14159265358979323846 / 180;
            return Point{item.centre.x + item.radius * std::sin(angle),
                         item.centre.y - item.radius * std::cos(angle)};
        };
        const auto from = at(item.from);
        const auto to = at(item.from + item.sweep);
        m_out += fmt::format("<path d=\"M{} {}A{} {} 0 {} {} {} {}\" fill=\"none\"{}/>\n",
                             number(from.x), number(from.y), number(item.radius),
                             number(item.radius), std::abs(item.sweep) > 180 ? 1 : 0,
                             item.sweep > 0 ? 1 : 0, number(to.x), number(to.y), line(item.stroke));
    }

    void put(const TextItem& item)
    {
        const bool data = item.face == Typeface::Data;
        const std::string_view family = data
            ? "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"
            : "Inter, 'Noto Sans', 'Noto Sans CJK SC', 'Segoe UI', Helvetica, sans-serif";
        const std::string_view anchor = item.align == Align::Left ? ""
            : item.align == Align::Centre                         ? " text-anchor=\"middle\""
                                                                  : " text-anchor=\"end\"";
        m_out += fmt::format(
            "<text x=\"{}\" y=\"{}\" font-family=\"{}\" font-size=\"{}\"{}{}{} fill=\"{}\"{}>{}"
            "</text>\n",
            number(item.at.x), number(item.at.y), family, number(item.size),
            item.face == Typeface::UiBold ? " font-weight=\"600\"" : "", anchor,
            item.struck ? " text-decoration=\"line-through\"" : "", hex(item.ink),
            share("fill-opacity", item.opacity), escaped(item.text));
    }

    void put(const MarkItem& item)
    {
        for (const auto& shape : shapesOf(item)) {
            std::visit([this](const auto& each) { put(each); }, shape);
        }
    }

    const Palette& m_palette;
    std::string m_out;
    double m_opacity = 1;
};

/// Thousandths of an em, from the space to the tilde.
using Widths = std::array<std::uint16_t, 95>;

constexpr Widths regular{
    281, 278, 403, 631, 638, 812, 639, 222, 362, 362, 500, 659, 280, 460, 276, 357, 625, 464, 605,
    636, 642, 608, 624, 571, 616, 624, 276, 280, 659, 659, 659, 507, 936, 676, 651, 727, 719, 598,
    587, 743, 740, 264, 543, 652, 562, 889, 753, 761, 635, 761, 639, 638, 642, 741, 676, 949, 642,
    665, 625, 362, 357, 362, 469, 452, 497, 564, 621, 558, 621, 582, 361, 609, 591, 237, 237, 544,
    237, 869, 585, 597, 609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362, 327, 362, 659};
constexpr Widths bold{
    248, 309, 396, 643, 649, 844, 663, 213, 393, 393, 543, 673, 295, 466, 290, 379, 667, 481,  621,
    652, 666, 632, 648, 587, 646, 648, 290, 295, 673, 673, 673, 544, 999, 724, 657, 744, 724,  608,
    586, 755, 744, 275, 561, 677, 566, 906, 741, 775, 643, 776, 651, 649, 660, 734, 724, 1007, 690,
    705, 653, 393, 379, 393, 481, 468, 497, 575, 630, 577, 630, 593, 377, 625, 613, 261, 261,  569,
    261, 898, 610, 608, 625, 625, 397, 549, 380, 608, 576, 837, 562, 576, 562, 393, 358, 393,  673};

} // namespace

std::string toSvg(const Drawing& drawing, const Palette& palette, std::string_view title)
{
    Writer writer(palette);
    writer.raw(fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\"{2}>\n",
        number(drawing.width), number(drawing.height), title.empty() ? "" : " role=\"img\""));
    if (!title.empty()) {
        writer.raw("<title>" + escaped(title) + "</title>\n");
    }
    writer.raw(fmt::format("<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
                           writer.hex(Ink::Ground)));
    for (const auto& item : drawing.items) {
        writer.write(item.shape, item.dimmed ? dim : 1);
    }
    writer.raw("</svg>\n");
    return writer.take();
}

double SvgMeasure::width(const std::string& text, Typeface face, double size) const
{
    double sum = 0;
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        if ((byte & 0xC0U) == 0x80U) {
            continue;
        }
        if (byte >= 0xE3) {
            sum += 1000; // mostly Chinese, Japanese, Korean
        } else if (face == Typeface::Data) {
            sum += 600;
        } else if (byte < 32 || byte > 126) {
            sum += 640;
        } else {
            const auto& widths = face == Typeface::UiBold ? bold : regular;
            sum += widths[static_cast<std::size_t>(byte - 32)];
        }
    }
    return sum * size / 1000;
}

} // namespace lightcone::picture
