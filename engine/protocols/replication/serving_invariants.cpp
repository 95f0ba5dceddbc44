#include "engine/protocols/replication/ledger.h"

#include <algorithm>

// Who serves, and who may: authority is one at a time.
namespace lightcone::protocols::replication {
namespace {

/// Looks at deeds, not at what a node believes: somebody answers in a view after another view's
/// primary, head or tail has answered, and has no part in that one.
class OneUnfencedPrimary
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        const bool chain = step.isOf(Strategy::Chain);
        if ((!chain && !step.isOf(Strategy::PrimaryBackup)) || step.machine().isMonitor()) {
            return verdict;
        }
        const auto news = m_acknowledgements.observe(step);
        const auto& machine = step.machine();
        const auto view = machine.view();
        const bool asFront = view.front() == step.node();
        const bool reads = !news.reads.empty() && (chain || asFront);
        if (news.said.empty() && !reads) {
            return verdict;
        }
        if (m_newest.epoch < view.epoch) {
            m_newest = view;
            return verdict;
        }
        const auto answers = [&](NodeId node, bool write) {
            if (!chain || write) {
                return m_newest.front() == node;
            }
            return machine.parameters().reads == Reads::Any ? m_newest.has(node)
                                                            : m_newest.back() == node;
        };
        for (const bool write : {true, false}) {
            const bool did = write ? !news.said.empty() : reads;
            if (did && !answers(step.node(), write)) {
                return fmt::format("{} answers a {} as if view {} were not over: in view {} that "
                                   "is for {}, which has answered already",
                                   nameOf(step.node()), write ? "write" : "read", view.epoch,
                                   m_newest.epoch,
                                   nameOf(chain && !write ? m_newest.back() : m_newest.front()));
            }
        }
        return verdict;
    }

private:
    Acknowledgements m_acknowledgements;
    View m_newest; ///< in which somebody has answered
};

/// With synchronous backups and in a chain no failover loses a write that a client was told of.
class NothingAcknowledgedIsLost
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        const bool chain = step.isOf(Strategy::Chain);
        if ((!chain && !step.isOf(Strategy::PrimaryBackup)) || step.machine().isMonitor()) {
            return std::nullopt;
        }
        const auto& parameters = step.parameters();
        const bool all = chain || parameters.acknowledge == Acknowledge::Sync;
        const auto& machine = step.machine();
        auto& epoch = m_epochs[step.place()];
        const auto view = machine.view();
        const bool takesOver = epoch != view.epoch && view.front() == step.node();
        epoch = view.epoch;
        if (all && takesOver && view.epoch > m_view && !machine.holds(m_newest)) {
            return fmt::format("{} takes over in view {} with writes up to number {}, and not the "
                               "one of view {} with number {}, which was acknowledged",
                               nameOf(step.node()), view.epoch, machine.last(), m_newest.epoch,
                               m_newest.index);
        }
        const auto news = m_acknowledgements.observe(step);
        Verdict verdict;
        for (const auto& write : news.said) {
            verdict = verdict ? verdict : isSafe(step, write);
            m_view = std::max(m_view, view.epoch);
        }
        for (const auto& write : news.settled) {
            m_newest = std::max(m_newest, write.place);
        }
        return verdict;
    }

private:
    /// The node's own disk has it before the answer leaves.
    static Verdict isSafe(const Step& step, const Acknowledgements::Write& write)
    {
        const auto& parameters = step.parameters();
        std::size_t have = 0;
        std::size_t others = 0;
        NodeId lacking{};
        for (const auto node : step.machine().view().members) {
            if (node == step.node()) {
                continue;
            }
            ++others;
            const auto* disk = step.diskOf(node);
            const auto* entry = disk != nullptr ? disk->at(write.place.index) : nullptr;
            const bool has = disk != nullptr
                && (write.place.index < disk->logStart
                    || (entry != nullptr && entry->epoch == write.place.epoch));
            have += has ? 1 : 0;
            lacking = has ? lacking : node;
        }
        auto needed = others;
        if (parameters.strategy == Strategy::PrimaryBackup) {
            needed = parameters.acknowledge == Acknowledge::Async ? 0
                : parameters.acknowledge == Acknowledge::SemiSync
                ? std::min<std::size_t>(others, parameters.k)
                : others;
        }
        if (have >= needed) {
            return std::nullopt;
        }
        return fmt::format("{} acknowledges write {} of view {} when it is on {} other disks, and "
                           "{} were promised: {} has not written it down",
                           nameOf(step.node()), write.place.index, write.place.epoch, have, needed,
                           nameOf(lacking));
    }

    Acknowledgements m_acknowledgements;
    PerPlace<Epoch> m_epochs;
    Token m_newest; ///< the newest write that a client was told of
    Epoch m_view = 0; ///< the newest view in which that happened
};

/// The monitor makes that backup the primary which lacks least of those that it has heard.
class LeastLagIsPromoted
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.isOf(Strategy::PrimaryBackup) || !step.machine().isMonitor()) {
            return std::nullopt;
        }
        const auto& watch = *step.machine().watch();
        const auto front = step.machine().view().front();
        const bool changed = m_front && m_front != front;
        m_front = front;
        const auto chosen = watch.candidates.find(front);
        if (!changed || step.restarted() || chosen == watch.candidates.end()) {
            return std::nullopt;
        }
        for (const auto& [node, last] : watch.candidates) {
            if (last > chosen->second) {
                return fmt::format("{} becomes the primary with writes up to number {}, although "
                                   "{} has them up to {}",
                                   nameOf(front), chosen->second.index, nameOf(node), last.index);
            }
        }
        return std::nullopt;
    }

private:
    NodeId m_front;
};

} // namespace

void addServingInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<OneUnfencedPrimary>(
        list, "one unfenced primary",
        "Once somebody has answered in a view, nobody answers who has no such part in it.",
        "Gray and Cheriton, Leases, SOSP 1989; van Renesse and Schneider 2004, section 2");
    addInvariant<NothingAcknowledgedIsLost>(
        list, "no acknowledged write is lost",
        "A write is acknowledged when as many disks have it as were promised, and with sync and in "
        "a chain whoever takes over has it.",
        "Alsberg and Day 1976; van Renesse and Schneider 2004, section 3");
    addInvariant<LeastLagIsPromoted>(
        list, "the least lag is promoted",
        "Of the backups that answered, one that lacks no write of the others becomes the primary.",
        "MySQL and PostgreSQL manuals, on failover");
}

} // namespace lightcone::protocols::replication
