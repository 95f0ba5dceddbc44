#include "tests/engine/protocols/paxos/cluster.h"

#include <gtest/gtest.h>

// What clients see, and what a cluster of given parameters is.
namespace lightcone::protocols::paxos {
namespace {

using namespace std::chrono_literals;

std::string errorOf(const std::function<void(Parameters&)>& change)
{
    Parameters parameters;
    change(parameters);
    const auto setup = paxosProtocol().setup(describe::toValue(parameters));
    return setup ? std::string() : setup.error().message;
}

TEST(PaxosParameters, OutOfTheirRangeAreRefusedWithOneSentence)
{
    EXPECT_EQ(errorOf([](auto&) {}), "");
    EXPECT_EQ(errorOf([](auto& p) { p.nodes = 0; }),
              "nodes: expected a number from 1 to 99, found 0");
    EXPECT_EQ(errorOf([](auto& p) { p.window = 0; }),
              "window: expected a number from 1 to 10000, found 0");
    EXPECT_EQ(errorOf([](auto& p) { p.acceptors = "n1 n6"; }),
              "acceptors: expected nodes from n1 to n5, found 'n6'");
    EXPECT_EQ(errorOf([](auto& p) { p.proposers = "n1 x"; }),
              "proposers: expected nodes from n1 to n5, found 'x'");
    EXPECT_EQ(errorOf([](auto& p) { p.proposers = p.acceptors = p.learners = "n1 n2 n3 n4"; }),
              "proposers, acceptors, learners: expected each node in one of them, n5 is in none");
    EXPECT_EQ(errorOf([](auto& p) { p.electionTimeoutHigh = 100ms; }),
              "electionTimeoutHigh: expected a duration from electionTimeoutLow (150 ms) to a day");
    EXPECT_EQ(errorOf([](auto& p) { p.mostBackOff = 10ms; }),
              "mostBackOff: expected a duration from 20 ms to a day, found 10 ms");
    EXPECT_EQ(errorOf([](auto& p) { p.leaseDriftBound = 0.9; }),
              "leaseDriftBound: expected a factor from 1 to 10");
}

// Howard, Malkhi, Spiegelman 2016: |Q1| + |Q2| > N.
TEST(PaxosParameters, QuorumsThatNeedNotMeetAreRefusedUnlessTheyAreTheMistake)
{
    const auto disjoint = [](Parameters& p) {
        p.q1 = 3;
        p.q2 = 2;
    };
    EXPECT_EQ(errorOf(disjoint),
              "q1, q2: expected more than 5 together, or a quorum of phase 1 and one of phase 2 "
              "need not meet; found 3 and 2");
    EXPECT_EQ(errorOf([&](auto& p) {
                  disjoint(p);
                  p.mistake = Mistake::DisjointQuorums;
              }),
              "");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.q1 = 4;
                  p.q2 = 2;
              }),
              "");
    EXPECT_EQ(errorOf([](auto& p) { p.q2 = 6; }), "q2: expected a number from 0 to 5, found 6");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.quorums = QuorumKind::Grid;
                  p.columns = 2;
              }),
              "columns: expected a number that divides the 5 acceptors into whole rows, found 2");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.quorums = QuorumKind::Grid;
                  p.columns = 5;
                  p.q1 = 1;
              }),
              "q1, q2: a grid's rows and columns are its quorums; expected 0 for both");
}

TEST(PaxosParameters, OneQuorumSizeGivesTheOther)
{
    Parameters parameters;
    parameters.q2 = 2;
    const Plan plan(parameters);
    EXPECT_EQ(plan.quorums.phase1Size(), 4U);
    parameters.q2 = 0;
    parameters.q1 = 2;
    EXPECT_EQ(Plan(parameters).quorums.phase2Size(), 4U);
}

TEST(PaxosMembers, TakeRequestsWhereTheyPropose)
{
    auto parameters = single();
    parameters.proposers = "n1 n2";
    parameters.acceptors = "n2 n3 n4";
    parameters.learners = "n5";
    const auto setup = setupOf(parameters);
    ASSERT_EQ(setup->members.size(), 5U);
    const std::vector<std::string> roles{"proposer", "", "acceptor", "acceptor", "learner"};
    for (std::size_t i = 0; i < roles.size(); ++i) {
        EXPECT_EQ(setup->members[i].role, roles[i]);
        EXPECT_EQ(setup->members[i].takesRequests, i < 2);
    }
}

