#include "tests/engine/protocols/replication/cluster.h"

#include <gtest/gtest.h>

// Robbert van Renesse and Fred B. Schneider, Chain Replication for Supporting High Throughput and
// Availability, OSDI 2004, sentence by sentence; then Jeff Terrace and Michael J. Freedman, Object
// Storage on CRAQ, USENIX ATC 2009.
namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;

const View three = viewOf(1, {1, 2, 3});

// §2: "Query Processing. Each query request is directed to the tail of the chain and processed
// there atomically using the replica of objID stored at the tail."
TEST(ChainPaper, TheTailAnswersQueriesAlone)
{
    Process tail(3, chainOf(3));
    tail.receive(2, shipOf(three, {putOf(1, "a")}));
    tail.lease(three);
    const auto id = tail.ask(kv::Get{"x"});
    EXPECT_EQ(tail.answer<kv::Result>(id)->value, "a");
    EXPECT_TRUE(tail.sent<Ship>().empty());
    Process middle(2, chainOf(3));
    middle.lease(three);
    EXPECT_EQ(middle.redirect(middle.ask(kv::Get{"x"})), NodeId(3));
}

// §2: "Update Processing. Each update request is directed to the head of the chain. The request is
// processed there atomically …, then state changes are forwarded along a reliable FIFO link to the
// next element of the chain (where it is handled and forwarded), and so on until the request is
// handled by the tail."
TEST(ChainPaper, UpdatesGoFromTheHeadToTheTail)
{
    Process head(1, chainOf(3));
    head.lease(three);
    head.ask(kv::Put{"x", "a"});
    ASSERT_EQ(head.sent<Ship>().size(), 1U);
    const auto down = head.sentTo<Ship>(2);
    Process middle(2, chainOf(3));
    EXPECT_EQ(middle.redirect(middle.ask(kv::Put{"x", "b"})), NodeId(1));
    middle.receive(1, *down);
    const auto further = middle.sentTo<Ship>(3);
    ASSERT_TRUE(further);
    EXPECT_EQ(further->entries.size(), 1U);
    EXPECT_EQ(middle.machine().commit(), 0U);
    Process tail(3, chainOf(3));
    tail.lease(three);
    tail.receive(2, *further);
    EXPECT_EQ(tail.machine().commit(), 1U);
    EXPECT_EQ(tail.machine().store().get("x").value, "a");
}

// §2: "Reply Generation. The reply for every request is generated and sent by the tail." Here the
// tail's word goes back up, and the head sends the reply: a client waits where it has asked.
TEST(ChainPaper, NobodyIsToldBeforeTheTailHasIt)
{
    Process head(1, chainOf(3));
    head.lease(three);
    const auto id = head.ask(kv::Put{"x", "a"});
    head.receive(2, Ack{1, 1, 0, Instant{}});
    EXPECT_FALSE(head.answer<kv::Result>(id));
    head.receive(2, Ack{1, 1, 1, Instant{}});
    EXPECT_TRUE(head.answer<kv::Result>(id));
}

// §3: "we assume the servers are fail-stop"; the master "detects failures of servers, informs each
// server in the chain of its new predecessor or new successor in the new chain obtained by deleting
// the failed server, informs clients which server is the head and which is the tail of the chain".
TEST(ChainPaper, TheMasterDeletesAFailedServerFromTheChain)
{
    Cluster cluster(chainOf(4));
    ASSERT_TRUE(cluster.begin());
    cluster.crash(2);
    ASSERT_TRUE(cluster.until([&] { return cluster.at(3).view() == viewOf(2, {1, 3, 4}); }));
    ASSERT_TRUE(cluster.until([&] { return cluster.at(1).view() == viewOf(2, {1, 3, 4}); }));
    EXPECT_TRUE(cluster.put("x", "1"));
    EXPECT_EQ(cluster.problem(), "");
}

