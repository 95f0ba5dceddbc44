#pragma once

#include "engine/node/step.h"
#include "engine/protocols/paxos/paxos.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

/// What the invariants share: how they look at a step, and what they remember of a run.
namespace lightcone::protocols::paxos {

using node::PerPlace;
using node::Verdict;
using Step = node::Step<Paxos>;

/// Something for each slot from some slot on; what no node keeps any more is forgotten.
template <class T>
class BySlot
{
public:
    /// nullptr where it is before the beginning or nothing was put there.
    [[nodiscard]] const T* at(Slot slot) const
    {
        return slot >= m_start && slot < m_start + m_each.size() ? &m_each[slot - m_start]
                                                                 : nullptr;
    }

    /// nullptr where it was forgotten already.
    T* make(Slot slot)
    {
        if (slot < m_start) {
            return nullptr;
        }
        if (slot >= m_start + m_each.size()) {
            m_each.resize(slot + 1 - m_start);
        }
        return &m_each[slot - m_start];
    }

    void trim(const Step& step)
    {
        if (m_each.size() < m_trimAt) {
            return;
        }
        auto oldest = m_start + m_each.size();
        for (const auto& sight : step.nodes()) {
            const auto* machine = step.machineOf(sight.id);
            oldest = machine != nullptr ? std::min<Slot>(oldest, machine->logStart()) : oldest;
        }
        while (m_start < oldest) {
            m_each.pop_front();
            ++m_start;
        }
        m_trimAt = 2 * m_each.size() + 1024;
    }

private:
    std::deque<T> m_each;
    Slot m_start = 1;
    std::size_t m_trimAt = 1024;
};

/// Which slots a node has newly come to know in a step, and which of them are settled: on its disk
/// as they are in its memory. A node may count on its own vote before its disk has it, because
/// nothing leaves it earlier; a crash then takes that knowledge back.
class News
{
public:
    struct Item
    {
        Slot slot = 0;
        Entry entry{};
    };

    /// Calls learned(item) for each slot that is new, then settled(item) for each that is settled
    /// now.
    template <class Learned, class Settled>
    void observe(const Step& step, Learned learned, Settled settled)
    {
        if (step.restarted()) {
            m_waiting.clear();
            m_ahead.clear();
            m_seen = 0;
        }
        const auto& machine = step.machine();
        for (auto slot = std::max(m_seen + 1, machine.logStart()); slot <= machine.chosenIndex();
             ++slot) {
            if (!m_ahead.contains(slot)) {
                take(machine, slot, learned);
            }
        }
        m_seen = machine.chosenIndex();
        for (const auto slot : machine.chosenAhead()) {
            if (!m_ahead.contains(slot)) {
                take(machine, slot, learned);
            }
        }
        m_ahead = machine.chosenAhead();
        std::vector<Item> rest;
        for (auto& item : m_waiting) {
            if (isOnDisk(step, item)) {
                settled(item);
            } else {
                rest.push_back(std::move(item));
            }
        }
        m_waiting = std::move(rest);
    }

private:
    template <class Learned>
    void take(const Paxos& machine, Slot slot, Learned learned)
    {
        if (const auto* entry = machine.entryAt(slot)) {
            m_waiting.push_back({slot, *entry});
            learned(m_waiting.back());
        }
    }

    static bool isOnDisk(const Step& step, const Item& item);

    Slot m_seen = 0;
    boost::container::flat_set<Slot> m_ahead;
    std::vector<Item> m_waiting;
};

/// "n1", for sentences.
std::string nameOf(NodeId node);

/// "put x=1", for sentences.
std::string textOf(const Entry& entry);

// ledger.h's users: the invariants of proposals, and those of what was chosen.
void addProposalInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);
void addChoiceInvariants(std::vector<std::unique_ptr<node::Invariant>>& list);

template <class Checker>
void addInvariant(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name,
                  std::string text, std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace lightcone::protocols::paxos
