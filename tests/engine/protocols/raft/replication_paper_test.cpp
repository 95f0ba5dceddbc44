#include "tests/engine/protocols/raft/cluster.h"
#include "tests/engine/protocols/raft/server.h"

#include <gtest/gtest.h>

// Sentences of Ongaro and Ousterhout 2014, figure 2 and sections 5.3 to 5.5.
namespace lightcone::protocols::raft {
namespace {

using namespace std::chrono_literals;

Server leaderOfTermOne()
{
    Server server;
    server.lead(); // Index 1 is its no-op.
    return server;
}

// §5.3: "The leader appends the command to its log as a new entry, then issues AppendEntries RPCs
// in parallel to each of the other servers to replicate the entry."
TEST(PaperReplication, TheLeaderAppendsACommandAndSendsItToAll)
{
    auto leader = leaderOfTermOne();
    for (const auto node : {2U, 3U, 4U, 5U}) {
        leader.receive(node, Appended{1, true, 1, 0, 0, 1});
    }
    leader.ask(kv::Put{"x", "1"});
    EXPECT_EQ(leader.machine().lastIndex(), 2U);
    EXPECT_EQ(leader.disk().lastIndex(), 2U);
    const auto sent = leader.sent<AppendEntries>();
    ASSERT_EQ(sent.size(), 4U);
    EXPECT_EQ(sent[0].second.prevLogIndex, 1U);
    EXPECT_EQ(sent[0].second.prevLogTerm, 1U);
    EXPECT_EQ(sent[0].second.entries.size(), 1U);
}

// §5.3: "When the entry has been safely replicated, the leader applies the entry to its state
// machine and returns the result of that execution to the client."
TEST(PaperReplication, TheLeaderAnswersOnceTheEntryIsCommitted)
{
    auto leader = leaderOfTermOne();
    const auto id = leader.ask(kv::Put{"x", "1"});
    EXPECT_TRUE(leader.replies().empty());
    leader.receive(2, Appended{1, true, 2, 0, 0, 1});
    EXPECT_TRUE(leader.replies().empty());
    leader.receive(3, Appended{1, true, 2, 0, 0, 1});
    EXPECT_EQ(leader.machine().lastApplied(), 2U);
    EXPECT_EQ(leader.answer<kv::Result>(id)->outcome, kv::Outcome::Done);
}

// §5.3: "the leader retries AppendEntries RPCs indefinitely (even after it has responded to the
// client) until all followers eventually store all log entries."
TEST(PaperReplication, TheLeaderRetriesUntilEveryFollowerHasEverything)
{
    Server leader(1, [] {
        auto parameters = Server::quiet();
        parameters.checkQuorum = false;
        return parameters;
    }());
    leader.lead();
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.receive(3, Appended{1, true, 1, 0, 0, 1});
    for (int i = 0; i < 10; ++i) {
        leader.wait(50ms);
        leader.fire(Timer::Heartbeat);
        ASSERT_EQ(leader.sentTo<AppendEntries>(5)->entries.size(), 1U);
    }
}

// §5.3: "The leader keeps track of the highest index it knows to be committed, and it includes that
// index in future AppendEntries RPCs (including heartbeats)".
TEST(PaperReplication, TheCommitIndexTravelsWithAppendEntries)
{
    auto leader = leaderOfTermOne();
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.receive(3, Appended{1, true, 1, 0, 0, 1});
    leader.fire(Timer::Heartbeat);
    EXPECT_EQ(leader.sentTo<AppendEntries>(2)->leaderCommit, 1U);
}

// §5.3: "Once a follower learns that a log entry is committed, it applies the entry to its local
// state machine (in log order)."
TEST(PaperReplication, AFollowerAppliesWhatIsCommittedInLogOrder)
{
    Server follower;
    const Entries entries{{1, {clientId(1), 1}, kv::Put{"x", "1"}},
                          {1, {clientId(1), 2}, kv::Put{"x", "2"}},
                          {1, {clientId(1), 3}, kv::Put{"x", "3"}}};
    follower.receive(2, AppendEntries{1, 0, 0, entries, 2, 1});
    EXPECT_EQ(follower.machine().lastApplied(), 2U);
    EXPECT_EQ(follower.machine().store().get("x").value, "2");
}

// Figure 2, AppendEntries: "1. Reply false if term < currentTerm".
TEST(PaperReplication, AppendEntriesOfAnEarlierTermAreRefused)
{
    Server follower;
    follower.receive(2, AppendEntries{3, 0, 0, {}, 0, 1});
    follower.receive(3, AppendEntries{2, 0, 0, logOf({2}), 0, 1});
    EXPECT_FALSE(follower.sentTo<Appended>(3)->success);
    EXPECT_EQ(follower.machine().lastIndex(), 0U);
    EXPECT_EQ(follower.machine().leader(), NodeId(2));
}

// "2. Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm".
TEST(PaperReplication, AppendEntriesThatDoNotFollowOnAreRefused)
{
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1}), 0, 1});
    follower.receive(2, AppendEntries{3, 3, 1, logOf({3}), 0, 1});
    EXPECT_FALSE(follower.sentTo<Appended>(2)->success) << "nothing at index 3";
    EXPECT_EQ(follower.sentTo<Appended>(2)->conflictIndex, 3U);
    follower.receive(2, AppendEntries{3, 2, 2, logOf({3}), 0, 1});
    EXPECT_FALSE(follower.sentTo<Appended>(2)->success) << "another term at index 2";
    EXPECT_EQ(termsOf(follower.machine().log()), (std::vector<Term>{1, 1}));
}

