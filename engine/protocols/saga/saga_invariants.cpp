#include "engine/protocols/saga/ledger.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

// What always holds of whole sagas: none is forgotten, and an end is an end.
namespace lightcone::protocols::saga {
namespace {

/// Sagas that have ended, as far as a crash has not taken that back before anybody heard of it.
class Ends
{
public:
    /// Before what the step did is judged.
    void recover(const Step& step)
    {
        const auto* disk = step.restarted() ? step.diskOf(step.node()) : nullptr;
        std::erase_if(m_ended, [&](const auto& ended) {
            if (disk == nullptr || step.plan().originOf(ended.first) != step.node()) {
                return false;
            }
            const auto* run = findRun(disk->runs, ended.first);
            return run != nullptr ? run->open() : ended.first > disk->newest;
        });
    }

    void observe(const Step& step)
    {
        step.forEachWritten<SagaEnds>([&](const SagaEnds& end) { m_ended[end.saga] = end.state; });
    }

    /// nullptr while it has not.
    [[nodiscard]] const SagaState* find(SagaId saga) const
    {
        const auto found = m_ended.find(saga);
        return found == m_ended.end() ? nullptr : &found->second;
    }

private:
    std::map<SagaId, SagaState> m_ended;
};

/// The saga log is read after a crash. Orchestrated it is in one place; choreographed the outboxes
/// together are the log, so that none may forget an event that was not heard.
class SagasAreRemembered
{
public:
    static constexpr bool needsWholeRun = true;

    Finding observe(const node::Observation& observation)
    {
        const Step step(observation);
        if (!step.there()) {
            return std::nullopt;
        }
        m_ledger.observe(step);
        m_ends.recover(step);
        m_ends.observe(step);
        auto finding = step.restarted() ? judge(step) : std::nullopt;
        notePosts(step);
        return finding;
    }

private:
    Finding judge(const Step& step) const
    {
        for (const auto& [saga, type] : m_ledger.begun()) {
            const bool ours = step.plan().originOf(saga) == step.node();
            const bool known = step.machine().run(saga) != nullptr;
            if (ours && !known && m_ends.find(saga) == nullptr) {
                return fmt::format("{} is back and knows nothing of saga {}, of which steps are "
                                   "done",
                                   step.plan().nameOf(step.node()), saga);
            }
        }
        const auto waiting = m_waiting.find(step.node());
        const auto* disk = step.diskOf(step.node());
        if (waiting == m_waiting.end() || disk == nullptr) {
            return std::nullopt;
        }
        const auto& outbox = step.machine().outbox();
        for (const auto& event : waiting->second) {
            const auto number = event.first;
            const bool kept = std::any_of(outbox.begin(), outbox.end(),
                                          [&](const Post& post) { return post.number == number; });
            if (!kept && disk->transactions >= event.second) {
                return fmt::format("{} is back and knows nothing of event {}, which was not heard",
                                   step.plan().nameOf(step.node()), number);
            }
        }
        return std::nullopt;
    }

    /// Which events wait to be heard, and how many transactions the disk must have to have them.
    void notePosts(const Step& step)
    {
        auto& waiting = m_waiting[step.node()];
        std::map<std::uint64_t, std::uint64_t> now;
        bool committed = false;
        step.forEachWritten<Commit>([&](const Commit&) { committed = true; });
        for (const auto& post : step.machine().outbox()) {
            const auto known = waiting.find(post.number);
            if (post.to == step.node()) {
                continue;
            }
            if (known != waiting.end()) {
                now.insert(*known);
            } else if (committed) {
                now.emplace(post.number, step.machine().transactions());
            }
        }
        waiting = std::move(now);
    }

    Ledger m_ledger;
    Ends m_ends;
    std::map<NodeId, std::map<std::uint64_t, std::uint64_t>> m_waiting;
};

class AnEndIsWhole
{
public:
    static constexpr bool needsWholeRun = true;

    Finding observe(const node::Observation& observation)
    {
        const Step step(observation);
        Finding finding;
        if (!step.there()) {
            return finding;
        }
        const auto news = m_ledger.observe(step);
        m_ends.recover(step);
        for (const auto& [fact, commit] : news) {
            const auto* plan = step.plan().script.find(fact.type);
            const auto* ended = m_ends.find(fact.saga);
            if (!finding && plan != nullptr && fact.effect != Effect::None && ended != nullptr) {
                finding = fmt::format("{} {} after the saga was {}",
                                      named(step.plan(), fact.saga, *plan, fact.step),
                                      fact.effect == Effect::Action ? "is done" : "is undone",
                                      describe::nameOf(*ended));
            }
        }
        step.forEachWritten<SagaEnds>([&](const SagaEnds& end) {
            const auto* run = step.machine().run(end.saga);
            const auto* plan = run != nullptr ? step.plan().script.find(run->type) : nullptr;
            if (!finding && plan != nullptr) {
                finding = judge(step, end, *plan);
            }
        });
        m_ends.observe(step);
        const auto& runs = step.machine().runs();
        const bool parked = std::any_of(runs.begin(), runs.end(), [](const Run& run) {
            return run.state == SagaState::Parked;
        });
        if (!finding && parked && step.machine().alarm().empty()) {
            finding =
                fmt::format("{} has a parked saga and no alarm", step.plan().nameOf(step.node()));
        }
        return finding;
    }

private:
    Finding judge(const Step& step, const SagaEnds& end, const SagaPlan& plan) const
    {
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            const auto story = m_ledger.of(step, end.saga, plan, i);
            const bool done = story.durableActions > story.undos;
            const bool leaves = story.actions > story.undos && plan.steps[i].action.changesData();
            if (end.state == SagaState::Completed && !done) {
                return fmt::format("saga {} is completed, and {} is not done{}", end.saga,
                                   named(step.plan(), end.saga, plan, i),
                                   story.actions > 0 ? " on disk" : "");
            }
            if (end.state == SagaState::Compensated && leaves) {
                return fmt::format("saga {} is compensated, and {} is not undone", end.saga,
                                   named(step.plan(), end.saga, plan, i));
            }
        }
        return std::nullopt;
    }

    Ledger m_ledger;
    Ends m_ends;
};

} // namespace

void addSagaInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<SagasAreRemembered>(
        list, "sagas are remembered",
        "After a crash a saga that has done steps and has not ended is known where it began, and "
        "an event that was not heard where it came from.",
        "Garcia-Molina and Salem 1987, §4");
    addInvariant<AnEndIsWhole>(
        list, "an end is whole",
        "A saga ends with all steps done, or with none that is not undone, and nothing of it "
        "happens afterwards; one that is parked raises an alarm.",
        "Garcia-Molina and Salem 1987, §1");
}

} // namespace lightcone::protocols::saga
