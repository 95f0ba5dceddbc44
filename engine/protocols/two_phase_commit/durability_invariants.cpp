#include "engine/protocols/two_phase_commit/ledger.h"

#include <algorithm>
#include <set>

// What has to be on a disk before it is said, and stay there until it is needed no longer.
namespace lightcone::protocols::two_phase_commit {
namespace {

/// What a step sends leaves after what it forced: that it was forced in this life is enough.
class YesIsDurable
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        auto& forced = m_forced[step.node()];
        if (step.restarted()) {
            forced.clear();
        }
        step.forEachWritten<PrepareRecord>([&](const PrepareRecord& record, node::Sync sync) {
            if (sync == node::Sync::Forced) {
                forced.insert(record.transaction);
            }
        });
        step.forEachSent<VoteYes>([&](NodeId, const VoteYes& vote) {
            const auto id = vote.transaction;
            if (!forced.contains(id) && !step.disk().prepared.contains(id) && !verdict) {
                verdict = fmt::format("{} votes yes on transaction {} before its prepare record is "
                                      "on disk",
                                      step.name(), id);
            }
        });
        while (forced.size() > Recent<int>::most) {
            forced.erase(forced.begin());
        }
        return verdict;
    }

private:
    PerNode<std::set<TransactionId>> m_forced;
};

class LoggedBeforeTold
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        auto& known = m_known[step.node()];
        if (step.restarted()) {
            known = {};
        }
        const bool coordinates = step.machine().coordinates();
        step.forEachWritten<DecisionRecord>([&](const DecisionRecord& record, node::Sync sync) {
            if (record.outcome == Outcome::Committed) {
                known[record.transaction] = sync;
            }
        });
        step.forEachWritten<CommitRecord>([&](const CommitRecord& record) {
            known[record.transaction] = node::Sync::Forced; // A peer was told by who has logged it.
        });
        step.forEachSent<Commit>([&](NodeId, const Commit& commit) {
            const auto id = commit.transaction;
            const auto* sync = known.find(id);
            const bool presumes = coordinates && sync == nullptr
                && step.machine().parameters().variant == Variant::PresumedCommit
                && !step.disk().pacts.contains(id);
            const bool forced = sync != nullptr && *sync == node::Sync::Forced;
            if (!forced && !presumes && !isOnDisk(step, id) && !verdict) {
                verdict = fmt::format("{} tells that transaction {} is committed before that is on "
                                      "its disk",
                                      step.name(), id);
            }
        });
        return verdict;
    }

private:
    static bool isOnDisk(const Step& step, TransactionId id)
    {
        const auto& disk = step.disk();
        const auto pact = disk.pacts.find(id);
        const auto outcome = disk.outcomes.find(id);
        return (pact != disk.pacts.end() && pact->second.outcome == Outcome::Committed)
            || (outcome != disk.outcomes.end() && outcome->second == Outcome::Committed);
    }

    PerNode<Recent<node::Sync>> m_known;
};

/// R*, PA and PC: who has forgotten presumes, and must be right.
class NothingForgottenTooEarly
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there() || !step.machine().coordinates()) {
            return verdict;
        }
        step.forEachWritten<DecisionRecord>([&](const DecisionRecord& record) {
            m_decided[record.transaction] = {record.outcome, record.participants};
        });
        const bool presumesCommit = step.machine().parameters().variant == Variant::PresumedCommit;
        const auto presumed = presumesCommit ? Outcome::Committed : Outcome::Aborted;
        step.forEachWritten<EndRecord>([&](const EndRecord& end) {
            const auto* decided = m_decided.find(end.transaction);
            if (decided == nullptr || decided->outcome == presumed) {
                return;
            }
            for (const auto node : decided->participants) {
                const auto* disk = step.diskOf(node);
                if (disk != nullptr && disk->prepared.contains(end.transaction) && !verdict) {
                    verdict = fmt::format("{} forgets transaction {}, which is {}, while {} is "
                                          "still in doubt",
                                          step.name(), end.transaction,
                                          describe::nameOf(decided->outcome), step.nameOf(node));
                }
            }
        });
        return verdict;
    }

