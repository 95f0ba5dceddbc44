#include "views/charts/plot_view.h"

#include <QChart>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// What is painted over the lines.
namespace lightcone::charts {

using picture::Ink;
using picture::Typeface;
using theme::Type;

/// 0, 90, 99, … as many as have room: the last one always.
void PlotView::paintPercents(QPainter& painter, const QRectF& area) const
{
    static const std::array<QLatin1String, 6> percents{
        QLatin1String("0 %"),    QLatin1String("90 %"),    QLatin1String("99 %"),
        QLatin1String("99.9 %"), QLatin1String("99.99 %"), QLatin1String("99.999 %")};
    painter.setFont(m_theme.font(Typeface::Data, Type::tiny));
    painter.setPen(m_theme.colour(Ink::Muted));
    constexpr double gap = 6;
    const auto widthOf = [&](QLatin1String text) {
        return QFontMetricsF(painter.font()).horizontalAdvance(text);
    };
    const auto last = percents.size() - 1;
    const double end = area.right() - widthOf(percents[last]) - gap;
    double free = area.left();
    for (std::size_t i = 0; i < percents.size(); ++i) {
        const double width = widthOf(percents.at(i));
        const double tick = area.left() + static_cast<double>(i) / percentileNines * area.width();
        const double left = i == 0 ? tick : i == last ? area.right() - width : tick - width / 2;
        if (left < free || (i < last && left + width > end)) {
            continue;
        }
        painter.drawText(QRectF(left, area.bottom() + 3, width + 1, 16),
                         Qt::AlignLeft | Qt::AlignTop, percents.at(i));
        free = left + width + gap;
    }
}

/// As the timeline's ruler says them: where all digits of two are the same, how far from the last.
void PlotView::paintTimes(QPainter& painter, const QRectF& area) const
{
    painter.setFont(m_theme.font(Typeface::Data, Type::tiny));
    painter.setPen(m_theme.colour(Ink::Muted));
    const auto step = m_timeStep.count();
    const auto first = std::llround(std::ceil(m_x->min() / static_cast<double>(step))) * step;
    std::string before;
    double free = 0;
    for (auto at = first; static_cast<double>(at) <= m_x->max(); at += step) {
        auto text = toText(Duration(at));
        if (text == before) {
            text = "+" + toText(m_timeStep);
        } else {
            before = text;
        }
        const auto words = QString::fromStdString(text);
        const double width = QFontMetricsF(painter.font()).horizontalAdvance(words);
        const double most = viewport()->width() - width;
        const double left = std::min(xOf(Instant(Duration(at))) - width / 2, most);
        if (left >= free) {
            const QPointF tick(xOf(Instant(Duration(at))), area.bottom());
            painter.drawLine(tick, tick + QPointF(0, 3));
            painter.drawText(QRectF(left, area.bottom() + 3, width + 1, 16),
                             Qt::AlignLeft | Qt::AlignTop, words);
            free = left + width + 6;
        }
    }
}

void PlotView::drawForeground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawForeground(painter, rect);
    const auto area = chart()->plotArea();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (!m_drawn) {
        paintNothing(*painter, area);
    }
    if (overTime()) {
        paintTimes(*painter, area);
        paintStretches(*painter, area);
        paintMarks(*painter, area);
    } else {
        paintPercents(*painter, area);
    }
    if (m_hover) {
        paintReadout(*painter, area);
    }
    painter->restore();
}

/// An empty frame is a riddle: it says what is missing.
void PlotView::paintNothing(QPainter& painter, const QRectF& area) const
{
    painter.setFont(m_theme.font(Typeface::Ui, Type::tiny));
    painter.setPen(m_theme.colour(Ink::Muted));
    painter.drawText(area.adjusted(8, 16, -8, -8), Qt::AlignCenter | Qt::TextWordWrap,
                     whyNothing());
}

/// What the timeline shows, and what is being brushed.
void PlotView::paintStretches(QPainter& painter, const QRectF& area) const
{
    if (m_band) {
        const auto from = std::clamp(xOf(m_band->from), area.left(), area.right());
        const auto to = std::clamp(xOf(m_band->to), area.left(), area.right());
        const bool whole = from <= area.left() + 1 && to >= area.right() - 1;
        if (!whole && to - from >= 0) {
            painter.fillRect(QRectF(from, area.top(), std::max(to - from, 2.0), area.height()),
                             m_theme.colour(Ink::Cursor, 0.12));
        }
    }
    if (m_pressed && m_hover) {
        painter.fillRect(QRectF(std::min(*m_pressed, *m_hover), area.top(),
                                std::abs(*m_hover - *m_pressed), area.height()),
                         m_theme.colour(Ink::Calm, 0.2));
    }
}

