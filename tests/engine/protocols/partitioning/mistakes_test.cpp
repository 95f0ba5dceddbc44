#include "tests/engine/protocols/partitioning/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;
using Run = std::string (*)(Mistake);

// r1 knows where a was; the shard moved, and a was written through r2.
std::string readByAnOldMap(Mistake mistake)
{
    auto parameters = twoRanges();
    parameters.mistake = mistake;
    parameters.retention = 10s;
    Cluster cluster(parameters);
    cluster.ask(kv::Put{"a", "old"}, 1, 1);
    cluster.answered();
    cluster.done(Move{1, cluster.storeNode(2)}, 2);
    EXPECT_TRUE(cluster.settle());
    EXPECT_TRUE(cluster.until([&] { return cluster.router(1).version() == 1; }));
    cluster.act(sim::Crash{NodeId(2)}); // r2 comes back with the newest map
    cluster.act(sim::Restart{NodeId(2)});
    cluster.run(20ms);
    cluster.ask(kv::Put{"a", "new"}, 2, 2);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    cluster.ask(kv::Get{"a"}, 1, 1);
    cluster.run(100ms);
    return cluster.problem();
}

// The new owner's word that it has the shard is on its way while the old owner is asked.
std::string askTheOldOwnerInTheHandover(Mistake mistake)
{
    auto parameters = twoRanges();
    parameters.mistake = mistake;
    Cluster cluster(parameters);
    cluster.put("a", "old");
    cluster.drop("Adopted", cluster.storeNumber(2));
    cluster.ask(Move{1, cluster.storeNode(2)}, 0, 2);
    EXPECT_TRUE(cluster.until([&] {
        const auto& shards = cluster.store(2).holdings().shards;
        return shards.contains(1) && shards.at(1).standing == Standing::Owned;
    }));
    cluster.ask(kv::Put{"a", "new"}, 1, 1);
    cluster.run(100ms);
    cluster.dropNoMore();
    cluster.run(500ms);
    return cluster.problem();
}

std::string addAFourthNode(Mistake mistake)
{
    auto parameters = with(Strategy::Modulo);
    parameters.mistake = mistake;
    Cluster cluster(parameters);
    cluster.startStore(4);
    cluster.ask(Add{cluster.storeNode(4)}, 0, 2);
    cluster.run(1s);
    return cluster.problem();
}

struct Case
{
    std::string mistake;
    Run run;
};

class PartitioningMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(PartitioningMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    const auto& cards = partitioningProtocol().card().mistakes;
    const auto card = std::find_if(cards.begin(), cards.end(), [](const auto& each) {
        return each.name == GetParam().mistake;
    });
    ASSERT_NE(card, cards.end());
    const auto shape = describe::shapeOf<Mistake>();
    for (std::size_t i = 1; i < shape->enumerators.size(); ++i) {
        if (shape->enumerators[i].name == card->name) {
            const auto problem = GetParam().run(*describe::enumeratorAt<Mistake>(i));
            EXPECT_THAT(problem, testing::StartsWith(card->caughtBy + ": "));
        }
    }
}

TEST_P(PartitioningMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Partitioning, PartitioningMistakes,
                         testing::Values(Case{"noVersionCheck", readByAnOldMap},
                                         Case{"oldOwnerServes", askTheOldOwnerInTheHandover},
                                         Case{"moduloSoldAsCheap", addAFourthNode}),
                         [](const auto& each) { return each.param.mistake; });

TEST(PartitioningMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    const auto& card = partitioningProtocol().card();
    const auto shape = describe::shapeOf<Mistake>();
    ASSERT_EQ(card.mistakes.size() + 1, shape->enumerators.size());
    for (std::size_t i = 0; i < card.mistakes.size(); ++i) {
        EXPECT_EQ(card.mistakes[i].name, shape->enumerators[i + 1].name);
        EXPECT_TRUE(
            std::any_of(card.invariants.begin(), card.invariants.end(),
                        [&](const auto& each) { return each.name == card.mistakes[i].caughtBy; }));
    }
}

} // namespace
} // namespace lightcone::protocols::partitioning
