#include "engine/picture/timeline.h"

#include "engine/picture/timeline_frame.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace lightcone::picture {

namespace {

constexpr double footer = 8;
constexpr double widestSpacing = 66;
constexpr double leastSpacing = 15;

} // namespace

double Scale::x(Instant instant) const
{
    return gutter + static_cast<double>((instant - first).count()) / nanosecondsPerPixel;
}

Instant Scale::at(double x) const
{
    const double away = (x - gutter) * nanosecondsPerPixel;
    const double limit = 4e18;
    const auto base = static_cast<double>(first.time_since_epoch().count());
    if (base + away > limit || base + away < -limit) {
        return Instant(Duration(static_cast<std::int64_t>(away > 0 ? limit : -limit)));
    }
    return first + Duration(std::llround(away));
}

Scale Scale::zoomed(double x, double factor) const
{
    auto result = *this;
    result.nanosecondsPerPixel = std::clamp(nanosecondsPerPixel * factor, finest, coarsest);
    const double away = (x - gutter) * (nanosecondsPerPixel - result.nanosecondsPerPixel);
    result.first = first + Duration(std::llround(away));
    return result;
}

Scale Scale::panned(double pixels) const
{
    auto result = *this;
    result.first = at(gutter + pixels);
    return result;
}

Scale Scale::fitted(Instant from, Instant to) const
{
    auto result = *this;
    const double length = std::max(1.0, static_cast<double>((to - from).count()));
    const double margin = std::min(24.0, plotWidth() / 10);
    result.nanosecondsPerPixel =
        std::clamp(length / std::max(1.0, plotWidth() - 2 * margin), finest, coarsest);
    result.first = from - Duration(std::llround(margin * result.nanosecondsPerPixel));
    return result;
}

std::vector<NodeId> allLanes(const TimelineIndex& index, Clients clients)
{
    constexpr std::size_t mostClientLanes = 12;
    const auto& about = index.trace().about();
    std::vector<NodeId> lanes;
    for (const auto& member : about.members) {
        if (!member.spare || index.index().countOf(member.id) > 0) {
            lanes.push_back(member.id);
        }
    }
    std::vector<NodeId> crowd;
    for (const auto node : index.index().nodes()) {
        if (node && std::ranges::find(lanes, node) == lanes.end()) {
            (isClient(node) ? crowd : lanes).push_back(node);
        }
    }
    std::ranges::sort(crowd, [&about](NodeId a, NodeId b) { return about.precedes(a, b); });
    const bool many = crowd.size() > mostClientLanes;
    if (many) {
        lanes.push_back(clientsLane);
    }
    if (!many || clients == Clients::Apart) {
        std::ranges::move(crowd, std::back_inserter(lanes));
    }
    return lanes;
}

namespace {

std::string laneName(const TimelineIndex& index, const TimelineOptions& options, NodeId lane)
{
    if (lane != clientsLane) {
        return index.trace().about().nameOf(lane);
    }
    const auto& nodes = index.index().nodes();
    const auto count = std::ranges::count_if(nodes, isClient);
    const bool apart = std::ranges::any_of(options.lanes, isClient);
    return (apart ? "▾ " : "▸ ")
        + fill(options.words.clients, {grouped(static_cast<std::uint64_t>(count))});
}

} // namespace

double gutterFor(const TimelineIndex& index, const TimelineOptions& options,
                 const TextMeasure& measure)
{
    double widest = 0;
    for (const auto lane : options.lanes) {
        const auto name = laneName(index, options, lane);
        widest = std::max(widest, measure.width(name, Typeface::UiBold, 12.5));
    }
    return std::clamp(widest + 24, 54.0, 180.0);
}

LanePlaces placeLanes(std::size_t count, double height)
{
    LanePlaces places;
    const auto lanes = static_cast<double>(std::max<std::size_t>(count, 1));
    const double room = std::max(0.0, height - rulerHeight - footer);
    places.spacing = std::clamp(room / lanes, leastSpacing, widestSpacing);
    places.top = rulerHeight + places.spacing / 2;
    places.mostScroll = std::max(0.0, places.spacing * lanes - room);
    return places;
}

