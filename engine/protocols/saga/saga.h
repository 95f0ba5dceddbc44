#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/saga/durable.h"
#include "engine/protocols/saga/plan.h"
#include "engine/protocols/saga/transaction.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lightcone::protocols::saga {

/// Which of a node's timers. Each is about a saga, but Retry and Resend of a choreographed one.
enum class Timer : std::uint8_t {
    Answer, ///< a step or a compensation was not answered in time
    BackOff, ///< the pause before the next try is over
    Confirm, ///< not all services have heard that the changes stay
    Retry, ///< choreographed: a service tries again; about is the saga's number × 64 + the step's
    Resend, ///< choreographed: an event was not heard; about is its number
};
BOOST_DESCRIBE_ENUM(Timer, Answer, BackOff, Confirm, Retry, Resend)

/// A step that a service is to do or undo.
struct Call
{
    SagaId saga = 0;
    const SagaPlan* plan = nullptr;
    std::uint32_t step = 0;
    std::uint32_t tryNumber = 1;
    const Values* values = nullptr;
    SagaId below = 0;

    [[nodiscard]] const StepPlan& stepPlan() const { return plan->steps[step]; }
};

/// What came of it, before it is on disk.
struct Outcome
{
    enum class Came : std::uint8_t {
        Done,
        Refused, ///< for good
        Failed, ///< this time
        Busy, ///< another saga holds a semantic lock
        Passed, ///< it cannot be undone, as it is the pivot and has run
    };
    Came came = Came::Done;
    bool ran = true; ///< of a compensation: there was something to undo
    std::string reason{};
    std::optional<Commit> commit{}; ///< none: it was done before, or nothing was
    std::vector<std::string> remarks{};
    Anomalies anomalies{};
    Values values{}; ///< what the action has read, with what it was given
};

/// A process of a saga: its orchestrator, or a service that owns numbers. Sections refer to Chris
/// Richardson, Microservices Patterns (2018), unless they name Garcia-Molina and Salem, Sagas
/// (1987). Its parts follow the conversations: orchestrator.cpp (forward), recovery.cpp (backward),
/// service.cpp, choreography.cpp, requests.cpp.
class Saga
{
public:
    using Message = saga::Message;
    using Request = saga::Request;
    using Reply = saga::Reply;
    using Write = saga::Write;
    using Timer = saga::Timer;
    using Parameters = saga::Parameters;
    using Durable = saga::Durable;
    using Out = node::Out<Saga>;
    using Moment = node::Moment;

    explicit Saga(node::Seat<Saga> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, std::uint64_t about, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] const Plan& plan() const { return *m_plan; }
    [[nodiscard]] Role role() const { return m_role; }
    [[nodiscard]] const std::string& alarm() const { return m_alarm; }
    [[nodiscard]] const std::vector<StepMark>& progress() const { return m_progress; }
    [[nodiscard]] const NodeSet& waitingFor() const { return m_waitingFor; }
    [[nodiscard]] const std::set<std::string>& pending() const { return m_pending; }
    [[nodiscard]] const Data& data() const { return m_data; }
    [[nodiscard]] const std::vector<Run>& runs() const { return m_runs; }
    [[nodiscard]] const Run* run(SagaId saga) const { return findRun(m_runs, saga); }
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    [[nodiscard]] const Entry* entry(SagaId saga, std::uint32_t step) const
    {
        return findEntry(m_entries, saga, step);
    }
    [[nodiscard]] const Records& records() const { return m_records; }
    [[nodiscard]] const std::vector<Post>& outbox() const { return m_outbox; }
    [[nodiscard]] const std::vector<Attempt>& attempts() const { return m_attempts; }
    [[nodiscard]] std::uint64_t transactions() const { return m_transactions; }
    [[nodiscard]] std::uint32_t lostUpdates() const { return m_lostUpdates; }
    [[nodiscard]] std::uint32_t dirtyReads() const { return m_dirtyReads; }
    [[nodiscard]] std::uint32_t fuzzyReads() const { return m_fuzzyReads; }

