#include "engine/picture/topology_card.h"

#include "engine/core/time.h"
#include "engine/describe/text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace lightcone::picture {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;
using trace::Life;

Extent extentOf(CardSize size)
{
    switch (size) {
    case CardSize::Large:
        return {178, 74};
    case CardSize::Medium:
        return {124, 50};
    case CardSize::Small:
        break;
    }
    return {76, 28};
}

std::string fitted(const TextMeasure& measure, const std::string& text, Typeface face, double size,
                   double room)
{
    if (measure.width(text, face, size) <= room) {
        return text;
    }
    for (auto end = text.size(); end > 0; --end) {
        if ((static_cast<unsigned char>(text[end - 1]) & 0xC0U) == 0x80U
            || (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)) {
            continue;
        }
        const auto shorter = text.substr(0, end) + "…";
        if (measure.width(shorter, face, size) <= room) {
            return shorter;
        }
    }
    return {};
}

std::optional<std::uint64_t> numberOf(const Value& state, Facet facet)
{
    const auto* field = state.exists() ? state.findFacet(facet) : nullptr;
    if (field == nullptr || !field->held().exists()) {
        return std::nullopt;
    }
    const auto& held = field->held();
    if (held.kind() == ShapeKind::UInt) {
        return held.asUInt();
    }
    if (held.kind() == ShapeKind::Int && held.asInt() >= 0) {
        return static_cast<std::uint64_t>(held.asInt());
    }
    return std::nullopt;
}

namespace {

/// "T" of the field "term".
std::string initialOf(const Value& state, Facet facet)
{
    const auto index = state.shape()->fieldWith(facet);
    if (!index || state.shape()->fields[*index].name.empty()) {
        return {};
    }
    const char letter = state.shape()->fields[*index].name[0];
    return {letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter};
}

/// Draws the parts of one member's card.
class Card
{
public:
    Card(Drawing& drawing, const CardContext& context, const trace::NodeState& node, Rect rect,
         CardSize size)
        : m_drawing(drawing)
        , m_context(context)
        , m_node(node)
        , m_rect(rect)
        , m_size(size)
        , m_subject{Subject::Kind::Node, node.lastStep, node.id}
        , m_down(node.life == Life::Crashed || node.life == Life::NotStarted)
    {
    }

    void draw()
    {
        readRole();
        border();
        title(share(epoch()));
        if (m_size != CardSize::Small) {
            drawCardBody(m_drawing, m_context, m_node, m_rect, m_size, timer());
        }
        conditions();
        if (m_node.life == Life::Crashed) {
            add(MarkItem{Mark::Crash, {m_rect.x + 2, m_rect.y + 2}, 15, Ink::Bad});
        } else if (m_node.life == Life::Paused) {
            add(MarkItem{Mark::Pause, {m_rect.x + 2, m_rect.y + 2}, 15, Ink::Strong});
        }
    }

private:
    void add(Shape shape) { m_drawing.add(std::move(shape), m_subject); }

    void readRole()
    {
        const auto* role = m_node.state.exists() ? m_node.state.findFacet(Facet::Role) : nullptr;
        if (role != nullptr && role->held().exists() && role->held().kind() == ShapeKind::Enum) {
            const auto& held = role->held();
            const auto index = held.asUInt();
            if (index < held.shape()->enumerators.size()) {
                m_role = spoken(held.shape()->enumerators[index].name);
                m_tone = held.shape()->enumerators[index].tone;
            }
        }
        if (m_role.empty()) {
            for (const auto& member : m_context.about.members) {
                m_role = member.id == m_node.id ? member.role : m_role;
            }
        }
        const auto& words = m_context.options.words;
        if (m_node.life == Life::Crashed) {
            m_role = words.isCrashed;
        } else if (m_node.life == Life::Paused) {
            m_role = words.isPaused;
        } else if (m_node.life == Life::NotStarted) {
            m_role = words.notStarted;
        }
    }

    [[nodiscard]] bool plain() const
    {
        return m_tone == describe::Tone::Neutral || m_tone == describe::Tone::Calm;
    }

