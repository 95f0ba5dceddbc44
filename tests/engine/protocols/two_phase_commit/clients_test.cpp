#include "tests/engine/protocols/two_phase_commit/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What clients see, and what a cluster of given parameters is.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;

std::string errorOf(const std::function<void(Parameters&)>& change)
{
    Parameters parameters;
    change(parameters);
    const auto setup = theProtocol().setup(describe::toValue(parameters));
    return setup ? std::string() : setup.error().message;
}

TEST(TwoPhaseCommitParameters, OutOfTheirRangeAreRefusedWithOneSentence)
{
    EXPECT_EQ(errorOf([](auto&) {}), "");
    EXPECT_EQ(errorOf([](auto& p) { p.coordinators = 0; }),
              "coordinators: expected a number from 1 to 20, found 0");
    EXPECT_EQ(errorOf([](auto& p) { p.participants = 51; }),
              "participants: expected a number from 1 to 50, found 51");
    EXPECT_EQ(errorOf([](auto& p) { p.restarts = 1001; }),
              "restarts: expected a number from 0 to 1000, found 1001");
    EXPECT_EQ(errorOf([](auto& p) { p.retry = 0ms; }),
              "retry: expected a duration from 1 µs to a day, found 0 s");
    EXPECT_EQ(errorOf([](auto& p) {
                  p.variant = Variant::ThreePhase;
                  p.voteTimeout = 300ms;
              }),
              "inquiry: expected more than voteTimeout (300 ms) with variant=threePhase, or "
              "participants give up a coordinator that is there; found 250 ms");
    EXPECT_EQ(errorOf([](auto& p) { p.voteTimeout = 300ms; }), "");
}

TEST(TwoPhaseCommitParameters, DataThatMakesNoSenseIsRefusedWithOneSentence)
{
    EXPECT_EQ(errorOf([](auto& p) { p.data = " p1: a=100 b , c ; ; p3: d="; }), "");
    EXPECT_EQ(errorOf([](auto& p) { p.data = "p4: a"; }),
              "data: expected a participant from p1 to p3 and a colon, as in \"p1: a=100 b; p2: "
              "c\", found 'p4'");
    EXPECT_EQ(errorOf([](auto& p) { p.data = "a=100"; }),
              "data: expected a participant from p1 to p3 and a colon, as in \"p1: a=100 b; p2: "
              "c\", found 'a=100'");
    EXPECT_EQ(errorOf([](auto& p) { p.data = "p1 a"; }),
              "data: expected a participant from p1 to p3 and a colon, as in \"p1: a=100 b; p2: "
              "c\", found 'p1'");
    EXPECT_EQ(errorOf([](auto& p) { p.data = "p1: =7"; }),
              "data: expected a key, or key=value, found '=7'");
    EXPECT_EQ(errorOf([](auto& p) { p.data = "p1: a; p2: a=1"; }),
              "data: expected each key once, 'a' is given twice");
}

TEST(TwoPhaseCommitPlacement, KeysGoWhereTheyWereGivenOrByTheirLastCharacter)
{
    Parameters parameters;
    parameters.coordinators = 2;
    parameters.data = "p3: a=1 zz; p1: y";
    const auto placement = Placement::of(parameters).value();
    const auto owner = [&](std::string_view key) {
        return placement.nameOf(placement.ownerOf(key));
    };
    EXPECT_EQ(owner("a"), "p3");
    EXPECT_EQ(owner("y"), "p1");
    EXPECT_EQ(owner("zz"), "p3");
    EXPECT_EQ(owner("xa"), "p1");
    EXPECT_EQ(owner("B"), "p2");
    EXPECT_EQ(owner("k1"), "p1");
    EXPECT_EQ(owner("k3"), "p3");
    EXPECT_EQ(owner("k4"), "p1");
    EXPECT_EQ(owner("k0"), "p1") << "the tenth";
    EXPECT_EQ(placement.initial(NodeId(5)), (Values{{"a", "1"}}));
    EXPECT_TRUE(placement.initial(NodeId(3)).empty()) << "y is placed, and absent";
}

