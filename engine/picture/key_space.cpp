#include "engine/picture/key_space.h"

#include "engine/describe/text.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

namespace lightcone::picture {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;

namespace {

constexpr double barHeight = 46; ///< with the labels below it
constexpr double mostRing = 250; ///< pixels across
constexpr double leastRing = 120;
constexpr std::size_t mostLegend = 10; ///< owners that are named

/// The first value with that facet, however deep.
const Value* partsIn(const Value& value, Facet facet, int depth = 3)
{
    const auto& held = value.held();
    if (!held.exists() || held.kind() != ShapeKind::Record) {
        return nullptr;
    }
    if (const auto* found = held.findFacet(facet);
        found != nullptr && !found->held().children().empty()) {
        return found;
    }
    for (const auto& child : held.children()) {
        if (const auto* found = depth > 0 ? partsIn(child, facet, depth - 1) : nullptr) {
            return found;
        }
    }
    return nullptr;
}

std::uint64_t epochOf(const Value& state)
{
    const auto* epoch = state.findFacet(Facet::Epoch);
    return epoch != nullptr && epoch->held().exists() && epoch->held().kind() == ShapeKind::UInt
        ? epoch->held().asUInt()
        : 0;
}

NodeId nodeIn(const Value& part, Facet facet)
{
    const auto* node = part.findFacet(facet);
    return node != nullptr && node->held().exists() && node->held().kind() == ShapeKind::Node
        ? node->held().asNode()
        : NodeId{};
}

double measureOf(const Value& part)
{
    const auto* level = part.findFacet(Facet::Level);
    return level != nullptr && level->held().exists() && level->held().isNumber()
        ? std::max(0.0, level->held().asReal())
        : 0;
}

/// A part's first text says where it begins.
std::string labelOf(const Value& part)
{
    const auto& fields = part.shape()->fields;
    for (std::size_t i = 0; i < fields.size() && i < part.children().size(); ++i) {
        const auto& held = part.children()[i].held();
        if (fields[i].facet == Facet::None && held.exists() && held.kind() == ShapeKind::Text) {
            return held.asText();
        }
    }
    return {};
}

std::string percent(double share)
{
    return std::to_string(std::lround(share * 100)) + " %";
}

Point onCircle(Point centre, double radius, double share)
{
    return {centre.x + radius * std::sin(2 * std::numbers::pi * share),
            centre.y - radius * std::cos(2 * std::numbers::pi * share)};
}

/// Draws the parts on a circle or in a row, each in its owner's colour.
class Drawer
{
public:
    Drawer(Drawing& drawing, const CardContext& context, const KeySpace& space, Rect rect)
        : m_drawing(drawing)
        , m_context(context)
        , m_space(space)
        , m_rect(rect)
    {
    }

    void ring()
    {
        const auto centre = m_rect.centre();
        const double outer = std::min(m_rect.width, m_rect.height) / 2 - 4;
        const double width = std::clamp(outer * 0.17, 10.0, 20.0);
        const double radius = outer - width / 2;
        for (const auto& part : m_space.parts) {
            const double from = 360 * part.from;
            const double sweep = 360 * (part.to - part.from);
            m_drawing.add(ArcItem{centre, radius, from, sweep, {inkOf(part.owner), width}},
                          subject(part.owner));
            if (part.movesTo) {
                m_drawing.add(
                    ArcItem{centre, radius - width / 2 - 4, from, sweep, {inkOf(part.movesTo), 5}},
                    subject(part.movesTo));
            }
            const double inner = outer - width;
            m_drawing.add(LineItem{onCircle(centre, inner, part.from),
                                   onCircle(centre, outer, part.from),
                                   {Ink::Ground, 1.2},
                                   false});
        }
        legend(centre, outer - width - 12);
    }

    void bar()
    {
        const Rect bar{m_rect.x, m_rect.y, m_rect.width, 22};
        double labelled = bar.x;
        for (const auto& part : m_space.parts) {
            const double left = bar.x + bar.width * part.from;
            const double width = std::max(1.0, bar.width * (part.to - part.from) - 1.5);
            const Rect rect{left, bar.y, width, bar.height};
            m_drawing.add(RectItem{rect, 2, {inkOf(part.owner)}}, subject(part.owner));
            auto text = nameOf(part.owner);
            if (part.movesTo) {
                const Rect below{left, bar.y + bar.height - 6, width, 6};
                m_drawing.add(RectItem{below, 2, {inkOf(part.movesTo)}}, subject(part.movesTo));
                text += " → " + nameOf(part.movesTo);
            }
            text = fitted(m_context.measure, text, Typeface::UiBold, 10.5, width - 6);
            if (!text.empty()) {
                m_drawing.add(TextItem{{left + width / 2, bar.y + 14.5},
                                       text,
                                       Ink::Ground,
                                       10.5,
                                       Typeface::UiBold,
                                       Align::Centre},
                              subject(part.owner));
            }
            const double size = m_context.measure.width(part.label, Typeface::Data, 9.5);
            if (!part.label.empty() && left >= labelled && left + size <= m_rect.x + m_rect.width) {
                m_drawing.add(TextItem{
                    {left, bar.y + bar.height + 13}, part.label, Ink::Muted, 9.5, Typeface::Data});
                labelled = left + size + 8;
            }
        }
    }

private:
    /// Who owns how much, in the middle of the ring.
    void legend(Point centre, double radius)
    {
        const auto owners = m_space.owners();
        const double step = 15;
        const auto shown =
            std::min<std::size_t>({owners.size(), mostLegend,
                                   static_cast<std::size_t>(std::max(0.0, 1.7 * radius / step))});
        double y = centre.y - step * static_cast<double>(shown) / 2 + step * 0.7;
        for (std::size_t i = 0; i < shown; ++i) {
            const auto owner = owners[i];
            const auto room = 1.5 * radius - 14;
            const auto text =
                fitted(m_context.measure, nameOf(owner) + "  " + percent(m_space.shareOf(owner)),
                       Typeface::Ui, 10.5, room);
            const double width = m_context.measure.width(text, Typeface::Ui, 10.5) + 14;
            const double left = centre.x - width / 2;
            m_drawing.add(RectItem{{left, y - 8, 9, 9}, 2, {inkOf(owner)}}, subject(owner));
            m_drawing.add(TextItem{{left + 14, y}, text, Ink::Text, 10.5}, subject(owner));
            y += step;
        }
    }

