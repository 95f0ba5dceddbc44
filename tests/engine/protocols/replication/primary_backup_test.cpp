#include "tests/engine/protocols/replication/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;

TEST(PrimaryBackup, TakesNoWriteWithoutALease)
{
    Process primary(1);
    const auto early = primary.ask(kv::Put{"x", "1"});
    EXPECT_EQ(primary.redirect(early), NodeId{});
    primary.lease(all);
    EXPECT_EQ(primary.machine().role(), Role::Primary);
    primary.ask(kv::Put{"x", "1"});
    EXPECT_EQ(primary.sent<Ship>().size(), 2U);
    primary.pass(200ms);
    primary.fire(Timer::Heartbeat);
    EXPECT_EQ(primary.machine().role(), Role::Fenced);
    const auto late = primary.ask(kv::Put{"x", "2"});
    EXPECT_EQ(primary.redirect(late), NodeId{});
    EXPECT_EQ(primary.machine().last(), 1U);
}

TEST(PrimaryBackup, AnswersWhenAsManyHaveItAsWerePromised)
{
    for (const auto& [acknowledge, needed] :
         {std::pair(Acknowledge::Sync, 2U), std::pair(Acknowledge::SemiSync, 1U),
          std::pair(Acknowledge::Async, 0U)}) {
        Process primary(1, primaryBackup(acknowledge));
        primary.lease(all);
        const auto id = primary.ask(kv::Put{"x", "1"});
        std::uint32_t backups = 0;
        while (!primary.answer<kv::Result>(id) && backups < 2) {
            ++backups;
            primary.receive(backups + 1, Ack{1, 1, 0, Instant{}});
        }
        EXPECT_EQ(backups, needed);
        EXPECT_TRUE(primary.answer<kv::Result>(id));
    }
}

TEST(PrimaryBackup, OfSeveralBackupsAsManyAsKAreWaitedFor)
{
    auto parameters = primaryBackup(Acknowledge::SemiSync, 4);
    parameters.k = 2;
    Process primary(1, parameters);
    primary.lease(viewOf(1, {1, 2, 3, 4}));
    const auto id = primary.ask(kv::Put{"x", "1"});
    primary.receive(4, Ack{1, 1, 0, Instant{}});
    EXPECT_FALSE(primary.answer<kv::Result>(id)) << "one of two";
    primary.receive(2, Ack{1, 0, 0, Instant{}});
    EXPECT_FALSE(primary.answer<kv::Result>(id)) << "the other has not got it";
    primary.receive(2, Ack{1, 1, 0, Instant{}});
    EXPECT_TRUE(primary.answer<kv::Result>(id));
}

TEST(PrimaryBackup, ABackupAsksForWhatItMissed)
{
    Process backup(2);
    backup.receive(1, shipOf(all, {putOf(1, "c", 3)}, 2, 1));
    const auto missing = backup.sentTo<Missing>(1);
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->from, 1U);
    EXPECT_FALSE(backup.sentTo<Ack>(1));
    backup.receive(1, shipOf(all, {putOf(1, "a", 1), putOf(1, "b", 2)}));
    EXPECT_EQ(backup.sentTo<Ack>(1)->match, 2U);
}

TEST(PrimaryBackup, ABackupWhoseLogHasPartedGoesBackToWhereItIsTheSame)
{
    Process backup(3);
    backup.receive(1, shipOf(all, {putOf(1, "a", 1), putOf(1, "b", 2)}));
    const auto next = viewOf(2, {2, 3});
    backup.receive(2, shipOf(next, {putOf(2, "d", 4)}, 2, 2)); // after c of view 2, not after b
    const auto missing = backup.sentTo<Missing>(2);
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->from, 1U);
    EXPECT_FALSE(backup.sentTo<Ack>(2));
    EXPECT_EQ(backup.machine().log().size(), 2U);
    const Log whole{putOf(1, "a", 1), putOf(2, "c", 3), putOf(2, "d", 4)};
    backup.receive(2, shipOf(next, whole));
    ASSERT_TRUE(backup.sentTo<Ack>(2));
    EXPECT_EQ(backup.sentTo<Ack>(2)->match, 3U);
    EXPECT_EQ(backup.machine().log(), whole);
}

