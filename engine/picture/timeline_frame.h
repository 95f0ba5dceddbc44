#pragma once

#include "engine/picture/timeline.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::picture {

/// Texts that must not lie on each other: the first to come keeps its place.
class LabelSpace
{
public:
    /// Whether there was room.
    bool take(const Rect& rect);
    [[nodiscard]] bool isFree(const Rect& rect) const;
    void block(const Rect& rect);

private:
    /// What reaches into each row of the picture.
    std::vector<std::vector<Rect>> m_rows;
};

/// What the parts of one timeline picture share while it is made.
struct Frame
{
    Frame(const TimelineIndex&, const Scale&, const TimelineOptions&, const TextMeasure&);

    const TimelineIndex& index;
    const trace::Trace& trace;
    const Scale& scale;
    const TimelineOptions& options;
    const TextMeasure& measure;
    Drawing drawing{};
    LabelSpace labels{};
    LanePlaces places{};
    std::map<NodeId, double> laneY{};
    EventId first{}; ///< of the events in view
    EventId last{}; ///< none when no event is in view
    Instant end{}; ///< how far the trace has come
    double right = 0; ///< where the trace ends, at most the picture's edge

    [[nodiscard]] std::uint64_t eventsInView() const
    {
        return last >= first && last ? last.value - first.value + 1 : 0;
    }
    /// On which lane a node is drawn: its own, or clientsLane.
    [[nodiscard]] NodeId laneOf(NodeId) const;

    [[nodiscard]] std::optional<double> yOf(NodeId) const;

    /// Of one that yOf() knows.
    [[nodiscard]] double laneAt(NodeId node) const { return laneY.at(laneOf(node)); }

    [[nodiscard]] double xOf(EventId id) const { return scale.x(trace[id].at); }

    /// Whether the event is what the person looks for: in the cone, and among the matches.
    [[nodiscard]] bool lit(EventId) const;
    [[nodiscard]] bool dims() const { return options.lightCone || options.matches != nullptr; }
    [[nodiscard]] bool among(EventId) const;

    /// A text if it fits into the plot and on nothing else.
    bool label(Point at, const std::string& text, Ink, double size, Typeface, Subject = {},
               bool dimmed = false);

    /// A line, cut off at the plot's edges; whether any of it is left.
    bool line(Point from, Point to, const Stroke&, bool arrow, Subject, bool dimmed);
};

void drawGrid(Frame&);
void drawRuler(Frame&);
void drawLanes(Frame&);
void drawOperations(Frame&);
void drawMessages(Frame&); ///< and the dots or density of what happens on the lanes
void drawMarks(Frame&); ///< faults, narration, notes
void drawGutter(Frame&);

/// Of a message, request or reply; how its arrow looks.
Ink messageInk(const trace::Event&);

/// Where columns of that width begin, from first up to but not at end.
std::vector<double> columnEdges(double first, double end, double column);

/// Above this many events in view single arrows are told apart no more.
constexpr double rulerHeight = 34;
constexpr std::uint64_t mostEventsSingly = 20'000;
constexpr std::size_t mostArrows = 500; ///< long antialiased lines cost some 20 µs each
constexpr std::size_t mostBundles = 1'800;
constexpr std::size_t mostTicks = 3'000;

} // namespace lightcone::picture