TEST(TwoPhaseCommitPlacement, NumbersSayWhoseTransactionItIs)
{
    Parameters parameters;
    parameters.coordinators = 3;
    const auto placement = Placement::of(parameters).value();
    for (std::uint32_t place = 1; place <= 3; ++place) {
        TransactionId id = 0;
        for (int i = 0; i < 5; ++i) {
            const auto next = placement.nextId(NodeId(place), id);
            EXPECT_GT(next, id);
            EXPECT_EQ(placement.coordinatorOf(next), NodeId(place));
            id = next;
        }
        EXPECT_EQ(id, 12 + place);
    }
    EXPECT_EQ(placement.nextId(NodeId(2), 100), 101U);
}

TEST(TwoPhaseCommitMembers, CoordinatorsTakeRequestsAndStandInFront)
{
    Parameters parameters;
    parameters.coordinators = 2;
    parameters.participants = 2;
    const auto setup = setupOf(parameters);
    const std::vector<std::string> names{"tm1", "tm2", "p1", "p2"};
    ASSERT_EQ(setup->members.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(setup->members[i].name, names[i]);
        EXPECT_EQ(setup->members[i].takesRequests, i < 2);
        EXPECT_EQ(setup->members[i].tier, i < 2 ? 0U : 1U);
        EXPECT_EQ(setup->members[i].role, i < 2 ? "coordinator" : "participant");
    }
}

TEST(TwoPhaseCommitClients, WhatMakesNoSenseIsRefused)
{
    Process tm(1);
    EXPECT_EQ(tm.refusal(tm.ask(Transfer{"a", "a", 1})), "a transfer needs two different keys");
    EXPECT_EQ(tm.refusal(tm.ask(Transfer{"a", "b", ~std::uint64_t{0}})),
              "a transfer of more than 2^63 - 1 does not fit into a number");
    EXPECT_EQ(tm.refusal(tm.ask(Transact{})),
              "a transaction has from 1 to 1000 operations, as in [read a, write b 5, add c 10, "
              "take d 3]; this one has 0");
    EXPECT_EQ(tm.refusal(tm.ask(Read{""})), "an operation needs a key");
    EXPECT_EQ(tm.refusal(tm.ask(Heuristic{})),
              "a coordinator is never in doubt: expected a participant (to p1)");
    Process p1(2);
    EXPECT_EQ(p1.redirect(p1.ask(Read{"a"})), NodeId(1));
    EXPECT_EQ(p1.refusal(p1.ask(Heuristic{})), "p1 is not in doubt");
    EXPECT_EQ(p1.refusal(p1.ask(Heuristic{7, Outcome::Committed})),
              "p1 is not in doubt about transaction 7");
}

TEST(TwoPhaseCommitClients, AreSentToTheirOwnCoordinator)
{
    auto parameters = withMoney();
    parameters.coordinators = 2;
    Process tm(1, parameters);
    EXPECT_EQ(tm.redirect(tm.ask(Read{"a"}, 2)), NodeId(2));
    tm.ask(Read{"a"}, 1);
    EXPECT_EQ(tm.sent<Work>().size(), 1U);
}

TEST(TwoPhaseCommitClients, ATransactionAnswersWhatItHasRead)
{
    Cluster cluster(withMoney());
    cluster.ask(
        Transact{{Write{"x", "7"}, Read{"x"}, Read{"a"}, Add{"b", 5}, Read{"b"}, Read{"z"}}});
    const auto answer = cluster.answeredWith<Committed>();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->values, (Values{{"x", "7"}, {"a", "100"}, {"b", "105"}}))
        << "its own writes are seen, what is absent is left out";
    cluster.run(100ms);
    EXPECT_TRUE(cluster.isQuiet());
    EXPECT_EQ(cluster.problem(), "");
}