namespace {

/// The rows that a rectangle reaches into: from first up to but not at end.
struct Rows
{
    static constexpr double height = 24;

    explicit Rows(const Rect& rect)
        : first(rowOf(rect.y))
        , end(rowOf(rect.y + rect.height) + 1)
    {
    }

    static std::size_t rowOf(double y)
    {
        return static_cast<std::size_t>(std::clamp(y / height, 0.0, 4096.0));
    }

    std::size_t first;
    std::size_t end;
};

} // namespace

bool LabelSpace::isFree(const Rect& rect) const
{
    const Rows rows(rect);
    for (auto row = rows.first; row < std::min(rows.end, m_rows.size()); ++row) {
        if (std::ranges::any_of(m_rows[row],
                                [&](const Rect& taken) { return taken.overlaps(rect); })) {
            return false;
        }
    }
    return true;
}

void LabelSpace::block(const Rect& rect)
{
    const Rows rows(rect);
    m_rows.resize(std::max(m_rows.size(), rows.end));
    for (auto row = rows.first; row < rows.end; ++row) {
        m_rows[row].push_back(rect);
    }
}

bool LabelSpace::take(const Rect& rect)
{
    if (!isFree(rect)) {
        return false;
    }
    block(rect);
    return true;
}

Frame::Frame(const TimelineIndex& theIndex, const Scale& theScale,
             const TimelineOptions& theOptions, const TextMeasure& theMeasure)
    : index(theIndex)
    , trace(theIndex.trace())
    , scale(theScale)
    , options(theOptions)
    , measure(theMeasure)
{
    drawing.width = scale.width;
    drawing.height = scale.height;
    places = placeLanes(options.lanes.size(), scale.height);
    for (std::size_t i = 0; i < options.lanes.size(); ++i) {
        laneY.emplace(options.lanes[i], places.y(i, options.scroll));
    }
    right = scale.gutter;
    if (index.size() > 0) {
        first = index.firstAtOrAfter(scale.first);
        last = EventId(index.firstAtOrAfter(scale.last() + Duration(1)).value - 1);
        end = std::max(trace[EventId(index.size())].at, options.cursor);
        right = std::clamp(scale.x(end), scale.gutter, scale.width);
    }
}

NodeId Frame::laneOf(NodeId node) const
{
    return isClient(node) && !laneY.contains(node) ? clientsLane : node;
}

std::optional<double> Frame::yOf(NodeId node) const
{
    const auto lane = laneY.find(laneOf(node));
    return lane != laneY.end() ? std::optional(lane->second) : std::nullopt;
}

bool Frame::among(EventId id) const
{
    return options.matches == nullptr
        || std::binary_search(options.matches->begin(), options.matches->end(), id.value);
}

bool Frame::lit(EventId id) const
{
    return (!options.lightCone || options.cone.contains(trace, id)) && among(id);
}

bool Frame::label(Point at, const std::string& text, Ink ink, double size, Typeface face,
                  Subject subject, bool dimmed)
{
    const double width = measure.width(text, face, size);
    const Rect rect{at.x - 2, at.y - size, width + 4, size * 1.3};
    if (rect.x < scale.gutter || rect.x + rect.width > scale.width || rect.y < 18
        || rect.y + rect.height > scale.height || !labels.take(rect)) {
        return false;
    }
    // What crosses behind a text must not cross it out.
    const Rect plate{rect.x, at.y - size * 0.86, rect.width, size * 1.14};
    drawing.add(RectItem{plate, 3, {Ink::Ground, 0.78}});
    drawing.add(TextItem{at, text, ink, size, face}, subject, dimmed);
    return true;
}

