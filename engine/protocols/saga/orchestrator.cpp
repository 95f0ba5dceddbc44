#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

// Forward: what an orchestrator tells the services to do, step by step (§4.2.2). What it has
// decided is in its saga log before it says so; what it has forgotten in a crash it asks again, as
// every step is idempotent.
namespace lightcone::protocols::saga {

void Saga::begin(const Moment& moment, RequestId request, const SagaPlan& plan, Values values,
                 Out& out)
{
    m_newest = m_plan->numberAfter(m_newest, self());
    Run run;
    run.saga = m_newest;
    run.type = plan.name;
    run.request = request;
    run.values = std::move(values);
    for (const auto& step : plan.steps) {
        if (m_plan->isOrchestrated()) { // choreographed, nobody knows them all
            run.steps.push_back({StepState::Ahead, step.name});
        }
    }
    addRun(m_runs, run);
    m_focus = m_newest;
    if (!makes(Mistake::NoSagaLog)) {
        out.write(SagaBegins{run});
    }
    out.note("begins saga {}: {}", run.saga, run.type);
    if (!m_plan->isOrchestrated()) {
        begin(moment, m_runs.back(), out);
        return;
    }
    if (plan.pointOfNoReturn == 0) {
        passPointOfNoReturn(moment, m_runs.back(), out);
    }
    advance(moment, m_runs.back(), out);
}

/// On to the first step that is not done.
void Saga::advance(const Moment& moment, Run& run, Out& out)
{
    while (run.at < run.steps.size() && run.steps[run.at].state == StepState::Done) {
        ++run.at;
    }
    run.tries = 0;
    run.failedTry = 0;
    if (run.at == run.steps.size()) {
        --run.at;
        finish(run, SagaState::Completed, out);
    } else {
        ask(moment, run, out);
    }
}

void Saga::ask(const Moment&, Run& run, Out& out)
{
    const auto& step = stepOf(run);
    ++run.tries;
    run.steps[run.at].state = StepState::Asked;
    out.send(m_plan->nodeOf(step),
             Execute{run.saga, step.name, run.type, run.tries, run.values, ownBelow()});
    out.arm(Timer::Answer, m_plan->policyOf(step).timeout, run.saga);
}

void Saga::onMessage(const Moment& moment, NodeId from, const Done& message, Out& out)
{
    if (!m_plan->isOrchestrated()) {
        onEvent(moment, from, message, out);
        return;
    }
    auto* run = findRun(m_runs, message.saga);
    const bool waits =
        run != nullptr && run->state == SagaState::Running && stepOf(*run).name == message.step;
    if (!waits) {
        return;
    }
    if (run->steps[run->at].state == StepState::Undoing) {
        out.note("saga {}: {} had run before it could be withdrawn", run->saga, message.step);
    }
    completeStep(moment, *run, message.values, out);
}

void Saga::completeStep(const Moment& moment, Run& run, const Values& values, Out& out)
{
    out.disarm(Timer::Answer, run.saga);
    out.disarm(Timer::BackOff, run.saga);
    // A step that the log forgets is asked for again, and answered again. But who goes back from
    // there must know of all that came after it: before the next step is asked for, this one is on
    // disk. From the pivot on nobody goes back.
    const bool maybeUndone = stepOf(run).kind == StepKind::Compensatable;
    log(run, StepLogged{run.saga, run.at, StepState::Done, values},
        maybeUndone ? node::Sync::Forced : node::Sync::Lazy, out);
    if (run.at + 1 == planOf(run).pointOfNoReturn) {
        passPointOfNoReturn(moment, run, out);
    }
    advance(moment, run, out);
}

/// From here on the saga goes forward only, so that what it has changed stays: those that hold it
/// for changeable are told.
void Saga::passPointOfNoReturn(const Moment&, Run& run, Out& out)
{
    const auto& plan = planOf(run);
    for (const auto& step : plan.steps) {
        if (step.kind == StepKind::Compensatable && step.action.changesData()) {
            run.unsettled.insert(m_plan->nodeOf(step));
        }
    }
    if (run.unsettled.empty()) {
        log(run, SagaSettled{run.saga}, node::Sync::Lazy, out);
        return;
    }
    out.note("saga {} is past its point of no return", run.saga);
    tellSettled(run, out);
}

void Saga::tellSettled(const Run& run, Out& out)
{
    out.broadcast(run.unsettled, Confirm{run.saga, ownBelow(), 0});
    out.arm(Timer::Confirm, parameters().timeout, run.saga);
}

void Saga::onMessage(const Moment&, NodeId from, const Confirmed& message, Out& out)
{
    auto* run = findRun(m_runs, message.saga);
    if (run == nullptr || run->unsettled.erase(from) == 0 || !run->unsettled.empty()) {
        return;
    }
    out.disarm(Timer::Confirm, run->saga);
    const auto focus = m_focus;
    log(*run, SagaSettled{run->saga}, node::Sync::Lazy, out);
    m_focus = focus;
}

void Saga::onMessage(const Moment& moment, NodeId from, const Failed& message, Out& out)
{
    if (!m_plan->isOrchestrated()) {
        onEvent(moment, from, message, out);
        return;
    }
    auto* run = findRun(m_runs, message.saga);
    const bool waits =
        run != nullptr && run->state == SagaState::Running && stepOf(*run).name == message.step;
    if (!waits) {
        return;
    }
    const auto why = fmt::format("{}: {}", message.step, message.reason);
    if (message.verdict == Verdict::Declined) {
        run->steps[run->at].state = StepState::Refused;
        // With the mistake, the step that was declined is undone like those before it.
        const bool itself = makes(Mistake::CompensatesUnrun);
        turnBack(moment, *run, run->at + (itself ? 1 : 0), itself, why, out);
    } else if (run->steps[run->at].state == StepState::Asked && message.tryNumber == run->tries
               && run->failedTry < run->tries) {
        run->failedTry = run->tries; // The network may say it twice.
        tryAgainOrGiveUp(moment, *run, why, out);
    }
}

void Saga::onAnswerTimeout(const Moment& moment, Run& run, Out& out)
{
    const auto& step = stepOf(run);
    out.note("saga {}: {} does not answer within {}", run.saga,
             m_plan->nameOf(m_plan->nodeOf(step)), toText(m_plan->policyOf(step).timeout));
    if (run.state == SagaState::Running && run.steps[run.at].state == StepState::Asked) {
        tryAgainOrGiveUp(moment, run, fmt::format("{}: no answer", step.name), out);
    } else if (run.state != SagaState::Parked) {
        pause(moment, run, out); // What must be undone is asked for until it is answered.
    }
}

/// §4.3.2: retriable transactions "are guaranteed to succeed", so they are tried until they do.
void Saga::tryAgainOrGiveUp(const Moment& moment, Run& run, const std::string& reason, Out& out)
{
    const auto& step = stepOf(run);
    const bool enough = run.tries > m_plan->policyOf(step).retries;
    const bool retriable =
        step.kind == StepKind::Retriable && !makes(Mistake::CompensatesAfterPivot);
    if (retriable || !enough) {
        pause(moment, run, out);
    } else if (step.kind == StepKind::Pivot) {
        withdraw(moment, run, reason, out);
    } else {
        // It may have run all the same, or run later: it is undone too.
        turnBack(moment, run, run.at + 1, true, reason, out);
    }
}

void Saga::pause(const Moment& moment, const Run& run, Out& out)
{
    out.disarm(Timer::Answer, run.saga);
    out.arm(Timer::BackOff, pauseOf(m_plan->policyOf(stepOf(run)), run.tries, moment.dice),
            run.saga);
}

void Saga::onPauseOver(const Moment& moment, Run& run, Out& out)
{
    if (run.state == SagaState::Compensating) {
        askUndo(moment, run, out);
    } else if (run.state == SagaState::Running && run.steps[run.at].state == StepState::Undoing) {
        withdraw(moment, run, run.reason, out);
    } else if (run.state == SagaState::Running) {
        ask(moment, run, out);
    }
}

/// A pivot cannot be undone: whether it has run, only its service knows. It answers Done if it has,
/// and makes sure that it never will if it has not.
void Saga::withdraw(const Moment&, Run& run, const std::string& reason, Out& out)
{
    const auto& step = stepOf(run);
    if (run.steps[run.at].state != StepState::Undoing) {
        out.note("saga {} gives up {}, unless it has run", run.saga, reason);
        run.steps[run.at].state = StepState::Undoing;
        run.reason = reason;
        run.tries = 0;
        run.failedTry = 0;
    }
    ++run.tries;
    out.send(m_plan->nodeOf(step),
             Withdraw{run.saga, step.name, run.type, run.values, ownBelow(), 0});
    out.arm(Timer::Answer, m_plan->policyOf(step).timeout, run.saga);
}

void Saga::finish(Run& run, SagaState state, Out& out)
{
    out.disarm(Timer::Answer, run.saga);
    out.disarm(Timer::BackOff, run.saga);
    auto reason = state == SagaState::Completed ? std::string() : run.reason;
    log(run, SagaEnds{run.saga, state, std::move(reason)}, node::Sync::Forced, out);
    if (state == SagaState::Compensated || !m_plan->isOrchestrated()) {
        log(run, SagaSettled{run.saga}, node::Sync::Lazy, out);
    }
    out.note("saga {} is {}{}", run.saga, describe::nameOf(state),
             run.reason.empty() ? "" : " because of " + run.reason);
    answer(run, out);
}

/// Garcia-Molina and Salem §4: the log tells which sagas were under way, and how far they had come.
void Saga::resumeAfterCrash(const Moment& moment, Out& out)
{
    for (auto& run : m_runs) {
        m_focus = run.open() ? run.saga : m_focus;
        run.tries = run.state == SagaState::Parked ? run.tries : 0;
        if (run.open()) {
            out.note("goes on with saga {} from its log: {}", run.saga,
                     describe::nameOf(run.state));
        }
        const auto& plan = planOf(run);
        const auto done = static_cast<std::size_t>(
            std::count_if(run.steps.begin(), run.steps.end(),
                          [](const StepMark& mark) { return mark.state == StepState::Done; }));
        const bool forward = run.state == SagaState::Running || run.state == SagaState::Completed;
        if (forward && !run.settled && done >= plan.pointOfNoReturn) {
            passPointOfNoReturn(moment, run, out);
        }
        if (run.state == SagaState::Running) {
            run.at = 0;
            advance(moment, run, out);
        } else if (run.state == SagaState::Compensating) {
            unwind(moment, run, out);
        }
    }
}

} // namespace lightcone::protocols::saga
