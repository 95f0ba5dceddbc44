#include "engine/describe/text.h"
#include "engine/node/step.h"
#include "engine/protocols/raft/quorum.h"
#include "engine/protocols/raft/raft.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

// What always holds: the five properties of figure 3.2 and what clients rely on. Each looks only at
// the node that has just made a step, and only at what is new there: the cost of a step does not
// grow with the log.
namespace lightcone::protocols::raft {
namespace {

using node::Observation;
using node::PerPlace;
using node::Sight;
using node::Verdict;
using Step = node::Step<Raft>;

/// Alone a node is its own majority: what it has decided counts when it is on its disk, which the
/// step itself does not wait for; nothing leaves the node earlier.
bool isAlone(const Raft& machine)
{
    const auto& configurations = machine.configurations();
    return std::any_of(configurations.begin(), configurations.end(), [&](const auto& placed) {
        return placed.configuration.voters.size() == 1
            || placed.configuration.oldVoters.size() == 1;
    });
}

Index settled(const Step& step, Index index)
{
    return isAlone(step.machine()) ? std::min(index, step.disk().lastIndex()) : index;
}

/// Entries of the log that all agreed on, as the first node to get there had them. What no node
/// holds any more is forgotten here too.
class Ledger
{
public:
    [[nodiscard]] Index first() const { return m_start; }
    [[nodiscard]] Index last() const { return m_start - 1 + m_entries.size(); }
    [[nodiscard]] const Entry* at(Index index) const
    {
        return index >= m_start && index <= last() ? &m_entries[index - m_start] : nullptr;
    }

    /// Takes over entries up to an index from a log that reaches there.
    void extend(const Raft& machine, Index upTo)
    {
        if (upTo <= last()) {
            return;
        }
        if (machine.logStart() > last() + 1) {
            m_entries.clear(); // What lies between was discarded before anybody saw it.
            m_start = machine.logStart();
        }
        const auto from = last() + 1;
        if (upTo >= from) {
            m_entries.append(machine.log().slice(from - machine.logStart(), upTo + 1 - from));
        }
    }

    /// Forgets what every node has discarded.
    void trim(std::span<const Sight> nodes)
    {
        if (m_entries.size() < m_trimAt) {
            return;
        }
        auto oldest = last() + 1;
        for (const auto& sight : nodes) {
            if (sight.node != nullptr) {
                oldest = std::min(oldest, node::machineOf<Raft>(*sight.node).logStart());
            }
        }
        if (oldest > m_start) {
            m_entries.dropFront(oldest - m_start);
            m_start = oldest;
        }
        m_trimAt = 2 * m_entries.size() + 1024;
    }

private:
    Entries m_entries;
    Index m_start = 1;
    std::size_t m_trimAt = 1024;
};

bool same(const Entry& a, const Entry& b)
{
    return &a == &b || a == b;
}

std::string textOf(const Entry& entry)
{
    return describe::brief(describe::toValue(entry));
}

class ElectionSafety
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there() || step.machine().role() != Role::Leader) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        if (m_led[step.place()] == machine.term()) {
            return std::nullopt;
        }
        m_led[step.place()] = machine.term();
        const auto [found, fresh] = m_leaders.emplace(machine.term(), step.node());
        if (fresh || found->second == step.node()) {
            return std::nullopt;
        }
        return fmt::format("n{} leads term {}, and so did n{}", step.node().value, machine.term(),
                           found->second.value);
    }

private:
    PerPlace<Term> m_led;
    std::map<Term, NodeId> m_leaders;
};

class LeaderAppendOnly
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& before = m_seen[step.place()];
        if (machine.role() != Role::Leader) {
            before = Seen{};
            return std::nullopt;
        }
        Verdict verdict;
        if (before.term == machine.term()) {
            verdict = compare(step, before);
        }
        before = Seen{machine.term(), machine.lastIndex(), last(machine)};
        return verdict;
    }

private:
    struct Seen
    {
        Term term = 0;
        Index lastIndex = 0;
        Entries last{};
    };

    static Entries last(const Raft& machine)
    {
        const auto& log = machine.log();
        return log.empty() ? Entries() : log.slice(log.size() - 1, 1);
    }

    static Verdict compare(const Step& step, const Seen& before)
    {
        const auto& machine = step.machine();
        const auto who = step.node().value;
        Verdict verdict;
        step.forEachWritten<Truncate>([&](const Truncate& write) {
            verdict = fmt::format("n{}, leader of term {}, deletes its entries from {} on", who,
                                  machine.term(), write.from);
        });
        if (!verdict && machine.lastIndex() < before.lastIndex) {
            verdict = fmt::format("the log of n{}, leader of term {}, ended at {} and ends at {}",
                                  who, machine.term(), before.lastIndex, machine.lastIndex());
        }
        const auto* now = machine.entryAt(before.lastIndex);
        if (!verdict && now != nullptr && !before.last.empty() && !same(*now, before.last[0])) {
            verdict =
                fmt::format("n{}, leader of term {}, overwrites its entry {}: {} becomes {}", who,
                            machine.term(), before.lastIndex, textOf(before.last[0]), textOf(*now));
        }
        return verdict;
    }

    PerPlace<Seen> m_seen;
};

