#include "tests/engine/protocols/partitioning/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

// A shard moves under traffic: copy, catch up, hand over, forward; and every node may crash at any
// point of it.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;

Parameters small()
{
    auto parameters = twoRanges();
    parameters.chunk = 2;
    return parameters;
}

Do putOf(std::uint32_t sequence, const std::string& key, const std::string& value, Epoch epoch = 1)
{
    return {{clientId(1), sequence}, NodeId(1), 1, epoch, kv::Put{key, value}};
}

Do getOf(std::uint32_t sequence, const std::string& key, Epoch epoch = 1)
{
    return {{clientId(1), sequence}, NodeId(1), 1, epoch, kv::Get{key}};
}

/// s1 with five keys in shard 1, told to give it to s2.
class Source
{
public:
    explicit Source(const Parameters& parameters = small())
        : process(first, parameters)
    {
        for (std::uint32_t i = 1; i <= 5; ++i) {
            process.receive(1, putOf(i, std::string(1, static_cast<char>('a' + i - 1)), "old"));
        }
        process.receive(mapService, Migrate{2, 1, NodeId(first + 1)});
    }

    /// The piece that was sent last.
    Copy piece() { return process.sentTo<Copy>(first + 1).value(); }
    void answer(const Copy& piece)
    {
        process.receive(first + 1, Copied{piece.number, piece.shard, piece.attempt, piece.piece});
    }
    [[nodiscard]] Standing standing() const
    {
        return process.machine().holdings().shards.at(1).standing;
    }

    Process process;
};

TEST(Migration, CopiesInPiecesAndHandsOverWhatIsLeft)
{
    Source source;
    auto piece = source.piece();
    EXPECT_EQ(piece.cells, (Cells{{"a", "old"}, {"b", "old"}}));
    source.answer(piece);
    piece = source.piece();
    EXPECT_EQ(piece.cells, (Cells{{"c", "old"}, {"d", "old"}}));
    source.answer(piece);
    piece = source.piece();
    EXPECT_EQ(piece.cells, (Cells{{"e", "old"}}));
    EXPECT_FALSE(piece.last);
    source.answer(piece);
    piece = source.piece();
    EXPECT_TRUE(piece.last);
    EXPECT_TRUE(piece.cells.empty());
    EXPECT_EQ(piece.sessions.at(clientId(1)).sequence, 5U);
    EXPECT_EQ(source.standing(), Standing::Frozen);
}

TEST(Migration, CatchesUpWithWhatIsWrittenMeanwhile)
{
    Source source;
    source.answer(source.piece()); // c and d are under way
    source.process.receive(1, putOf(6, "a", "new"));
    EXPECT_TRUE(source.process.sentTo<Done>(1)) << "it is still the owner";
    source.process.receive(1, putOf(7, "e", "new")); // has not been sent yet
    source.process.receive(1, Do{{clientId(1), 8}, NodeId(1), 1, 1, kv::Delete{"b"}});
    source.process.receive(1, putOf(9, "ab", "new"));
    const auto& going = source.process.machine().outgoing().at(1);
    source.process.receive(second, Copied{2, 1, going.attempt, going.piece});
    EXPECT_EQ(source.piece().cells, (Cells{{"e", "new"}}));
    source.answer(source.piece());
    EXPECT_EQ(source.piece().cells, (Cells{{"a", "new"}, {"ab", "new"}}));
    EXPECT_FALSE(source.piece().last);
    source.answer(source.piece());
    EXPECT_EQ(source.piece().cells, (Cells{{"b", std::nullopt}}));
    EXPECT_TRUE(source.piece().last);
}

TEST(Migration, EndsThoughWritesComeFasterThanItCatchesUp)
{
    Source source;
    std::uint32_t sequence = 6;
    for (int round = 0; round < 20 && source.standing() == Standing::Owned; ++round) {
        const auto going = source.process.machine().outgoing().at(1);
        for (int key = 0; key < 5; ++key) {
            source.process.receive(
                1, putOf(sequence++, fmt::format("b{}", key), fmt::format("{}", round)));
        }
        source.process.receive(first + 1, Copied{2, 1, going.attempt, going.piece});
    }
    EXPECT_EQ(source.standing(), Standing::Frozen);
}

/// Until the handover was sent.
void handOver(Source& source)
{
    for (int i = 0; i < 3; ++i) {
        source.answer(source.piece());
    }
    ASSERT_TRUE(source.piece().last);
}

TEST(Migration, TheOldOwnerForwardsWhileItHandsOver)
{
    Source source;
    handOver(source);
    source.process.receive(1, putOf(6, "a", "new"));
    EXPECT_TRUE(source.process.sent<Done>().empty());
    const auto forwarded = source.process.sentTo<Do>(first + 1);
    ASSERT_TRUE(forwarded);
    EXPECT_EQ(forwarded->router, NodeId(1));
    EXPECT_EQ(forwarded->epoch, 2U);
}