    [[nodiscard]] Ink inkOf(NodeId owner) const { return ownerInk(m_context.about, owner); }
    [[nodiscard]] std::string nameOf(NodeId node) const { return m_context.about.nameOf(node); }
    static Subject subject(NodeId node) { return {Subject::Kind::Node, {}, node}; }

    Drawing& m_drawing;
    const CardContext& m_context;
    const KeySpace& m_space;
    Rect m_rect;
};

} // namespace

double KeySpace::shareOf(NodeId owner) const
{
    double share = 0;
    for (const auto& part : parts) {
        share += part.owner == owner ? part.to - part.from : 0;
    }
    return share;
}

std::vector<NodeId> KeySpace::owners() const
{
    std::set<NodeId> owners;
    for (const auto& part : parts) {
        for (const auto node : {part.owner, part.movesTo}) {
            if (node) {
                owners.insert(node);
            }
        }
    }
    return {owners.begin(), owners.end()};
}

std::optional<KeySpace> keySpaceOf(const trace::ClusterState& state)
{
    const Value* newest = nullptr;
    std::uint64_t highest = 0;
    for (const auto& node : state.nodes) {
        const auto* parts = node.state.exists() ? partsIn(node.state, Facet::KeySpace) : nullptr;
        const bool list = parts != nullptr && parts->held().kind() == ShapeKind::List;
        const auto epoch = list ? epochOf(node.state) : 0;
        if (list && (newest == nullptr || epoch > highest)) {
            newest = parts;
            highest = epoch;
        }
    }
    if (newest == nullptr) {
        return std::nullopt;
    }
    KeySpace space;
    double whole = 0;
    for (const auto& part : newest->held().children()) {
        if (part.held().kind() != ShapeKind::Record) {
            return std::nullopt;
        }
        whole += measureOf(part.held());
    }
    space.ring = whole > 0;
    const auto count = static_cast<double>(newest->held().children().size());
    double at = 0;
    for (const auto& part : newest->held().children()) {
        const auto& held = part.held();
        const double size = space.ring ? measureOf(held) / whole : 1 / count;
        space.parts.push_back({at, at + size, labelOf(held), nodeIn(held, Facet::Peer),
                               nodeIn(held, Facet::WaitingFor)});
        at += size;
    }
    return space;
}

Ink ownerInk(const trace::About& about, NodeId owner)
{
    const auto found = std::ranges::find(about.members, owner, &node::Member::id);
    if (found == about.members.end()) {
        return Ink::Faint;
    }
    const auto place =
        std::ranges::count_if(about.members.begin(), found, [&](const node::Member& member) {
            return member.tier == found->tier;
        });
    return static_cast<Ink>(static_cast<std::size_t>(Ink::Owner0)
                            + static_cast<std::size_t>(place) % ownerInks);
}

Rect takeKeySpace(Rect& area, const KeySpace& space)
{
    if (space.ring) {
        const double side = std::min({area.height, area.width * 0.3, mostRing});
        if (side >= leastRing) {
            const Rect rect{area.x + area.width - side, area.y + (area.height - side) / 2, side,
                            side};
            area.width -= side + 24;
            return rect;
        }
    }
    if (area.height < 3 * barHeight) {
        return {};
    }
    const Rect rect{area.x, area.y, area.width, barHeight - 6};
    area.y += barHeight;
    area.height -= barHeight;
    return rect;
}

void drawKeySpace(Drawing& drawing, const CardContext& context, const KeySpace& space,
                  const Rect& rect)
{
    if (rect.width <= 0) {
        return;
    }
    Drawer drawer(drawing, context, space, rect);
    if (space.ring && std::abs(rect.width - rect.height) < 1) {
        drawer.ring();
    } else {
        drawer.bar();
    }
}

void markOwners(Drawing& drawing, const CardContext& context, const KeySpace& space,
                const TopologyLayout& layout)
{
    for (const auto owner : space.owners()) {
        if (const auto* rect = layout.find(owner)) {
            drawing.add(RectItem{{rect->x + 2, rect->y + 6, 4, rect->height - 12},
                                 2,
                                 {ownerInk(context.about, owner)}},
                        {Subject::Kind::Node, {}, owner});
        }
    }
}

} // namespace lightcone::picture
