#pragma once

#include "engine/node/hosted.h"
#include "engine/protocols/two_phase_commit/locks.h"
#include "engine/protocols/two_phase_commit/placement.h"
#include "engine/protocols/two_phase_commit/state.h"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace lightcone::protocols::two_phase_commit {

/// Which of a node's timers; each is about one transaction.
enum class Timer : std::uint8_t {
    Work, ///< coordinator: the reads and writes have taken too long
    Retry, ///< coordinator: somebody has not answered
    Votes, ///< coordinator: a vote, or an answer to PreCommit, is overdue
    Rerun, ///< coordinator: a transaction that died is tried again
    Idle, ///< participant: nothing was heard of a transaction that it may still abort
    Lock, ///< participant: a lock was waited for too long
    Inquiry, ///< participant: in doubt for too long
    Reports, ///< participant that terminates: who has not answered has crashed
};
BOOST_DESCRIBE_ENUM(Timer, Work, Retry, Votes, Rerun, Idle, Lock, Inquiry, Reports)

/// A node of an atomic commitment protocol: a coordinator or a participant, as its place says.
/// "R*" is Mohan, Lindsay, Obermarck 1986, "Bernstein et al." their book of 1987, chapter 7. Its
/// parts follow the conversations: work.cpp, coordinator.cpp, decision.cpp, participant.cpp,
/// inquiry.cpp, three_phase.cpp, recovery.cpp, requests.cpp.
class TwoPhaseCommit
{
public:
    using Message = two_phase_commit::Message;
    using Request = two_phase_commit::Request;
    using Reply = two_phase_commit::Reply;
    using Write = two_phase_commit::Record;
    using Timer = two_phase_commit::Timer;
    using Parameters = two_phase_commit::Parameters;
    using Durable = two_phase_commit::Durable;
    using Out = node::Out<TwoPhaseCommit>;
    using Moment = node::Moment;

    explicit TwoPhaseCommit(node::Seat<TwoPhaseCommit> seat);

    static node::Card card();
    static Result<std::vector<node::Member>> members(const Parameters& parameters);
    static std::vector<std::unique_ptr<node::Invariant>> invariants(const node::SetupPtr& setup);

    void onStart(const Moment& moment, const Durable& disk, Out& out);
    void onMessage(const Moment& moment, NodeId from, const Message& message, Out& out);
    void onTimer(const Moment& moment, Timer timer, TransactionId about, Out& out);
    void onRequest(const Moment& moment, RequestId id, const Request& request, Out& out);

    [[nodiscard]] NodeId self() const { return m_seat.self; }
    [[nodiscard]] const Parameters& parameters() const { return m_seat.parameters(); }
    [[nodiscard]] const Placement& placement() const { return *m_placement; }
    [[nodiscard]] bool coordinates() const { return m_placement->isCoordinator(self()); }
    [[nodiscard]] Phase phase() const { return m_phase; }

    /// Of a coordinator: the transactions that it has not forgotten.
    [[nodiscard]] const PerTransaction<Transaction>& transactions() const { return m_transactions; }
    [[nodiscard]] const PerTransaction<Rerun>& reruns() const { return m_reruns; }

    /// Of a participant: its parts of transactions whose end it does not know.
    [[nodiscard]] const PerTransaction<Branch>& branches() const { return m_branches; }
    [[nodiscard]] const std::vector<Lock>& locks() const { return m_locks; }
    [[nodiscard]] const PerTransaction<Outcome>& outcomes() const { return m_outcomes; }
    [[nodiscard]] const kv::Entries& store() const { return m_store; }
    [[nodiscard]] std::uint64_t boot() const { return m_boot; }

private:
    // requests.cpp: what clients and operators ask
    void request(const Moment&, RequestId, const Transact&, Out&);
    void request(const Moment&, RequestId, const Transfer&, Out&);
    void request(const Moment&, RequestId, const two_phase_commit::Read&, Out&);
    void request(const Moment&, RequestId, const two_phase_commit::Write&, Out&);
    void request(const Moment&, RequestId, const Heuristic&, Out&);
    void transact(const Moment&, RequestId, Operations, Out&);
    [[nodiscard]] bool isAnswered(RequestId, Out&);
    void begin(const Moment&, Rerun, Out&);