    /// Sagas of that one's origin below this number are over everywhere, as far as it is known
    /// here.
    [[nodiscard]] SagaId below(SagaId saga) const;

private:
    // orchestrator.cpp: forward
    void begin(const Moment&, RequestId, const SagaPlan&, Values, Out&);
    void advance(const Moment&, Run&, Out&);
    void ask(const Moment&, Run&, Out&);
    void completeStep(const Moment&, Run&, const Values&, Out&);
    void tryAgainOrGiveUp(const Moment&, Run&, const std::string& reason, Out&);
    void withdraw(const Moment&, Run&, const std::string& reason, Out&);
    void passPointOfNoReturn(const Moment&, Run&, Out&);
    void tellSettled(const Run&, Out&);
    void finish(Run&, SagaState, Out&);
    void pause(const Moment&, const Run&, Out&);
    void resumeAfterCrash(const Moment&, Out&);
    void onMessage(const Moment&, NodeId, const Done&, Out&);
    void onMessage(const Moment&, NodeId, const Failed&, Out&);
    void onMessage(const Moment&, NodeId, const Confirmed&, Out&);
    void onAnswerTimeout(const Moment&, Run&, Out&);
    void onPauseOver(const Moment&, Run&, Out&);

    // recovery.cpp: backward
    void turnBack(const Moment&, Run&, std::uint32_t end, bool unsure, const std::string& reason,
                  Out&);
    void unwind(const Moment&, Run&, Out&);
    [[nodiscard]] std::optional<std::uint32_t> nextToUndo(const Run&) const;
    void askUndo(const Moment&, Run&, Out&);
    void park(Run&, const std::string& reason, Out&);
    void onMessage(const Moment&, NodeId, const Undone&, Out&);
    void onMessage(const Moment&, NodeId, const CompensationFailed&, Out&);

    // service.cpp
    void onMessage(const Moment&, NodeId, const Execute&, Out&);
    void onMessage(const Moment&, NodeId, const Compensate&, Out&);
    void onMessage(const Moment&, NodeId, const Withdraw&, Out&);
    void onMessage(const Moment&, NodeId, const Confirm&, Out&);
    [[nodiscard]] std::optional<Call> callOf(SagaId, const std::string& type,
                                             const std::string& step, const Values&,
                                             std::uint32_t tryNumber, SagaId below) const;
    [[nodiscard]] Outcome act(const Moment&, const Call&) const;
    [[nodiscard]] Outcome undo(const Moment&, const Call&, bool byHand) const;
    [[nodiscard]] Outcome undoUnrun(const Call&) const;
    [[nodiscard]] Outcome compensate(const Call&, const Entry&) const;
    [[nodiscard]] Commit commitOf(const Call&, Effect, EntryState) const;
    void commit(Outcome&, Out&);
    void remarkReaders(const Commit&, Out&) const;

    // choreography.cpp
    void begin(const Moment&, Run&, Out&);
    void attempt(const Moment&, const Attempt&, Out&);
    void tryForward(const Moment&, Attempt, Out&);
    void tryBackward(const Moment&, Attempt, bool byHand, Out&);
    void retryLater(const Moment&, const Attempt&, std::uint32_t count, Out&);
    void parkHere(const Attempt&, const Call&, const std::string& reason, Out&);
    void conclude(const Moment&, const Attempt&, Outcome&, Out&);
    void tellOn(const Call&, const Values&, Commit&);
    void undoRefused(const Call&, Outcome&) const;
    void tellBack(const Call&, bool ran, Event, Commit&);
    [[nodiscard]] std::optional<std::uint32_t> undoneAfter(const SagaPlan&, std::uint32_t step,
                                                           bool ran) const;
    void endWhatFailed(SagaId, Out&);
    void post(Commit&, NodeId to, Event);
    void tell(const Moment&, const std::vector<Post>&, Out&);
    void hear(NodeId to, SagaId, std::uint64_t post, Out&);
    void onEvent(const Moment&, NodeId, const Done&, Out&);
    void onEvent(const Moment&, NodeId, const Failed&, Out&);
    void onEvent(const Moment&, NodeId, const Undone&, Out&);
    void onEvent(const Moment&, NodeId, const Withdraw&, Out&);
    template <class Told>
    void undoNext(const Moment&, NodeId, const Told&, bool ran, Out&);
    void onMessage(const Moment&, NodeId, const Over&, Out&);
    void onMessage(const Moment&, NodeId, const Heard&, Out&);
    void onResend(const Moment&, std::uint64_t post, Out&);
    bool withdrawNext(const Moment&, const Post&, Out&);
    void onRetry(const Moment&, std::uint64_t about, Out&);
    [[nodiscard]] Attempt* findAttempt(SagaId, std::uint32_t step);
    [[nodiscard]] const Entry* parkedEntry(SagaId) const;
    [[nodiscard]] SagaId belowOf(SagaId) const;
    void learn(SagaId, SagaId below);
    [[nodiscard]] Call callOf(const Attempt&) const;
    void wakeUp(const Moment&, Out&);