// "3. If an existing entry conflicts with a new one (same index but different terms), delete the
// existing entry and all that follow it. 4. Append any new entries not already in the log".
TEST(PaperReplication, ConflictingEntriesAreReplaced)
{
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1, 1, 1}), 1, 1});
    follower.receive(3, AppendEntries{2, 1, 1, logOf({1, 2}), 0, 1});
    EXPECT_TRUE(follower.sentTo<Appended>(3)->success);
    EXPECT_EQ(follower.sentTo<Appended>(3)->index, 3U);
    EXPECT_EQ(termsOf(follower.machine().log()), (std::vector<Term>{1, 1, 2}));
    EXPECT_EQ(follower.written<Truncate>().at(0).from, 3U);
    EXPECT_EQ(follower.disk().log, follower.machine().log());
}

// §5.5: "if a follower receives an AppendEntries request that includes log entries already present
// in its log, it ignores those entries in the new request."
TEST(PaperReplication, EntriesThatAreThereAreIgnored)
{
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1, 1}), 0, 1});
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1}), 0, 1});
    EXPECT_TRUE(follower.sentTo<Appended>(2)->success);
    EXPECT_EQ(follower.sentTo<Appended>(2)->index, 2U);
    EXPECT_EQ(follower.machine().lastIndex(), 3U) << "a late message takes nothing back";
    EXPECT_TRUE(follower.written<Append>().empty());
    EXPECT_TRUE(follower.written<Truncate>().empty());
}

// "5. If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)".
TEST(PaperReplication, AFollowerCommitsNoFurtherThanWhatItWasSent)
{
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1, 1}), 0, 1});
    follower.receive(3, AppendEntries{2, 1, 1, {}, 3, 1});
    EXPECT_EQ(follower.machine().commitIndex(), 1U) << "indexes 2 and 3 may conflict";
    follower.receive(3, AppendEntries{2, 1, 1, {}, 0, 1});
    EXPECT_EQ(follower.machine().commitIndex(), 1U) << "it never decreases";
}

// Figure 2: log[] is persistent, and answers wait for it.
TEST(PaperReplication, EntriesAreWrittenBeforeTheyAreAcknowledged)
{
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1}), 0, 1});
    bool written = false;
    for (const auto& effect : follower.effects()) {
        if (const auto* write = std::get_if<node::Write>(&effect)) {
            written = true;
            EXPECT_EQ(write->sync, node::Sync::Forced);
        }
        EXPECT_TRUE(!std::holds_alternative<node::Send>(effect) || written);
    }
    follower.start();
    EXPECT_EQ(termsOf(follower.machine().log()), (std::vector<Term>{1}));
}

// §5.3: "When a leader first comes to power, it initializes all nextIndex values to the index just
// after the last one in its log."
TEST(PaperReplication, NextIndexBeginsAfterTheLeadersLog)
{
    Server server;
    server.receive(2, AppendEntries{1, 0, 0, logOf({1, 1, 1}), 0, 1});
    server.wait(1s);
    server.lead();
    EXPECT_EQ(server.sentTo<AppendEntries>(4)->prevLogIndex, 3U);
    EXPECT_EQ(server.machine().nextIndex().at(NodeId(4)), 4U);
    EXPECT_EQ(server.machine().matchIndex().at(NodeId(4)), 0U);
}

