#include "views/theme/painter.h"

#include "engine/picture/marks.h"

#include <QFontMetricsF>
#include <QPaintEngine>
#include <QPainter>
#include <QSemaphore>
#include <QThread>
#include <QThreadPool>

#include <algorithm>
#include <cmath>
#include <functional>

namespace lightcone::theme {

using namespace picture;

namespace {

/// What is dimmed keeps this share of its colour.
constexpr double dim = 0.22;

Qt::PenStyle styleOf(Dash dash)
{
    switch (dash) {
    case Dash::Dashed:
        return Qt::CustomDashLine;
    case Dash::Dotted:
        return Qt::DotLine;
    case Dash::Solid:
        break;
    }
    return Qt::SolidLine;
}

QRectF toQt(const Rect& rect)
{
    return {rect.x, rect.y, rect.width, rect.height};
}

QPointF toQt(Point point)
{
    return {point.x, point.y};
}

/// Whether images of small things serve as well as themselves: not on paper.
bool onPixels(const QPainter& painter)
{
    return painter.paintEngine()->type() == QPaintEngine::Raster;
}

/// Adds the triangle at the line's end; gives where the shaft ends.
QPointF addHead(QVector<QPointF>& heads, const LineItem& line)
{
    const double dx = line.to.x - line.from.x;
    const double dy = line.to.y - line.from.y;
    const double length = std::hypot(dx, dy);
    if (length < 2) {
        return toQt(line.to);
    }
    const double reach = std::min(8.0 + line.stroke.width, length);
    const double half = 2.4 + line.stroke.width / 2;
    const double ux = dx / length;
    const double uy = dy / length;
    const QPointF tip = toQt(line.to);
    const QPointF base(tip.x() - ux * reach, tip.y() - uy * reach);
    heads << tip << QPointF(base.x() - uy * half, base.y() + ux * half)
          << QPointF(base.x() + uy * half, base.y() - ux * half);
    return base;
}

/// Does it on a thread of Qt's pool and waits. Painted elsewhere, every translucent or smoothed
/// shape taller than some ninety pixels would be shared out among that pool, at several times the
/// cost of filling it.
void onPool(const std::function<void()>& work)
{
    auto& pool = *QThreadPool::globalInstance();
    if (pool.contains(QThread::currentThread())) {
        work();
        return;
    }
    QSemaphore done;
    pool.start([&] {
        work();
        done.release();
    });
    done.acquire();
}

} // namespace

Painter::Painter(const Theme& theme)
{
    for (std::size_t i = 0; i < picture::inkCount; ++i) {
        m_colours[i] = theme.colour(static_cast<Ink>(i));
    }
    for (const auto face : {Typeface::Ui, Typeface::UiBold, Typeface::Data}) {
        m_faces[static_cast<std::size_t>(face)] = theme.font(face, Type::body);
    }
    m_pointsPerPixel = m_faces[0].pointSizeF() / Type::body;
}

QColor Painter::colour(Ink ink, double opacity) const
{
    auto colour = m_colours[static_cast<std::size_t>(ink)];
    colour.setAlphaF(static_cast<float>(colour.alphaF() * opacity));
    return colour;
}

QPen Painter::pen(const Stroke& stroke, double opacity) const
{
    QPen pen(colour(stroke.ink, stroke.opacity * opacity), stroke.width, styleOf(stroke.dash),
             Qt::FlatCap);
    if (stroke.dash == Dash::Dashed) {
        pen.setDashPattern({4 / stroke.width, 4 / stroke.width});
    }
    return pen;
}

const QFont& Painter::font(Typeface face, double size)
{
    const auto known = m_fonts.find({face, size});
    if (known != m_fonts.end()) {
        return known->second;
    }
    auto font = m_faces[static_cast<std::size_t>(face)];
    // Only points can be fractions.
    font.setPointSizeF(size * m_pointsPerPixel);
    return m_fonts.emplace(std::pair{face, size}, font).first->second;
}

QImage Painter::image(const Drawing& drawing, double pixelRatio)
{
    const QSize size(std::max(1, static_cast<int>(std::ceil(drawing.width * pixelRatio))),
                     std::max(1, static_cast<int>(std::ceil(drawing.height * pixelRatio))));
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(pixelRatio);
    image.fill(colour(Ink::Ground));
    onPool([&] {
        QPainter painter(&image);
        paint(painter, drawing);
    });
    return image;
}

void Painter::paint(QPainter& painter, const Drawing& drawing)
{
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& items = drawing.items;
    for (std::size_t i = 0; i < items.size();) {
        if (std::holds_alternative<LineItem>(items[i].shape)) {
            auto end = i + 1;
            while (end < items.size() && std::holds_alternative<LineItem>(items[end].shape)) {
                ++end;
            }
            paintLines(painter, drawing, i, end);
            i = end;
            continue;
        }
        const double opacity = items[i].dimmed ? dim : 1;
        std::visit([&](const auto& shape) { paint(painter, shape, opacity); }, items[i].shape);
        ++i;
    }
}

void Painter::paintLines(QPainter& painter, const Drawing& drawing, std::size_t from,
                         std::size_t to)
{
    struct Batch
    {
        QVector<QLineF> lines;
        QVector<QPointF> heads; ///< three corners each
    };
    std::map<LineLook, Batch> batches;
    for (auto i = from; i < to; ++i) {
        const auto& line = std::get<LineItem>(drawing.items[i].shape);
        const double opacity = line.stroke.opacity * (drawing.items[i].dimmed ? dim : 1);
        auto& batch = batches[{line.stroke.ink, line.stroke.width, line.stroke.dash, opacity}];
        const auto end = line.arrow ? addHead(batch.heads, line) : toQt(line.to);
        batch.lines.append(QLineF(toQt(line.from), end));
    }
    for (const auto& [look, batch] : batches) {
        const auto& [ink, width, dash, opacity] = look;
        painter.setPen(pen({ink, width, dash, opacity}, 1));
        painter.drawLines(batch.lines);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(ink, std::min(1.0, opacity + 0.1)));
        for (qsizetype i = 0; i + 2 < batch.heads.size(); i += 3) {
            painter.drawConvexPolygon(batch.heads.constData() + i, 3);
        }
    }
}