    // requests.cpp
    void request(const Moment&, RequestId, const Start&, Out&);
    void request(const Moment&, RequestId, const Get&, Out&);
    void request(const Moment&, RequestId, const Cancel&, Out&);
    void request(const Moment&, RequestId, const Resume&, Out&);
    void request(const Moment&, RequestId, const Settle&, Out&);
    void request(const Moment&, RequestId, const Status&, Out&);
    void lookAfter(const Moment&, RequestId, SagaId, bool byHand, Out&);
    [[nodiscard]] std::optional<std::string> fill(const SagaPlan&, Values&) const;
    static void answer(const Run&, Out&);

    // saga.cpp
    void show();
    void showSteps();
    [[nodiscard]] std::vector<StepMark> marksOf(SagaId) const;

    template <class T>
    void log(Run& run, const T& write, node::Sync sync, Out& out)
    {
        perform(run, write);
        m_focus = run.saga;
        if (!makes(Mistake::NoSagaLog)) {
            out.write(write, sync);
        }
    }

    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }
    [[nodiscard]] bool orchestrates() const
    {
        return m_plan->isOrchestrated() && self() == Plan::orchestrator;
    }
    [[nodiscard]] bool serves() const { return m_plan->serviceOf(self()) != nullptr; }
    [[nodiscard]] bool isOver(SagaId saga) const;
    [[nodiscard]] SagaId ownBelow() const;
    [[nodiscard]] const SagaPlan& planOf(const Run& run) const
    {
        return *m_plan->script.find(run.type);
    }
    [[nodiscard]] const StepPlan& stepOf(const Run& run) const { return planOf(run).steps[run.at]; }
    [[nodiscard]] static Duration pauseOf(const Policy&, std::uint32_t count, Dice&);
    [[nodiscard]] Shelf shelf() { return {m_data, m_records, m_entries, m_outbox, m_transactions}; }

    node::Seat<Saga> m_seat;
    std::shared_ptr<const Plan> m_plan;

    Role m_role = Role::Idle;
    SagaId m_saga = 0; ///< the newest that this node has to do with
    std::vector<StepMark> m_progress{}; ///< the steps of one saga, as far as this node knows them
    std::string m_alarm{};
    NodeSet m_waitingFor{};
    std::set<std::string> m_pending{}; ///< numbers with changes that may still be undone
    Data m_data{};
    std::vector<Run> m_runs{};
    std::uint32_t m_lostUpdates = 0; ///< seen here since the last start, like those below
    std::uint32_t m_dirtyReads = 0;
    std::uint32_t m_fuzzyReads = 0;
    std::vector<Post> m_outbox{};
    std::vector<Attempt> m_attempts{};
    std::vector<Entry> m_entries{};
    Records m_records{};
    SagaId m_newest = 0; ///< that began here
    SagaId m_focus = 0; ///< whose steps progress shows
    std::uint64_t m_posts = 0;
    std::uint64_t m_transactions = 0;
    std::vector<SagaId> m_below{};

    BOOST_DESCRIBE_CLASS(Saga, (), (), (),
                         (m_role, m_saga, m_progress, m_alarm, m_waitingFor, m_pending, m_data,
                          m_runs, m_lostUpdates, m_dirtyReads, m_fuzzyReads, m_outbox, m_attempts,
                          m_entries, m_records, m_newest, m_focus, m_posts, m_transactions,
                          m_below))
};

constexpr auto facets(Tag<Saga>)
{
    return std::array{FieldFacet{"role", Facet::Role},
                      FieldFacet{"saga", Facet::Epoch},
                      FieldFacet{"progress", Facet::Progress},
                      FieldFacet{"alarm", Facet::Badge},
                      FieldFacet{"waitingFor", Facet::WaitingFor},
                      FieldFacet{"pending", Facet::Badge},
                      FieldFacet{"data", Facet::Store},
                      FieldFacet{"attempts", Facet::Detail},
                      FieldFacet{"entries", Facet::Detail},
                      FieldFacet{"records", Facet::Detail},
                      FieldFacet{"newest", Facet::Detail},
                      FieldFacet{"focus", Facet::Detail},
                      FieldFacet{"posts", Facet::Detail},
                      FieldFacet{"transactions", Facet::Detail},
                      FieldFacet{"below", Facet::Detail}};
}

} // namespace lightcone::protocols::saga

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::saga::Message>;
extern template class TypedPayload<protocols::saga::Request>;
extern template class TypedPayload<protocols::saga::Reply>;
extern template class TypedPayload<protocols::saga::Write>;
} // namespace lightcone::node