// §5.3: "After a rejection, the leader decrements nextIndex and retries the AppendEntries RPC.
// Eventually nextIndex will reach a point where the leader and follower logs match." "the follower
// can include the term of the conflicting entry and the first index it stores for that term."
TEST(PaperReplication, ARejectionMovesNextIndexBackByAWholeTerm)
{
    Server server;
    server.receive(2, AppendEntries{4, 0, 0, logOf({1, 1, 4, 4}), 0, 1});
    server.wait(1s);
    server.lead();
    ASSERT_EQ(server.machine().term(), 5U);
    // The follower has 1 1 1 2 2: at index 4 term 2, which begins there.
    server.receive(4, Appended{5, false, 4, 2, 4, 1});
    EXPECT_EQ(server.sentTo<AppendEntries>(4)->prevLogIndex, 3U);
    EXPECT_EQ(server.sentTo<AppendEntries>(4)->prevLogTerm, 4U);
    // At index 3 it has term 1, from index 1 on; the leader's last entry of term 1 is at 2.
    server.receive(4, Appended{5, false, 3, 1, 1, 1});
    EXPECT_EQ(server.sentTo<AppendEntries>(4)->prevLogIndex, 2U);
    server.receive(4, Appended{5, true, 5, 0, 0, 1});
    EXPECT_EQ(server.machine().matchIndex().at(NodeId(4)), 5U);
}

TEST(PaperReplication, TheFirstIndexOfATermIsFoundInALog)
{
    const auto log = logOf({1, 1, 3, 3, 4});
    EXPECT_EQ(firstFrom(log, 1), 0U);
    EXPECT_EQ(firstFrom(log, 2), 2U);
    EXPECT_EQ(firstFrom(log, 3), 2U);
    EXPECT_EQ(firstFrom(log, 4), 4U);
    EXPECT_EQ(firstFrom(log, 5), 5U);
}

TEST(PaperReplication, ALateRejectionIsIgnored)
{
    auto leader = leaderOfTermOne();
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.receive(2, Appended{1, false, 1, 0, 1, 1});
    EXPECT_EQ(leader.machine().nextIndex().at(NodeId(2)), 2U);
    EXPECT_EQ(leader.machine().progress().at(NodeId(2)).flow, Flow::Replicate);
}

// §5.4.2: "Raft never commits log entries from previous terms by counting replicas. Only log
// entries from the leader's current term are committed by counting replicas; once an entry from the
// current term has been committed in this way, then all prior entries are committed indirectly".
TEST(PaperReplication, OnlyEntriesOfTheCurrentTermAreCommittedByCounting)
{
    Server server;
    server.receive(2, AppendEntries{1, 0, 0, logOf({1, 1}), 0, 1});
    server.wait(1s);
    server.lead();
    server.receive(3, Appended{2, true, 2, 0, 0, 1});
    server.receive(4, Appended{2, true, 2, 0, 0, 1});
    EXPECT_EQ(server.machine().commitIndex(), 0U);
    server.receive(3, Appended{2, true, 3, 0, 0, 1});
    server.receive(4, Appended{2, true, 3, 0, 0, 1});
    EXPECT_EQ(server.machine().commitIndex(), 3U);
}

// §5.3: "A leader never overwrites or deletes entries in its log".
TEST(PaperReplication, ALeaderNeverDeletesItsEntries)
{
    auto leader = leaderOfTermOne();
    leader.receive(3, AppendEntries{1, 0, 0, logOf({1, 1, 1}), 3, 1});
    EXPECT_EQ(leader.machine().role(), Role::Leader);
    EXPECT_EQ(leader.machine().lastIndex(), 1U);
}

// Dissertation §10.2.2: "the leader ... can send later AppendEntries before earlier ones are
// acknowledged", within the window; and batches what has come together meanwhile.
TEST(PaperReplication, EntriesArePipelinedWithinTheWindowAndThenBatched)
{
    auto parameters = Server::quiet();
    parameters.window = 2;
    Server leader(1, parameters);
    leader.lead();
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    int sent = 0;
    for (int i = 0; i < 5; ++i) {
        leader.ask(kv::Put{"x", std::to_string(i)});
        sent += leader.sentTo<AppendEntries>(2).has_value() ? 1 : 0;
    }
    EXPECT_EQ(sent, 2);
    leader.receive(2, Appended{1, true, 2, 0, 0, 1});
    EXPECT_EQ(leader.sentTo<AppendEntries>(2)->entries.size(), 3U);
}

Server groupingLeader()
{
    auto parameters = Server::quiet();
    parameters.grouped = true;
    Server leader(1, parameters);
    leader.lead();
    return leader;
}

