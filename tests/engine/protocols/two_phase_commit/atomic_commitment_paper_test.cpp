#include "tests/engine/protocols/two_phase_commit/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What Bernstein, Hadzilacos and Goodman (1987) say in §7.4 of the actions of processes when they
// have waited in vain, of cooperative termination and of recovery, and in §7.5, with Skeen (1981),
// of three-phase commit and its termination rules.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;

Parameters cooperative()
{
    auto parameters = withMoney();
    parameters.cooperative = true;
    return parameters;
}

Parameters threePhase()
{
    return withMoney(Variant::ThreePhase);
}

// §7.4, time-out actions: a participant that waits for VOTE-REQ can abort alone.
TEST(PaperAtomicCommitment, WhoWaitsToBeAskedMayAbortAlone)
{
    auto p1 = working();
    p1.fire(Timer::Idle, 1);
    EXPECT_TRUE(p1.machine().branches().empty());
    EXPECT_TRUE(p1.machine().locks().empty());
    EXPECT_EQ(p1.sentTo<WorkFailed>(1)->reason, Reason::Silence);
    p1.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_TRUE(p1.sentTo<VoteNo>(1).has_value()) << "and then votes no";
}

// A coordinator that waits for votes can decide to abort.
TEST(PaperAtomicCommitment, WhoWaitsForVotesMayAbort)
{
    auto tm = collecting();
    tm.receive(2, VoteYes{1});
    tm.fire(Timer::Votes, 1);
    EXPECT_EQ(tm.sent<Abort>().size(), 2U) << "the silent one may have voted yes";
    EXPECT_TRUE(tm.machine().transactions().empty());
    tm.receive(3, VoteYes{1});
    EXPECT_TRUE(tm.sent<Commit>().empty()) << "too late";
}

// A transaction whose work takes too long is aborted, and nobody has to remember it.
TEST(PaperAtomicCommitment, WorkThatTakesTooLongIsAborted)
{
    auto parameters = withMoney(Variant::PresumedNothing);
    Process tm(1, parameters);
    const auto id = tm.ask(Transact{{Add{"a", 1}, Add{"b", 1}}});
    tm.receive(2, Worked{1, 1, 1, {}});
    tm.fire(Timer::Work, 1);
    EXPECT_EQ(tm.answer<Aborted>(id)->reason, Reason::Silence);
    EXPECT_EQ(tm.sent<Abort>().size(), 2U);
    EXPECT_TRUE(tm.written<DecisionRecord>().empty());
    EXPECT_TRUE(tm.machine().transactions().empty());
}

// The uncertainty period: between its yes and the decision a participant may do nothing alone.
TEST(PaperAtomicCommitment, UncertaintyBeginsWithTheYesAndEndsWithTheDecision)
{
    auto p1 = working();
    EXPECT_EQ(p1.machine().phase(), Phase::Working);
    p1.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_EQ(p1.machine().phase(), Phase::InDoubt);
    p1.receive(1, Abort{1});
    EXPECT_EQ(p1.machine().phase(), Phase::Idle);
    EXPECT_EQ(*p1.machine().store().find("a"), "100");
}

// §7.4, the cooperative termination protocol: the initiator asks every other process.
TEST(PaperAtomicCommitment, InDoubtItAsksAll)
{
    auto p1 = prepared(cooperative());
    p1.fire(Timer::Inquiry, 1);
    EXPECT_TRUE(p1.sentTo<AskDecision>(1).has_value());
    EXPECT_TRUE(p1.sentTo<AskDecision>(3).has_value());
    EXPECT_FALSE(p1.sentTo<AskDecision>(4).has_value()) << "p3 takes no part";
    auto alone = prepared();
    alone.fire(Timer::Inquiry, 1);
    EXPECT_EQ(alone.sent<AskDecision>().size(), 1U) << "the coordinator only, without it";
}

