#include "tests/engine/protocols/replication/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::replication {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

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

std::vector<Case> cases()
{
    return {{"noFencing", serveTwice},
            {"acknowledgesOnReceipt", acknowledgeEarly},
            {"promotesLaggard", promoteOneOfTwo},
            {"weakQuorums", readAlone},
            {"trustsClocks", writeInThePast}};
}

class ReplicationMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(ReplicationMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(replicationProtocol(), GetParam());
}

TEST_P(ReplicationMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Replication, ReplicationMistakes, testing::ValuesIn(cases()), Case::name);

TEST(ReplicationMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(replicationProtocol(), cases());
}

} // namespace
} // namespace lightcone::protocols::replication
