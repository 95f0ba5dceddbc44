#pragma once

#include "engine/core/ids.h"

#include <cstdint>
#include <string>
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
};

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
        Flight
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
    Point from;
    Point to;
    Stroke stroke;
    bool arrow = false;
};
struct PathItem
{
    std::vector<Point> points;
    Stroke stroke;
    bool closed = false;
};
struct RectItem
{
    Rect rect;
    double radius = 0;
    Fill fill;
    bool filled = true;
    Stroke stroke;
    bool stroked = false;
};
struct EllipseItem
{
    Point centre;
    double rx = 0;
    double ry = 0;
    Fill fill;
    bool filled = true;
    Stroke stroke;
    bool stroked = false;
};
/// Degrees clockwise from twelve o'clock.
struct ArcItem
{
    Point centre;
    double radius = 0;
    double from = 0;
    double sweep = 0;
    Stroke stroke;
};
struct TextItem
{
    Point at;
    std::string text;
    Ink ink = Ink::Text;
    double size = 12.5;
    Typeface face = Typeface::Ui;
    Align align = Align::Left;
    double opacity = 1;
    bool struck = false;
};
/// A mark drawn by name: "crash", "cut", "restart", "pause", "diskFull", …; the painter knows how
/// each looks.
struct MarkItem
{
    std::string mark;
    Point centre;
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
