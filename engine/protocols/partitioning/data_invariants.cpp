#include "engine/protocols/partitioning/ledger.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

// What clients see: reads that are fresh, scans that are whole, writes that count once.
namespace lightcone::protocols::partitioning {
namespace {

/// The writes of a run, by key. Two invariants read them.
class Writes
{
public:
    struct Asked
    {
        std::uint32_t sequence = 0;
        std::string key;
        bool reads = false;
    };

    void observe(const Step& step)
    {
        const auto& machine = step.machine();
        step.forEachSent<Do>([&](NodeId, const Do& ask) {
            auto& asked = m_asked[ask.request.client];
            if (asked.sequence < ask.request.sequence) {
                asked = {ask.request.sequence, kv::keyOf(ask.operation), kv::isRead(ask.operation)};
            }
        });
        std::set<RequestId> changed;
        step.forEachSent<Done>([&](NodeId, const Done& done) {
            if (done.result.outcome == kv::Outcome::Done) {
                changed.insert(done.request);
            }
        });
        step.forEachWritten<Execute>([&](const Execute& write) {
            if (!changed.contains(write.request)) {
                return; // It found nothing, or something else.
            }
            const auto& key = kv::keyOf(write.operation);
            const auto number = m_keys[key].add(valueAfter(write.operation));
            m_executed[write.request.client] = {write.request.sequence, key, number};
        });
        step.forEachReply<kv::Result>([&](RequestId id, const kv::Result&) {
            const auto found = m_executed.find(id.client);
            if (found != m_executed.end() && found->second.sequence == id.sequence) {
                m_keys[found->second.key].acknowledge(found->second.number);
            }
        });
        step.forEachWritten<TakeOver>([&](const TakeOver& write) { forget(machine, write.grant); });
    }

    /// The read that this answers; nullptr where it is none.
    [[nodiscard]] const Asked* readOf(RequestId id) const
    {
        const auto found = m_asked.find(id.client);
        return found != m_asked.end() && found->second.sequence == id.sequence
                && found->second.reads
            ? &found->second
            : nullptr;
    }

    [[nodiscard]] const std::map<std::string, KeyHistory>& keys() const { return m_keys; }

private:
    struct Executed
    {
        std::uint32_t sequence = 0;
        std::string key;
        std::uint64_t number = 0;
    };

    static KeyHistory::Value valueAfter(const kv::Operation& operation)
    {
        if (const auto* put = std::get_if<kv::Put>(&operation)) {
            return put->value;
        }
        const auto* swap = std::get_if<kv::Cas>(&operation);
        return swap != nullptr ? KeyHistory::Value(swap->desired) : std::nullopt;
    }

    /// What a lost node had is void, and said to be.
    void forget(const Partitioning& machine, const Grant& grant)
    {
        const Span span{grant.begin, grant.end};
        const auto& shard = machine.holdings().shards.at(grant.shard);
        for (auto& [key, history] : m_keys) {
            if (const auto point = machine.placement().pointOf(key); span.contains(*point)) {
                const auto* value = shard.entries.find(key);
                history.beginAgain(value == nullptr ? KeyHistory::Value() : *value);
            }
        }
    }