void Painter::paint(QPainter& painter, const PathItem& path, double opacity)
{
    QPolygonF points;
    for (const auto& point : path.points) {
        points.append(toQt(point));
    }
    painter.setPen(path.stroke.width > 0 ? pen(path.stroke, opacity) : QPen(Qt::NoPen));
    painter.setBrush(path.filled ? QBrush(colour(path.fill.ink, path.fill.opacity * opacity))
                                 : QBrush(Qt::NoBrush));
    if (path.closed) {
        painter.drawPolygon(points);
    } else {
        painter.drawPolyline(points);
    }
}

void Painter::paint(QPainter& painter, const RectItem& rect, double opacity)
{
    if (rect.filled && !rect.stroked && rect.radius == 0) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.fillRect(toQt(rect.rect), colour(rect.fill.ink, rect.fill.opacity * opacity));
        painter.setRenderHint(QPainter::Antialiasing, true);
        return;
    }
    painter.setPen(rect.stroked ? pen(rect.stroke, opacity) : QPen(Qt::NoPen));
    painter.setBrush(rect.filled ? QBrush(colour(rect.fill.ink, rect.fill.opacity * opacity))
                                 : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(toQt(rect.rect), rect.radius, rect.radius);
}

void Painter::paint(QPainter& painter, const EllipseItem& ellipse, double opacity)
{
    const auto draw = [&](QPainter& on, QPointF centre) {
        on.setPen(ellipse.stroked ? pen(ellipse.stroke, opacity) : QPen(Qt::NoPen));
        on.setBrush(ellipse.filled
                        ? QBrush(colour(ellipse.fill.ink, ellipse.fill.opacity * opacity))
                        : QBrush(Qt::NoBrush));
        on.drawEllipse(centre, ellipse.rx, ellipse.ry);
    };
    if (ellipse.rx != ellipse.ry || ellipse.rx > 8 || !onPixels(painter)) {
        draw(painter, toQt(ellipse.centre));
        return;
    }
    // Small discs come by the thousand: an image of each look is drawn once.
    const double ratio = painter.device()->devicePixelRatioF();
    const double extent = std::ceil(ellipse.rx + ellipse.stroke.width + 1);
    auto& disc = m_discs[{ellipse.filled ? static_cast<int>(ellipse.fill.ink) : -1,
                          ellipse.fill.opacity * opacity, ellipse.rx,
                          ellipse.stroked ? static_cast<int>(ellipse.stroke.ink) : -1,
                          ellipse.stroke.width * 16 + ellipse.stroke.opacity * opacity, ratio}];
    if (disc.isNull()) {
        const int side = static_cast<int>(std::ceil(2 * extent * ratio));
        disc = QImage(side, side, QImage::Format_ARGB32_Premultiplied);
        disc.setDevicePixelRatio(ratio);
        disc.fill(Qt::transparent);
        QPainter on(&disc);
        on.setRenderHint(QPainter::Antialiasing);
        draw(on, {extent, extent});
    }
    // On whole pixels an image is copied; between them it is resampled, at many times the cost.
    const auto whole = [&](double place) { return std::round(place * ratio) / ratio; };
    painter.drawImage(QPointF(whole(ellipse.centre.x - extent), whole(ellipse.centre.y - extent)),
                      disc);
}

