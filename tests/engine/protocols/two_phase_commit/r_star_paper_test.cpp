#include "tests/engine/protocols/two_phase_commit/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What Mohan, Lindsay and Obermarck (R*, 1986) say of the two-phase commit protocol (§2), of
// presumed abort (PA) and of presumed commit (PC), one test each. Most are of one process.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;
using node::Sync;

Parameters nothing()
{
    return withMoney(Variant::PresumedNothing);
}

Parameters presumedAbort()
{
    return withMoney(Variant::PresumedAbort);
}

Parameters presumedCommit()
{
    return withMoney(Variant::PresumedCommit);
}

template <class T>
std::optional<Sync> syncOf(const Process& process)
{
    const auto written = process.written<T>();
    return written.empty() ? std::nullopt : std::optional(written.front().second);
}

// §2: the coordinator sends PREPARE to all subordinates, in parallel.
TEST(PaperRStar, TheCoordinatorAsksAllAtOnce)
{
    const auto tm = collecting(nothing());
    EXPECT_EQ(tm.machine().phase(), Phase::Collecting);
    const auto asked = tm.sent<Prepare>();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].second.participants, both());
    EXPECT_TRUE(tm.written<CollectingRecord>().empty()) << "presumed nothing writes nothing yet";
}

// §2: a subordinate that is willing first forces a prepare record, then sends its yes.
TEST(PaperRStar, AYesIsForced)
{
    const auto p1 = prepared();
    EXPECT_EQ(syncOf<PrepareRecord>(p1), Sync::Forced);
    EXPECT_TRUE(p1.sentTo<VoteYes>(1).has_value());
    EXPECT_EQ(p1.machine().phase(), Phase::InDoubt);
    EXPECT_EQ(p1.disk().prepared.at(1).writes, (Values{{"a", "101"}}));
}

// §2: one that wants to abort sends a no and forgets, and is told nothing more.
TEST(PaperRStar, ANoAbortsAtOnce)
{
    Process p1(2);
    p1.receive(1, Work{1, 1, 1, 0, 1, {Take{"a", 500}}});
    p1.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_EQ(p1.sentTo<VoteNo>(1)->why, "a would be -400");
    EXPECT_TRUE(p1.machine().branches().empty());
    EXPECT_TRUE(p1.machine().locks().empty());
    EXPECT_TRUE(p1.written<PrepareRecord>().empty());
    auto tm = collecting();
    tm.receive(2, VoteNo{1, "why not"});
    EXPECT_FALSE(tm.sentTo<Abort>(2).has_value());
    EXPECT_TRUE(tm.sentTo<Abort>(3).has_value());
}

// §2: a yes may no longer be aborted alone.
TEST(PaperRStar, AfterAYesTheParticipantWaits)
{
    auto p1 = prepared();
    p1.fire(Timer::Idle, 1);
    p1.fire(Timer::Lock, 1);
    for (int i = 0; i < 5; ++i) {
        p1.fire(Timer::Inquiry, 1);
        EXPECT_EQ(p1.machine().phase(), Phase::InDoubt);
        EXPECT_TRUE(p1.sentTo<AskDecision>(1).has_value());
        EXPECT_TRUE(p1.armed(Timer::Inquiry).has_value());
    }
    EXPECT_EQ(p1.machine().locks().size(), 1U);
}

// §2: with all yes the coordinator forces a commit record and sends COMMIT to all.
TEST(PaperRStar, WithAllYesItForcesTheDecisionAndTellsAll)
{
    auto tm = collecting();
    tm.receive(2, VoteYes{1});
    EXPECT_TRUE(tm.sent<Commit>().empty());
    tm.receive(2, VoteYes{1});
    EXPECT_TRUE(tm.sent<Commit>().empty()) << "the same vote twice is one vote";
    tm.receive(3, VoteYes{1});
    EXPECT_EQ(syncOf<DecisionRecord>(tm), Sync::Forced);
    EXPECT_EQ(tm.sent<Commit>().size(), 2U);
    EXPECT_EQ(tm.machine().phase(), Phase::Committing);
}

