#include "engine/protocols/paxos/ledger.h"

#include <algorithm>
#include <memory>

// What always holds of what was chosen: that it was, that it stays, that all agree, that all
// execute the same, and that clients see it.
namespace lightcone::protocols::paxos {
namespace {

/// A value counts as learned when the node's own disk has it; whether it was chosen is judged at
/// once.
class LearnedMeansChosen
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_news[step.place()].observe(
            step,
            [&](const News::Item& item) {
                const auto* known = m_known.at(item.slot);
                if (!verdict && (known == nullptr || !*known)) {
                    verdict = judge(step, item);
                }
            },
            [&](const News::Item& item) {
                if (auto* known = m_known.make(item.slot)) {
                    *known = true;
                }
            });
        m_known.trim(step);
        return verdict;
    }

private:
    Verdict judge(const Step& step, const News::Item& item)
    {
        if (!m_plan) {
            auto parameters = step.machine().parameters();
            parameters.mistake = Mistake::None;
            m_plan = std::make_shared<const Plan>(parameters);
        }
        NodeSet holders;
        for (const auto acceptor : m_plan->acceptors) {
            const bool own = acceptor == step.node();
            const auto* disk = step.diskOf(acceptor);
            const auto* entry = own ? step.machine().entryAt(item.slot)
                : disk != nullptr   ? disk->at(item.slot)
                                    : nullptr;
            const bool discarded = disk != nullptr && item.slot < disk->logStart;
            if (discarded || (entry != nullptr && sameValue(*entry, item.entry))) {
                holders.insert(acceptor);
            }
        }
        if (m_plan->quorums.isPhase2(holders)) {
            return std::nullopt;
        }
        std::string who;
        for (const auto holder : holders) {
            who += (who.empty() ? "" : ", ") + nameOf(holder);
        }
        return fmt::format("{} takes {} for chosen in slot {}, which is accepted on the disks of "
                           "{} only",
                           nameOf(step.node()), textOf(item.entry), item.slot,
                           who.empty() ? "nobody" : who);
    }

    std::shared_ptr<const Plan> m_plan;
    PerPlace<News> m_news;
    BySlot<bool> m_known;
};

/// P2b, and with it P2: every higher-numbered proposal has the value that was chosen.
class ChosenStaysChosen
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_news[step.place()].observe(
            step, [](const News::Item&) {},
            [&](const News::Item& item) {
                auto* slot = m_slots.make(item.slot);
                if (slot == nullptr || slot->chosen.ballot != 0) {
                    return;
                }
                slot->chosen = item.entry;
                for (const auto& [who, entry] : slot->issued) {
                    verdict = verdict ? verdict : compare(item.slot, *slot, who, entry);
                }
                slot->issued.clear();
            });
        step.forEachSent<Accept>([&](NodeId, const Accept& message) {
            for (std::size_t i = 0; i < message.entries.size() && !verdict; ++i) {
                verdict = onIssued(step.node(), message.first + i, message.entries[i]);
            }
        });
        m_slots.trim(step);
        return verdict;
    }

private:
    struct State
    {
        Entry chosen{};
        std::vector<std::pair<NodeId, Entry>> issued{}; ///< while it is open, the newest a ballot
    };

    Verdict onIssued(NodeId who, Slot slot, const Entry& entry)
    {
        auto* state = m_slots.make(slot);
        if (state == nullptr) {
            return std::nullopt;
        }
        if (state->chosen.ballot != 0) {
            return compare(slot, *state, who, entry);
        }
        auto& issued = state->issued;
        const bool known = std::any_of(issued.begin(), issued.end(), [&](const auto& each) {
            return each.second.ballot == entry.ballot && each.first == who;
        });
        if (!known) {
            issued.emplace_back(who, entry);
        }
        return std::nullopt;
    }

    static Verdict compare(Slot slot, const State& state, NodeId who, const Entry& entry)
    {
        if (entry.ballot <= state.chosen.ballot || sameValue(entry, state.chosen)) {
            return std::nullopt;
        }
        return fmt::format("{} proposes {} in slot {} with ballot {}, where {} was chosen with "
                           "ballot {}",
                           nameOf(who), textOf(entry), slot, entry.ballot, textOf(state.chosen),
                           state.chosen.ballot);
    }

    PerPlace<News> m_news;
    BySlot<State> m_slots;
};

