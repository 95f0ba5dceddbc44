#include "engine/protocols/partitioning/durable.h"

#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::partitioning {
namespace {

Place* placeOf(Directory& map, ShardId shard)
{
    const auto found = std::ranges::find(map.places, shard, &Place::shard);
    return found == map.places.end() ? nullptr : &*found;
}

void perform(Holdings& store, const FoundStore& write)
{
    store.founded = true;
    for (const auto& place : write.places) {
        Shard shard;
        shard.begin = place.begin;
        shard.end = place.end;
        shard.epoch = place.epoch;
        store.shards[place.shard] = std::move(shard);
    }
}

void perform(Holdings& store, const Execute& write)
{
    store.shards.at(write.shard).execute(write.request, write.operation);
}

void perform(Holdings& store, const BeginAttempt& write)
{
    store.attempts = write.attempt;
}

void perform(Holdings& store, const KeepPiece& write)
{
    const auto& piece = write.piece;
    auto& incoming = store.incoming[piece.shard];
    if (piece.piece == 0) {
        incoming = {piece.begin, piece.end, write.from, piece.number, piece.attempt, 0, {}};
    }
    incoming.put(piece.cells);
    ++incoming.pieces;
}

void perform(Holdings& store, const Adopt& write)
{
    const auto& piece = write.piece;
    Shard shard;
    shard.begin = piece.begin;
    shard.end = piece.end;
    shard.epoch = piece.number;
    if (const auto arrived = store.incoming.find(piece.shard); arrived != store.incoming.end()) {
        if (piece.piece > 0) {
            shard.entries = arrived->second.entries;
        }
        store.incoming.erase(arrived);
    }
    shard.put(piece.cells);
    shard.sessions = piece.sessions;
    store.shards[piece.shard] = std::move(shard);
}

void perform(Holdings& store, const Freeze& write)
{
    auto& shard = store.shards.at(write.shard);
    shard.standing = Standing::Frozen;
    shard.handed = write.number;
    shard.to = write.to;
}

void perform(Holdings& store, const Retire& write)
{
    auto& shard = store.shards.at(write.shard);
    shard.standing = Standing::Retired;
    shard.handed = write.number;
    shard.to = write.to;
}

void perform(Holdings& store, const Discard& write)
{
    auto& shard = store.shards.at(write.shard);
    shard.standing = Standing::Gone;
    shard.entries = {};
    shard.sessions = {};
}

void perform(Holdings& store, const TakeOver& write)
{
    const auto& grant = write.grant;
    auto& shard = store.shards[grant.shard];
    const bool keeps = shard.epoch != 0
        && (shard.standing == Standing::Owned || shard.standing == Standing::Frozen);
    if (!keeps) {
        shard = {};
    }
    shard.begin = grant.begin;
    shard.end = grant.end;
    shard.epoch = grant.number;
    shard.standing = Standing::Owned;
    shard.to = {};
    shard.handed = 0;
    store.incoming.erase(grant.shard);
}

void perform(Holdings& store, const CutShard& write)
{
    auto& left = store.shards.at(write.shard);
    left.asked = write.number;
    if (write.at.empty()) {
        return;
    }
    Shard right;
    right.begin = write.at;
    right.end = left.end;
    right.epoch = write.number;
    right.asked = write.number;
    right.sessions = left.sessions; // A retry may concern a key of either half.
    for (const auto& key : write.right) {
        right.entries.insert_or_assign(key, *left.entries.find(key));
        left.entries.erase(key);
    }
    left.end = write.at;
    left.epoch = write.number;
    store.shards[write.into] = std::move(right);
}

void perform(Holdings& store, const JoinShards& write)
{
    auto& left = store.shards.at(write.left);
    left.asked = write.number;
    if (!write.done) {
        return;
    }
    auto& right = store.shards.at(write.right);
    for (const auto& [key, value] : right.entries) {
        left.entries.insert_or_assign(key, value);
    }
    mergeSessions(left.sessions, right.sessions);
    left.end = right.end;
    left.epoch = write.number;
    // It stays as a memory: pieces of it from long ago are told from new ones by it.
    right.standing = Standing::Gone;
    right.epoch = write.number;
    right.handed = write.number;
    right.to = write.self;
    right.entries = {};
    right.sessions = {};
}

void perform(Directory& map, const FoundMap& write)
{
    map.version = 1;
    map.places = write.places;
    map.stores = write.stores;
    map.newest = write.places.size();
}

void perform(Directory& map, const SetStore& write)
{
    map.stores[write.node] = write.store;
    map.resize = write.resize;
    ++map.version;
}

void perform(Directory& map, const SetWishes& write)
{
    for (const auto& wish : write.wishes) {
        const auto* place = map.place(wish.shard);
        const auto* change = map.changeOf(wish.shard);
        const auto goes = change != nullptr && change->to ? change->to
            : place != nullptr                            ? place->owner
                                                          : NodeId{};
        if (goes == wish.to || place == nullptr) {
            map.wishes.erase(wish.shard);
        } else {
            map.wishes[wish.shard] = wish.to;
        }
    }
}

void perform(Directory& map, const WishJoin& write)
{
    if (write.wished) {
        map.joins.insert(write.shard);
    } else {
        map.joins.erase(write.shard);
    }
}

void perform(Directory& map, const BeginChange& write)
{
    const auto& change = write.change;
    map.version = change.number;
    map.changes[change.number] = change;
    if (change.kind == ChangeKind::Split) {
        map.newest = std::max(map.newest, change.other);
    } else if (change.kind == ChangeKind::Merge) {
        map.joins.erase(change.shard);
    } else {
        const auto wish = map.wishes.find(change.shard);
        if (wish != map.wishes.end() && wish->second == change.to) {
            map.wishes.erase(wish); // Who takes a shard over need not be who is to have it.
        }
        placeOf(map, change.shard)->movesTo = change.to;
    }
}

void perform(Directory& map, const HandOver& write)
{
    const auto found = map.changes.find(write.number);
    if (found == map.changes.end()) {
        return;
    }
    auto& change = found->second;
    auto* place = placeOf(map, change.shard);
    place->owner = change.to;
    place->movesTo = {};
    place->epoch = change.number;
    map.resize.keys += write.keys;
    ++map.version;
    if (change.kind == ChangeKind::Move) {
        change.step = ChangeStep::Releasing;
    } else {
        map.changes.erase(found);
    }
}

void perform(Directory& map, const EndChange& write)
{
    const auto found = map.changes.find(write.number);
    if (found == map.changes.end()) {
        return;
    }
    const auto change = found->second;
    map.changes.erase(found);
    auto* place = placeOf(map, change.shard);
    if (change.kind == ChangeKind::Move || change.kind == ChangeKind::Grant) {
        place->movesTo = {};
        return;
    }
    if (!write.done) {
        return;
    }
    ++map.version;
    place->epoch = change.number;
    if (change.kind == ChangeKind::Split) {
        auto right = *place;
        right.begin = write.at;
        right.shard = change.other;
        place->end = write.at;
        map.places.insert(map.places.begin() + (place - map.places.data()) + 1, right);
        if (const auto wish = map.wishes.find(change.shard); wish != map.wishes.end()) {
            map.wishes[change.other] = wish->second; // Where the whole was to go both halves go.
        }
    } else {
        auto* right = placeOf(map, change.other);
        place->end = right->end;
        map.wishes.erase(change.other);
        map.joins.erase(change.other);
        map.places.erase(map.places.begin() + (right - map.places.data()));
    }
}

void perform(Directory& map, const Answer& write)
{
    map.answered[write.request.client] = {write.request.sequence, write.answer};
}

template <class T>
constexpr bool isOfMap =
    std::is_same_v<
        T,
        FoundMap> || std::is_same_v<T, SetStore> || std::is_same_v<T, SetWishes> || std::is_same_v<T, WishJoin> || std::is_same_v<T, BeginChange> || std::is_same_v<T, HandOver> || std::is_same_v<T, EndChange> || std::is_same_v<T, Answer>;

} // namespace

const Place* Directory::place(ShardId shard) const
{
    const auto found = std::ranges::find(places, shard, &Place::shard);
    return found == places.end() ? nullptr : &*found;
}

const Change* Directory::changeOf(ShardId shard) const
{
    for (const auto& [number, change] : changes) {
        const bool both = change.kind == ChangeKind::Split || change.kind == ChangeKind::Merge;
        if (change.shard == shard || (both && change.other == shard)) {
            return &change;
        }
    }
    return nullptr;
}

void perform(const Write& write, Directory& directory, Holdings& holdings)
{
    std::visit(
        [&](const auto& held) {
            if constexpr (isOfMap<std::decay_t<decltype(held)>>) {
                perform(directory, held);
            } else {
                perform(holdings, held);
            }
        },
        write);
}

} // namespace lightcone::protocols::partitioning
