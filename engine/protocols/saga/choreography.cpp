#include "engine/protocols/saga/saga.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

// Choreographed (§4.2.1): no orchestrator. A service that has done its step says so to the next
// one's, one that has undone it to the one before. An event stays in the outbox until it was heard,
// and is heard when what it asks for is on disk; so nothing is lost, though nobody sees the whole.
namespace lightcone::protocols::saga {
namespace {

constexpr std::uint64_t stepsInTimer = 64;
static_assert(mostSteps <= stepsInTimer);

std::uint64_t timerOf(const Attempt& attempt)
{
    return attempt.saga * stepsInTimer + attempt.step;
}

} // namespace

void Saga::begin(const Moment& moment, Run& run, Out& out)
{
    Attempt first;
    first.saga = run.saga;
    first.type = run.type;
    first.values = run.values;
    attempt(moment, first, out);
}

Attempt* Saga::findAttempt(SagaId saga, std::uint32_t step)
{
    const auto found = std::find_if(m_attempts.begin(), m_attempts.end(), [&](const auto& each) {
        return each.saga == saga && each.step == step;
    });
    return found == m_attempts.end() ? nullptr : &*found;
}

const Entry* Saga::parkedEntry(SagaId saga) const
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const auto& each) {
        return each.saga == saga && each.state == EntryState::Parked;
    });
    return found == m_entries.end() ? nullptr : &*found;
}

SagaId Saga::belowOf(SagaId saga) const
{
    return m_plan->originOf(saga) == self() ? ownBelow() : below(saga);
}

Call Saga::callOf(const Attempt& attempt) const
{
    return {attempt.saga,    m_plan->script.find(attempt.type),
            attempt.step,    attempt.tries,
            &attempt.values, belowOf(attempt.saga)};
}

/// What is over elsewhere needs no remembering here.
void Saga::learn(SagaId saga, SagaId below)
{
    auto& known = m_below[m_plan->originIndex(saga)];
    known = std::max(known, below);
}

/// Whoever asks again while it is being tried is told when it is done.
void Saga::attempt(const Moment& moment, const Attempt& wanted, Out& out)
{
    m_focus = wanted.saga;
    if (auto* known = findAttempt(wanted.saga, wanted.step)) {
        known->from = wanted.from;
        known->post = wanted.post;
        return;
    }
    m_attempts.push_back(wanted);
    if (wanted.undo) {
        tryBackward(moment, wanted, false, out);
    } else {
        tryForward(moment, wanted, out);
    }
}

void Saga::tryForward(const Moment& moment, Attempt attempt, Out& out)
{
    using Came = Outcome::Came;
    ++attempt.tries;
    const auto call = callOf(attempt);
    const auto& step = call.stepPlan();
    auto outcome = act(moment, call);
    if (outcome.came == Came::Failed || outcome.came == Came::Busy) {
        out.note("saga {}: {} is not done: {}", call.saga, step.name, outcome.reason);
        const bool retriable =
            step.kind == StepKind::Retriable && !makes(Mistake::CompensatesAfterPivot);
        if (retriable || attempt.tries <= m_plan->policyOf(step).retries) {
            retryLater(moment, attempt, attempt.tries, out);
            return;
        }
        outcome.commit = commitOf(call, Effect::None, EntryState::Refused);
        outcome.commit->entry.reason = outcome.reason;
        outcome.came = Came::Refused;
    } else if (outcome.came == Came::Refused && outcome.commit) {
        out.note("saga {}: {} is not done: {}", call.saga, step.name, outcome.reason);
    }
    if (makes(Mistake::CompensatesUnrun) && outcome.commit && outcome.came == Came::Refused) {
        undoRefused(call, outcome);
    }
    if (outcome.commit && outcome.came == Came::Done) {
        tellOn(call, outcome.values, *outcome.commit);
    } else if (outcome.commit) {
        tellBack(call, false,
                 Failed{call.saga, step.name, attempt.type, Verdict::Declined, outcome.reason,
                        attempt.tries, call.below, 0},
                 *outcome.commit);
    }
    conclude(moment, attempt, outcome, out);
}

/// With the mistake, the step that was declined is undone like those before it.
void Saga::undoRefused(const Call& call, Outcome& outcome) const
{
    auto undone = undoUnrun(call);
    if (undone.commit && call.stepPlan().undo) {
        undone.came = outcome.came;
        undone.reason = outcome.reason;
        undone.commit->entry.reason = outcome.reason;
        outcome = std::move(undone);
    }
}