TEST(TwoPhaseCommitClients, NumbersAreCheckedWithTheVote)
{
    Cluster cluster(withMoney());
    cluster.ask(Transfer{"a", "b", 101});
    EXPECT_EQ(cluster.answeredWith<Aborted>()->reason, Reason::VotedNo);
    cluster.ask(Transact{{Take{"a", 150}, Add{"a", 60}}});
    EXPECT_TRUE(cluster.answeredWith<Committed>().has_value()) << "what counts is the end";
    cluster.ask(Transact{{Write{"a", "gold"}}});
    EXPECT_TRUE(cluster.answeredWith<Committed>().has_value());
    cluster.ask(Transact{{Add{"a", 1}}});
    EXPECT_EQ(cluster.answeredWith<Aborted>()->reason, Reason::VotedNo);
    EXPECT_TRUE(cluster.noted("votes no on transaction 4: a is 'gold' and no number"));
    cluster.ask(Transact{{Add{"n", std::numeric_limits<std::int64_t>::max()}, Add{"n", 1}}});
    EXPECT_EQ(cluster.answeredWith<Aborted>()->reason, Reason::VotedNo);
    cluster.run(100ms);
    EXPECT_TRUE(cluster.isQuiet());
    EXPECT_EQ(cluster.problem(), "");
}

TEST(TwoPhaseCommitClients, ARetryIsAnsweredOnceForAll)
{
    Process tm(1);
    const auto id = tm.ask(Write{"a", "1"});
    tm.askAgain(id, Write{"a", "1"});
    EXPECT_TRUE(tm.sent<Work>().empty()) << "under way";
    tm.receive(2, Worked{1, 1, 1, {}});
    tm.receive(2, VoteYes{1});
    EXPECT_TRUE(tm.answer<Committed>(id).has_value());
    tm.askAgain(id, Write{"a", "1"});
    EXPECT_TRUE(tm.answer<Committed>(id).has_value());
    EXPECT_TRUE(tm.sent<Work>().empty());
    tm.start();
    tm.askAgain(id, Write{"a", "1"});
    EXPECT_TRUE(tm.answer<Committed>(id).has_value()) << "a commitment survives a crash";
    const auto later = tm.ask(Write{"a", "2"});
    EXPECT_EQ(tm.sent<Work>().size(), 1U);
    tm.askAgain(id, Write{"a", "1"});
    EXPECT_EQ(tm.refusal(id), "the client has gone on to another request since");
    tm.receive(2, WorkFailed{101, Reason::Silence});
    EXPECT_EQ(tm.answer<Aborted>(later)->reason, Reason::Silence);
    tm.askAgain(later, Write{"a", "2"});
    EXPECT_EQ(tm.answer<Aborted>(later)->transaction, 101U) << "the same answer";
}

TEST(TwoPhaseCommitClients, AnOperatorDecidesOnce)
{
    auto p1 = prepared();
    const auto id = p1.ask(Heuristic{0, Outcome::Committed});
    EXPECT_EQ(p1.answer<Resolved>(id)->transaction, 1U);
    EXPECT_EQ(*p1.machine().store().find("a"), "101");
    EXPECT_TRUE(p1.machine().locks().empty());
    p1.askAgain(id, Heuristic{1, Outcome::Committed});
    EXPECT_EQ(p1.answer<Resolved>(id)->outcome, Outcome::Committed) << "the answer was lost";
    p1.askAgain(id, Heuristic{1, Outcome::Aborted});
    EXPECT_EQ(p1.refusal(id), "p1 is not in doubt about transaction 1");
    p1.start();
    EXPECT_TRUE(p1.sentTo<AskDecision>(1).has_value()) << "it still wants to know";
    EXPECT_TRUE(p1.machine().locks().empty());
    p1.receive(1, Commit{1});
    EXPECT_FALSE(p1.sentTo<Ack>(1)->damaged);
    EXPECT_EQ(*p1.machine().store().find("a"), "101") << "and not twice";
    EXPECT_TRUE(p1.machine().branches().empty());
}