    std::map<NodeId, Asked> m_asked; ///< by client, the newest
    std::map<NodeId, Executed> m_executed;
    std::map<std::string, KeyHistory> m_keys;
};

class FreshReads
{
public:
    static constexpr bool needsWholeRun = true;

    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_writes.observe(step);
        step.forEachSent<Done>([&](NodeId, const Done& done) {
            const auto* read = m_writes.readOf(done.request);
            if (read == nullptr || verdict) {
                return;
            }
            const auto history = m_writes.keys().find(read->key);
            if (history == m_writes.keys().end()) {
                return;
            }
            const auto since = history->second.acknowledged();
            if (!history->second.allows(done.result.value, since)) {
                verdict = fmt::format("{} answers that {} holds {}, but {} was acknowledged",
                                      step.name(), read->key, done.result.value.value_or("nothing"),
                                      history->second.expected(since));
            }
        });
        return verdict;
    }

private:
    Writes m_writes;
};

/// A scan sees each key once, and each as it was at some instant since the scan began.
class WholeScans
{
public:
    static constexpr bool needsWholeRun = true;

    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_writes.observe(step);
        if (step.machine().role() != Role::Router) {
            return verdict;
        }
        step.forEachSent<Gather>([&](NodeId, const Gather& gather) {
            auto& scan = m_scans[gather.request.client];
            if (scan.sequence < gather.request.sequence) {
                scan = {gather.request.sequence, {gather.from, gather.to, gather.columns}, {}};
                for (const auto& [key, history] : m_writes.keys()) {
                    scan.since[key] = history.acknowledged();
                }
            }
        });
        step.forEachReply<Found>([&](RequestId id, const Found& found) {
            const auto scan = m_scans.find(id.client);
            if (scan != m_scans.end() && scan->second.sequence == id.sequence && !verdict) {
                verdict = judge(step, scan->second, found);
            }
        });
        return verdict;
    }

private:
    struct Scanning
    {
        std::uint32_t sequence = 0;
        Query query{};
        std::map<std::string, std::uint64_t> since{};
    };

    static bool asks(const Query& query, const std::string& key)
    {
        const auto row = rowOf(key);
        const bool inside = query.to ? row >= query.from && (query.to->empty() || row < *query.to)
                                     : row == query.from;
        return inside
            && (query.columns.empty() || query.columns.contains(std::string(columnOf(key))));
    }

    Verdict judge(const Step& step, const Scanning& scan, const Found& found) const
    {
        std::map<std::string, std::string> cells;
        for (const auto& cell : found.cells) {
            if (!cells.emplace(cell.key, cell.value.value_or("")).second) {
                return fmt::format("{}'s scan has {} twice", step.name(), cell.key);
            }
        }
        for (const auto& [key, history] : m_writes.keys()) {
            if (!asks(scan.query, key)) {
                continue;
            }
            const auto cell = cells.find(key);
            const auto value = cell == cells.end() ? KeyHistory::Value() : cell->second;
            const auto known = scan.since.find(key);
            const auto since = known == scan.since.end() ? 0 : known->second;
            if (!history.allows(value, since)) {
                return fmt::format("{}'s scan says that {} holds {}, but {} was acknowledged "
                                   "before it began",
                                   step.name(), key, value.value_or("nothing"),
                                   history.expected(since));
            }
        }
        return std::nullopt;
    }

    Writes m_writes;
    std::map<NodeId, Scanning> m_scans; ///< by client
};

/// A write counts once, wherever its shard was when it came and came again.
class OnceOnly
{
public:
    static constexpr bool needsWholeRun = true;

    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        if (step.restarted()) {
            forgetUnsynced(step);
        }
        step.forEachWritten<TakeOver>([&](const TakeOver& write) {
            std::erase_if(m_executed,
                          [&](const auto& each) { return each.second.shard == write.grant.shard; });
        });
        step.forEachWritten<Execute>([&](const Execute& write) {
            auto& known = m_executed[write.request.client];
            if (known.sequence == write.request.sequence && !verdict) {
                verdict = fmt::format("{} executes operation {} of c{} in shard {}, which {} has "
                                      "executed in shard {}",
                                      step.name(), write.request.sequence,
                                      write.request.client.value - firstClient, write.shard,
                                      step.name(known.node), known.shard);
            }
            known = {write.request.sequence, step.node(), write.shard};
        });
        return verdict;
    }