void Saga::tryBackward(const Moment& moment, Attempt attempt, bool byHand, Out& out)
{
    using Came = Outcome::Came;
    ++attempt.tries;
    const auto call = callOf(attempt);
    const auto& step = call.stepPlan();
    auto outcome = undo(moment, call, byHand);
    if (outcome.came == Came::Failed) {
        ++attempt.failures;
        out.note("saga {}: {} is not undone: {}", call.saga, step.name, outcome.reason);
        if (attempt.failures > m_plan->policyOf(step).retries) {
            parkHere(attempt, call, outcome.reason, out);
        } else {
            retryLater(moment, attempt, attempt.failures, out);
        }
        return;
    }
    if (outcome.commit) {
        tellBack(call, outcome.ran,
                 Undone{call.saga, step.name, attempt.type, outcome.ran, call.below, 0},
                 *outcome.commit);
    }
    conclude(moment, attempt, outcome, out);
}

/// It is on disk, with the events that tell of it; then whoever asked for it need not ask again.
void Saga::conclude(const Moment& moment, const Attempt& attempt, Outcome& outcome, Out& out)
{
    commit(outcome, out);
    std::erase_if(m_attempts, [&](const Attempt& each) {
        return each.saga == attempt.saga && each.step == attempt.step;
    });
    out.disarm(Timer::Retry, timerOf(attempt));
    hear(attempt.from, attempt.saga, attempt.post, out);
    if (outcome.commit) {
        tell(moment, outcome.commit->posts, out);
        endWhatFailed(attempt.saga, out);
    }
}

void Saga::retryLater(const Moment& moment, const Attempt& attempt, std::uint32_t count, Out& out)
{
    if (auto* kept = findAttempt(attempt.saga, attempt.step)) {
        const auto from = kept->from;
        const auto post = kept->post;
        *kept = attempt;
        kept->from = from;
        kept->post = post;
    }
    const auto& step = callOf(attempt).stepPlan();
    out.arm(Timer::Retry, pauseOf(m_plan->policyOf(step), count, moment.dice), timerOf(attempt));
}

void Saga::onRetry(const Moment& moment, std::uint64_t about, Out& out)
{
    const auto* found =
        findAttempt(about / stepsInTimer, static_cast<std::uint32_t>(about % stepsInTimer));
    if (found == nullptr) {
        return;
    }
    if (found->undo) {
        tryBackward(moment, *found, false, out);
    } else {
        tryForward(moment, *found, out);
    }
}

/// Only this service knows that the saga has come to a stop.
void Saga::parkHere(const Attempt& attempt, const Call& call, const std::string& reason, Out& out)
{
    Outcome outcome;
    outcome.commit = commitOf(call, Effect::None, EntryState::Parked);
    if (const auto* before = entry(call.saga, call.step)) {
        outcome.commit->entry = *before;
    }
    outcome.commit->entry.state = EntryState::Parked;
    outcome.commit->entry.reason = reason;
    outcome.commit->entry.tries = attempt.tries;
    out.note("alarm: the compensation of {} of saga {} has failed {} times ({}): it is parked for "
             "a person",
             call.stepPlan().name, call.saga, attempt.failures, reason);
    commit(outcome, out);
    std::erase_if(m_attempts, [&](const Attempt& each) {
        return each.saga == attempt.saga && each.step == attempt.step;
    });
    hear(attempt.from, attempt.saga, attempt.post, out);
}

/// The next one's service hears of it, or the first one's that all is done.
void Saga::tellOn(const Call& call, const Values& values, Commit& commit)
{
    const auto& steps = call.plan->steps;
    if (call.step + 1 == call.plan->pointOfNoReturn) {
        NodeSet holders;
        for (const auto& step : steps) {
            if (step.kind == StepKind::Compensatable && step.action.changesData()) {
                holders.insert(m_plan->nodeOf(step));
            }
        }
        for (const auto holder : holders) {
            post(commit, holder, Confirm{call.saga, call.below, 0});
        }
    }
    if (call.step + 1 < steps.size()) {
        post(commit, m_plan->nodeOf(steps[call.step + 1]),
             Done{call.saga, call.stepPlan().name, call.plan->name, values, call.below, 0});
    } else {
        post(commit, m_plan->originOf(call.saga), Over{call.saga, 0});
    }
}

/// The service of the step that is to be undone next hears of it.
void Saga::tellBack(const Call& call, bool ran, Event event, Commit& commit)
{
    if (const auto next = undoneAfter(*call.plan, call.step, ran)) {
        post(commit, m_plan->nodeOf(call.plan->steps[*next]), std::move(event));
    }
}

