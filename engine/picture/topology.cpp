#include "engine/picture/topology.h"

#include "engine/describe/text.h"
#include "engine/picture/key_space.h"
#include "engine/picture/timeline_frame.h"
#include "engine/trace/shares.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

namespace lightcone::picture {

namespace {

constexpr std::size_t mostMeshNodes = 9; ///< of which all links are drawn
constexpr std::size_t mostPills = 16; ///< beyond, messages are dots

using Pair = std::pair<NodeId, NodeId>;

Pair pairOf(NodeId a, NodeId b)
{
    return a < b ? Pair{a, b} : Pair{b, a};
}

/// The stretch of the line between two cards' middles that lies outside of both, each grown by a
/// margin; nothing when they are too near.
std::optional<std::pair<Point, Point>> between(const Rect& a, const Rect& b, double marginX,
                                               double marginY)
{
    const auto from = a.centre();
    const auto to = b.centre();
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    const auto leaves = [&](const Rect& rect) {
        const double halfX = rect.width / 2 + marginX;
        const double halfY = rect.height / 2 + marginY;
        const double byX = dx != 0 ? halfX / std::abs(dx) : 1e9;
        const double byY = dy != 0 ? halfY / std::abs(dy) : 1e9;
        return std::min(byX, byY);
    };
    const double begin = leaves(a);
    const double end = 1 - leaves(b);
    if (begin >= end) {
        return std::nullopt;
    }
    return std::pair{Point{from.x + begin * dx, from.y + begin * dy},
                     Point{from.x + end * dx, from.y + end * dy}};
}

Point along(Point from, Point to, double share)
{
    return {from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
}

/// Everything but the cards: what connects them.
class Wires
{
public:
    Wires(Drawing& drawing, const CardContext& context, const TopologyLayout& layout,
          const trace::Trace* trace)
        : m_drawing(drawing)
        , m_context(context)
        , m_layout(layout)
        , m_trace(trace)
        , m_names(context.about.names())
    {
        for (const auto& [node, rect] : layout.nodes) {
            m_space.block(rect.grown(-3));
        }
    }

    void drawLinks()
    {
        std::map<Pair, std::array<const trace::LinkState*, 2>> states;
        for (const auto& link : m_context.state.links) {
            const auto pair = pairOf(link.from, link.to);
            states[pair][link.from == pair.first ? 0 : 1] = &link;
        }
        auto pairs = usual();
        for (const auto& [pair, link] : states) {
            pairs.insert(pair);
        }
        for (const auto& flight : m_context.state.flights) {
            pairs.insert(pairOf(flight.from, flight.to));
        }
        for (const auto& pair : pairs) {
            const auto known = states.find(pair);
            link(pair,
                 known != states.end() ? known->second
                                       : std::array<const trace::LinkState*, 2>{nullptr, nullptr});
        }
    }

    void drawFlights()
    {
        const auto& flights = m_context.state.flights;
        const bool pills = flights.size() <= mostPills && m_layout.size != CardSize::Small;
        for (const auto& flight : flights) {
            drawTail(flight, pills);
        }
        for (const auto& flight : flights) {
            drawHead(flight, pills);
        }
    }

    void drawFalling()
    {
        const auto& options = m_context.options;
        if (m_trace == nullptr || options.falling <= Duration{}) {
            return;
        }
        auto id = std::min(m_context.state.event.value, m_trace->size());
        int deaths = 0;
        for (int looked = 0; id > 0 && looked < 4000 && deaths < 64; --id, ++looked) {
            const auto& event = (*m_trace)[EventId(id)];
            if (event.at + options.falling < options.now) {
                break;
            }
            if (event.kind == trace::Kind::Drop) {
                fall(EventId(id), event);
                ++deaths;
            }
        }
    }

private:
    /// The links that are there even when nothing is on them.
    [[nodiscard]] std::set<Pair> usual() const
    {
        std::set<Pair> pairs;
        std::vector<node::Member> members;
        for (auto& member : membersAsTheyStand(m_context.about, m_context.state)) {
            if (m_layout.nodes.contains(member.id)) {
                members.push_back(std::move(member));
            }
        }
        const auto count = members.size();
        if (layoutOf(m_context.about) == node::Layout::Tiers) {
            for (const auto& a : members) {
                for (const auto& b : members) {
                    if (a.tier + 1 == b.tier && count <= 40) {
                        pairs.insert(pairOf(a.id, b.id));
                    }
                }
            }
            return pairs;
        }
        for (std::size_t i = 0; i < count && count <= mostMeshNodes; ++i) {
            for (auto j = i + 1; j < count; ++j) {
                pairs.insert(pairOf(members[i].id, members[j].id));
            }
        }
        return pairs;
    }

    [[nodiscard]] bool down(NodeId id) const
    {
        const auto* node = m_context.state.node(id);
        return node != nullptr && node->life == trace::Life::Crashed;
    }

    void link(const Pair& pair, const std::array<const trace::LinkState*, 2>& states)
    {
        const auto* a = m_layout.find(pair.first);
        const auto* b = m_layout.find(pair.second);
        if (a == nullptr || b == nullptr) {
            return;
        }
        const auto ends = between(*a, *b, 0, 0);
        if (!ends) {
            return;
        }
        const auto [from, to] = *ends;
        const Subject subject{Subject::Kind::Link, {}, pair.first, pair.second};
        const auto& hovered = m_context.options.hovered;
        const bool hover = hovered.kind == Subject::Kind::Link && hovered.node == pair.first
            && hovered.peer == pair.second;
        const bool cutThere = states[0] != nullptr && states[0]->cut;
        const bool cutBack = states[1] != nullptr && states[1]->cut;
        const bool dead = down(pair.first) || down(pair.second);
        if (hover) {
            m_drawing.add(LineItem{from, to, {Ink::Cursor, 5, Dash::Solid, 0.35}}, subject);
        }
        const Stroke open{Ink::Line, 1.6, Dash::Solid, dead ? 0.45 : 1.0};
        const Stroke cut{Ink::Bad, 1.6, Dash::Dashed, dead ? 0.6 : 1.0};
        if (cutThere && cutBack) {
            m_drawing.add(LineItem{from, to, cut}, subject);
            m_drawing.add(MarkItem{Mark::Cut, along(from, to, 0.5), 20, Ink::Bad}, subject);
        } else if (cutThere || cutBack) {
            oneWay(cutThere ? from : to, cutThere ? to : from, open, cut, subject);
        } else {
            m_drawing.add(LineItem{from, to, open}, subject);
        }
        model(states, from, to, subject);
    }

    /// Cut from `from` to `to`; the other direction still carries.
    void oneWay(Point from, Point to, const Stroke& open, const Stroke& cut, const Subject& subject)
    {
        const double length = std::max(1.0, std::hypot(to.x - from.x, to.y - from.y));
        const Point side{-(to.y - from.y) / length * 4, (to.x - from.x) / length * 4};
        m_drawing.add(
            LineItem{{from.x + side.x, from.y + side.y}, {to.x + side.x, to.y + side.y}, cut, true},
            subject);
        Stroke carries = open;
        carries.ink = Ink::Muted;
        m_drawing.add(
            LineItem{
                {to.x - side.x, to.y - side.y}, {from.x - side.x, from.y - side.y}, carries, true},
            subject);
        const auto middle = along(from, to, 0.5);
        m_drawing.add(MarkItem{Mark::Cut, {middle.x + side.x, middle.y + side.y}, 18, Ink::Bad},
                      subject);
    }

    /// How the link is, on a plate where there is room for one; else only a sign that it is not as
    /// planned.
    void model(const std::array<const trace::LinkState*, 2>& states, Point from, Point to,
               const Subject& subject)
    {
        std::string text;
        for (const auto* state : states) {
            if (state != nullptr && !state->model.empty() && state->model != text) {
                text += (text.empty() ? "" : " / ") + state->model;
            }
        }
        if (text.empty()) {
            return;
        }
        const double width = m_context.measure.width(text, Typeface::Ui, 10.5);
        for (const double share : {0.5, 0.38, 0.62, 0.26, 0.74}) {
            const auto at = along(from, to, share);
            const Rect plate{at.x - width / 2 - 13, at.y + 9, width + 28, 17};
            if (plate.x + plate.width > m_context.options.width || !m_space.take(plate)) {
                continue;
            }
            m_drawing.add(RectItem{plate, 8.5, {Ink::Ground}, true, {Ink::Strong, 1}, true},
                          subject);
            m_drawing.add(MarkItem{Mark::Link, {plate.x + 9.5, plate.y + 8.5}, 12, Ink::Strong},
                          subject);
            m_drawing.add(TextItem{{plate.x + 20, plate.y + 12.3}, text, Ink::Strong, 10.5},
                          subject);
            return;
        }
        for (const double share : {0.5, 0.38, 0.62, 0.26, 0.74}) {
            const auto at = along(from, to, share);
            if (m_space.take({at.x - 7, at.y - 7, 14, 14})) {
                m_drawing.add(MarkItem{Mark::Link, at, 13, Ink::Strong}, subject);
                return;
            }
        }
    }

    [[nodiscard]] std::string textOf(const node::PayloadPtr& payload) const
    {
        if (!payload) {
            return "?";
        }
        const auto text = describe::brief(payload->describe(), m_names);
        return fitted(m_context.measure, text, Typeface::UiBold, 10.5, 130);
    }

    static Ink inkOfFlight(const trace::Flight& flight)
    {
        trace::Event event;
        event.detail = static_cast<std::uint8_t>(flight.channel);
        event.payload = flight.payload;
        return messageInk(event);
    }

    /// A message on its way: between which cards, where it is now, and how it is seen there.
    struct Sight
    {
        Rect from;
        Rect to;
        Point at;
        Ink ink;
        std::string text; ///< of a pill
        double width = 10;
        double height = 10;
        Subject subject;
    };

    [[nodiscard]] std::optional<Sight> sightOf(const trace::Flight& flight, bool pill) const
    {
        const auto* a = m_layout.find(flight.from);
        const auto* b = m_layout.find(flight.to);
        if (a == nullptr || b == nullptr) {
            return std::nullopt;
        }
        const auto whole = static_cast<double>((flight.due - flight.sent).count());
        const auto gone = static_cast<double>((m_context.options.now - flight.sent).count());
        const double share = flight.held ? 0.5
            : whole > 0                  ? std::clamp(gone / whole, 0.0, 1.0)
                                         : 1.0;
        Sight sight;
        sight.from = *a;
        sight.to = *b;
        sight.ink = inkOfFlight(flight);
        sight.subject = {Subject::Kind::Flight, flight.message, flight.from, flight.to};
        if (pill) {
            sight.text = textOf(flight.payload);
            sight.width = m_context.measure.width(sight.text, Typeface::UiBold, 10.5) + 18;
            sight.height = 18;
        }
        const auto path = between(*a, *b, sight.width / 2, sight.height / 2);
        sight.at =
            path ? along(path->first, path->second, share) : along(a->centre(), b->centre(), 0.5);
        return sight;
    }

    /// Tails are drawn before all heads, so that none crosses out what another message says.
    void drawTail(const trace::Flight& flight, bool pill)
    {
        const auto sight = sightOf(flight, pill);
        const auto wire = sight ? between(sight->from, sight->to, 0, 0) : std::nullopt;
        if (!wire || flight.held) {
            return;
        }
        const auto at = sight->at;
        const double length = std::hypot(at.x - wire->first.x, at.y - wire->first.y);
        const double tail = length > 1 ? std::max(0.0, 1 - 46 / length) : 0;
        m_drawing.add(
            LineItem{along(wire->first, at, tail), at, {sight->ink, 3, Dash::Solid, 0.45}, false},
            sight->subject);
    }

    void drawHead(const trace::Flight& flight, bool pill)
    {
        const auto sight = sightOf(flight, pill);
        if (!sight) {
            return;
        }
        const auto& [from, to, at, ink, text, width, height, subject] = *sight;
        const bool hover = m_context.options.hovered.kind == Subject::Kind::Flight
            && m_context.options.hovered.event == flight.message;
        auto room = pill ? freeRect(at, from, to, width, height) : std::nullopt;
        if (pill && !room && (hover || flight.held)) {
            room = Rect{at.x - width / 2, at.y - height / 2, width, height};
        }
        if (!room) {
            m_drawing.add(
                EllipseItem{
                    at, 5, 5, {flight.held ? Ink::Ground : ink}, true, {ink, 1.6}, flight.held},
                subject);
            return;
        }
        const auto& rect = *room;
        if (hover) {
            m_drawing.add(
                RectItem{rect.grown(2.5), height / 2 + 2.5, {}, false, {Ink::Cursor, 1.6}, true},
                subject);
        }
        m_drawing.add(RectItem{rect,
                               height / 2,
                               {flight.held ? Ink::Ground : ink},
                               true,
                               {ink, 1.4, Dash::Dashed},
                               flight.held},
                      subject);
        m_drawing.add(TextItem{{rect.x + width / 2, rect.y + 12.8},
                               text,
                               flight.held ? ink : Ink::Ground,
                               10.5,
                               Typeface::UiBold,
                               Align::Centre},
                      subject);
    }

    /// Where nothing else lies: beside the wire, or a little farther along it.
    std::optional<Rect> freeRect(Point at, const Rect& a, const Rect& b, double width,
                                 double height)
    {
        const auto from = a.centre();
        const auto to = b.centre();
        const double length = std::max(1.0, std::hypot(to.x - from.x, to.y - from.y));
        const Point ahead{(to.x - from.x) / length, (to.y - from.y) / length};
        const double reach = height + 2 + std::abs(ahead.x) * width * 0.1;
        const auto rectAt = [&](double forth, double aside) {
            return Rect{at.x + ahead.x * forth - ahead.y * aside - width / 2,
                        at.y + ahead.y * forth + ahead.x * aside - height / 2, width, height};
        };
        const double room = std::hypot(to.x - at.x, to.y - at.y) * 0.5;
        for (const double forth : {0.0, 0.35, 0.7, 1.0}) {
            for (const double aside : {0.0, 0.6, -0.6, 1.1, -1.1, 1.7, -1.7}) {
                const auto rect = rectAt(std::min(forth * 60, room), aside * reach);
                if (rect.x >= 0 && rect.y >= 0 && rect.x + width <= m_context.options.width
                    && rect.y + height <= m_context.options.height && m_space.take(rect)) {
                    return rect;
                }
            }
        }
        return std::nullopt;
    }

    void fall(EventId id, const trace::Event& drop)
    {
        const auto* a = m_layout.find(drop.node);
        const auto* b = m_layout.find(drop.peer);
        if (a == nullptr || b == nullptr) {
            return;
        }
        const auto wire = between(*a, *b, 0, 0);
        if (!wire) {
            return;
        }
        const auto age = static_cast<double>((m_context.options.now - drop.at).count())
            / static_cast<double>(m_context.options.falling.count());
        const double share = std::clamp(age, 0.0, 1.0);
        const bool atDoor = static_cast<trace::DropReason>(drop.detail) == trace::DropReason::Down;
        auto at = along(wire->first, wire->second, atDoor ? 0.94 : 0.5);
        at.y += 46 * share * share;
        auto payload = drop.payload;
        if (!payload && drop.cause) {
            payload = (*m_trace)[drop.cause].payload;
        }
        const Subject subject{Subject::Kind::Message, drop.cause, drop.node, drop.peer, 0, id};
        const double opacity = 1 - share;
        // Words on words cannot be read: of what died on one way the newest says what it was.
        const bool newest = m_fallen.insert({drop.node, drop.peer}).second;
        if (m_layout.size == CardSize::Small || !newest) {
            m_drawing.add(EllipseItem{at, 5, 5, {Ink::Bad, opacity}}, subject);
            return;
        }
        const auto text = textOf(payload);
        const double width = m_context.measure.width(text, Typeface::UiBold, 10.5) + 32;
        const Rect rect{at.x - width / 2, at.y - 9, width, 18};
        m_drawing.add(RectItem{rect,
                               9,
                               {Ink::Ground, opacity},
                               true,
                               {Ink::Bad, 1.3, Dash::Dashed, opacity},
                               true},
                      subject);
        m_drawing.add(TextItem{{rect.x + 20, rect.y + 12.8},
                               text,
                               Ink::Bad,
                               10.5,
                               Typeface::UiBold,
                               Align::Left,
                               opacity},
                      subject);
        for (const double turn : {1.0, -1.0}) {
            m_drawing.add(LineItem{{rect.x + 8, at.y - 3.5 * turn},
                                   {rect.x + 15, at.y + 3.5 * turn},
                                   {Ink::Bad, 1.7, Dash::Solid, opacity},
                                   false},
                          subject);
        }
    }

    Drawing& m_drawing;
    const CardContext& m_context;
    const TopologyLayout& m_layout;
    const trace::Trace* m_trace;
    describe::NodeNames m_names;
    LabelSpace m_space;
    std::set<std::pair<NodeId, NodeId>> m_fallen{}; ///< ways on which a dead message was drawn
};

void drawHeader(Drawing& drawing, const CardContext& context)
{
    const auto& options = context.options;
    const double room = options.width - 32;
    if (!options.title.empty()) {
        drawing.add(TextItem{{16, 26},
                             fitted(context.measure, options.title, Typeface::UiBold, 12.5, room),
                             Ink::Text,
                             12.5,
                             Typeface::UiBold});
    }
    if (!options.subtitle.empty()) {
        drawing.add(TextItem{{16, 44},
                             fitted(context.measure, options.subtitle, Typeface::Ui, 11.5, room),
                             Ink::Muted,
                             11.5,
                             Typeface::Ui});
    }
}

} // namespace

Drawing topology(const trace::About& about, const trace::ClusterState& state,
                 const trace::Trace* trace, const TopologyOptions& options,
                 const TextMeasure& measure)
{
    Drawing drawing;
    drawing.width = options.width;
    drawing.height = options.height;
    const auto layout = placeNodes(about, state, options);
    const CardContext context{about, state, options, measure, trace::sharesOf(state)};
    const auto keys = keySpaceOf(state);
    if (keys) {
        drawKeySpace(drawing, context, *keys, layout.keySpace);
    }
    Wires wires(drawing, context, layout, trace);
    wires.drawLinks();
    for (const auto& [node, rect] : layout.nodes) {
        const auto* known = state.node(node);
        trace::NodeState unknown;
        unknown.id = node;
        drawCard(drawing, context, known != nullptr ? *known : unknown, rect, layout.size);
    }
    if (keys) {
        markOwners(drawing, context, *keys, layout);
    }
    if (layout.crowdCount > 0) {
        const Subject subject{
            Subject::Kind::Bundle, {}, layout.clients.begin()->first, {}, layout.crowdCount};
        drawing.add(RectItem{layout.crowd, 6, {Ink::Panel}, true, {Ink::Line, 1.2}, true}, subject);
        drawing.add(TextItem{{layout.crowd.centre().x, layout.crowd.centre().y + 4},
                             fill(options.words.clients, {grouped(layout.crowdCount)}),
                             Ink::Muted,
                             11.5,
                             Typeface::Ui,
                             Align::Centre},
                    subject);
    } else {
        for (const auto& [client, rect] : layout.clients) {
            drawClient(drawing, context, client, rect);
        }
    }
    wires.drawFlights();
    wires.drawFalling();
    drawHeader(drawing, context);
    return drawing;
}

} // namespace lightcone::picture
