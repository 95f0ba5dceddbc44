#include "views/charts/plot_view.h"

#include <QChart>
#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace lightcone::charts {

using picture::Ink;
using picture::Typeface;
using theme::Type;

namespace {

constexpr double clickReach = 4; ///< pixels that are still a click
constexpr std::size_t mostParts = 80;

double countOf(Instant at)
{
    return static_cast<double>(at.time_since_epoch().count());
}

/// How far a number of the share p lies to the right: 0 for none, 1 for 90 %, 2 for 99 %.
double ninesOf(double share)
{
    return share >= 1 ? percentileNines : std::min(-std::log10(1 - share), percentileNines);
}

/// Steps that people count in, at most four of which reach so far.
double stepFor(double most, bool whole = false)
{
    if (whole && most <= 4) {
        return 1;
    }
    const auto rough = most / 4;
    const auto power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const auto factor : {1.0, 2.0, 2.5, 5.0}) {
        if (factor * power >= rough * 0.999) {
            return factor * power;
        }
    }
    return 10 * power;
}

} // namespace

PlotView::PlotView(const theme::Theme& theme, Topic topic, QWidget* parent)
    : QChartView(new QChart, parent)
    , m_theme(theme)
    , m_topic(std::move(topic))
    , m_x(new QValueAxis(this))
    , m_y(new QValueAxis(this))
    , m_logY(new QLogValueAxis(this))
{
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
    setAccessibleName(TopicWords::title(m_topic));
    auto* drawn = chart();
    drawn->legend()->hide();
    // What is painted around the plot needs room: Qt leaves none for labels that it does not write.
    drawn->setMargins(QMargins(0, overTime() ? marksRoom : 0, 0, 18));
    drawn->layout()->setContentsMargins(0, 0, 0, 0);
    drawn->setBackgroundRoundness(0);
    drawn->setAnimationOptions(QChart::NoAnimation);
    drawn->addAxis(m_x, Qt::AlignBottom);
    drawn->addAxis(m_y, Qt::AlignLeft);
    drawn->addAxis(m_logY, Qt::AlignLeft);
    m_logY->setBase(10);
    m_logY->setLabelFormat(QStringLiteral("%g"));
    m_y->setLabelFormat(QStringLiteral("%g"));
    m_logY->hide();
    m_x->setLabelsVisible(false); // painted: an axis counts evenly, and in six digits
    dress();
    connect(&theme, &theme::Theme::changed, this, [this] {
        dress();
        rebuild();
    });
}

void PlotView::dress()
{
    setBackgroundBrush(m_theme.colour(Ink::Panel));
    chart()->setBackgroundVisible(false);
    for (auto* axis : std::initializer_list<QAbstractAxis*>{m_x, m_y, m_logY}) {
        axis->setLabelsFont(m_theme.font(Typeface::Data, Type::tiny));
        axis->setLabelsColor(m_theme.colour(Ink::Muted));
        axis->setLinePen(QPen(m_theme.colour(Ink::Line)));
        axis->setGridLinePen(QPen(m_theme.colour(Ink::Line, 0.7)));
        axis->setTitleVisible(false);
    }
    m_x->setGridLineVisible(false);
}

void PlotView::show(const SurveyPtr& left, const SurveyPtr& right)
{
    m_left = left;
    m_right = right;
    rebuild();
}

void PlotView::setLog(bool log)
{
    m_log = log;
    rebuild();
}

void PlotView::setMoment(Instant moment)
{
    m_moment = moment;
    viewport()->update();
}

void PlotView::setBand(std::optional<measure::Window> band)
{
    m_band = band;
    viewport()->update();
}

