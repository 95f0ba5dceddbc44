#include "engine/protocols/partitioning/placement.h"

#include "engine/core/check.h"
#include "engine/core/dice.h"
#include "engine/core/hash.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace lightcone::protocols::partitioning {
namespace {

bool isActive(const Stores& stores, NodeId node)
{
    const auto found = stores.find(node);
    return found != stores.end() && found->second.membership == Membership::Active;
}

/// "price/": in front of the rows of a group of columns.
std::string prefixOf(const std::vector<std::string>& group)
{
    return group.front() + "/";
}

Span onlyPoint(const Point& point)
{
    return {point, point + '\0'};
}

} // namespace

Placement::Placement(const Parameters& parameters)
    : m_parameters(parameters)
{
    const auto weights = parseWeights(parameters);
    const auto groups = parseGroups(parameters);
    check(weights && groups, "the parameters were validated");
    m_weights = *weights;
    m_groups = *groups;
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        for (const auto& column : m_groups[group]) {
            m_groupOf[column] = group;
        }
    }
    if (parameters.strategy != Strategy::Consistent) {
        return;
    }
    for (const auto& [node, weight] : m_weights) {
        for (std::uint32_t number = 1; number <= weight * parameters.tokens; ++number) {
            const auto name = fmt::format("token {} of {}", number, node.value);
            m_tokens.push_back({hashPoint(hashOf(name)), node});
        }
    }
    std::sort(m_tokens.begin(), m_tokens.end(), [](const Token& a, const Token& b) {
        return std::tie(a.at, a.node) < std::tie(b.at, b.node);
    });
}

std::optional<Point> Placement::pointOf(std::string_view key) const
{
    const auto row = rowOf(key);
    if (isHashed(m_parameters.strategy)) {
        return hashPoint(hashOf(row));
    }
    if (m_parameters.strategy == Strategy::Range) {
        return Point(row);
    }
    const auto column = columnOf(key);
    const auto group = m_groupOf.find(column);
    if (group == m_groupOf.end() && !column.empty()) {
        return std::nullopt;
    }
    const auto place = group == m_groupOf.end() ? 0 : group->second;
    return prefixOf(m_groups[place]) + std::string(row);
}

std::vector<std::size_t> Placement::groupsWith(const std::set<std::string>& columns) const
{
    std::vector<std::size_t> wanted;
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        const auto& its = m_groups[group];
        const bool any = std::any_of(its.begin(), its.end(), [&](const std::string& column) {
            return columns.contains(column);
        });
        if (columns.empty() || any) {
            wanted.push_back(group);
        }
    }
    return wanted;
}

Spans Placement::pointsOfRow(const std::string& row, const std::set<std::string>& columns) const
{
    if (m_parameters.strategy != Strategy::Column) {
        return {onlyPoint(*pointOf(row))};
    }
    Spans spans;
    for (const auto group : groupsWith(columns)) {
        spans.push_back(onlyPoint(prefixOf(m_groups[group]) + row));
    }
    return spans;
}

Spans Placement::spansOfRows(const std::string& from, const std::string& to,
                             const std::set<std::string>& columns) const
{
    if (isHashed(m_parameters.strategy)) {
        return {Span{}};
    }
    if (m_parameters.strategy == Strategy::Range) {
        return {Span{from, to}};
    }
    Spans spans;
    for (const auto group : groupsWith(columns)) {
        const auto prefix = prefixOf(m_groups[group]);
        auto after = prefix;
        ++after.back();
        spans.push_back({prefix + from, to.empty() ? after : prefix + to});
    }
    return spans;
}

Stores Placement::initialStores() const
{
    Stores stores;
    for (std::uint32_t number = 1; number <= m_parameters.nodes; ++number) {
        const auto node = storeId(m_parameters, number);
        stores[node] = {m_weights.at(node), Membership::Active};
    }
    return stores;
}

Places Placement::initialPlaces() const
{
    std::vector<Point> begins{""};
    const auto add = [&](const Point& point) {
        if (!point.empty()) {
            begins.push_back(point);
        }
    };
    switch (m_parameters.strategy) {
    case Strategy::Range:
        std::ranges::for_each(*parseBounds(m_parameters), add);
        break;
    case Strategy::Modulo:
    case Strategy::Rendezvous:
        for (std::uint64_t slot = 1; slot < m_parameters.slots; ++slot) {
            const auto hash = (slot << 32) / m_parameters.slots;
            add(hashPoint(static_cast<std::uint32_t>(hash)));
        }
        break;
    case Strategy::Consistent:
        for (const auto& token : m_tokens) {
            add(token.at);
        }
        break;
    case Strategy::Column: {
        std::vector<Point> prefixes;
        for (const auto& group : m_groups) {
            prefixes.push_back(prefixOf(group));
        }
        std::sort(prefixes.begin(), prefixes.end());
        std::for_each(prefixes.begin() + 1, prefixes.end(), add);
        break;
    }
    }
    begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
    const auto stores = initialStores();
    Places places;
    for (std::size_t i = 0; i < begins.size(); ++i) {
        Place place;
        place.begin = begins[i];
        place.end = i + 1 < begins.size() ? begins[i + 1] : Point();
        place.shard = i + 1;
        place.epoch = 1;
        const auto turn = static_cast<std::uint32_t>(i % m_parameters.nodes);
        place.owner = isHashed(m_parameters.strategy) ? ownerOf(place, stores)
                                                      : storeId(m_parameters, turn + 1);
        place.share = isHashed(m_parameters.strategy) ? shareOf(place.span()) : 0;
        places.push_back(std::move(place));
    }
    return places;
}

NodeId Placement::ownerOf(const Place& place, const Stores& stores) const
{
    switch (m_parameters.strategy) {
    case Strategy::Modulo:
        return byRemainder(place, stores);
    case Strategy::Consistent:
        return nextToken(place, stores);
    case Strategy::Rendezvous:
        return highestScore(place, stores);
    case Strategy::Range:
    case Strategy::Column:
        break;
    }
    return {};
}

NodeId Placement::nextToken(const Place& place, const Stores& stores) const
{
    const auto first =
        std::lower_bound(m_tokens.begin(), m_tokens.end(), place.end,
                         [](const Token& token, const Point& point) { return token.at < point; });
    const auto start = place.end.empty() ? 0 : static_cast<std::size_t>(first - m_tokens.begin());
    for (std::size_t i = 0; i < m_tokens.size(); ++i) {
        const auto& token = m_tokens[(start + i) % m_tokens.size()];
        if (isActive(stores, token.node)) {
            return token.node;
        }
    }
    return {};
}

NodeId Placement::highestScore(const Place& place, const Stores& stores)
{
    NodeId best;
    double highest = -1;
    for (const auto& [node, store] : stores) {
        const auto score = rendezvousScore(node, place.shard, store.weight);
        if (store.membership == Membership::Active && score > highest) {
            best = node;
            highest = score;
        }
    }
    return best;
}

NodeId Placement::byRemainder(const Place& place, const Stores& stores)
{
    std::vector<NodeId> active;
    for (const auto& [node, store] : stores) {
        if (store.membership == Membership::Active) {
            active.push_back(node);
        }
    }
    return active.empty() ? NodeId{} : active[(place.shard - 1) % active.size()];
}

double rendezvousScore(NodeId node, ShardId slot, std::uint32_t weight)
{
    const auto hash = hashOf(fmt::format("slot {} on {}", slot, node.value));
    const auto unit = (static_cast<double>(hash) + 0.5) / 4294967296.0;
    return -static_cast<double>(weight) / portableLog(unit);
}

} // namespace lightcone::protocols::partitioning