/// The step to undo when that one is undone, or has not run; none when nothing is left.
std::optional<std::uint32_t> Saga::undoneAfter(const SagaPlan& plan, std::uint32_t step,
                                               bool ran) const
{
    if (!makes(Mistake::ForwardCompensation)) {
        return step > 0 ? std::optional(step - 1) : std::nullopt;
    }
    const auto next = ran ? step + 1 : 0;
    return next != step && next < plan.steps.size() ? std::optional(next) : std::nullopt;
}

void Saga::post(Commit& commit, NodeId to, Event event)
{
    const auto number = ++m_posts;
    std::visit([&](auto& held) { held.post = number; }, event);
    commit.posts.push_back({number, to, std::move(event), 0});
}

void Saga::tell(const Moment& moment, const std::vector<Post>& posts, Out& out)
{
    for (const auto& post : posts) {
        if (post.to == self()) {
            std::visit([&](const auto& held) { onMessage(moment, self(), held, out); }, post.event);
            continue;
        }
        std::visit([&](const auto& held) { out.send(post.to, held); }, post.event);
        out.arm(Timer::Resend, parameters().timeout, post.number);
    }
}

void Saga::hear(NodeId to, SagaId saga, std::uint64_t post, Out& out)
{
    if (to == self()) {
        const Posts heard{{}, {post}};
        shelf().post(heard);
        out.write(heard, node::Sync::Lazy);
    } else if (to) {
        out.send(to, Heard{saga, post});
    }
}

void Saga::onMessage(const Moment&, NodeId, const Heard& message, Out& out)
{
    const bool there = std::any_of(m_outbox.begin(), m_outbox.end(),
                                   [&](const Post& each) { return each.number == message.post; });
    if (there) {
        const Posts heard{{}, {message.post}};
        shelf().post(heard);
        out.write(heard, node::Sync::Lazy);
        out.disarm(Timer::Resend, message.post);
    }
}

void Saga::onResend(const Moment& moment, std::uint64_t number, Out& out)
{
    const auto found = std::find_if(m_outbox.begin(), m_outbox.end(),
                                    [&](const Post& each) { return each.number == number; });
    if (found == m_outbox.end()) {
        return;
    }
    ++found->tries;
    const auto post = *found;
    if (!withdrawNext(moment, post, out)) {
        tell(moment, {post}, out);
    }
}

/// Whoever has done a step waits for the next one as long as an orchestrator would, and then takes
/// it back unless it has run.
bool Saga::withdrawNext(const Moment& moment, const Post& waiting, Out& out)
{
    const auto* done = std::get_if<Done>(&waiting.event);
    const auto* plan = done != nullptr ? m_plan->script.find(done->type) : nullptr;
    const auto index = plan != nullptr ? plan->indexOf(done->step) : std::nullopt;
    if (!index || *index + 1 >= plan->steps.size()) {
        return false;
    }
    const auto& next = plan->steps[*index + 1];
    if (next.kind == StepKind::Retriable || waiting.tries <= m_plan->policyOf(next).retries) {
        return false;
    }
    out.note("saga {}: {} does not hear that {} is done: {} is withdrawn, unless it has run",
             done->saga, m_plan->nameOf(waiting.to), done->step, next.name);
    Commit made;
    post(made, waiting.to,
         Withdraw{done->saga, next.name, done->type, done->values, belowOf(done->saga), 0});
    Posts write{made.posts, {waiting.number}};
    shelf().post(write);
    if (makes(Mistake::NoSagaLog)) {
        write.added.clear();
    }
    out.write(std::move(write));
    tell(moment, made.posts, out);
    return true;
}

void Saga::onEvent(const Moment& moment, NodeId from, const Done& message, Out& out)
{
    const auto* plan = m_plan->script.find(message.type);
    const auto index = plan != nullptr ? plan->indexOf(message.step) : std::nullopt;
    const bool known = index && *index + 1 < plan->steps.size()
        && m_plan->nodeOf(plan->steps[*index + 1]) == self();
    if (!known) {
        return;
    }
    learn(message.saga, message.below);
    const auto next = static_cast<std::uint32_t>(*index + 1);
    const bool again = makes(Mistake::NotIdempotent);
    if (isOver(message.saga) || (entry(message.saga, next) != nullptr && !again)) {
        hear(from, message.saga, message.post, out);
        return;
    }
    Attempt wanted;
    wanted.saga = message.saga;
    wanted.step = next;
    wanted.type = message.type;
    wanted.values = message.values;
    wanted.from = from;
    wanted.post = message.post;
    attempt(moment, wanted, out);
}