node::Leaves leavesOf(const Server& server, NodeId to)
{
    for (const auto& effect : server.effects()) {
        const auto* send = std::get_if<node::Send>(&effect);
        if (send != nullptr && send->to == to) {
            return send->leaves;
        }
    }
    throw std::runtime_error("nothing is sent there");
}

// Dissertation §10.2.2: "a leader can collect multiple requests and append them together to its
// log ... in a single RPC".
TEST(PaperReplication, AGroupingLeaderSendsWhatCameTogetherAsOne)
{
    auto leader = groupingLeader();
    leader.receive(1, Appended{1, true, 1, 0, 0, 0});
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.ask(kv::Put{"x", "1"});
    EXPECT_TRUE(leader.sentTo<Replicate>(1));
    EXPECT_EQ(leavesOf(leader, NodeId(1)), node::Leaves::AtOnce);
    leader.ask(kv::Put{"x", "2"});
    EXPECT_FALSE(leader.sentTo<Replicate>(1)) << "one is on its way";
    EXPECT_TRUE(leader.written<Append>().empty());
    leader.receive(1, Replicate{});
    ASSERT_EQ(leader.written<Append>().size(), 1U);
    EXPECT_EQ(leader.written<Append>()[0].index, 2U);
    EXPECT_EQ(leader.written<Append>()[0].entries.size(), 2U);
    EXPECT_EQ(leader.sentTo<AppendEntries>(2)->entries.size(), 2U);
    leader.receive(1, Replicate{});
    EXPECT_TRUE(leader.effects().empty()) << "there is nothing new";
}

// Dissertation §10.2.1: "The leader can write to its disk in parallel with replicating to the
// followers and them writing to their disks".
TEST(PaperReplication, AGroupingLeaderWritesWhileItReplicates)
{
    auto leader = groupingLeader();
    // Its term is a promise: who hears of it before the disk has it may hear of it twice.
    EXPECT_EQ(leavesOf(leader, NodeId(2)), node::Leaves::Durable);
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.ask(kv::Put{"x", "1"});
    leader.receive(1, Replicate{});
    EXPECT_TRUE(leader.effects().empty()) << "nothing overtakes what waits for the disk";
    leader.receive(1, Appended{1, true, 1, 0, 0, 0});
    EXPECT_EQ(leavesOf(leader, NodeId(2)), node::Leaves::AtOnce);
    EXPECT_EQ(leavesOf(leader, NodeId(1)), node::Leaves::Durable) << "it hears of its own disk";
}

// Dissertation §10.2.1: "The leader may even commit an entry before it has been written to its own
// disk, if a majority of followers have written it to their disks; this is still safe."
TEST(PaperReplication, AGroupingLeaderCountsItselfWhenItHasWritten)
{
    auto leader = groupingLeader();
    leader.receive(2, Appended{1, true, 1, 0, 0, 1});
    leader.receive(3, Appended{1, true, 1, 0, 0, 1});
    EXPECT_EQ(leader.machine().commitIndex(), 0U) << "two of five";
    leader.receive(1, Appended{1, true, 1, 0, 0, 0});
    EXPECT_EQ(leader.machine().commitIndex(), 1U);
    const auto id = leader.ask(kv::Put{"x", "1"});
    leader.receive(1, Replicate{});
    leader.receive(2, Appended{1, true, 2, 0, 0, 1});
    leader.receive(3, Appended{1, true, 2, 0, 0, 1});
    EXPECT_FALSE(leader.answer<kv::Result>(id));
    leader.receive(4, Appended{1, true, 2, 0, 0, 1});
    EXPECT_TRUE(leader.answer<kv::Result>(id)) << "three of five, without its own";
    EXPECT_EQ(leader.replies().front().leaves, node::Leaves::AtOnce);
}

// What it has gathered and not yet written is in its log: a follower may not hold it in memory
// only, or it would acknowledge what its disk does not have.
TEST(PaperReplication, AGroupingLeaderThatStepsDownWritesWhatItHas)
{
    auto leader = groupingLeader();
    leader.receive(1, Appended{1, true, 1, 0, 0, 0});
    leader.ask(kv::Put{"x", "1"});
    leader.receive(3, AppendEntries{2, 1, 1, {}, 0, 1});
    ASSERT_EQ(leader.written<Append>().size(), 1U);
    EXPECT_EQ(leader.written<Append>()[0].index, 2U);
    EXPECT_EQ(leader.disk().log.size(), 2U);
    leader.receive(1, Replicate{});
    EXPECT_TRUE(leader.effects().empty());
}

