#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::protocols::saga {

Saga::Saga(node::Seat<Saga> seat)
    : m_seat(std::move(seat))
    , m_plan(std::make_shared<const Plan>(m_seat.parameters()))
{
}

void Saga::onStart(const Moment& moment, const Durable& disk, Out& out)
{
    if (const auto* service = m_plan->serviceOf(self())) {
        m_data = service->data;
    }
    for (const auto& [key, value] : disk.data) {
        m_data[key] = value;
    }
    m_runs = disk.runs;
    m_newest = disk.newest;
    m_records = disk.records;
    m_entries = disk.entries;
    m_outbox = disk.outbox;
    m_posts = disk.posts;
    m_transactions = disk.transactions;
    m_below = disk.below;
    m_below.resize(m_plan->origins.size());
    if (orchestrates()) {
        resumeAfterCrash(moment, out);
    } else if (!m_plan->isOrchestrated()) {
        wakeUp(moment, out);
    }
    show();
}

void Saga::onMessage(const Moment& moment, NodeId from, const Message& message, Out& out)
{
    std::visit([&](const auto& held) { onMessage(moment, from, held, out); }, message);
    show();
}

void Saga::onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out)
{
    auto* run = findRun(m_runs, about);
    switch (timer) {
    case Timer::Answer:
        if (run != nullptr && run->open()) {
            onAnswerTimeout(moment, *run, out);
        }
        break;
    case Timer::BackOff:
        if (run != nullptr && run->open()) {
            onPauseOver(moment, *run, out);
        }
        break;
    case Timer::Confirm:
        if (run != nullptr && !run->unsettled.empty()) {
            tellSettled(*run, out);
        }
        break;
    case Timer::Retry:
        onRetry(moment, about, out);
        break;
    case Timer::Resend:
        onResend(moment, about, out);
        break;
    }
    show();
}

void Saga::onRequest(const Moment& moment, RequestId id, const Request& held, Out& out)
{
    std::visit([&](const auto& each) { request(moment, id, each, out); }, held);
    show();
}

SagaId Saga::below(SagaId saga) const
{
    return m_below[m_plan->originIndex(saga)];
}

bool Saga::isOver(SagaId saga) const
{
    return saga == 0 || saga < below(saga);
}

/// The lowest number of our sagas that is not over everywhere.
SagaId Saga::ownBelow() const
{
    auto lowest = m_plan->numberAfter(m_newest, self());
    for (const auto& run : m_runs) {
        if (run.open() || !run.settled) {
            lowest = std::min(lowest, run.saga);
        }
    }
    return lowest;
}

Duration Saga::pauseOf(const Policy& policy, std::uint32_t count, Dice& dice)
{
    auto pause = policy.backOff;
    for (std::uint32_t i = 1; i < count && pause < policy.mostBackOff; ++i) {
        pause *= 2;
    }
    pause = std::min(pause, policy.mostBackOff);
    return dice.between(pause / 2, pause); // so that two that are in each other's way get out of it
}

/// What a person sees of this node without opening it.
void Saga::show()
{
    m_alarm.clear();
    m_waitingFor.clear();
    m_pending.clear();
    m_role = Role::Idle;
    for (const auto& [key, record] : m_records) {
        if (!record.pending.empty()) {
            m_pending.insert(key);
            m_role = Role::Holding;
        }
    }
    if (!m_attempts.empty()) {
        m_role = Role::Retrying;
    }
    for (const auto& post : m_outbox) {
        m_waitingFor.insert(post.to);
    }
    m_waitingFor.erase(self());
    for (const auto& run : m_runs) {
        m_saga = std::max(m_saga, run.saga);
        if (!orchestrates() || (!run.open() && run.unsettled.empty())) {
            continue;
        }
        m_waitingFor.insert(run.unsettled.begin(), run.unsettled.end());
        if (run.state == SagaState::Parked) {
            m_alarm = m_alarm.empty()
                ? fmt::format("saga {}: undo {}: {}", run.saga, stepOf(run).name, run.reason)
                : m_alarm;
        } else if (run.open()) {
            m_waitingFor.insert(m_plan->nodeOf(stepOf(run)));
        }
        const auto role = run.state == SagaState::Parked ? Role::Parked
            : run.state == SagaState::Compensating       ? Role::Compensating
            : run.state == SagaState::Running            ? Role::Running
                                                         : Role::Idle;
        m_role = std::max(m_role, role);
    }
    for (const auto& entry : m_entries) {
        m_saga = std::max(m_saga, entry.saga);
        if (entry.state == EntryState::Parked) {
            m_role = Role::Parked;
            m_alarm = fmt::format("saga {}: undo {}: {}", entry.saga,
                                  m_plan->stepName(entry.type, entry.step), entry.reason);
        }
    }
    showSteps();
}

void Saga::showSteps()
{
    auto marks = marksOf(m_focus);
    if (!marks.empty()) {
        m_progress = std::move(marks);
    }
}

/// The steps of a saga as far as this node knows them: all of them in an orchestrator, in a service
/// those that it had to do with.
std::vector<StepMark> Saga::marksOf(SagaId saga) const
{
    if (const auto* run = findRun(m_runs, saga); run != nullptr && orchestrates()) {
        return run->steps;
    }
    std::vector<StepMark> marks;
    const auto add = [&](const std::string& type, std::uint32_t step, StepState state) {
        marks.push_back({state, m_plan->stepName(type, step)});
    };
    for (const auto& entry : m_entries) {
        if (entry.saga != saga) {
            continue;
        }
        const auto trying =
            std::any_of(m_attempts.begin(), m_attempts.end(), [&](const auto& each) {
                return each.saga == saga && each.step == entry.step;
            });
        const auto state = trying               ? StepState::Undoing
            : entry.state == EntryState::Done   ? StepState::Done
            : entry.state == EntryState::Undone ? StepState::Undone
            : entry.state == EntryState::Parked ? StepState::Parked
                                                : StepState::Refused;
        add(entry.type, entry.step, state);
    }
    for (const auto& each : m_attempts) {
        if (each.saga == saga && !each.undo) {
            add(each.type, each.step, StepState::Asked);
        }
    }
    return marks;
}

} // namespace lightcone::protocols::saga