class Agreement
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_news[step.place()].observe(
            step, [](const News::Item&) {},
            [&](const News::Item& item) {
                auto* known = m_slots.make(item.slot);
                if (known == nullptr) {
                    return;
                }
                if (!known->by) {
                    *known = {step.node(), item.entry};
                } else if (!sameValue(known->entry, item.entry) && !verdict) {
                    verdict = fmt::format("in slot {} {} has learned {} and {} has learned {}",
                                          item.slot, nameOf(known->by), textOf(known->entry),
                                          nameOf(step.node()), textOf(item.entry));
                }
            });
        m_slots.trim(step);
        return verdict;
    }

private:
    struct Known
    {
        NodeId by{};
        Entry entry{};
    };

    PerPlace<News> m_news;
    BySlot<Known> m_slots;
};

class StateMachineSafety
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        const auto& machine = step.machine();
        if (machine.lastApplied() > machine.chosenIndex()) {
            return fmt::format("{} has executed up to slot {}, and knows what was chosen up to {}",
                               nameOf(step.node()), machine.lastApplied(), machine.chosenIndex());
        }
        auto& applied = m_applied[step.place()];
        if (step.restarted()) {
            applied = machine.snapshot() ? machine.snapshot()->last : 0;
        }
        for (auto slot = std::max(applied + 1, machine.logStart());
             slot <= machine.lastApplied() && !verdict; ++slot) {
            verdict = execute(step, slot);
        }
        applied = machine.lastApplied();
        m_slots.trim(step);
        return verdict;
    }

private:
    /// What only this node's own disk could still lose is looked at when others execute it.
    Verdict execute(const Step& step, Slot slot)
    {
        const auto* entry = step.machine().entryAt(slot);
        const auto* kept = step.disk().at(slot);
        auto* first = m_slots.make(slot);
        if (entry == nullptr || first == nullptr) {
            return std::nullopt;
        }
        if (first->ballot != 0 && !sameValue(*first, *entry)) {
            return fmt::format("{} executes {} in slot {}, where {} was executed before",
                               nameOf(step.node()), textOf(*entry), slot, textOf(*first));
        }
        if (first->ballot == 0 && kept != nullptr && sameValue(*kept, *entry)) {
            *first = *entry;
        }
        return std::nullopt;
    }

    PerPlace<Slot> m_applied;
    BySlot<Entry> m_slots;
};

class FreshReads
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there() || step.machine().parameters().mode == Mode::Single) {
            return verdict;
        }
        const auto& machine = step.machine();
        bool acknowledges = false;
        step.forEachReply<kv::Result>([&](RequestId request, const kv::Result& result) {
            // Commands of the log leave a session; a read that did not go through it leaves none.
            const bool command = machine.store().hasExecuted(request)
                || result.outcome == kv::Outcome::Stale || result.outcome == kv::Outcome::Expired;
            acknowledges = acknowledges || command;
            if (!command && machine.lastApplied() < m_acknowledged && !verdict) {
                verdict = fmt::format("{} answers a read of c{} from the state after slot {}, but "
                                      "slot {} was acknowledged before",
                                      nameOf(step.node()), request.client.value - firstClient,
                                      machine.lastApplied(), m_acknowledged);
            }
        });
        if (acknowledges) {
            m_acknowledged = std::max(m_acknowledged, machine.lastApplied());
        }
        return verdict;
    }

private:
    Slot m_acknowledged = 0;
};

} // namespace

void addChoiceInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<LearnedMeansChosen>(
        list, "learned means chosen",
        "A node never learns that a value has been chosen unless a quorum has it on its disks.",
        "Paxos Made Simple, §2.1 and §2.3");
    addInvariant<ChosenStaysChosen>(
        list, "a chosen value stays chosen",
        "If a value was chosen, every proposal with a higher ballot has that value.",
        "Paxos Made Simple, §2.2, P2b");
    addInvariant<Agreement>(list, "agreement",
                            "No two nodes ever learn different values for the same slot.",
                            "Paxos Made Simple, §2.1 and §3");
    addInvariant<StateMachineSafety>(
        list, "state machine safety",
        "All nodes execute the same commands in the same order, without leaving out a slot.",
        "Paxos Made Simple, §3");
    addInvariant<FreshReads>(
        list, "fresh reads",
        "A read sees every command that was acknowledged before it was answered.",
        "Paxos Made Simple, §3; Gray and Cheriton, Leases, SOSP 1989");
}

} // namespace lightcone::protocols::paxos
