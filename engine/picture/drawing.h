#pragma once

#include "engine/core/ids.h"
#include "engine/describe/facet.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lightcone::picture {

/// Colours by meaning. A palette (views/theme, or the SVG writer's) turns them into RGB; nothing
/// else names a colour.
enum class Ink : std::uint8_t {
    Ground,
    Panel,
    Raised,
    Line,
    Text,
    Muted,
    Faint,
    Selected,
    Cursor,
    Calm,
    Good,
    Bad,
    Strong,
    Busy,
    Epoch0,
    Epoch1,
    Epoch2,
    Epoch3, ///< a lane's tint by epoch modulo four
    Owner0,
    Owner1,
    Owner2,
    Owner3,
    Owner4,
    Owner5,
    Owner6,
    Owner7, ///< whose a part of a key space is, by the owner's place modulo eight
};
constexpr std::size_t inkCount = static_cast<std::size_t>(Ink::Owner7) + 1;
constexpr std::size_t ownerInks = 8;

/// How something that feels like that is coloured.
Ink inkOf(describe::Tone);

/// The tint of an epoch: neighbours differ.
Ink epochInk(std::uint64_t epoch);

struct Point
{
    double x = 0;
    double y = 0;
};

struct Rect
{
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
    [[nodiscard]] bool contains(Point) const;
    [[nodiscard]] bool overlaps(const Rect&) const;
    [[nodiscard]] Rect grown(double by) const;
    [[nodiscard]] Point centre() const { return {x + width / 2, y + height / 2}; }
};

enum class Dash : std::uint8_t { Solid, Dashed, Dotted };

struct Stroke
{
    Ink ink = Ink::Line;
    double width = 1;
    Dash dash = Dash::Solid;
    double opacity = 1;
};

struct Fill
{
    Ink ink = Ink::Panel;
    double opacity = 1;
};

enum class Typeface : std::uint8_t { Ui, UiBold, Data };
enum class Align : std::uint8_t { Left, Centre, Right };

/// What an item stands for, so that pointing at it can say so.
struct Subject
{
    enum class Kind : std::uint8_t {
        None,
        Event,
        Message,
        Node,
        Link,
        Bundle,
        Operation,
        Lane,
        Cursor,
        Minimap,
        Branch,
        Flight, ///< a message under way; event: its Send or Duplicate
        Fault ///< a crash, a cut, narration, …; event: that
    };
    Kind kind = Kind::None;
    EventId event{}; ///< of Message: its Send
    NodeId node{};
    NodeId peer{};
    std::uint64_t count = 0; ///< of Bundle: how many things it stands for
    EventId last{}; ///< of Bundle: the last of them
    friend bool operator==(const Subject&, const Subject&) = default;
};

struct LineItem
{
    Point from{};
    Point to{};
    Stroke stroke{};
    bool arrow = false;
};
struct PathItem
{
    std::vector<Point> points{};
    Stroke stroke{}; ///< none when its width is 0
    bool closed = false;
    Fill fill{};
    bool filled = false;
};
struct RectItem
{
    Rect rect{};
    double radius = 0;
    Fill fill{};
    bool filled = true;
    Stroke stroke{};
    bool stroked = false;
};
struct EllipseItem
{
    Point centre{};
    double rx = 0;
    double ry = 0;
    Fill fill{};
    bool filled = true;
    Stroke stroke{};
    bool stroked = false;
};
/// Degrees clockwise from twelve o'clock.
struct ArcItem
{
    Point centre{};
    double radius = 0;
    double from = 0;
    double sweep = 0;
    Stroke stroke{};
};
struct TextItem
{
    Point at{}; ///< on the baseline

    std::string text{};
    Ink ink = Ink::Text;
    double size = 12.5;
    Typeface face = Typeface::Ui;
    Align align = Align::Left;
    double opacity = 1;
    bool struck = false;
};
/// Small signs; a painter draws each within a square of the item's size.
enum class Mark : std::uint8_t {
    Crash, ///< a cross in a circle
    Restart, ///< a turning arrow
    Pause,
    Resume,
    Cut, ///< scissors in a circle
    Heal, ///< two links of a chain
    Death, ///< a cross: a message died here
    Rule, ///< a hand
    Link, ///< waves: a slow or lossy link
    Clock,
    Disk,
    Say, ///< a speech bubble
    Ask, ///< a question mark
    Held, ///< a tick: an expectation that held
    Failed, ///< an expectation that did not
    Violation, ///< an exclamation mark in a triangle
    Act, ///< a person did something
    Gap, ///< events are missing here
    Pointer, ///< a triangle that points down: the cursor's head
    Star, ///< a hand-picked or noteworthy thing
};
constexpr std::size_t markCount = static_cast<std::size_t>(Mark::Star) + 1;

struct MarkItem
{
    Mark mark = Mark::Star;
    Point centre{};
    double size = 12;
    Ink ink = Ink::Bad;
};

using Shape = std::variant<LineItem, PathItem, RectItem, EllipseItem, ArcItem, TextItem, MarkItem>;

struct Item
{
    Shape shape;
    Subject subject{};
    bool dimmed = false; ///< outside what is lit up
};

/// A picture as data, painted in order. Hit-testing reads the same list from its end.
struct Drawing
{
    double width = 0;
    double height = 0;
    std::vector<Item> items;

    void add(Shape shape, Subject subject = {}, bool dimmed = false)
    {
        items.push_back({std::move(shape), subject, dimmed});
    }

    /// What is under the point within `slack` pixels; the topmost that stands for anything.
    [[nodiscard]] Subject hit(Point, double slack = 4) const;
};

/// Width of a text in pixels. The window measures with its fonts; the SVG writer with tables of its
/// own.
class TextMeasure
{
public:
    TextMeasure() = default;
    TextMeasure(const TextMeasure&) = delete;
    TextMeasure& operator=(const TextMeasure&) = delete;
    virtual ~TextMeasure() = default;
    [[nodiscard]] virtual double width(const std::string& text, Typeface, double size) const = 0;
};

} // namespace lightcone::picture
