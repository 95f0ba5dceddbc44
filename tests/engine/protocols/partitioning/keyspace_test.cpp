#include "tests/engine/protocols/partitioning/cluster.h"

#include <gtest/gtest.h>

// Points, spans, maps of them, and what parameters make of them.
namespace lightcone::protocols::partitioning {
namespace {

Place placeOf(Point begin, Point end, ShardId shard, Epoch epoch, std::uint32_t owner)
{
    return {std::move(begin), std::move(end), shard, epoch, NodeId(owner), {}, 0};
}

TEST(Spans, ContainTheirBeginAndNotTheirEnd)
{
    const Span span{"g", "n"};
    EXPECT_TRUE(span.contains("g"));
    EXPECT_TRUE(span.contains("mzz"));
    EXPECT_FALSE(span.contains("n"));
    EXPECT_FALSE(span.contains("fzz"));
    EXPECT_TRUE((Span{"g", ""}.contains("zzz")));
    EXPECT_TRUE(span.overlaps({"m", ""}));
    EXPECT_FALSE(span.overlaps({"n", ""}));
    EXPECT_FALSE(span.overlaps({"", "g"}));
    EXPECT_EQ(span.with({"a", "h"}), (Span{"g", "h"}));
    EXPECT_EQ((Span{"", ""}.with(span)), span);
}

TEST(Spans, LessOneAnother)
{
    EXPECT_EQ(without({{"", ""}}, {"g", "n"}), (Spans{{"", "g"}, {"n", ""}}));
    EXPECT_EQ(without({{"g", "n"}}, {"", ""}), Spans{});
    EXPECT_EQ(without({{"a", "c"}, {"c", "e"}}, {"b", "d"}), (Spans{{"a", "b"}, {"d", "e"}}));
    EXPECT_EQ(without({{"a", "c"}}, {"c", "d"}), (Spans{{"a", "c"}}));
}

TEST(Maps, FindThePlaceOfAPoint)
{
    const Places places{placeOf("", "g", 1, 1, 4), placeOf("g", "", 2, 1, 5)};
    EXPECT_EQ(find(places, "a")->shard, 1U);
    EXPECT_EQ(find(places, "g")->shard, 2U);
    EXPECT_EQ(find({placeOf("b", "c", 1, 1, 4)}, "a"), nullptr);
    EXPECT_EQ(find({placeOf("b", "c", 1, 1, 4)}, "c"), nullptr);
    EXPECT_EQ(find({}, "a"), nullptr);
}

TEST(Maps, LearnWhatIsNewerAndNothingElse)
{
    Places places{placeOf("", "g", 1, 1, 4), placeOf("g", "", 2, 5, 5)};
    EXPECT_FALSE(learn(places, placeOf("", "g", 1, 1, 4)));
    EXPECT_TRUE(learn(places, placeOf("", "g", 1, 3, 6)));
    EXPECT_EQ(find(places, "a")->owner, NodeId(6));
    EXPECT_FALSE(learn(places, placeOf("g", "", 2, 4, 6)));
    EXPECT_EQ(find(places, "h")->owner, NodeId(5));
}

TEST(Maps, LearnAPlaceThatLiesAcrossOthers)
{
    Places places{placeOf("", "g", 1, 1, 4), placeOf("g", "n", 2, 9, 5), placeOf("n", "", 3, 1, 6)};
    EXPECT_TRUE(learn(places, placeOf("c", "t", 4, 7, 7)));
    EXPECT_EQ(find(places, "a")->shard, 1U);
    EXPECT_EQ(find(places, "d")->shard, 4U);
    EXPECT_EQ(find(places, "h")->shard, 2U) << "it is newer";
    EXPECT_EQ(find(places, "p")->shard, 4U);
    EXPECT_EQ(find(places, "t")->shard, 3U);
    ASSERT_EQ(places.size(), 5U);
    for (std::size_t i = 1; i < places.size(); ++i) {
        EXPECT_EQ(places[i].begin, places[i - 1].end);
    }
}

TEST(Points, OfARowAreTheSameWhateverTheColumn)
{
    for (const auto strategy : {Strategy::Range, Strategy::Consistent, Strategy::Modulo}) {
        const Placement placement(with(strategy));
        EXPECT_EQ(placement.pointOf("x"), placement.pointOf("x.price"));
    }
}

TEST(Points, OfColumnsLieByGroup)
{
    const Placement placement(with(Strategy::Column));
    EXPECT_EQ(placement.pointOf("x.price"), "name/x");
    EXPECT_EQ(placement.pointOf("x"), "name/x");
    EXPECT_EQ(placement.pointOf("x.stock"), "stock/x");
    EXPECT_EQ(placement.pointOf("x.colour"), std::nullopt);
    EXPECT_EQ(placement.pointsOfRow("x", {"price"}).size(), 1U);
    EXPECT_EQ(placement.pointsOfRow("x", {"price", "text", "stock"}).size(), 3U);
    EXPECT_EQ(placement.pointsOfRow("x", {}).size(), 3U);
    EXPECT_TRUE(placement.pointsOfRow("x", {"colour"}).empty());
    EXPECT_EQ(placement.spansOfRows("a", "", {"text"}), (Spans{{"text/a", "text0"}}));
}

class EveryStrategy : public testing::TestWithParam<Strategy>
{
};

INSTANTIATE_TEST_SUITE_P(All, EveryStrategy,
                         testing::Values(Strategy::Range, Strategy::Modulo, Strategy::Consistent,
                                         Strategy::Rendezvous, Strategy::Column));

TEST_P(EveryStrategy, BeginsWithAMapOfAllKeys)
{
    auto parameters = with(GetParam());
    parameters.bounds = "g n";
    const auto places = Placement(parameters).initialPlaces();
    ASSERT_FALSE(places.empty());
    EXPECT_EQ(places.front().begin, "");
    EXPECT_EQ(places.back().end, "");
    std::set<NodeId> owners;
    for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_TRUE(i == 0 || places[i].begin == places[i - 1].end);
        EXPECT_EQ(places[i].shard, i + 1);
        owners.insert(places[i].owner);
    }
    EXPECT_EQ(owners.size(), 3U) << "spare nodes own nothing";
}

std::string errorOf(const std::function<void(Parameters&)>& change)
{
    Parameters parameters;
    change(parameters);
    const auto setup = partitioningProtocol().setup(describe::toValue(parameters));
    return setup ? std::string() : setup.error().message;
}

TEST(PartitioningParameters, OutOfTheirRangeAreRefusedWithOneSentence)
{
    using namespace std::chrono_literals;
    EXPECT_EQ(errorOf([](auto&) {}), "");
    EXPECT_EQ(errorOf([](auto& p) { p.nodes = 0; }),
              "nodes: expected a number from 1 to 40, found 0");
    EXPECT_EQ(errorOf([](auto& p) { p.routers = 0; }),
              "routers: expected a number from 1 to 9, found 0");
    EXPECT_EQ(errorOf([](auto& p) { p.retry = 0ms; }),
              "retry: expected a duration from 1 µs to a day, found 0 s");
    EXPECT_EQ(errorOf([](auto& p) { p.lease = 150ms; }),
              "lease: expected 0 or at least two reports (200 ms), or nodes stop serving between "
              "them");
    EXPECT_EQ(errorOf([](auto& p) { p.leaseDriftBound = 0.5; }),
              "leaseDriftBound: expected a factor from 1 to 10");
    EXPECT_EQ(errorOf([](auto& p) { p.splitKeys = 10; }),
              "splitKeys, splitLoad, mergeKeys: expected 0 unless strategy=range, whose shards "
              "alone are split and merged by themselves");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.strategy = Strategy::Range;
                  p.splitKeys = 10;
                  p.mergeKeys = 6;
              }),
              "mergeKeys: expected at most half of splitKeys (10), or what was merged is split "
              "again");
    EXPECT_EQ(errorOf([](auto& p) { p.balance = true; }),
              "balance: expected strategy=range or column, a hash says where its keys are");
    EXPECT_EQ(errorOf([](auto& p) { p.mistake = Mistake::ModuloSoldAsCheap; }),
              "mistake: moduloSoldAsCheap needs strategy=modulo");
    EXPECT_EQ(errorOf([](auto& p) { p.weights = "s9=2"; }),
              "weights: expected words such as s1=2, of s1 to s4 and from 1 to 16, found 's9=2'");
    EXPECT_EQ(errorOf([](auto& p) { p.weights = "s1=0"; }),
              "weights: expected words such as s1=2, of s1 to s4 and from 1 to 16, found 's1=0'");
    EXPECT_EQ(errorOf([](auto& p) { p.bounds = "n g"; }),
              "bounds: expected keys in ascending order, found 'g' after 'n'");
    EXPECT_EQ(errorOf([](auto& p) { p.groups = "a b | | c"; }),
              "groups: expected columns such as \"name price | text | stock\", found a group "
              "without any");
    EXPECT_EQ(errorOf([](auto& p) { p.groups = "a b | a"; }),
              "groups: expected each column once, found 'a' twice");
}

TEST(PartitioningMembers, AreRoutersTheMapServiceAndStorageNodes)
{
    const auto setup = setupOf({});
    ASSERT_EQ(setup->members.size(), 7U);
    EXPECT_EQ(setup->members[0].name, "r1");
    EXPECT_EQ(setup->members[2].name, "map");
    EXPECT_EQ(setup->members[3].name, "s1");
    EXPECT_FALSE(setup->members[3].takesRequests);
    EXPECT_FALSE(setup->members[5].spare);
    EXPECT_TRUE(setup->members[6].spare);
}

} // namespace
} // namespace lightcone::protocols::partitioning