TEST(TwoPhaseCommitClients, AnOperatorsDamageIsReported)
{
    auto p1 = prepared();
    p1.ask(Heuristic{1, Outcome::Aborted});
    p1.receive(1, Commit{1});
    EXPECT_TRUE(p1.noted("heuristic damage"));
    EXPECT_TRUE(p1.sentTo<Ack>(1)->damaged);
    EXPECT_EQ(*p1.machine().store().find("a"), "100");
    p1.start();
    p1.receive(1, Commit{1});
    EXPECT_TRUE(p1.sentTo<Ack>(1)->damaged) << "it is on its disk";
    auto tm = collecting();
    tm.receive(2, VoteYes{1});
    tm.receive(3, VoteYes{1});
    tm.receive(2, Ack{1, true});
    EXPECT_TRUE(tm.noted("heuristic damage: p1 "));
}

TEST(TwoPhaseCommitClients, NumbersAreNeverUsedTwice)
{
    Process tm(1);
    tm.ask(Read{"a"});
    EXPECT_EQ(tm.sent<Work>()[0].second.transaction, 1U);
    tm.start();
    tm.ask(Read{"a"});
    EXPECT_EQ(tm.sent<Work>()[0].second.transaction, 101U);
    for (int i = 0; i < 150; ++i) {
        tm.ask(Read{"a"});
    }
    const auto last = tm.sent<Work>()[0].second.transaction;
    EXPECT_EQ(last, 251U);
    EXPECT_GE(tm.disk().numbers, last);
}

// Whoever was in another's way is tried again, as old as it was.
TEST(TwoPhaseCommitClients, WhoDiesIsTriedAgainAndKeepsItsAge)
{
    auto parameters = withMoney();
    parameters.restarts = 1;
    Process tm(1, parameters);
    const auto id = tm.ask(Transact{{Add{"a", 1}, Add{"b", 1}}});
    tm.receive(2, Worked{1, 1, 1, {}});
    tm.receive(3, WorkFailed{1, Reason::Died});
    EXPECT_TRUE(tm.sentTo<Abort>(2).has_value());
    EXPECT_FALSE(tm.sentTo<Abort>(3).has_value()) << "it has aborted already";
    const auto pause = tm.armed(Timer::Rerun);
    ASSERT_TRUE(pause.has_value());
    EXPECT_GE(*pause, parameters.restartAfter);
    EXPECT_LE(*pause, 2 * parameters.restartAfter);
    tm.askAgain(id, Transact{{Add{"a", 1}, Add{"b", 1}}});
    EXPECT_TRUE(tm.sent<Work>().empty()) << "a retry waits";
    tm.fire(Timer::Rerun, 1);
    const auto work = tm.sentTo<Work>(2);
    ASSERT_TRUE(work.has_value());
    EXPECT_EQ(work->transaction, 2U);
    EXPECT_EQ(work->age, 1U);
    tm.receive(2, WorkFailed{2, Reason::Died});
    EXPECT_EQ(tm.answer<Aborted>(id)->reason, Reason::Died) << "only so often";
}

TEST(TwoPhaseCommitClients, AnOldTransactionIsNotStarvedByYoungOnes)
{
    auto parameters = withMoney();
    parameters.restarts = 100;
    Cluster cluster(parameters);
    sim::Load load;
    load.clients = {clientId(2)};
    load.bodies = {node::makePayload<Request>(Transact{{Add{"b", 1}, Add{"a", 1}}})};
    cluster.act(load);
    cluster.run(20ms);
    cluster.ask(Transact{{Add{"a", 1}, Add{"b", 1}}}, 0, 1);
    EXPECT_TRUE(cluster.answeredWith<Committed>(1).has_value());
    EXPECT_EQ(cluster.problem(), "");
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
