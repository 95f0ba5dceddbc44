#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <utility>

// The map service: the one place that decides which node owns what, and sees changes through.
namespace lightcone::protocols::partitioning {
namespace {

/// For so many reports a shard is left alone that was split or merged.
constexpr int quietReports = 5;

} // namespace

void Partitioning::foundMap(const Moment& moment, Out& out)
{
    if (m_directory.version == 0) {
        commit(FoundMap{m_placement->initialPlaces(), m_placement->initialStores()}, out);
    }
    m_version = m_directory.version;
    m_load = m_directory.changes.size() + m_directory.wishes.size();
    for (const auto& each : m_directory.stores) {
        // It may have promised each node a lease just before it crashed.
        m_leases[each.first] = leaseEnd(moment);
    }
    driveAll(moment, out);
    pump(out);
}

/// Until when a node that is given a lease now may serve at the latest, by this node's clock.
Instant Partitioning::leaseEnd(const Moment& moment) const
{
    const auto longest =
        static_cast<double>(parameters().lease.count()) * parameters().leaseDriftBound;
    return moment.now + Duration(static_cast<std::int64_t>(longest));
}

void Partitioning::onMessage(const Moment&, NodeId from, const AskMap&, Out& out)
{
    if (m_role == Role::MapService) {
        out.send(from, NewMap{m_directory.version, m_directory.places});
    }
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Report& news, Out& out)
{
    const auto store = m_directory.stores.find(from);
    if (store == m_directory.stores.end() || store->second.membership == Membership::Lost) {
        return; // Without an answer it has no lease.
    }
    m_leases[from] = leaseEnd(moment);
    out.send(from, Heard{news.round, m_directory.version});
    const auto over = std::max<std::int64_t>(news.over.count(), 1);
    for (const auto& load : news.loads) {
        const auto perSecond = static_cast<double>(load.requests) * 1e9 / static_cast<double>(over);
        m_known[load.shard] = {load.keys, static_cast<std::uint64_t>(perSecond)};
    }
    sumLoads();
    considerShape(moment, out);
}

/// What each node has to do, and how unevenly.
void Partitioning::sumLoads()
{
    PerNode<StoreLoad> loads;
    for (const auto& [node, store] : m_directory.stores) {
        if (store.membership == Membership::Active) {
            loads[node] = {};
        }
    }
    for (const auto& place : m_directory.places) {
        auto& load = loads[place.owner];
        ++load.shards;
        if (const auto known = m_known.find(place.shard); known != m_known.end()) {
            load.keys += known->second.keys;
            load.rate += known->second.rate;
        }
    }
    std::uint64_t most = 0;
    std::uint64_t all = 0;
    for (const auto& [node, load] : loads) {
        most = std::max(most, load.rate);
        all += load.rate;
    }
    m_skew = all == 0
        ? 0
        : static_cast<double>(most) * static_cast<double>(loads.size()) / static_cast<double>(all);
    m_loads = std::move(loads);
}

std::size_t Partitioning::movesUnderWay() const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_directory.changes, [](const auto& each) {
            return each.second.kind == ChangeKind::Move;
        }));
}

/// Begins what is wished for, as far as there is room for it.
void Partitioning::pump(Out& out)
{
    pumpJoins(out);
    const auto wishes = m_directory.wishes;
    for (const auto& [shard, to] : wishes) {
        if (movesUnderWay() >= parameters().concurrentMoves) {
            break;
        }
        const auto* place = m_directory.place(shard);
        if (place == nullptr || place->owner == to) {
            commit(SetWishes{{{shard, to, to}}}, out);
            continue;
        }
        const auto from = m_directory.stores.find(place->owner);
        const bool lost =
            from != m_directory.stores.end() && from->second.membership == Membership::Lost;
        if (m_directory.changeOf(shard) != nullptr || lost) {
            continue;
        }
        Change move;
        move.kind = ChangeKind::Move;
        move.shard = shard;
        move.from = place->owner;
        move.to = to;
        begin(std::move(move), out);
    }
    m_load = m_directory.changes.size() + m_directory.wishes.size();
}

void Partitioning::pumpJoins(Out& out)
{
    const auto joins = m_directory.joins;
    for (const auto shard : joins) {
        const auto* left = m_directory.place(shard);
        const auto* right =
            left != nullptr && !left->end.empty() ? find(m_directory.places, left->end) : nullptr;
        if (right == nullptr) {
            commit(WishJoin{shard, false}, out);
            continue;
        }
        if (m_directory.changeOf(shard) != nullptr || m_directory.changeOf(right->shard) != nullptr
            || m_directory.wishes.contains(shard)) {
            continue;
        }
        if (left->owner != right->owner) {
            commit(SetWishes{{{right->shard, right->owner, left->owner}}}, out);
            continue;
        }
        Change merge;
        merge.kind = ChangeKind::Merge;
        merge.shard = shard;
        merge.other = right->shard;
        merge.from = left->owner;
        begin(std::move(merge), out);
    }
}

void Partitioning::begin(Change change, Out& out)
{
    change.number = m_directory.version + 1;
    switch (change.kind) {
    case ChangeKind::Move:
        out.note("change {}: shard {} moves from {} to {}", change.number, change.shard,
                 nameOf(change.from), nameOf(change.to));
        break;
    case ChangeKind::Grant:
        out.note("change {}: shard {} of {} is given to {}", change.number, change.shard,
                 nameOf(change.from), nameOf(change.to));
        break;
    case ChangeKind::Split:
        out.note("change {}: shard {} is split", change.number, change.shard);
        break;
    case ChangeKind::Merge:
        out.note("change {}: shard {} is merged into shard {}", change.number, change.other,
                 change.shard);
        break;
    }
    commit(BeginChange{change}, out);
    drive(change, out);
    out.arm(Timer::Drive, parameters().retry);
}

