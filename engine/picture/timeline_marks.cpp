#include "engine/describe/text.h"
#include "engine/picture/sentence.h"
#include "engine/picture/timeline_frame.h"

#include <algorithm>
#include <cmath>

namespace lightcone::picture {

namespace {

using trace::Kind;

constexpr double cell = 15; ///< marks nearer than this become one with a count
constexpr double flagRow = 27; ///< where stands what belongs to no lane

struct Look
{
    Mark mark = Mark::Star;
    Ink ink = Ink::Muted;
    int weight = 0; ///< of several in one place the heaviest is seen
};

Look lookOf(const trace::Event& event)
{
    switch (event.kind) {
    case Kind::Violation:
        return {Mark::Violation, Ink::Bad, 9};
    case Kind::Crash:
        return {Mark::Crash, Ink::Bad, 8};
    case Kind::Expect:
        return event.detail != 0 ? Look{Mark::Held, Ink::Good, 3} : Look{Mark::Failed, Ink::Bad, 8};
    case Kind::Cut:
        return {Mark::Cut, Ink::Bad, 7};
    case Kind::Gap:
        return {Mark::Gap, Ink::Bad, 7};
    case Kind::Restart:
        return {Mark::Restart, Ink::Good, 6};
    case Kind::Heal:
        return {Mark::Heal, Ink::Good, 6};
    case Kind::Pause:
        return {Mark::Pause, Ink::Strong, 5};
    case Kind::Resume:
        return {Mark::Resume, Ink::Good, 5};
    case Kind::Ask:
        return {Mark::Ask, Ink::Strong, 5};
    case Kind::Rule:
        return {Mark::Rule, Ink::Strong, 4};
    case Kind::Link:
        return {Mark::Link, Ink::Strong, 4};
    case Kind::Clock:
        return {Mark::Clock, Ink::Strong, 4};
    case Kind::Disk:
        return {Mark::Disk, Ink::Strong, 4};
    case Kind::Say:
        return {Mark::Say, Ink::Calm, 2};
    default:
        return {Mark::Act, Ink::Muted, 1};
    }
}

/// The words of a note, a narration or an act.
std::string textOf(const trace::Event& event)
{
    if (!event.payload) {
        return {};
    }
    const auto value = event.payload->describe();
    const auto* text = value.find("text");
    if (text != nullptr && text->exists() && text->kind() == describe::ShapeKind::Text) {
        return text->asText();
    }
    return describe::brief(value);
}

std::string shortened(const std::string& text, std::size_t most)
{
    if (text.size() <= most) {
        return text;
    }
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end) + "…";
}

std::string labelOf(const Frame& frame, const trace::Event& event)
{
    const auto& words = frame.options.words;
    const auto& about = frame.trace.about();
    const auto name = about.nameOf(event.node);
    switch (event.kind) {
    case Kind::Crash:
        return fill(words.crashed, {name});
    case Kind::Restart:
        return fill(words.restarted, {name});
    case Kind::Pause:
        return fill(words.paused, {name});
    case Kind::Resume:
        return fill(words.resumed, {name});
    case Kind::Cut:
        return fill(words.cut, {name, about.nameOf(event.peer)});
    case Kind::Heal:
        return fill(words.healed, {name, about.nameOf(event.peer)});
    case Kind::Clock:
    case Kind::Disk:
    case Kind::Link:
        return conditionOf(event);
    case Kind::Act:
        return {};
    default:
        return shortened(textOf(event), 60);
    }
}

struct MarkSign
{
    EventId first{};
    EventId last{};
    EventId shown{};
    Look look{};
    std::uint64_t count = 0;
    double x = 0;
    double y = 0;
};

bool isOnLane(Kind kind)
{
    return kind == Kind::Crash || kind == Kind::Restart || kind == Kind::Pause
        || kind == Kind::Resume || kind == Kind::Clock || kind == Kind::Disk || kind == Kind::Gap
        || kind == Kind::Cut || kind == Kind::Heal || kind == Kind::Link;
}

/// Where the event's mark stands; between two lanes when it is about both.
double rowOf(const Frame& frame, const trace::Event& event)
{
    const auto y = frame.yOf(event.node);
    if (!isOnLane(event.kind) || !y) {
        return flagRow;
    }
    const auto peer = frame.yOf(event.peer);
    const bool between =
        event.kind == Kind::Cut || event.kind == Kind::Heal || event.kind == Kind::Link;
    return between && peer ? (*y + *peer) / 2 : *y;
}

std::vector<MarkSign> signsInView(const Frame& frame)
{
    const auto& landmarks = frame.index.landmarks();
    const auto [low, high] = TimelineIndex::between(landmarks, frame.first, frame.last);
    std::map<std::pair<int, int>, MarkSign> cells;
    const bool crowded = high - low > 20'000;
    for (auto i = low; i < high;) {
        const EventId id(landmarks[i]);
        const auto& event = frame.trace[id];
        const double x = frame.scale.x(event.at);
        const double y = crowded ? flagRow : rowOf(frame, event);
        const auto column = static_cast<int>(std::floor(x / cell));
        auto next = i + 1;
        if (crowded) {
            const auto beyond = frame.index.firstAtOrAfter(frame.scale.at((column + 1) * cell));
            next = std::max(
                next,
                TimelineIndex::between(landmarks, EventId(1), EventId(beyond.value - 1)).second);
        }
        auto& sign = cells[{static_cast<int>(std::lround(y)), column}];
        const auto look = lookOf(event);
        if (sign.count == 0 || look.weight > sign.look.weight) {
            sign.look = look;
            sign.shown = id;
            sign.x = x;
            sign.y = y;
        }
        sign.first = sign.count == 0 ? id : sign.first;
        sign.last = EventId(landmarks[next - 1]);
        sign.count += next - i;
        i = next;
    }
    std::vector<MarkSign> signs;
    for (const auto& [place, sign] : cells) {
        if (sign.x >= frame.scale.gutter && (sign.y == flagRow || sign.y >= rulerHeight - 4)) {
            signs.push_back(sign);
        }
    }
    std::ranges::stable_sort(signs, std::ranges::greater{},
                             [](const MarkSign& sign) { return sign.look.weight; });
    return signs;
}

void drawSign(Frame& frame, const MarkSign& sign)
{
    const auto& event = frame.trace[sign.shown];
    Subject subject{Subject::Kind::Fault, sign.shown, event.node, event.peer, 0, sign.last};
    if (sign.count > 1) {
        subject = {
            Subject::Kind::Bundle, sign.first, event.node, event.peer, sign.count, sign.last};
    }
    const auto from = frame.yOf(event.node);
    const auto to = frame.yOf(event.peer);
    if ((event.kind == Kind::Cut || event.kind == Kind::Heal) && from && to) {
        frame.drawing.add(
            LineItem{
                {sign.x, *from}, {sign.x, *to}, {sign.look.ink, 1.2, Dash::Dashed, 0.7}, false},
            subject);
    }
    if (event.kind == Kind::Violation) {
        frame.drawing.add(LineItem{{sign.x, flagRow},
                                   {sign.x, frame.scale.height},
                                   {Ink::Bad, 1.2, Dash::Dotted, 0.8},
                                   false},
                          subject);
    }
    const double size = std::min(event.kind == Kind::Crash ? 17.0 : 14.0, frame.places.spacing);
    frame.drawing.add(MarkItem{sign.look.mark, {sign.x, sign.y}, size, sign.look.ink}, subject);
    frame.labels.block({sign.x - size / 2, sign.y - size / 2, size, size});
}

void labelSign(Frame& frame, const MarkSign& sign)
{
    const auto& event = frame.trace[sign.shown];
    const Subject subject{Subject::Kind::Fault, sign.shown, event.node, event.peer};
    auto text = labelOf(frame, event);
    if (sign.count > 1) {
        text = fill(frame.options.words.times, {grouped(sign.count)});
    }
    if (text.empty()) {
        return;
    }
    const bool strong = sign.look.weight >= 5;
    const auto face = strong && sign.count == 1 ? Typeface::UiBold : Typeface::Ui;
    const auto ink = sign.y == flagRow && !strong ? Ink::Muted : sign.look.ink;
    const double width = frame.measure.width(text, face, 10.5);
    const bool flag = sign.y == flagRow;
    for (const auto at : {Point{sign.x + 11, sign.y + (flag ? 4 : -9)},
                          Point{sign.x + 11, sign.y + (flag ? 4 : 17)},
                          Point{sign.x - 11 - width, sign.y + (flag ? 4 : -9)}}) {
        if (frame.label(at, text, ink, 10.5, face, subject)) {
            return;
        }
    }
}

bool labelNote(Frame& frame, EventId id, double y, Ink ink, Typeface face, double size)
{
    const auto& event = frame.trace[id];
    const auto note = textOf(event);
    if (note.empty()) {
        return false;
    }
    const auto text = noteOf(frame.trace.about(), event.node, shortened(note, 70));
    const double x = frame.scale.x(event.at);
    const double width = frame.measure.width(text, face, size);
    const Subject subject{Subject::Kind::Event, id, event.node, event.peer};
    const bool dimmed = frame.dims() && !frame.lit(id);
    for (const auto at : {Point{x + 10, y + 20}, Point{x + 10, y - 10},
                          Point{x - 10 - width, y + 20}, Point{x - 10 - width, y - 10}}) {
        if (frame.label(at, text, ink, size, face, subject, dimmed)) {
            return true;
        }
    }
    return false;
}

/// What the selected step noted stands out, and takes its place first. Returns that note.
EventId labelSelected(Frame& frame)
{
    const auto selected = frame.options.selected;
    if (!selected || selected.value > frame.index.size()) {
        return {};
    }
    auto candidates = frame.index.index().effectsOf(selected);
    candidates.insert(candidates.begin(), selected);
    for (const auto id : candidates) {
        const auto y = frame.yOf(frame.trace[id].node);
        if (frame.trace[id].kind == Kind::Note && y
            && labelNote(frame, id, *y, Ink::Cursor, Typeface::UiBold, 11.5)) {
            return id;
        }
    }
    return {};
}

void drawNotes(Frame& frame, EventId labelled)
{
    const auto& notes = frame.index.notes();
    const auto [low, high] = TimelineIndex::between(notes, frame.first, frame.last);
    constexpr double column = 4;
    const auto columnOf = [&](EventId id) {
        return static_cast<int>(std::floor(frame.xOf(id) / column));
    };
    std::map<std::pair<NodeId, int>, std::pair<EventId, std::uint64_t>> ticks;
    // Beyond this many, going from column to column is enough to say that there are some.
    const bool crowded = high - low > 4'000;
    for (auto i = low; i < high;) {
        const EventId id(notes[i]);
        auto next = i + 1;
        if (crowded) {
            const auto beyond =
                frame.index.firstAtOrAfter(frame.scale.at((columnOf(id) + 1) * column));
            next = std::max(
                next, TimelineIndex::between(notes, EventId(1), EventId(beyond.value - 1)).second);
        }
        auto& tick = ticks[{frame.trace[id].node, columnOf(id)}];
        tick.first = tick.second == 0 ? id : tick.first;
        tick.second += next - i;
        i = next;
    }
    int tries = 0;
    for (const auto& [place, tick] : ticks) {
        const auto& [id, count] = tick;
        const auto& event = frame.trace[id];
        const auto y = frame.yOf(event.node);
        const double x = frame.xOf(id);
        if (!y || *y < rulerHeight - 4 || x < frame.scale.gutter) {
            continue;
        }
        Subject subject{Subject::Kind::Event, id, event.node, event.peer};
        if (count > 1) {
            subject = {Subject::Kind::Bundle, id, event.node, event.peer, count, id};
        }
        const bool dimmed = frame.dims() && !frame.lit(id);
        const double half = std::min(8.0, frame.places.spacing / 2);
        frame.drawing.add(RectItem{{x - 1, *y - half, 2, 2 * half}, 0, {Ink::Strong, 0.9}}, subject,
                          dimmed);
        if (id != labelled && frame.places.spacing >= 30 && ++tries <= 120) {
            labelNote(frame, id, *y, Ink::Muted, Typeface::Ui, 10.5);
        }
    }
}

} // namespace

void drawMarks(Frame& frame)
{
    const auto signs = frame.last ? signsInView(frame) : std::vector<MarkSign>{};
    for (auto sign = signs.rbegin(); sign != signs.rend(); ++sign) {
        drawSign(frame, *sign);
    }
    const auto labelled = labelSelected(frame);
    int labels = 0;
    for (const auto& sign : signs) {
        if (++labels <= 150 && (frame.places.spacing >= 22 || sign.y == flagRow)) {
            labelSign(frame, sign);
        }
    }
    if (frame.last) {
        drawNotes(frame, labelled);
    }
}

} // namespace lightcone::picture