// Case 1: the responder has decided, and says so.
TEST(PaperAtomicCommitment, WhoHasDecidedSaysSo)
{
    auto p2 = prepared(cooperative(), 3);
    p2.receive(1, Commit{1});
    p2.receive(2, AskDecision{1});
    EXPECT_TRUE(p2.sentTo<Commit>(2).has_value());
    auto p1 = prepared(cooperative());
    p1.receive(3, Commit{1});
    EXPECT_EQ(*p1.machine().store().find("a"), "101");
    EXPECT_TRUE(p1.sentTo<Ack>(1).has_value()) << "the coordinator still waits for it";
    auto other = prepared(cooperative(), 3);
    other.receive(1, Abort{1});
    other.receive(2, AskDecision{1});
    EXPECT_TRUE(other.sentTo<Abort>(2).has_value());
}

// Case 2: the responder has not voted. It decides to abort, and says so.
TEST(PaperAtomicCommitment, WhoHasNotVotedAborts)
{
    auto p2 = working(cooperative(), 3);
    p2.receive(2, AskDecision{1});
    EXPECT_TRUE(p2.sentTo<Abort>(2).has_value());
    EXPECT_TRUE(p2.machine().locks().empty());
    p2.receive(1, Prepare{1, 1, both(), 1});
    EXPECT_TRUE(p2.sentTo<VoteNo>(1).has_value());
    auto lost = working(cooperative(), 3);
    lost.start();
    lost.receive(2, AskDecision{1});
    EXPECT_TRUE(lost.sentTo<Abort>(2).has_value()) << "a yes would be on its disk";
    lost.receive(1, Work{1, 1, 1, 0, 1, {Add{"b", 1}}});
    EXPECT_TRUE(lost.sentTo<WorkFailed>(1).has_value());
}

// Case 3: the responder is uncertain too, and cannot help.
TEST(PaperAtomicCommitment, WhoIsUncertainTooCannotHelp)
{
    auto p2 = prepared(cooperative(), 3);
    p2.receive(2, AskDecision{1});
    EXPECT_TRUE(p2.sentTo<Uncertain>(2).has_value());
    auto p1 = prepared(cooperative());
    p1.receive(3, Uncertain{1});
    EXPECT_EQ(p1.machine().phase(), Phase::InDoubt);
}

// Whoever has forgotten does not guess: under presumed commit the coordinator forgets at once.
TEST(PaperAtomicCommitment, WhoHasForgottenDoesNotGuess)
{
    auto parameters = withMoney(Variant::PresumedCommit);
    parameters.cooperative = true;
    auto p2 = prepared(parameters, 3);
    p2.receive(1, Commit{1});
    p2.receive(1, Work{2, 2, 1, 0, 2, {Read{"b"}}}); // what is below 2 is over
    p2.receive(2, AskDecision{1});
    EXPECT_TRUE(p2.sent<Abort>().empty());
    EXPECT_TRUE(p2.sentTo<Uncertain>(2).has_value());
}

// An operator's guess is no decision, and is not told as one.
TEST(PaperAtomicCommitment, AnOperatorsGuessIsNotToldAsADecision)
{
    auto p2 = prepared(cooperative(), 3);
    p2.ask(Heuristic{1, Outcome::Aborted});
    p2.receive(2, AskDecision{1});
    EXPECT_TRUE(p2.sentTo<Uncertain>(2).has_value());
}

// §7.5: after all yes votes the coordinator sends PRE-COMMIT, and decides when all have
// acknowledged it.
TEST(PaperThreePhase, ItPreCommitsBeforeItCommits)
{
    auto tm = collecting(threePhase());
    EXPECT_EQ(tm.written<CollectingRecord>().size(), 1U);
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    EXPECT_EQ(tm.sent<PreCommit>().size(), 2U);
    EXPECT_TRUE(tm.sent<Commit>().empty());
    EXPECT_TRUE(tm.written<DecisionRecord>().empty());
    tm.receive(2, PreCommitted{1});
    EXPECT_TRUE(tm.sent<Commit>().empty());
    tm.receive(3, PreCommitted{1});
    EXPECT_EQ(tm.sent<Commit>().size(), 2U);
}

// A participant acknowledges PRE-COMMIT, and is uncertain no more.
TEST(PaperThreePhase, AParticipantBecomesCommittable)
{
    auto p1 = prepared(threePhase());
    p1.receive(1, PreCommit{1});
    EXPECT_TRUE(p1.sentTo<PreCommitted>(1).has_value());
    EXPECT_EQ(p1.machine().phase(), Phase::PreCommitted);
    EXPECT_EQ(*p1.machine().store().find("a"), "100") << "and has not committed";
    p1.receive(1, Commit{1});
    EXPECT_EQ(*p1.machine().store().find("a"), "101");
}

