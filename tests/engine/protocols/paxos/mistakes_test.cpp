#include "tests/engine/protocols/paxos/cluster.h"
#include "tests/support/mistakes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// Each known mistake in a run that shows it: the invariant that its card names catches it, and the
// right protocol goes through the very same run.
namespace lightcone::protocols::paxos {
namespace {

using namespace std::chrono_literals;
using Case = test::MistakeCase<Mistake>;

Parameters singleWith(Mistake mistake)
{
    auto parameters = single();
    parameters.mistake = mistake;
    return parameters;
}

Parameters multiWith(Mistake mistake)
{
    auto parameters = Cluster::quiet();
    parameters.mistake = mistake;
    return parameters;
}

bool prepares(Cluster& cluster, std::uint32_t number)
{
    return cluster.until([&] { return cluster.at(number).role() != Role::Follower; });
}

bool proposes(Cluster& cluster, std::uint32_t number)
{
    return cluster.until([&] { return cluster.at(number).role() == Role::Proposing; });
}

// n3 has promised ballot 5 to n5, crashes, and is asked to accept a proposal of ballot 1.
std::string acceptAgainstAPromise(Mistake mistake)
{
    Cluster cluster(singleWith(mistake));
    cluster.split({{1, 2, 3}, {4, 5}});
    cluster.drop("Accept");
    cluster.ask(Propose{"green"}, 1, 1);
    EXPECT_TRUE(proposes(cluster, 1));
    cluster.heal();
    cluster.split({{1, 2}, {3, 4, 5}});
    cluster.ask(Propose{"blue"}, 5, 2);
    EXPECT_TRUE(proposes(cluster, 5));
    cluster.crash(3);
    cluster.restart(3);
    cluster.heal();
    cluster.split({{1, 2, 3}, {4, 5}});
    cluster.dropNoMore();
    cluster.run(300ms);
    return cluster.problem();
}

// Green is accepted by a majority, its proposer dies, and n5 prefers blue.
std::string preferOnesOwnValue(Mistake mistake)
{
    Cluster cluster(singleWith(mistake));
    cluster.drop("Accepted");
    cluster.ask(Propose{"green"}, 1, 1);
    EXPECT_TRUE(cluster.until([&] { return cluster.at(3).lastSlot() == 1; }));
    cluster.run(5ms);
    cluster.crash(1);
    cluster.dropNoMore();
    cluster.ask(Propose{"blue"}, 5, 2);
    cluster.run(100ms);
    return cluster.problem();
}

std::string proposeTogether(Mistake mistake)
{
    Cluster cluster(singleWith(mistake));
    cluster.ask(Propose{"green"}, 1, 1);
    cluster.ask(Propose{"blue"}, 2, 2);
    EXPECT_TRUE(prepares(cluster, 1));
    cluster.run(100ms);
    return cluster.problem();
}

// Two of five accept, by the rules of q2=2; the other three elect a leader if q1=3 is enough.
std::string choosePastEachOther(Mistake mistake)
{
    auto parameters = multiWith(mistake);
    parameters.q1 = 4;
    parameters.q2 = 2;
    Cluster cluster(parameters);
    EXPECT_TRUE(cluster.elect(1));
    cluster.split({{1, 2}, {3, 4, 5}});
    cluster.ask(kv::Put{"x", "old"}, 1, 1);
    EXPECT_EQ(cluster.answered(1).answer, node::Answer::Done);
    cluster.ask(Campaign{}, 3, 2);
    cluster.run(50ms);
    cluster.ask(kv::Put{"x", "new"}, 3, 2);
    cluster.run(50ms);
    return cluster.problem();
}

// n2 has accepted a command of n1 that nobody knows to be chosen.
std::string changeLeaderWithAnOpenSlot(Mistake mistake)
{
    Cluster cluster(multiWith(mistake));
    EXPECT_TRUE(cluster.elect(1));
    cluster.drop("Accepted", 0, 1);
    cluster.ask(kv::Put{"x", "1"}, 1, 1);
    EXPECT_TRUE(cluster.until([&] { return cluster.at(2).lastSlot() == 1; }));
    cluster.run(5ms);
    cluster.crash(1);
    cluster.dropNoMore();
    EXPECT_TRUE(cluster.elect(2) || !cluster.problem().empty());
    cluster.run(50ms);
    return cluster.problem();
}

std::string acceptEarly(Mistake mistake)
{
    Cluster cluster(multiWith(mistake));
    EXPECT_TRUE(cluster.elect(1));
    cluster.run(100ms);
    cluster.ask(kv::Put{"x", "1"});
    cluster.answered();
    return cluster.problem();
}

// The old leader is alone with a client, the others have elected a new one and go on.
std::string askTheDeposed(Mistake mistake)
{
    Cluster cluster(multiWith(mistake));
    EXPECT_TRUE(cluster.elect(1));
    cluster.ask(kv::Put{"x", "old"});
    EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
    cluster.split({{1}, {2, 3, 4, 5}});
    EXPECT_TRUE(cluster.elect(2));
    cluster.ask(kv::Put{"x", "new"}, 2, 2);
    EXPECT_EQ(cluster.answered(2).answer, node::Answer::Done);
    cluster.ask(kv::Get{"x"}, 1, 1);
    cluster.run(200ms);
    return cluster.problem();
}

std::vector<Case> cases()
{
    return {{"forgetsPromise", acceptAgainstAPromise},
            {"ignoresAccepted", preferOnesOwnValue},
            {"sharedBallots", proposeTogether},
            {"disjointQuorums", choosePastEachOther},
            {"skipsOpenSlots", changeLeaderWithAnOpenSlot},
            {"acceptsBeforeDurable", acceptEarly},
            {"staleReads", askTheDeposed}};
}

class PaxosMistakes : public testing::TestWithParam<Case>
{
};

TEST_P(PaxosMistakes, AreCaughtByTheInvariantOfTheirCard)
{
    test::expectCaught(paxosProtocol(), GetParam());
}

TEST_P(PaxosMistakes, AreAbsentFromTheSameRunOfTheRightProtocol)
{
    EXPECT_EQ(GetParam().run(Mistake::None), "");
}

INSTANTIATE_TEST_SUITE_P(Paxos, PaxosMistakes, testing::ValuesIn(cases()), Case::name);

TEST(PaxosMistakeCards, NameEveryMistakeAndAnInvariantThatThereIs)
{
    test::expectEveryMistakeShown(paxosProtocol(), cases());
}

} // namespace
} // namespace lightcone::protocols::paxos