/// By induction: where two logs have the same term at an index, they have the same entry there and
/// the same term before it, so they are the same all the way up to there.
class LogMatching
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there() || isAlone(step.machine())) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        Verdict verdict;
        const auto look = [&](Index index, const Entries& entries, Term before) {
            for (std::size_t i = 0; i < entries.size() && !verdict; ++i) {
                verdict = compare(step.node(), index + i, entries.slice(i, 1), before);
                before = entries[i].term;
            }
        };
        if (step.restarted()) {
            look(machine.logStart(), machine.log(), machine.termAt(machine.logStart() - 1));
        } else {
            step.forEachWritten<Append>([&](const Append& write) {
                look(write.index, write.entries, machine.termAt(write.index - 1));
            });
        }
        trim(step.nodes());
        return verdict;
    }

private:
    struct Known
    {
        Term termBefore = 0; ///< 0 where nobody could say
        Entries entry{};
        NodeId seenAt{};
    };
    using ByTerm = boost::container::small_vector<Known, 1>;

    Verdict compare(NodeId who, Index index, Entries entry, Term before)
    {
        if (m_known.empty()) {
            m_start = index;
        }
        if (index < m_start) {
            return std::nullopt; // Everybody has discarded it.
        }
        if (index >= m_start + m_known.size()) {
            m_known.resize(index - m_start + 1);
        }
        auto& known = m_known[index - m_start];
        const auto found = std::find_if(known.begin(), known.end(), [&](const Known& each) {
            return each.entry[0].term == entry[0].term;
        });
        if (found == known.end()) {
            known.push_back({before, std::move(entry), who});
            return std::nullopt;
        }
        if (!same(found->entry[0], entry[0])) {
            return fmt::format("at index {} n{} has {} and n{} has {}", index, found->seenAt.value,
                               textOf(found->entry[0]), who.value, textOf(entry[0]));
        }
        const bool comparable = index > 1 && before != 0 && found->termBefore != 0;
        if (comparable && found->termBefore != before) {
            return fmt::format("n{} and n{} have the same entry of term {} at index {}, but before "
                               "it n{} has term {} and n{} term {}",
                               found->seenAt.value, who.value, entry[0].term, index,
                               found->seenAt.value, found->termBefore, who.value, before);
        }
        return std::nullopt;
    }

    void trim(std::span<const Sight> nodes)
    {
        if (m_known.size() < m_trimAt) {
            return;
        }
        auto oldest = m_start + m_known.size();
        for (const auto& sight : nodes) {
            if (sight.node != nullptr) {
                oldest = std::min(oldest, node::machineOf<Raft>(*sight.node).logStart());
            }
        }
        while (m_start < oldest) {
            m_known.pop_front();
            ++m_start;
        }
        m_trimAt = 2 * m_known.size() + 1024;
    }

    std::deque<ByTerm> m_known;
    Index m_start = 1;
    std::size_t m_trimAt = 1024;
};

class LeaderCompleteness
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto verdict = noteCommitted(step);
        const bool leads = machine.role() == Role::Leader;
        if (!verdict && leads && m_led[step.place()] != machine.term()) {
            m_led[step.place()] = machine.term();
            m_newest = std::max(m_newest, machine.term());
            verdict = lacks(step.node(), machine, m_ledger.first(), m_ledger.last());
        }
        m_ledger.trim(step.nodes());
        while (m_inTerm.size() > m_ledger.last() + 1 - m_ledger.first()) {
            m_inTerm.pop_front();
        }
        return verdict;
    }