// §2: with one no it forces an abort record and sends ABORT to those that may be prepared.
TEST(PaperRStar, WithoutAPresumptionAnAbortIsForcedToo)
{
    auto tm = collecting(nothing());
    tm.receive(3, VoteNo{1, ""});
    EXPECT_EQ(syncOf<DecisionRecord>(tm), Sync::Forced);
    EXPECT_EQ(tm.disk().pacts.at(1).participants, NodeSet{NodeId(2)});
    EXPECT_TRUE(tm.sentTo<Abort>(2).has_value());
    EXPECT_EQ(tm.machine().phase(), Phase::Aborting);
}

// §2: a subordinate forces its commit or abort record, and then acknowledges.
TEST(PaperRStar, TheDecisionIsForcedBeforeItIsAcknowledged)
{
    auto p1 = prepared(nothing());
    p1.receive(1, Commit{1});
    EXPECT_EQ(syncOf<CommitRecord>(p1), Sync::Forced);
    EXPECT_TRUE(p1.sentTo<Ack>(1).has_value());
    EXPECT_TRUE(p1.machine().locks().empty());
    EXPECT_EQ(*p1.machine().store().find("a"), "101");
    auto p2 = prepared(nothing(), 3);
    p2.receive(1, Abort{1});
    EXPECT_EQ(syncOf<AbortRecord>(p2), Sync::Forced);
    EXPECT_TRUE(p2.sentTo<Ack>(1).has_value());
    EXPECT_EQ(*p2.machine().store().find("b"), "100");
}

// §2: after all acknowledgements the coordinator writes an end record, not forced, and forgets.
TEST(PaperRStar, AfterAllAcknowledgementsItForgets)
{
    auto tm = collecting();
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.receive(2, Ack{1, false});
    EXPECT_TRUE(tm.written<EndRecord>().empty());
    EXPECT_EQ(tm.machine().transactions().size(), 1U);
    tm.receive(3, Ack{1, false});
    EXPECT_EQ(syncOf<EndRecord>(tm), Sync::Lazy);
    EXPECT_TRUE(tm.machine().transactions().empty());
    EXPECT_TRUE(tm.disk().pacts.empty());
}

// §2.1: a coordinator in the commit or abort state sends again what was not acknowledged.
TEST(PaperRStar, TheDecisionIsRepeatedUntilItIsAcknowledged)
{
    auto tm = collecting();
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.receive(2, Ack{1, false});
    tm.fire(Timer::Retry, 1);
    EXPECT_FALSE(tm.sentTo<Commit>(2).has_value());
    EXPECT_TRUE(tm.sentTo<Commit>(3).has_value());
    auto p2 = prepared(presumedAbort(), 3);
    p2.receive(1, Commit{1});
    p2.receive(1, Commit{1});
    EXPECT_TRUE(p2.sentTo<Ack>(1).has_value()) << "the first one may be lost";
    EXPECT_TRUE(p2.written<CommitRecord>().empty());
    EXPECT_EQ(*p2.machine().store().find("b"), "101");
}

// §2.2: a subordinate in the prepared state asks the coordinator when it comes back, and keeps the
// locks of what it would write.
TEST(PaperRStar, APreparedParticipantAsksWhenItComesBack)
{
    auto p1 = prepared();
    p1.start();
    EXPECT_TRUE(p1.sentTo<AskDecision>(1).has_value());
    EXPECT_EQ(p1.machine().phase(), Phase::InDoubt);
    ASSERT_EQ(p1.machine().locks().size(), 1U);
    EXPECT_TRUE(p1.machine().locks()[0].exclusive);
    p1.receive(1, Commit{1});
    EXPECT_EQ(*p1.machine().store().find("a"), "101");
}

// §2.2: what was not prepared is undone.
TEST(PaperRStar, WhatWasNotPreparedIsGoneAfterACrash)
{
    auto p1 = working();
    p1.start();
    EXPECT_TRUE(p1.machine().branches().empty());
    EXPECT_EQ(*p1.machine().store().find("a"), "100");
    p1.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_TRUE(p1.sentTo<VoteNo>(1).has_value());
}

