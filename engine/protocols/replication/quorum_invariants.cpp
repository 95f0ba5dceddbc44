#include "engine/protocols/replication/ledger.h"

#include <algorithm>
#include <utility>

// What a quorum store promises.
namespace lightcone::protocols::replication {
namespace {

/// With R + W > N, and answers only from the N nodes of a key, each read meets each acknowledged
/// write: what it finds is that write, or has replaced it.
class LatestWriteIsSeen
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::Quorum) || !promisesLatest(step.parameters())) {
            return std::nullopt;
        }
        ++m_now;
        auto& seen = m_coordinators[step.place()];
        auto& open = seen.open;
        // What is under way at the first look began nobody knows when.
        const std::uint64_t at = std::exchange(seen.looked, true) ? m_now : 0;
        for (const auto& [number, operation] : step.machine().operations()) {
            open.emplace(operation.request, Begun{at, operation.key});
        }
        Verdict verdict;
        step.forEachDone([&](RequestId request, const Reply& reply) {
            const auto* found = std::get_if<Found>(&reply);
            const auto begun = open.find(request);
            if (found == nullptr || begun == open.end()) {
                return;
            }
            if (found->written) {
                m_said.push_back({begun->second.key, {*found->written, begun->second.at, m_now}});
            } else if (!verdict) {
                verdict = judge(step, request, begun->second, *found);
            }
        });
        forgetClosed(step, open);
        settle(step);
        return verdict;
    }

private:
    struct Begun
    {
        std::uint64_t at = 0; ///< in steps of the run
        std::string key{};
    };
    struct Coordinator
    {
        bool looked = false;
        std::map<RequestId, Begun> open{}; ///< what it has under way
    };
    struct Write
    {
        Dot dot{};
        std::uint64_t begun = 0;
        std::uint64_t done = 0;
    };

    /// An answer leaves when the coordinator's own disk has what it wrote; a crash takes it back.
    void settle(const Step& step)
    {
        if (step.restarted()) {
            std::erase_if(m_said,
                          [&](const auto& each) { return each.second.dot.node == step.node(); });
        }
        std::erase_if(m_said, [&](auto& each) {
            auto& [key, write] = each;
            const auto* disk = step.diskOf(write.dot.node);
            if (disk == nullptr || !disk->issued.contains(key)
                || disk->issued.at(key) < write.dot.number) {
                return false;
            }
            write.done = m_now;
            auto& writes = m_writes[key];
            writes.push_back(write);
            if (writes.size() > mostWrites) {
                writes.erase(writes.begin());
            }
            return true;
        });
    }

    static void forgetClosed(const Step& step, std::map<RequestId, Begun>& open)
    {
        const auto& operations = step.machine().operations();
        std::erase_if(open, [&](const auto& each) {
            return std::none_of(operations.begin(), operations.end(), [&](const auto& operation) {
                return operation.second.request == each.first;
            });
        });
    }

    Verdict judge(const Step& step, RequestId request, const Begun& read, const Found& found)
    {
        const bool byTime = step.parameters().versions == Versioning::LastWriterWins;
        for (const auto& write : m_writes[read.key]) {
            const bool counts = write.done < read.at;
            if (counts
                && !(byTime ? isAsNew(read.key, write, found) : found.context.has(write.dot))) {
                return fmt::format("{} answers c{}'s read of {} without write {} of n{}, which "
                                   "was acknowledged before the read was asked",
                                   nameOf(step.node()), request.client.value - firstClient,
                                   read.key, write.dot.number, write.dot.node.value);
            }
        }
        return std::nullopt;
    }

    /// Whether what was found is the write, or not older: not done before the write was begun.
    [[nodiscard]] bool isAsNew(const std::string& key, const Write& write, const Found& found) const
    {
        if (found.context.has(write.dot) && found.context == only(write.dot)) {
            return true;
        }
        const auto& writes = m_writes.at(key);
        const auto same = std::find_if(writes.begin(), writes.end(), [&](const Write& each) {
            return found.context == only(each.dot);
        });
        return !found.context.empty() && (same == writes.end() || same->done > write.begun);
    }

    static Clock only(const Dot& dot)
    {
        Clock clock;
        clock.add(dot);
        return clock;
    }

    static constexpr std::size_t mostWrites = 64;

    std::uint64_t m_now = 0;
    PerPlace<Coordinator> m_coordinators;
    std::vector<std::pair<std::string, Write>> m_said; ///< acknowledged, and not yet settled
    std::map<std::string, std::vector<Write>> m_writes;
};

/// A replica lets go of a version only for one that replaces it.
class NothingIsDropped
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::Quorum)) {
            return std::nullopt;
        }
        auto& known = m_known[step.place()];
        if (step.restarted()) {
            known = step.machine().versions();
        }
        const auto versioning = step.parameters().versions;
        Verdict verdict;
        step.forEachWritten<Keep>([&](const Keep& write) {
            auto& before = known[write.key];
            if (!verdict && !covers(write.versions, before, versioning)) {
                verdict = fmt::format("{} drops a version of {} that nothing has replaced",
                                      nameOf(step.node()), write.key);
            }
            before = write.versions;
        });
        return verdict;
    }

private:
    PerPlace<Versions> m_known;
};

/// A hint goes when the node that it is for has it on disk.
class HintsComeHome
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::Quorum)) {
            return std::nullopt;
        }
        auto& known = m_known[step.place()];
        if (step.restarted()) {
            known = step.machine().hints();
        }
        const auto versioning = step.parameters().versions;
        Verdict verdict;
        step.forEachWritten<Hold>([&](const Hold& write) {
            const auto* disk = step.diskOf(write.hint.owner);
            const auto home =
                disk != nullptr ? disk->versions.find(write.hint.key) : Versions::const_iterator();
            const bool has = disk != nullptr && home != disk->versions.end();
            for (const auto& version : known[write.hint]) {
                const bool held = covers(write.versions, {version}, versioning);
                if (!verdict && !held && !(has && covers(home->second, {version}, versioning))) {
                    verdict =
                        fmt::format("{} lets go of a hint about {} that {} has not got",
                                    nameOf(step.node()), write.hint.key, nameOf(write.hint.owner));
                }
            }
            known[write.hint] = write.versions;
        });
        return verdict;
    }

private:
    PerPlace<Hints> m_known;
};

} // namespace

void addQuorumInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<LatestWriteIsSeen>(
        list, "the latest write is seen",
        "With R + W > N and no stand-ins a read finds every write acknowledged before it was "
        "asked, or what has replaced it.",
        "Gifford 1979; DeCandia et al. 2007, section 4.5");
    addInvariant<NothingIsDropped>(
        list, "nothing is dropped",
        "A replica lets go of a version only for one that replaces it: all replicas that have "
        "heard the same writes hold the same.",
        "DeCandia et al. 2007, section 4.4; Shapiro et al. 2011");
    addInvariant<HintsComeHome>(
        list, "hints come home",
        "A stand-in keeps what it holds for a node until that node has it on disk.",
        "DeCandia et al. 2007, section 4.6");
}

} // namespace lightcone::protocols::replication