/// Says what is to be done to whoever has to do it.
void Partitioning::drive(const Change& change, Out& out)
{
    const auto number = change.number;
    switch (change.kind) {
    case ChangeKind::Move:
        if (change.step == ChangeStep::Working) {
            out.send(change.from, Migrate{number, change.shard, change.to});
        } else {
            out.send(change.from, Release{number, change.shard});
        }
        break;
    case ChangeKind::Grant:
        if (const auto* place = m_directory.place(change.shard)) {
            out.send(change.to, Grant{number, change.shard, place->begin, place->end});
        }
        break;
    case ChangeKind::Split:
        out.send(change.from, SplitShard{number, change.shard, change.other, change.at});
        break;
    case ChangeKind::Merge:
        out.send(change.from, MergeShards{number, change.shard, change.other});
        break;
    }
}

void Partitioning::driveAll(const Moment& moment, Out& out)
{
    replaceLost(moment, out);
    for (const auto& [number, change] : m_directory.changes) {
        drive(change, out);
    }
    const bool waitsForLeases = std::ranges::any_of(m_directory.places, [&](const Place& place) {
        const auto owner = m_directory.stores.find(place.owner);
        return owner != m_directory.stores.end() && owner->second.membership == Membership::Lost;
    });
    if (!m_directory.changes.empty() || waitsForLeases) {
        out.arm(Timer::Drive, parameters().retry);
    }
}

/// The new owner has the shard.
void Partitioning::handOver(Epoch number, std::uint64_t keys, Out& out)
{
    const auto found = m_directory.changes.find(number);
    if (found == m_directory.changes.end() || found->second.step != ChangeStep::Working) {
        return;
    }
    const auto change = found->second;
    commit(HandOver{number, keys}, out);
    out.note("version {}: shard {} is {}'s", m_directory.version, change.shard, nameOf(change.to));
    if (change.kind == ChangeKind::Move) {
        drive(m_directory.changes.at(number), out);
    }
    sumLoads();
    pump(out);
}

void Partitioning::onMessage(const Moment&, NodeId, const Handed& news, Out& out)
{
    handOver(news.number, news.keys, out);
}

void Partitioning::onMessage(const Moment&, NodeId, const Released& news, Out& out)
{
    const auto found = m_directory.changes.find(news.number);
    if (found != m_directory.changes.end() && found->second.step == ChangeStep::Releasing) {
        commit(EndChange{news.number, true, {}}, out);
        pump(out);
    }
}

void Partitioning::onMessage(const Moment& moment, NodeId, const Reshaped& news, Out& out)
{
    const auto found = m_directory.changes.find(news.number);
    if (found == m_directory.changes.end()) {
        return;
    }
    const auto change = found->second;
    commit(EndChange{news.number, news.done, news.at}, out);
    m_known.erase(change.shard);
    m_known.erase(change.other);
    // Not at once again: what is known of its load is of its old shape.
    m_quiet[change.shard] = m_quiet[change.other] = moment.now + quietReports * parameters().report;
    if (!news.done) {
        out.note("shard {} stays as it is", change.shard);
    } else if (change.kind == ChangeKind::Split) {
        out.note("version {}: shard {} begins at {}", m_directory.version, change.other, news.at);
    } else {
        out.note("version {}: shard {} is a part of shard {}", m_directory.version, change.other,
                 change.shard);
    }
    pump(out);
}

/// Lost nodes whose leases are over serve no more: what they had goes to others.
void Partitioning::replaceLost(const Moment& moment, Out& out)
{
    const auto stores = m_directory.stores;
    for (const auto& [node, store] : stores) {
        const auto lease = m_leases.find(node);
        const bool over = lease == m_leases.end() || lease->second <= moment.now;
        if (store.membership == Membership::Lost && over) {
            replaceLost(node, out);
        }
    }
}

void Partitioning::replaceLost(NodeId lost, Out& out)
{
    const auto changes = m_directory.changes;
    for (const auto& [number, change] : changes) {
        const bool gives = change.from == lost && change.kind != ChangeKind::Grant;
        const bool takes = change.to == lost && change.step == ChangeStep::Working;
        if (!gives && !takes) {
            continue;
        }
        commit(EndChange{number, false, {}}, out);
        if (change.kind == ChangeKind::Move && change.step == ChangeStep::Working) {
            // Whoever is left of the two may have the shard.
            const auto* place = m_directory.place(change.shard);
            grant(*place, takes ? change.from : change.to, out);
        }
    }
    const auto places = m_directory.places;
    for (const auto& place : places) {
        if (place.owner == lost && m_directory.changeOf(place.shard) == nullptr) {
            const auto wish = m_directory.wishes.find(place.shard);
            const bool hashed = isHashed(parameters().strategy);
            grant(place,
                  wish != m_directory.wishes.end() ? wish->second
                      : hashed                     ? m_placement->ownerOf(place, m_directory.stores)
                                                   : leastLoaded(m_directory.stores),
                  out);
        }
    }
}

void Partitioning::grant(const Place& place, NodeId to, Out& out)
{
    Change change;
    change.kind = ChangeKind::Grant;
    change.shard = place.shard;
    change.from = place.owner;
    change.to = to;
    begin(std::move(change), out);
}

} // namespace lightcone::protocols::partitioning