// Work of another life cannot be voted for, even if it was done once more.
TEST(PaperRStar, AVoteIsForTheWorkOfOneLife)
{
    auto p1 = working();
    p1.start();
    p1.receive(1, Work{1, 1, 1, 0, 1, {Add{"a", 1}}}); // the network has kept a copy
    EXPECT_EQ(p1.sentTo<Worked>(1)->boot, 2U);
    p1.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_EQ(p1.sentTo<VoteNo>(1)->why, "has lost its part in a crash");
    EXPECT_TRUE(p1.machine().locks().empty());
    p1.receive(1, Work{2, 2, 3, 1, 1, {Add{"a", 1}}});
    EXPECT_EQ(p1.sentTo<WorkFailed>(1)->reason, Reason::Restarted);
}

// A coordinator that has crashed begins with higher numbers; of what was never asked for its vote
// the locks are free as soon as it is heard of again.
TEST(PaperRStar, WhatACoordinatorHasForgottenBeforeTheVoteIsAborted)
{
    auto p1 = working();
    p1.receive(1, Work{101, 101, 1, 0, 101, {Add{"a", 1}}});
    EXPECT_TRUE(p1.sentTo<Worked>(1).has_value());
    EXPECT_EQ(p1.machine().branches().size(), 1U);
    ASSERT_EQ(p1.machine().locks().size(), 1U);
    EXPECT_EQ(p1.machine().locks()[0].transaction, 101U);
    auto inDoubt = prepared();
    inDoubt.receive(1, Work{101, 101, 1, 0, 101, {Add{"x", 1}}});
    EXPECT_EQ(inDoubt.machine().phase(), Phase::InDoubt) << "a yes stands";
}

// §2.2: a coordinator that finds a commit record without an end record goes on telling.
TEST(PaperRStar, ADecisionIsToldAgainAfterACrash)
{
    auto tm = collecting();
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.start();
    EXPECT_EQ(tm.sent<Commit>().size(), 2U);
    EXPECT_EQ(tm.machine().phase(), Phase::Committing);
    tm.receive(2, Ack{1, false});
    tm.receive(3, Ack{1, false});
    EXPECT_TRUE(tm.machine().transactions().empty());
}

// §2.2: without any information the answer is ABORT.
TEST(PaperRStar, WhatIsNotKnownWasAborted)
{
    for (const auto& parameters : {nothing(), presumedAbort()}) {
        auto tm = collecting(parameters);
        tm.start();
        EXPECT_TRUE(tm.machine().transactions().empty());
        tm.receive(2, AskDecision{1});
        EXPECT_TRUE(tm.sentTo<Abort>(2).has_value());
    }
}

// While it has not decided it does not answer: the decision will come.
TEST(PaperRStar, AnUndecidedCoordinatorDoesNotAnswer)
{
    auto tm = collecting();
    tm.receive(2, AskDecision{1});
    EXPECT_TRUE(tm.sent<Abort>().empty());
    EXPECT_TRUE(tm.sent<Commit>().empty());
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.receive(2, AskDecision{1});
    EXPECT_TRUE(tm.sentTo<Commit>(2).has_value());
}

// PA: the coordinator forgets an abort at once, writes no record that is forced, and wants no
// acknowledgement.
TEST(PaperRStar, PresumedAbortForgetsAnAbortAtOnce)
{
    auto tm = collecting(presumedAbort());
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteNo{1, ""});
    EXPECT_TRUE(tm.written<DecisionRecord>().empty());
    EXPECT_TRUE(tm.sentTo<Abort>(2).has_value());
    EXPECT_TRUE(tm.machine().transactions().empty());
}

// PA: subordinates need not force an abort record, nor acknowledge.
TEST(PaperRStar, PresumedAbortNeitherForcesNorAcknowledgesAnAbort)
{
    auto p1 = prepared(presumedAbort());
    p1.receive(1, Abort{1});
    EXPECT_EQ(syncOf<AbortRecord>(p1), Sync::Lazy);
    EXPECT_TRUE(p1.sent<Ack>().empty());
}