    void border()
    {
        const double radius = m_size == CardSize::Small ? 6 : 10;
        if (m_context.options.selected == m_node.id) {
            add(RectItem{m_rect.grown(4), radius + 4, {}, false, {Ink::Cursor, 1.4}, true});
        }
        if (m_down) {
            add(RectItem{
                m_rect, radius, {Ink::Ground}, true, {Ink::Faint, 1.2, Dash::Dashed}, true});
            return;
        }
        const bool paused = m_node.life == Life::Paused;
        const auto ink = paused ? Ink::Faint : plain() ? Ink::Line : inkOf(m_tone);
        const auto dash = paused ? Dash::Dotted : Dash::Solid;
        add(RectItem{m_rect, radius, {Ink::Raised}, true, {ink, plain() ? 1.2 : 2, dash}, true});
        // Who has authority is seen without colours too: a border within the border.
        if (m_tone == describe::Tone::Strong && !paused) {
            add(RectItem{m_rect.grown(-3.5), radius - 3, {}, false, {ink, 1}, true});
        }
    }

    /// Gives where the badge begins.
    double epoch()
    {
        const double right = m_rect.x + m_rect.width - (m_size == CardSize::Large ? 10 : 7);
        const auto number =
            m_node.state.exists() ? numberOf(m_node.state, Facet::Epoch) : std::nullopt;
        if (!number) {
            return right;
        }
        const auto text = initialOf(m_node.state, Facet::Epoch) + std::to_string(*number);
        const double size = m_size == CardSize::Small ? 9.5 : 10.5;
        const double height = m_size == CardSize::Large ? 18 : 15;
        const double least = m_size == CardSize::Large ? 28 : 20;
        const double width =
            std::max(least, m_context.measure.width(text, Typeface::UiBold, size) + 10);
        const double y = m_rect.y + (m_size == CardSize::Large ? 7 : 6);
        const Rect badge{right - width, y, width, height};
        add(RectItem{badge, 4, {m_down ? Ink::Selected : epochInk(*number), m_down ? 0.5 : 1.0}});
        add(TextItem{{badge.x + width / 2, y + height / 2 + size * 0.36},
                     text,
                     m_down ? Ink::Faint : Ink::Text,
                     size,
                     Typeface::UiBold,
                     Align::Centre});
        return badge.x;
    }

    /// What part of all falls on it; left of the epoch. Gives where it begins.
    double share(double right)
    {
        const auto part = m_context.shares.find(m_node.id);
        if (part == m_context.shares.end()) {
            return right;
        }
        const auto text = std::to_string(std::lround(100 * part->second)) + "%";
        const bool large = m_size == CardSize::Large;
        const double size = m_size == CardSize::Small ? 9.5 : 10.5;
        const double height = large ? 18 : 15;
        const double width = m_context.measure.width(text, Typeface::UiBold, size) + 10;
        const auto end = m_rect.x + m_rect.width - (large ? 10 : 7);
        const double left = (right < end ? right - 4 : right) - width;
        const Rect badge{left, m_rect.y + (large ? 7 : 6), width, height};
        add(RectItem{badge, 4, {m_down ? Ink::Faint : Ink::Calm, 0.16}});
        add(TextItem{{left + width / 2, badge.y + height / 2 + size * 0.36},
                     text,
                     m_down ? Ink::Faint : Ink::Calm,
                     size,
                     Typeface::UiBold,
                     Align::Centre});
        return left;
    }

    void title(double badgeLeft)
    {
        const bool large = m_size == CardSize::Large;
        const double size = large ? 14 : m_size == CardSize::Medium ? 12.5 : 11.5;
        const double left = m_rect.x + (large ? 12 : 9);
        const double base = m_rect.y + (large ? 21 : m_size == CardSize::Medium ? 18 : 18.5);
        const auto& measure = m_context.measure;
        const auto name = fitted(measure, m_context.about.nameOf(m_node.id), Typeface::UiBold, size,
                                 badgeLeft - left - 4);
        add(TextItem{{left, base}, name, m_down ? Ink::Faint : Ink::Text, size, Typeface::UiBold});
        if (m_size == CardSize::Small) {
            return;
        }
        const double roleSize = large ? 11.5 : 10.5;
        const double from = left + measure.width(name, Typeface::UiBold, size) + (large ? 8 : 6);
        auto text = m_role + votes();
        if (measure.width(text, Typeface::Ui, roleSize) > badgeLeft - from - 6) {
            text = fitted(measure, m_role, Typeface::Ui, roleSize, badgeLeft - from - 6);
        }
        const auto ink = m_node.life == Life::Crashed ? Ink::Bad
            : m_down                                  ? Ink::Faint
            : plain()                                 ? Ink::Muted
                                                      : inkOf(m_tone);
        add(TextItem{{from, base}, text, ink, roleSize});
    }