picture::Ink PlotView::inkOf(const std::string& line)
{
    if (m_topic.kind == Topic::Kind::Plot) {
        static const std::map<std::string, Ink> known{
            {"p50", Ink::Busy},       {"p90", Ink::Strong},  {"p99", Ink::Calm},
            {"p99.9", Ink::Bad},      {"most", Ink::Faint},  {"done", Ink::Good},
            {"refused", Ink::Strong}, {"unknown", Ink::Bad}, {"under way", Ink::Calm},
            {"in line", Ink::Bad}};
        const auto found = known.find(line);
        const bool own = m_topic.chart == measure::Chart::Latency
            || m_topic.chart == measure::Chart::Throughput
            || m_topic.chart == measure::Chart::Waiting;
        if (own && found != known.end()) {
            return found->second;
        }
    }
    if (line == measure::otherKinds) {
        return Ink::Faint;
    }
    // Whose rank changes while a run goes on keeps its colour. Red is what marks faults.
    static constexpr std::array inks{Ink::Calm,  Ink::Strong, Ink::Good, Ink::Owner3, Ink::Owner4,
                                     Ink::Muted, Ink::Owner5, Ink::Busy, Ink::Owner6, Ink::Text};
    const auto place = m_places.emplace(line, m_places.size()).first->second;
    return inks.at(place % inks.size());
}

void PlotView::collect(const Survey& survey, const Figure& figure, bool dashed)
{
    const auto isZero = [](const measure::Line& line) {
        return std::ranges::none_of(line.values, [](double each) { return each > 0; });
    };
    const bool anything = !std::ranges::all_of(figure.lines, isZero);
    for (std::size_t place = 0; place < figure.lines.size(); ++place) {
        const auto& line = figure.lines[place];
        Stroke stroke{TopicWords::line(m_topic, line.name), inkOf(line.name), dashed};
        QList<QPointF> part;
        const auto isDrawn = [&](std::size_t i) {
            return i < line.values.size() && std::isfinite(line.values[i])
                && (!m_log || line.values[i] > 0);
        };
        for (std::size_t i = 0; i < line.values.size(); ++i) {
            if (isDrawn(i)) {
                part.append({countOf(survey.cut.middle(i)), line.values[i]});
            } else if (!part.isEmpty() && !isDrawn(i + 1)) {
                // One empty bucket is no gap: nothing happened to end in it.
                stroke.parts.push_back(std::exchange(part, {}));
            }
        }
        if (!part.isEmpty()) {
            stroke.parts.push_back(std::move(part));
        }
        if (stroke.parts.size() > mostParts) {
            // So many pieces are noise: they belong together.
            for (std::size_t i = 1; i < stroke.parts.size(); ++i) {
                stroke.parts.front() += stroke.parts[i];
            }
            stroke.parts.resize(1);
        }
        // What never happened has no line, unless nothing else has one.
        const bool needed = m_topic.kind == Topic::Kind::Plot ? place == 0 : !anything;
        if (needed || !isZero(line)) {
            m_strokes.push_back(std::move(stroke));
        }
    }
}

void PlotView::collectDistribution(const Figure& figure, bool dashed)
{
    Stroke stroke{tr("latency"), Ink::Calm, dashed};
    QList<QPointF> part;
    std::uint64_t seen = 0;
    const auto all = static_cast<double>(figure.latency.count());
    for (const auto& bucket : figure.latency.buckets()) {
        const auto value =
            static_cast<double>(std::min(bucket.upTo, figure.latency.most()).count());
        part.append({ninesOf(static_cast<double>(seen) / all), value});
        seen += bucket.count;
        part.append({ninesOf(static_cast<double>(seen) / all), value});
    }
    if (!part.isEmpty()) {
        stroke.parts.push_back(std::move(part));
    }
    m_strokes.push_back(std::move(stroke));
}

void PlotView::rebuild()
{
    m_strokes.clear();
    for (const auto& survey : {m_left, m_right}) {
        const auto* figure = survey ? survey->figure(m_topic) : nullptr;
        if (figure == nullptr) {
            continue;
        }
        const bool dashed = survey == m_right && m_left != m_right;
        if (overTime()) {
            collect(*survey, *figure, dashed);
        } else {
            collectDistribution(*figure, dashed);
        }
    }
    double most = 0;
    double least = std::numeric_limits<double>::infinity();
    bool whole = TopicWords::scale(m_topic) == Scale::Count;
    for (const auto& stroke : m_strokes) {
        for (const auto& part : stroke.parts) {
            for (const auto& point : part) {
                most = std::max(most, point.y());
                least = point.y() > 0 ? std::min(least, point.y()) : least;
                whole = whole && point.y() == std::floor(point.y());
            }
        }
    }
    m_drawn =
        std::ranges::any_of(m_strokes, [](const Stroke& stroke) { return !stroke.parts.empty(); });
    layAxes(most, least, whole);
    drawStrokes();
    viewport()->update();
}

