#include "engine/protocols/replication/replication.h"

#include <algorithm>
#include <utility>

// The log goes from node to node: numbered writes, gaps found and filled, and logs that have
// parted brought together again.
namespace lightcone::protocols::replication {

void Replication::shipToAll(const Moment& moment, Out& out)
{
    for (auto& [node, follower] : m_followers) {
        ship(moment, node, follower, out);
    }
}

/// Sends what comes next without waiting for what was sent before, up to the window; with nothing
/// to send it is a heartbeat, by which the other finds out what it has missed.
void Replication::ship(const Moment& moment, NodeId to, Follower& follower, Out& out)
{
    follower.next = std::clamp<Index>(follower.next, m_logStart, last() + 1);
    const auto after = follower.next - 1;
    const auto ahead = after > follower.match ? after - follower.match : 0;
    const auto room = parameters().window > ahead ? parameters().window - ahead : 0;
    const auto count = std::min({last() - after, Index{parameters().maxBatch}, room});
    Ship message;
    message.view = view();
    message.after = after;
    message.afterEpoch = epochAt(after);
    message.entries = m_log.slice(after + 1 - m_logStart, count);
    message.last = last();
    message.commit = m_commit;
    message.at = moment.now;
    // Who has just come back does not know how far all was done: nobody is fresh by its word.
    message.echo = serves(moment) ? follower.echo : Instant{};
    out.send(to, std::move(message));
    follower.next = after + count + 1;
}

/// Only the primary, or the link before, ships; and only in a view that is not over.
bool Replication::accepts(NodeId from, const View& theirs, Out& out)
{
    if (theirs.epoch < m_promised) {
        out.send(from, Outdated{m_promised});
        return false;
    }
    const auto feeder = !isChain() ? front() : isMember(self()) ? predecessor() : back();
    return theirs.epoch == m_epoch && from == feeder;
}

void Replication::onMessage(const Moment& moment, NodeId from, const Ship& ship, Out& out)
{
    if (ship.view.epoch > m_epoch && ship.view.epoch >= m_promised) {
        takeView(moment, ship.view, out);
    }
    if (!accepts(from, ship.view, out)) {
        return;
    }
    m_feeder = from;
    m_feederEcho = std::max(m_feederEcho, ship.at);
    if (from == predecessor() && !m_confirmed) {
        m_confirmed = true;
    }
    if (!followsOn(moment, from, ship, out) || !take(moment, from, ship, out)) {
        learnLag(moment, ship, out);
        return;
    }
    const auto match = ship.after + ship.entries.size();
    // The tail finds out for itself; everybody else is told how far all is done.
    if (!isChain() || back() != self()) {
        commitUpTo(moment, std::min(ship.commit, match), out);
    }
    advance(moment, out);
    learnLag(moment, ship, out);
    out.send(from, Ack{m_epoch, match, m_commit, moment.now});
    updateRole(moment, out);
}

/// Two logs that agree on an entry's number and view agree on all before it, because only one node
/// gives numbers in a view and sends them in order.
bool Replication::followsOn(const Moment& moment, NodeId from, const Ship& ship, Out& out)
{
    if (ship.after > last()) {
        askFor(moment, from, last() + 1, out); // a gap
        return false;
    }
    const auto mine = epochAt(ship.after);
    if (mine == ship.afterEpoch) {
        return true;
    }
    const auto start = m_starts.find(mine);
    askFor(moment, from, start == m_starts.end() ? 1 : start->second, out);
    return false;
}

/// From there on; 0: a snapshot, because nothing that is here can be kept.
void Replication::askFor(const Moment& moment, NodeId from, Index index, Out& out)
{
    Missing missing{m_epoch, index, index > 1 ? epochAt(index - 1) : 0, 0, 0, moment.now};
    if (m_receiving) {
        missing.snapshot = m_receiving->last;
        missing.offset = m_receiving->data.size();
    }
    out.send(from, missing);
}

/// Adds what is new. Entries of another view in the same place, or beyond the sender's end, were
/// never taken over: they go. False when they are in our snapshot, which cannot be undone.
bool Replication::take(const Moment& moment, NodeId from, const Ship& ship, Out& out)
{
    const auto keeps = m_snapshot ? m_snapshot->last : 0;
    const auto end = ship.after + ship.entries.size();
    auto first = ship.after + 1;
    while (first <= end && epochAt(first) == ship.entries[first - ship.after - 1].epoch) {
        ++first;
    }
    const bool parts = first <= end && first <= last();
    const auto beyond = std::max(ship.last, end) + 1;
    const bool surplus = !parts && beyond <= last() && epochAt(beyond) < m_epoch;
    if (parts || surplus) {
        const auto cut = parts ? first : beyond;
        if (cut <= keeps) {
            askFor(moment, from, 0, out);
            return false;
        }
        discardFrom(cut, out);
    }
    if (first <= end) {
        const auto fresh = ship.entries.slice(first - ship.after - 1, end + 1 - first);
        for (std::size_t i = 0; i < fresh.size(); ++i) {
            judgePastReads(first + i, fresh[i], out);
        }
        append(first, fresh,
               makes(Mistake::AcknowledgesOnReceipt) ? node::Sync::Lazy : node::Sync::Forced, out);
        if (isMember(self())) {
            shipToAll(moment, out);
        }
    }
    return true;
}

void Replication::append(Index first, const Log& entries, node::Sync sync, Out& out)
{
    place().append(first, entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        m_starts.emplace(entries[i].epoch, first + i);
    }
    out.write(Append{first, entries}, sync);
}

void Replication::discardFrom(Index first, Out& out)
{
    auto lost = lostFrom(first);
    const auto count = last() + 1 - first;
    if (lost.empty()) {
        out.note("throws away {} writes from number {} on, which nobody was told are done", count,
                 first);
    } else {
        out.note("throws away {} writes from number {} on: clients may have been told that they "
                 "are done",
                 count, first);
    }
    for (const auto& [epoch, range] : lost) {
        addLost(m_lost, epoch, range);
    }
    place().cut(first);
    for (auto start = m_starts.begin(); start != m_starts.end();) {
        start = start->second >= first ? m_starts.erase(start) : start + 1;
    }
    if (m_applied >= first) {
        rollBackTo(first - 1);
    }
    m_commit = std::min(m_commit, first - 1);
    out.write(Discard{first, std::move(lost)});
}

/// Writes that a primary may have acknowledged without waiting for all backups.
LostRanges Replication::lostFrom(Index first) const
{
    LostRanges lost;
    if (isChain() || parameters().acknowledge == Acknowledge::Sync) {
        return lost;
    }
    for (auto index = first; index <= last(); ++index) {
        addLost(lost, epochAt(index), {index, index});
    }
    return lost;
}

void Replication::onMessage(const Moment& moment, NodeId from, const Ack& ack, Out& out)
{
    const auto found = m_followers.find(from);
    if (ack.epoch != m_epoch || found == m_followers.end()) {
        return;
    }
    auto& follower = found->second;
    follower.match = std::max(follower.match, ack.match);
    follower.next = std::max(follower.next, follower.match + 1);
    follower.heardAt = moment.now;
    follower.echo = std::max(follower.echo, ack.at);
    if (from == successor()) {
        commitUpTo(moment, std::min(ack.commit, last()), out);
    }
    advance(moment, out);
    if (follower.next <= last()) {
        ship(moment, from, follower, out);
    }
}

void Replication::onMessage(const Moment& moment, NodeId from, const Missing& missing, Out& out)
{
    const auto found = m_followers.find(from);
    if (missing.epoch != m_epoch || found == m_followers.end()) {
        return;
    }
    auto& follower = found->second;
    follower.heardAt = moment.now;
    follower.echo = std::max(follower.echo, missing.at);
    auto index = std::min(missing.from, last() + 1);
    while (index > 1 && epochAt(index - 1) > missing.before) {
        // Nothing of that view is there: go back to where ours of it begins.
        index = m_starts.find(epochAt(index - 1))->second;
    }
    if (missing.from == 0 || index < m_logStart) {
        sendPiece(from, missing, out);
        return;
    }
    // Several of its complaints may be under way about one and the same gap.
    if (follower.resentFrom == index
        && moment.now - follower.resentAt < parameters().heartbeat / 2) {
        return;
    }
    follower.resentFrom = index;
    follower.resentAt = moment.now;
    follower.next = index;
    ship(moment, from, follower, out);
}

/// How far this node is behind: in writes, and in the time since the oldest of them was accepted,
/// by the clock of whoever accepted it.
void Replication::learnLag(const Moment& moment, const Ship& ship, Out&)
{
    m_lagEntries = ship.last > m_applied ? ship.last - m_applied : 0;
    const auto* oldest = entryAt(m_applied + 1);
    const auto since = oldest != nullptr ? oldest->at : ship.at;
    m_lagTime = m_lagEntries == 0 ? Duration{} : std::max(Duration{}, Duration(moment.now - since));
    if (m_applied >= ship.commit) {
        m_freshAsOf = std::max(m_freshAsOf, ship.echo);
    }
}

/// A read that this node answered missed a write that had been accepted before.
void Replication::judgePastReads(Index index, const Entry& entry, Out& out)
{
    const auto& key =
        std::visit([](const auto& any) -> const std::string& { return any.key; }, entry.command);
    for (auto read = m_pastReads.begin(); read != m_pastReads.end();) {
        const bool missed = read->key == key && read->applied < index && entry.at < read->at;
        if (!missed) {
            ++read;
            continue;
        }
        const auto by = Duration(read->at - entry.at);
        ++m_staleReads;
        m_worstStaleness = std::max(m_worstStaleness, by);
        out.note("c{}'s read of {} was stale: it missed a write accepted {} before",
                 read->client.value - firstClient, key, toText(by));
        read = m_pastReads.erase(read);
    }
}

} // namespace lightcone::protocols::replication
