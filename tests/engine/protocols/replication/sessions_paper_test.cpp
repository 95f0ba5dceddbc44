#include "tests/engine/protocols/replication/cluster.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

// Douglas B. Terry et al., Session Guarantees for Weakly Consistent Replicated Data, PDIS 1994; and
// Jim Gray et al., The Dangers of Replication and a Solution, SIGMOD 1996, on who owns an object.
namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;

Parameters anyReads(Guarantees guarantees)
{
    auto parameters = primaryBackup(Acknowledge::Async);
    parameters.reads = Reads::Any;
    parameters.guarantees = guarantees;
    return parameters;
}

/// All that it ships is committed.
Ship settled(const View& view, Log entries, Index after = 0, Epoch afterEpoch = 0)
{
    auto ship = shipOf(view, std::move(entries), after, afterEpoch);
    ship.commit = ship.last;
    return ship;
}

/// n2 with one write of view 1.
Process backup(Guarantees guarantees)
{
    Process node(2, anyReads(guarantees));
    node.receive(1, settled(all, {putOf(1, "a")}));
    return node;
}

// §3.1, Read Your Writes: "if Read R follows Write W in a session and R is performed at server S at
// time t, then W is included in DB(S,t)."
TEST(SessionPaper, ReadYourWrites)
{
    auto node = backup(Guarantees::ReadYourWrites);
    const auto later = node.ask(GetAfter{"x", {1, 2}, {}});
    EXPECT_EQ(node.redirect(later), NodeId(1)) << "number 2 has not come";
    const auto fits = node.ask(GetAfter{"x", {1, 1}, {}});
    EXPECT_EQ(node.answer<Sight>(fits)->value, "a");
    const auto seen = node.ask(GetAfter{"x", {}, {1, 2}});
    EXPECT_TRUE(node.answer<Sight>(seen)) << "what it has only read is another guarantee";
}

// §3.2, Monotonic Reads: "successive reads reflect a non-decreasing set of writes".
TEST(SessionPaper, MonotonicReads)
{
    auto node = backup(Guarantees::MonotonicReads);
    const auto later = node.ask(GetAfter{"x", {}, {1, 2}});
    EXPECT_EQ(node.redirect(later), NodeId(1));
    const auto fits = node.ask(GetAfter{"x", {}, {1, 1}});
    EXPECT_EQ(node.answer<Sight>(fits)->token, (Token{1, 1}));
    const auto written = node.ask(GetAfter{"x", {1, 2}, {}});
    EXPECT_TRUE(node.answer<Sight>(written));
}

TEST(SessionPaper, BothAndNone)
{
    auto both = backup(Guarantees::Both);
    EXPECT_TRUE(both.redirect(both.ask(GetAfter{"x", {1, 2}, {}})));
    EXPECT_TRUE(both.redirect(both.ask(GetAfter{"x", {}, {1, 2}})));
    auto none = backup(Guarantees::None);
    const auto read = none.ask(GetAfter{"x", {1, 2}, {1, 2}});
    EXPECT_TRUE(none.answer<Sight>(read));
}

// §3.3 and §3.4: Writes Follow Reads and Monotonic Writes hold of themselves: one primary orders
// all writes, and has all that any backup could have shown.
TEST(SessionPaper, WritesFollowReadsAndWrites)
{
    Cluster cluster(anyReads(Guarantees::Both));
    ASSERT_TRUE(cluster.begin());
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.run(200ms);
    EXPECT_EQ(cluster.get("x", 3), "1");
    ASSERT_TRUE(cluster.put("y", "2"));
    cluster.run(200ms);
    for (std::uint32_t number = 1; number <= 3; ++number) {
        EXPECT_EQ(cluster.valueAt(number, "x"), "1");
        EXPECT_EQ(cluster.valueAt(number, "y"), "2");
    }
    EXPECT_EQ(cluster.problem(), "");
}

// A session may have seen what a failover has lost. No server can give that back: it says so.
TEST(SessionPaper, ASessionThatHasSeenWhatIsLostIsTold)
{
    Process node(2, anyReads(Guarantees::Both));
    const auto view = viewOf(2, {2, 3});
    node.lease(view);
    node.ask(kv::Put{"x", "b"});
    const auto read = node.ask(GetAfter{"x", {1, 1}, {}});
    ASSERT_TRUE(node.answer<Sight>(read));
    EXPECT_TRUE(node.answer<Sight>(read)->sessionLost);
    EXPECT_EQ(node.answer<Sight>(read)->token, (Token{2, 1}));
}

/// n3 has the first write of x and not the second, which c1 made.
std::unique_ptr<Cluster> withALaggard(Guarantees guarantees)
{
    auto cluster = std::make_unique<Cluster>(anyReads(guarantees));
    EXPECT_TRUE(cluster->begin() && cluster->whole());
    EXPECT_TRUE(cluster->put("x", "1"));
    cluster->run(200ms);
    cluster->drop("Ship", 1, 3);
    EXPECT_TRUE(cluster->put("x", "2"));
    return cluster;
}

// §4: "the session manager" keeps what a session has written and read, and picks servers by it.
TEST(SessionPaper, AClientBringsAlongWhatItHasWritten)
{
    const auto cluster = withALaggard(Guarantees::ReadYourWrites);
    EXPECT_EQ(cluster->get("x", 3, 2), "1") << "c2 has written nothing";
    cluster->ask(kv::Get{"x"}, 3, 1);
    EXPECT_EQ(cluster->answered(1).answer, node::Answer::Redirected);
    EXPECT_EQ(cluster->get("x", 0, 1), "2");
    EXPECT_EQ(cluster->problem(), "");
}