void Painter::paint(QPainter& painter, const ArcItem& arc, double opacity)
{
    auto used = pen(arc.stroke, opacity);
    used.setCapStyle(Qt::RoundCap);
    painter.setPen(used);
    painter.setBrush(Qt::NoBrush);
    const QRectF box(arc.centre.x - arc.radius, arc.centre.y - arc.radius, 2 * arc.radius,
                     2 * arc.radius);
    // Qt counts sixteenths of a degree against the clock, from three o'clock.
    painter.drawArc(box, static_cast<int>(std::lround((90 - arc.from) * 16)),
                    static_cast<int>(std::lround(-arc.sweep * 16)));
}

void Painter::paint(QPainter& painter, const TextItem& text, double opacity)
{
    auto& used = font(text.face, text.size);
    painter.setPen(colour(text.ink, text.opacity * opacity));
    painter.setFont(used);
    const auto string = QString::fromStdString(text.text);
    QPointF at = toQt(text.at);
    const bool placed = text.align != Align::Left || text.struck;
    const double width = placed ? QFontMetricsF(used).horizontalAdvance(string) : 0;
    if (text.align != Align::Left) {
        at.rx() -= text.align == Align::Centre ? width / 2 : width;
    }
    painter.drawText(at, string);
    if (text.struck) {
        const double y = at.y() - text.size * 0.32;
        painter.drawLine(QPointF(at.x(), y), QPointF(at.x() + width, y));
    }
}

void Painter::paint(QPainter& painter, const LineItem& line, double opacity)
{
    auto used = pen(line.stroke, opacity);
    used.setCapStyle(Qt::RoundCap);
    painter.setPen(used);
    painter.drawLine(toQt(line.from), toQt(line.to));
}

void Painter::paint(QPainter& painter, const MarkItem& mark, double opacity)
{
    if (!onPixels(painter)) {
        for (const auto& shape : shapesOf(mark)) {
            std::visit([&](const auto& part) { paint(painter, part, opacity); }, shape);
        }
        return;
    }
    const double ratio = painter.device()->devicePixelRatioF();
    const double extent = std::ceil(mark.size / 2 + 2);
    auto& image = m_marks[{mark.mark, mark.ink, mark.size, opacity, ratio}];
    if (image.isNull()) {
        const int side = static_cast<int>(std::ceil(2 * extent * ratio));
        image = QImage(side, side, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(ratio);
        image.fill(Qt::transparent);
        QPainter on(&image);
        on.setRenderHint(QPainter::Antialiasing);
        auto centred = mark;
        centred.centre = {extent, extent};
        for (const auto& shape : shapesOf(centred)) {
            std::visit([&](const auto& part) { paint(on, part, opacity); }, shape);
        }
    }
    const auto whole = [&](double place) { return std::round(place * ratio) / ratio; };
    painter.drawImage(QPointF(whole(mark.centre.x - extent), whole(mark.centre.y - extent)), image);
}

} // namespace lightcone::theme