// A coordinator that waits for acknowledgements of PRE-COMMIT ignores who has failed, and commits.
TEST(PaperThreePhase, WhoFailsAfterPreCommitIsIgnored)
{
    auto tm = collecting(threePhase());
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.receive(2, PreCommitted{1});
    tm.fire(Timer::Votes, 1);
    EXPECT_EQ(tm.sent<Commit>().size(), 2U);
}

Process elected()
{
    auto p1 = prepared(threePhase());
    p1.fire(Timer::Inquiry, 1);
    return p1;
}

// The elected coordinator asks the others for their states.
TEST(PaperThreePhase, TheElectedOneAsksForStates)
{
    const auto p1 = elected();
    EXPECT_EQ(p1.machine().phase(), Phase::Terminating);
    EXPECT_TRUE(p1.sentTo<AskState>(3).has_value());
    EXPECT_EQ(p1.sent<AskState>().size(), 1U) << "the coordinator has failed";
    auto p2 = prepared(threePhase(), 3);
    p2.receive(2, AskState{1, 1, false});
    EXPECT_EQ(p2.sentTo<StateReport>(2)->standing, Standing::Uncertain);
    const auto later = p2.armed(Timer::Inquiry);
    ASSERT_TRUE(later.has_value()) << "it is not its turn";
    EXPECT_GT(*later, *p1.armed(Timer::Inquiry));
    p2.receive(1, PreCommit{1});
    p2.receive(2, AskState{1, 2, false});
    EXPECT_EQ(p2.sentTo<StateReport>(2)->standing, Standing::Committable);
}

// TR1: some process has aborted: abort. TR2: some process has committed: commit.
TEST(PaperThreePhase, ADecisionThatSomebodyHasReachedIsTheDecision)
{
    auto aborts = elected();
    aborts.receive(3, Abort{1});
    EXPECT_EQ(aborts.machine().outcomes().at(1), Outcome::Aborted);
    auto commits = elected();
    commits.receive(3, Commit{1});
    EXPECT_EQ(commits.machine().outcomes().at(1), Outcome::Committed);
}

// TR3: all are uncertain: abort.
TEST(PaperThreePhase, WhereAllAreUncertainItAborts)
{
    auto p1 = elected();
    p1.receive(3, StateReport{1, 1, Standing::Uncertain});
    EXPECT_EQ(p1.machine().outcomes().at(1), Outcome::Aborted);
    EXPECT_TRUE(p1.sentTo<Abort>(3).has_value());
    EXPECT_TRUE(p1.sentTo<Abort>(1).has_value()) << "for when the coordinator is back";
    auto alone = elected();
    alone.fire(Timer::Reports, 1);
    EXPECT_EQ(alone.machine().outcomes().at(1), Outcome::Aborted) << "who is silent has failed";
}

// TR4: some are committable, none has committed: PRE-COMMIT to the uncertain ones, then commit.
TEST(PaperThreePhase, WhereSomebodyIsCommittableAllBecomeSoAndCommit)
{
    auto p1 = elected();
    p1.receive(3, StateReport{1, 1, Standing::Committable});
    EXPECT_EQ(p1.machine().outcomes().at(1), Outcome::Committed) << "nobody else is uncertain";
    EXPECT_TRUE(p1.sentTo<Commit>(3).has_value());
    auto other = prepared(threePhase());
    other.receive(1, PreCommit{1});
    other.fire(Timer::Inquiry, 1);
    other.receive(3, StateReport{1, 1, Standing::Uncertain});
    EXPECT_TRUE(other.sentTo<PreCommit>(3).has_value());
    EXPECT_TRUE(other.machine().outcomes().empty());
    other.receive(3, PreCommitted{1});
    EXPECT_EQ(other.machine().outcomes().at(1), Outcome::Committed);
}

// An answer to an earlier round says nothing.
TEST(PaperThreePhase, ReportsOfAnEarlierRoundDoNotCount)
{
    auto p1 = elected();
    p1.fire(Timer::Inquiry, 1);
    p1.receive(3, StateReport{1, 1, Standing::Uncertain});
    EXPECT_TRUE(p1.machine().outcomes().empty());
}

