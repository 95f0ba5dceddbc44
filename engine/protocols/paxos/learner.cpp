#include "engine/protocols/paxos/paxos.h"

#include <algorithm>
#include <utility>

// How it becomes known what was chosen (§2.3), and what follows from it: commands are executed in
// the order of their slots (§3).
namespace lightcone::protocols::paxos {

void Paxos::onMessage(const Moment& moment, NodeId from, const Accepted& message, Out& out)
{
    if (const auto peer = m_peers.find(from); peer != m_peers.end() && message.ballot == m_ballot) {
        peer->second.heardAt = moment.now;
    }
    const bool own = proposesNow() && message.ballot == m_ballot;
    if (own || (learns() && !message.entries.empty())) {
        count(moment, from, message, out);
    }
}

/// §2.2: "A value is chosen when a single proposal with that value has been accepted by a majority
/// of the acceptors", or by whatever a quorum of phase 2 is.
void Paxos::count(const Moment& moment, NodeId acceptor, const Accepted& message, Out& out)
{
    bool news = false;
    const bool own = proposesNow() && message.ballot == m_ballot;
    const auto end =
        own ? std::min(message.last + 1, m_nextSlot) : message.first + message.entries.size();
    for (auto slot = message.first; slot < end; ++slot) {
        if (knows(slot) || slot < m_logStart) {
            continue;
        }
        auto& tally = m_tallies[slot];
        if (tally.ballot > message.ballot) {
            continue;
        }
        if (tally.ballot < message.ballot) {
            tally = Tally{message.ballot, {}, {}};
        }
        tally.acceptors.insert(acceptor);
        const auto* mine = entryAt(slot);
        const bool here = mine != nullptr && mine->ballot == message.ballot;
        if (!here && slot - message.first < message.entries.size()) {
            tally.value = message.entries[slot - message.first];
        }
        if (isSingle() && m_role == Role::Proposing && message.ballot == m_ballot) {
            m_votes = tally.acceptors;
        }
        if (!m_plan->quorums.isPhase2(tally.acceptors) || (!here && tally.value.isGap())) {
            continue;
        }
        if (!here) {
            const auto value = tally.value;
            place().putChosen(slot, value);
            out.write(Lesson{slot, {value}, m_chosenIndex}, node::Sync::Lazy);
        }
        markChosen(slot);
        news = true;
    }
    if (news) {
        settle(moment, out);
    }
}

void Paxos::markChosen(Slot slot)
{
    if (knows(slot)) {
        return;
    }
    m_tallies.erase(slot);
    m_chosenAhead.insert(slot);
    while (m_chosenAhead.contains(m_chosenIndex + 1)) {
        m_chosenAhead.erase(++m_chosenIndex);
    }
}

/// The leader of this ballot knows what was chosen up to there. Where an entry of this ballot
/// stands here it is that: the leader proposes one value a slot. Others are asked for.
void Paxos::learnUpTo(const Moment& moment, NodeId leader, Slot chosen, Out& out)
{
    if (chosen <= m_chosenIndex) {
        return;
    }
    const auto before = m_chosenIndex;
    for (auto slot = m_chosenIndex + 1; slot <= chosen; ++slot) {
        const auto* entry = entryAt(slot);
        if (entry == nullptr || (entry->ballot != m_ballot && !knows(slot))) {
            break;
        }
        markChosen(slot);
    }
    if (m_chosenIndex > before) {
        settle(moment, out);
    }
    if (m_chosenIndex < chosen) {
        out.send(leader, question());
    }
}

/// After more is known: executes it, answers whoever waits, and goes on with what waited for room.
void Paxos::settle(const Moment& moment, Out& out)
{
    m_tallies.erase(m_tallies.begin(), m_tallies.upper_bound(m_chosenIndex));
    while (m_lastApplied < m_chosenIndex) {
        execute(++m_lastApplied, out);
    }
    m_nextSlot = std::max(m_nextSlot, m_chosenIndex + 1);
    if (isSingle()) {
        if (m_chosenIndex > 0) {
            out.disarm(Timer::CatchUp);
            const bool proposed = m_role == Role::Proposing;
            if (proposesNow()) {
                out.disarm(Timer::Retry);
                m_role = idleRole();
            }
            answerDecision(out);
            if (proposed && parameters().learning == Learning::Distinguished) {
                tellLearners(out);
            }
        }
        return;
    }
    considerSnapshot(out);
    if (m_role == Role::Leader) {
        proposeWants(moment, out);
    }
}

void Paxos::execute(Slot slot, Out& out)
{
    const auto* entry = entryAt(slot);
    check(entry != nullptr, "what was chosen is here until it has been executed");
    kv::Result result;
    const bool executed = std::visit(
        [&](const auto& command) {
            using Held = std::remove_cvref_t<decltype(command)>;
            if constexpr (std::is_constructible_v<kv::Operation, const Held&>) {
                result = m_store.apply(entry->request, kv::Operation(command));
                return true;
            } else {
                return false;
            }
        },
        entry->command);
    if (!executed || m_role != Role::Leader) {
        return;
    }
    const auto waits = std::find_if(m_wants.begin(), m_wants.end(), [&](const Want& want) {
        return want.request == entry->request;
    });
    if (waits != m_wants.end()) {
        out.reply(entry->request, std::move(result));
        m_wants.erase(waits);
    }
}

/// Tells the clients that wait what was chosen. While nothing is known to be, only those that
/// asked just that: none was chosen before this ballot.
void Paxos::answerDecision(Out& out)
{
    Decision decision;
    const auto* entry = entryAt(1);
    const bool chosen = m_chosenIndex > 0;
    if (const auto* decree =
            chosen && entry != nullptr ? std::get_if<Decree>(&entry->command) : nullptr) {
        decision.value = decree->value;
    }
    std::vector<Want> rest;
    for (auto& want : m_wants) {
        if (chosen || std::holds_alternative<Gap>(want.command)) {
            out.reply(want.request, decision);
        } else {
            rest.push_back(std::move(want));
        }
    }
    m_wants = std::move(rest);
    if (m_wants.empty()) {
        m_refusals = 0;
        out.disarm(Timer::BackOff);
    }
}

void Paxos::tellLearners(Out& out)
{
    out.broadcast(otherLearners(), Chosen{1, {*entryAt(1)}, 1});
}

Learn Paxos::question() const
{
    return m_receiving ? Learn{m_chosenIndex + 1, m_receiving->last, m_receiving->data.size()}
                       : Learn{m_chosenIndex + 1, 0, 0};
}

void Paxos::onMessage(const Moment&, NodeId from, const Learn& message, Out& out)
{
    if (message.from > m_chosenIndex || message.from == 0) {
        return;
    }
    if (message.from < m_logStart) {
        sendPiece(from, message, out);
        return;
    }
    const auto last = std::min<Slot>(m_chosenIndex, message.from - 1 + parameters().maxBatch);
    out.send(from,
             Chosen{message.from, m_log.slice(message.from - m_logStart, last + 1 - message.from),
                    m_chosenIndex});
}

void Paxos::onMessage(const Moment& moment, NodeId from, const Chosen& message, Out& out)
{
    if (!learns() || message.first > m_chosenIndex + 1) {
        return;
    }
    const auto before = m_chosenIndex;
    adopt(message.first, message.entries, message.first + message.entries.size() - 1, out);
    if (m_chosenIndex == before) {
        return;
    }
    settle(moment, out);
    if (m_chosenIndex < message.chosen) {
        out.send(from, question());
    }
}

/// Takes over what another node knows to be chosen, up to a slot.
void Paxos::adopt(Slot first, const Slots& entries, Slot upTo, Out& out)
{
    Slots fresh;
    const auto begin = std::max(first, m_chosenIndex + 1);
    for (auto slot = begin; slot <= upTo && slot - first < entries.size(); ++slot) {
        const auto& entry = entries[slot - first];
        if (!knows(slot)) {
            place().putChosen(slot, entry);
        }
        fresh.push_back(entry);
        markChosen(slot);
    }
    if (!fresh.empty()) {
        out.write(Lesson{begin, std::move(fresh), m_chosenIndex}, node::Sync::Lazy);
    }
}

/// A single decree: the proposer that told the others may have crashed, or nobody heard it.
void Paxos::askOthers(Out& out)
{
    if (isSingle() && learns() && m_chosenIndex == 0) {
        out.broadcast(others(), question());
        armCatchUp(out);
    }
}

void Paxos::armCatchUp(Out& out)
{
    if (learns() && m_chosenIndex == 0) {
        out.arm(Timer::CatchUp, parameters().catchUp);
    }
}

} // namespace lightcone::protocols::paxos
