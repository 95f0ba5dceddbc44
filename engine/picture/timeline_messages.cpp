#include "engine/picture/timeline_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <tuple>

namespace lightcone::picture {

using trace::Kind;

Ink messageInk(const trace::Event& event)
{
    auto tone = describe::Tone::Neutral;
    if (event.payload) {
        const auto& shape = *event.payload->shape();
        tone = shape.tone;
        if (shape.kind == describe::ShapeKind::Variant
            && event.payload->tag() < shape.fields.size()) {
            tone = shape.fields[event.payload->tag()].shape->tone;
        }
    }
    if (tone == describe::Tone::Neutral) {
        return static_cast<trace::Channel>(event.detail) == trace::Channel::Message ? Ink::Calm
                                                                                    : Ink::Busy;
    }
    return inkOf(tone);
}

namespace {

struct Arrow
{
    EventId begin{};
    EventId end{}; ///< none while under way
    NodeId from{};
    NodeId to{};
    double x1 = 0;
    double x2 = 0;
    bool dead = false;
    bool lit = true;
};

Arrow arrowOf(const Frame& frame, EventId id)
{
    const auto& event = frame.trace[id];
    Arrow arrow{id, frame.index.index().endOf(id), event.node, event.peer};
    arrow.x1 = frame.scale.x(event.at);
    arrow.x2 = arrow.end ? frame.xOf(arrow.end) : std::max(frame.right, arrow.x1 + 8);
    arrow.dead = arrow.end && frame.trace[arrow.end].kind == Kind::Drop;
    if (frame.dims()) {
        arrow.lit = frame.lit(id) || (arrow.end && frame.lit(arrow.end));
        if (frame.options.lightCone && arrow.lit) {
            // An arrow belongs to the cone when both its ends do.
            const auto& cone = frame.options.cone;
            arrow.lit = cone.contains(frame.trace, id)
                && (!arrow.end || arrow.dead || cone.contains(frame.trace, arrow.end));
        }
    }
    return arrow;
}

std::vector<Arrow> arrowsInView(const Frame& frame)
{
    std::vector<Arrow> arrows;
    const auto take = [&](EventId id) {
        const auto& event = frame.trace[id];
        if (event.kind != Kind::Send && event.kind != Kind::Duplicate) {
            return;
        }
        const auto from = frame.yOf(event.node);
        const auto to = frame.yOf(event.peer);
        if (from && to) {
            arrows.push_back(arrowOf(frame, id));
        }
    };
    for (const auto id : frame.index.underWayAt(frame.first)) {
        take(id);
    }
    for (auto number = frame.first.value; number <= frame.last.value; ++number) {
        take(EventId(number));
    }
    return arrows;
}

/// Where an arrow's head is: short of the lane when the message died on its way.
Point headOf(const Frame& frame, const Arrow& arrow)
{
    const double y1 = frame.laneAt(arrow.from);
    const double y2 = frame.laneAt(arrow.to);
    if (!arrow.end) {
        return {arrow.x2, y1 + (y2 - y1) * 0.6};
    }
    if (!arrow.dead) {
        return {arrow.x2, y2};
    }
    const auto reason = static_cast<trace::DropReason>(frame.trace[arrow.end].detail);
    if (reason == trace::DropReason::Down) {
        return {arrow.x2, y2 - (y2 > y1 ? 7 : -7)};
    }
    // What died as it left has a stub of its own length.
    const bool atOnce = arrow.x2 - arrow.x1 < 6;
    return {atOnce ? arrow.x1 + 8 : arrow.x2, y1 + (y2 - y1) * (atOnce ? 0.35 : 0.85)};
}

struct Style
{
    double width = 1.3;
    double opacity = 0.7;
};

void drawArrow(Frame& frame, const Arrow& arrow, Style style)
{
    const auto& event = frame.trace[arrow.begin];
    const auto ink = messageInk(event);
    const bool dimmed = frame.dims() && !arrow.lit;
    const auto selected = frame.options.selected;
    const bool chosen = selected && (selected == arrow.begin || selected == arrow.end);
    Stroke stroke{ink, style.width, arrow.end ? Dash::Solid : Dash::Dashed,
                  arrow.end ? style.opacity : style.opacity * 0.6};
    if (chosen || (frame.dims() && arrow.lit)) {
        stroke.width = chosen ? 2.2 : style.width * 1.4;
        stroke.opacity = 1;
    }
    const Subject subject{Subject::Kind::Message, arrow.begin, arrow.from, arrow.to, 0, arrow.end};
    const Point tail{arrow.x1, frame.laneAt(arrow.from)};
    const Point head = headOf(frame, arrow);
    const bool seen = frame.line(tail, head, stroke, arrow.end && !arrow.dead, subject, dimmed);
    if (seen && arrow.dead && head.x >= frame.scale.gutter && head.x <= frame.scale.width) {
        frame.drawing.add(MarkItem{Mark::Death, head, 9, Ink::Bad}, subject, dimmed);
    }
}

/// Says of each kind of message once every so often what it is.
void labelArrows(Frame& frame, const std::vector<Arrow>& arrows)
{
    if (frame.places.spacing < 24) {
        return;
    }
    constexpr double size = 10.5;
    constexpr double apart = 300; ///< labels of one kind of message
    std::map<std::string, double> labelled;
    for (const auto& arrow : arrows) {
        const auto& event = frame.trace[arrow.begin];
        if (!event.payload || (frame.dims() && !arrow.lit)) {
            continue;
        }
        const std::string text(event.payload->name());
        const auto near = labelled.find(text);
        if (text.empty() || (near != labelled.end() && arrow.x1 - near->second < apart)) {
            continue;
        }
        const Point tail{arrow.x1, frame.laneAt(arrow.from)};
        const Point head = headOf(frame, arrow);
        const double width = frame.measure.width(text, Typeface::Ui, size);
        const double length = std::hypot(head.x - tail.x, head.y - tail.y);
        if (length < 30 || (head.x - tail.x < width * 0.2 && length < width)) {
            continue;
        }
        // Beside the arrow, between the lanes that it crosses first.
        const double down = head.y > tail.y ? 1 : -1;
        const double drop = std::min(std::abs(head.y - tail.y), frame.places.spacing) * 0.5;
        const double share = std::abs(head.y - tail.y) > 1 ? drop / std::abs(head.y - tail.y) : 0.5;
        const Point at{tail.x + (head.x - tail.x) * share + 7, tail.y + down * drop + 4};
        const Subject subject{
            Subject::Kind::Message, arrow.begin, arrow.from, arrow.to, 0, arrow.end};
        if (frame.label(at, text, messageInk(event), size, Typeface::Ui, subject)) {
            labelled[text] = arrow.x1;
        }
    }
}

/// Arrows of one direction that begin in one column and end in one.
struct Bundle
{
    Arrow first{};
    EventId last{};
    std::uint64_t count = 0;
    double x1 = 0;
    double x2 = 0;
    bool lit = false;
};

using Bundles = std::map<std::tuple<NodeId, NodeId, int, int, bool>, Bundle>;

Bundles bundlesOf(const Frame& frame, const std::vector<Arrow>& arrows, double column)
{
    Bundles bundles;
    const auto columnOf = [&](double x) { return static_cast<int>(std::floor(x / column)); };
    for (const auto& arrow : arrows) {
        auto& bundle = bundles[{frame.laneOf(arrow.from), frame.laneOf(arrow.to),
                                columnOf(std::max(arrow.x1, -1e6)),
                                columnOf(std::min(arrow.x2, 1e6)), arrow.dead}];
        if (bundle.count == 0) {
            bundle.first = arrow;
        }
        bundle.last = arrow.begin;
        bundle.x1 += arrow.x1;
        bundle.x2 += arrow.x2;
        bundle.lit = bundle.lit || arrow.lit;
        ++bundle.count;
    }
    return bundles;
}

void drawBundles(Frame& frame, const std::vector<Arrow>& arrows)
{
    auto bundles = bundlesOf(frame, arrows, 4);
    for (double column = 8; bundles.size() > mostArrows && column <= 512; column *= 2) {
        bundles = bundlesOf(frame, arrows, column);
    }
    for (const auto& [key, bundle] : bundles) {
        auto middle = bundle.first;
        const auto count = static_cast<double>(bundle.count);
        if (bundle.count == 1) {
            drawArrow(frame, middle, {1, 0.6});
            continue;
        }
        middle.x1 = bundle.x1 / count;
        middle.x2 = bundle.x2 / count;
        const Subject subject{
            Subject::Kind::Bundle,   bundle.first.begin, frame.laneOf(middle.from),
            frame.laneOf(middle.to), bundle.count,       bundle.last};
        const bool dimmed = frame.dims() && !bundle.lit;
        const Point tail{middle.x1, frame.laneAt(middle.from)};
        const Point head = headOf(frame, middle);
        // Thin lines are painted several times quicker than thick ones: more is said by more ink.
        const double opacity = std::min(0.4 + 0.12 * std::log2(count), 1.0);
        const auto ink = messageInk(frame.trace[bundle.first.begin]);
        if (!frame.line(tail, head, {ink, 1, Dash::Solid, opacity}, !middle.dead, subject,
                        dimmed)) {
            continue;
        }
        if (middle.dead) {
            frame.drawing.add(MarkItem{Mark::Death, head, 9, Ink::Bad}, subject, dimmed);
        }
        if (bundle.count >= 3 && frame.places.spacing >= 24 && !dimmed) {
            const Point at{(tail.x + head.x) / 2 + 4, (tail.y + head.y) / 2 + 4};
            frame.label(at, fill(frame.options.words.times, {grouped(bundle.count)}), ink, 10.5,
                        Typeface::Data, subject);
        }
    }
}

/// Routes that a picture shows as one, when there are too many to tell apart.
struct Direction
{
    NodeId from{};
    NodeId to{}; ///< the farthest
    std::vector<const std::vector<std::uint32_t>*> messages;
    std::vector<std::size_t> at; ///< how far each list has been counted
    std::size_t routes = 0;
};

void addRoute(Direction& direction, const std::vector<std::uint32_t>& messages, std::size_t at)
{
    direction.messages.push_back(&messages);
    direction.at.push_back(at);
    ++direction.routes;
}

std::vector<Direction> valuesOf(auto& directions)
{
    std::vector<Direction> values;
    for (auto& [key, direction] : directions) {
        values.push_back(std::move(direction));
    }
    return values;
}

std::vector<Direction> directionsInView(const Frame& frame, std::size_t most)
{
    std::map<Route, Direction> single;
    std::map<std::pair<NodeId, bool>, Direction> merged;
    for (const auto& [route, messages] : frame.index.routes()) {
        const auto from = frame.yOf(route.from);
        const auto to = frame.yOf(route.to);
        const auto [low, high] = TimelineIndex::between(messages, frame.first, frame.last);
        if (!from || !to || low == high) {
            continue;
        }
        const Route lanes{frame.laneOf(route.from), frame.laneOf(route.to)};
        auto& own = single[lanes];
        own.from = lanes.from;
        own.to = lanes.to;
        addRoute(own, messages, low);
        auto& group = merged[{lanes.from, *to > *from}];
        if (group.routes == 0 || std::abs(*to - *from) > std::abs(frame.laneAt(group.to) - *from)) {
            group.to = lanes.to;
        }
        group.from = lanes.from;
        addRoute(group, messages, low);
    }
    return single.size() <= most ? valuesOf(single) : valuesOf(merged);
}

struct Band
{
    Rect rect{};
    Subject subject{};
    Ink ink = Ink::Calm;
    double mostOfAll = 0;
};

/// Counts a direction's messages that begin before `beyond`, from where it had come.
Subject countUpTo(Direction& direction, EventId beyond)
{
    Subject subject{Subject::Kind::Bundle, {}, direction.from, direction.to};
    for (std::size_t i = 0; i < direction.messages.size(); ++i) {
        const auto& list = *direction.messages[i];
        const auto begin = list.begin() + static_cast<std::ptrdiff_t>(direction.at[i]);
        // What is near is found by looking ever further before halving.
        auto step = std::ptrdiff_t{16};
        auto high = begin;
        while (high != list.end() && *high < beyond.value) {
            high = list.end() - high > step ? high + step : list.end();
            step *= 2;
        }
        const auto next = std::lower_bound(begin, high, beyond.value);
        if (next == begin) {
            continue;
        }
        const EventId first(*begin);
        const EventId last(*std::prev(next));
        subject.event = subject.event ? std::min(subject.event, first) : first;
        subject.last = std::max(subject.last, last);
        subject.count += static_cast<std::uint64_t>(next - begin);
        direction.at[i] = static_cast<std::size_t>(next - list.begin());
    }
    return subject;
}

/// What no arrow could show: for each few pixels and each direction a band with a count.
void drawBands(Frame& frame)
{
    const auto& scale = frame.scale;
    auto directions = directionsInView(frame, 60);
    if (directions.empty()) {
        return;
    }
    const auto lanes = static_cast<double>(directions.size());
    const double plot = std::max(1.0, scale.width - scale.gutter);
    const double column =
        std::ceil(std::max({4.0, lanes, plot * lanes / static_cast<double>(mostBundles)}));
    const double part = std::max(1.0, std::floor(column / lanes));
    std::vector<Band> bands;
    std::uint64_t most = 2;
    for (const double x : columnEdges(scale.gutter, scale.width, column)) {
        const auto beyond = frame.index.firstAtOrAfter(scale.at(std::min(x + column, scale.width)));
        for (std::size_t i = 0; i < directions.size(); ++i) {
            const auto subject = countUpTo(directions[i], beyond);
            if (subject.count == 0) {
                continue;
            }
            const double y1 = frame.laneAt(subject.node);
            const double y2 = frame.laneAt(subject.peer);
            const double left = x + std::floor(column * static_cast<double>(i) / lanes);
            const double width = std::min(std::max(1.0, part - 1), 4.0);
            bands.push_back({{left, std::min(y1, y2), width, std::abs(y2 - y1)},
                             subject,
                             messageInk(frame.trace[subject.event])});
            most = std::max(most, subject.count);
        }
    }
    const double loudest = std::log1p(static_cast<double>(most));
    for (const auto& band : bands) {
        const double share = std::log1p(static_cast<double>(band.subject.count)) / loudest;
        // A single opacity for each eighth lets a painter draw many at once.
        const double opacity = 0.12 + 0.6 * std::ceil(share * 8) / 8;
        const bool dimmed =
            frame.dims() && !(frame.lit(band.subject.event) || frame.lit(band.subject.last));
        frame.drawing.add(RectItem{band.rect, 0, {band.ink, opacity}}, band.subject, dimmed);
    }
    std::ranges::stable_sort(bands, std::ranges::greater{},
                             [](const Band& band) { return band.subject.count; });
    const auto named = std::min<std::size_t>(bands.size(), 24);
    for (std::size_t i = 0; i < named && frame.places.spacing >= 24; ++i) {
        const auto& band = bands[i];
        const double gap = frame.laneAt(band.subject.peer) > frame.laneAt(band.subject.node)
            ? frame.places.spacing / 2
            : -frame.places.spacing / 2;
        frame.label({band.rect.x + 4, frame.laneAt(band.subject.node) + gap + 4},
                    fill(frame.options.words.times, {grouped(band.subject.count)}), Ink::Muted,
                    10.5, Typeface::Data, band.subject);
    }
}

/// Where columns of the density strips begin.
std::vector<EventId> columnStarts(const Frame& frame, double column)
{
    std::vector<EventId> starts;
    for (const double x : columnEdges(frame.scale.gutter, frame.scale.width + column, column)) {
        starts.push_back(frame.index.firstAtOrAfter(frame.scale.at(x)));
    }
    return starts;
}

/// How many events lie in each few pixels of a lane, as the height of a bar in four steps.
void drawDensity(Frame& frame, NodeId node, double y, double column,
                 const std::vector<EventId>& starts)
{
    const auto& index = frame.index.index();
    const auto positions = index.positionsOf(node, starts);
    std::uint64_t most = 1;
    for (std::size_t i = 0; i + 1 < positions.size(); ++i) {
        most = std::max(most, positions[i + 1] - positions[i]);
    }
    const auto stepOf = [&](std::uint64_t count) {
        const double share =
            std::log1p(static_cast<double>(count)) / std::log1p(static_cast<double>(most));
        return count == 0 ? 0 : std::max(1, static_cast<int>(std::lround(share * 4)));
    };
    const double tallest = std::clamp(frame.places.spacing * 0.4, 4.0, 16.0);
    for (std::size_t i = 0; i + 1 < positions.size();) {
        const int step = stepOf(positions[i + 1] - positions[i]);
        auto end = i + 1;
        while (end + 1 < positions.size() && stepOf(positions[end + 1] - positions[end]) == step) {
            ++end;
        }
        if (step > 0) {
            const Subject subject{
                Subject::Kind::Bundle,         index.eventOf(node, positions[i]),      node, node,
                positions[end] - positions[i], index.eventOf(node, positions[end] - 1)};
            const double height = std::round(tallest * step / 4);
            const double x = frame.scale.gutter + static_cast<double>(i) * column;
            const double width = static_cast<double>(end - i) * column;
            frame.drawing.add(
                RectItem{{x, std::round(y - height / 2), width, height}, 0, {Ink::Text, 0.3}},
                subject, frame.dims());
        }
        i = end;
    }
}

void drawDot(Frame& frame, EventId id, double y, double& free)
{
    const auto& event = frame.trace[id];
    const double x = frame.scale.x(event.at);
    const Subject subject{Subject::Kind::Event, id, event.node, event.peer};
    const bool dimmed = frame.dims() && !frame.lit(id);
    switch (event.kind) {
    case Kind::Send:
    case Kind::Duplicate:
        if (x >= free) {
            frame.drawing.add(EllipseItem{{x, y}, 3.2, 3.2, {messageInk(event)}}, subject, dimmed);
            free = x + 1;
        }
        break;
    case Kind::Start:
    case Kind::Timer:
        frame.drawing.add(
            EllipseItem{{x, y}, 3.4, 3.4, {Ink::Ground}, true, {Ink::Muted, 1.4}, true}, subject,
            dimmed);
        break;
    case Kind::Write:
    case Kind::Sync: {
        const double height = event.kind == Kind::Sync ? 6 : 4;
        frame.drawing.add(RectItem{{x - 0.75, y + 5, 1.5, height},
                                   0,
                                   {event.kind == Kind::Sync ? Ink::Good : Ink::Muted, 0.8}},
                          subject, dimmed);
        break;
    }
    default:
        break;
    }
}

void drawEvents(Frame& frame)
{
    const auto& index = frame.index.index();
    const double plot = std::max(1.0, frame.scale.width - frame.scale.gutter);
    const auto lanes = static_cast<double>(std::max<std::size_t>(1, frame.laneY.size()));
    const double column = std::ceil(std::max(3.0, plot * lanes / mostTicks));
    std::vector<EventId> starts;
    for (const auto node : frame.options.lanes) {
        const double y = frame.laneY.at(node);
        const bool ofClients = isClient(node) || node == clientsLane;
        if (y < rulerHeight - 4 || y > frame.scale.height || ofClients) {
            continue;
        }
        const auto begin = index.positionOf(node, frame.first);
        const auto end = index.positionOf(node, EventId(frame.last.value + 1));
        if (static_cast<double>(end - begin) > std::min(plot / 2, 2 * mostTicks / lanes)) {
            if (starts.empty()) {
                starts = columnStarts(frame, column);
            }
            drawDensity(frame, node, y, column, starts);
            continue;
        }
        double free = -1e300;
        for (auto position = begin; position < end; ++position) {
            drawDot(frame, index.eventOf(node, position), y, free);
        }
    }
}

/// A strip under the ruler and ticks on the lanes for what a query found.
void drawMatches(Frame& frame)
{
    if (frame.options.matches == nullptr) {
        return;
    }
    const auto& matches = *frame.options.matches;
    const auto [low, high] = TimelineIndex::between(matches, frame.first, frame.last);
    constexpr double column = 3;
    double free = -1e300;
    const bool few = high - low <= 2000;
    const auto step = std::max<std::size_t>(1, (high - low) / 20'000);
    for (auto i = low; i < high; i += step) {
        const EventId id(matches[i]);
        const double x = frame.xOf(id);
        const auto& event = frame.trace[id];
        if (x >= free) {
            const auto beyond = frame.index.firstAtOrAfter(frame.scale.at(x + column));
            const auto [from, to] = TimelineIndex::between(matches, id, EventId(beyond.value - 1));
            frame.drawing.add(RectItem{{x - 1, 23, column - 1, 5}, 0, {Ink::Cursor, 0.9}},
                              {Subject::Kind::Bundle,
                               id,
                               {},
                               {},
                               to - from,
                               EventId(matches[std::max(to, 1UL) - 1])});
            free = x + column;
        }
        const auto y = frame.yOf(event.node);
        if (few && y && *y >= rulerHeight - 4) {
            frame.drawing.add(RectItem{{x - 1, *y - 7, 2, 14}, 0, {Ink::Cursor}},
                              {Subject::Kind::Event, id, event.node, event.peer});
        }
    }
}

} // namespace

void drawMessages(Frame& frame)
{
    if (!frame.last) {
        return;
    }
    if (frame.eventsInView() > mostEventsSingly) {
        drawBands(frame);
        drawEvents(frame);
        drawMatches(frame);
        return;
    }
    const auto arrows = arrowsInView(frame);
    if (arrows.size() > mostArrows) {
        drawBundles(frame, arrows);
    } else {
        const bool many = arrows.size() > 250;
        for (const bool lit : {false, true}) {
            for (const auto& arrow : arrows) {
                if (arrow.lit == lit) {
                    drawArrow(frame, arrow, many ? Style{1, 0.6} : Style{});
                }
            }
        }
    }
    drawEvents(frame);
    drawMatches(frame);
    if (arrows.size() <= 250) {
        labelArrows(frame, arrows);
    }
}

} // namespace lightcone::picture