// §3, Failure of the Head: "This case is handled by the master removing H from the chain and making
// the successor to H the new head of the chain." Requests that were only at H are lost, and nobody
// was told otherwise.
TEST(ChainPaper, TheHeadFails)
{
    Cluster cluster(chainOf(3));
    ASSERT_TRUE(cluster.begin());
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.drop("Ship", 1, 2);
    cluster.ask(kv::Put{"x", "2"}, 1, 2);
    cluster.run(20ms);
    cluster.crash(1);
    cluster.dropNoMore();
    ASSERT_TRUE(cluster.until([&] { return cluster.at(2).role() == Role::Head; }));
    EXPECT_FALSE(cluster.outcome(2));
    EXPECT_EQ(cluster.get("x"), "1");
    cluster.restart(1);
    ASSERT_TRUE(cluster.whole());
    EXPECT_TRUE(cluster.until([&] { return cluster.at(1).role() == Role::Tail; }));
    EXPECT_EQ(cluster.at(1).last(), 1U) << "what only it had is gone";
    EXPECT_EQ(cluster.watch().lostEntries, 0U);
    EXPECT_EQ(cluster.problem(), "");
}

// §3, Failure of the Tail: "This case is handled by removing tail T from the chain and making
// predecessor T- of T the new tail." All that T- has is done then.
TEST(ChainPaper, TheTailFails)
{
    Cluster cluster(chainOf(3));
    ASSERT_TRUE(cluster.begin());
    cluster.drop("Ship", 2, 3);
    cluster.ask(kv::Put{"x", "1"});
    ASSERT_TRUE(cluster.until([&] { return cluster.at(2).last() == 1; }));
    EXPECT_EQ(cluster.at(2).commit(), 0U);
    cluster.crash(3);
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    EXPECT_EQ(cluster.at(2).role(), Role::Tail);
    EXPECT_EQ(cluster.get("x"), "1");
    EXPECT_EQ(cluster.problem(), "");
}

// §3, Failure of Other Servers: "S- … should first send to S+ all those requests in Hist that might
// not have reached S+; only then may S- process and forward requests that it receives subsequent to
// assuming its new chain position."
TEST(ChainPaper, AMiddleServerFailsAndItsPredecessorFillsTheGap)
{
    Cluster cluster(chainOf(3));
    ASSERT_TRUE(cluster.begin());
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.drop("Ship", 2, 3);
    cluster.ask(kv::Put{"x", "2"});
    ASSERT_TRUE(cluster.until([&] { return cluster.at(2).last() == 2; }));
    cluster.crash(2);
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    EXPECT_EQ(cluster.at(3).last(), 2U);
    EXPECT_EQ(cluster.problem(), "");
}

// §3: "Update Propagation Invariant. For servers labelled i and j such that i <= j holds (i.e., i
// is a predecessor of j in the chain) then Hist_j is a prefix of Hist_i."
TEST(ChainPaper, HistoriesArePrefixesDownTheChain)
{
    Cluster cluster(chainOf(4));
    ASSERT_TRUE(cluster.begin());
    for (int i = 0; i < 8; ++i) {
        cluster.ask(kv::Put{"x", std::to_string(i)}, 0, 1 + i % 2);
        cluster.run(1ms);
        for (std::uint32_t number = 1; number < 4; ++number) {
            EXPECT_GE(cluster.at(number).last(), cluster.at(number + 1).last());
        }
    }
    EXPECT_TRUE(cluster.until([&] { return cluster.at(1).commit() == 8; }));
    EXPECT_EQ(cluster.problem(), "");
}

// §3, Extending a Chain: a new server is added at the end. "T+ … the current tail T … forwards",
// and "T … notified that it is no longer the tail" answers no more queries.
TEST(ChainPaper, AServerIsAddedAfterTheTail)
{
    Cluster cluster(chainOf(3));
    ASSERT_TRUE(cluster.begin());
    cluster.crash(1);
    ASSERT_TRUE(cluster.until([&] { return cluster.at(3).view() == viewOf(2, {2, 3}); }));
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.restart(1);
    ASSERT_TRUE(cluster.whole());
    EXPECT_EQ(cluster.at(3).role(), Role::Middle);
    EXPECT_TRUE(cluster.until([&] { return cluster.at(1).role() == Role::Tail; }));
    EXPECT_EQ(cluster.get("x"), "1");
    EXPECT_EQ(cluster.problem(), "");
}

