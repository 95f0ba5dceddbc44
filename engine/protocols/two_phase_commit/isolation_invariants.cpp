#include "engine/protocols/two_phase_commit/ledger.h"

#include <algorithm>
#include <map>
#include <set>

// What transactions see of each other: nothing that a serial order would not show.
namespace lightcone::protocols::two_phase_commit {
namespace {

class NoLockLeaks
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        const auto& machine = step.machine();
        const auto& locks = machine.locks();
        for (auto lock = locks.begin(); lock != locks.end(); ++lock) {
            const auto branch = machine.branches().find(lock->transaction);
            if (branch == machine.branches().end() || branch->second.heuristic) {
                return fmt::format("{} still keeps {} locked for transaction {}, which is over",
                                   step.name(), lock->key, lock->transaction);
            }
            if (lock->waits && branch->second.phase != Phase::Blocked) {
                return fmt::format("{} has transaction {} wait for {}, which it does not need",
                                   step.name(), lock->transaction, lock->key);
            }
            const auto rival = std::find_if(locks.begin(), lock, [&](const Lock& other) {
                return other.key == lock->key && other.transaction != lock->transaction
                    && !other.waits && !lock->waits && (other.exclusive || lock->exclusive);
            });
            if (rival != lock) {
                return fmt::format("transactions {} and {} hold locks on {} of {} that exclude "
                                   "each other",
                                   rival->transaction, lock->transaction, lock->key, step.name());
            }
        }
        return std::nullopt;
    }
};

/// The serialization graph of the committed transactions (Bernstein et al., §2.3): an edge leads
/// from the one that must come first. It is searched from each new edge on, which with two-phase
/// locking finds nothing behind it.
class SerializationGraph
{
public:
    /// The circle that the edge closes: "2 → 3 → 2 (2 reads a of p1 before 3 writes it, …)".
    Verdict add(TransactionId first, TransactionId second, std::string why)
    {
        if (first == second || first == 0 || second == 0
            || !m_edges[first].emplace(second, std::move(why)).second) {
            return std::nullopt;
        }
        std::vector<TransactionId> path{second};
        std::set<TransactionId> seen;
        if (!reaches(second, first, path, seen)) {
            return std::nullopt;
        }
        std::string circle = std::to_string(first);
        std::string whys;
        auto at = first;
        for (const auto next : path) {
            circle += " → " + std::to_string(next);
            whys += (whys.empty() ? "" : ", ") + (*m_edges.find(at)).at(next);
            at = next;
        }
        return circle + " (" + whys + ")";
    }

private:
    bool reaches(TransactionId from, TransactionId to, std::vector<TransactionId>& path,
                 std::set<TransactionId>& seen)
    {
        if (from == to) {
            return true;
        }
        const auto* edges = m_edges.find(from);
        if (edges == nullptr || !seen.insert(from).second) {
            return false;
        }
        for (const auto& [next, why] : *edges) {
            path.push_back(next);
            if (reaches(next, to, path, seen)) {
                return true;
            }
            path.pop_back();
        }
        return false;
    }

    Recent<PerTransaction<std::string>> m_edges;
};

class ConflictSerializability
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        m_verdict.reset();
        if (!step.there()) {
            return m_verdict;
        }
        if (step.restarted()) {
            forgetUnfinished(step);
        }
        // In order: who gets the lock that a commitment frees reads in the same step.
        step.inOrder([&](const auto& said) {
            std::visit([&](const auto& held) { see(step, held); }, said);
        });
        return m_verdict;
    }

