#include "tests/engine/protocols/replication/cluster.h"
#include "tests/support/watched_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each invariant is shown nodes that break it: they are told what no node would say, or are said to
// have done what no node does.
namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;

class Watched : public test::Watched<Replication>
{
public:
    explicit Watched(const std::string& invariant, const Parameters& parameters = primaryBackup())
        : test::Watched<Replication>(replicationProtocol(), setupOf(parameters), invariant)
    {
    }

    void lease(std::uint32_t number, const View& view)
    {
        receive(number, static_cast<std::uint32_t>(size()), Lease{view, now()});
    }
};

Ship shipOf(const View& view, Log entries, Index after = 0, Epoch afterEpoch = 0)
{
    Ship ship;
    ship.view = view;
    ship.after = after;
    ship.afterEpoch = afterEpoch;
    ship.last = after + entries.size();
    ship.entries = std::move(entries);
    return ship;
}

TEST(ReplicationInvariants, OneUnfencedPrimary)
{
    Watched watched("one unfenced primary", primaryBackup(Acknowledge::Async));
    watched.lease(1, viewOf(1, {1, 2, 3}));
    watched.ask(1, kv::Put{"x", "1"});
    watched.lease(2, viewOf(2, {2, 3}));
    watched.ask(2, kv::Put{"x", "2"}, 2);
    EXPECT_EQ(watched.problem(), "");
    watched.ask(1, kv::Put{"x", "3"});
    EXPECT_EQ(watched.problem(),
              "n1 answers a write as if view 1 were not over: in view 2 that is for n2, which has "
              "answered already");
}

TEST(ReplicationInvariants, NoAcknowledgedWriteIsLost)
{
    Watched early("no acknowledged write is lost");
    early.lease(1, viewOf(1, {1, 2, 3}));
    early.ask(1, kv::Put{"x", "1"});
    early.receive(1, 2, Ack{1, 1, 0, Instant{}});
    EXPECT_EQ(early.problem(), "");
    early.receive(1, 3, Ack{1, 1, 0, Instant{}});
    EXPECT_EQ(early.problem(),
              "n1 acknowledges write 1 of view 1 when it is on 0 other disks, and 2 were promised: "
              "n3 has not written it down");

    Watched lost("no acknowledged write is lost");
    lost.lease(1, viewOf(1, {1, 2, 3}));
    lost.ask(1, kv::Put{"x", "1"});
    for (const std::uint32_t backup : {2, 3}) {
        lost.receive(backup, 1, shipOf(viewOf(1, {1, 2, 3}), lost.at(1).log()));
        lost.receive(1, backup, Ack{1, 1, 0, Instant{}});
    }
    EXPECT_EQ(lost.at(1).commit(), 1U);
    lost.receive(3, 2, shipOf(viewOf(2, {2, 3}), {putOf(2, "other")}));
    lost.lease(3, viewOf(3, {3}));
    EXPECT_THAT(lost.problem(), testing::StartsWith("n3 takes over in view 3 with writes up to"));
}

TEST(ReplicationInvariants, TheLeastLagIsPromoted)
{
    const auto run = [](Mistake mistake) {
        auto parameters = primaryBackup();
        parameters.mistake = mistake;
        Watched watched("the least lag is promoted", parameters);
        watched.wait(300ms);
        for (const std::uint32_t backup : {2, 3}) {
            watched.receive(4, backup, Alive{1, Instant{}, 0, 0, false, {}});
        }
        watched.fire(4, Timer::Watch);
        watched.receive(4, 2, Sealed{2, {1, 5}});
        watched.receive(4, 3, Sealed{2, {1, 3}});
        return watched.problem();
    };
    EXPECT_EQ(run(Mistake::None), "");
    EXPECT_EQ(run(Mistake::PromotesLaggard),
              "n3 becomes the primary with writes up to number 3, although n2 has them up to 5");
}

TEST(ReplicationInvariants, OneHistory)
{
    Watched watched("one history");
    const auto view = viewOf(1, {1, 2, 3});
    watched.receive(2, 1, shipOf(view, {putOf(1, "a")}));
    watched.receive(3, 1, shipOf(view, {putOf(1, "a")}));
    EXPECT_EQ(watched.problem(), "");
    watched.receive(2, 1, shipOf(view, {putOf(1, "b", 2)}, 1, 1));
    watched.receive(3, 1, shipOf(view, {putOf(1, "c", 3)}, 1, 1));
    EXPECT_THAT(watched.problem(), testing::StartsWith("n3 has put x=c as write 2 of view 1"));
}

TEST(ReplicationInvariants, PrefixesDownTheChain)
{
    Watched watched("prefixes down the chain", chainOf(3));
    watched.receive(2, 1, shipOf(viewOf(1, {1, 2, 3}), {putOf(1, "a")}));
    EXPECT_EQ(watched.problem(),
              "n2, which comes after n1 in view 1, has write 1 of view 1, which the one before it "
              "has not");
}