// The paper's servers are fail-stop; ours may only seem to have failed. A new tail answers when the
// one before it is in its view, so that the old tail does not answer any more.
TEST(ChainPaper, ANewTailWaitsForTheOldOne)
{
    Process added(1, chainOf(3));
    const auto view = viewOf(3, {2, 3, 1});
    added.receive(3, shipOf(viewOf(2, {2, 3}), {putOf(2, "a")}));
    added.lease(view);
    EXPECT_EQ(added.machine().role(), Role::Tail);
    EXPECT_EQ(added.redirect(added.ask(kv::Get{"x"})), NodeId{});
    EXPECT_EQ(added.machine().commit(), 0U);
    added.receive(3, shipOf(view, {}, 1, 2));
    EXPECT_EQ(added.answer<kv::Result>(added.ask(kv::Get{"x"}))->value, "a");
}

Parameters craq(std::uint32_t nodes)
{
    auto parameters = chainOf(nodes);
    parameters.reads = Reads::Any;
    return parameters;
}

// CRAQ §2.3: "If the latest known version of the requested object is clean, the node returns this
// value."
TEST(CraqPaper, ALinkAnswersForACleanKeyAlone)
{
    Process middle(2, craq(3));
    middle.lease(three);
    middle.receive(1, shipOf(three, {putOf(1, "a")}));
    middle.receive(3, Ack{1, 1, 1, Instant{}});
    const auto id = middle.ask(kv::Get{"x"});
    EXPECT_EQ(middle.answer<kv::Result>(id)->value, "a");
    EXPECT_TRUE(middle.sent<AskTail>().empty());
}

// CRAQ §2.3: "Otherwise, if the latest version number of the object requested is dirty, the node
// contacts the tail and asks for the tail's last committed version number (a version query). The
// node then returns that version of the object."
TEST(CraqPaper, ForADirtyKeyItAsksTheTailForTheVersion)
{
    Process middle(2, craq(3));
    middle.lease(three);
    middle.receive(1, shipOf(three, {putOf(1, "a"), putOf(1, "b", 2)}));
    middle.receive(3, Ack{1, 1, 1, Instant{}});
    const auto id = middle.ask(kv::Get{"x"});
    EXPECT_FALSE(middle.answer<kv::Result>(id));
    EXPECT_TRUE(middle.sentTo<AskTail>(3));
    middle.receive(3, TailSays{1, id, 1});
    EXPECT_EQ(middle.answer<kv::Result>(id)->value, "a") << "number 2 is not done";
    const auto later = middle.ask(kv::Get{"x"});
    middle.receive(3, TailSays{1, later, 2});
    EXPECT_EQ(middle.answer<kv::Result>(later)->value, "b");
}

// CRAQ §2.3: other objects stay clean.
TEST(CraqPaper, AWriteOfOneKeyDoesNotMakeAnotherDirty)
{
    Process middle(2, craq(3));
    middle.lease(three);
    middle.receive(1, shipOf(three, {putOf(1, "a"), putOf(1, "b", 2, "y")}));
    middle.receive(3, Ack{1, 1, 1, Instant{}});
    const auto id = middle.ask(kv::Get{"x"});
    EXPECT_EQ(middle.answer<kv::Result>(id)->value, "a");
}

// CRAQ §2.4: an answer relies on being a member; who has no lease sends the client on.
TEST(CraqPaper, ALinkWithoutALeaseAnswersNobody)
{
    Process middle(2, craq(3));
    EXPECT_EQ(middle.redirect(middle.ask(kv::Get{"x"})), NodeId(3));
}

} // namespace
} // namespace lightcone::protocols::replication