// PA: who has changed nothing sends a READ VOTE, releases its locks and forgets, without a
// record; the coordinator does not tell it the decision.
TEST(PaperRStar, AReaderVotesAndForgets)
{
    Process p1(2);
    p1.receive(1, Work{1, 1, 1, 0, 1, {Read{"a"}}});
    EXPECT_FALSE(p1.machine().locks()[0].exclusive);
    p1.receive(1, Prepare{1, 1, NodeSet{NodeId(3)}, 1});
    EXPECT_TRUE(p1.sentTo<VoteReadOnly>(1).has_value());
    EXPECT_TRUE(p1.machine().locks().empty());
    EXPECT_TRUE(p1.machine().branches().empty());
    EXPECT_TRUE(p1.written<PrepareRecord>().empty());
    p1.receive(1, Prepare{1, 1, NodeSet{NodeId(3)}, 1});
    EXPECT_TRUE(p1.sentTo<VoteReadOnly>(1).has_value()) << "the first one may be lost";

    Process tm(1);
    tm.ask(Transact{{Read{"a"}, Add{"b", 1}}});
    tm.receive(2, Worked{1, 1, 1, {{"a", "100"}}});
    tm.receive(3, Worked{1, 2, 1, {}});
    EXPECT_EQ(tm.sentTo<Prepare>(3)->participants, NodeSet{NodeId(3)});
    tm.receive(2, VoteReadOnly{1});
    tm.receive(3, VoteYes{1});
    EXPECT_FALSE(tm.sentTo<Commit>(2).has_value());
    EXPECT_TRUE(tm.sentTo<Commit>(3).has_value());
    EXPECT_EQ(tm.disk().pacts.at(1).participants, NodeSet{NodeId(3)});
}

// PA: where all have only read there is no second phase, and no record.
TEST(PaperRStar, WhereAllHaveReadThereIsNoSecondPhase)
{
    for (const auto& parameters : {nothing(), presumedAbort(), presumedCommit()}) {
        Process tm(1, parameters);
        const auto id = tm.ask(Transact{{Read{"a"}, Read{"b"}}});
        tm.receive(2, Worked{1, 1, 1, {{"a", "100"}}});
        tm.receive(3, Worked{1, 2, 1, {{"b", "100"}}});
        EXPECT_TRUE(tm.written<CollectingRecord>().empty());
        tm.receive(2, VoteReadOnly{1});
        tm.receive(3, VoteReadOnly{1});
        EXPECT_TRUE(tm.answer<Committed>(id).has_value());
        EXPECT_TRUE(tm.sent<Commit>().empty());
        EXPECT_TRUE(tm.written<DecisionRecord>().empty());
        EXPECT_TRUE(tm.machine().transactions().empty());
    }
}

// Without the optimisation a reader is treated as all others are.
TEST(PaperRStar, AReaderMayBeTreatedAsAllOthers)
{
    auto parameters = withMoney();
    parameters.readOnlyVotes = false;
    Process p1(2, parameters);
    p1.receive(1, Work{1, 1, 1, 0, 1, {Read{"a"}}});
    p1.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_EQ(syncOf<PrepareRecord>(p1), Sync::Forced);
    EXPECT_TRUE(p1.sentTo<VoteYes>(1).has_value());
}

// PC: the coordinator forces a collecting record with the names of the subordinates before it
// sends PREPARE.
TEST(PaperRStar, PresumedCommitForcesACollectingRecord)
{
    const auto tm = collecting(presumedCommit());
    EXPECT_EQ(syncOf<CollectingRecord>(tm), Sync::Forced);
    EXPECT_EQ(tm.written<CollectingRecord>()[0].first.participants, both());
    EXPECT_EQ(tm.sent<Prepare>().size(), 2U);
}

// PC: it forces the commit record, tells, and forgets at once.
TEST(PaperRStar, PresumedCommitForgetsACommitmentAtOnce)
{
    auto tm = collecting(presumedCommit());
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    EXPECT_EQ(syncOf<DecisionRecord>(tm), Sync::Forced);
    EXPECT_EQ(tm.sent<Commit>().size(), 2U);
    EXPECT_TRUE(tm.machine().transactions().empty());
    EXPECT_TRUE(tm.disk().pacts.empty());
    tm.start();
    tm.receive(3, AskDecision{1});
    EXPECT_TRUE(tm.sentTo<Commit>(3).has_value());
}

// PC: subordinates neither force a commit record nor acknowledge; of an abort they do both.
TEST(PaperRStar, PresumedCommitAcknowledgesAbortsOnly)
{
    auto p1 = prepared(presumedCommit());
    p1.receive(1, Commit{1});
    EXPECT_EQ(syncOf<CommitRecord>(p1), Sync::Lazy);
    EXPECT_TRUE(p1.sent<Ack>().empty());
    auto p2 = prepared(presumedCommit(), 3);
    p2.receive(1, Abort{1});
    EXPECT_EQ(syncOf<AbortRecord>(p2), Sync::Forced);
    EXPECT_TRUE(p2.sentTo<Ack>(1).has_value());
}

