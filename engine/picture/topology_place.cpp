#include "engine/picture/key_space.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace lightcone::picture {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double gap = 12; ///< at least, between cards
constexpr std::size_t mostClientCards = 8;

using Centres = std::vector<Point>;

/// What the cards share out among themselves.
struct Ground
{
    Rect area{};
    Extent card{};
    std::vector<node::Member> members{};

    /// The area in which a card's centre may lie.
    [[nodiscard]] Rect inner() const
    {
        return {area.x + card.width / 2, area.y + card.height / 2,
                std::max(0.0, area.width - card.width), std::max(0.0, area.height - card.height)};
    }
};

bool fits(const Ground& ground, const Centres& centres)
{
    const auto rectOf = [&](Point centre) {
        return Rect{centre.x - ground.card.width / 2, centre.y - ground.card.height / 2,
                    ground.card.width, ground.card.height};
    };
    for (std::size_t i = 0; i < centres.size(); ++i) {
        const auto rect = rectOf(centres[i]).grown(gap / 2);
        for (std::size_t j = i + 1; j < centres.size(); ++j) {
            if (rect.overlaps(rectOf(centres[j]).grown(gap / 2))) {
                return false;
            }
        }
        const auto& area = ground.area;
        const auto card = rectOf(centres[i]);
        if (card.x < area.x - 0.5 || card.y < area.y - 0.5
            || card.x + card.width > area.x + area.width + 0.5
            || card.y + card.height > area.y + area.height + 0.5) {
            return false;
        }
    }
    return true;
}

/// Clockwise from the top, on an ellipse at most so many times as wide as high.
Centres onEllipse(const Ground& ground, double widest)
{
    const auto inner = ground.inner();
    const auto middle = inner.centre();
    const double ry = inner.height / 2;
    const double rx = std::min(inner.width / 2, ry * widest);
    const auto count = ground.members.size();
    Centres centres;
    for (std::size_t i = 0; i < count; ++i) {
        const double angle = 2 * pi * static_cast<double>(i) / static_cast<double>(count);
        centres.push_back({middle.x + rx * std::sin(angle), middle.y - ry * std::cos(angle)});
    }
    return centres;
}

/// A closed curve between an ellipse (power 2) and a rectangle, measured in cards: as many as stand
/// beside each other without touching.
class Track
{
public:
    Track(const Rect& inner, Extent card, double power)
    {
        const auto middle = inner.centre();
        const auto bent = [&](double value) {
            return std::copysign(std::pow(std::abs(value), 2 / power), value);
        };
        m_points.reserve(steps + 1);
        for (int i = 0; i <= steps; ++i) {
            const double angle = 2 * pi * i / steps;
            m_points.push_back({middle.x + inner.width / 2 * bent(std::sin(angle)),
                                middle.y - inner.height / 2 * bent(std::cos(angle))});
            if (i > 0) {
                const auto& a = m_points[m_points.size() - 2];
                const auto& b = m_points.back();
                m_cards += std::max(std::abs(b.x - a.x) / (card.width + gap + 1),
                                    std::abs(b.y - a.y) / (card.height + gap + 1));
            }
            m_upTo.push_back(m_cards);
        }
    }

    [[nodiscard]] double cards() const { return m_cards; }

    /// The share from 0 to 1 of the way around, clockwise from the top.
    [[nodiscard]] Point at(double share) const
    {
        const auto place = std::ranges::lower_bound(m_upTo, share * m_cards);
        return m_points[std::min(m_points.size() - 1,
                                 static_cast<std::size_t>(place - m_upTo.begin()))];
    }

private:
    static constexpr int steps = 2000;
    Centres m_points;
    std::vector<double> m_upTo;
    double m_cards = 0;
};

std::optional<Centres> onTracks(const Ground& ground, double power)
{
    const auto count = static_cast<double>(ground.members.size());
    auto inner = ground.inner();
    const Track outer(inner, ground.card, power);
    if (outer.cards() < 4) {
        return std::nullopt;
    }
    Centres centres;
    if (outer.cards() >= count) {
        for (int place = 0; place < static_cast<int>(count); ++place) {
            const double i = place;
            centres.push_back(outer.at(i / count));
        }
        return fits(ground, centres) ? std::optional(centres) : std::nullopt;
    }
    // One ring within the other, filled alike.
    const double awayX = ground.card.width + 2 * gap;
    const double awayY = ground.card.height + 2 * gap;
    inner = {inner.x + awayX, inner.y + awayY, inner.width - 2 * awayX, inner.height - 2 * awayY};
    if (inner.width < 0 || inner.height < 0) {
        return std::nullopt;
    }
    const Track within(inner, ground.card, power);
    const double outside =
        std::min(count, std::ceil(count * outer.cards() / (outer.cards() + within.cards())));
    for (int place = 0; place < static_cast<int>(outside); ++place) {
        const double i = place;
        centres.push_back(outer.at(i / outside));
    }
    for (int place = static_cast<int>(outside); place < static_cast<int>(count); ++place) {
        const double i = place;
        centres.push_back(within.at((i - outside) / (count - outside)));
    }
    return fits(ground, centres) ? std::optional(centres) : std::nullopt;
}

