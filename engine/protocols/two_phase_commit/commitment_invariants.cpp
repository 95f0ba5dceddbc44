#include "engine/protocols/two_phase_commit/ledger.h"

#include <algorithm>

// AC1 to AC5 of Bernstein et al., §7.3: what an atomic commitment protocol is.
namespace lightcone::protocols::two_phase_commit {
namespace {

std::string wordOf(Outcome outcome)
{
    return describe::nameOf(outcome);
}

/// What each node has decided, as far as its disk will not take it back: a decision that a crash
/// took before anybody heard of it was none.
class Decisions
{
public:
    struct Decision
    {
        Outcome outcome = Outcome::Aborted;
        bool isOperators = false;
    };

    /// Calls decided(transaction, before, now, others) for each new decision; `before` is the same
    /// node's, where it had one.
    template <class Function>
    void observe(const Step& step, Function decided)
    {
        if (step.restarted()) {
            takeBack(step);
        }
        step.forEachDecision([&](TransactionId id, Outcome outcome, bool isOperators) {
            auto& all = m_all[id];
            const auto own = all.find(step.node());
            const auto before = own != all.end() ? std::optional(own->second) : std::nullopt;
            if (before && before->isOperators) {
                return; // It only learns what it should have been.
            }
            const Decision now{outcome, isOperators};
            decided(id, before, now, all);
            all[step.node()] = now;
        });
    }

private:
    void takeBack(const Step& step)
    {
        for (auto& [id, all] : m_all) {
            const auto own = all.find(step.node());
            if (own == all.end() || own->second.isOperators) {
                continue;
            }
            const auto pact = step.disk().pacts.find(id);
            const bool decided = pact != step.disk().pacts.end() && pact->second.outcome;
            const bool kept =
                step.machine().coordinates() ? decided : !step.disk().prepared.contains(id);
            if (!kept) {
                all.erase(own);
            }
        }
    }

    Recent<PerNode<Decision>> m_all;
};

class OneDecision
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_decisions.observe(
            step, [&](TransactionId id, const auto&, const auto& now, const auto& all) {
                for (const auto& [node, other] : all) {
                    if (node != step.node() && other.outcome != now.outcome && !verdict) {
                        verdict = fmt::format("transaction {} is {} at {}{} and {} at {}{}", id,
                                              wordOf(other.outcome), step.nameOf(node),
                                              other.isOperators ? " (by an operator)" : "",
                                              wordOf(now.outcome), step.name(),
                                              now.isOperators ? " (by an operator)" : "");
                    }
                }
            });
        return verdict;
    }

private:
    Decisions m_decisions;
};

class NoReversal
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        m_decisions.observe(
            step, [&](TransactionId id, const auto& before, const auto& now, const auto&) {
                if (before && before->outcome != now.outcome && !verdict) {
                    verdict =
                        fmt::format("{} has decided that transaction {} is {}, and now that it "
                                    "is {}",
                                    step.name(), id, wordOf(before->outcome), wordOf(now.outcome));
                }
            });
        return verdict;
    }

private:
    Decisions m_decisions;
};

/// A first vote counts: who has forgotten a read-only vote in a crash may say no when it is asked
/// again.
class CommitNeedsAllVotes
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there()) {
            return verdict;
        }
        step.forEachSent<Prepare>([&](NodeId to, const Prepare& prepare) {
            m_votes[prepare.transaction].emplace(to, Ballot::None);
        });
        note<VoteYes>(step, Ballot::Yes);
        note<VoteNo>(step, Ballot::No);
        note<VoteReadOnly>(step, Ballot::ReadOnly);
        step.forEachDecision([&](TransactionId id, Outcome outcome, bool isOperators) {
            const auto* votes = m_votes.find(id);
            if (outcome == Outcome::Aborted || isOperators || votes == nullptr) {
                return;
            }
            for (const auto& [node, vote] : *votes) {
                // A yes that was on its way before anybody looked is on its node's disk.
                const auto* disk = step.diskOf(node);
                const bool isPrepared = disk != nullptr && disk->prepared.contains(id);
                const bool lacks = vote == Ballot::None && !isPrepared;
                if ((lacks || vote == Ballot::No) && !verdict) {
                    verdict = fmt::format("{} commits transaction {}, and {} has {}", step.name(),
                                          id, step.nameOf(node),
                                          vote == Ballot::No ? "voted no" : "not voted");
                }
            }
        });
        return verdict;
    }

private:
    template <class Vote>
    void note(const Step& step, Ballot ballot)
    {
        step.forEachSent<Vote>([&](NodeId, const Vote& vote) {
            auto& known = m_votes[vote.transaction][step.node()];
            known = known == Ballot::None ? ballot : known;
        });
    }

    Recent<PerNode<Ballot>> m_votes;
};

