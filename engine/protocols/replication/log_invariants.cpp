#include "engine/protocols/replication/ledger.h"

#include <algorithm>

// The log: one history a view, prefixes down the chain, and losses that are told.
namespace lightcone::protocols::replication {
namespace {

/// A view and a number name one write, and the same one before it, on whatever disk.
class OneHistory
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (step.isOf(Strategy::Quorum)
            || !(step.isOf(Strategy::Chain) || step.isOf(Strategy::PrimaryBackup))) {
            return verdict;
        }
        if (step.restarted()) {
            forgetUnwritten(step);
        }
        step.forEachWritten<Append>([&](const Append& write) {
            for (std::size_t i = 0; i < write.entries.size() && !verdict; ++i) {
                verdict = judge(step, write.first + i, write.entries[i]);
            }
        });
        while (m_known.size() > mostKnown) {
            m_known.erase(m_known.begin());
        }
        return verdict;
    }

private:
    struct Known
    {
        Entry entry{};
        Epoch before = 0;
        NodeId by{}; ///< who had it first
    };

    /// What the node had not written down before it crashed nobody has heard of: it gives the
    /// number again.
    void forgetUnwritten(const Step& step)
    {
        const auto* disk = step.diskOf(step.node());
        std::erase_if(m_known, [&](const auto& each) {
            const auto& [place, known] = each;
            const auto* entry = disk->at(place.first);
            const bool written =
                place.first < disk->logStart || (entry != nullptr && entry->epoch == place.second);
            return known.by == step.node() && !written;
        });
    }

    Verdict judge(const Step& step, Index index, const Entry& entry)
    {
        const auto before = step.machine().epochAt(index - 1);
        const auto [place, isNew] =
            m_known.emplace(std::pair(index, entry.epoch), Known{entry, before, step.node()});
        if (isNew) {
            return std::nullopt;
        }
        const auto& known = place->second;
        if (known.entry == entry && known.before == before) {
            return std::nullopt;
        }
        return fmt::format("{} has {} as write {} of view {}, where {} stood before",
                           nameOf(step.node()), textOf(entry), index, entry.epoch,
                           textOf(known.entry));
    }

    static constexpr std::size_t mostKnown = 8192;

    std::map<std::pair<Index, Epoch>, Known> m_known;
};

/// The Update Propagation Invariant: Hist of a server further down is a prefix of that of one
/// before it.
class PrefixesDownTheChain
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::Chain) || step.machine().isMonitor()) {
            return std::nullopt;
        }
        const auto members = step.machine().view().members;
        const auto place = std::find(members.begin(), members.end(), step.node());
        if (place == members.end()) {
            return std::nullopt;
        }
        Verdict verdict;
        if (place + 1 != members.end()) {
            verdict = judge(step, step.node(), *(place + 1));
        }
        if (!verdict && place != members.begin()) {
            verdict = judge(step, *(place - 1), step.node());
        }
        return verdict;
    }

private:
    static Verdict judge(const Step& step, NodeId before, NodeId after)
    {
        const auto* first = step.machineOf(before);
        const auto* second = step.machineOf(after);
        if (first == nullptr || second == nullptr || first->epoch() != second->epoch()) {
            return std::nullopt;
        }
        const Token end{second->epochAt(second->last()), second->last()};
        if (first->holds(end)) {
            return std::nullopt;
        }
        return fmt::format("{}, which comes after {} in view {}, has write {} of view {}, which "
                           "the one before it has not",
                           nameOf(after), nameOf(before), second->epoch(), end.index, end.epoch);
    }
};

/// With asynchronous and semi-synchronous backups writes may be lost. Those are the ones that the
/// new primary had not got, and whoever throws them away says so.
class LossesAreReported
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::PrimaryBackup) || step.machine().isMonitor()
            || step.parameters().acknowledge == Acknowledge::Sync) {
            return std::nullopt;
        }
        auto verdict = judgeTakeover(step);
        step.forEachWritten<Discard>([&](const Discard& write) {
            verdict = verdict ? verdict : judgeLoss(step, write.first, write.lost);
        });
        step.forEachWritten<Rebuild>([&](const Rebuild& write) {
            verdict = verdict ? verdict : judgeLoss(step, 1, write.lost);
        });
        for (const auto& write : m_acknowledgements.observe(step).settled) {
            m_acknowledged.insert(write.place);
        }
        return verdict;
    }

private:
    /// What a backup had told the old primary that it has, it brings along.
    Verdict judgeTakeover(const Step& step)
    {
        const auto& machine = step.machine();
        const auto view = machine.view();
        if (view.front() != step.node() || view.epoch <= m_newest.epoch) {
            return std::nullopt;
        }
        const auto before = std::exchange(m_newest, view);
        const auto* old = step.machineOf(before.front());
        if (old == nullptr || before.front() == step.node() || old->epoch() != before.epoch) {
            return std::nullopt;
        }
        const auto follower = old->followers().find(step.node());
        const auto match = follower == old->followers().end() ? 0 : follower->second.match;
        if (match == 0 || machine.holds({old->epochAt(match), match})) {
            return std::nullopt;
        }
        return fmt::format("{} takes over without write {}, which it had told {} that it has",
                           nameOf(step.node()), match, nameOf(before.front()));
    }

    Verdict judgeLoss(const Step& step, Index first, const LostRanges& lost) const
    {
        const auto* primary = step.machineOf(m_newest.front());
        const auto* disk = step.diskOf(step.node());
        if (primary == nullptr || disk == nullptr) {
            return std::nullopt;
        }
        // The disk may still hold what an earlier step has thrown away and reported.
        const auto& reported = step.machine().lost();
        const auto isReported = [&](const Token& place) {
            const auto range = reported.find(place.epoch);
            return range != reported.end() && range->second.first <= place.index
                && place.index <= range->second.last;
        };
        for (auto index = std::max(first, disk->logStart); index <= disk->last(); ++index) {
            const Token place{disk->at(index)->epoch, index};
            const bool gone = !step.machine().holds(place) && !primary->holds(place);
            if (gone && m_acknowledged.contains(place) && !isReported(place)) {
                return fmt::format("{} throws away write {} of view {}, which was acknowledged, "
                                   "and does not report it",
                                   nameOf(step.node()), index, place.epoch);
            }
        }
        for (const auto& [epoch, range] : lost) {
            for (auto index = range.first; index <= range.last; ++index) {
                if (primary->view().epoch == m_newest.epoch && primary->holds({epoch, index})) {
                    return fmt::format("{} reports write {} of view {} as lost, which {} has",
                                       nameOf(step.node()), index, epoch, nameOf(m_newest.front()));
                }
            }
        }
        return std::nullopt;
    }

    Acknowledgements m_acknowledgements;
    boost::container::flat_set<Token> m_acknowledged;
    View m_newest; ///< of which the primary knows
};

} // namespace

void addLogInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<OneHistory>(
        list, "one history",
        "A view and a number name one write, on whatever disk, and the same writes before it.",
        "Alsberg and Day 1976; Ongaro and Ousterhout 2014, log matching");
    addInvariant<PrefixesDownTheChain>(
        list, "prefixes down the chain",
        "What a link of the chain has is a prefix of what the link before it has.",
        "van Renesse and Schneider 2004, section 3, Update Propagation Invariant");
    addInvariant<LossesAreReported>(
        list, "losses are reported",
        "A new primary lacks no write that it had acknowledged, and an acknowledged write that is "
        "thrown away is reported.",
        "Gray, Helland, O'Neil and Shasha 1996");
}

} // namespace lightcone::protocols::replication
