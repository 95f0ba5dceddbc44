#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

// Backward: "either the sequence T1, T2, … Tn (which is the preferable one) or the sequence T1, T2,
// … Tj, Cj, … C2, C1" (Garcia-Molina and Salem 1987, §1).
namespace lightcone::protocols::saga {

void Saga::turnBack(const Moment& moment, Run& run, std::uint32_t end, bool unsure,
                    const std::string& reason, Out& out)
{
    out.disarm(Timer::Answer, run.saga);
    out.disarm(Timer::BackOff, run.saga);
    out.note("saga {} is undone because of {}", run.saga, reason);
    // What it has decided must survive: going forward again over steps that are undone would be
    // neither of the two sequences.
    log(run, SagaTurns{run.saga, end, unsure, reason}, node::Sync::Forced, out);
    unwind(moment, run, out);
}

std::optional<std::uint32_t> Saga::nextToUndo(const Run& run) const
{
    const auto& plan = planOf(run);
    const auto needsUndo = [&](std::uint32_t step) {
        const auto state = run.steps[step].state;
        return (state == StepState::Done && plan.steps[step].undo.has_value())
            || state == StepState::Asked || state == StepState::Undoing;
    };
    const auto count = static_cast<std::uint32_t>(run.steps.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto step = makes(Mistake::ForwardCompensation) ? i : count - 1 - i;
        if (needsUndo(step)) {
            return step;
        }
    }
    return std::nullopt;
}

/// On to the last step that is not undone. Those that only read leave nothing to undo.
void Saga::unwind(const Moment& moment, Run& run, Out& out)
{
    run.failures = 0;
    run.tries = 0;
    run.failedTry = 0;
    const auto next = nextToUndo(run);
    if (!next) {
        for (auto& mark : run.steps) {
            mark.state = mark.state == StepState::Done ? StepState::Undone : mark.state;
        }
        run.at = 0;
        finish(run, SagaState::Compensated, out);
        return;
    }
    run.at = *next;
    askUndo(moment, run, out);
}

void Saga::askUndo(const Moment&, Run& run, Out& out)
{
    const auto& step = stepOf(run);
    ++run.tries;
    run.steps[run.at].state = StepState::Undoing;
    out.send(
        m_plan->nodeOf(step),
        Compensate{run.saga, step.name, run.type, run.tries, run.values, run.byHand, ownBelow()});
    out.arm(Timer::Answer, m_plan->policyOf(step).timeout, run.saga);
}

void Saga::onMessage(const Moment& moment, NodeId from, const Undone& message, Out& out)
{
    if (!m_plan->isOrchestrated()) {
        onEvent(moment, from, message, out);
        return;
    }
    auto* run = findRun(m_runs, message.saga);
    const bool waits = run != nullptr && run->open() && run->state != SagaState::Parked
        && stepOf(*run).name == message.step && run->steps[run->at].state == StepState::Undoing;
    if (!waits) {
        return;
    }
    if (run->state == SagaState::Running) { // a pivot that was withdrawn
        run->steps[run->at].state = StepState::Refused;
        turnBack(moment, *run, run->at, false, run->reason, out);
        return;
    }
    out.disarm(Timer::Answer, run->saga);
    out.disarm(Timer::BackOff, run->saga);
    run->byHand = false;
    const auto state = message.ran ? StepState::Undone : StepState::Refused;
    log(*run, StepLogged{run->saga, run->at, state, {}}, node::Sync::Lazy, out);
    unwind(moment, *run, out);
}

void Saga::onMessage(const Moment& moment, NodeId, const CompensationFailed& message, Out& out)
{
    auto* run = findRun(m_runs, message.saga);
    const bool waits = run != nullptr && run->state == SagaState::Compensating
        && stepOf(*run).name == message.step && run->steps[run->at].state == StepState::Undoing
        && message.tryNumber == run->tries && run->failedTry < run->tries;
    if (!waits) {
        return;
    }
    run->failedTry = run->tries; // The network may say it twice.
    ++run->failures;
    if (run->failures > m_plan->policyOf(stepOf(*run)).retries) {
        park(*run, message.reason, out);
    } else {
        pause(moment, *run, out);
    }
}

/// "The other possible solution to this problem is manual intervention" (Garcia-Molina and Salem
/// 1987, §6): nothing else of the saga is undone before this step, and no lock is held.
void Saga::park(Run& run, const std::string& reason, Out& out)
{
    out.disarm(Timer::Answer, run.saga);
    out.disarm(Timer::BackOff, run.saga);
    out.note("alarm: the compensation of {} of saga {} has failed {} times ({}): it is parked for "
             "a person",
             stepOf(run).name, run.saga, run.failures, reason);
    log(run, SagaParks{run.saga, run.at, run.tries, reason}, node::Sync::Forced, out);
    answer(run, out);
}

} // namespace lightcone::protocols::saga