TEST(Migration, TheOldOwnerRedirectsAfterwards)
{
    Source source;
    handOver(source);
    source.process.receive(first + 1, Adopted{2, 1, 5});
    EXPECT_TRUE(source.process.sentTo<Handed>(mapService));
    source.process.receive(1, putOf(6, "a", "new"));
    const auto moved = source.process.sentTo<Moved>(1);
    ASSERT_TRUE(moved);
    ASSERT_EQ(moved->places.size(), 1U);
    EXPECT_EQ(moved->places.front().owner, NodeId(first + 1));
    EXPECT_EQ(moved->places.front().epoch, 2U);
}

TEST(Migration, TheOldCopyIsThrownAwayAfterAWhile)
{
    Source source;
    handOver(source);
    source.process.receive(first + 1, Adopted{2, 1, 5});
    EXPECT_EQ(source.process.armed(Timer::Discard), Duration(500ms));
    auto machine = source.process.machine();
    node::Effects effects;
    Dice dice(1);
    node::Out<Partitioning> out(effects);
    machine.onTimer({Instant{}, dice}, Timer::Discard, 1, out);
    EXPECT_EQ(machine.holdings().shards.at(1).standing, Standing::Gone);
    EXPECT_TRUE(machine.holdings().shards.at(1).entries.empty());
}

TEST(Migration, AFrozenOwnerThatCrashedHandsOverAgain)
{
    Source source;
    handOver(source);
    const auto attempt = source.piece().attempt;
    source.process.start();
    EXPECT_EQ(source.standing(), Standing::Frozen);
    EXPECT_GT(source.piece().attempt, attempt);
    EXPECT_EQ(source.piece().cells, (Cells{{"a", "old"}, {"b", "old"}})) << "from the beginning";
    source.process.receive(1, putOf(6, "a", "new"));
    EXPECT_TRUE(source.process.sent<Done>().empty()) << "it may be somebody else's already";
}

TEST(Migration, AnOwnerThatCrashedWhileCopyingIsStillTheOwner)
{
    Source source;
    source.answer(source.piece());
    source.process.start();
    EXPECT_EQ(source.standing(), Standing::Owned);
    source.process.receive(1, getOf(6, "a"));
    EXPECT_TRUE(source.process.sentTo<Done>(1));
    source.process.receive(mapService, Migrate{2, 1, NodeId(first + 1)});
    EXPECT_EQ(source.piece().piece, 0U);
    EXPECT_EQ(source.piece().attempt, 2U);
}

TEST(Migration, OldOrdersAreIgnored)
{
    Source source;
    handOver(source);
    source.process.receive(first + 1, Adopted{2, 1, 5});
    source.process.receive(mapService, Migrate{2, 1, NodeId(first + 1)});
    EXPECT_TRUE(source.process.sentTo<Handed>(mapService)) << "it is done, and says so";
    EXPECT_TRUE(source.process.sent<Copy>().empty());
    source.process.receive(mapService, Release{2, 1});
    EXPECT_TRUE(source.process.sentTo<Released>(mapService));
}

Copy pieceOf(std::uint64_t attempt, std::uint64_t piece, Cells cells, bool last = false)
{
    return {2, 1, "", "m", attempt, piece, std::move(cells), last, {}};
}

TEST(Migration, TheNewOwnerKeepsPiecesThroughACrash)
{
    Process target(second, small());
    target.receive(first, pieceOf(1, 0, {{"a", "1"}, {"b", "2"}}));
    EXPECT_TRUE(target.sentTo<Copied>(first));
    target.start();
    target.receive(first, pieceOf(1, 1, {{"b", std::nullopt}, {"c", "3"}}, true));
    const auto& shard = target.machine().holdings().shards.at(1);
    EXPECT_EQ(shard.standing, Standing::Owned);
    EXPECT_EQ(shard.epoch, 2U);
    EXPECT_EQ(shard.entries.size(), 2U);
    EXPECT_TRUE(target.sentTo<Adopted>(first));
    EXPECT_TRUE(target.sentTo<Adopted>(mapService));
}

// Whoever asked by an older map asked before the shard moved: it learns of the newer one first.
TEST(Migration, TheNewOwnerAnswersOnlyWhoKnowsItsEpoch)
{
    Process target(second, small());
    target.receive(first, pieceOf(1, 0, {{"a", "1"}}, true));
    ASSERT_EQ(target.machine().holdings().shards.at(1).epoch, 2U);
    target.receive(1, getOf(1, "a", 1));
    EXPECT_TRUE(target.sent<Done>().empty());
    const auto moved = target.sentTo<Moved>(1);
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->places.front().owner, NodeId(second));
    EXPECT_EQ(moved->places.front().epoch, 2U);
    target.receive(1, getOf(1, "a", 2));
    EXPECT_TRUE(target.sentTo<Done>(1));
}