/// The step behind ours is not done or undone: now ours is to be.
template <class Told>
void Saga::undoNext(const Moment& moment, NodeId from, const Told& event, bool ran, Out& out)
{
    learn(event.saga, event.below);
    const auto* plan = m_plan->script.find(event.type);
    const auto index = plan != nullptr ? plan->indexOf(event.step) : std::nullopt;
    const auto mine =
        index ? undoneAfter(*plan, static_cast<std::uint32_t>(*index), ran) : std::nullopt;
    if (!mine || m_plan->nodeOf(plan->steps[*mine]) != self()) {
        return;
    }
    const auto* done = entry(event.saga, *mine);
    const bool again =
        done != nullptr && done->state == EntryState::Undone && makes(Mistake::NotIdempotent);
    if (isOver(event.saga) || done == nullptr || (done->state != EntryState::Done && !again)) {
        hear(from, event.saga, event.post, out);
        return;
    }
    Attempt wanted;
    wanted.saga = event.saga;
    wanted.step = *mine;
    wanted.undo = true;
    wanted.type = event.type;
    wanted.values = done->values;
    wanted.from = from;
    wanted.post = event.post;
    attempt(moment, wanted, out);
}

void Saga::onEvent(const Moment& moment, NodeId from, const Failed& message, Out& out)
{
    undoNext(moment, from, message, false, out);
}

void Saga::onEvent(const Moment& moment, NodeId from, const Undone& message, Out& out)
{
    undoNext(moment, from, message, message.ran, out);
}

void Saga::onEvent(const Moment& moment, NodeId from, const Withdraw& message, Out& out)
{
    learn(message.saga, message.below);
    const auto call =
        callOf(message.saga, message.type, message.step, message.values, 1, message.below);
    if (!call || entry(message.saga, call->step) != nullptr) {
        hear(from, message.saga, message.post, out); // It has run, or has been refused.
        return;
    }
    m_focus = message.saga;
    out.note("saga {}: {} is withdrawn before it ran", message.saga, message.step);
    auto outcome = undoUnrun(*call);
    if (!outcome.commit) {
        outcome.commit = Commit{}; // With the mistake nothing is remembered, but it is told.
    }
    tellBack(*call, false, Undone{message.saga, message.step, message.type, false, call->below, 0},
             *outcome.commit);
    Attempt done;
    done.saga = message.saga;
    done.step = call->step;
    done.from = from;
    done.post = message.post;
    if (outcome.commit->entry.saga != 0) {
        conclude(moment, done, outcome, out);
        return;
    }
    std::erase_if(m_attempts, [&](const Attempt& each) {
        return each.saga == done.saga && each.step == done.step;
    });
    const Posts write{outcome.commit->posts, {}};
    shelf().post(write);
    out.write(write);
    hear(from, message.saga, message.post, out);
    tell(moment, write.added, out);
}

void Saga::onMessage(const Moment&, NodeId from, const Over& message, Out& out)
{
    auto* run = findRun(m_runs, message.saga);
    if (run != nullptr && run->open() && !m_plan->isOrchestrated()) {
        finish(*run, SagaState::Completed, out);
    }
    hear(from, message.saga, message.post, out);
}

/// The first step was not done, or is undone: then nothing of the saga is left.
void Saga::endWhatFailed(SagaId saga, Out& out)
{
    auto* run = findRun(m_runs, saga);
    const auto* first = entry(saga, 0);
    const bool gone =
        first != nullptr && first->state != EntryState::Done && first->state != EntryState::Parked;
    if (run != nullptr && run->open() && gone) {
        run->reason = first->reason;
        finish(*run, SagaState::Compensated, out);
    }
}

/// After a crash: what was not heard is told again, what began here and was not done is tried.
void Saga::wakeUp(const Moment& moment, Out& out)
{
    for (auto& post : m_outbox) {
        post.tries = 0;
    }
    std::vector<SagaId> open;
    for (const auto& run : m_runs) {
        if (run.open()) {
            open.push_back(run.saga);
        }
    }
    for (const auto saga : open) {
        endWhatFailed(saga, out);
        auto* run = findRun(m_runs, saga);
        if (run->open() && entry(saga, 0) == nullptr) {
            begin(moment, *run, out);
        }
    }
    const auto posts = m_outbox;
    tell(moment, posts, out);
}

} // namespace lightcone::protocols::saga