// A process that recovers asks the others, and takes no part in their termination.
TEST(PaperThreePhase, WhoRecoversDoesNotCount)
{
    auto p2 = prepared(threePhase(), 3);
    p2.start();
    EXPECT_TRUE(p2.sentTo<AskDecision>(1).has_value());
    EXPECT_TRUE(p2.sentTo<AskDecision>(2).has_value());
    p2.receive(2, AskState{1, 1, false});
    EXPECT_EQ(p2.sentTo<StateReport>(2)->standing, Standing::Recovered);
    p2.receive(1, PreCommit{1});
    EXPECT_TRUE(p2.sent<PreCommitted>().empty());
    auto p1 = elected();
    p1.receive(3, StateReport{1, 1, Standing::Recovered});
    EXPECT_EQ(p1.machine().outcomes().at(1), Outcome::Aborted) << "by those that are operational";
}

// Total failure: nobody is operational. When all are there again nobody can have decided.
TEST(PaperThreePhase, AfterATotalFailureAllMustBeThere)
{
    auto p1 = prepared(threePhase());
    p1.start();
    EXPECT_TRUE(p1.sentTo<AskState>(1).has_value()) << "the coordinator may have decided";
    p1.receive(3, StateReport{1, 1, Standing::Recovered});
    p1.fire(Timer::Reports, 1);
    EXPECT_EQ(p1.machine().phase(), Phase::InDoubt) << "one is missing";
    p1.fire(Timer::Inquiry, 1);
    p1.receive(3, StateReport{1, 2, Standing::Recovered});
    p1.receive(1, StateReport{1, 2, Standing::Recovered});
    EXPECT_EQ(p1.machine().outcomes().at(1), Outcome::Aborted);
}

// A coordinator that recovers without a decision asks, and takes over what it hears.
TEST(PaperThreePhase, ACoordinatorThatRecoversAsks)
{
    auto tm = collecting(threePhase());
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.start();
    EXPECT_EQ(tm.machine().phase(), Phase::Recovering);
    EXPECT_EQ(tm.sent<AskDecision>().size(), 2U);
    tm.receive(2, AskState{1, 1, true});
    EXPECT_EQ(tm.sentTo<StateReport>(2)->standing, Standing::Recovered);
    tm.receive(2, Commit{1});
    EXPECT_EQ(tm.machine().phase(), Phase::Committing);
    EXPECT_EQ(tm.disk().pacts.at(1).outcome, Outcome::Committed);
    EXPECT_EQ(tm.sent<Commit>().size(), 2U);
}

// Skeen 1981: with one crash nobody is blocked, whenever it is.
TEST(PaperThreePhase, OneCrashBlocksNobody)
{
    auto parameters = threePhase();
    parameters.voteTimeout = 50ms;
    for (int moment = 0; moment < 80; ++moment) {
        for (std::uint32_t victim = 1; victim <= 3; ++victim) {
            Cluster cluster(parameters);
            cluster.ask(Transfer{"a", "b", 10});
            cluster.run(moment * 500us);
            cluster.crash(victim);
            cluster.run(3s);
            for (std::uint32_t number = 2; number <= 3; ++number) {
                EXPECT_TRUE(number == victim || cluster.at(number).branches().empty())
                    << "a crash of " << victim << " after " << moment * 500 << " us";
            }
            EXPECT_EQ(cluster.problem(), "");
        }
    }
}

// The same crash may block two phases: that of the coordinator, and only that.
TEST(PaperAtomicCommitment, ACrashOfTheCoordinatorMayBlock)
{
    int blocked = 0;
    for (int moment = 0; moment < 60; ++moment) {
        Cluster cluster(cooperative());
        cluster.ask(Transfer{"a", "b", 10});
        cluster.run(moment * 500us);
        cluster.crash(Cluster::tm);
        cluster.run(3s);
        blocked += cluster.at(Cluster::p1).branches().empty() ? 0 : 1;
        cluster.restart(Cluster::tm);
        cluster.run(2s);
        EXPECT_TRUE(cluster.isQuiet()) << "after " << moment * 500 << " us";
        EXPECT_EQ(cluster.problem(), "");
    }
    EXPECT_GT(blocked, 3);
    EXPECT_LT(blocked, 30);
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