private:
    static constexpr std::size_t mostReaders = 64; ///< of a version; those before are long over

    struct Place
    {
        NodeId node{};
        std::string key{};
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    struct Version
    {
        TransactionId writer = 0; ///< 0: it was there at first
        std::vector<TransactionId> readers{}; ///< that have committed
    };
    struct Access
    {
        Place place{};
        TransactionId version = 0;
    };
    struct Known
    {
        std::vector<Access> reads{};
        PerNode<std::vector<std::string>> writes{};
        NodeSet installedAt{};
        NodeSet votedAt{};
        bool counted = false;
    };

    /// What it did for transactions that it has not voted on is lost. If it does it again it may
    /// see something else.
    void forgetUnfinished(const Step& step)
    {
        for (auto& [id, known] : m_all) {
            if (!known.votedAt.contains(step.node())) {
                std::erase_if(known.reads,
                              [&](const Access& each) { return each.place.node == step.node(); });
            }
        }
    }

    template <class Other>
    void see(const Step&, const Other&)
    {
    }
    void see(const Step& step, const PrepareRecord& record)
    {
        auto& keys = m_all[record.transaction].writes[step.node()];
        keys.clear();
        for (const auto& [key, value] : record.writes) {
            keys.push_back(key);
        }
    }
    void see(const Step& step, const VoteYes& vote)
    {
        m_all[vote.transaction].votedAt.insert(step.node());
    }
    void see(const Step& step, const VoteReadOnly& vote)
    {
        m_all[vote.transaction].votedAt.insert(step.node());
    }
    void see(const Step& step, const CommitRecord& record)
    {
        if (!step.disk().heuristics.contains(record.transaction)) {
            commit(step, record.transaction);
        }
    }
    void see(const Step& step, const HeuristicRecord& record)
    {
        if (record.outcome == Outcome::Committed) {
            commit(step, record.transaction);
        }
    }
    void see(const Step& step, const DecisionRecord& record)
    {
        if (record.outcome == Outcome::Committed) {
            readsCount(step, record.transaction);
        }
    }
    void see(const Step& step, const Committed& reply) { readsCount(step, reply.transaction); }

    /// What a transaction has read for the first time, as it was then.
    void see(const Step& step, const Worked& worked)
    {
        const auto id = worked.transaction;
        const auto branch = step.machine().branches().find(id);
        if (branch == step.machine().branches().end()) {
            return;
        }
        auto& known = m_all[id];
        for (const auto& key : branch->second.reads) {
            const Place place{step.node(), key};
            const bool before =
                std::any_of(known.reads.begin(), known.reads.end(),
                            [&](const Access& each) { return each.place == place; });
            if (!before) {
                known.reads.push_back({place, versionsOf(place).back().writer});
            }
        }
    }

    void commit(const Step& step, TransactionId id)
    {
        auto& known = m_all[id];
        if (known.installedAt.insert(step.node()).second) {
            for (const auto& key : known.writes[step.node()]) {
                install(step, id, {step.node(), key});
            }
        }
        readsCount(step, id);
    }

    void install(const Step& step, TransactionId id, const Place& place)
    {
        m_newest = std::max(m_newest, id);
        constexpr std::size_t mostVersions = 16;
        auto& versions = versionsOf(place);
        const auto& newest = versions.back();
        edge(step, newest.writer, "writes", id, place);
        for (const auto reader : newest.readers) {
            edge(step, reader, "reads", id, place);
        }
        versions.push_back({id, {}});
        if (versions.size() > mostVersions) {
            versions.erase(versions.begin());
        }
    }

    void readsCount(const Step& step, TransactionId id)
    {
        auto& known = m_all[id];
        if (std::exchange(known.counted, true)) {
            return;
        }
        for (const auto& [place, writer] : known.reads) {
            auto& versions = versionsOf(place);
            const auto seen = std::find_if(
                versions.begin(), versions.end(),
                [&, writer = writer](const Version& each) { return each.writer == writer; });
            if (seen == versions.end()) {
                continue; // So long ago that it is forgotten.
            }
            add(writer, id,
                fmt::format("{} writes {} of {} before {} reads it", writer, place.key,
                            step.nameOf(place.node), id));
            if (seen->readers.size() == mostReaders) {
                seen->readers.erase(seen->readers.begin());
            }
            seen->readers.push_back(id);
            if (seen + 1 != versions.end()) {
                edge(step, id, "reads", (seen + 1)->writer, place);
            }
        }
    }

    void edge(const Step& step, TransactionId first, std::string_view does, TransactionId second,
              const Place& place)
    {
        add(first, second,
            fmt::format("{} {} {} of {} before {} writes it", first, does, place.key,
                        step.nameOf(place.node), second));
    }

    void add(TransactionId first, TransactionId second, std::string why)
    {
        if (auto circle = m_graph.add(first, second, std::move(why)); circle && !m_verdict) {
            m_verdict = "no serial order has transactions " + *circle;
        }
    }

    std::vector<Version>& versionsOf(const Place& place)
    {
        auto& versions = m_versions[place];
        if (versions.empty()) {
            versions.push_back({});
            forgetOldKeys(place);
        }
        return versions;
    }

    /// Of many keys those that nobody has written for long.
    void forgetOldKeys(const Place& but)
    {
        if (m_versions.size() < m_trimAt) {
            return;
        }
        std::erase_if(m_versions, [&](const auto& each) {
            return each.first != but && each.second.back().writer + mostKeys < m_newest;
        });
        m_trimAt = 2 * m_versions.size() + mostKeys;
    }

    static constexpr std::size_t mostKeys = 1024;

    std::map<Place, std::vector<Version>> m_versions;
    TransactionId m_newest = 0;
    std::size_t m_trimAt = mostKeys;
    Recent<Known> m_all;
    SerializationGraph m_graph;
    Verdict m_verdict;
};

} // namespace

void addIsolationInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<NoLockLeaks>(
        list, "no lock leaks",
        "Locks are held and waited for only by transactions whose end is not known here, and never "
        "by two that exclude each other.",
        "Gray 1978; Bernstein, Hadzilacos, Goodman 1987, §3.2");
    addInvariant<ConflictSerializability>(
        list, "conflict serializability",
        "The committed transactions could have happened one after the other.",
        "Bernstein, Hadzilacos, Goodman 1987, §2.3");
}

} // namespace lightcone::protocols::two_phase_commit