    // work.cpp: the reads and writes, the coordinator's side and the participants'
    void nextStep(const Moment&, TransactionId, Out&);
    void sendStep(TransactionId, const Transaction&, Out&) const;
    void onMessage(const Moment&, NodeId, const Worked&, Out&);
    void onMessage(const Moment&, NodeId, const WorkFailed&, Out&);
    void onMessage(const Moment&, NodeId, const Work&, Out&);
    void proceed(const Moment&, TransactionId, Out&);
    void execute(Branch&) const;
    void giveUp(const Moment&, TransactionId, Reason, Out&);
    void release(const Moment&, TransactionId, Out&);

    // coordinator.cpp: votes, and who must hear the decision
    void prepare(const Moment&, TransactionId, Out&);
    void sendPrepare(TransactionId, const Transaction&, Out&) const;
    void onMessage(const Moment&, NodeId, const VoteYes&, Out&);
    void onMessage(const Moment&, NodeId, const VoteNo&, Out&);
    void onMessage(const Moment&, NodeId, const VoteReadOnly&, Out&);
    void count(const Moment&, NodeId, TransactionId, Ballot, Out&);
    void onMessage(const Moment&, NodeId, const Ack&, Out&);
    void retry(const Moment&, TransactionId, Out&);

    // decision.cpp
    void commit(const Moment&, TransactionId, Out&);
    void abort(const Moment&, TransactionId, Reason, Out&);
    void tell(TransactionId, const Transaction&, Out&) const;
    void considerEnd(TransactionId, Out&);
    void forget(TransactionId, Out&);
    void answerCommitted(TransactionId, const Transaction&, Out&);
    void answerAborted(const Moment&, TransactionId, const Transaction&, Out&);

    // participant.cpp: voting and hearing the decision
    void onMessage(const Moment&, NodeId, const Prepare&, Out&);
    void onMessage(const Moment&, NodeId, const Commit&, Out&);
    void onMessage(const Moment&, NodeId, const Abort&, Out&);
    void voteNo(const Moment&, NodeId, TransactionId, std::string why, Out&);
    void conclude(const Moment&, TransactionId, Outcome, Out&);
    void acknowledge(TransactionId, Outcome, Out&) const;
    void forgetBelow(const Moment&, NodeId coordinator, TransactionId below, Out&);
    [[nodiscard]] std::string objectionTo(const Branch&) const;

    // inquiry.cpp: in doubt
    void inquire(const Moment&, TransactionId, Out&);
    void onMessage(const Moment&, NodeId, const AskDecision&, Out&);
    void onMessage(const Moment&, NodeId, const Uncertain&, Out&);
    void answerAsCoordinator(NodeId, TransactionId, Out&) const;
    void answerAsPeer(const Moment&, NodeId, TransactionId, Out&);
    [[nodiscard]] Outcome presumed() const;

    // three_phase.cpp
    void preCommit(const Moment&, TransactionId, Out&);
    void onMessage(const Moment&, NodeId, const PreCommit&, Out&);
    void onMessage(const Moment&, NodeId, const PreCommitted&, Out&);
    void onMessage(const Moment&, NodeId, const AskState&, Out&);
    void onMessage(const Moment&, NodeId, const StateReport&, Out&);
    void terminate(const Moment&, TransactionId, Out&);
    void judgeReports(const Moment&, TransactionId, bool waitedLongEnough, Out&);
    void settle(const Moment&, TransactionId, Outcome, Out&);
    void hearFromParticipant(const Moment&, TransactionId, Outcome, Out&);
    [[nodiscard]] Duration patienceOf(const Branch&) const;
    [[nodiscard]] Standing standingOf(TransactionId) const;

    // recovery.cpp
    void recoverCoordinator(const Moment&, const Durable&, Out&);
    void recoverParticipant(const Moment&, const Durable&, Out&);