TEST(PaxosClients, AskWhatFitsTheMode)
{
    Process log(1, multi());
    EXPECT_EQ(log.refusal(log.ask(Propose{"green"})),
              "this cluster keeps a log of commands (mode=multi): expected put, get, delete, cas "
              "or campaign");
    EXPECT_NE(log.refusal(log.ask(Inquire{})), "");
    Process synod(1, single());
    EXPECT_EQ(synod.refusal(synod.ask(kv::Put{"x", "1"})),
              "this cluster agrees on a single value (mode=single): expected propose or inquire");
    EXPECT_NE(synod.refusal(synod.ask(Campaign{})), "");
    EXPECT_NE(synod.refusal(synod.ask(kv::Get{"x"})), "");
}

TEST(PaxosClients, ARetryOfWhatIsUnderWayWaitsForTheSameAnswer)
{
    Process leader;
    leader.lead();
    const auto id = leader.ask(kv::Cas{"x", std::nullopt, "1"});
    leader.askAgain(id, kv::Cas{"x", std::nullopt, "1"});
    EXPECT_TRUE(leader.sent<Accept>().empty());
    leader.receive(2, Accepted{1, 1, 1, {}});
    leader.receive(3, Accepted{1, 1, 1, {}});
    EXPECT_EQ(leader.answer<kv::Result>(id)->outcome, kv::Outcome::Done);
}

TEST(PaxosClients, ARetryAfterTheAnswerIsExecutedOnce)
{
    Process leader;
    leader.lead();
    const auto id = leader.ask(kv::Cas{"x", std::nullopt, "1"});
    leader.receive(2, Accepted{1, 1, 1, {}});
    leader.receive(3, Accepted{1, 1, 1, {}});
    leader.askAgain(id, kv::Cas{"x", std::nullopt, "1"});
    leader.receive(2, Accepted{1, 2, 2, {}});
    leader.receive(3, Accepted{1, 2, 2, {}});
    EXPECT_EQ(leader.answer<kv::Result>(id)->outcome, kv::Outcome::Done)
        << "executed twice it would be a mismatch";
}

TEST(PaxosClients, CampaignIsForProposersThatDoNotLead)
{
    Process leader;
    leader.lead();
    EXPECT_EQ(leader.refusal(leader.ask(Campaign{})), "leads already");
    auto parameters = multi();
    parameters.proposers = "n1";
    Process acceptor(2, parameters);
    EXPECT_EQ(acceptor.refusal(acceptor.ask(Campaign{})), "is no proposer, so it cannot lead");
    Process follower(2);
    const auto id = follower.ask(Campaign{});
    EXPECT_EQ(follower.answer<CampaignBegun>(id)->ballot, 2U);
    EXPECT_EQ(follower.machine().role(), Role::Preparing);
}

TEST(PaxosClients, WhoMayBeTheSupportOfALeaseDoesNotCampaign)
{
    auto parameters = multi();
    parameters.reads = ReadMode::Lease;
    Process follower(2, parameters);
    follower.receive(1, Heartbeat{1, 0, 1});
    EXPECT_EQ(follower.refusal(follower.ask(Campaign{})),
              "its leader may hold a lease that relies on it");
    follower.wait(150ms);
    EXPECT_TRUE(follower.answer<CampaignBegun>(follower.ask(Campaign{})).has_value());
}

TEST(PaxosClients, AClusterOfOneServesAlone)
{
    auto parameters = multi();
    parameters.nodes = 1;
    for (const auto reads : {ReadMode::Log, ReadMode::Lease}) {
        parameters.reads = reads;
        Cluster cluster(parameters);
        cluster.ask(kv::Put{"x", "1"});
        EXPECT_EQ(cluster.answered().answer, node::Answer::Done);
        cluster.ask(kv::Get{"x"});
        EXPECT_EQ(cluster.answeredWith<kv::Result>()->value, "1");
        cluster.crash(1);
        cluster.restart(1);
        cluster.ask(kv::Get{"x"});
        EXPECT_EQ(cluster.answeredWith<kv::Result>()->value, "1");
        EXPECT_EQ(cluster.problem(), "");
    }
}