TEST(Migration, ANewAttemptReplacesWhatHadCome)
{
    Process target(second, small());
    target.receive(first, pieceOf(1, 0, {{"a", "1"}, {"z", "2"}}));
    target.receive(first, pieceOf(2, 0, {{"a", "3"}}));
    target.receive(first, pieceOf(1, 1, {{"y", "2"}}, true)); // of the old attempt, late
    EXPECT_FALSE(target.machine().holdings().shards.contains(1));
    target.receive(first, pieceOf(2, 1, {}, true));
    EXPECT_EQ(target.machine().holdings().shards.at(1).entries.size(), 1U);
    EXPECT_EQ(*target.machine().holdings().shards.at(1).entries.find("a"), "3");
}

TEST(Migration, APieceThatComesTwiceIsAnsweredTwiceAndKeptOnce)
{
    Process target(second, small());
    target.receive(first, pieceOf(1, 0, {{"a", "1"}}));
    target.receive(first, pieceOf(1, 0, {{"a", "1"}}));
    EXPECT_TRUE(target.sentTo<Copied>(first));
    EXPECT_TRUE(target.written<KeepPiece>().empty());
    target.receive(first, pieceOf(1, 2, {{"c", "1"}})); // before the second
    EXPECT_TRUE(target.effects().empty());
}

TEST(Migration, AnAdoptedShardIsNotOverwrittenByALateHandover)
{
    Process target(second, small());
    target.receive(first, pieceOf(1, 0, {{"a", "1"}}, true));
    target.receive(1, putOf(1, "a", "new", 2));
    target.receive(first, pieceOf(2, 0, {{"a", "1"}}, true));
    EXPECT_TRUE(target.sentTo<Adopted>(first));
    EXPECT_EQ(*target.machine().holdings().shards.at(1).entries.find("a"), "new");
}

TEST(Migration, TheNewOwnerAnswersWhatWasForwardedOnceItHasTheShard)
{
    Process target(second, small());
    target.receive(first, pieceOf(1, 0, {{"a", "1"}}));
    target.receive(first, getOf(1, "a", 2));
    EXPECT_TRUE(target.effects().empty());
    target.receive(first, pieceOf(1, 1, {{"a", "2"}}, true));
    ASSERT_TRUE(target.sentTo<Done>(1));
    EXPECT_EQ(target.sentTo<Done>(1)->result.value, "2");
}

TEST(Serving, AWriteThatComesAgainCountsOnce)
{
    Process store(first, small());
    const Do swap{{clientId(1), 1}, NodeId(1), 1, 1, kv::Cas{"a", std::nullopt, "1"}};
    store.receive(1, swap);
    store.receive(2, swap);
    EXPECT_EQ(store.sentTo<Done>(2)->result.outcome, kv::Outcome::Done);
    EXPECT_TRUE(store.written<Execute>().empty());
    store.receive(1, putOf(3, "a", "3"));
    store.receive(1, putOf(2, "a", "2"));
    EXPECT_EQ(store.sentTo<Done>(1)->result.outcome, kv::Outcome::Stale);
}

TEST(Serving, AskedByAnotherVersionItSaysWhatItKnows)
{
    Process store(first, small());
    store.receive(1, getOf(1, "a", 7));
    const auto moved = store.sentTo<Moved>(1);
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->places.front().owner, NodeId(first));
    EXPECT_EQ(moved->places.front().epoch, 1U);
}

// The whole of it, under load and with each of the three crashing while the shard moves.
class CrashInAMove : public testing::TestWithParam<std::tuple<std::uint32_t, int>>
{
};

INSTANTIATE_TEST_SUITE_P(AnyNodeAtAnyPoint, CrashInAMove,
                         testing::Combine(testing::Values(first, second, mapService),
                                          testing::Range(0, 40, 3)));

TEST_P(CrashInAMove, LosesNothingAndTheMoveEnds)
{
    const auto [victim, after] = GetParam();
    auto parameters = small();
    Cluster cluster(parameters);
    for (char key = 'a'; key < 'k'; ++key) {
        cluster.put(std::string(1, key), "1");
    }
    cluster.ask(Move{1, NodeId(second)}, 0, 2);
    cluster.run(Duration(after * 1ms));
    cluster.crash(victim);
    cluster.run(50ms);
    cluster.restart(victim);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    EXPECT_TRUE(cluster.until([&] { return cluster.ownerOf(1) == NodeId(second); }, 5s));
    EXPECT_TRUE(cluster.settle());
    for (char key = 'a'; key < 'k'; ++key) {
        EXPECT_EQ(cluster.valueOf(std::string(1, key)), "1");
    }
    EXPECT_EQ(cluster.problem(), "");
}

} // namespace
} // namespace lightcone::protocols::partitioning
