#include "tests/engine/protocols/raft/server.h"

#include <gtest/gtest.h>

#include <set>

// Sentences of Ongaro and Ousterhout 2014, figure 2 and sections 5.1, 5.2, 5.4.1 and 6, each as a
// test of one server.
namespace lightcone::protocols::raft {
namespace {

using namespace std::chrono_literals;

Parameters with(bool preVote, bool checkQuorum)
{
    Parameters parameters;
    parameters.preVote = preVote;
    parameters.checkQuorum = checkQuorum;
    return parameters;
}

// §5.2: "When servers start up, they begin as followers."
TEST(PaperElection, ServersBeginAsFollowers)
{
    const Server server;
    EXPECT_EQ(server.machine().role(), Role::Follower);
    EXPECT_EQ(server.machine().term(), 0U);
    EXPECT_TRUE(server.armed(Timer::Election).has_value());
}

// §5.2: "A server remains in follower state as long as it receives valid RPCs from a leader or
// candidate."
TEST(PaperElection, ValidAppendEntriesKeepAFollowerFromStanding)
{
    Server server;
    server.receive(2, AppendEntries{1, 0, 0, {}, 0, 1});
    EXPECT_EQ(server.machine().role(), Role::Follower);
    EXPECT_TRUE(server.armed(Timer::Election).has_value());
}

// §5.2: "If a follower receives no communication over a period of time called the election
// timeout, then it ... begins an election to choose a new leader. To begin an election, a follower
// increments its current term and transitions to candidate state. It then votes for itself and
// issues RequestVote RPCs in parallel to each of the other servers in the cluster."
TEST(PaperElection, AnElectionTimeoutBeginsAnElection)
{
    Server server;
    server.fire(Timer::Election);
    EXPECT_EQ(server.machine().role(), Role::Candidate);
    EXPECT_EQ(server.machine().term(), 1U);
    EXPECT_EQ(server.machine().votedFor(), NodeId(1));
    EXPECT_EQ(server.machine().votes(), NodeSet{NodeId(1)});
    const auto asked = server.sent<RequestVote>();
    ASSERT_EQ(asked.size(), 4U);
    EXPECT_EQ(asked[0].second.term, 1U);
    EXPECT_TRUE(server.armed(Timer::Election).has_value()) << "reset election timer (figure 2)";
}

// Figure 2, "Persistent state on all servers (updated on stable storage before responding to
// RPCs)".
TEST(PaperElection, ACandidatesTermAndVoteArePersisted)
{
    Server server;
    server.fire(Timer::Election);
    EXPECT_EQ(server.disk().term, 1U);
    EXPECT_EQ(server.disk().votedFor, NodeId(1));
    server.start();
    EXPECT_EQ(server.machine().term(), 1U);
    EXPECT_EQ(server.machine().votedFor(), NodeId(1));
    EXPECT_EQ(server.machine().role(), Role::Follower);
}

// §5.2: "A candidate wins an election if it receives votes from a majority of the servers in the
// full cluster for the same term."
TEST(PaperElection, AMajorityOfVotesMakesALeader)
{
    Server server;
    server.fire(Timer::Election);
    server.receive(2, Vote{1, true});
    EXPECT_EQ(server.machine().role(), Role::Candidate);
    server.receive(3, Vote{1, true});
    EXPECT_EQ(server.machine().role(), Role::Leader);
}

TEST(PaperElection, TheSameVoteTwiceCountsOnce)
{
    Server server;
    server.fire(Timer::Election);
    server.receive(2, Vote{1, true});
    server.receive(2, Vote{1, true});
    EXPECT_EQ(server.machine().role(), Role::Candidate);
}

TEST(PaperElection, VotesOfAnEarlierTermDoNotCount)
{
    Server server;
    server.fire(Timer::Election);
    server.fire(Timer::Election);
    server.receive(2, Vote{1, true});
    server.receive(3, Vote{1, true});
    EXPECT_EQ(server.machine().role(), Role::Candidate);
    EXPECT_EQ(server.machine().term(), 2U);
}

// §5.2: "Each server will vote for at most one candidate in a given term, on a
// first-come-first-served basis".
TEST(PaperElection, AServerVotesForAtMostOneCandidateInATerm)
{
    Server server;
    server.receive(2, RequestVote{1, 0, 0, false});
    EXPECT_TRUE(server.sentTo<Vote>(2)->granted);
    server.receive(3, RequestVote{1, 0, 0, false});
    EXPECT_FALSE(server.sentTo<Vote>(3)->granted);
    server.receive(2, RequestVote{1, 0, 0, false});
    EXPECT_TRUE(server.sentTo<Vote>(2)->granted) << "figure 2: votedFor is candidateId";
}

TEST(PaperElection, AVoteSurvivesACrash)
{
    Server server;
    server.receive(2, RequestVote{1, 0, 0, false});
    server.start();
    server.receive(3, RequestVote{1, 0, 0, false});
    EXPECT_FALSE(server.sentTo<Vote>(3)->granted);
}

// The same where the term came with a candidate that got no vote: §3.4, "up-to-date", and
// figure 3.1, "Updated on stable storage before responding to RPCs".
TEST(PaperElection, AVoteInATermThatIsKnownIsForAnUpToDateLogAndSurvivesACrash)
{
    Server server;
    server.receive(2, AppendEntries{1, 0, 0, logOf({1, 1}), 0, 1});
    server.wait(1s);
    server.receive(3, RequestVote{2, 1, 1, false});
    ASSERT_EQ(server.machine().term(), 2U);
    EXPECT_FALSE(server.sentTo<Vote>(3)->granted);
    server.receive(3, RequestVote{2, 1, 1, false});
    EXPECT_FALSE(server.sentTo<Vote>(3)->granted) << "asked again, its log is as old as before";
    server.receive(4, RequestVote{2, 2, 1, false});
    EXPECT_TRUE(server.sentTo<Vote>(4)->granted);
    ASSERT_EQ(server.written<SetHardState>().size(), 1U);
    EXPECT_EQ(server.written<SetHardState>().front().votedFor, NodeId(4));
    server.start();
    EXPECT_EQ(server.machine().votedFor(), NodeId(4));
}

// Figure 2: followers convert to candidates only "if election timeout elapses without ... granting
// vote to candidate".
TEST(PaperElection, GrantingAVoteRestartsTheElectionTimeout)
{
    Server server;
    server.receive(2, RequestVote{1, 0, 0, false});
    EXPECT_TRUE(server.armed(Timer::Election).has_value());
    server.receive(3, RequestVote{1, 0, 0, false});
    EXPECT_FALSE(server.armed(Timer::Election).has_value()) << "denying one does not";
}

// §5.2: "If the leader's term (included in its RPC) is at least as large as the candidate's current
// term, then the candidate recognizes the leader as legitimate and returns to follower state."
TEST(PaperElection, ACandidateReturnsToFollowerForALeaderOfItsTerm)
{
    Server server;
    server.fire(Timer::Election);
    server.receive(2, AppendEntries{1, 0, 0, {}, 0, 1});
    EXPECT_EQ(server.machine().role(), Role::Follower);
    EXPECT_EQ(server.machine().leader(), NodeId(2));
}

// §5.2: "If the term in the RPC is smaller than the candidate's current term, then the candidate
// rejects the RPC and continues in candidate state."
TEST(PaperElection, ACandidateRejectsALeaderOfAnEarlierTerm)
{
    Server server;
    server.fire(Timer::Election);
    server.fire(Timer::Election);
    server.receive(2, AppendEntries{1, 0, 0, {}, 0, 1});
    EXPECT_EQ(server.machine().role(), Role::Candidate);
    EXPECT_FALSE(server.sentTo<Appended>(2)->success);
    EXPECT_EQ(server.sentTo<Appended>(2)->term, 2U);
}

// §5.2: "Each candidate ... will time out and start a new election by incrementing its term and
// initiating another round of RequestVote RPCs."
TEST(PaperElection, ASplitVoteEndsInANewElection)
{
    Server server;
    server.fire(Timer::Election);
    server.fire(Timer::Election);
    EXPECT_EQ(server.machine().term(), 2U);
    EXPECT_EQ(server.sent<RequestVote>().size(), 4U);
}

// §5.2: "election timeouts are chosen randomly from a fixed interval (e.g., 150–300ms)".
TEST(PaperElection, ElectionTimeoutsAreRandomWithinTheInterval)
{
    Server server;
    std::set<Duration> seen;
    for (int i = 0; i < 200; ++i) {
        server.fire(Timer::Election);
        const auto timeout = server.armed(Timer::Election).value();
        EXPECT_GE(timeout, 150ms);
        EXPECT_LE(timeout, 300ms);
        seen.insert(timeout);
    }
    EXPECT_GT(seen.size(), 190U);
    EXPECT_LT(*seen.begin(), 160ms);
    EXPECT_GT(*seen.rbegin(), 290ms);
}

// §5.2: "Once a candidate wins an election, it becomes leader. It then sends heartbeat messages to
// all of the other servers to establish its authority and prevent new elections."
TEST(PaperElection, ANewLeaderSendsToAllOthersAtOnce)
{
    Server server;
    server.lead();
    EXPECT_EQ(server.sent<AppendEntries>().size(), 4U);
    EXPECT_EQ(server.armed(Timer::Heartbeat), 50ms);
}

// Figure 2, leaders: "repeat during idle periods to prevent election timeouts".
TEST(PaperElection, ALeaderRepeatsHeartbeats)
{
    Server server(1, with(false, false));
    server.lead();
    server.wait(50ms);
    server.fire(Timer::Heartbeat);
    EXPECT_EQ(server.sent<AppendEntries>().size(), 4U);
    EXPECT_EQ(server.armed(Timer::Heartbeat), 50ms);
}

// §5.1: "If a candidate or leader discovers that its term is out of date, it immediately reverts to
// follower state."
TEST(PaperElection, WhoeverDiscoversALaterTermBecomesAFollower)
{
    Server leader;
    leader.lead();
    leader.receive(4, Appended{7, false, 0, 0, 0, 0});
    EXPECT_EQ(leader.machine().role(), Role::Follower);
    EXPECT_EQ(leader.machine().term(), 7U);
    EXPECT_EQ(leader.machine().votedFor(), NodeId());
    EXPECT_EQ(leader.disk().term, 7U);
    Server candidate;
    candidate.fire(Timer::Election);
    candidate.receive(2, Vote{3, false});
    EXPECT_EQ(candidate.machine().role(), Role::Follower);
    EXPECT_EQ(candidate.machine().term(), 3U);
}

// §5.1: "If a server receives a request with a stale term number, it rejects the request."
TEST(PaperElection, RequestsWithAStaleTermAreRejected)
{
    Server server;
    server.receive(2, AppendEntries{3, 0, 0, {}, 0, 1});
    server.receive(3, RequestVote{2, 9, 9, false});
    EXPECT_FALSE(server.sentTo<Vote>(3)->granted);
    EXPECT_EQ(server.sentTo<Vote>(3)->term, 3U);
    server.receive(3, InstallSnapshot{2, 9, 1, {}, 0, "", true, 1});
    EXPECT_EQ(server.sentTo<SnapshotStored>(3)->term, 3U);
    EXPECT_EQ(server.machine().commitIndex(), 0U);
}

struct Logs
{
    Term lastLogTerm;
    Index lastLogIndex;
    bool granted;
};

class UpToDate : public testing::TestWithParam<Logs>
{
};

// §5.4.1: "If the logs have last entries with different terms, then the log with the later term is
// more up-to-date. If the logs end with the same term, then whichever log is longer is more
// up-to-date."
TEST_P(UpToDate, TheVoterDeniesItsVoteIfItsOwnLogIsMoreUpToDate)
{
    Server server(1, with(false, false));
    server.receive(2, AppendEntries{2, 0, 0, logOf({1, 2, 2}), 0, 1});
    server.receive(3, RequestVote{5, GetParam().lastLogIndex, GetParam().lastLogTerm, false});
    EXPECT_EQ(server.sentTo<Vote>(3)->granted, GetParam().granted);
    EXPECT_EQ(server.machine().term(), 5U);
}

INSTANTIATE_TEST_SUITE_P(PaperElection, UpToDate,
                         testing::Values(Logs{2, 3, true}, Logs{2, 4, true}, Logs{3, 1, true},
                                         Logs{2, 2, false}, Logs{1, 9, false}));

// §5.6: "broadcastTime ≪ electionTimeout ≪ MTBF": followers must not time out between heartbeats.
TEST(PaperElection, TheHeartbeatIsShorterThanTheElectionTimeout)
{
    Parameters parameters;
    parameters.heartbeat = parameters.electionTimeoutLow;
    EXPECT_FALSE(validate(parameters).has_value());
}

// §6: "if a server receives a RequestVote RPC within the minimum election timeout of hearing from a
// current leader, it does not update its term or grant its vote."
TEST(PaperElection, AServerThatHearsALeaderDisregardsRequestVote)
{
    Server server;
    server.receive(2, AppendEntries{1, 0, 0, {}, 0, 1});
    server.wait(149ms);
    server.receive(3, RequestVote{2, 0, 0, false});
    EXPECT_TRUE(server.sent<Vote>().empty());
    EXPECT_EQ(server.machine().term(), 1U);
    server.wait(1ms);
    server.receive(3, RequestVote{2, 0, 0, false});
    EXPECT_TRUE(server.sentTo<Vote>(3)->granted);
}

TEST(PaperElection, ALeaderDisregardsRequestVoteUnlessItAskedForIt)
{
    Server server;
    server.lead();
    server.receive(3, RequestVote{5, 9, 9, false});
    EXPECT_EQ(server.machine().role(), Role::Leader);
    server.receive(3, RequestVote{5, 9, 9, true});
    EXPECT_EQ(server.machine().role(), Role::Follower);
    EXPECT_TRUE(server.sentTo<Vote>(3)->granted);
}

// Dissertation §6.2: "a leader in Raft steps down if an election timeout elapses without a
// successful round of heartbeats to a majority of its cluster".
TEST(PaperElection, ALeaderThatHearsNoMajorityStepsDown)
{
    Server server;
    server.lead();
    server.wait(200ms);
    server.receive(2, Appended{1, true, 1, 0, 0, 1});
    server.wait(101ms);
    server.fire(Timer::Heartbeat);
    EXPECT_EQ(server.machine().role(), Role::Follower);
    EXPECT_EQ(server.machine().term(), 1U);
    EXPECT_TRUE(server.armed(Timer::Election).has_value());
}

TEST(PaperElection, ALeaderThatHearsAMajorityStays)
{
    Server server;
    server.lead();
    server.wait(200ms);
    server.receive(2, Appended{1, true, 1, 0, 0, 1});
    server.receive(4, Appended{1, true, 1, 0, 0, 1});
    server.wait(101ms);
    server.fire(Timer::Heartbeat);
    EXPECT_EQ(server.machine().role(), Role::Leader);
}

// Dissertation §9.6: "a candidate only increments its term if it first learns from a majority of
// the cluster that they would be willing to grant the candidate their votes".
TEST(PaperElection, APreCandidateKeepsItsTermUntilAMajorityWouldVote)
{
    Server server(1, with(true, true));
    server.fire(Timer::Election);
    EXPECT_EQ(server.machine().role(), Role::PreCandidate);
    EXPECT_EQ(server.machine().term(), 0U);
    EXPECT_TRUE(server.written<SetHardState>().empty());
    EXPECT_EQ(server.sent<RequestPreVote>().size(), 4U);
    server.receive(2, PreVote{1, true});
    EXPECT_EQ(server.machine().role(), Role::PreCandidate);
    server.receive(3, PreVote{1, true});
    EXPECT_EQ(server.machine().role(), Role::Candidate);
    EXPECT_EQ(server.machine().term(), 1U);
}

// §9.6: a pre-vote is granted under the conditions of a vote, and changes nothing at the voter.
TEST(PaperElection, APreVoteBindsNobody)
{
    Server server(1, with(true, true));
    server.receive(2, RequestPreVote{1, 0, 0});
    EXPECT_TRUE(server.sentTo<PreVote>(2)->granted);
    server.receive(3, RequestPreVote{1, 0, 0});
    EXPECT_TRUE(server.sentTo<PreVote>(3)->granted);
    EXPECT_EQ(server.machine().term(), 0U);
    EXPECT_EQ(server.machine().votedFor(), NodeId());
    EXPECT_TRUE(server.written<SetHardState>().empty());
}

TEST(PaperElection, NoPreVoteForAnOldLogOrWhileALeaderIsHeard)
{
    Server server(1, with(true, true));
    server.receive(2, AppendEntries{1, 0, 0, logOf({1}), 0, 1});
    server.receive(3, RequestPreVote{2, 1, 1});
    EXPECT_FALSE(server.sentTo<PreVote>(3)->granted);
    server.wait(1s);
    server.receive(3, RequestPreVote{2, 0, 0});
    EXPECT_FALSE(server.sentTo<PreVote>(3)->granted);
    server.receive(3, RequestPreVote{2, 1, 1});
    EXPECT_TRUE(server.sentTo<PreVote>(3)->granted);
}

// A vote promised to be withheld (§4.2.3) is withheld after a crash too.
TEST(PaperElection, ARestartedServerWithholdsItsVoteForAnElectionTimeout)
{
    Server server;
    server.receive(2, AppendEntries{1, 0, 0, {}, 0, 1});
    server.start();
    server.receive(3, RequestVote{2, 0, 0, false});
    EXPECT_TRUE(server.sent<Vote>().empty());
    server.wait(150ms);
    server.receive(3, RequestVote{2, 0, 0, false});
    EXPECT_TRUE(server.sentTo<Vote>(3)->granted);
}

} // namespace
} // namespace lightcone::protocols::raft