    /// " 2/3" while votes are being gathered.
    [[nodiscard]] std::string votes() const
    {
        const auto* set = m_node.state.exists() ? m_node.state.findFacet(Facet::Votes) : nullptr;
        if (set == nullptr || m_down || set->held().children().empty()) {
            return {};
        }
        const auto count = set->held().children().size();
        const auto needed = numberOf(m_node.state, Facet::Quorum);
        if (!needed || count >= *needed) {
            return {};
        }
        return " " + std::to_string(count) + "/" + std::to_string(*needed);
    }

    /// Gives how far to the right the body may go.
    double timer()
    {
        if (m_down || m_node.timers.empty()) {
            return m_rect.x + m_rect.width - 10;
        }
        const auto soonest = std::ranges::min_element(
            m_node.timers, {}, [](const trace::ArmedTimer& timer) { return timer.due; });
        const double whole = static_cast<double>((soonest->due - soonest->armed).count());
        const double gone = static_cast<double>((m_context.options.now - soonest->armed).count());
        const double left = whole > 0 ? std::clamp(1 - gone / whole, 0.0, 1.0) : 0;
        const bool large = m_size == CardSize::Large;
        const double radius = large ? 8 : 5.5;
        const Point centre{m_rect.x + m_rect.width - (large ? 20 : 14),
                           m_rect.y + m_rect.height - (large ? 21 : 13)};
        const double width = large ? 3 : 2.2;
        add(ArcItem{centre, radius, 0, 360, {Ink::Line, width}});
        if (left > 0.002) {
            add(ArcItem{centre, radius, 0, 360 * left, {Ink::Cursor, width}});
        }
        return centre.x - radius - 8;
    }

    /// Disk and clock, on the lower border.
    void conditions()
    {
        double x = m_rect.x + 10;
        const auto pill = [&](Mark mark, const std::string& text) {
            const double size = 9.5;
            const double width = m_context.measure.width(text, Typeface::Ui, size) + 24;
            const Rect rect{x, m_rect.y + m_rect.height - 7, width, 15};
            if (x + width > m_rect.x + m_rect.width) {
                return;
            }
            add(RectItem{rect, 7.5, {Ink::Ground}, true, {Ink::Bad, 1}, true});
            add(MarkItem{mark, {x + 8.5, rect.y + 7.5}, 11, Ink::Bad});
            add(TextItem{{x + 17, rect.y + 11}, text, Ink::Bad, size});
            x += width + 5;
        };
        if (!m_node.disk.empty()) {
            pill(Mark::Disk, m_node.disk);
        }
        if (m_node.clockOffset != Duration{} || m_node.clockRate != 1.0) {
            auto text = m_node.clockOffset != Duration{}
                ? (m_node.clockOffset > Duration{} ? "+" : "−")
                    + toText(m_node.clockOffset > Duration{} ? m_node.clockOffset
                                                             : -m_node.clockOffset)
                : std::string();
            if (text.empty()) {
                const auto rate = std::to_string(m_node.clockRate);
                text = "×" + rate.substr(0, std::min<std::size_t>(5, rate.size()));
            }
            pill(Mark::Clock, text);
        }
    }

    Drawing& m_drawing;
    const CardContext& m_context;
    const trace::NodeState& m_node;
    Rect m_rect;
    CardSize m_size;
    Subject m_subject;
    bool m_down = false;
    std::string m_role{};
    describe::Tone m_tone = describe::Tone::Neutral;
};

} // namespace

void drawCard(Drawing& drawing, const CardContext& context, const trace::NodeState& node,
              const Rect& rect, CardSize size)
{
    Card(drawing, context, node, rect, size).draw();
}

void drawClient(Drawing& drawing, const CardContext& context, NodeId client, const Rect& rect)
{
    const Subject subject{Subject::Kind::Node, {}, client};
    const bool selected = context.options.selected == client;
    drawing.add(RectItem{rect,
                         6,
                         {Ink::Panel},
                         true,
                         {selected ? Ink::Cursor : Ink::Line, selected ? 1.6 : 1.2},
                         true},
                subject);
    const auto name =
        fitted(context.measure, context.about.nameOf(client), Typeface::Ui, 11.5, rect.width - 12);
    drawing.add(TextItem{{rect.x + rect.width / 2, rect.y + rect.height / 2 + 4},
                         name,
                         Ink::Muted,
                         11.5,
                         Typeface::Ui,
                         Align::Centre},
                subject);
}

} // namespace lightcone::picture