/// Read the other way round: who aborts names a failure or a no, and there was one.
class AbortNeedsAReason
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
            for (auto& [id, known] : m_known) {
                const auto coordinator = step.machine().placement().coordinatorOf(id);
                known.recovered = known.recovered || coordinator == step.node();
            }
        }
        step.forEachSent<Work>([&](NodeId, const Work& work) {
            auto& known = m_known[work.transaction];
            known.begun = known.begun ? known.begun : step.at();
        });
        step.forEachSent<VoteNo>(
            [&](NodeId, const VoteNo& vote) { m_known[vote.transaction].votedNo = true; });
        step.forEachSent<WorkFailed>(
            [&](NodeId, const WorkFailed& failed) { m_known[failed.transaction].failed = true; });
        step.forEachSent<Abort>([&](NodeId, const Abort& abort) {
            auto& known = m_known[abort.transaction];
            known.decided = known.decided || !step.machine().coordinates();
        });
        step.forEachReply<Aborted>([&](RequestId, const Aborted& reply) {
            const auto* known = m_known.find(reply.transaction);
            if (known != nullptr && !isSo(step, *known, reply.reason) && !verdict) {
                verdict =
                    fmt::format("{} aborts transaction {} ({}), and nothing of the kind has "
                                "happened",
                                step.name(), reply.transaction, describe::nameOf(reply.reason));
            }
        });
        return verdict;
    }

private:
    struct Known
    {
        std::optional<Instant> begun{};
        bool votedNo = false;
        bool failed = false; ///< a participant gave up
        bool recovered = false; ///< its coordinator has crashed
        bool decided = false; ///< participants have aborted it without the coordinator
    };

    static bool isSo(const Step& step, const Known& known, Reason reason)
    {
        // Its clock may run faster than time does.
        const auto& parameters = step.machine().parameters();
        const auto least = std::min(parameters.voteTimeout, parameters.workTimeout) / 2;
        switch (reason) {
        case Reason::None:
            return false;
        case Reason::VotedNo:
            return known.votedNo;
        case Reason::Died:
        case Reason::LockTimeout:
        case Reason::Restarted:
            return known.failed;
        case Reason::Silence:
            return known.failed || (known.begun && step.at() >= *known.begun + least);
        case Reason::Recovered:
            return known.recovered || known.decided;
        }
        return false;
    }

    Recent<Known> m_known;
};

/// What of AC5 can be seen step by step. That everybody does decide once all is repaired is what
/// random runs are for.
class DoubtIsAsked
{
public:
    Verdict observe(const node::Observation& observation)
    {
        const Step step(observation);
        Verdict verdict;
        if (!step.there() || step.machine().coordinates()) {
            return verdict;
        }
        auto& place = m_places[step.node()];
        const auto& parameters = step.machine().parameters();
        // Time in which it may have been paused counts only in part.
        const auto gap = std::min(step.at() - place.last, parameters.inquiry / 4);
        place.last = step.at();
        if (step.restarted()) {
            place.waits.clear();
        }
        std::erase_if(place.waits, [&](const auto& each) {
            return !step.machine().branches().contains(each.first);
        });
        for (const auto& [id, branch] : step.machine().branches()) {
            if (!branch.participants.empty()) {
                place.waits[id] += gap;
            }
        }
        const auto asks = [&](NodeId, const auto& message) {
            place.waits.erase(message.transaction);
        };
        step.forEachSent<AskDecision>(asks);
        step.forEachSent<AskState>(asks);
        step.forEachSent<StateReport>(asks);
        const auto size = static_cast<std::int64_t>(parameters.participants);
        const auto longest = 4 * (parameters.inquiry + 3 * size * parameters.voteTimeout);
        for (const auto& [id, waited] : place.waits) {
            if (waited > longest && !verdict) {
                verdict = fmt::format("{} is in doubt about transaction {}, and has not asked for "
                                      "{}",
                                      step.name(), id, toText(waited));
            }
        }
        return verdict;
    }

private:
    struct Place
    {
        Instant last{};
        PerTransaction<Duration> waits{};
    };

    PerNode<Place> m_places;
};

} // namespace

void addCommitmentInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<OneDecision>(list, "AC1: one decision",
                              "All nodes that reach a decision reach the same one.",
                              "Bernstein, Hadzilacos, Goodman 1987, §7.3, AC1");
    addInvariant<NoReversal>(list, "AC2: no reversal",
                             "A node does not reverse its decision after it has reached one.",
                             "Bernstein, Hadzilacos, Goodman 1987, §7.3, AC2");
    addInvariant<CommitNeedsAllVotes>(
        list, "AC3: commit needs all votes",
        "The decision to commit is only reached if every participant has voted yes.",
        "Bernstein, Hadzilacos, Goodman 1987, §7.3, AC3");
    addInvariant<AbortNeedsAReason>(
        list, "AC4: abort needs a reason",
        "A transaction is only aborted where something failed or somebody voted no.",
        "Bernstein, Hadzilacos, Goodman 1987, §7.3, AC4");
    addInvariant<DoubtIsAsked>(
        list, "AC5: doubt asks",
        "Who is in doubt keeps asking, so that it decides once all failures are repaired.",
        "Bernstein, Hadzilacos, Goodman 1987, §7.3, AC5");
}

} // namespace lightcone::protocols::two_phase_commit