void PlotView::layAxes(double most, double least, bool whole)
{
    m_unit = TopicWords::unit(TopicWords::scale(m_topic), most);
    const auto top = most > 0 ? most / m_unit.size : 1;
    const auto step = stepFor(top, whole);
    m_y->setRange(0, step * std::ceil(top / step - 1e-9));
    m_y->setTickCount(static_cast<int>(std::ceil(top / step - 1e-9)) + 1);
    const auto bottom = std::isfinite(least) ? least / m_unit.size : top / 10;
    const auto low = std::pow(10.0, std::floor(std::log10(bottom)));
    m_logY->setRange(low, std::max(std::pow(10.0, std::ceil(std::log10(top) - 1e-9)), low * 10));
    m_y->setVisible(!m_log && m_drawn);
    m_logY->setVisible(m_log && m_drawn);
    if (!overTime()) {
        layPercentiles();
        return;
    }
    const auto window = m_left ? m_left->window : measure::Window{{}, Instant(Duration(1'000'000))};
    const auto from = countOf(window.from);
    const auto to = std::max(countOf(window.to), from + 1);
    m_x->setRange(from, to);
    m_x->setTickCount(2);
    m_timeStep = Duration(std::max<std::int64_t>(std::llround(stepFor(to - from)), 1));
}

void PlotView::layPercentiles()
{
    m_x->setRange(0, percentileNines);
    m_x->setTickCount(static_cast<int>(percentileNines) + 1);
}

void PlotView::drawStrokes()
{
    std::size_t used = 0;
    auto* y = m_log ? static_cast<QAbstractAxis*>(m_logY) : m_y;
    // Where lines are one upon the other the first of the legend is seen, and of two runs both.
    std::vector<const Stroke*> order;
    for (auto stroke = m_strokes.rbegin(); stroke != m_strokes.rend(); ++stroke) {
        order.push_back(&*stroke);
    }
    std::ranges::stable_sort(order, {}, &Stroke::dashed);
    for (const auto* each : order) {
        const auto& stroke = *each;
        QPen pen(m_theme.colour(stroke.ink), 1.6);
        if (stroke.dashed) {
            pen.setDashPattern({4, 3});
        }
        for (const auto& part : stroke.parts) {
            if (used == m_series.size()) {
                m_series.push_back(new QLineSeries(this));
                chart()->addSeries(m_series.back());
                m_series.back()->attachAxis(m_x);
            }
            auto* series = m_series[used++];
            QList<QPointF> points = part;
            for (auto& point : points) {
                point.setY(point.y() / m_unit.size);
            }
            // The wrong axis must not see the points: a logarithm has no zero.
            const auto attached = series->attachedAxes();
            auto* other = m_log ? static_cast<QAbstractAxis*>(m_y) : m_logY;
            if (attached.contains(other)) {
                series->clear();
                series->detachAxis(other);
            }
            if (!attached.contains(y)) {
                series->attachAxis(y);
            }
            // A point alone would not be seen.
            series->setPointsVisible(points.size() == 1);
            series->setPen(pen);
            series->replace(points);
            series->show();
        }
    }
    for (; used < m_series.size(); ++used) {
        m_series[used]->clear();
        m_series[used]->hide();
    }
}

QString PlotView::legend() const
{
    QStringList words;
    for (const auto& stroke : m_strokes) {
        if (!stroke.dashed && !stroke.parts.empty()) {
            words << QStringLiteral("<span style=\"color:%1\">●</span>&nbsp;%2")
                         .arg(m_theme.colour(stroke.ink).name(), stroke.name.toHtmlEscaped());
        }
    }
    return words.join(QStringLiteral("&nbsp;&nbsp; "));
}

double PlotView::xOf(Instant instant) const
{
    const auto area = chart()->plotArea();
    const auto range = m_x->max() - m_x->min();
    return area.left() + (countOf(instant) - m_x->min()) / range * area.width();
}

Instant PlotView::instantAt(double x) const
{
    const auto area = chart()->plotArea();
    const auto share = std::clamp((x - area.left()) / std::max(area.width(), 1.0), 0.0, 1.0);
    const auto at = m_x->min() + share * (m_x->max() - m_x->min());
    return Instant(Duration(std::llround(at)));
}