private:
    Verdict noteCommitted(const Step& step)
    {
        const auto& machine = step.machine();
        const auto known = m_ledger.last();
        const auto committed = std::min(settled(step, machine.commitIndex()), machine.lastIndex());
        if (committed <= known) {
            return std::nullopt;
        }
        m_ledger.extend(machine, committed);
        m_inTerm.resize(m_ledger.last() + 1 - m_ledger.first(), machine.term());
        if (machine.term() >= m_newest) {
            return std::nullopt;
        }
        // Somebody leads a later term already: that log must have it too.
        for (const auto& other : step.nodes()) {
            if (other.node == nullptr) {
                continue;
            }
            const auto& leader = node::machineOf<Raft>(*other.node);
            if (other.up && leader.role() == Role::Leader && leader.term() > machine.term()) {
                if (auto verdict = lacks(other.id, leader, known + 1, m_ledger.last())) {
                    return verdict;
                }
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] Verdict lacks(NodeId who, const Raft& leader, Index from, Index to) const
    {
        for (auto index = std::max({from, leader.logStart(), m_ledger.first()}); index <= to;
             ++index) {
            const auto inTerm = m_inTerm[index - m_ledger.first()];
            const auto* entry = leader.entryAt(index);
            const auto& committed = *m_ledger.at(index);
            if (inTerm < leader.term() && (entry == nullptr || !same(*entry, committed))) {
                return fmt::format("n{} leads term {}, and its log has {} at index {}, where term "
                                   "{} committed {}",
                                   who.value, leader.term(),
                                   entry == nullptr ? std::string("nothing") : textOf(*entry),
                                   index, inTerm, textOf(committed));
            }
        }
        return std::nullopt;
    }

    Ledger m_ledger;
    std::deque<Term> m_inTerm; ///< in which term each entry of the ledger was committed
    PerPlace<Term> m_led;
    Term m_newest = 0; ///< the latest term that anybody has led
};

class StateMachineSafety
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& applied = m_applied[step.place()];
        if (step.restarted()) {
            applied = machine.snapshot() ? machine.snapshot()->lastIndex : 0;
        }
        const auto now = settled(step, machine.lastApplied());
        Verdict verdict;
        if (now <= applied) {
            return verdict;
        }
        for (auto index = std::max(applied + 1, machine.logStart()); index <= now && !verdict;
             ++index) {
            const auto* mine = machine.entryAt(index);
            const auto* first = m_ledger.at(index);
            if (mine != nullptr && first != nullptr && !same(*mine, *first)) {
                verdict = fmt::format("n{} executes {} at index {}, where {} was executed before",
                                      step.node().value, textOf(*mine), index, textOf(*first));
            }
        }
        applied = now;
        m_ledger.extend(machine, std::min(now, machine.lastIndex()));
        m_ledger.trim(step.nodes());
        return verdict;
    }

private:
    PerPlace<Index> m_applied;
    Ledger m_ledger;
};

/// The answers of a step to commands that it executed from the log, and to reads that it answered
/// from its state.
class Answers
{
public:
    template <class OnCommand, class OnRead>
    void forEach(const Step& step, Index appliedBefore, OnCommand onCommand, OnRead onRead)
    {
        const auto& machine = step.machine();
        auto index = std::max(appliedBefore + 1, machine.logStart());
        step.forEachReply<kv::Result>([&](RequestId request, const kv::Result& result) {
            // Commands are answered in the order of the log.
            auto at = index;
            while (at <= machine.lastApplied() && !answers(machine.entryAt(at), request)) {
                ++at;
            }
            if (at <= machine.lastApplied()) {
                onCommand(at);
                index = at + 1;
            } else if (!isCommand(machine, request, result)) {
                onRead(request);
            }
        });
    }

private:
    /// Of a command whose entry a snapshot has taken in the same step; reads leave no session.
    static bool isCommand(const Raft& machine, RequestId request, const kv::Result& result)
    {
        return machine.store().hasExecuted(request) || result.outcome == kv::Outcome::Stale
            || result.outcome == kv::Outcome::Expired;
    }

    static bool answers(const Entry* entry, RequestId request)
    {
        return entry != nullptr && entry->request == request;
    }
};

class FreshReads
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& seen = m_seen[step.place()];
        if (step.restarted()) {
            seen = Seen{0, {}};
        }
        Verdict verdict;
        Answers().forEach(
            step, seen.applied, [](Index) {},
            [&](RequestId read) {
                const auto due = arrival(seen, read);
                if (machine.lastApplied() < due && !verdict) {
                    verdict = fmt::format("n{} answers a read of c{} from the state after {}, but "
                                          "{} was committed before the read came",
                                          step.node().value, read.client.value - firstClient,
                                          machine.lastApplied(), due);
                }
            });
        remember(seen, machine.reads());
        seen.applied = machine.lastApplied();
        const auto committed = settled(step, machine.commitIndex());
        m_committed = std::max(m_committed, committed);
        return verdict;
    }