bool Frame::line(Point from, Point to, const Stroke& stroke, bool arrow, Subject subject,
                 bool dimmed)
{
    const double left = scale.gutter;
    const double width = scale.width;
    if (std::max(from.x, to.x) < left || std::min(from.x, to.x) > width
        || std::max(from.y, to.y) < 0 || std::min(from.y, to.y) > scale.height) {
        return false;
    }
    const auto cutAt = [](Point a, Point b, double x) {
        const double share = (x - a.x) / (b.x - a.x);
        return Point{x, a.y + share * (b.y - a.y)};
    };
    const Point begin = from;
    if (from.x < left) {
        from = cutAt(from, to, left);
    }
    if (to.x > width) {
        to = cutAt(begin, to, width);
        arrow = false;
    }
    drawing.add(LineItem{from, to, stroke, arrow}, subject, dimmed);
    return true;
}

namespace {

/// 1, 2 or 5 times a power of ten nanoseconds, so that labels are at least `apart` pixels apart.
std::int64_t niceStep(double nanosecondsPerPixel, double apart)
{
    const double least = std::max(1.0, nanosecondsPerPixel * apart);
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double times : {1.0, 2.0, 5.0, 10.0}) {
        if (power * times >= least * 0.999999) {
            return std::llround(power * times);
        }
    }
    return std::llround(power * 10);
}

std::int64_t floorTo(std::int64_t value, std::int64_t step)
{
    auto quotient = value / step;
    if (value % step != 0 && value < 0) {
        --quotient;
    }
    return quotient * step;
}

} // namespace

namespace {

/// Calls tick(x, instant) for each tick of the ruler in view.
template <class Tick>
void forEachTick(const Scale& scale, std::int64_t step, Tick tick)
{
    auto at = floorTo(scale.first.time_since_epoch().count(), step);
    for (int guard = 0; guard < 400; ++guard, at += step) {
        const double x = scale.x(Instant(Duration(at)));
        if (x > scale.width + 60) {
            break;
        }
        if (at >= 0 && x >= scale.gutter - 0.5) {
            tick(x, Duration(at));
        }
    }
}

} // namespace

void drawGrid(Frame& frame)
{
    const auto& scale = frame.scale;
    forEachTick(scale, niceStep(scale.nanosecondsPerPixel, 96), [&](double x, Duration) {
        const double top = rulerHeight - 10;
        frame.drawing.add(
            LineItem{{x, top}, {x, scale.height}, {Ink::Line, 1, Dash::Solid, 0.5}, false});
    });
}

void drawRuler(Frame& frame)
{
    const auto& scale = frame.scale;
    if (frame.options.scroll > 0) {
        frame.drawing.add(RectItem{{0, 0, scale.width, 20}, 0, {Ink::Ground}});
    }
    const auto step = niceStep(scale.nanosecondsPerPixel, 96);
    std::string before;
    forEachTick(scale, step, [&](double x, Duration at) {
        auto text = toText(at);
        // Six digits do not always tell neighbours apart: then say how far from the last.
        if (text == before) {
            text = "+" + toText(Duration(step));
        } else {
            before = text;
        }
        const double half = frame.measure.width(text, Typeface::Data, 10.5) / 2;
        if (x - half >= scale.gutter - 30 && x + half <= scale.width) {
            frame.drawing.add(
                TextItem{{x, 14}, text, Ink::Faint, 10.5, Typeface::Data, Align::Centre});
        }
    });
}