QString PlotView::whyNothing() const
{
    if (m_drawn || !m_left) {
        return {};
    }
    const auto* figure = m_left->figure(m_topic);
    const bool zeros =
        m_log && figure != nullptr
        && std::ranges::any_of(figure->lines, [](const measure::Line& line) {
               return std::ranges::any_of(line.values, [](double each) { return each == 0; });
           });
    if (zeros) {
        return tr("Nothing above zero, and the scale is logarithmic.");
    }
    const bool latency = !overTime()
        || (m_topic.kind == Topic::Kind::Plot && m_topic.chart == measure::Chart::Latency);
    return latency ? tr("No request was answered here.") : tr("Nothing to show here.");
}

QStringList PlotView::valuesAt(const Survey& survey, std::size_t bucket, const QString& side) const
{
    QStringList lines;
    const auto* figure = survey.figure(m_topic);
    if (figure == nullptr) {
        return lines;
    }
    for (const auto& line : figure->lines) {
        if (bucket < line.values.size() && std::isfinite(line.values[bucket])) {
            lines << QStringLiteral("%1%2  %3")
                         .arg(TopicWords::line(m_topic, line.name), side,
                              TopicWords::value(TopicWords::scale(m_topic), line.values[bucket]));
        }
    }
    return lines;
}

QStringList PlotView::readout(double x) const
{
    if (!m_left || !chart()->plotArea().contains(x, chart()->plotArea().center().y())) {
        return {};
    }
    if (!overTime()) {
        const auto area = chart()->plotArea();
        const auto share = 1 - std::pow(10.0, -(x - area.left()) / area.width() * percentileNines);
        QStringList lines{QStringLiteral("%1 %").arg(100 * share, 0, 'g', 5)};
        for (const auto& survey : {m_left, m_right}) {
            if (const auto* figure = survey ? survey->figure(m_topic) : nullptr) {
                lines << TopicWords::value(
                    Scale::Time, static_cast<double>(figure->latency.quantile(share).count()));
            }
        }
        return lines;
    }
    const auto at = instantAt(x);
    QStringList lines{QString::fromStdString(toText(at))};
    for (const auto& survey : {m_left, m_right}) {
        if (!survey || survey->cut.count == 0) {
            continue;
        }
        const auto bucket = (at.time_since_epoch().count() >> survey->cut.k) - survey->cut.first;
        if (bucket >= 0) {
            const auto side = !m_right ? QString() : survey == m_left ? tr(" left") : tr(" right");
            lines += valuesAt(*survey, static_cast<std::size_t>(bucket), side);
        }
    }
    return lines;
}

void PlotView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && overTime()) {
        setFocus(Qt::MouseFocusReason);
        m_pressed = event->position().x();
        m_hover = m_pressed;
        event->accept();
        return;
    }
    QChartView::mousePressEvent(event);
}

void PlotView::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = event->position().x();
    viewport()->update();
}

void PlotView::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !m_pressed) {
        return;
    }
    const auto from = std::min(*m_pressed, event->position().x());
    const auto to = std::max(*m_pressed, event->position().x());
    m_pressed.reset();
    viewport()->update();
    if (to - from <= clickReach) {
        emit picked(instantAt(event->position().x()));
    } else {
        emit brushed(instantAt(from), instantAt(to));
    }
}

void PlotView::leaveEvent(QEvent* event)
{
    m_hover.reset();
    viewport()->update();
    QChartView::leaveEvent(event);
}

void PlotView::keyPressEvent(QKeyEvent* event)
{
    const auto area = chart()->plotArea();
    const bool moves = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (!moves && event->key() != Qt::Key_Return && event->key() != Qt::Key_Escape) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (moves) {
        // A hand's breadth with Ctrl, else a pixel or two.
        const auto step = event->modifiers().testFlag(Qt::ControlModifier) ? area.width() / 20 : 2;
        const auto start =
            m_hover.value_or(m_moment && overTime() ? xOf(*m_moment) : area.center().x());
        const auto by = event->key() == Qt::Key_Left ? -step : step;
        m_hover = std::clamp(start + by, area.left(), area.right());
    } else if (event->key() == Qt::Key_Escape) {
        m_hover.reset();
    } else if (m_hover && overTime()) {
        emit picked(instantAt(*m_hover));
    }
    viewport()->update();
}

} // namespace lightcone::charts