TEST(ReplicationInvariants, LossesAreReported)
{
    const auto begin = [](Watched& watched) {
        watched.lease(1, viewOf(1, {1, 2, 3}));
        watched.ask(1, kv::Put{"x", "1"});
    };
    Watched kept("losses are reported", primaryBackup(Acknowledge::Async));
    begin(kept);
    kept.receive(1, 2, Ack{1, 1, 0, Instant{}});
    kept.lease(2, viewOf(2, {2, 3}));
    EXPECT_EQ(kept.problem(), "n2 takes over without write 1, which it had told n1 that it has");

    Watched told("losses are reported", primaryBackup(Acknowledge::Async));
    begin(told);
    told.lease(2, viewOf(2, {2, 3}));
    told.receive(1, 2, shipOf(viewOf(2, {2, 3}), {putOf(2, "other")}));
    EXPECT_EQ(told.problem(), "");
    EXPECT_EQ(countOf(told.at(1).lost()), 1U);

    Watched untold("losses are reported", primaryBackup(Acknowledge::Async));
    begin(untold);
    untold.lease(2, viewOf(2, {2, 3}));
    untold.claimWritten(1, Discard{1, {{1, LostRange{7, 7}}}});
    EXPECT_EQ(untold.problem(), "");
    untold.ask(2, kv::Put{"x", "2"}, 2);
    untold.claimWritten(3, Discard{1, {{2, LostRange{1, 1}}}});
    EXPECT_EQ(untold.problem(), "n3 reports write 1 of view 2 as lost, which n2 has");
}

TEST(ReplicationInvariants, ReadsAreFresh)
{
    Watched watched("reads are fresh", chainOf(3));
    const auto view = viewOf(1, {1, 2, 3});
    watched.lease(1, view);
    watched.lease(3, view);
    watched.receive(3, 2, shipOf(view, {}));
    watched.ask(3, kv::Get{"x"}, 2);
    watched.ask(1, kv::Put{"x", "1"});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(1, 2, Ack{1, 1, 1, Instant{}});
    watched.ask(3, kv::Get{"x"}, 2);
    EXPECT_EQ(watched.problem(),
              "n3 answers a read of c2 from the state after write 0, but write 1 of view 1 was "
              "acknowledged before it was asked");
}

TEST(ReplicationInvariants, SessionGuarantees)
{
    auto parameters = primaryBackup(Acknowledge::Async);
    parameters.reads = Reads::Any;
    Watched watched("session guarantees", parameters);
    auto ship = shipOf(viewOf(1, {1, 2, 3}), {putOf(1, "a")});
    ship.commit = 1;
    watched.receive(2, 1, ship);
    const auto read = watched.ask(2, GetAfter{"x", {1, 1}, {}});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(2, 3, shipOf(viewOf(2, {3, 2}), {putOf(2, "b", 2)}));
    watched.claimDone(2, read, Sight{});
    EXPECT_EQ(watched.problem(),
              "n2 answers c1 from the state after write 1, although the session has written number "
              "1 of view 1");
}

TEST(ReplicationInvariants, BoundedStaleness)
{
    auto parameters = primaryBackup(Acknowledge::Async);
    parameters.reads = Reads::Any;
    parameters.maxStaleness = 100ms;
    Watched watched("bounded staleness", parameters);
    watched.lease(1, viewOf(1, {1, 2, 3}));
    watched.ask(1, kv::Put{"x", "1"});
    watched.wait(105ms);
    watched.claimDone(2, {clientId(2), 1}, Sight{});
    EXPECT_EQ(watched.problem(), "");
    watched.wait(10ms);
    watched.claimDone(2, {clientId(2), 2}, Sight{});
    EXPECT_EQ(watched.problem(),
              "n2 answers a read without write 1, which was acknowledged 115 ms before");
}

TEST(ReplicationInvariants, TheLatestWriteIsSeen)
{
    Watched watched("the latest write is seen", quorumOf(3));
    watched.ask(1, PutOver{"x", "1", {}});
    ASSERT_EQ(watched.at(1).operations().size(), 1U);
    watched.receive(1, 2, Stored{watched.at(1).operations().begin()->first});
    watched.ask(2, kv::Get{"x"}, 2);
    EXPECT_EQ(watched.problem(), "");
    watched.receive(2, 3, Fetched{watched.at(2).operations().begin()->first, {}});
    EXPECT_EQ(watched.problem(),
              "n2 answers c2's read of x without write 1 of n1, which was acknowledged before the "
              "read was asked");
}

TEST(ReplicationInvariants, NothingIsDropped)
{
    Watched watched("nothing is dropped", quorumOf(3));
    Version version;
    version.dot = {NodeId(1), 1};
    version.value = "1";
    watched.receive(2, 1, StoreVersions{7, "x", {version}, {}});
    Version next = version;
    next.dot = {NodeId(1), 2};
    next.context.add(version.dot);
    watched.receive(2, 1, StoreVersions{8, "x", {next}, {}});
    EXPECT_EQ(watched.problem(), "");
    Version other = version;
    other.dot = {NodeId(3), 1};
    watched.claimWritten(2, Keep{"x", {other}});
    EXPECT_EQ(watched.problem(), "n2 drops a version of x that nothing has replaced");
}

TEST(ReplicationInvariants, HintsComeHome)
{
    auto parameters = quorumOf(5);
    parameters.sloppy = true;
    Watched watched("hints come home", parameters);
    Version version;
    version.dot = {NodeId(1), 1};
    version.value = "1";
    watched.receive(2, 1, StoreVersions{7, "x", {version}, NodeId(5)});
    watched.receive(5, 2, HandOff{"x", {version}});
    Clock received;
    received.add(version.dot);
    watched.receive(2, 5, HandedOff{"x", received});
    EXPECT_TRUE(watched.at(2).hints().empty());
    EXPECT_EQ(watched.problem(), "");
    watched.receive(2, 1, StoreVersions{8, "y", {version}, NodeId(5)});
    watched.receive(2, 5, HandedOff{"y", received});
    EXPECT_EQ(watched.problem(), "n2 lets go of a hint about y that n5 has not got");
}

} // namespace
} // namespace lightcone::protocols::replication
