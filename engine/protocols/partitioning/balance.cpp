#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <utility>

// How ranges keep a shape that fits what is in them and what is asked of them.
namespace lightcone::protocols::partitioning {
namespace {

/// A node is asked too much when it is asked so many times what the mean one is.
constexpr double mostSkew = 1.5;

/// Reports between two looks at who is asked too much: the load has to follow the shards first.
constexpr int balanceReports = 5;

} // namespace

/// A shard's part of the whole: of the circle, or of the keys where points have no measure.
double Partitioning::measureOf(const Place& place) const
{
    if (isHashed(parameters().strategy)) {
        return place.share;
    }
    std::uint64_t all = 0;
    for (const auto& [shard, known] : m_known) {
        all += known.keys;
    }
    const auto known = m_known.find(place.shard);
    if (all == 0) {
        return 1.0 / static_cast<double>(m_directory.places.size());
    }
    const auto keys = known == m_known.end() ? 0 : known->second.keys;
    return static_cast<double>(keys) / static_cast<double>(all);
}

/// By how often they are asked; where nobody asks, by their keys; an empty shard weighs a little.
std::vector<Partitioning::Weighed> Partitioning::weighed() const
{
    const bool busy =
        std::ranges::any_of(m_known, [](const auto& each) { return each.second.rate > 0; });
    std::vector<Weighed> shards;
    for (const auto& place : m_directory.places) {
        const auto found = m_known.find(place.shard);
        const auto known = found == m_known.end() ? KnownLoad{} : found->second;
        const auto weight = static_cast<double>(busy ? known.rate : known.keys);
        shards.push_back({place.shard, goesTo(place), weight + 0.01});
    }
    return shards;
}

/// First, what is on no active store goes to whoever has least. Then, unless only that is wanted,
/// the heaviest shards that make it better go from whoever has most to whoever has least, or to the
/// one that joins, until nothing makes it better.
std::vector<Wish> Partitioning::evenly(const Stores& stores, Spread spread, NodeId joins) const
{
    auto shards = weighed();
    std::map<NodeId, double> loads;
    for (const auto& [node, store] : stores) {
        if (store.membership == Membership::Active) {
            loads[node] = 0;
        }
    }
    const auto takes = [&](NodeId node) { return loads.contains(node); };
    std::map<ShardId, Wish> wishes;
    const auto lightest = [&] {
        return std::ranges::min_element(loads, {}, [](const auto& each) { return each.second; });
    };
    const auto send = [&](Weighed& shard, NodeId to) {
        auto& wish = wishes[shard.shard];
        wish.shard = shard.shard;
        wish.was = wish.was ? wish.was : shard.owner;
        wish.to = to;
        shard.owner = to;
        loads[to] += shard.weight;
    };
    for (const auto& shard : shards) {
        if (takes(shard.owner)) {
            loads[shard.owner] += shard.weight;
        }
    }
    for (auto& shard : shards) {
        if (!takes(shard.owner)) {
            send(shard, lightest()->first);
        }
    }
    for (std::size_t round = 0; spread != Spread::Displaced && round < shards.size(); ++round) {
        const auto heavy =
            std::ranges::max_element(loads, {}, [](const auto& each) { return each.second; });
        const auto light = spread == Spread::ToOne ? loads.find(joins) : lightest();
        const auto gap = heavy->second - light->second;
        Weighed* best = nullptr;
        for (auto& shard : shards) {
            const bool better = shard.owner == heavy->first && shard.weight < gap
                && (best == nullptr || shard.weight > best->weight);
            best = better ? &shard : best;
        }
        if (best == nullptr) {
            break;
        }
        heavy->second -= best->weight;
        send(*best, light->first);
    }
    std::vector<Wish> list;
    for (const auto& [shard, wish] : wishes) {
        if (wish.was != wish.to) {
            list.push_back(wish);
        }
    }
    return list;
}

NodeId Partitioning::leastLoaded(const Stores& stores) const
{
    std::map<NodeId, std::uint64_t> shards;
    for (const auto& [node, store] : stores) {
        if (store.membership == Membership::Active) {
            shards[node] = 0;
        }
    }
    for (const auto& place : m_directory.places) {
        if (const auto found = shards.find(goesTo(place)); found != shards.end()) {
            ++found->second;
        }
    }
    const auto least =
        std::ranges::min_element(shards, {}, [](const auto& each) { return each.second; });
    return least == shards.end() ? NodeId{} : least->first;
}

void Partitioning::considerShape(const Moment& moment, Out& out)
{
    const auto places = m_directory.places;
    for (std::size_t i = 0; i < places.size(); ++i) {
        considerSplit(moment, places[i], out);
        if (i + 1 < places.size()) {
            considerMerge(moment, places[i], places[i + 1], out);
        }
    }
    if (parameters().balance) {
        considerMoves(moment, out);
    }
}

bool Partitioning::isQuiet(const Moment& moment, ShardId shard) const
{
    const auto quiet = m_quiet.find(shard);
    return quiet != m_quiet.end() && moment.now < quiet->second;
}

void Partitioning::considerSplit(const Moment& moment, const Place& place, Out& out)
{
    const auto known = m_known.find(place.shard);
    if (known == m_known.end() || isQuiet(moment, place.shard)
        || m_directory.changeOf(place.shard) != nullptr
        || m_directory.wishes.contains(place.shard)) {
        return;
    }
    const auto& bounds = parameters();
    const bool large = bounds.splitKeys != 0 && known->second.keys > bounds.splitKeys;
    const bool hot = bounds.splitLoad != 0 && known->second.rate > bounds.splitLoad;
    if (!large && !hot) {
        return;
    }
    out.note("shard {} has {} keys and is asked {} times a second: too {}", place.shard,
             known->second.keys, known->second.rate, large ? "large" : "hot");
    Change split;
    split.kind = ChangeKind::Split;
    split.shard = place.shard;
    split.other = m_directory.newest + 1;
    split.from = place.owner;
    begin(std::move(split), out);
}

void Partitioning::considerMerge(const Moment& moment, const Place& left, const Place& right,
                                 Out& out)
{
    const auto& bounds = parameters();
    const auto a = m_known.find(left.shard);
    const auto b = m_known.find(right.shard);
    if (bounds.mergeKeys == 0 || a == m_known.end() || b == m_known.end()) {
        return;
    }
    const bool quiet =
        bounds.splitLoad == 0 || 2 * (a->second.rate + b->second.rate) < bounds.splitLoad;
    const auto busy = [&](ShardId shard) {
        return isQuiet(moment, shard) || m_directory.changeOf(shard) != nullptr
            || m_directory.wishes.contains(shard) || m_directory.joins.contains(shard);
    };
    if (a->second.keys + b->second.keys > bounds.mergeKeys || !quiet || busy(left.shard)
        || busy(right.shard)) {
        return;
    }
    out.note("shards {} and {} have {} keys together: too small", left.shard, right.shard,
             a->second.keys + b->second.keys);
    commit(WishJoin{left.shard, true}, out);
    pump(out);
}

void Partitioning::considerMoves(const Moment& moment, Out& out)
{
    const bool early = moment.now < m_balancedAt + balanceReports * parameters().report;
    if (m_skew < mostSkew || early || !m_directory.wishes.empty() || !m_directory.changes.empty()) {
        return;
    }
    const auto wishes = evenly(m_directory.stores, Spread::All);
    if (!wishes.empty()) {
        m_balancedAt = moment.now;
        out.note("one node is asked {:.1f} times as much as the mean: {} shards move", m_skew,
                 wishes.size());
        commit(SetWishes{wishes}, out);
        pump(out);
    }
}

} // namespace lightcone::protocols::partitioning
