#include "views/theme/marks.h"

#include <QPainter>
#include <QPainterPath>

namespace lightcone::theme {

using picture::Mark;

namespace {

/// Draws in a square from -1 to 1 around the mark's centre.
class Sign
{
public:
    Sign(QPainter& painter, const picture::MarkItem& mark, const QColor& ink, const QColor& ground)
        : m_painter(painter)
        , m_ink(ink)
        , m_ground(ground)
        , m_unit(mark.size / 2)
    {
        painter.save();
        painter.translate(mark.centre.x, mark.centre.y);
    }
    Sign(const Sign&) = delete;
    Sign& operator=(const Sign&) = delete;
    ~Sign() { m_painter.restore(); }

    void stroke(double width = 1.5)
    {
        m_painter.setPen(QPen(m_ink, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        m_painter.setBrush(Qt::NoBrush);
    }

    void badge()
    {
        m_painter.setPen(QPen(m_ink, 1.4));
        m_painter.setBrush(m_ground);
        m_painter.drawEllipse(QPointF(0, 0), m_unit, m_unit);
    }

    void line(double x1, double y1, double x2, double y2)
    {
        m_painter.drawLine(QPointF(x1 * m_unit, y1 * m_unit), QPointF(x2 * m_unit, y2 * m_unit));
    }

    void circle(double x, double y, double r)
    {
        m_painter.drawEllipse(QPointF(x * m_unit, y * m_unit), r * m_unit, r * m_unit);
    }

    void fill(std::initializer_list<QPointF> corners)
    {
        QPolygonF polygon;
        for (const auto& corner : corners) {
            polygon.append(corner * m_unit);
        }
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(m_ink);
        m_painter.drawPolygon(polygon);
    }

    /// Degrees against the clock from three o'clock.
    void arc(double r, int from, int sweep)
    {
        const QRectF box(-r * m_unit, -r * m_unit, 2 * r * m_unit, 2 * r * m_unit);
        m_painter.drawArc(box, from * 16, sweep * 16);
    }

    void box(double x, double y, double width, double height, double radius)
    {
        m_painter.drawRoundedRect(QRectF(x * m_unit, y * m_unit, width * m_unit, height * m_unit),
                                  radius * m_unit, radius * m_unit);
    }

    void dot(double x, double y, double r)
    {
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(m_ink);
        circle(x, y, r);
    }

private:
    QPainter& m_painter;
    QColor m_ink;
    QColor m_ground;
    double m_unit;
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
    sign.arc(0.5, 60, 270);
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

void warning(Sign& sign)
{
    sign.fill({{0, -0.95}, {1.0, 0.85}, {-1.0, 0.85}});
}

} // namespace

void paintMark(QPainter& painter, const picture::MarkItem& mark, const QColor& ink,
               const QColor& ground)
{
    Sign sign(painter, mark, ink, ground);
    switch (mark.mark) {
    case Mark::Crash:
        sign.badge();
        sign.stroke(1.6);
        cross(sign, 0.36);
        return;
    case Mark::Death:
        sign.stroke(1.7);
        cross(sign, 0.75);
        return;
    case Mark::Restart:
        return turningArrow(sign);
    case Mark::Pause:
        return bars(sign);
    case Mark::Resume:
        sign.badge();
        sign.fill({{-0.28, -0.45}, {0.5, 0}, {-0.28, 0.45}});
        return;
    case Mark::Cut:
        return scissors(sign);
    case Mark::Heal:
        return chain(sign);
    case Mark::Rule:
        return hand(sign);
    case Mark::Link:
        return waves(sign);
    case Mark::Clock:
        return face(sign);
    case Mark::Disk:
        return barrel(sign);
    case Mark::Say:
        return speech(sign, false);
    case Mark::Ask:
        return speech(sign, true);
    case Mark::Held:
        sign.stroke(1.8);
        sign.line(-0.6, 0.05, -0.15, 0.5);
        sign.line(-0.15, 0.5, 0.65, -0.5);
        return;
    case Mark::Failed:
        sign.badge();
        sign.stroke(1.6);
        cross(sign, 0.36);
        return;
    case Mark::Violation: {
        warning(sign);
        painter.setPen(QPen(ground, 1.6));
        const double unit = mark.size / 2;
        painter.drawLine(QPointF(0, -0.3 * unit), QPointF(0, 0.25 * unit));
        painter.drawPoint(QPointF(0, 0.58 * unit));
        return;
    }
    case Mark::Act:
        sign.fill({{-0.4, -0.7}, {0.6, 0.25}, {0.1, 0.3}, {-0.05, 0.75}});
        return;
    case Mark::Gap:
        sign.badge();
        sign.dot(-0.42, 0, 0.14);
        sign.dot(0, 0, 0.14);
        sign.dot(0.42, 0, 0.14);
        return;
    case Mark::Pointer:
        sign.fill({{-1, -1}, {1, -1}, {0, 0.7}});
        return;
    case Mark::Star:
        sign.fill({{0, -0.8}, {0.8, 0}, {0, 0.8}, {-0.8, 0}});
        return;
    }
}

} // namespace lightcone::theme