// PC: the abort record is forced, and remembered until all have acknowledged.
TEST(PaperRStar, PresumedCommitRemembersAnAbort)
{
    auto tm = collecting(presumedCommit());
    tm.receive(3, VoteNo{1, ""});
    EXPECT_EQ(syncOf<DecisionRecord>(tm), Sync::Forced);
    EXPECT_EQ(tm.machine().phase(), Phase::Aborting);
    tm.receive(2, Ack{1, false});
    EXPECT_TRUE(tm.machine().transactions().empty());
}

// PC: a coordinator that finds a collecting record and nothing after it aborts.
TEST(PaperRStar, PresumedCommitAbortsWhatWasBeingCollected)
{
    auto tm = collecting(presumedCommit());
    tm.start();
    EXPECT_EQ(syncOf<DecisionRecord>(tm), Sync::Forced);
    EXPECT_EQ(tm.sent<Abort>().size(), 2U);
    EXPECT_EQ(tm.machine().phase(), Phase::Aborting);
}

/// What a transaction cost, besides its work.
struct Cost
{
    std::uint64_t messages = 0;
    std::uint64_t forced = 0;
    friend bool operator==(const Cost&, const Cost&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Cost& cost)
    {
        return out << cost.messages << " messages, " << cost.forced << " forced writes";
    }
};

class Counter final : public trace::Sink
{
public:
    void record(EventId, trace::Event event) override
    {
        if (event.kind == trace::Kind::Write) {
            cost.forced += event.detail == static_cast<std::uint8_t>(Sync::Forced) ? 1 : 0;
        } else if (event.kind == trace::Kind::Send && !isClient(event.node) && !isClient(event.peer)
                   && !event.payload->name().starts_with("Work")) {
            ++cost.messages;
        }
    }
    Cost cost;
};

Cost costOf(Variant variant, const Request& request)
{
    sim::World world(theProtocol(), setupOf(withMoney(variant)), Cluster::steady());
    world.advanceTo(Instant(100ms), nullptr);
    Counter counter;
    const sim::Request ask{clientId(1), node::makePayload<Request>(request), {}};
    EXPECT_TRUE(world.apply(ask, "", &counter));
    world.advanceTo(Instant(1s), &counter);
    return counter.cost;
}

// The tables of costs: what the README and three lessons say.
TEST(PaperRStar, TheCostsAreThoseOfTheTables)
{
    const Request commits = Transfer{"a", "b", 10};
    EXPECT_EQ(costOf(Variant::PresumedNothing, commits), (Cost{8, 5}));
    EXPECT_EQ(costOf(Variant::PresumedAbort, commits), (Cost{8, 5}));
    EXPECT_EQ(costOf(Variant::PresumedCommit, commits), (Cost{6, 4}));
    EXPECT_EQ(costOf(Variant::ThreePhase, commits), (Cost{12, 6}));
    const Request aborts = Transact{{Add{"a", 1}, Add{"b", 1}, Take{"c", 500}}};
    EXPECT_EQ(costOf(Variant::PresumedNothing, aborts), (Cost{10, 5}));
    EXPECT_EQ(costOf(Variant::PresumedAbort, aborts), (Cost{8, 2}));
    EXPECT_EQ(costOf(Variant::PresumedCommit, aborts), (Cost{10, 6}));
    EXPECT_EQ(costOf(Variant::ThreePhase, aborts), (Cost{10, 6}));
    const Request reads = Transact{{Read{"a"}, Read{"b"}}};
    for (const auto variant : {Variant::PresumedNothing, Variant::PresumedAbort,
                               Variant::PresumedCommit, Variant::ThreePhase}) {
        EXPECT_EQ(costOf(variant, reads), (Cost{4, 0}));
    }
    const Request half = Transact{{Read{"a"}, Add{"b", 1}}};
    EXPECT_EQ(costOf(Variant::PresumedAbort, half), (Cost{6, 3}));
    EXPECT_EQ(costOf(Variant::PresumedCommit, half), (Cost{5, 3}));
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
