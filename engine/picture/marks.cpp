#include "engine/picture/marks.h"

namespace lightcone::picture {

namespace {

/// Draws in a square from -1 to 1 around the mark's centre.
class Sign
{
public:
    explicit Sign(const MarkItem& mark)
        : m_centre(mark.centre)
        , m_ink(mark.ink)
        , m_unit(mark.size / 2)
    {
        stroke();
    }

    void stroke(double width = 1.5) { stroke(width, m_ink); }
    void stroke(double width, Ink ink) { m_stroke = {ink, width}; }

    void badge()
    {
        m_shapes.push_back(
            EllipseItem{m_centre, m_unit, m_unit, {Ink::Ground}, true, {m_ink, 1.4}, true});
    }

    void line(double x1, double y1, double x2, double y2)
    {
        m_shapes.push_back(LineItem{at(x1, y1), at(x2, y2), m_stroke});
    }

    void circle(double x, double y, double r)
    {
        m_shapes.push_back(
            EllipseItem{at(x, y), r * m_unit, r * m_unit, {}, false, m_stroke, true});
    }

    void fill(std::initializer_list<Point> corners)
    {
        PathItem path;
        for (const auto& corner : corners) {
            path.points.push_back(at(corner.x, corner.y));
        }
        path.closed = true;
        path.fill = {m_ink};
        path.filled = true;
        path.stroke = {m_ink, 0};
        m_shapes.push_back(std::move(path));
    }

    void arc(double r, double from, double sweep)
    {
        m_shapes.push_back(ArcItem{m_centre, r * m_unit, from, sweep, m_stroke});
    }

    void box(double x, double y, double width, double height, double radius)
    {
        const auto corner = at(x, y);
        m_shapes.push_back(RectItem{{corner.x, corner.y, width * m_unit, height * m_unit},
                                    radius * m_unit,
                                    {},
                                    false,
                                    m_stroke,
                                    true});
    }

    void dot(double x, double y, double r) { dot(x, y, r, m_ink); }
    void dot(double x, double y, double r, Ink ink)
    {
        m_shapes.push_back(EllipseItem{at(x, y), r * m_unit, r * m_unit, {ink}});
    }

    std::vector<Shape> take() { return std::move(m_shapes); }

private:
    [[nodiscard]] Point at(double x, double y) const
    {
        return {m_centre.x + x * m_unit, m_centre.y + y * m_unit};
    }