TEST(PaxosSnapshots, ANodeThatWasAwayGetsOneInPieces)
{
    auto parameters = multi();
    parameters.snapshotThreshold = 8;
    parameters.snapshotChunk = 32;
    for (const auto learning : {Learning::Distinguished, Learning::Everyone}) {
        parameters.learning = learning;
        Cluster cluster(parameters);
        cluster.ask(kv::Put{"x", "0"});
        ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
        cluster.crash(5);
        for (int i = 1; i <= 30; ++i) {
            cluster.ask(kv::Put{"key " + std::to_string(i), "välue"});
            ASSERT_EQ(cluster.answered().answer, node::Answer::Done);
        }
        cluster.restart(5);
        EXPECT_TRUE(cluster.until([&] { return cluster.at(5).lastApplied() == 31; }));
        EXPECT_GT(cluster.sent("SnapshotPiece"), 10U);
        EXPECT_EQ(cluster.at(5).store(), cluster.at(1).store());
        EXPECT_TRUE(cluster.noted("installs a snapshot"));
        cluster.crash(5);
        cluster.restart(5);
        cluster.run(300ms);
        EXPECT_EQ(cluster.at(5).store(), cluster.at(1).store()) << "it is on its disk";
        EXPECT_EQ(cluster.problem(), "");
    }
}

TEST(PaxosSnapshots, APieceThatIsLostOrDamagedDoesNoHarm)
{
    Process pupil(3);
    pupil.receive(1, Heartbeat{1, 9, 1});
    ASSERT_EQ(pupil.sentTo<Learn>(1)->from, 1U);
    pupil.receive(1, SnapshotPiece{9, 0, "00", false});
    EXPECT_EQ(pupil.sentTo<Learn>(1)->offset, 2U);
    pupil.receive(1, SnapshotPiece{9, 6, "00", false});
    EXPECT_TRUE(pupil.sent<Learn>().empty()) << "that does not follow";
    pupil.receive(1, Heartbeat{1, 9, 2});
    EXPECT_EQ(pupil.sentTo<Learn>(1)->offset, 2U) << "it asks for the missing piece again";
    EXPECT_EQ(pupil.sentTo<Learn>(1)->snapshot, 9U);
    pupil.receive(1, SnapshotPiece{9, 2, "zz", true});
    EXPECT_TRUE(pupil.noted("throws away a snapshot"));
    EXPECT_EQ(pupil.machine().chosenIndex(), 0U);
}

TEST(PaxosLog, GrowsByNoMoreGapsThanAreReasonable)
{
    Process acceptor(3);
    acceptor.receive(1, Accept{1, 5'000'000'000, {putOf(1, "far")}, 0});
    EXPECT_TRUE(acceptor.effects().empty());
    acceptor.receive(1, Accept{1, 1, {}, 0});
    EXPECT_TRUE(acceptor.effects().empty());
    EXPECT_EQ(acceptor.machine().lastSlot(), 0U);
    Process leader;
    leader.lead();
    leader.ask(kv::Put{"x", "1"});
    leader.receive(2, Accepted{1, 1, 5'000'000'000, {}});
    EXPECT_EQ(leader.machine().chosenIndex(), 0U) << "and no harm is done";
}

// A node goes on from its description exactly as it would have itself.
TEST(PaxosDescribed, ANodeRestoredFromItsValueGoesOnTheSame)
{
    auto parameters = multi();
    parameters.snapshotThreshold = 4;
    parameters.learning = Learning::Everyone;
    Cluster cluster(parameters);
    for (int i = 0; i < 7; ++i) {
        cluster.ask(kv::Put{"x", std::to_string(i)});
        cluster.answered();
    }
    const auto setup = cluster.world().setup();
    for (const auto& sight : cluster.world().sights()) {
        const auto value = sight.node->describe();
        const auto copy = paxosProtocol().restoreNode(sight.id, setup, value).value();
        EXPECT_EQ(copy->describe(), value);
        auto original = sight.node->clone();
        Dice dice(1);
        Dice same(1);
        const auto at = cluster.world().instant() + 1ms;
        node::Effects one;
        node::Effects other;
        const node::TimerId heartbeat{
            static_cast<std::uint16_t>(describe::indexOf(Timer::Heartbeat)), 0};
        original->onTimer({at, dice}, heartbeat, one);
        copy->onTimer({at, same}, heartbeat, other);
        EXPECT_EQ(one.size(), other.size());
        EXPECT_EQ(copy->describe(), original->describe());
        const auto disk = paxosProtocol().restoreDisk(sight.disk->describe()).value();
        EXPECT_EQ(disk->describe(), sight.disk->describe());
    }
}

} // namespace
} // namespace lightcone::protocols::paxos
