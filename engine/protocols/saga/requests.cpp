#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

// What clients and operators ask.
namespace lightcone::protocols::saga {

void Saga::answer(const Run& run, Out& out)
{
    if (run.request) {
        const auto reason = run.reason.empty() ? std::nullopt : std::optional(run.reason);
        out.reply(run.request, Ended{run.state, run.saga, reason});
    }
}

/// Completes the arguments with the script's. A sentence when they do not fit.
std::optional<std::string> Saga::fill(const SagaPlan& plan, Values& values) const
{
    for (const auto& argument : values) {
        const auto& name = argument.first;
        const bool known = std::any_of(plan.parameters.begin(), plan.parameters.end(),
                                       [&](const auto& each) { return each.name == name; });
        if (!known) {
            std::string all;
            for (const auto& each : plan.parameters) {
                all += (all.empty() ? ": expected " : ", ") + each.name;
            }
            return fmt::format("'{}' is no parameter of {}{}", name, plan.name,
                               all.empty() ? ": it has none" : all);
        }
    }
    for (const auto& parameter : plan.parameters) {
        if (!values.contains(parameter.name)) {
            if (!parameter.byDefault) {
                return fmt::format("expected '{}', as in: start {} {{{}=1}}", parameter.name,
                                   plan.name, parameter.name);
            }
            values[parameter.name] = *parameter.byDefault;
        }
        const auto& value = values[parameter.name];
        if (parameter.use == ParameterPlan::Use::Number && !amountOf(value)) {
            return fmt::format("{}: expected a number within {}, found '{}'", parameter.name,
                               mostAmount, value);
        }
        if (parameter.use == ParameterPlan::Use::Key && !isScriptName(value)) {
            return fmt::format("{}: expected the name of a number, found '{}'", parameter.name,
                               value);
        }
    }
    return std::nullopt;
}

void Saga::request(const Moment& moment, RequestId id, const Start& start, Out& out)
{
    const auto* plan = m_plan->script.find(start.saga);
    if (plan == nullptr) {
        std::string all;
        for (const auto& each : m_plan->script.sagas) {
            all += (all.empty() ? "" : ", ") + each.name;
        }
        out.refuse(id, fmt::format("there is no saga '{}': expected {}", start.saga, all));
        return;
    }
    if (m_plan->originOf(*plan) != self()) {
        out.redirect(id, m_plan->originOf(*plan));
        return;
    }
    for (const auto& run : m_runs) {
        if (run.request.client != id.client || run.request.sequence < id.sequence) {
            continue;
        }
        if (run.request == id && (!run.open() || run.state == SagaState::Parked)) {
            answer(run, out);
        }
        return; // It is under way, or a request that came late: its client has asked for more.
    }
    auto values = start.arguments;
    if (auto wrong = fill(*plan, values)) {
        out.refuse(id, *wrong);
        return;
    }
    begin(moment, id, *plan, std::move(values), out);
}

void Saga::request(const Moment&, RequestId id, const Get& get, Out& out)
{
    const auto found = m_data.find(get.key);
    if (found == m_data.end()) {
        const auto owner = m_plan->ownerOf(get.key);
        if (owner && owner != self()) {
            out.redirect(id, owner);
        } else {
            out.refuse(id, fmt::format("no service has a number '{}'", get.key));
        }
        return;
    }
    const auto record = m_records.find(get.key);
    const bool pending = record != m_records.end() && !record->second.pending.empty();
    if (pending) {
        out.note("a client reads {}={}, which saga {} may still undo", get.key, found->second,
                 *record->second.pending.begin());
    }
    out.reply(id, Number{found->second, pending});
}

void Saga::request(const Moment& moment, RequestId id, const Cancel& cancel, Out& out)
{
    if (!m_plan->isOrchestrated()) {
        out.refuse(id, "a choreographed saga has nobody who could cancel it");
        return;
    }
    if (!orchestrates()) {
        out.redirect(id, Plan::orchestrator);
        return;
    }
    auto* run = findRun(m_runs, cancel.saga);
    if (run == nullptr || run->state != SagaState::Running) {
        out.refuse(id, fmt::format("saga {} does not go forward", cancel.saga));
        return;
    }
    if (run->at >= planOf(*run).pointOfNoReturn) {
        out.refuse(id, fmt::format("saga {} is past its point of no return", cancel.saga));
        return;
    }
    out.reply(id, Accepted{run->saga});
    const std::string reason = "a client cancels it";
    if (stepOf(*run).kind == StepKind::Pivot) {
        out.disarm(Timer::BackOff, run->saga);
        withdraw(moment, *run, reason, out);
    } else {
        turnBack(moment, *run, run->at + 1, true, reason, out);
    }
}

void Saga::request(const Moment& moment, RequestId id, const Resume& resume, Out& out)
{
    lookAfter(moment, id, resume.saga, false, out);
}

void Saga::request(const Moment& moment, RequestId id, const Settle& settle, Out& out)
{
    lookAfter(moment, id, settle.saga, true, out);
}

void Saga::lookAfter(const Moment& moment, RequestId id, SagaId saga, bool byHand, Out& out)
{
    if (m_plan->isOrchestrated() && !orchestrates()) {
        out.redirect(id, Plan::orchestrator);
        return;
    }
    auto* run = findRun(m_runs, saga);
    const auto* parked = parkedEntry(saga);
    const bool orchestrated = orchestrates() && run != nullptr && run->state == SagaState::Parked;
    if (!orchestrated && parked == nullptr) {
        out.refuse(id, fmt::format("saga {} is not parked here", saga));
        return;
    }
    out.reply(id, Accepted{saga});
    if (byHand) {
        out.note("a person has undone what saga {} could not", saga);
    } else {
        out.note("saga {} is taken up again", saga);
    }
    if (orchestrated) {
        log(*run, SagaResumes{saga, byHand}, node::Sync::Forced, out);
        askUndo(moment, *run, out);
        return;
    }
    Attempt wanted;
    wanted.saga = saga;
    wanted.step = parked->step;
    wanted.undo = true;
    wanted.type = parked->type;
    wanted.values = parked->values;
    wanted.tries = parked->tries;
    if (auto* known = findAttempt(saga, parked->step)) {
        *known = wanted;
    } else {
        m_attempts.push_back(wanted);
    }
    m_focus = saga;
    tryBackward(moment, wanted, byHand, out);
}

void Saga::request(const Moment&, RequestId id, const Status& status, Out& out)
{
    Known known;
    known.saga = status.saga;
    if (const auto* run = findRun(m_runs, status.saga)) {
        known.state = run->state;
    }
    known.steps = marksOf(status.saga);
    out.reply(id, std::move(known));
}

} // namespace lightcone::protocols::saga
