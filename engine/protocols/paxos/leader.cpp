#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

// Phase 2, and the life of a leader: "A single server is elected to be the leader, which acts as
// the distinguished proposer (the only one that tries to issue proposals) in all instances" (§3).
namespace lightcone::protocols::paxos {

void Paxos::becomeLeader(const Moment& moment, Out& out)
{
    m_role = Role::Leader;
    m_leader = self();
    m_peers.clear();
    for (const auto acceptor : otherAcceptors()) {
        m_peers[acceptor] = Peer{moment.now, 0};
    }
    m_rounds.clear();
    m_round = 0;
    m_leaseUntil = {};
    auto last = m_chosenIndex;
    last = m_found.empty() ? last : std::max(last, m_found.rbegin()->first);
    last = m_chosenAhead.empty() ? last : std::max(last, *m_chosenAhead.rbegin());
    m_inherited = last;
    m_nextSlot = last + 1;
    m_openAtHeartbeat = m_chosenIndex + 1;
    out.note("leads with ballot {}", m_ballot);
    finishOpenSlots(moment, last, out);
    m_found.clear();
    if (m_role == Role::Leader) {
        proposeWants(moment, out);
        heartbeat(moment, out);
    }
}

/// §3: the new leader executes phase 2 for each slot whose value the promises constrain, and fills
/// the gaps between them with no-ops, so that what comes after them can be executed.
void Paxos::finishOpenSlots(const Moment& moment, Slot last, Out& out)
{
    const auto first = m_chosenIndex + 1;
    if (first > last) {
        return;
    }
    if (makes(Mistake::SkipsOpenSlots)) {
        out.note("takes slots {} to {} for empty", first, last);
        for (auto slot = first; slot <= last; ++slot) {
            if (!knows(slot)) {
                const Entry empty{m_ballot, {}, NoOp{}};
                place().put(slot, empty);
                markChosen(slot);
                out.write(Lesson{slot, {empty}, m_chosenIndex}, node::Sync::Lazy);
            }
        }
        settle(moment, out);
        return;
    }
    Slots batch;
    auto begin = first;
    const auto flush = [&](Slot next) {
        if (!batch.empty()) {
            propose(moment, begin, std::exchange(batch, {}), out);
        }
        begin = next;
    };
    for (auto slot = first; slot <= last && m_role == Role::Leader; ++slot) {
        if (knows(slot)) {
            flush(slot + 1);
            continue;
        }
        const auto found = m_found.find(slot);
        auto entry = found == m_found.end() ? Entry{0, {}, NoOp{}} : found->second;
        out.note("finishes slot {} with {}", slot,
                 found == m_found.end() ? std::string("a no-op")
                                        : fmt::format("what ballot {} proposed", entry.ballot));
        entry.ballot = m_ballot;
        batch.push_back(std::move(entry));
        if (batch.size() == parameters().maxBatch) {
            flush(slot + 1);
        }
    }
    flush(last + 1);
}

/// §3: "suppose a leader can get α commands ahead—that is, it can propose commands i + 1 through i
/// + α after commands 1 through i are chosen." α is the window.
void Paxos::proposeWants(const Moment& moment, Out& out)
{
    while (m_role == Role::Leader) {
        auto next = std::find_if(m_wants.begin(), m_wants.end(),
                                 [](const Want& want) { return want.slot == 0; });
        const auto first = m_nextSlot;
        Slots batch;
        while (next != m_wants.end() && m_nextSlot - m_chosenIndex <= parameters().window
               && batch.size() < parameters().maxBatch) {
            next->slot = m_nextSlot++;
            batch.push_back(Entry{m_ballot, next->request, next->command});
            ++next;
        }
        if (batch.empty()) {
            return;
        }
        propose(moment, first, std::move(batch), out);
    }
}

/// Phase 2 (a) in some slots: sends accept requests and, where this node accepts, accepts.
void Paxos::propose(const Moment& moment, Slot first, Slots entries, Out& out)
{
    const auto last = first + entries.size() - 1;
    accept(first, entries, out);
    for (auto slot = first; slot <= last; ++slot) {
        m_tallies[slot] = Tally{m_ballot, {}, {}};
    }
    Accepted own{m_ballot, first, last, {}};
    out.broadcast(otherAcceptors(), Accept{m_ballot, first, entries, m_chosenIndex});
    if (!accepts()) {
        return;
    }
    if (parameters().learning == Learning::Everyone) {
        own.entries = std::move(entries);
        out.broadcast(otherLearners(), own);
    }
    count(moment, self(), own, out);
}

/// Sends the proposals of open slots below `upTo` again, to the acceptors that have not answered.
void Paxos::resendOpen(Slot upTo, Out& out)
{
    for (const auto acceptor : otherAcceptors()) {
        Slots batch;
        Slot begin = 0;
        const auto flush = [&] {
            if (!batch.empty()) {
                out.send(acceptor,
                         Accept{m_ballot, begin, std::exchange(batch, {}), m_chosenIndex});
            }
        };
        for (const auto& [slot, tally] : m_tallies) {
            const auto* entry = entryAt(slot);
            const bool lacks = slot < upTo && entry != nullptr && tally.ballot == m_ballot
                && entry->ballot == m_ballot && !tally.acceptors.contains(acceptor);
            if (!lacks) {
                continue;
            }
            if (!batch.empty()
                && (slot != begin + batch.size() || batch.size() >= parameters().maxBatch)) {
                flush();
            }
            if (batch.empty()) {
                begin = slot;
            }
            batch.push_back(*entry);
        }
        flush();
    }
}

void Paxos::heartbeat(const Moment& moment, Out& out)
{
    checkQuorum(moment, out);
    if (m_role != Role::Leader) {
        return;
    }
    constexpr std::size_t mostRounds = 32;
    if (m_rounds.size() == mostRounds) {
        m_rounds.erase(m_rounds.begin());
    }
    m_rounds.push_back({++m_round, moment.now});
    m_heardLeaderAt = moment.now;
    out.arm(Timer::Heartbeat, parameters().heartbeat);
    out.broadcast(others(), Heartbeat{m_ballot, m_chosenIndex, m_round});
    // Only what has had the time to be answered.
    resendOpen(m_openAtHeartbeat, out);
    m_openAtHeartbeat = m_nextSlot;
    confirmRounds();
}

/// A leader that no quorum answers cannot have anything chosen, and would keep others from trying.
void Paxos::checkQuorum(const Moment& moment, Out& out)
{
    NodeSet heard;
    if (accepts()) {
        heard.insert(self());
    }
    for (auto& [node, peer] : m_peers) {
        peer.heardAt = std::min(peer.heardAt, moment.now); // Clocks are set back too.
        if (moment.now <= peer.heardAt + parameters().electionTimeoutHigh) {
            heard.insert(node);
        }
    }
    if (!m_plan->quorums.isPhase2(heard)) {
        out.note("no quorum has answered for {}", toText(parameters().electionTimeoutHigh));
        yield(moment, m_ballot, out);
    }
}

void Paxos::onMessage(const Moment& moment, NodeId from, const Heartbeat& message, Out& out)
{
    if (message.ballot < m_ballot) {
        out.send(from, Nack{message.ballot, m_ballot});
        return;
    }
    if (message.ballot > m_ballot) {
        yield(moment, message.ballot, out);
    }
    if (proposesNow()) {
        return; // Two proposers with one number: the mistake has been made already.
    }
    followLeader(moment, from, out);
    if (accepts()) {
        out.send(from, Alive{message.ballot, message.round});
    }
    learnUpTo(moment, from, message.chosen, out);
}

void Paxos::followLeader(const Moment& moment, NodeId leader, Out& out)
{
    if (isSingle()) {
        return;
    }
    m_heardLeaderAt = moment.now;
    if (m_leader != leader) {
        m_leader = leader;
        out.note("follows n{} with ballot {}", leader.value, m_ballot);
    }
    armElection(moment, out);
}

void Paxos::onMessage(const Moment& moment, NodeId from, const Alive& message, Out&)
{
    const auto found = m_peers.find(from);
    if (m_role != Role::Leader || message.ballot != m_ballot || found == m_peers.end()) {
        return;
    }
    found->second.heardAt = moment.now;
    found->second.round = std::max(found->second.round, message.round);
    confirmRounds();
}

/// A quorum of phase 2 shares an acceptor with every quorum of phase 1: when it has answered a
/// round, nobody can finish phase 1 until one of its acceptors listens to others again.
void Paxos::confirmRounds()
{
    while (!m_rounds.empty()) {
        NodeSet answered;
        if (accepts()) {
            answered.insert(self());
        }
        for (const auto& [node, peer] : m_peers) {
            if (peer.round >= m_rounds.front().number) {
                answered.insert(node);
            }
        }
        if (!m_plan->quorums.isPhase2(answered)) {
            return;
        }
        const auto timeout = static_cast<double>(parameters().electionTimeoutLow.count());
        const auto length = timeout / parameters().leaseDriftBound;
        const auto until = m_rounds.front().begun + Duration(static_cast<Duration::rep>(length));
        m_leaseUntil = until;
        m_rounds.erase(m_rounds.begin());
    }
}

bool Paxos::holdsLease(const Moment& moment) const
{
    // What earlier leaders may have had chosen has to be executed first.
    return m_role == Role::Leader && parameters().reads == ReadMode::Lease
        && m_lastApplied >= m_inherited && moment.now < m_leaseUntil;
}

void Paxos::armElection(const Moment& moment, Out& out)
{
    if (!isSingle() && m_plan->proposes(self()) && m_role != Role::Leader) {
        out.arm(
            Timer::Election,
            moment.dice.between(parameters().electionTimeoutLow, parameters().electionTimeoutHigh));
    }
}

} // namespace lightcone::protocols::paxos
