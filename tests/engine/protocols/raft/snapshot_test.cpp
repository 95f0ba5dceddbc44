#include "engine/kv/image.h"
#include "tests/engine/protocols/raft/cluster.h"
#include "tests/engine/protocols/raft/server.h"

#include <gtest/gtest.h>

// Log compaction: the dissertation's chapter 5, the paper's section 7 and its figure 13.
namespace lightcone::protocols::raft {
namespace {

using namespace std::chrono_literals;

/// A store after some puts, and what a snapshot of it carries.
struct Sample
{
    kv::Store store{};
    std::string data{};

    Sample()
    {
        for (std::uint32_t i = 1; i <= 5; ++i) {
            store.apply({clientId(1), i}, kv::Put{"k" + std::to_string(i), "välue"});
        }
        data = kv::imageOf(store);
    }

    /// The piece from an offset on, of some size.
    [[nodiscard]] InstallSnapshot piece(std::size_t offset, std::size_t size, Term term = 2) const
    {
        const auto part = data.substr(offset, size);
        return {term,
                10,
                2,
                Configuration{{NodeId(1), NodeId(2), NodeId(3)}, {}, {}},
                offset,
                part,
                offset + part.size() == data.size(),
                1};
    }
};

// Figure 13: "2. Create new snapshot file if first chunk (offset is 0). 3. Write data into snapshot
// file at given offset. 4. Reply and wait for more data chunks if done is false. ... 7. Discard the
// entire log. 8. Reset state machine using snapshot contents (and load snapshot's cluster
// configuration)".
TEST(PaperSnapshot, PiecesAreCollectedAndThenInstalled)
{
    const Sample sample;
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1}), 0, 1});
    const auto half = sample.data.size() / 2;
    follower.receive(2, sample.piece(0, half));
    EXPECT_EQ(follower.sentTo<SnapshotStored>(2)->offset, half);
    EXPECT_FALSE(follower.sentTo<SnapshotStored>(2)->done);
    EXPECT_EQ(follower.machine().lastIndex(), 2U);
    follower.receive(2, sample.piece(half, sample.data.size()));
    EXPECT_TRUE(follower.sentTo<SnapshotStored>(2)->done);
    EXPECT_EQ(follower.machine().store(), sample.store);
    EXPECT_EQ(follower.machine().lastIndex(), 10U);
    EXPECT_EQ(follower.machine().lastTerm(), 2U);
    EXPECT_EQ(follower.machine().commitIndex(), 10U);
    EXPECT_TRUE(follower.machine().log().empty());
    EXPECT_EQ(follower.machine().configuration().voters.size(), 3U);
    EXPECT_EQ(follower.disk().snapshot->store, sample.store);
    follower.start();
    EXPECT_EQ(follower.machine().store(), sample.store);
    EXPECT_EQ(follower.machine().lastApplied(), 10U);
}

// Figure 13: "6. If existing log entry has same index and term as snapshot's last included entry,
// retain log entries following it and reply".
TEST(PaperSnapshot, EntriesAfterTheSnapshotStayWhenTheyMatch)
{
    const Sample sample;
    Server follower;
    follower.receive(2, AppendEntries{2, 0, 0, logOf({1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2}), 0, 1});
    follower.receive(2, sample.piece(0, sample.data.size()));
    EXPECT_EQ(follower.machine().lastIndex(), 12U);
    EXPECT_EQ(follower.machine().logStart(), 11U);
    EXPECT_EQ(follower.disk().log, follower.machine().log());
    EXPECT_EQ(follower.disk().discardedTerm, 2U);
}

TEST(PaperSnapshot, EntriesAfterTheSnapshotGoWhenItsLastEntryDiffers)
{
    const Sample sample;
    Server follower;
    follower.receive(2, AppendEntries{1, 0, 0, logOf({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}), 0, 1});
    follower.receive(2, sample.piece(0, sample.data.size()));
    EXPECT_EQ(follower.machine().lastIndex(), 10U);
    EXPECT_TRUE(follower.disk().log.empty());
}

TEST(Snapshot, ATransferGoesOnWhereItWasInterruptedEvenByACrash)
{
    const Sample sample;
    Server follower;
    follower.receive(2, sample.piece(0, 20));
    follower.start();
    follower.receive(3, sample.piece(0, 20, 3)); // The next leader begins anew.
    EXPECT_EQ(follower.sentTo<SnapshotStored>(3)->offset, 20U);
    EXPECT_TRUE(follower.written<SnapshotChunk>().empty());
    follower.receive(3, sample.piece(20, sample.data.size(), 3));
    EXPECT_TRUE(follower.sentTo<SnapshotStored>(3)->done);
}

TEST(Snapshot, ADamagedOneIsThrownAway)
{
    const Sample sample;
    Server follower;
    auto piece = sample.piece(0, sample.data.size());
    piece.data[3] = 'z';
    follower.receive(2, piece);
    EXPECT_FALSE(follower.sentTo<SnapshotStored>(2)->done);
    EXPECT_EQ(follower.sentTo<SnapshotStored>(2)->offset, 0U);
    EXPECT_EQ(follower.machine().lastIndex(), 0U);
    EXPECT_TRUE(follower.noted("throws away"));
}

TEST(Snapshot, OneThatCoversNothingNewIsOnlyConfirmed)
{
    const Sample sample;
    Server follower;
    follower.receive(2, AppendEntries{2, 0, 0, logOf({1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}), 11, 1});
    follower.receive(2, sample.piece(0, 20));
    EXPECT_TRUE(follower.sentTo<SnapshotStored>(2)->done);
    EXPECT_EQ(follower.machine().lastIndex(), 11U);
}

Parameters compacting()
{
    auto parameters = Cluster::plain();
    parameters.snapshotThreshold = 8;
    parameters.snapshotChunk = 16;
    return parameters;
}

// Dissertation §5.1: "the log grows ... servers compact their logs", each for itself.
TEST(Snapshot, EveryNodeShortensItsOwnLog)
{
    Cluster cluster(compacting());
    for (int i = 0; i < 40; ++i) {
        cluster.ask(kv::Put{"x", std::to_string(i)});
        ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
    }
    cluster.run(200ms);
    for (std::uint32_t number = 1; number <= 5; ++number) {
        EXPECT_GE(cluster.at(number).logStart(), 30U);
        EXPECT_LE(cluster.at(number).log().size(), 11U);
    }
    EXPECT_EQ(cluster.problem(), "");
}

// §5: "the leader must occasionally send snapshots to followers that lag behind."
TEST(Snapshot, AFollowerThatWasAwayIsSentASnapshotInPieces)
{
    Cluster cluster(compacting());
    ASSERT_TRUE(cluster.until([&] { return cluster.at(1).leader() != NodeId(); }));
    const auto away = cluster.at(1).leader() == NodeId(5) ? 4U : 5U;
    cluster.act(sim::Crash{NodeId(away)});
    for (int i = 0; i < 30; ++i) {
        cluster.ask(kv::Put{"key " + std::to_string(i), "value"});
        ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
    }
    cluster.act(sim::Restart{NodeId(away)});
    cluster.run(1s);
    EXPECT_GT(cluster.sent("InstallSnapshot"), 10U);
    EXPECT_EQ(cluster.at(away).store(), cluster.at(1).store());
    EXPECT_TRUE(cluster.noted("installs a snapshot"));
    EXPECT_EQ(cluster.problem(), "");
}

} // namespace
} // namespace lightcone::protocols::raft