/// The marks that are inside, from left to right; of two runs what both have only once.
std::vector<PlotView::ShownMark> PlotView::marksIn(const QRectF& area) const
{
    std::vector<ShownMark> shown;
    for (const auto& survey : {m_left, m_right}) {
        for (std::size_t i = 0; survey && i < survey->marks.size(); ++i) {
            const auto& mark = survey->marks[i];
            const auto x = xOf(mark.at);
            const auto same = [&](const measure::Mark& other) {
                return other.at == mark.at && other.text == mark.text;
            };
            const bool known =
                survey == m_right && m_left && std::ranges::any_of(m_left->marks, same);
            if (x >= area.left() - 0.5 && x <= area.right() + 0.5 && !known) {
                shown.push_back({x, QString::fromStdString(mark.text), survey == m_left});
            }
        }
    }
    std::ranges::stable_sort(shown, {}, &ShownMark::x);
    return shown;
}

/// Words stand above the plot, where no line runs.
void PlotView::paintMarks(QPainter& painter, const QRectF& area) const
{
    painter.setFont(m_theme.font(Typeface::Ui, Type::tiny));
    const auto metrics = painter.fontMetrics();
    double last = area.left() - 1;
    double free = area.left();
    for (const auto& mark : marksIn(area)) {
        const auto words = metrics.elidedText(mark.text, Qt::ElideRight, 120);
        const QRectF box(mark.x + 3, area.top() - marksRoom, metrics.horizontalAdvance(words) + 1.0,
                         marksRoom);
        const bool named = box.left() >= free && box.right() <= area.right();
        if (mark.x - last < 1 && !named) {
            continue; // it lies on the one before
        }
        last = mark.x;
        painter.setPen(QPen(m_theme.colour(Ink::Bad, mark.left ? 0.8 : 0.4), 1, Qt::DashLine));
        painter.drawLine(QPointF(mark.x, named ? box.top() : area.top()),
                         QPointF(mark.x, area.bottom()));
        if (named) {
            painter.setPen(m_theme.colour(Ink::Bad));
            painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, words);
            free = box.right() + 6;
        }
    }
    if (m_moment && xOf(*m_moment) >= area.left() - 0.5 && xOf(*m_moment) <= area.right() + 0.5) {
        painter.setPen(QPen(m_theme.colour(Ink::Cursor), 1.5));
        const auto x = xOf(*m_moment);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
}

void PlotView::paintReadout(QPainter& painter, const QRectF& area) const
{
    const auto lines = readout(*m_hover);
    if (lines.isEmpty()) {
        return;
    }
    painter.setPen(QPen(m_theme.colour(Ink::Muted), 1));
    painter.drawLine(QPointF(*m_hover, area.top()), QPointF(*m_hover, area.bottom()));
    painter.setFont(m_theme.font(Typeface::Data, Type::tiny));
    // In columns where they are more than there is height for.
    const double height = viewport()->height();
    const auto fit = std::max(1, static_cast<int>((height - 10) / painter.fontMetrics().height()));
    QRectF box(*m_hover + 8, area.top() + 4, 0, 0);
    std::vector<std::pair<QString, double>> columns; ///< with their widths
    for (qsizetype i = 0; i < lines.size(); i += fit) {
        const auto words = lines.mid(i, fit).join(QLatin1Char('\n'));
        const auto size =
            painter.boundingRect(QRectF(), Qt::AlignLeft | Qt::AlignTop, words).size();
        columns.emplace_back(words, size.width() + 12);
        box.setWidth(box.width() + columns.back().second);
        box.setHeight(std::max(box.height(), size.height() + 8));
    }
    if (box.right() > viewport()->width()) {
        box.moveRight(*m_hover - 8);
    }
    box.moveLeft(std::max(box.left(), 0.0));
    box.moveTop(std::clamp(height - 1 - box.height(), 0.0, box.top()));
    painter.setPen(m_theme.colour(Ink::Line));
    painter.setBrush(m_theme.colour(Ink::Raised, 0.95));
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(m_theme.colour(Ink::Text));
    QPointF at = box.topLeft() + QPointF(6, 4);
    for (const auto& [words, width] : columns) {
        painter.drawText(QRectF(at, box.size()), Qt::AlignLeft | Qt::AlignTop, words);
        at.rx() += width;
    }
}

} // namespace lightcone::charts