std::optional<Centres> ring(const Ground& ground)
{
    if (ground.members.size() == 1) {
        return Centres{ground.inner().centre()};
    }
    // Rounder is easier on the eye; wider makes room.
    for (const double widest : {1.8, 2.4, 3.2}) {
        auto centres = onEllipse(ground, widest);
        if (fits(ground, centres)) {
            return centres;
        }
    }
    for (const double power : {2.0, 3.0, 5.0, 12.0}) {
        if (auto centres = onTracks(ground, power)) {
            return centres;
        }
    }
    return std::nullopt;
}

/// A column for each tier, from left to right; one with more than `most` nodes stands in several
/// columns close together.
std::optional<Centres> tiers(const Ground& ground, std::size_t most)
{
    std::map<std::uint32_t, std::vector<std::size_t>> columns;
    for (std::size_t i = 0; i < ground.members.size(); ++i) {
        columns[ground.members[i].tier].push_back(i);
    }
    const auto partsOf = [&](std::size_t count) { return (count + most - 1) / most; };
    const double beside = ground.card.width + gap;
    double extra = 0;
    for (const auto& [tier, nodes] : columns) {
        extra += static_cast<double>(partsOf(nodes.size()) - 1) * beside;
    }
    const auto inner = ground.inner();
    const double between =
        columns.size() == 1 ? 0 : (inner.width - extra) / static_cast<double>(columns.size() - 1);
    Centres centres(ground.members.size());
    double x = columns.size() == 1 ? inner.x + (inner.width - extra) / 2 : inner.x;
    for (const auto& [tier, nodes] : columns) {
        const auto parts = partsOf(nodes.size());
        const auto inPart = (nodes.size() + parts - 1) / parts;
        for (std::size_t first = 0; first < nodes.size(); first += inPart) {
            const auto count = std::min(inPart, nodes.size() - first);
            const auto steps = static_cast<double>(count) - 1;
            const double step =
                std::min(ground.card.height * 2, steps > 0 ? inner.height / steps : 0);
            for (std::size_t i = 0; i < count; ++i) {
                const double away = static_cast<double>(i) - steps / 2;
                centres[nodes[first + i]] = {x, inner.y + inner.height / 2 + away * step};
            }
            x += first + inPart < nodes.size() ? beside : 0;
        }
        x += between;
    }
    return fits(ground, centres) ? std::optional(centres) : std::nullopt;
}

/// How many cards stand above each other.
std::size_t inColumn(const Ground& ground)
{
    const double number = (ground.area.height + gap) / (ground.card.height + gap + 1);
    return static_cast<std::size_t>(std::max(1.0, std::floor(number)));
}

/// Rows from left to right and back again, so that neighbours stay neighbours.
std::optional<Centres> turningRow(const Ground& ground)
{
    const auto count = ground.members.size();
    const double wide = ground.card.width + 2.5 * gap;
    const auto perRow =
        static_cast<std::size_t>(std::max(1.0, std::floor((ground.area.width + 2.5 * gap) / wide)));
    const auto rows = (count + perRow - 1) / perRow;
    const auto inRow = (count + rows - 1) / rows;
    const auto inner = ground.inner();
    Centres centres;
    for (std::size_t i = 0; i < count; ++i) {
        const auto row = i / inRow;
        auto place = i % inRow;
        if (row % 2 == 1) {
            place = inRow - 1 - place;
        }
        const double x =
            inRow == 1 ? 0.5 : static_cast<double>(place) / static_cast<double>(inRow - 1);
        const double y = rows == 1 ? 0.5 : static_cast<double>(row) / static_cast<double>(rows - 1);
        centres.push_back({inner.x + inner.width * x, inner.y + inner.height * y});
    }
    return fits(ground, centres) ? std::optional(centres) : std::nullopt;
}

