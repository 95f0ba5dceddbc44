#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/picture/cone.h"
#include "engine/picture/drawing.h"
#include "engine/picture/linearization.h"
#include "engine/picture/timeline_index.h"
#include "engine/picture/words.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lightcone::picture {

/// Where which instant is drawn. Pixels are the drawing's own; a screen may have more.
struct Scale
{
    Instant first{}; ///< at the left edge of the plot
    double nanosecondsPerPixel = 100'000;
    double width = 800;
    double height = 400;
    double gutter = 54; ///< the lanes' names stand left of the plot

    [[nodiscard]] double x(Instant) const;
    [[nodiscard]] Instant at(double x) const;
    [[nodiscard]] Instant last() const { return at(width); }
    [[nodiscard]] double plotWidth() const { return width > gutter ? width - gutter : 1; }

    /// The same picture with the instant at x staying there; factor below 1 shows less of time.
    [[nodiscard]] Scale zoomed(double x, double factor) const;
    [[nodiscard]] Scale panned(double pixels) const;

    /// Everything from first to last, with a little room on both sides.
    [[nodiscard]] Scale fitted(Instant first, Instant last) const;

    static constexpr double finest = 0.01; ///< nanoseconds a pixel
    static constexpr double coarsest = 1e12;
    friend bool operator==(const Scale&, const Scale&) = default;
};

/// Whether many clients share a lane.
enum class Clients : std::uint8_t { Together, Apart };

/// The lane that many clients share: neither a member nor a client. On it is drawn what is of
/// clients that have no lane of their own.
constexpr NodeId clientsLane(firstClient - 1);

struct TimelineOptions
{
    std::vector<NodeId> lanes{}; ///< from the top; see allLanes()
    Clients clients = Clients::Together; ///< where lanes are left out
    EventId selected{};
    NodeId selectedNode{};
    Instant cursor{};
    bool showCursor = true;
    bool lightCone = false;
    bool pastOnly = false; ///< the cone is to be what the selected event knew of
    Cone cone{}; ///< of the selected event
    /// Events that a query asks for, in order; nullptr when nothing is asked.
    const std::vector<std::uint32_t>* matches = nullptr;
    /// Where clients' operations took effect; nullptr where nobody judged that.
    std::shared_ptr<const Linearization> linearization{};
    double scroll = 0; ///< pixels that the lanes are moved up
    Words words{};
};

/// Members in the plan's order, then the clients that did anything. More than a dozen of them share
/// clientsLane, or stand below it.
std::vector<NodeId> allLanes(const TimelineIndex&, Clients = Clients::Together);

/// How wide the gutter must be for the lanes' names.
double gutterFor(const TimelineIndex&, const TimelineOptions&, const TextMeasure&);

/// The height at which each lane is drawn, and how far they can be scrolled.
struct LanePlaces
{
    double spacing = 0;
    double top = 0; ///< of the first lane, before scrolling
    double mostScroll = 0;
    [[nodiscard]] double y(std::size_t lane, double scroll) const
    {
        return top + spacing * static_cast<double>(lane) - scroll;
    }
};
LanePlaces placeLanes(std::size_t count, double height);

/// The space-time diagram: a lane a node tinted by epoch, an arrow a message, marks, notes, ruler
/// and cursor. What is too dense to tell apart becomes bundles with a count; nothing is left out.
/// The cost follows the picture's size, not the trace's.
Drawing timeline(const TimelineIndex&, const Scale&, const TimelineOptions&, const TextMeasure&);

/// Only the cursor: what moves while everything else stays. `events` of the trace may be read.
Drawing timelineCursor(const trace::Trace&, std::uint64_t events, const Scale&,
                       const TimelineOptions&);

} // namespace lightcone::picture