TEST(PrimaryBackup, SendsAgainWhatABackupMissedAndOnlyOnce)
{
    Process primary(1, primaryBackup(Acknowledge::Async));
    primary.lease(all);
    for (const auto* value : {"a", "b", "c"}) {
        primary.ask(kv::Put{"x", value});
    }
    primary.receive(2, Missing{1, 2, 1, 0, 0, Instant{}});
    const auto again = primary.sentTo<Ship>(2);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->after, 1U);
    EXPECT_EQ(again->entries.size(), 2U);
    primary.receive(2, Missing{1, 2, 1, 0, 0, Instant{}});
    EXPECT_FALSE(primary.sentTo<Ship>(2));
}

TEST(PrimaryBackup, ABackupTakesNothingFromAViewThatIsOver)
{
    Process backup(2);
    backup.receive(4, Seal{2});
    EXPECT_EQ(backup.sentTo<Sealed>(4)->epoch, 2U);
    backup.receive(1, shipOf(all, {putOf(1, "a")}));
    EXPECT_EQ(backup.sentTo<Outdated>(1)->epoch, 2U);
    EXPECT_EQ(backup.machine().last(), 0U);
    backup.start();
    backup.receive(1, shipOf(all, {putOf(1, "a")}));
    EXPECT_EQ(backup.machine().last(), 0U) << "the seal is on disk";
}

TEST(PrimaryBackup, AnOldPrimaryThatHearsOfANewViewStops)
{
    Process primary(1, primaryBackup(Acknowledge::Async));
    primary.lease(all);
    primary.receive(2, Outdated{2});
    EXPECT_EQ(primary.machine().role(), Role::Fenced);
    const auto id = primary.ask(kv::Put{"x", "1"});
    EXPECT_EQ(primary.redirect(id), NodeId{});
}

TEST(PrimaryBackup, AReturningPrimaryTruncatesAndReports)
{
    Process old(1, primaryBackup(Acknowledge::Async));
    old.lease(all);
    for (const auto* value : {"a", "b", "c"}) {
        old.ask(kv::Put{"x", value});
    }
    EXPECT_EQ(old.machine().store().get("x").value, "c");
    const auto next = viewOf(2, {2, 3});
    auto ship = shipOf(next, {putOf(2, "z", 9)}, 1, 1);
    ship.commit = 2;
    old.receive(2, ship);
    EXPECT_EQ(old.machine().last(), 2U);
    EXPECT_EQ(old.machine().store().get("x").value, "z");
    const auto& lost = old.disk().lost;
    ASSERT_EQ(countOf(lost), 2U);
    EXPECT_EQ(lost.at(1), (LostRange{2, 3}));
    EXPECT_EQ(old.machine().role(), Role::Joining);
}

TEST(PrimaryBackup, WhatTheNewPrimaryNeverHadGoesAlsoWithoutAConflict)
{
    Process old(1, primaryBackup(Acknowledge::Async));
    old.lease(all);
    old.ask(kv::Put{"x", "a"});
    old.ask(kv::Put{"x", "b"});
    old.receive(2, shipOf(viewOf(2, {2, 3}), {}, 1, 1));
    EXPECT_EQ(old.machine().last(), 1U);
}

TEST(PrimaryBackup, NobodyIsLetInBeforeEveryWriteWaitsForIt)
{
    Process primary(1);
    const auto pair = viewOf(2, {1, 2});
    primary.lease(pair);
    const auto first = primary.ask(kv::Put{"x", "1"});
    primary.receive(2, Ack{2, 1, 0, Instant{}});
    EXPECT_TRUE(primary.answer<kv::Result>(first));
    primary.receive(3, Ack{2, 1, 0, Instant{}});
    primary.fire(Timer::Heartbeat);
    EXPECT_EQ(primary.sentTo<Admit>(4)->node, NodeId(3));
    EXPECT_TRUE(primary.disk().required.contains(NodeId(3)));
    const auto second = primary.ask(kv::Put{"x", "2"});
    primary.receive(2, Ack{2, 2, 0, Instant{}});
    EXPECT_FALSE(primary.answer<kv::Result>(second));
    primary.receive(3, Ack{2, 2, 0, Instant{}});
    EXPECT_TRUE(primary.answer<kv::Result>(second));
    primary.start();
    EXPECT_TRUE(primary.machine().admitting().contains(NodeId(3))) << "a crash does not forget it";
}