private:
    struct Executed
    {
        std::uint32_t sequence = 0;
        NodeId node{};
        ShardId shard = 0;
    };

    /// What was not on disk when its node crashed never happened.
    void forgetUnsynced(const Step& step)
    {
        const auto& shards = step.disk().holdings.shards;
        std::erase_if(m_executed, [&](const auto& each) {
            const auto& executed = each.second;
            if (executed.node != step.node()) {
                return false;
            }
            const auto held = shards.find(executed.shard);
            if (held != shards.end() && held->second.standing != Standing::Owned) {
                return false; // Handed on since, and so on disk.
            }
            return std::ranges::none_of(shards, [&](const auto& shard) {
                const auto session = shard.second.sessions.find(each.first);
                return session != shard.second.sessions.end()
                    && session->second.sequence >= executed.sequence;
            });
        });
    }

    std::map<NodeId, Executed> m_executed; ///< by client, the newest
};

/// What the new owner has is what the old one had when it handed the shard over.
class NothingLost
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        const auto& shards = step.machine().holdings().shards;
        step.forEachSent<Copy>([&](NodeId, const Copy& piece) {
            const auto held = shards.find(piece.shard);
            if (piece.last && held != shards.end()) {
                m_handed[piece.shard] = {piece.number, held->second.entries};
            }
        });
        step.forEachWritten<Adopt>([&](const Adopt& write) {
            const auto handed = m_handed.find(write.piece.shard);
            if (handed != m_handed.end() && handed->second.number == write.piece.number
                && !verdict) {
                verdict = compare(step, write.piece, handed->second.entries);
            }
        });
        const auto inside = [&](ShardId id) {
            const auto held = shards.find(id);
            for (const auto& [key, value] : held->second.entries) {
                const auto point = step.machine().placement().pointOf(key);
                if (!verdict && (!point || !held->second.span().contains(*point))) {
                    verdict = fmt::format("{} keeps {} in shard {}, which holds {}", step.name(),
                                          key, id, textOf(held->second.span()));
                }
            }
        };
        step.forEachWritten<Adopt>([&](const Adopt& write) { inside(write.piece.shard); });
        step.forEachWritten<CutShard>([&](const CutShard& write) {
            inside(write.shard);
            if (!write.at.empty()) {
                inside(write.into);
            }
        });
        return verdict;
    }

private:
    struct Handed
    {
        Epoch number = 0;
        kv::Entries entries{};
    };

    /// Operations that waited for the shard may have changed it in the same step.
    static Verdict compare(const Step& step, const Copy& piece, const kv::Entries& before)
    {
        std::set<std::string> written;
        step.forEachWritten<Execute>(
            [&](const Execute& write) { written.insert(kv::keyOf(write.operation)); });
        const auto& now = step.machine().holdings().shards.at(piece.shard).entries;
        for (const auto& [key, value] : before) {
            const auto* kept = now.find(key);
            if ((kept == nullptr || *kept != value) && !written.contains(key)) {
                return fmt::format("{} owns shard {} without {}={}, which was handed over",
                                   step.name(), piece.shard, key, value);
            }
        }
        for (const auto& [key, value] : now) {
            if (before.find(key) == nullptr && !written.contains(key)) {
                return fmt::format("{} owns shard {} with {}={}, which was not handed over",
                                   step.name(), piece.shard, key, value);
            }
        }
        return std::nullopt;
    }

    std::map<ShardId, Handed> m_handed;
};

} // namespace

void addDataInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<FreshReads>(list, "fresh reads",
                             "A read sees the last acknowledged write, across moves.",
                             "Chang et al. 2006, §5.2; DeCandia et al. 2007, §6.2");
    addInvariant<WholeScans>(
        list, "whole scans",
        "A scan has each key once, as it was at some instant since the scan began.",
        "Chang et al. 2006, §2");
    addInvariant<OnceOnly>(list, "once only",
                           "A write counts once, however often it is sent and wherever its shard "
                           "is.",
                           "Ongaro 2014, §6.3");
    addInvariant<NothingLost>(
        list, "nothing lost",
        "A new owner has exactly the keys that the old one had when it handed the shard over.",
        "Chang et al. 2006, §6; DeCandia et al. 2007, §4.9");
}

} // namespace lightcone::protocols::partitioning