/// When nothing else has room: rows and columns.
Centres grid(const Ground& ground)
{
    const auto count = static_cast<double>(ground.members.size());
    const auto inner = ground.inner();
    const double most =
        std::max(1.0, std::floor((ground.area.width + gap) / (ground.card.width + gap)));
    const double shape = std::sqrt(count * ground.area.width * ground.card.height
                                   / std::max(1.0, ground.area.height * ground.card.width));
    double columns = std::clamp(std::round(shape), 1.0, std::min(most, count));
    const auto highEnough = [&] {
        const double rows = std::ceil(count / columns);
        return rows * (ground.card.height + gap) - gap <= ground.area.height;
    };
    while (columns < std::min(most, count) && !highEnough()) {
        ++columns;
    }
    const double rows = std::ceil(count / columns);
    Centres centres;
    for (int place = 0; place < static_cast<int>(count); ++place) {
        const double i = place;
        const double row = std::floor(i / columns);
        const double x = columns == 1 ? 0.5 : (i - row * columns) / (columns - 1);
        const double y = rows == 1 ? 0.5 : row / (rows - 1);
        centres.push_back({inner.x + inner.width * x, inner.y + inner.height * y});
    }
    return centres;
}

/// Every node is alone in its tier.
bool isRow(const Ground& ground)
{
    std::set<std::uint32_t> known;
    return std::ranges::all_of(
        ground.members, [&](const auto& member) { return known.insert(member.tier).second; });
}

std::optional<Centres> arrange(const Ground& ground, node::Layout layout, CardSize size)
{
    if (layout != node::Layout::Tiers) {
        return ring(ground);
    }
    auto columns = tiers(ground, ground.members.size());
    // Rather narrow cards than several columns or a row that turns, and rather these than cards
    // that say nothing.
    if (!columns && size == CardSize::Medium && ground.card.width <= extentOf(size).width) {
        columns = tiers(ground, inColumn(ground));
        columns = columns || !isRow(ground) ? columns : turningRow(ground);
    }
    return columns;
}

/// What the node of the newest epoch says of who stands behind whom; empty where nobody does.
std::vector<NodeId> newestOrder(const trace::ClusterState& state)
{
    const describe::Value* newest = nullptr;
    std::uint64_t newestEpoch = 0;
    for (const auto& node : state.nodes) {
        const auto* order =
            node.state.exists() ? node.state.findFacet(describe::Facet::Order) : nullptr;
        if (order == nullptr || order->kind() != describe::ShapeKind::List) {
            continue;
        }
        const auto* epoch = node.state.findFacet(describe::Facet::Epoch);
        const auto number =
            epoch != nullptr && epoch->kind() == describe::ShapeKind::UInt ? epoch->asUInt() : 0;
        if (newest == nullptr || number > newestEpoch) {
            newest = order;
            newestEpoch = number;
        }
    }
    std::vector<NodeId> nodes;
    if (newest != nullptr) {
        for (const auto& each : newest->children()) {
            if (each.kind() == describe::ShapeKind::Node) {
                nodes.push_back(each.asNode());
            }
        }
    }
    return nodes;
}

/// The cards to try, the largest first. Columns mostly want for height: a low card stays wide there
/// while it can.
std::vector<std::pair<CardSize, Extent>> candidates(node::Layout layout)
{
    std::vector<std::pair<CardSize, Extent>> cards;
    for (const auto size : {CardSize::Large, CardSize::Medium, CardSize::Small}) {
        const auto extent = extentOf(size);
        if (layout == node::Layout::Tiers && size == CardSize::Medium) {
            cards.emplace_back(size, Extent{extentOf(CardSize::Large).width, extent.height});
        }
        cards.emplace_back(size, extent);
    }
    return cards;
}

std::vector<NodeId> clientsIn(const trace::About& about, const trace::ClusterState& state)
{
    std::vector<NodeId> clients;
    for (const auto& node : state.nodes) {
        if (isClient(node.id)) {
            clients.push_back(node.id);
        }
    }
    for (const auto& flight : state.flights) {
        for (const auto end : {flight.from, flight.to}) {
            if (isClient(end) && std::ranges::find(clients, end) == clients.end()) {
                clients.push_back(end);
            }
        }
    }
    std::ranges::sort(clients, [&about](NodeId a, NodeId b) { return about.precedes(a, b); });
    return clients;
}

/// Clients stand at the left edge; the rest of the area is left for the members.
Rect placeClients(TopologyLayout& layout, Rect area, const std::vector<NodeId>& clients)
{
    if (clients.empty()) {
        return area;
    }
    const auto extent = clientExtent;
    const double rows = static_cast<double>(std::min(clients.size(), mostClientCards));
    if (clients.size() > mostClientCards || rows * (extent.height + 8) > area.height) {
        layout.crowd = {area.x, area.y + area.height / 2 - 20, extent.width + 8, 40};
        layout.crowdCount = clients.size();
        for (const auto client : clients) {
            layout.clients[client] = layout.crowd;
        }
    } else {
        const double step = std::min(extent.height * 2.2, area.height / rows);
        double y = area.y + area.height / 2 - step * (rows - 1) / 2 - extent.height / 2;
        for (const auto client : clients) {
            layout.clients[client] = {area.x, y, extent.width, extent.height};
            y += step;
        }
    }
    const double taken = extent.width + 44;
    return {area.x + taken, area.y, std::max(40.0, area.width - taken), area.height};
}