    Point m_centre;
    Ink m_ink;
    double m_unit;
    Stroke m_stroke{};
    std::vector<Shape> m_shapes;
};

void cross(Sign& sign, double reach)
{
    sign.line(-reach, -reach, reach, reach);
    sign.line(-reach, reach, reach, -reach);
}

void scissors(Sign& sign)
{
    sign.badge();
    sign.stroke(1.1);
    sign.line(-0.25, 0.15, 0.42, -0.55);
    sign.line(0.25, 0.15, -0.42, -0.55);
    sign.circle(-0.3, 0.38, 0.2);
    sign.circle(0.3, 0.38, 0.2);
}

void turningArrow(Sign& sign)
{
    sign.badge();
    sign.stroke(1.4);
    sign.arc(0.5, 30, 270);
    sign.fill({{0.02, -0.78}, {0.5, -0.48}, {0.05, -0.16}});
}

void chain(Sign& sign)
{
    sign.badge();
    sign.stroke(1.3);
    sign.box(-0.66, -0.22, 0.74, 0.44, 0.22);
    sign.box(-0.08, -0.22, 0.74, 0.44, 0.22);
}

void bars(Sign& sign)
{
    sign.badge();
    sign.stroke(1.7);
    sign.line(-0.22, -0.38, -0.22, 0.38);
    sign.line(0.22, -0.38, 0.22, 0.38);
}

void waves(Sign& sign)
{
    sign.badge();
    sign.stroke(1.2);
    for (const double y : {-0.28, 0.05, 0.38}) {
        sign.line(-0.5, y, -0.17, y - 0.18);
        sign.line(-0.17, y - 0.18, 0.17, y);
        sign.line(0.17, y, 0.5, y - 0.18);
    }
}

void face(Sign& sign)
{
    sign.badge();
    sign.stroke(1.2);
    sign.line(0, 0, 0, -0.55);
    sign.line(0, 0, 0.4, 0.15);
}

void barrel(Sign& sign)
{
    sign.badge();
    sign.stroke(1.1);
    sign.box(-0.42, -0.5, 0.84, 1.0, 0.18);
    sign.line(-0.42, -0.15, 0.42, -0.15);
    sign.line(-0.42, 0.18, 0.42, 0.18);
}

void speech(Sign& sign, bool question)
{
    sign.stroke(1.2);
    sign.box(-0.85, -0.75, 1.7, 1.15, 0.3);
    sign.fill({{-0.45, 0.38}, {-0.45, 0.9}, {0.05, 0.38}});
    if (question) {
        sign.stroke(1.2);
        sign.line(-0.18, -0.4, 0.18, -0.4);
        sign.line(0.18, -0.4, 0.0, -0.12);
        sign.dot(0, 0.16, 0.11);
    } else {
        sign.stroke(1.0);
        sign.line(-0.45, -0.35, 0.45, -0.35);
        sign.line(-0.45, 0.0, 0.2, 0.0);
    }
}

void hand(Sign& sign)
{
    sign.badge();
    sign.stroke(1.5);
    sign.line(-0.45, 0, 0.45, 0);
    sign.line(0.45, -0.35, 0.45, 0.35);
}

} // namespace

std::vector<Shape> shapesOf(const MarkItem& mark)
{
    Sign sign(mark);
    switch (mark.mark) {
    case Mark::Crash:
        sign.badge();
        sign.stroke(1.6);
        cross(sign, 0.36);
        return sign.take();
    case Mark::Death:
        sign.stroke(1.7);
        cross(sign, 0.75);
        return sign.take();
    case Mark::Restart:
        turningArrow(sign);
        return sign.take();
    case Mark::Pause:
        bars(sign);
        return sign.take();
    case Mark::Resume:
        sign.badge();
        sign.fill({{-0.28, -0.45}, {0.5, 0}, {-0.28, 0.45}});
        return sign.take();
    case Mark::Cut:
        scissors(sign);
        return sign.take();
    case Mark::Heal:
        chain(sign);
        return sign.take();
    case Mark::Rule:
        hand(sign);
        return sign.take();
    case Mark::Link:
        waves(sign);
        return sign.take();
    case Mark::Clock:
        face(sign);
        return sign.take();
    case Mark::Disk:
        barrel(sign);
        return sign.take();
    case Mark::Say:
        speech(sign, false);
        return sign.take();
    case Mark::Ask:
        speech(sign, true);
        return sign.take();
    case Mark::Held:
        sign.stroke(1.8);
        sign.line(-0.6, 0.05, -0.15, 0.5);
        sign.line(-0.15, 0.5, 0.65, -0.5);
        return sign.take();
    case Mark::Failed:
        sign.badge();
        sign.stroke(1.6);
        cross(sign, 0.36);
        return sign.take();
    case Mark::Violation:
        sign.fill({{0, -0.95}, {1.0, 0.85}, {-1.0, 0.85}});
        sign.stroke(1.6, Ink::Ground);
        sign.line(0, -0.3, 0, 0.2);
        sign.dot(0, 0.55, 0.13, Ink::Ground);
        return sign.take();
    case Mark::Act:
        sign.fill({{-0.4, -0.7}, {0.6, 0.25}, {0.1, 0.3}, {-0.05, 0.75}});
        return sign.take();
    case Mark::Gap:
        sign.badge();
        sign.dot(-0.42, 0, 0.14);
        sign.dot(0, 0, 0.14);
        sign.dot(0.42, 0, 0.14);
        return sign.take();
    case Mark::Pointer:
        sign.fill({{-1, -1}, {1, -1}, {0, 0.7}});
        return sign.take();
    case Mark::Star:
        sign.fill({{0, -0.8}, {0.8, 0}, {0, 0.8}, {-0.8, 0}});
        return sign.take();
    }
    return sign.take();
}

} // namespace lightcone::picture