// Where somebody has dropped what it told itself, the next heartbeat brings it about.
TEST(PaperReplication, AGroupingLeaderThatDoesNotHearItselfGoesOn)
{
    auto leader = groupingLeader();
    leader.ask(kv::Put{"x", "1"});
    leader.fire(Timer::Heartbeat);
    EXPECT_EQ(leader.written<Append>().size(), 1U);
    EXPECT_EQ(leader.sentTo<Appended>(1)->index, 2U);
    leader.fire(Timer::Heartbeat);
    EXPECT_TRUE(leader.written<Append>().empty());
    EXPECT_EQ(leader.sentTo<Appended>(1)->index, 2U);
    leader.ask(kv::Put{"x", "2"});
    EXPECT_TRUE(leader.sentTo<Replicate>(1));
}

// Figure 7: whatever of (a) to (f) a follower's log is, the leader of term 8 makes it like its own.
TEST(PaperReplication, Figure7sLogsBecomeTheLeaders)
{
    auto parameters = Cluster::plain();
    parameters.nodes = 7;
    parameters.logs = "n1: 1 1 1 4 4 5 5 6 6 6;"
                      "n2: 1 1 1 4 4 5 5 6 6;"
                      "n3: 1 1 1 4;"
                      "n4: 1 1 1 4 4 5 5 6 6 6 6;"
                      "n5: 1 1 1 4 4 5 5 6 6 6 7 7;"
                      "n6: 1 1 1 4 4 4 4;"
                      "n7: 1 1 1 2 2 2 3 3 3 3 3";
    Cluster cluster(parameters);
    EXPECT_EQ(termsOf(cluster.at(7).log()), (std::vector<Term>{1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}));
    EXPECT_EQ(cluster.at(3).term(), 7U);
    ASSERT_TRUE(cluster.elect(1));
    EXPECT_EQ(cluster.at(1).term(), 8U);
    cluster.run(300ms);
    const std::vector<Term> expected{1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8};
    for (std::uint32_t number = 1; number <= 7; ++number) {
        EXPECT_EQ(termsOf(cluster.at(number).log()), expected) << "n" << number;
        EXPECT_EQ(cluster.at(number).commitIndex(), 11U);
    }
    EXPECT_EQ(cluster.problem(), "");
}

// §5.4.1: (e) of figure 7 lacks committed entries and is not elected, whoever lets it stand.
TEST(PaperReplication, OnlyAnUpToDateLogWinsAnElection)
{
    auto parameters = Cluster::plain();
    parameters.electionTimeoutLow = 100s;
    parameters.electionTimeoutHigh = 200s;
    parameters.logs = "n1: 1 1 2; n2: 1 1 2; n3: 1 1 2; n4: 1 1; n5: 1 1 1 1";
    Cluster cluster(parameters);
    EXPECT_FALSE(cluster.elect(5));
    EXPECT_FALSE(cluster.elect(4));
    EXPECT_TRUE(cluster.elect(2));
}

TEST(StartingLogs, ThatNoRunCouldHaveMadeAreRefused)
{
    const auto error = [](std::string_view text) { return parseLogs(text, 3).error().message; };
    EXPECT_EQ(error("n1: 2 1"), "logs: terms never decrease along a log, found 1 after 2");
    EXPECT_EQ(error("n4: 1"), "logs: expected a node from n1 to n3 and a colon, found 'n4: 1'");
    EXPECT_EQ(error("n1: 1; n1: 1"), "logs: n1 is there twice");
    EXPECT_EQ(error("n1: one"), "logs: expected an entry's term from 1, found 'one'");
    EXPECT_EQ(error("n1: 1:x"), "logs: expected key=value after the term, found '1:x'");
    EXPECT_EQ(error("n1: 1 3; n2: 2 3"),
              "logs: n1 and n2 have the same term at index 2 but are not the same up to there, "
              "which no run of Raft brings about (log matching)");
    EXPECT_EQ(error("n1: 1:x=1; n2: 1:x=2"),
              "logs: n1 and n2 have the same term at index 1 but are not the same up to there, "
              "which no run of Raft brings about (log matching)");
    const auto logs = parseLogs(" n1: 1 2:x=1 ;; n3:1", 3).value();
    ASSERT_EQ(logs.size(), 2U);
    EXPECT_EQ(logs.at(NodeId(1))[1], (Entry{2, {}, kv::Put{"x", "1"}}));
}

} // namespace
} // namespace lightcone::protocols::raft