Drawing timelineCursor(const trace::Trace& trace, std::uint64_t events, const Scale& scale,
                       const TimelineOptions& options)
{
    Drawing drawing;
    drawing.width = scale.width;
    drawing.height = scale.height;
    const double x = scale.x(options.cursor);
    if (x < scale.gutter - 1 || x > scale.width + 1) {
        return drawing;
    }
    const Subject cursor{Subject::Kind::Cursor, options.selected};
    drawing.add(LineItem{{x, 18}, {x, scale.height}, {Ink::Cursor, 1.4}, false}, cursor);
    drawing.add(MarkItem{Mark::Pointer, {x, 21}, 12, Ink::Cursor}, cursor);
    const auto selected = options.selected;
    if (!selected || selected.value > events) {
        return drawing;
    }
    const auto& event = trace[selected];
    auto lane = std::ranges::find(options.lanes, event.node);
    if (lane == options.lanes.end() && isClient(event.node)) {
        lane = std::ranges::find(options.lanes, clientsLane);
    }
    const double at = scale.x(event.at);
    if (lane == options.lanes.end() || at < scale.gutter || at > scale.width) {
        return drawing;
    }
    const auto places = placeLanes(options.lanes.size(), scale.height);
    const double y =
        places.y(static_cast<std::size_t>(lane - options.lanes.begin()), options.scroll);
    if (y >= rulerHeight - 4) {
        drawing.add(EllipseItem{{at, y}, 6.5, 6.5, {Ink::Cursor}},
                    {Subject::Kind::Event, selected, event.node, event.peer});
    }
    return drawing;
}

namespace {

/// Whether the node is down where the cursor is.
bool isDown(const Frame& frame, NodeId node)
{
    const auto lane = frame.index.lanes().find(node);
    if (lane == frame.index.lanes().end()) {
        return false;
    }
    const auto at = frame.options.selected ? frame.options.selected : EventId(frame.index.size());
    const auto next = std::ranges::upper_bound(lane->second, at, {}, &trace::LaneChange::event);
    return next != lane->second.begin() && std::prev(next)->life == trace::Life::Crashed;
}

} // namespace

void drawGutter(Frame& frame)
{
    const auto& scale = frame.scale;
    frame.drawing.add(RectItem{{0, 20, scale.gutter - 6, scale.height - 20}, 0, {Ink::Ground}});
    const double size = std::clamp(frame.places.spacing * 0.62, 9.5, 12.5);
    for (const auto node : frame.options.lanes) {
        const double y = frame.laneY.at(node);
        if (y < rulerHeight - 4 || y > scale.height) {
            continue;
        }
        const Subject subject{Subject::Kind::Lane, {}, node};
        const bool chosen = node == frame.laneOf(frame.options.selectedNode);
        const bool ofClients = isClient(node) || node == clientsLane;
        const double half = std::min(12.0, frame.places.spacing / 2 - 1);
        frame.drawing.add(RectItem{{0, y - half, scale.gutter - 8, 2 * half},
                                   3,
                                   {chosen ? Ink::Selected : Ink::Ground},
                                   true},
                          subject);
        const auto ink = isDown(frame, node) ? Ink::Faint : ofClients ? Ink::Muted : Ink::Text;
        frame.drawing.add(TextItem{{4, y + size * 0.36},
                                   laneName(frame.index, frame.options, node),
                                   ink,
                                   size,
                                   ofClients ? Typeface::Ui : Typeface::UiBold},
                          subject);
    }
}

Drawing timeline(const TimelineIndex& index, const Scale& scale, const TimelineOptions& options,
                 const TextMeasure& measure)
{
    Frame frame(index, scale, options, measure);
    drawGrid(frame);
    if (index.size() > 0) {
        drawLanes(frame);
        drawOperations(frame);
        // Faults and notes lie above the messages but take their places before them.
        Drawing marks;
        std::swap(frame.drawing, marks);
        drawMarks(frame);
        std::swap(frame.drawing, marks);
        drawMessages(frame);
        std::ranges::move(marks.items, std::back_inserter(frame.drawing.items));
    }
    drawGutter(frame);
    drawRuler(frame);
    if (options.showCursor) {
        auto cursor = timelineCursor(index.trace(), index.size(), scale, options);
        std::ranges::move(cursor.items, std::back_inserter(frame.drawing.items));
    }
    return std::move(frame.drawing);
}

std::vector<double> columnEdges(double first, double end, double column)
{
    std::vector<double> edges;
    const auto count = first < end ? static_cast<int>(std::ceil((end - first) / column)) : 0;
    edges.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        edges.push_back(first + i * column);
    }
    return edges;
}

} // namespace lightcone::picture
