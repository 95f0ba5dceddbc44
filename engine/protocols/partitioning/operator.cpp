#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <utility>

// What an operator asks the map service: the answer says what was decided, the moves follow.
namespace lightcone::protocols::partitioning {

/// Whether this very wish of the operator was decided before.
bool Partitioning::repeatAnswer(RequestId id, Out& out) const
{
    const auto known = m_directory.answered.find(id.client);
    if (known == m_directory.answered.end() || known->second.sequence < id.sequence) {
        return false;
    }
    if (known->second.sequence == id.sequence) {
        out.reply(id, known->second.answer);
    }
    return true;
}

void Partitioning::answer(RequestId id, const Planned& planned, Out& out)
{
    commit(Answer{id, planned}, out);
    out.reply(id, planned);
}

bool Partitioning::isStore(RequestId id, NodeId node, Out& out) const
{
    const auto stores = storeIds(parameters());
    if (std::ranges::find(stores, node) == stores.end()) {
        out.refuse(id,
                   fmt::format("expected a storage node, from {} to {}", nameOf(stores.front()),
                               nameOf(stores.back())));
        return false;
    }
    const auto known = m_directory.stores.find(node);
    if (known != m_directory.stores.end() && known->second.membership == Membership::Lost) {
        out.refuse(id, fmt::format("{} is lost, and what it had was given away", nameOf(node)));
        return false;
    }
    return true;
}

std::size_t Partitioning::activeStores(NodeId without) const
{
    return static_cast<std::size_t>(
        std::ranges::count_if(m_directory.stores, [&](const auto& each) {
            return each.second.membership == Membership::Active && each.first != without;
        }));
}

NodeId Partitioning::goesTo(const Place& place) const
{
    const auto wish = m_directory.wishes.find(place.shard);
    return wish != m_directory.wishes.end() ? wish->second
        : place.movesTo                     ? place.movesTo
                                            : place.owner;
}

/// Which shards go elsewhere when the nodes are these.
std::vector<Wish> Partitioning::wishesFor(const Stores& after, NodeId changed) const
{
    const auto member = after.find(changed);
    const bool joins = member->second.membership == Membership::Active;
    if (!isHashed(parameters().strategy)) {
        return evenly(after, joins ? Spread::ToOne : Spread::Displaced, changed);
    }
    std::vector<Wish> wishes;
    for (const auto& place : m_directory.places) {
        const auto was = goesTo(place);
        const auto owner = m_placement->ownerOf(place, after);
        // What an operator has put elsewhere stays there, unless that is the node that leaves.
        const bool placed = m_placement->ownerOf(place, m_directory.stores) != was;
        const bool mustGo = !joins && was == changed;
        if (was != owner && (!placed || mustGo)) {
            wishes.push_back({place.shard, was, owner});
        }
    }
    return wishes;
}

/// The share of the key space that must move for every node to have what its weight says.
double Partitioning::least(const Stores& after, NodeId changed) const
{
    const auto member = after.find(changed);
    if (member->second.membership != Membership::Active) {
        double held = 0;
        for (const auto& place : m_directory.places) {
            held += goesTo(place) == changed ? measureOf(place) : 0;
        }
        return held;
    }
    double all = 0;
    for (const auto& [node, store] : after) {
        all += store.membership == Membership::Active ? store.weight : 0;
    }
    return member->second.weight / all;
}

void Partitioning::resize(RequestId id, NodeId node, Store store, Out& out)
{
    auto after = m_directory.stores;
    after[node] = store;
    const auto wishes = wishesFor(after, node);
    Resize news;
    news.node = node;
    news.joins = store.membership == Membership::Active;
    news.shards = wishes.size();
    for (const auto& wish : wishes) {
        news.share += measureOf(*m_directory.place(wish.shard));
    }
    news.least = least(after, node);
    news.monotone = parameters().strategy != Strategy::Modulo || makes(Mistake::ModuloSoldAsCheap);
    commit(SetStore{node, store, news}, out);
    if (!wishes.empty()) {
        commit(SetWishes{wishes}, out);
    }
    const char* deed = news.joins              ? "joins"
        : store.membership == Membership::Lost ? "is lost"
                                               : "is drained";
    out.note("version {}: {} {}, {} of {} shards move", m_directory.version, nameOf(node), deed,
             wishes.size(), m_directory.places.size());
    answer(id, {m_directory.version, wishes.size(), news.share, news.least}, out);
    sumLoads();
    pump(out);
}

void Partitioning::operate(const Moment& moment, RequestId id, const Add& order, Out& out)
{
    if (!isStore(id, order.node, out)) {
        return;
    }
    const auto known = m_directory.stores.find(order.node);
    if (known != m_directory.stores.end() && known->second.membership == Membership::Active) {
        out.refuse(id, fmt::format("{} takes part already", nameOf(order.node)));
        return;
    }
    m_leases[order.node] = moment.now;
    resize(id, order.node, {m_placement->weights().at(order.node), Membership::Active}, out);
}

void Partitioning::operate(const Moment&, RequestId id, const Drain& order, Out& out)
{
    if (!isStore(id, order.node, out)) {
        return;
    }
    const auto known = m_directory.stores.find(order.node);
    if (known == m_directory.stores.end() || known->second.membership == Membership::Draining) {
        out.refuse(id, fmt::format("{} takes no part, or is drained already", nameOf(order.node)));
        return;
    }
    if (activeStores(order.node) == 0) {
        out.refuse(id, fmt::format("{} is the last storage node", nameOf(order.node)));
        return;
    }
    resize(id, order.node, {known->second.weight, Membership::Draining}, out);
}

void Partitioning::operate(const Moment&, RequestId id, const Lose& order, Out& out)
{
    if (parameters().lease == Duration(0)) {
        out.refuse(id,
                   fmt::format("without leases (lease=0) nobody can know that {} has stopped "
                               "serving: start it again",
                               nameOf(order.node)));
        return;
    }
    if (!isStore(id, order.node, out)) {
        return;
    }
    const auto known = m_directory.stores.find(order.node);
    if (known == m_directory.stores.end() || activeStores(order.node) == 0) {
        out.refuse(id,
                   fmt::format("{} {}", nameOf(order.node),
                               known == m_directory.stores.end() ? "has nothing to lose"
                                                                 : "is the last storage node"));
        return;
    }
    resize(id, order.node, {known->second.weight, Membership::Lost}, out);
    out.arm(Timer::Drive, parameters().retry);
}

/// Moves that the operator asked for by name.
void Partitioning::plan(RequestId id, const std::vector<Wish>& wishes, Out& out)
{
    double share = 0;
    for (const auto& wish : wishes) {
        share += measureOf(*m_directory.place(wish.shard));
    }
    if (!wishes.empty()) {
        commit(SetWishes{wishes}, out);
    }
    answer(id, {m_directory.version, wishes.size(), share, 0}, out);
    pump(out);
}

void Partitioning::operate(const Moment&, RequestId id, const Move& order, Out& out)
{
    const auto* place = m_directory.place(order.shard);
    if (place == nullptr) {
        out.refuse(
            id,
            fmt::format("there is no shard {}: the newest is {}", order.shard, m_directory.newest));
        return;
    }
    if (!isStore(id, order.to, out)) {
        return;
    }
    const auto store = m_directory.stores.find(order.to);
    if (store == m_directory.stores.end() || store->second.membership != Membership::Active) {
        out.refuse(id, fmt::format("{} takes no shards: add it first", nameOf(order.to)));
        return;
    }
    const auto was = goesTo(*place);
    plan(id,
         was == order.to ? std::vector<Wish>{} : std::vector<Wish>{{order.shard, was, order.to}},
         out);
}

void Partitioning::operate(const Moment&, RequestId id, const Split& order, Out& out)
{
    const auto* place = m_directory.place(order.shard);
    if (parameters().strategy != Strategy::Range || place == nullptr) {
        out.refuse(id,
                   place == nullptr ? fmt::format("there is no shard {}: the newest is {}",
                                                  order.shard, m_directory.newest)
                                    : "only ranges are split (strategy=range)");
        return;
    }
    if (order.at && (*order.at <= place->begin || !place->span().contains(*order.at))) {
        out.refuse(id,
                   fmt::format("expected a row inside of {}, found '{}'", textOf(place->span()),
                               *order.at));
        return;
    }
    if (m_directory.changeOf(order.shard) != nullptr) {
        out.refuse(id, fmt::format("shard {} is being changed, ask again later", order.shard));
        return;
    }
    Change split;
    split.kind = ChangeKind::Split;
    split.shard = order.shard;
    split.other = m_directory.newest + 1;
    split.from = place->owner;
    split.at = order.at.value_or("");
    begin(std::move(split), out);
    answer(id, {m_directory.version, 0, 0, 0}, out);
}

void Partitioning::operate(const Moment&, RequestId id, const Merge& order, Out& out)
{
    const auto* place = m_directory.place(order.shard);
    if (parameters().strategy != Strategy::Range) {
        out.refuse(id, "only ranges are merged (strategy=range)");
    } else if (place == nullptr) {
        out.refuse(
            id,
            fmt::format("there is no shard {}: the newest is {}", order.shard, m_directory.newest));
    } else if (place->end.empty()) {
        out.refuse(id, fmt::format("shard {} has none to its right", order.shard));
    } else {
        commit(WishJoin{order.shard, true}, out);
        pump(out);
        answer(id, {m_directory.version, 0, 0, 0}, out);
    }
}

void Partitioning::operate(const Moment&, RequestId id, const Rebalance&, Out& out)
{
    std::vector<Wish> wishes;
    if (isHashed(parameters().strategy)) {
        for (const auto& place : m_directory.places) {
            const auto owner = m_placement->ownerOf(place, m_directory.stores);
            if (owner && goesTo(place) != owner) {
                wishes.push_back({place.shard, goesTo(place), owner});
            }
        }
    } else {
        wishes = evenly(m_directory.stores, Spread::All);
    }
    plan(id, wishes, out);
}

} // namespace lightcone::protocols::partitioning
