#include "engine/describe/text.h"
#include "engine/node/effects.h"
#include "engine/picture/timeline_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <vector>

namespace lightcone::picture {

namespace {

using trace::LaneChange;
using trace::Life;

/// A stretch of a lane over which nothing about it changes.
struct Stretch
{
    double from = 0;
    double to = 0;
    LaneChange look{};
};

/// Stretches narrower than this become one, that looks like the last of them.
constexpr double narrowest = 5;

std::vector<Stretch> stretchesOf(const Frame& frame, const std::vector<LaneChange>& changes)
{
    std::vector<Stretch> stretches;
    const auto& scale = frame.scale;
    auto change = std::ranges::upper_bound(changes, frame.first.value, {},
                                           [](const LaneChange& each) { return each.event.value; });
    if (change != changes.begin()) {
        --change;
    }
    const bool crowded = changes.end() - change > 2000;
    for (; change != changes.end(); ++change) {
        if (change->event.value > frame.index.size()) {
            break;
        }
        if (stretches.size() > 1 && crowded) {
            // On to the last change that begins within the stretch that is too narrow anyway.
            const auto from =
                frame.index.firstAtOrAfter(scale.at(stretches.back().from + narrowest));
            const auto beyond = std::lower_bound(
                change, changes.end(), from,
                [](const LaneChange& each, EventId id) { return each.event < id; });
            change = beyond > change ? std::prev(beyond) : change;
        }
        const double x = std::max(frame.xOf(change->event), scale.gutter);
        if (x > frame.right) {
            break;
        }
        if (!stretches.empty()) {
            stretches.back().to = x;
            if (x - stretches.back().from < narrowest) {
                stretches.back().look = *change;
                continue;
            }
        }
        stretches.push_back({x, frame.right, *change});
    }
    if (!stretches.empty()) {
        stretches.back().to = frame.right;
    }
    return stretches;
}

/// The line along its middle goes to `lines`: painters are quick with many lines in a row.
void drawStretch(Frame& frame, NodeId node, double y, const Stretch& stretch,
                 std::vector<Item>& lines)
{
    const double half = std::clamp(frame.places.spacing * 0.16, 2.0, 5.0);
    const double width = stretch.to - stretch.from;
    const Subject subject{Subject::Kind::Lane, stretch.look.event, node};
    const Point from{stretch.from, y};
    const Point to{stretch.to, y};
    auto& drawing = frame.drawing;
    switch (stretch.look.life) {
    case Life::NotStarted:
        return;
    case Life::Crashed:
        lines.push_back({LineItem{from, to, {Ink::Faint, 1.2, Dash::Dashed, 0.8}, false}, subject});
        return;
    case Life::Paused:
    case Life::Up:
        break;
    }
    const bool paused = stretch.look.life == Life::Paused;
    drawing.add(RectItem{{stretch.from, y - half, width, 2 * half},
                         width > 12 ? half : 0.0,
                         {epochInk(stretch.look.epoch), paused ? 0.4 : 1.0}},
                subject);
    const auto tone = stretch.look.tone;
    const bool plain = tone == describe::Tone::Neutral || tone == describe::Tone::Calm;
    Stroke stroke{plain ? Ink::Faint : inkOf(tone), plain ? 1.2 : 2, Dash::Solid,
                  plain ? 0.8 : 0.9};
    if (paused) {
        stroke.dash = Dash::Dotted;
    }
    lines.push_back({LineItem{from, to, stroke, false}, subject});
}

} // namespace

void drawLanes(Frame& frame)
{
    const auto& scale = frame.scale;
    std::vector<Item> lines;
    for (const auto node : frame.options.lanes) {
        const double y = frame.laneY.at(node);
        if (y < rulerHeight - 4 || y > scale.height) {
            continue;
        }
        if (isClient(node) || node == clientsLane) {
            frame.drawing.add(LineItem{{scale.gutter, y},
                                       {std::max(frame.right, scale.gutter), y},
                                       {Ink::Faint, 1, Dash::Dotted, 0.6},
                                       false},
                              {Subject::Kind::Lane, {}, node});
            continue;
        }
        const auto lane = frame.index.lanes().find(node);
        if (lane == frame.index.lanes().end()) {
            continue;
        }
        for (const auto& stretch : stretchesOf(frame, lane->second)) {
            drawStretch(frame, node, y, stretch, lines);
        }
    }
    std::ranges::move(lines, std::back_inserter(frame.drawing.items));
}

namespace {

constexpr int mostRows = 4;
constexpr int mostCrowdRows = 8;

/// What a bar shows besides its length.
struct Bar
{
    double from = 0;
    double to = 0;
    Operation operation{};
    std::uint64_t count = 1;
    int row = 0;
    EventId lastRequest{}; ///< of several
};

/// One bar for each few pixels, without looking at the single operations.
template <class List, class NumberOf>
std::vector<Bar> crowdOf(const Frame& frame, const List& requests, NumberOf numberOf)
{
    constexpr double column = 4;
    std::vector<Bar> bars;
    const auto& scale = frame.scale;
    const auto firstFrom = [&](auto from, EventId event) {
        return std::lower_bound(from, requests.end(), event,
                                [&](const auto& each, EventId id) { return numberOf(each) < id; });
    };
    auto at = firstFrom(requests.begin(), frame.first);
    for (const double x : columnEdges(scale.gutter, scale.width, column)) {
        const auto next = firstFrom(at, frame.index.firstAtOrAfter(scale.at(x + column)));
        if (next != at) {
            const auto count = static_cast<std::uint64_t>(next - at);
            const auto last = numberOf(*std::prev(next));
            bars.push_back({x, x + column - 1, {numberOf(*at), last}, count, 0, last});
        }
        at = next;
    }
    return bars;
}

/// Puts bars that overlap below each other. Where there is no room for another row the last one
/// holds several, as one with a count, if their clients may share a bar.
std::vector<Bar> inRows(std::vector<Bar> bars, int most, bool share)
{
    std::vector<Bar> placed;
    std::vector<double> freeFrom(static_cast<std::size_t>(most), -1e300);
    std::optional<std::size_t> inLast;
    for (auto& bar : bars) {
        const auto row = std::ranges::find_if(freeFrom, [&](double x) { return x <= bar.from; });
        if (row == freeFrom.end() && share && inLast) {
            auto& crowd = placed[*inLast];
            crowd.to = std::max(crowd.to, bar.to);
            crowd.count += bar.count;
            crowd.lastRequest = bar.lastRequest;
            freeFrom.back() = std::max(freeFrom.back(), crowd.to);
            continue;
        }
        bar.row = row != freeFrom.end() ? static_cast<int>(row - freeFrom.begin()) : most - 1;
        freeFrom[static_cast<std::size_t>(bar.row)] = std::max(bar.to, bar.from + 3);
        if (bar.row == most - 1) {
            inLast = placed.size();
        }
        placed.push_back(bar);
    }
    return placed;
}

/// Bars of operations in view, in order; those too short to tell apart are one with a count.
std::vector<Bar> barsOf(const Frame& frame, std::span<const Operation> operations)
{
    std::vector<Bar> bars;
    for (const auto& each : operations) {
        const double from = frame.xOf(each.request);
        const double to = each.reply ? frame.xOf(each.reply) : frame.right;
        if (to < frame.scale.gutter) {
            continue;
        }
        if (!bars.empty() && to - bars.back().from < 4) {
            bars.back().to = std::max(bars.back().to, to);
            ++bars.back().count;
            bars.back().lastRequest = each.request;
            continue;
        }
        bars.push_back({from, to, each, 1, 0, each.request});
    }
    return bars;
}

std::vector<Bar> barsOfClient(const Frame& frame, const std::vector<Operation>& operations)
{
    if (frame.eventsInView() > mostEventsSingly) {
        return crowdOf(frame, operations, [](const Operation& each) { return each.request; });
    }
    // Operations of one client seldom overlap by many: look back a little for those that reach
    // into view.
    auto begin = std::ranges::lower_bound(operations, frame.first, {}, &Operation::request);
    const auto end =
        std::ranges::upper_bound(begin, operations.end(), frame.last, {}, &Operation::request);
    begin -= std::min<std::ptrdiff_t>(64, begin - operations.begin());
    return inRows(barsOf(frame, {begin, end}), mostRows, false);
}

/// Of all clients without a lane of their own.
std::vector<Bar> barsOfCrowd(const Frame& frame)
{
    const auto& requests = frame.index.requests();
    if (frame.eventsInView() > mostEventsSingly) {
        return crowdOf(frame, requests, [](std::uint32_t each) { return EventId(each); });
    }
    std::vector<Operation> operations;
    for (const auto id : frame.index.underWayAt(frame.first)) {
        if (frame.trace[id].kind == trace::Kind::Request) {
            operations.push_back({id, frame.index.replyOf(id)});
        }
    }
    const auto [low, high] = TimelineIndex::between(requests, frame.first, frame.last);
    for (auto i = low; i < high; ++i) {
        const EventId id(requests[i]);
        operations.push_back({id, frame.index.replyOf(id)});
    }
    return inRows(barsOf(frame, operations), mostCrowdRows, true);
}

/// Red is for what cannot be; nobody having answered is no more than a pity.
Ink barInk(const Frame& frame, const Bar& bar, bool impossible)
{
    if (impossible) {
        return Ink::Bad;
    }
    if (!bar.operation.reply || bar.count > 1) {
        return Ink::Busy;
    }
    switch (static_cast<node::Answer>(frame.trace[bar.operation.reply].detail)) {
    case node::Answer::Done:
        return Ink::Busy;
    case node::Answer::Refused:
    case node::Answer::Redirected:
        return Ink::Muted;
    case node::Answer::Unknown:
        return Ink::Strong;
    }
    return Ink::Busy;
}

/// Where the operation took effect (Herlihy and Wing 1990), when that is known and in view.
std::optional<double> pinOf(const Frame& frame, const Bar& bar, const Rect& rect)
{
    const auto& known = frame.options.linearization;
    const auto point = known ? known->pointOf(bar.operation.request) : std::nullopt;
    if (!point || bar.count > 1 || rect.height < 5) {
        return {};
    }
    const double x = frame.scale.x(*point);
    return x < frame.scale.gutter || x > frame.scale.width ? std::nullopt : std::optional(x);
}

/// A pin through the bar; where words stand, only its head.
void drawPin(Frame& frame, double x, const Rect& rect, bool throughWords, const Subject& subject,
             bool dimmed)
{
    const double top = rect.y - 1;
    const double half = std::min(4.5, rect.height / 3);
    if (!throughWords) {
        frame.drawing.add(LineItem{{x, top}, {x, rect.y + rect.height}, {Ink::Text, 1.6}, false},
                          subject, dimmed);
    }
    frame.drawing.add(PathItem{{{x, top - half}, {x + half, top}, {x, top + half}, {x - half, top}},
                               {Ink::Ground, 1},
                               true,
                               {Ink::Text},
                               true},
                      subject, dimmed);
}

/// What is asked for, where the bar has room for it: beside the pin if that can be. Says whether
/// the words stand where the pin is.
bool labelBar(Frame& frame, const Bar& bar, const Rect& rect, std::optional<double> pin,
              const Subject& subject, bool dimmed)
{
    const auto& request = frame.trace[bar.operation.request];
    const double room = rect.width - 10;
    if (bar.count > 1 || rect.height < 11 || room < 24 || !request.payload) {
        return false;
    }
    const auto names = frame.trace.about().names();
    const auto text = describe::brief(request.payload->describe(), names);
    const double width = frame.measure.width(text, Typeface::Data, 10.5);
    if (width > room) {
        return false;
    }
    constexpr double clear = 5; ///< of the pin's head
    double x = rect.x + 5;
    const auto meets = [&] { return pin && *pin > x - clear && *pin < x + width + clear; };
    if (meets() && *pin + clear + width <= rect.x + rect.width - 5) {
        x = *pin + clear + 1;
    }
    const double y = rect.y + rect.height / 2 + 3.7;
    frame.drawing.add(TextItem{{x, y}, text, Ink::Text, 10.5, Typeface::Data}, subject, dimmed);
    frame.labels.block(rect);
    return meets();
}

void drawBar(Frame& frame, NodeId lane, double y, double height, const Bar& bar)
{
    const auto& scale = frame.scale;
    const auto& request = frame.trace[bar.operation.request];
    const bool open = !bar.operation.reply;
    const auto& known = frame.options.linearization;
    const bool impossible =
        known && known->impossibleIn(bar.operation.request, bar.lastRequest) != nullptr;
    const auto ink = barInk(frame, bar, impossible);
    const double from = std::max(bar.from, scale.gutter);
    const double to = std::min(std::max(bar.to, from + 3), scale.width);
    Subject subject{Subject::Kind::Operation, bar.operation.request, request.node, request.peer};
    if (bar.count > 1) {
        subject.kind = Subject::Kind::Bundle;
        subject.node = lane;
        subject.count = bar.count;
        subject.last = bar.operation.reply;
    }
    const bool dimmed = frame.dims()
        && !(frame.lit(bar.operation.request)
             || (bar.operation.reply && frame.lit(bar.operation.reply)));
    const Rect rect{from, y - height / 2, to - from, height};
    frame.drawing.add(
        RectItem{rect,
                 std::min(4.0, height / 2),
                 {ink, impossible ? 0.5 : 0.28},
                 true,
                 {ink, impossible ? 2.0 : 1.0, open ? Dash::Dashed : Dash::Solid, 0.9},
                 rect.width > 6},
        subject, dimmed);
    const auto pin = pinOf(frame, bar, rect);
    const bool inWords = labelBar(frame, bar, rect, pin, subject, dimmed);
    if (pin) {
        drawPin(frame, *pin, rect, inWords, subject, dimmed);
    }
    if (impossible && bar.count == 1 && bar.to <= scale.width) {
        const double size = std::min(13.0, frame.places.spacing);
        frame.drawing.add(MarkItem{Mark::Violation, {to + size, y}, size, Ink::Bad}, subject);
        frame.labels.block({to, y - size / 2, size * 1.6, size});
    }
}

} // namespace

namespace {

void drawBars(Frame& frame, NodeId lane, const std::vector<Bar>& bars)
{
    const double y = frame.laneAt(lane);
    int rows = 1;
    for (const auto& bar : bars) {
        rows = std::max(rows, bar.row + 1);
    }
    const double room = std::min(frame.places.spacing - 3, 16.0 * rows);
    const double height = std::max(3.0, room / rows - 1);
    for (const auto& bar : bars) {
        const double middle = y - room / 2 + (bar.row + 0.5) * room / rows;
        drawBar(frame, lane, middle, height, bar);
    }
}

} // namespace

void drawOperations(Frame& frame)
{
    if (!frame.last) {
        return;
    }
    const auto inView = [&](NodeId lane) {
        const auto y = frame.laneY.find(lane);
        return y != frame.laneY.end() && y->second >= rulerHeight - 4
            && y->second <= frame.scale.height;
    };
    for (const auto& [client, operations] : frame.index.operations()) {
        if (inView(client)) {
            drawBars(frame, client, barsOfClient(frame, operations));
        }
    }
    const bool together = std::ranges::none_of(frame.options.lanes, isClient);
    if (together && inView(clientsLane)) {
        drawBars(frame, clientsLane, barsOfCrowd(frame));
    }
}

} // namespace lightcone::picture
