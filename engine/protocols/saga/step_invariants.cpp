#include "engine/protocols/saga/ledger.h"

#include <algorithm>
#include <fmt/format.h>

// What always holds of steps and compensations, judged when a service commits one.
namespace lightcone::protocols::saga {
namespace {

/// Shows a judge each local transaction that has an effect.
template <class Judge>
class EachEffect
{
public:
    static constexpr bool needsWholeRun = Judge::needsWholeRun;

    Finding observe(const node::Observation& observation)
    {
        const Step step(observation);
        Finding finding;
        if (!step.there()) {
            return finding;
        }
        for (const auto& [fact, commit] : m_ledger.observe(step)) {
            const auto* plan = step.plan().script.find(fact.type);
            if (!finding && plan != nullptr && fact.effect != Effect::None) {
                finding = Judge::judge(step, m_ledger, fact, commit, *plan);
            }
        }
        return finding;
    }

private:
    Ledger m_ledger;
};

bool undoes(const Fact& fact)
{
    return fact.effect == Effect::Undo || fact.effect == Effect::ByHand;
}

struct StepsInOrder
{
    static constexpr bool needsWholeRun = true;

    static Finding judge(const Step& step, const Ledger& ledger, const Fact& fact, const Commit&,
                         const SagaPlan& plan)
    {
        for (std::size_t i = 0; i < fact.step && fact.effect == Effect::Action; ++i) {
            const auto story = ledger.of(step, fact.saga, plan, i);
            if (story.durableActions <= story.undos) {
                return fmt::format("{} is done, and {} before it {}",
                                   named(step.plan(), fact.saga, plan, fact.step),
                                   named(step.plan(), fact.saga, plan, i),
                                   story.undos > 0         ? "is undone"
                                       : story.actions > 0 ? "is on no disk yet"
                                                           : "is not");
            }
        }
        return std::nullopt;
    }
};

struct CompensationsInReverse
{
    static constexpr bool needsWholeRun = true;

    static Finding judge(const Step& step, const Ledger& ledger, const Fact& fact, const Commit&,
                         const SagaPlan& plan)
    {
        for (std::size_t i = fact.step + 1; i < plan.steps.size() && undoes(fact); ++i) {
            const auto story = ledger.of(step, fact.saga, plan, i);
            if (plan.steps[i].undo && story.actions > story.undos) {
                return fmt::format("{} is undone before {}, which came after it",
                                   named(step.plan(), fact.saga, plan, fact.step),
                                   named(step.plan(), fact.saga, plan, i));
            }
        }
        return std::nullopt;
    }
};

struct OnlyWhatRan
{
    static constexpr bool needsWholeRun = true;

    static Finding judge(const Step& step, const Ledger& ledger, const Fact& fact, const Commit&,
                         const SagaPlan& plan)
    {
        if (undoes(fact) && ledger.of(step, fact.saga, plan, fact.step).actions == 0) {
            return fmt::format("{} is undone, and never ran",
                               named(step.plan(), fact.saga, plan, fact.step));
        }
        return std::nullopt;
    }
};

struct ExactlyOnce
{
    static constexpr bool needsWholeRun = false;

    static Finding judge(const Step& step, const Ledger& ledger, const Fact& fact, const Commit&,
                         const SagaPlan& plan)
    {
        const auto story = ledger.of(step, fact.saga, plan, fact.step);
        if (story.actions > 1 || story.undos > 1) {
            return fmt::format("{} is {} twice", named(step.plan(), fact.saga, plan, fact.step),
                               undoes(fact) ? "undone" : "done");
        }
        return std::nullopt;
    }
};

struct NoReturnAfterThePivot
{
    static constexpr bool needsWholeRun = false;

    static Finding judge(const Step& step, const Ledger& ledger, const Fact& fact, const Commit&,
                         const SagaPlan& plan)
    {
        for (std::size_t i = 0; i < plan.steps.size() && undoes(fact); ++i) {
            const bool final = plan.steps[i].kind != StepKind::Compensatable;
            if (final && ledger.of(step, fact.saga, plan, i).actions > 0) {
                return fmt::format("{} is undone, and {} has run",
                                   named(step.plan(), fact.saga, plan, fact.step),
                                   named(step.plan(), fact.saga, plan, i));
            }
        }
        return std::nullopt;
    }
};

struct LockedNumbersAreLeftAlone
{
    static constexpr bool needsWholeRun = false;

    static Finding judge(const Step& step, const Ledger&, const Fact& fact, const Commit& commit,
                         const SagaPlan& plan)
    {
        if (!step.machine().parameters().semanticLock || fact.effect != Effect::Action) {
            return std::nullopt;
        }
        const auto broken = [&](const std::string& key, SagaId holder) {
            return fmt::format("{} uses {}, which saga {} has locked",
                               named(step.plan(), fact.saga, plan, fact.step), key, holder);
        };
        for (const auto& touch : commit.entry.touches) {
            if (touch.dirty != 0) {
                return broken(touch.key, touch.dirty);
            }
        }
        for (const auto& change : commit.changes) {
            for (const auto holder : change.record.pending) {
                if (holder != fact.saga) {
                    return broken(change.key, holder);
                }
            }
        }
        return std::nullopt;
    }
};

} // namespace

void addStepInvariants(std::vector<std::unique_ptr<node::Invariant>>& list)
{
    addInvariant<EachEffect<StepsInOrder>>(
        list, "steps in order",
        "A step is done only when all before it are done, on disk, and none is undone.",
        "Garcia-Molina and Salem 1987, §1: T1, T2, … Tn");
    addInvariant<EachEffect<OnlyWhatRan>>(list, "only what ran is undone",
                                          "A compensation runs only after its step has run.",
                                          "Garcia-Molina and Salem 1987, §1: … Tj, Cj, … C2, C1");
    addInvariant<EachEffect<NoReturnAfterThePivot>>(
        list, "no return after the pivot",
        "Nothing is undone once the pivot, or a step that follows it, has run.",
        "Richardson 2018, §4.1.3");
    addInvariant<EachEffect<CompensationsInReverse>>(
        list, "compensations in reverse",
        "A step is undone only when all steps after it that ran are undone.",
        "Garcia-Molina and Salem 1987, §1: … Tj, Cj, … C2, C1");
    addInvariant<EachEffect<ExactlyOnce>>(
        list, "effects exactly once",
        "A step and its compensation take effect at most once, however often they are asked for.",
        "Richardson 2018, §3.3.6");
    addInvariant<EachEffect<LockedNumbersAreLeftAlone>>(
        list, "locked numbers are left alone",
        "With semanticLock, no step reads or changes what another saga may still undo.",
        "Richardson 2018, §4.3.2");
}

} // namespace lightcone::protocols::saga
