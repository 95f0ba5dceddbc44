#include "engine/picture/drawing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lightcone::picture {

Ink inkOf(describe::Tone tone)
{
    switch (tone) {
    case describe::Tone::Neutral:
        return Ink::Muted;
    case describe::Tone::Calm:
        return Ink::Calm;
    case describe::Tone::Strong:
        return Ink::Strong;
    case describe::Tone::Busy:
        return Ink::Busy;
    case describe::Tone::Good:
        return Ink::Good;
    case describe::Tone::Bad:
        return Ink::Bad;
    }
    return Ink::Muted;
}

Ink epochInk(std::uint64_t epoch)
{
    return static_cast<Ink>(static_cast<unsigned>(Ink::Epoch0) + static_cast<unsigned>(epoch % 4));
}

bool Rect::contains(Point point) const
{
    return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

bool Rect::overlaps(const Rect& other) const
{
    return x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height;
}

Rect Rect::grown(double by) const
{
    return {x - by, y - by, width + 2 * by, height + 2 * by};
}

namespace {

constexpr double nowhere = std::numeric_limits<double>::infinity();

double distance(Point a, Point b)
{
    return std::hypot(a.x - b.x, a.y - b.y);
}

double toSegment(Point point, Point from, Point to)
{
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    const double length = dx * dx + dy * dy;
    if (length == 0) {
        return distance(point, from);
    }
    const double along = ((point.x - from.x) * dx + (point.y - from.y) * dy) / length;
    const double share = std::clamp(along, 0.0, 1.0);
    return distance(point, {from.x + share * dx, from.y + share * dy});
}

double toRect(Point point, const Rect& rect)
{
    const double dx = std::max({rect.x - point.x, 0.0, point.x - rect.x - rect.width});
    const double dy = std::max({rect.y - point.y, 0.0, point.y - rect.y - rect.height});
    return std::hypot(dx, dy);
}

/// How far a point is from what is painted; 0 inside of it.
struct Distance
{
    Point point;

    double operator()(const LineItem& line) const
    {
        return std::max(0.0, toSegment(point, line.from, line.to) - line.stroke.width / 2);
    }

    double operator()(const PathItem& path) const
    {
        double nearest = path.points.size() == 1 ? distance(point, path.points[0]) : nowhere;
        for (std::size_t i = 1; i < path.points.size(); ++i) {
            nearest = std::min(nearest, toSegment(point, path.points[i - 1], path.points[i]));
        }
        if (path.closed && path.points.size() > 2) {
            nearest = std::min(nearest, toSegment(point, path.points.back(), path.points[0]));
        }
        return std::max(0.0, nearest - path.stroke.width / 2);
    }

    double operator()(const RectItem& rect) const { return toRect(point, rect.rect); }

    double operator()(const EllipseItem& ellipse) const
    {
        if (ellipse.rx <= 0 || ellipse.ry <= 0) {
            return distance(point, ellipse.centre);
        }
        const double away = std::hypot((point.x - ellipse.centre.x) / ellipse.rx,
                                       (point.y - ellipse.centre.y) / ellipse.ry);
        return std::max(0.0, (away - 1) * std::min(ellipse.rx, ellipse.ry));
    }

    double operator()(const ArcItem& arc) const
    {
        return std::max(0.0, distance(point, arc.centre) - arc.radius - arc.stroke.width / 2);
    }

    double operator()(const TextItem& text) const
    {
        const double width = 0.56 * text.size * static_cast<double>(text.text.size());
        double left = text.at.x;
        if (text.align != Align::Left) {
            left -= text.align == Align::Centre ? width / 2 : width;
        }
        return toRect(point, {left, text.at.y - text.size, width, text.size * 1.3});
    }

    double operator()(const MarkItem& mark) const
    {
        return std::max(0.0, distance(point, mark.centre) - mark.size / 2);
    }
};

} // namespace

Subject Drawing::hit(Point point, double slack) const
{
    Subject nearest;
    double best = nowhere;
    for (auto item = items.rbegin(); item != items.rend(); ++item) {
        if (item->subject.kind == Subject::Kind::None) {
            continue;
        }
        const double away = std::visit(Distance{point}, item->shape);
        const bool area = !std::holds_alternative<LineItem>(item->shape)
            && !std::holds_alternative<PathItem>(item->shape);
        if (away == 0 && area) {
            // What lies above and only just beside the point was meant, not what lies below.
            return best <= slack ? nearest : item->subject;
        }
        if (away <= slack && away < best) {
            best = away;
            nearest = item->subject;
        }
    }
    return nearest;
}

} // namespace lightcone::picture
