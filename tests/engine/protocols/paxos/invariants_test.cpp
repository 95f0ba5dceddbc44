#include "tests/engine/protocols/paxos/cluster.h"
#include "tests/support/watched_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each invariant is shown processes that break it: they are told what no process would say.
namespace lightcone::protocols::paxos {
namespace {

class Watched : public test::Watched<Paxos>
{
public:
    explicit Watched(const std::string& invariant, const Parameters& parameters = multi())
        : test::Watched<Paxos>(paxosProtocol(), setupOf(parameters), invariant)
    {
    }

    /// n1 leads with ballot 1.
    void lead()
    {
        fire(1, Timer::Election);
        receive(1, 2, Promise{1, 1, {}, 0});
        receive(1, 3, Promise{1, 1, {}, 0});
    }
};

TEST(PaxosInvariants, BallotsAreUnique)
{
    Watched right("ballots are unique");
    right.fire(1, Timer::Election);
    right.fire(2, Timer::Election);
    right.fire(1, Timer::Election);
    EXPECT_EQ(right.problem(), "");
    auto parameters = multi();
    parameters.mistake = Mistake::SharedBallots;
    Watched wrong("ballots are unique", parameters);
    wrong.fire(1, Timer::Election);
    wrong.fire(2, Timer::Election);
    EXPECT_EQ(wrong.problem(), "n2 uses ballot 1, which is n1's");
}

TEST(PaxosInvariants, PromisesAreKept)
{
    Watched watched("promises are kept");
    watched.fire(1, Timer::Election);
    watched.receive(2, 1, Prepare{1, 1});
    watched.receive(1, 2, Promise{1, 1, {}, 0});
    watched.start(2);
    EXPECT_EQ(watched.problem(), "");
    watched.wipe(2);
    watched.start(2);
    EXPECT_EQ(watched.problem(), "n2 has promised ballot 1 to n1 and knows only of 0");
}

TEST(PaxosInvariants, Validity)
{
    Watched watched("validity");
    watched.lead();
    watched.ask(1, kv::Put{"x", "1"});
    watched.receive(2, 1, Accept{1, 1, {Entry{1, {clientId(1), 1}, kv::Put{"x", "1"}}}, 0});
    watched.receive(2, 1, Accept{1, 2, {Entry{1, {}, NoOp{}}}, 0});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(2, 1, Accept{1, 3, {Entry{1, {clientId(1), 1}, kv::Put{"x", "9"}}}, 0});
    EXPECT_EQ(watched.problem(), "n2 accepts put x=9 in slot 3, which nobody has asked for");
    Watched other("validity");
    other.receive(2, 1, Accept{1, 1, {putOf(1, "1")}, 0});
    EXPECT_NE(other.problem(), "");
}

TEST(PaxosInvariants, ValidityIsNotJudgedByWhoComesLate)
{
    Watched watched("agreement");
    watched.receive(2, 1, Accept{1, 1, {putOf(1, "1")}, 0});
    watched.lookAnew("validity");
    watched.receive(2, 1, Accept{1, 2, {putOf(1, "2")}, 0});
    EXPECT_EQ(watched.problem(), "") << "it may have been asked for before";
}

TEST(PaxosInvariants, ValuesFollowPromises)
{
    Watched watched("values follow promises");
    watched.receive(2, 3, Accept{3, 1, {putOf(3, "accepted")}, 0});
    watched.fire(1, Timer::Election);
    watched.receive(1, 2, Promise{1, 1, {putOf(3, "accepted")}, 0});
    watched.receive(1, 3, Promise{1, 1, {}, 0});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(4, 3, Accept{3, 1, {putOf(3, "accepted")}, 0});
    watched.fire(5, Timer::Election);
    watched.receive(5, 4, Promise{5, 1, {}, 0}); // n4 keeps silent about what it has accepted.
    watched.receive(5, 3, Promise{5, 1, {}, 0});
    watched.ask(5, kv::Put{"x", "other"});
    EXPECT_EQ(watched.problem(),
              "n5 proposes put x=other in slot 1 with ballot 5, although n4, which promised it, "
              "had accepted put x=accepted with ballot 3");
}

TEST(PaxosInvariants, LearnedMeansChosen)
{
    Watched watched("learned means chosen");
    watched.lead();
    watched.ask(1, kv::Put{"x", "1"});
    watched.receive(2, 1, Accept{1, 1, {Entry{1, {clientId(1), 1}, kv::Put{"x", "1"}}}, 0});
    watched.receive(1, 2, Accepted{1, 1, 1, {}});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(1, 3, Accepted{1, 1, 1, {}}); // n3 has never heard of it.
    EXPECT_EQ(watched.problem(),
              "n1 takes put x=1 for chosen in slot 1, which is accepted on the "
              "disks of n1, n2 only");
}

TEST(PaxosInvariants, AChosenValueStaysChosen)
{
    Watched watched("a chosen value stays chosen");
    watched.lead();
    watched.ask(1, kv::Put{"x", "1"});
    watched.receive(1, 2, Accepted{1, 1, 1, {}});
    watched.receive(1, 3, Accepted{1, 1, 1, {}});
    EXPECT_EQ(watched.problem(), "");
    watched.fire(2, Timer::Election);
    watched.receive(2, 4, Promise{2, 1, {}, 0});
    watched.receive(2, 5, Promise{2, 1, {}, 0});
    watched.ask(2, kv::Put{"x", "2"});
    EXPECT_EQ(
        watched.problem(),
        "n2 proposes put x=2 in slot 1 with ballot 2, where put x=1 was chosen with ballot 1");
}

// The proposal comes first, and only then it becomes known what had been chosen.
TEST(PaxosInvariants, AChosenValueStaysChosenThoughItIsLearnedLate)
{
    Watched watched("a chosen value stays chosen");
    watched.lead();
    watched.ask(1, kv::Put{"x", "1"});
    watched.fire(2, Timer::Election);
    watched.receive(2, 4, Promise{2, 1, {}, 0});
    watched.receive(2, 5, Promise{2, 1, {}, 0});
    watched.ask(2, kv::Put{"x", "2"});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(1, 2, Accepted{1, 1, 1, {}});
    watched.receive(1, 3, Accepted{1, 1, 1, {}});
    EXPECT_NE(watched.problem(), "");
}

TEST(PaxosInvariants, AgreementAndStateMachineSafety)
{
    for (const auto* name : {"agreement", "state machine safety"}) {
        Watched watched(name);
        watched.receive(4, 1, Chosen{1, {putOf(1, "one")}, 1});
        watched.receive(5, 1, Chosen{1, {putOf(7, "one")}, 1});
        EXPECT_EQ(watched.problem(), "") << "the same value with another ballot";
        watched.receive(3, 2, Chosen{1, {putOf(2, "two")}, 1});
        EXPECT_THAT(watched.problem(), testing::HasSubstr("put x=two")) << name;
        EXPECT_THAT(watched.problem(), testing::HasSubstr("put x=one")) << name;
    }
}

TEST(PaxosInvariants, FreshReads)
{
    auto parameters = multi();
    parameters.mistake = Mistake::StaleReads;
    Watched watched("fresh reads", parameters);
    watched.lead();
    watched.ask(1, kv::Get{"x"});
    EXPECT_EQ(watched.problem(), "");
    watched.fire(2, Timer::Election);
    watched.receive(2, 4, Promise{2, 1, {}, 0});
    watched.receive(2, 5, Promise{2, 1, {}, 0});
    watched.ask(2, kv::Put{"x", "2"});
    watched.receive(2, 4, Accepted{2, 1, 1, {}});
    watched.receive(2, 5, Accepted{2, 1, 1, {}});
    watched.ask(2, kv::Get{"x"});
    EXPECT_EQ(watched.problem(), "");
    watched.ask(1, kv::Get{"x"});
    EXPECT_EQ(watched.problem(),
              "n1 answers a read of c1 from the state after slot 0, but slot 1 "
              "was acknowledged before");
}

} // namespace
} // namespace lightcone::protocols::paxos
