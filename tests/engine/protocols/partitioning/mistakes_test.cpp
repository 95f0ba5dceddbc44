#include "tests/engine/protocols/partitioning/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::partitioning {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

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

std::vector<Case> cases()
{
    return {{"noVersionCheck", readByAnOldMap},
            {"oldOwnerServes", askTheOldOwnerInTheHandover},
            {"moduloSoldAsCheap", addAFourthNode}};
}

class PartitioningMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(PartitioningMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(partitioningProtocol(), GetParam());
}

TEST_P(PartitioningMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Partitioning, PartitioningMistakes, testing::ValuesIn(cases()),
                         Case::name);

TEST(PartitioningMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(partitioningProtocol(), cases());
}

} // namespace
} // namespace lightcone::protocols::partitioning
