#include "engine/protocols/partitioning/partitioning.h"

#include <algorithm>
#include <utility>

// A shard goes from one storage node to another: copy, catch up, hand over, forward.
namespace lightcone::protocols::partitioning {
namespace {

/// Writes may come faster than they are caught up with: then the shard is handed over all the same.
constexpr std::uint32_t mostRounds = 4;

} // namespace

void Partitioning::onMessage(const Moment&, NodeId from, const Migrate& order, Out& out)
{
    const auto found = m_holdings.shards.find(order.shard);
    if (found == m_holdings.shards.end()) {
        return;
    }
    const auto& shard = found->second;
    const bool gone = shard.standing == Standing::Retired || shard.standing == Standing::Gone;
    if (gone) {
        if (shard.handed == order.number) {
            out.send(from, Handed{order.number, order.shard, shard.entries.size()});
        }
        return;
    }
    const auto going = m_outgoing.find(order.shard);
    const bool known = going != m_outgoing.end() && going->second.number >= order.number;
    if (known || order.number <= shard.epoch || shard.standing == Standing::Frozen) {
        return;
    }
    out.note("gives shard {} to {}: copies {} keys", order.shard, nameOf(order.to),
             shard.entries.size());
    beginAttempt(order.shard, order.number, order.to, out);
}

void Partitioning::beginAttempt(ShardId id, Epoch number, NodeId to, Out& out)
{
    commit(BeginAttempt{m_holdings.attempts + 1}, out);
    Outgoing going;
    going.number = number;
    going.to = to;
    going.attempt = m_holdings.attempts;
    for (const auto& [key, value] : m_holdings.shards.at(id).entries) {
        going.rest.push_back(key);
    }
    m_outgoing[id] = std::move(going);
    nextPiece(id, out);
}

void Partitioning::nextPiece(ShardId id, Out& out)
{
    auto& going = m_outgoing.at(id);
    going.cells.clear();
    const auto add = [&](const std::string& key) {
        const auto* value = m_holdings.shards.at(id).entries.find(key);
        going.cells.push_back({key, value == nullptr ? std::nullopt : std::optional(*value)});
    };
    const std::size_t chunk = parameters().chunk;
    if (going.phase == Phase::Copying) {
        const auto count = std::min(chunk, going.rest.size());
        const auto end = going.rest.begin() + static_cast<std::ptrdiff_t>(count);
        std::for_each(going.rest.begin(), end, add);
        going.rest.erase(going.rest.begin(), end);
        if (count == 0) {
            going.phase = Phase::CatchingUp;
        }
    }
    const bool closes = going.dirty.size() <= chunk || going.rounds >= mostRounds;
    if (going.phase == Phase::CatchingUp && closes) {
        going.phase = Phase::HandingOver;
        std::ranges::for_each(going.dirty, add);
        going.dirty.clear();
        if (!makes(Mistake::OldOwnerServes)
            && m_holdings.shards.at(id).standing == Standing::Owned) {
            commit(Freeze{id, going.number, going.to}, out);
        }
        out.note("hands shard {} over to {}", id, nameOf(going.to));
    } else if (going.phase == Phase::CatchingUp) {
        ++going.rounds;
        auto end = going.dirty.begin();
        std::advance(end, chunk);
        std::for_each(going.dirty.begin(), end, add);
        going.dirty.erase(going.dirty.begin(), end);
    }
    sendPiece(id, out);
}

void Partitioning::sendPiece(ShardId id, Out& out)
{
    const auto found = m_outgoing.find(id);
    if (found == m_outgoing.end()) {
        return;
    }
    const auto& going = found->second;
    const auto& shard = m_holdings.shards.at(id);
    Copy piece{going.number, id,          shard.begin, shard.end, going.attempt,
               going.piece,  going.cells, false,       {}};
    if (going.phase == Phase::HandingOver) {
        piece.last = true;
        piece.sessions = shard.sessions;
    }
    out.send(going.to, std::move(piece));
    out.arm(Timer::Resend, parameters().retry, id);
}

/// Something was written while the shard is copied.
void Partitioning::noteWrite(ShardId id, const std::string& key)
{
    const auto going = m_outgoing.find(id);
    if (going == m_outgoing.end()) {
        return;
    }
    const auto& rest = going->second.rest;
    if (!std::binary_search(rest.begin(), rest.end(), key)) {
        going->second.dirty.insert(key);
    }
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Copy& piece, Out& out)
{
    const auto held = m_holdings.shards.find(piece.shard);
    if (held != m_holdings.shards.end() && held->second.epoch >= piece.number) {
        sayAdopted(from, piece.shard, piece.number, out);
        return;
    }
    const auto arriving = m_holdings.incoming.find(piece.shard);
    const bool known = arriving != m_holdings.incoming.end();
    const auto age = known ? std::pair(arriving->second.number, arriving->second.attempt)
                           : std::pair(Epoch(0), std::uint64_t(0));
    const std::pair newer(piece.number, piece.attempt);
    if (newer < age) {
        return;
    }
    const auto next = newer == age ? arriving->second.pieces : 0;
    if (piece.piece > next) {
        return;
    }
    if (piece.piece == next && piece.last) {
        adopt(moment, from, piece, out);
        return;
    }
    if (piece.piece == next) {
        commit(KeepPiece{from, piece}, out);
    }
    out.send(from, Copied{piece.number, piece.shard, piece.attempt, piece.piece});
}

void Partitioning::adopt(const Moment& moment, NodeId from, const Copy& piece, Out& out)
{
    commit(Adopt{piece}, out);
    out.disarm(Timer::Discard, piece.shard);
    out.note("owns shard {} with {} keys from now on", piece.shard,
             m_holdings.shards.at(piece.shard).entries.size());
    sayAdopted(from, piece.shard, piece.number, out);
    serveHeld(moment, piece.shard, out);
}

void Partitioning::sayAdopted(NodeId from, ShardId id, Epoch number, Out& out)
{
    const Adopted news{number, id, m_holdings.shards.at(id).entries.size()};
    if (from != mapService()) {
        out.send(from, news);
    }
    out.send(mapService(), news);
}

void Partitioning::onMessage(const Moment&, NodeId from, const Copied& answer, Out& out)
{
    const auto found = m_outgoing.find(answer.shard);
    if (found == m_outgoing.end()) {
        return;
    }
    auto& going = found->second;
    const bool fits = going.to == from && going.number == answer.number
        && going.attempt == answer.attempt && going.piece == answer.piece;
    if (fits && going.phase != Phase::HandingOver) {
        ++going.piece;
        nextPiece(answer.shard, out);
    }
}

void Partitioning::onMessage(const Moment&, NodeId from, const Adopted& news, Out& out)
{
    if (m_role == Role::MapService) {
        handOver(news.number, news.keys, out);
        return;
    }
    const auto going = m_outgoing.find(news.shard);
    if (going != m_outgoing.end() && going->second.number == news.number) {
        out.send(mapService(), Handed{news.number, news.shard, news.keys});
        retire(news.shard, news.number, from, out);
    }
}

void Partitioning::retire(ShardId id, Epoch number, NodeId to, Out& out)
{
    m_outgoing.erase(id);
    m_asked.erase(id);
    out.disarm(Timer::Resend, id);
    commit(Retire{id, number, to}, out);
    out.arm(Timer::Discard, parameters().retention, id);
}

void Partitioning::onMessage(const Moment&, NodeId from, const Release& order, Out& out)
{
    const auto found = m_holdings.shards.find(order.shard);
    if (found == m_holdings.shards.end()) {
        return;
    }
    const auto& shard = found->second;
    const auto going = m_outgoing.find(order.shard);
    if (going != m_outgoing.end() && going->second.number == order.number) {
        retire(order.shard, order.number, going->second.to, out);
    }
    // Where it has come back since, or was handed on, the order is an old one and done as well.
    if (shard.handed >= order.number || shard.epoch > order.number) {
        out.send(from, Released{order.number, order.shard});
    }
}

void Partitioning::onMessage(const Moment& moment, NodeId from, const Grant& grant, Out& out)
{
    const auto found = m_holdings.shards.find(grant.shard);
    if (found != m_holdings.shards.end() && found->second.epoch >= grant.number) {
        sayAdopted(from, grant.shard, grant.number, out);
        return;
    }
    m_outgoing.erase(grant.shard);
    out.disarm(Timer::Resend, grant.shard);
    out.disarm(Timer::Discard, grant.shard);
    commit(TakeOver{grant}, out);
    out.note("takes shard {} over with {} keys: its owner is lost", grant.shard,
             m_holdings.shards.at(grant.shard).entries.size());
    sayAdopted(from, grant.shard, grant.number, out);
    serveHeld(moment, grant.shard, out);
}

} // namespace lightcone::protocols::partitioning