    // two_phase_commit.cpp
    void summarise();
    void summariseCoordinator();
    void summariseParticipant();
    [[nodiscard]] bool makes(Mistake mistake) const { return parameters().mistake == mistake; }
    [[nodiscard]] bool is(Variant variant) const { return parameters().variant == variant; }
    [[nodiscard]] bool acknowledges(Outcome) const;
    [[nodiscard]] TransactionId oldest() const;
    [[nodiscard]] std::string nameOf(NodeId node) const { return m_placement->nameOf(node); }
    [[nodiscard]] Locks locking() { return {m_locks, parameters().deadlocks}; }
    [[nodiscard]] Transaction* find(TransactionId, std::initializer_list<Phase>);
    void enter(const Moment&, Transaction&, Phase) const;

    node::Seat<TwoPhaseCommit> m_seat;
    std::shared_ptr<const Placement> m_placement;

    // What is shown of the transaction that matters most.
    Phase m_phase = Phase::Idle;
    TransactionId m_transaction = 0;
    NodeSet m_votes{};
    std::uint32_t m_voters = 0;
    std::vector<Milestone> m_progress{};
    bool m_inDoubt = false;
    NodeSet m_waitingFor{};

    std::vector<Lock> m_locks{};
    PerTransaction<Branch> m_branches{};
    PerTransaction<Transaction> m_transactions{};
    kv::Entries m_store{};
    PerTransaction<Rerun> m_reruns{}; ///< by the number that died
    PerTransaction<Outcome> m_outcomes{};
    PerTransaction<Outcome> m_damages{}; ///< what an operator had decided against the decision
    std::set<TransactionId> m_readOnly{}; ///< it has voted so, and forgotten
    PerNode<TransactionId> m_below{}; ///< by coordinator: what is before is forgotten everywhere
    PerTransaction<Termination> m_terminations{};
    PerNode<Session> m_sessions{};
    TransactionId m_newest = 0; ///< the highest number used
    TransactionId m_numbers = 0; ///< the highest that may be used without writing
    std::uint64_t m_boot = 0;
    std::uint64_t m_round = 0;
    std::uint32_t m_forgettable = 0; ///< outcomes that the disk still has and nobody needs

    BOOST_DESCRIBE_CLASS(TwoPhaseCommit, (), (), (),
                         (m_phase, m_transaction, m_votes, m_voters, m_progress, m_inDoubt,
                          m_waitingFor, m_locks, m_branches, m_transactions, m_store, m_reruns,
                          m_outcomes, m_damages, m_readOnly, m_below, m_terminations, m_sessions,
                          m_newest, m_numbers, m_boot, m_round, m_forgettable))
};

constexpr auto facets(Tag<TwoPhaseCommit>)
{
    return std::array{FieldFacet{"phase", Facet::Role},
                      FieldFacet{"transaction", Facet::Epoch},
                      FieldFacet{"votes", Facet::Votes},
                      FieldFacet{"voters", Facet::Quorum},
                      FieldFacet{"progress", Facet::Progress},
                      FieldFacet{"inDoubt", Facet::Badge},
                      FieldFacet{"waitingFor", Facet::WaitingFor},
                      FieldFacet{"locks", Facet::Badge},
                      FieldFacet{"damages", Facet::Badge},
                      FieldFacet{"store", Facet::Store},
                      FieldFacet{"readOnly", Facet::Detail},
                      FieldFacet{"below", Facet::Detail},
                      FieldFacet{"sessions", Facet::Detail},
                      FieldFacet{"newest", Facet::Detail},
                      FieldFacet{"numbers", Facet::Detail},
                      FieldFacet{"boot", Facet::Detail},
                      FieldFacet{"round", Facet::Detail},
                      FieldFacet{"forgettable", Facet::Detail}};
}

} // namespace lightcone::protocols::two_phase_commit

// Instantiated once, in protocol.cpp: they carry everything that is derived from the field lists.
namespace lightcone::node {
extern template class TypedPayload<protocols::two_phase_commit::Message>;
extern template class TypedPayload<protocols::two_phase_commit::Request>;
extern template class TypedPayload<protocols::two_phase_commit::Reply>;
extern template class TypedPayload<protocols::two_phase_commit::Record>;
} // namespace lightcone::node
