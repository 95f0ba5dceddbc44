#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

// A service: it commits locally, remembers what it did under the saga's and the step's name, and
// answers whoever asks twice from what it remembers.
namespace lightcone::protocols::saga {
namespace {

bool strikes(const Failures& plan, std::uint32_t tryNumber, Dice& dice)
{
    return plan.always
        || std::find(plan.tries.begin(), plan.tries.end(), tryNumber) != plan.tries.end()
        || (plan.chance > 0 && dice.chance(plan.chance));
}

Verdict verdictOf(Outcome::Came came)
{
    return came == Outcome::Came::Refused ? Verdict::Declined
        : came == Outcome::Came::Busy     ? Verdict::Busy
                                          : Verdict::Failed;
}

} // namespace

/// Nothing where the script knows no such step, or it is not ours.
std::optional<Call> Saga::callOf(SagaId saga, const std::string& type, const std::string& step,
                                 const Values& values, std::uint32_t tryNumber, SagaId below) const
{
    const auto* plan = m_plan->script.find(type);
    const auto index = plan != nullptr ? plan->indexOf(step) : std::nullopt;
    if (!index || isOver(saga) || m_plan->nodeOf(plan->steps[*index]) != self()) {
        return std::nullopt;
    }
    return Call{saga, plan, static_cast<std::uint32_t>(*index), tryNumber, &values, below};
}

void Saga::onMessage(const Moment& moment, NodeId from, const Execute& message, Out& out)
{
    const auto call = callOf(message.saga, message.type, message.step, message.values,
                             message.tryNumber, message.below);
    if (!call || !m_plan->isOrchestrated()) {
        return; // Of a saga that is over: nobody waits for an answer.
    }
    auto outcome = act(moment, *call);
    commit(outcome, out);
    m_focus = message.saga;
    if (outcome.came == Outcome::Came::Done) {
        out.send(from, Done{message.saga, message.step, message.type, outcome.values, 0, 0});
        return;
    }
    out.note("saga {}: {} is not done: {}", message.saga, message.step, outcome.reason);
    out.send(from,
             Failed{message.saga, message.step, message.type, verdictOf(outcome.came),
                    outcome.reason, message.tryNumber, 0, 0});
}

void Saga::onMessage(const Moment& moment, NodeId from, const Compensate& message, Out& out)
{
    const auto call = callOf(message.saga, message.type, message.step, message.values,
                             message.tryNumber, message.below);
    if (!call || !m_plan->isOrchestrated()) {
        return;
    }
    auto outcome = undo(moment, *call, message.byHand);
    commit(outcome, out);
    m_focus = message.saga;
    if (outcome.came == Outcome::Came::Done) {
        out.send(from, Undone{message.saga, message.step, message.type, outcome.ran, 0, 0});
    } else {
        out.note("saga {}: {} is not undone: {}", message.saga, message.step, outcome.reason);
        out.send(from,
                 CompensationFailed{message.saga, message.step, outcome.reason, message.tryNumber});
    }
}

void Saga::onMessage(const Moment& moment, NodeId from, const Withdraw& message, Out& out)
{
    if (!m_plan->isOrchestrated()) {
        onEvent(moment, from, message, out);
        return;
    }
    const auto call =
        callOf(message.saga, message.type, message.step, message.values, 1, message.below);
    if (!call) {
        return;
    }
    auto outcome = undo(moment, *call, false);
    commit(outcome, out);
    m_focus = message.saga;
    if (outcome.came == Outcome::Came::Passed) {
        out.send(from, Done{message.saga, message.step, message.type, outcome.values, 0, 0});
    } else {
        out.send(from, Undone{message.saga, message.step, message.type, outcome.ran, 0, 0});
    }
}

void Saga::onMessage(const Moment&, NodeId from, const Confirm& message, Out& out)
{
    const bool news = std::any_of(m_records.begin(), m_records.end(), [&](const auto& each) {
        return each.second.pending.contains(message.saga);
    });
    if (news) {
        // Lost in a crash, it is made good by the next command, which says what is over.
        shelf().settle(message.saga);
        out.write(Settles{message.saga}, node::Sync::Lazy);
        out.note("the changes of saga {} stay", message.saga);
    }
    if (m_plan->isOrchestrated()) {
        out.send(from, Confirmed{message.saga});
    } else {
        hear(from, message.saga, message.post, out);
    }
}

Commit Saga::commitOf(const Call& call, Effect effect, EntryState state) const
{
    Commit commit;
    commit.effect = effect;
    commit.entry = {call.saga, call.step, state, call.plan->name, {}, *call.values, {}};
    commit.origin = static_cast<std::uint32_t>(m_plan->originIndex(call.saga));
    commit.origins = static_cast<std::uint32_t>(m_plan->origins.size());
    commit.below = call.below;
    return commit;
}

/// Does a step once, whoever asks however often.
Outcome Saga::act(const Moment& moment, const Call& call) const
{
    using Came = Outcome::Came;
    Outcome outcome;
    const auto& step = call.stepPlan();
    const auto* before = entry(call.saga, call.step);
    const bool again =
        before != nullptr && before->state == EntryState::Done && makes(Mistake::NotIdempotent);
    if (before != nullptr && !again) {
        outcome.came = before->state == EntryState::Done ? Came::Done : Came::Refused;
        outcome.reason = before->reason;
        outcome.values = before->values;
        return outcome;
    }
    if (strikes(step.action.fails, call.tryNumber, moment.dice)) {
        outcome.came = Came::Failed;
        outcome.reason = "it fails this time";
        return outcome;
    }
    const bool looks =
        parameters().semanticLock && (step.action.changesData() || !makes(Mistake::ReadsPastLocks));
    const auto holder = looks ? holderOf(step.action, *call.values, m_records, call.saga) : 0;
    if (holder != 0) {
        outcome.came = Came::Busy;
        outcome.reason = fmt::format("saga {} holds a semantic lock", holder);
        return outcome;
    }
    const Rules rules{parameters().commutative, parameters().reread, parameters().versionFile};
    Transaction work(m_data, m_records, m_entries, rules, {call.saga, call.step, step.kind, false},
                     *call.values);
    auto declined = strikes(step.action.declines, call.tryNumber, moment.dice)
        ? std::optional<std::string>("it is declined")
        : work.run(step.action);
    outcome.remarks = work.remarks();
    outcome.anomalies = work.anomalies();
    if (declined) {
        outcome.came = Came::Refused;
        outcome.commit = commitOf(call, Effect::None, EntryState::Refused);
        outcome.commit->entry.reason = *declined;
        outcome.reason = *declined;
        return outcome;
    }
    outcome.commit = commitOf(call, Effect::Action, EntryState::Done);
    outcome.commit->changes = work.changes();
    outcome.commit->entry.touches = work.touches();
    outcome.commit->entry.values = work.values();
    outcome.values = work.values();
    return outcome;
}

/// Undoes a step once; of one that has not run, makes sure that it never will.
Outcome Saga::undo(const Moment& moment, const Call& call, bool byHand) const
{
    using Came = Outcome::Came;
    const auto* before = entry(call.saga, call.step);
    const auto state = before != nullptr ? std::optional(before->state) : std::nullopt;
    if (!state || state == EntryState::Refused) {
        return undoUnrun(call);
    }
    Outcome outcome;
    const auto& step = call.stepPlan();
    const bool again =
        state == EntryState::Undone && makes(Mistake::NotIdempotent) && step.undo.has_value();
    if (!again && (state == EntryState::Undone || state == EntryState::Withdrawn)) {
        outcome.ran = state == EntryState::Undone;
        return outcome;
    }
    if (step.kind == StepKind::Pivot && !makes(Mistake::CompensatesAfterPivot)) {
        outcome.came = Came::Passed;
        outcome.values = before->values;
        return outcome;
    }
    if (byHand) {
        outcome.commit = commitOf(call, Effect::ByHand, EntryState::Undone);
        outcome.commit->entry.values = before->values;
        outcome.commit->entry.touches = before->touches;
        return outcome;
    }
    if (step.undo && strikes(step.undo->fails, call.tryNumber, moment.dice)) {
        outcome.came = Came::Failed;
        outcome.reason = "it fails this time";
        return outcome;
    }
    return compensate(call, *before);
}

/// A step that never ran leaves nothing to undo. The tombstone keeps its request, which may still
/// be under way, from doing it afterwards.
Outcome Saga::undoUnrun(const Call& call) const
{
    const auto& step = call.stepPlan();
    if (makes(Mistake::CompensatesUnrun) && step.undo) {
        Entry never;
        never.values = *call.values;
        return compensate(call, never);
    }
    Outcome outcome;
    outcome.ran = false;
    if (entry(call.saga, call.step) == nullptr && !makes(Mistake::NoTombstone)) {
        outcome.commit = commitOf(call, Effect::None, EntryState::Withdrawn);
        outcome.commit->entry.reason = "it was withdrawn";
    }
    return outcome;
}

Outcome Saga::compensate(const Call& call, const Entry& before) const
{
    Outcome outcome;
    const auto& step = call.stepPlan();
    const Rules rules{parameters().commutative, parameters().reread, parameters().versionFile};
    Transaction work(m_data, m_records, m_entries, rules, {call.saga, call.step, step.kind, true},
                     before.values);
    if (auto declined = step.undo ? work.run(*step.undo) : std::nullopt) {
        outcome.came = Outcome::Came::Failed;
        outcome.reason = *declined;
        return outcome;
    }
    outcome.remarks = work.remarks();
    outcome.anomalies = work.anomalies();
    outcome.commit = commitOf(call, step.undo ? Effect::Undo : Effect::None, EntryState::Undone);
    outcome.commit->changes = work.changes();
    outcome.commit->entry.values = before.values;
    outcome.commit->entry.touches = before.touches;
    outcome.commit->entry.touches.insert(outcome.commit->entry.touches.end(),
                                         work.touches().begin(), work.touches().end());
    return outcome;
}

/// What came of it is on disk before anybody hears of it.
void Saga::commit(Outcome& outcome, Out& out)
{
    for (const auto& remark : outcome.remarks) {
        out.note("{}", remark);
    }
    m_lostUpdates += outcome.anomalies.lostUpdates;
    m_dirtyReads += outcome.anomalies.dirtyReads;
    m_fuzzyReads += outcome.anomalies.fuzzyReads;
    if (!outcome.commit) {
        return;
    }
    const auto& write = *outcome.commit;
    remarkReaders(write, out);
    shelf().commit(write);
    auto& below = m_below[write.origin];
    below = std::max(below, write.below);
    auto kept = write;
    if (makes(Mistake::NoSagaLog)) {
        kept.posts.clear(); // Choreographed, the outboxes together are the log.
    }
    out.write(std::move(kept),
              makes(Mistake::AnswersBeforeDurable) ? node::Sync::Lazy : node::Sync::Forced);
}

/// "When a compensating transaction Ci is run, no effort is made to notify or abort transactions
/// that might have seen the results of Ti" (Garcia-Molina and Salem 1987, §1). A person is told.
void Saga::remarkReaders(const Commit& write, Out& out) const
{
    if (write.effect != Effect::Undo) {
        return;
    }
    for (const auto& entry : m_entries) {
        for (const auto& touch : entry.touches) {
            if (touch.dirty == write.entry.saga && entry.saga != write.entry.saga) {
                out.note("saga {} has read {}={}, which saga {} undoes now", entry.saga, touch.key,
                         touch.value, write.entry.saga);
            }
        }
    }
}

} // namespace lightcone::protocols::saga