TEST(PrimaryBackup, ANewPrimaryAnswersReadsWhenAllThatItHasIsDone)
{
    Process backup(2);
    backup.receive(1, shipOf(all, {putOf(1, "a")}));
    backup.lease(viewOf(2, {2, 3}));
    EXPECT_EQ(backup.machine().role(), Role::Primary);
    const auto early = backup.ask(kv::Get{"x"});
    EXPECT_EQ(backup.redirect(early), NodeId{}) << "the old primary may have acknowledged it";
    backup.receive(3, Ack{2, 1, 0, Instant{}});
    const auto read = backup.ask(kv::Get{"x"});
    EXPECT_EQ(backup.answer<kv::Result>(read)->value, "a");
}

TEST(PrimaryBackup, TheMonitorWaitsForLongerThanAnyLease)
{
    auto parameters = primaryBackup();
    parameters.lease = 400ms;
    parameters.leaseDriftBound = 1.5;
    Process monitor(4, parameters);
    monitor.receive(1, Alive{1, Instant{}, 0, 0, true, {}});
    monitor.pass(590ms);
    for (const std::uint32_t backup : {2, 3}) {
        monitor.receive(backup, Alive{1, Instant{}, 0, 0, false, {}});
    }
    monitor.fire(Timer::Watch);
    EXPECT_TRUE(monitor.sent<Seal>().empty());
    monitor.pass(20ms);
    monitor.fire(Timer::Watch);
    EXPECT_EQ(monitor.sent<Seal>().size(), 2U);
    monitor.receive(1, Alive{1, Instant{}, 0, 0, true, {}});
    EXPECT_FALSE(monitor.sentTo<Lease>(1)->at) << "no lease for whom it is about to replace";
}

TEST(PrimaryBackup, TheMonitorRemembersWhatItDecided)
{
    Process monitor(4);
    monitor.pass(300ms);
    monitor.receive(2, Alive{1, Instant{}, 0, 0, false, {}});
    monitor.fire(Timer::Watch);
    monitor.receive(2, Sealed{2, {}});
    EXPECT_EQ(monitor.machine().view(), viewOf(2, {2}));
    monitor.start();
    EXPECT_EQ(monitor.machine().view(), viewOf(2, {2}));
}

TEST(PrimaryBackup, AMonitorThatCrashesInTheMiddleOfAChangeStartsANewView)
{
    Process monitor(4);
    monitor.pass(300ms);
    monitor.receive(2, Alive{1, Instant{}, 0, 0, false, {}});
    monitor.fire(Timer::Watch);
    monitor.start();
    EXPECT_EQ(monitor.machine().view(), viewOf(3, {1, 2, 3})) << "backups may have sealed for 2";
}

TEST(PrimaryBackup, TellsHowLongNobodyServed)
{
    Cluster cluster(primaryBackup());
    ASSERT_TRUE(cluster.begin());
    cluster.run(100ms);
    const auto died = cluster.world().instant();
    cluster.crash(1);
    ASSERT_TRUE(cluster.until([&] { return cluster.watch().recovery > Duration{}; }));
    const auto away = cluster.world().instant() - died;
    EXPECT_GE(cluster.watch().recovery, away);
    EXPECT_LE(cluster.watch().recovery, away + 60ms) << "no more than a heartbeat beyond";
    EXPECT_EQ(cluster.watch().unavailable, cluster.watch().recovery);
    EXPECT_EQ(cluster.watch().failovers, 1U);
}