private:
    struct Decided
    {
        Outcome outcome = Outcome::Aborted;
        NodeSet participants{};
    };

    Recent<Decided> m_decided;
};

/// What a client was told is committed can be committed everywhere, and is not undone.
class AcknowledgedSurvives
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        if (step.restarted()) {
            verdict = judgeRestart(step);
        }
        step.forEachWritten<PrepareRecord>([&](const PrepareRecord& record) {
            m_all[record.transaction].writers.insert(step.node());
        });
        step.forEachReply<Committed>([&](RequestId request, const Committed& reply) {
            auto& known = m_all[reply.transaction];
            known.acknowledged = request;
            for (const auto node : known.writers) {
                const auto* disk = step.diskOf(node);
                if (disk != nullptr && !has(*disk, step, reply.transaction) && !verdict) {
                    verdict = fmt::format("{} acknowledges transaction {}, and {} has nothing of "
                                          "it on its disk",
                                          step.name(), reply.transaction, step.nameOf(node));
                }
            }
        });
        step.forEachDecision([&](TransactionId id, Outcome outcome, bool) {
            const auto* known = m_all.find(id);
            const bool learns = step.disk().heuristics.contains(id);
            if (known != nullptr && known->acknowledged && outcome == Outcome::Aborted && !learns
                && !verdict) {
                verdict = fmt::format("{} aborts transaction {}, which was acknowledged as "
                                      "committed",
                                      step.name(), id);
            }
        });
        return verdict;
    }

private:
    struct Known
    {
        NodeSet writers{};
        RequestId acknowledged{}; ///< none: not yet
    };

    static bool has(const Durable& disk, const Step& step, TransactionId id)
    {
        const auto coordinator = step.machine().placement().coordinatorOf(id);
        const auto outcome = disk.outcomes.find(id);
        const auto below = disk.below.find(coordinator);
        return disk.prepared.contains(id) || disk.heuristics.contains(id)
            || (outcome != disk.outcomes.end() && outcome->second == Outcome::Committed)
            || (below != disk.below.end() && id < below->second);
    }

    Verdict judgeRestart(const Step& step)
    {
        for (auto& [id, known] : m_all) {
            if (step.machine().placement().coordinatorOf(id) == step.node()) {
                // An answer that waited for the disk has never left.
                const auto session = step.disk().sessions.find(known.acknowledged.client);
                const bool left = session != step.disk().sessions.end()
                    && session->second.sequence >= known.acknowledged.sequence;
                known.acknowledged = left ? known.acknowledged : RequestId{};
            }
            if (known.acknowledged && known.writers.contains(step.node())
                && !has(step.disk(), step, id)) {
                return fmt::format("{} comes back without transaction {}, which was acknowledged "
                                   "as committed",
                                   step.name(), id);
            }
        }
        return std::nullopt;
    }

    Recent<Known> m_all;
};

} // namespace

void addDurabilityInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<YesIsDurable>(list, "a yes vote is durable",
                               "A participant votes yes only when its prepare record is on disk.",
                               "Mohan, Lindsay, Obermarck 1986, §2");
    addInvariant<LoggedBeforeTold>(
        list, "a decision is logged before it is told",
        "Nobody is told to commit before the decision is on the disk of who tells it.",
        "Mohan, Lindsay, Obermarck 1986, §2; Bernstein, Hadzilacos, Goodman 1987, §7.4");
    addInvariant<NothingForgottenTooEarly>(
        list, "nothing is forgotten too early",
        "A coordinator forgets a decision only when nobody is in doubt, or what it presumes is the "
        "same.",
        "Mohan, Lindsay, Obermarck 1986, PA and PC");
    addInvariant<AcknowledgedSurvives>(
        list, "acknowledged commits survive",
        "What a client was told is committed is on the disks of all that it concerns, and is not "
        "undone.",
        "Gray 1978; Bernstein, Hadzilacos, Goodman 1987, §7.3, AC2");
}

} // namespace lightcone::protocols::two_phase_commit