TEST(SessionPaper, AClientBringsAlongWhatItHasSeen)
{
    const auto cluster = withALaggard(Guarantees::MonotonicReads);
    EXPECT_EQ(cluster->get("x", 3, 2), "1");
    EXPECT_EQ(cluster->get("x", 1, 2), "2");
    cluster->ask(kv::Get{"x"}, 3, 2);
    EXPECT_EQ(cluster->answered(2).answer, node::Answer::Redirected) << "it would see 1 again";
    EXPECT_EQ(cluster->get("x", 3, 1), "1") << "c1 has seen nothing";
}

TEST(SessionPaper, WithoutGuaranteesAClientMissesItsOwnWrite)
{
    const auto cluster = withALaggard(Guarantees::None);
    EXPECT_EQ(cluster->get("x", 3, 1), "1");
}

/// What c1 reads of x under a load, when it would rather ask n3.
std::set<std::string> readsOfALoad(Guarantees guarantees)
{
    const auto cluster = withALaggard(guarantees);
    cluster->get("y", 3, 1);
    sim::Load load;
    load.clients = {clientId(1)};
    load.bodies = {node::makePayload<Request>(kv::Get{"x"})};
    load.interval = 10ms;
    cluster->act(load);
    std::set<std::string> values;
    for (int i = 0; i < 20; ++i) {
        const auto sight = cluster->answeredWith<Sight>(1);
        values.insert(sight && sight->value ? *sight->value : "none");
        cluster->run(1ms);
    }
    return values;
}

TEST(SessionPaper, ALoadAsksAsItsSession)
{
    EXPECT_EQ(readsOfALoad(Guarantees::Both), (std::set<std::string>{"2"}));
    EXPECT_EQ(readsOfALoad(Guarantees::None), (std::set<std::string>{"1"}));
}

TEST(SessionPaper, ASessionKeepsTheNewestAndBeginsAnewWhenItIsLost)
{
    Session session;
    const auto hear = [&](const Request& request, Token token, bool lost = false) {
        session.hear(request, Sight{kv::Outcome::Done, {}, token, {}, lost});
    };
    session.hear(kv::Put{"x", "1"}, kv::Result{});
    EXPECT_TRUE(std::holds_alternative<kv::Get>(session.ask(kv::Get{"x"})))
        << "where answers carry no token nothing is different";
    hear(kv::Put{"x", "1"}, {1, 4});
    hear(kv::Get{"y"}, {1, 6});
    hear(GetAfter{"y", {}, {}}, {1, 5});
    EXPECT_EQ(session.written, (Token{1, 4}));
    EXPECT_EQ(session.seen, (Token{1, 6})) << "an older answer takes nothing back";
    const auto asked = std::get<GetAfter>(session.ask(kv::Get{"x"}));
    EXPECT_EQ(asked.key, "x");
    EXPECT_EQ(asked.written, session.written);
    EXPECT_EQ(asked.seen, session.seen);
    EXPECT_TRUE(std::holds_alternative<kv::Put>(session.ask(kv::Put{"x", "2"})));
    session.hear(kv::Get{"x"}, kv::Result{});
    EXPECT_EQ(session.seen, (Token{1, 6})) << "an answer without a token";
    hear(kv::Get{"x"}, {2, 3}, true);
    EXPECT_EQ(session.written, Token{});
    EXPECT_EQ(session.seen, (Token{2, 3}));
}

// A staleness bound holds whatever the two clocks say: the primary echoes the backup's own.
TEST(SessionPaper, ABackupKnowsHowOldItsCopyIsAtMost)
{
    auto parameters = anyReads(Guarantees::None);
    parameters.maxStaleness = 100ms;
    Process node(2, parameters);
    auto ship = settled(all, {putOf(1, "a")});
    node.pass(1s);
    ship.at = Instant(50s);
    ship.echo = Instant(950ms);
    node.receive(1, ship);
    const auto fresh = node.ask(kv::Get{"x"});
    EXPECT_EQ(node.answer<Sight>(fresh)->behind, 50ms);
    node.pass(60ms);
    EXPECT_EQ(node.redirect(node.ask(kv::Get{"x"})), NodeId(1));
}

TEST(SessionPaper, AStaleReadIsNoticedWhenTheWriteArrives)
{
    auto node = backup(Guarantees::None);
    node.pass(100ms);
    node.ask(kv::Get{"x"}, 7);
    auto missed = putOf(1, "b", 2);
    missed.at = Instant(70ms);
    node.receive(1, settled(all, {missed}, 1, 1));
    EXPECT_EQ(node.machine().staleReads(), 1U);
    EXPECT_EQ(node.machine().worstStaleness(), 30ms);
    EXPECT_TRUE(node.noted("c7's read of x was stale"));
}

// Gray et al. §1: with a lazy master "the master replica" owns an object and all updates go there
// first; backups only ever follow.
TEST(SessionPaper, OnlyThePrimaryTakesWrites)
{
    auto node = backup(Guarantees::Both);
    EXPECT_EQ(node.redirect(node.ask(kv::Put{"x", "2"})), NodeId(1));
    EXPECT_EQ(node.redirect(node.ask(kv::Cas{"x", "a", "2"})), NodeId(1));
    EXPECT_EQ(node.redirect(node.ask(kv::Delete{"x"})), NodeId(1));
}

} // namespace
} // namespace lightcone::protocols::replication
