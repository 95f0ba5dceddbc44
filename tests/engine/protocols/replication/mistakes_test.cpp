#include "tests/engine/protocols/replication/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;
using Run = std::string (*)(Mistake);

Parameters with(Parameters parameters, Mistake mistake)
{
    parameters.mistake = mistake;
    return parameters;
}

// n1 is cut off from the others and from the monitor, not from its clients.
std::string serveTwice(Mistake mistake)
{
    Cluster cluster(with(primaryBackup(Acknowledge::Async), mistake));
    EXPECT_TRUE(cluster.begin());
    EXPECT_TRUE(cluster.put("x", "1"));
    cluster.split({{1}, {2, 3, 4}});
    EXPECT_TRUE(cluster.until([&] { return cluster.at(2).role() == Role::Primary; }));
    cluster.ask(kv::Put{"x", "2"}, 2, 2);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    cluster.ask(kv::Put{"x", "3"}, 1, 1);
    cluster.run(300ms);
    return cluster.problem();
}

std::string acknowledgeEarly(Mistake mistake)
{
    auto settings = Cluster::steady();
    settings.sync = sim::LatencyModel::constant(20ms);
    Cluster cluster(with(primaryBackup(), mistake), settings);
    EXPECT_TRUE(cluster.begin());
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    return cluster.problem();
}

// n2 gets what n1 ships, n3 does not, and n1 dies.
std::string promoteOneOfTwo(Mistake mistake)
{
    Cluster cluster(with(primaryBackup(Acknowledge::Async), mistake));
    EXPECT_TRUE(cluster.begin());
    cluster.drop("Ship", 1, 3);
    EXPECT_TRUE(cluster.put("x", "1"));
    EXPECT_TRUE(cluster.until([&] { return cluster.at(2).last() == 1; }));
    cluster.crash(1);
    cluster.until([&] { return cluster.watch().failovers > 0; });
    cluster.run(50ms);
    return cluster.problem();
}

// n3 has not heard of the newest write, and is asked alone.
std::string readAlone(Mistake mistake)
{
    Cluster cluster(with(quorumOf(3), mistake));
    EXPECT_TRUE(cluster.begin());
    EXPECT_TRUE(cluster.put("x", "1"));
    cluster.split({{1, 2}, {3}});
    cluster.ask(kv::Put{"x", "2"}, 1, 1);
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
    cluster.ask(kv::Get{"x"}, 3, 2);
    cluster.run(300ms);
    return cluster.problem();
}

// n2's clock is behind: what it writes seems older than what was acknowledged before.
std::string writeInThePast(Mistake mistake)
{
    auto parameters = with(quorumOf(3), mistake);
    parameters.versions = Versioning::LastWriterWins;
    Cluster cluster(parameters);
    EXPECT_TRUE(cluster.begin());
    cluster.run(500ms);
    cluster.act(sim::SetClock{NodeId(2), -400ms, std::nullopt});
    cluster.ask(kv::Put{"x", "1"}, 1, 1);
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
    cluster.ask(kv::Put{"x", "2"}, 2, 2);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    cluster.ask(kv::Get{"x"}, 3, 1);
    cluster.answered(1);
    return cluster.problem();
}

struct Case
{
    std::string mistake;
    Run run;
};

class ReplicationMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(ReplicationMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    const auto& cards = replicationProtocol().card().mistakes;
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

TEST_P(ReplicationMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Replication, ReplicationMistakes,
                         testing::Values(Case{"noFencing", serveTwice},
                                         Case{"acknowledgesOnReceipt", acknowledgeEarly},
                                         Case{"promotesLaggard", promoteOneOfTwo},
                                         Case{"weakQuorums", readAlone},
                                         Case{"trustsClocks", writeInThePast}),
                         [](const auto& each) { return each.param.mistake; });

TEST(ReplicationMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    const auto& card = replicationProtocol().card();
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
} // namespace lightcone::protocols::replication