void movePerson(TopologyLayout& layout, const TopologyOptions& options)
{
    const auto move = [&](Rect& rect, Point share) {
        const double x = share.x * options.width - rect.width / 2;
        const double y = share.y * options.height - rect.height / 2;
        rect.x = std::clamp(x, 4.0, std::max(4.0, options.width - rect.width - 4));
        rect.y = std::clamp(y, 4.0, std::max(4.0, options.height - rect.height - 4));
    };
    for (const auto& [node, share] : options.positions) {
        if (const auto member = layout.nodes.find(node); member != layout.nodes.end()) {
            move(member->second, share);
        }
        const auto client = layout.clients.find(node);
        if (client != layout.clients.end() && layout.crowdCount == 0) {
            move(client->second, share);
        }
    }
}

} // namespace

node::Layout layoutOf(const trace::About& about)
{
    const bool tiers =
        std::ranges::any_of(about.members, [](const auto& member) { return member.tier != 0; });
    return tiers ? node::Layout::Tiers : about.card.layout;
}

std::vector<node::Member> membersAsTheyStand(const trace::About& about,
                                             const trace::ClusterState& state)
{
    auto members = about.members;
    const auto order = newestOrder(state);
    const auto placeOf = [&](const node::Member& member) {
        return std::ranges::find(order, member.id) - order.begin();
    };
    const auto first = std::ranges::find_if(
        members, [&](const auto& member) { return std::ranges::count(order, member.id) > 0; });
    if (layoutOf(about) != node::Layout::Tiers || first == members.end()) {
        return members;
    }
    std::vector<node::Member*> row;
    std::vector<std::uint32_t> columns;
    for (auto& member : members) {
        if (member.role == first->role) {
            row.push_back(&member);
            columns.push_back(member.tier);
        }
    }
    std::ranges::sort(columns);
    std::ranges::stable_sort(row, {}, [&](const auto* member) { return placeOf(*member); });
    for (std::size_t i = 0; i < row.size(); ++i) {
        row[i]->tier = columns[i];
    }
    return members;
}

const Rect* TopologyLayout::find(NodeId node) const
{
    const auto& all = isClient(node) ? clients : nodes;
    const auto found = all.find(node);
    return found != all.end() ? &found->second : nullptr;
}

TopologyLayout placeNodes(const trace::About& about, const trace::ClusterState& state,
                          const TopologyOptions& options)
{
    TopologyLayout layout;
    Ground ground;
    for (const auto& member : membersAsTheyStand(about, state)) {
        const auto* node = state.node(member.id);
        if (!member.spare || (node != nullptr && node->life != trace::Life::NotStarted)) {
            ground.members.push_back(member);
        }
    }
    std::ranges::stable_sort(ground.members, {}, &node::Member::tier);
    const double top = options.title.empty() ? 16 : options.subtitle.empty() ? 36 : 52;
    const Rect whole{16, top, std::max(40.0, options.width - 32),
                     std::max(40.0, options.height - top - 18)};
    ground.area = placeClients(layout, whole, clientsIn(about, state));
    if (const auto space = keySpaceOf(state)) {
        layout.keySpace = takeKeySpace(ground.area, *space);
    }
    if (ground.members.empty()) {
        return layout;
    }
    std::optional<Centres> centres;
    for (const auto& [size, card] : candidates(layoutOf(about))) {
        layout.size = size;
        ground.card = card;
        centres = arrange(ground, layoutOf(about), size);
        if (centres) {
            break;
        }
    }
    if (!centres && layoutOf(about) == node::Layout::Tiers) {
        centres = tiers(ground, inColumn(ground));
    }
    if (!centres) {
        centres = grid(ground);
    }
    for (std::size_t i = 0; i < ground.members.size(); ++i) {
        const auto& centre = (*centres)[i];
        // Whole pixels keep borders crisp.
        layout.nodes[ground.members[i].id] = {std::round(centre.x - ground.card.width / 2),
                                              std::round(centre.y - ground.card.height / 2),
                                              ground.card.width, ground.card.height};
    }
    movePerson(layout, options);
    return layout;
}

} // namespace lightcone::picture