TEST(PrimaryBackup, TheNewestOutageIsTheRecoveryAndAllTogetherAreUnavailable)
{
    auto parameters = primaryBackup();
    parameters.suspectAfter = 250ms;
    Process monitor(4, parameters);
    const auto serve = [&](Duration since) {
        monitor.pass(since);
        monitor.receive(1, Alive{1, monitor.now(), 0, 0, true, {}});
    };
    serve(10ms);
    serve(900ms);
    EXPECT_EQ(monitor.machine().watch()->recovery, 900ms);
    serve(50ms);
    EXPECT_EQ(monitor.machine().watch()->recovery, 900ms) << "no outage: it was only silent";
    serve(400ms);
    EXPECT_EQ(monitor.machine().watch()->recovery, 400ms);
    EXPECT_EQ(monitor.machine().watch()->unavailable, 1300ms);
}

TEST(PrimaryBackup, TellsHowFarABackupIsBehind)
{
    Cluster cluster(primaryBackup(Acknowledge::Async));
    ASSERT_TRUE(cluster.begin());
    ASSERT_TRUE(cluster.put("x", "1"));
    cluster.run(100ms);
    EXPECT_EQ(cluster.at(3).lagEntries(), 0U);
    EXPECT_EQ(cluster.at(3).lagTime(), Duration{});
    cluster.drop("Ship", 1, 3);
    for (const auto* value : {"2", "3", "4"}) {
        ASSERT_TRUE(cluster.put("x", value));
    }
    cluster.run(400ms);
    EXPECT_GT(cluster.at(3).lagTime(), 300ms);
    cluster.dropNoMore();
    ASSERT_TRUE(cluster.until([&] { return cluster.at(3).lagEntries() == 3; }));
    ASSERT_TRUE(cluster.until([&] { return cluster.at(3).lagEntries() == 0; }));
}

TEST(PrimaryBackup, RebuildsANodeFromASnapshot)
{
    auto parameters = primaryBackup(Acknowledge::Async);
    parameters.snapshotThreshold = 4;
    parameters.snapshotChunk = 40;
    Cluster cluster(parameters);
    ASSERT_TRUE(cluster.begin());
    ASSERT_TRUE(cluster.put("a", "1"));
    cluster.run(100ms);
    cluster.split({{1}, {2, 3, 4}});
    cluster.ask(kv::Put{"lost", "1"}, 1, 2);
    ASSERT_EQ(cluster.answered(2).answer, node::Answer::Done);
    ASSERT_TRUE(cluster.until([&] { return cluster.at(2).role() == Role::Primary; }));
    for (int i = 0; i < 12; ++i) {
        cluster.ask(kv::Put{"b", std::to_string(i)}, 2);
        ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
    }
    cluster.heal();
    ASSERT_TRUE(cluster.whole());
    EXPECT_TRUE(cluster.noted("n1: is rebuilt from a snapshot"));
    cluster.run(100ms);
    EXPECT_EQ(cluster.valueAt(1, "b"), "11");
    EXPECT_EQ(cluster.valueAt(1, "lost"), "none");
    EXPECT_EQ(cluster.watch().lostEntries, 1U) << "and says what that cost";
    EXPECT_EQ(cluster.problem(), "");
}

TEST(PrimaryBackup, AnswersARetryOnce)
{
    Process primary(1, primaryBackup(Acknowledge::Async));
    primary.lease(all);
    const auto id = primary.ask(kv::Cas{"x", std::nullopt, "1"});
    EXPECT_EQ(primary.answer<kv::Result>(id)->outcome, kv::Outcome::Done);
    primary.askAgain(id, kv::Cas{"x", std::nullopt, "1"});
    EXPECT_EQ(primary.answer<kv::Result>(id)->outcome, kv::Outcome::Done);
    EXPECT_EQ(primary.machine().store().get("x").value, "1");
}

TEST(PrimaryBackup, RefusesWhatOtherStrategiesTake)
{
    Process primary(1);
    primary.lease(all);
    EXPECT_THAT(primary.refusal(primary.ask(PutOver{"x", "1", {}})),
                testing::HasSubstr("only strategy=quorum"));
    Process replica(1, quorumOf(3));
    EXPECT_THAT(replica.refusal(replica.ask(kv::Cas{"x", std::nullopt, "1"})),
                testing::HasSubstr("a quorum store"));
}

} // namespace
} // namespace lightcone::protocols::replication