private:
    struct Waiting
    {
        RequestId read{};
        Index committed = 0; ///< by anybody when the read came
    };
    struct Seen
    {
        Index applied = 0;
        std::vector<Waiting> reads{};
    };

    [[nodiscard]] Index arrival(Seen& seen, RequestId read) const
    {
        const auto found = std::find_if(seen.reads.begin(), seen.reads.end(),
                                        [&](const Waiting& each) { return each.read == read; });
        if (found == seen.reads.end()) {
            return m_committed;
        }
        const auto committed = found->committed;
        seen.reads.erase(found);
        return committed;
    }

    void remember(Seen& seen, const std::vector<PendingRead>& reads) const
    {
        std::vector<Waiting> waiting;
        auto known = seen.reads.begin();
        for (const auto& read : reads) {
            while (known != seen.reads.end() && known->read != read.request) {
                ++known;
            }
            waiting.push_back(
                {read.request, known != seen.reads.end() ? (known++)->committed : m_committed});
        }
        seen.reads = std::move(waiting);
    }

    PerPlace<Seen> m_seen;
    Index m_committed = 0;
};

class DurableAcknowledgements
{
public:
    Verdict observe(const Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        auto& applied = m_applied[step.place()];
        if (step.restarted()) {
            applied = 0;
        }
        Verdict verdict;
        if (!isAlone(machine)) {
            Answers().forEach(
                step, applied,
                [&](Index index) {
                    if (!verdict) {
                        verdict = judge(step, index);
                    }
                },
                [](RequestId) {});
        }
        applied = machine.lastApplied();
        return verdict;
    }

private:
    static Verdict judge(const Step& step, Index index)
    {
        const auto& machine = step.machine();
        NodeSet holders;
        for (const auto& sight : step.nodes()) {
            if (sight.disk != nullptr
                && holds(node::durableOf<Raft>(*sight.disk), index, machine.termAt(index))) {
                holders.insert(sight.id);
            }
        }
        const auto& configurations = machine.configurations();
        const bool enough =
            std::any_of(configurations.begin(), configurations.end(), [&](const auto& placed) {
                return isMajority(placed.configuration, holders);
            });
        if (enough) {
            return std::nullopt;
        }
        return fmt::format("n{} acknowledges {} at index {}, which is on the disks of {} only",
                           step.node().value, textOf(*machine.entryAt(index)), index,
                           describe::toText(describe::toValue(holders)));
    }

    static bool holds(const Durable& disk, Index index, Term term)
    {
        if (index < disk.logStart) {
            return true;
        }
        return index <= disk.lastIndex() && disk.log[index - disk.logStart].term == term;
    }

    PerPlace<Index> m_applied;
};

template <class Checker>
void add(std::vector<std::unique_ptr<node::Invariant>>& list, std::string name, std::string text,
         std::string source)
{
    node::InvariantCard card{std::move(name), std::move(text), std::move(source)};
    list.push_back(std::make_unique<node::HostedInvariant<Checker>>(std::move(card), Checker()));
}

} // namespace

std::vector<std::unique_ptr<node::Invariant>> Raft::invariants(const node::SetupPtr&)
{
    std::vector<std::unique_ptr<node::Invariant>> list;
    add<ElectionSafety>(list, "election safety", "At most one leader is elected in a given term.",
                        "Ongaro 2014, figure 3.2 and §3.4");
    add<LeaderAppendOnly>(
        list, "leader append-only",
        "A leader never overwrites or deletes entries in its log; it only appends new ones.",
        "Ongaro 2014, figure 3.2 and §3.5");
    add<LogMatching>(list, "log matching",
                     "If two logs contain an entry with the same index and term, then the logs are "
                     "identical in all entries up through that index.",
                     "Ongaro 2014, figure 3.2 and §3.5");
    add<LeaderCompleteness>(list, "leader completeness",
                            "If an entry is committed in a term, it is in the logs of the leaders "
                            "of all later terms.",
                            "Ongaro 2014, figure 3.2 and §3.6");
    add<StateMachineSafety>(list, "state machine safety",
                            "If a server has executed an entry at an index, no other server ever "
                            "executes a different entry there.",
                            "Ongaro 2014, figure 3.2 and §3.6.3");
    add<FreshReads>(list, "fresh reads",
                    "A read sees everything that was committed before it reached its leader.",
                    "Ongaro 2014, §6.4");
    add<DurableAcknowledgements>(list, "durable acknowledgements",
                                 "When a command is answered, it is on the disks of a majority.",
                                 "Ongaro 2014, §3.6.2 and §3.8");
    return list;
}

} // namespace lightcone::protocols::raft
