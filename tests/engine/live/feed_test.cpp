#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/live/feed.h"
#include "engine/node/catalog.h"

#include <gtest/gtest.h>

namespace lightcone::live {
namespace {

struct Machine
{
    const node::Protocol* protocol = node::findProtocol("raft");
    Dice dice{7};
    std::uint64_t stands = 0;

    Standing stand()
    {
        ++stands;
        Standing standing;
        standing.disk = protocol->makeDisk();
        standing.dice = dice;
        standing.synced = stands;
        standing.alarms = {{1, 2, std::chrono::milliseconds(3)}};
        standing.paused = true;
        return standing;
    }

    Feed feed(FeedLimits limits = {})
    {
        return Feed(
            3, [this] { return stand(); }, limits);
    }
};

HybridTime at(std::int64_t time)
{
    return {time, 0};
}

Contact wordy(std::uint64_t number)
{
    return {NodeId(2), true, std::string(20, static_cast<char>('a' + number % 26))};
}

TEST(Feed, NumbersEntriesFromOneAndGivesThemBack)
{
    Machine host;
    auto feed = host.feed();
    EXPECT_EQ(feed.last(), 0u);
    EXPECT_EQ(feed.append(Fired{1, 9}, at(5), Instant(Duration(4))), 1u);
    EXPECT_EQ(feed.append(Synced{6}, {5, 1}, {}), 2u);
    EXPECT_EQ(feed.lastTime(), (HybridTime{5, 1}));

    const auto read = entriesOf(feed.read(1, 1000));
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->size(), 2u);
    EXPECT_EQ(std::get<Fired>((*read)[0].what).about, 9u);
    EXPECT_EQ((*read)[0].now, Instant(Duration(4)));
    EXPECT_EQ((*read)[1].time, (HybridTime{5, 1}));
    EXPECT_EQ(feed.read(3, 1000).count, 0u);
}

TEST(Feed, ReadsNoMoreThanAskedForButAlwaysOne)
{
    Machine host;
    auto feed = host.feed({1 << 20, 64, 1 << 20});
    for (std::uint64_t i = 1; i <= 50; ++i) {
        feed.append(wordy(i), at(static_cast<std::int64_t>(i)), {});
    }
    std::uint64_t next = 1;
    while (next <= 50) {
        const auto stretch = feed.read(next, 100);
        ASSERT_GT(stretch.count, 0u);
        EXPECT_LE(stretch.entries.size(), 100u);
        const auto read = entriesOf(stretch);
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(read->front().number, next);
        next += stretch.count;
    }
    EXPECT_EQ(feed.read(7, 1).count, 1u);
}

TEST(Feed, ForgetsTheOldestButNeverWhatANewcomerNeeds)
{
    Machine host;
    auto feed = host.feed({2000, 100, 500});
    std::uint64_t forgotten = 0;
    for (std::uint64_t i = 1; i <= 2000; ++i) {
        feed.append(wordy(i), at(static_cast<std::int64_t>(i)), {});
        const auto begin = feed.oldestCheckpoint();
        ASSERT_GE(begin.entry + 1, feed.oldest()) << "after " << i;
        ASSERT_LE(begin.entry, i);
        ASSERT_GE(feed.oldest(), forgotten);
        forgotten = feed.oldest();
        ASSERT_LE(feed.size(), 2000u + 500u + 200u);
    }
    EXPECT_GT(forgotten, 1800u);
    const auto stretch = feed.read(feed.oldestCheckpoint().entry + 1, 1 << 20);
    const auto read = entriesOf(stretch);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->back().number, 2000u);
}

TEST(Feed, ClonesOncePerDistanceNotPerEntry)
{
    Machine host;
    auto feed = host.feed({1 << 20, 1000, 10'000});
    for (std::uint64_t i = 1; i <= 2000; ++i) {
        feed.append(wordy(i), at(0), {});
    }
    EXPECT_EQ(host.stands, 1 + feed.size() / 10'000);
}

TEST(Feed, ACheckpointSaysAllThatARepetitionNeeds)
{
    Machine host;
    auto feed = host.feed();
    feed.append(Fired{}, at(8), {});
    host.dice.next();
    const auto checkpoint = feed.checkpoint();
    EXPECT_EQ(checkpoint.incarnation, 3u);
    EXPECT_EQ(checkpoint.entry, 1u);
    EXPECT_EQ(checkpoint.time, at(8));
    EXPECT_TRUE(checkpoint.state.empty());
    EXPECT_TRUE(checkpoint.paused);
    ASSERT_EQ(checkpoint.alarms.size(), 1u);
    EXPECT_EQ(checkpoint.alarms[0].about, 2u);
    const auto again = describe::fromBytes<Checkpoint>(describe::toBytes(checkpoint));
    ASSERT_TRUE(again) << again.error().text();
    auto dice = diceOf(again->dice);
    ASSERT_TRUE(dice);
    EXPECT_EQ(*dice, host.dice);
    EXPECT_EQ(dice->fork(4), host.dice.fork(4));
}

TEST(Feed, DiceOfZerosAreNoDice)
{
    EXPECT_FALSE(diceOf({0, 0, 0, 0, 5}));
}

TEST(Feed, ADamagedStretchIsAnErrorThatSaysWhere)
{
    Machine host;
    auto feed = host.feed();
    for (std::uint64_t i = 1; i <= 5; ++i) {
        feed.append(wordy(i), at(0), {});
    }
    const auto whole = feed.read(1, 10'000);
    for (std::size_t size = 0; size < whole.entries.size(); ++size) {
        auto cut = whole;
        cut.entries.resize(size);
        EXPECT_FALSE(entriesOf(cut)) << size;
    }
    auto more = whole;
    more.count = 4;
    EXPECT_NE(entriesOf(more).error().message.find("goes on after"), std::string::npos);
    auto other = whole;
    other.first = 2;
    EXPECT_NE(entriesOf(other).error().message.find("entry 2 of a tape was expected, 1 came"),
              std::string::npos);
    auto many = whole;
    many.count = ~std::uint64_t{0};
    EXPECT_FALSE(entriesOf(many));
}

} // namespace
} // namespace lightcone::live
