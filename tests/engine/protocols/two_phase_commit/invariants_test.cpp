#include "engine/describe/text.h"
#include "tests/engine/protocols/two_phase_commit/cluster.h"
#include "tests/support/watched_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each invariant is shown nodes that break it: they are told what nobody would say, or said to have
// done what they would not do.
namespace lightcone::protocols::two_phase_commit {
namespace {

using namespace std::chrono_literals;
using node::Sync;
using Out = node::Out<TwoPhaseCommit>;

constexpr std::uint32_t tm = 1;
constexpr std::uint32_t p1 = 2;
constexpr std::uint32_t p2 = 3;

class Watched : public test::Watched<TwoPhaseCommit>
{
public:
    explicit Watched(const std::string& invariant, const Parameters& parameters = withMoney())
        : test::Watched<TwoPhaseCommit>(theProtocol(), setupOf(parameters), invariant)
    {
    }

    /// It is said to have done that.
    void pretend(std::uint32_t number, const std::function<void(Out&)>& deed, bool onDisk = true)
    {
        node::Effects effects;
        Out out(effects);
        deed(out);
        detachDisks(!onDisk);
        claim(number, std::move(effects));
        detachDisks(false);
    }

    /// Its state is another one.
    void become(std::uint32_t number, const std::function<describe::Value(describe::Value)>& change)
    {
        test::Watched<TwoPhaseCommit>::become(number, change(describe::toValue(at(number))));
    }
};

void prepareAt(Watched& watched, std::uint32_t number, TransactionId id = 1)
{
    const std::string key = number == p1 ? "a" : "b";
    watched.receive(number, tm, Work{id, id, 1, 0, 1, {Add{key, 1}}});
    watched.receive(number, tm, Prepare{id, 1, both(), 1});
}

void decide(Watched& watched, std::uint32_t number, Outcome outcome, bool onDisk = true)
{
    watched.pretend(
        number,
        [&](Out& out) {
            if (outcome == Outcome::Committed) {
                out.write(CommitRecord{1});
            } else {
                out.write(AbortRecord{1});
            }
        },
        onDisk);
}

TEST(TwoPhaseCommitInvariants, OneDecision)
{
    Watched right("AC1: one decision");
    decide(right, p1, Outcome::Committed);
    decide(right, p2, Outcome::Committed);
    EXPECT_EQ(right.problem(), "");
    Watched wrong("AC1: one decision");
    decide(wrong, p1, Outcome::Committed);
    decide(wrong, p2, Outcome::Aborted);
    EXPECT_EQ(wrong.problem(), "transaction 1 is committed at p1 and aborted at p2");
    Watched guessed("AC1: one decision");
    guessed.pretend(p1, [](Out& out) { out.write(HeuristicRecord{1, Outcome::Aborted}); });
    guessed.pretend(tm, [](Out& out) {
        out.write(DecisionRecord{1, Outcome::Committed, both(), {}, {}});
    });
    EXPECT_EQ(guessed.problem(),
              "transaction 1 is aborted at p1 (by an operator) and committed at tm1");
}

TEST(TwoPhaseCommitInvariants, ADecisionThatACrashTookAwayWasNone)
{
    Watched watched("AC1: one decision");
    watched.pretend(
        tm,
        [](Out& out) {
            out.write(DecisionRecord{1, Outcome::Committed, both(), {}, {}});
        },
        false);
    watched.start(tm);
    decide(watched, p1, Outcome::Aborted);
    EXPECT_EQ(watched.problem(), "");
}

TEST(TwoPhaseCommitInvariants, NoReversal)
{
    Watched watched("AC2: no reversal");
    decide(watched, p1, Outcome::Aborted);
    decide(watched, p1, Outcome::Aborted);
    EXPECT_EQ(watched.problem(), "");
    watched.start(p1);
    decide(watched, p1, Outcome::Committed);
    EXPECT_EQ(watched.problem(),
              "p1 has decided that transaction 1 is aborted, and now that it is committed");
}

TEST(TwoPhaseCommitInvariants, CommitNeedsAllVotes)
{
    const auto asks = [](Watched& watched) {
        watched.pretend(tm, [](Out& out) {
            out.send(NodeId(p1), Prepare{1, 1, both(), 1});
            out.send(NodeId(p2), Prepare{1, 1, both(), 1});
        });
        watched.pretend(p1, [](Out& out) { out.send(NodeId(tm), VoteYes{1}); });
    };
    const auto commits = [](Out& out) {
        out.write(DecisionRecord{1, Outcome::Committed, both(), {}, {}});
    };
    Watched right("AC3: commit needs all votes");
    asks(right);
    right.pretend(p2, [](Out& out) { out.send(NodeId(tm), VoteReadOnly{1}); });
    right.pretend(tm, commits);
    EXPECT_EQ(right.problem(), "");
    Watched early("AC3: commit needs all votes");
    asks(early);
    early.pretend(tm, commits);
    EXPECT_EQ(early.problem(), "tm1 commits transaction 1, and p2 has not voted");
    Watched deaf("AC3: commit needs all votes");
    asks(deaf);
    deaf.pretend(p2, [](Out& out) { out.send(NodeId(tm), VoteNo{1, ""}); });
    deaf.pretend(tm, commits);
    EXPECT_EQ(deaf.problem(), "tm1 commits transaction 1, and p2 has voted no");
}

TEST(TwoPhaseCommitInvariants, AbortNeedsAReason)
{
    const auto problemOf = [](Reason reason, const std::function<void(Watched&)>& before) {
        Watched watched("AC4: abort needs a reason");
        watched.pretend(tm, [](Out& out) { out.send(NodeId(p1), Work{1, 1, 1, 0, 1, {}}); });
        before(watched);
        watched.pretend(tm, [&](Out& out) { out.reply({clientId(1), 1}, Aborted{1, reason}); });
        return watched.problem();
    };
    const auto nothing = [](Watched&) {};
    EXPECT_EQ(problemOf(Reason::VotedNo, nothing),
              "tm1 aborts transaction 1 (votedNo), and nothing of the kind has happened");
    EXPECT_NE(problemOf(Reason::None, nothing), "");
    EXPECT_NE(problemOf(Reason::Died, nothing), "");
    EXPECT_NE(problemOf(Reason::Silence, nothing), "");
    EXPECT_NE(problemOf(Reason::Recovered, nothing), "");
    EXPECT_EQ(
        problemOf(Reason::VotedNo,
                  [](Watched& watched) {
                      watched.pretend(p1, [](Out& out) { out.send(NodeId(tm), VoteNo{1, ""}); });
                  }),
        "");
    EXPECT_EQ(problemOf(Reason::Died,
                        [](Watched& watched) {
                            watched.pretend(p1, [](Out& out) {
                                out.send(NodeId(tm), WorkFailed{1, Reason::Died});
                            });
                        }),
              "");
    EXPECT_EQ(problemOf(Reason::Silence, [](Watched& watched) { watched.wait(100ms); }), "");
    EXPECT_EQ(problemOf(Reason::Recovered, [](Watched& watched) { watched.start(tm); }), "");
}

TEST(TwoPhaseCommitInvariants, DoubtIsAsked)
{
    Watched watched("AC5: doubt asks");
    prepareAt(watched, p1);
    for (int i = 0; i < 20; ++i) {
        watched.wait(10s); // it may have been paused
        watched.receive(p1, tm, Uncertain{1});
    }
    EXPECT_EQ(watched.problem(), "");
    watched.pretend(p1, [](Out& out) { out.send(NodeId(tm), AskDecision{1}); });
    for (int i = 0; i < 60; ++i) {
        watched.wait(50ms);
        watched.receive(p1, tm, Uncertain{1});
    }
    EXPECT_EQ(watched.problem(), "") << "3 s are not too long";
    for (int i = 0; i < 60; ++i) {
        watched.wait(50ms);
        watched.receive(p1, tm, Uncertain{1});
    }
    EXPECT_THAT(watched.problem(),
                testing::StartsWith("p1 is in doubt about transaction 1, and has not asked for "));
}

TEST(TwoPhaseCommitInvariants, AYesVoteIsDurable)
{
    const auto problemOf = [](std::optional<Sync> sync) {
        Watched watched("a yes vote is durable");
        watched.pretend(
            p1,
            [&](Out& out) {
                if (sync) {
                    out.write(PrepareRecord{1, both(), {}}, *sync);
                }
                out.send(NodeId(tm), VoteYes{1});
            },
            false);
        return watched.problem();
    };
    EXPECT_EQ(problemOf(Sync::Forced), "");
    EXPECT_EQ(problemOf(Sync::Lazy),
              "p1 votes yes on transaction 1 before its prepare record is on disk");
    EXPECT_NE(problemOf(std::nullopt), "");
    Watched again("a yes vote is durable");
    prepareAt(again, p1);
    again.start(p1);
    again.receive(p1, tm, Prepare{1, 1, both(), 1});
    EXPECT_EQ(again.problem(), "") << "it is on the disk of a life before";
    again.wipe(p1);
    again.start(p1);
    again.pretend(p1, [](Out& out) { out.send(NodeId(tm), VoteYes{1}); });
    EXPECT_NE(again.problem(), "");
}

TEST(TwoPhaseCommitInvariants, ADecisionIsLoggedBeforeItIsTold)
{
    const auto problemOf = [](Variant variant, std::optional<Sync> sync) {
        Watched watched("a decision is logged before it is told", withMoney(variant));
        watched.pretend(
            tm,
            [&](Out& out) {
                if (sync) {
                    out.write(DecisionRecord{1, Outcome::Committed, both(), {}, {}}, *sync);
                }
                out.send(NodeId(p1), Commit{1});
            },
            false);
        return watched.problem();
    };
    EXPECT_EQ(problemOf(Variant::PresumedAbort, Sync::Forced), "");
    EXPECT_EQ(problemOf(Variant::PresumedAbort, Sync::Lazy),
              "tm1 tells that transaction 1 is committed before that is on its disk");
    EXPECT_NE(problemOf(Variant::PresumedAbort, std::nullopt), "");
    EXPECT_NE(problemOf(Variant::PresumedCommit, Sync::Lazy), "");
    EXPECT_EQ(problemOf(Variant::PresumedCommit, std::nullopt), "") << "it may presume that";
}

TEST(TwoPhaseCommitInvariants, NothingIsForgottenTooEarly)
{
    const auto problemOf = [](Variant variant, Outcome outcome, bool heard) {
        Watched watched("nothing is forgotten too early", withMoney(variant));
        prepareAt(watched, p1);
        watched.pretend(tm, [&](Out& out) {
            out.write(DecisionRecord{1, outcome, NodeSet{NodeId(p1)}, {}, {}});
        });
        if (heard && outcome == Outcome::Committed) {
            watched.receive(p1, tm, Commit{1});
        } else if (heard) {
            watched.receive(p1, tm, Abort{1});
        }
        watched.pretend(tm, [](Out& out) { out.write(EndRecord{1}, Sync::Lazy); });
        return watched.problem();
    };
    EXPECT_EQ(problemOf(Variant::PresumedAbort, Outcome::Committed, true), "");
    EXPECT_EQ(problemOf(Variant::PresumedAbort, Outcome::Committed, false),
              "tm1 forgets transaction 1, which is committed, while p1 is still in doubt");
    EXPECT_EQ(problemOf(Variant::PresumedNothing, Outcome::Aborted, false), "")
        << "it would say the same";
    EXPECT_NE(problemOf(Variant::PresumedCommit, Outcome::Aborted, false), "");
    EXPECT_EQ(problemOf(Variant::PresumedCommit, Outcome::Aborted, true), "");
}

TEST(TwoPhaseCommitInvariants, AcknowledgedCommitsSurvive)
{
    const auto acknowledges = [](Out& out) {
        out.write(DecisionRecord{1, Outcome::Committed, both(), {clientId(1), 1}, {}});
        out.reply({clientId(1), 1}, Committed{1, {}});
    };
    Watched lost("acknowledged commits survive");
    prepareAt(lost, p1);
    lost.pretend(tm, acknowledges);
    lost.start(p1);
    EXPECT_EQ(lost.problem(), "");
    lost.wipe(p1);
    lost.start(p1);
    EXPECT_EQ(lost.problem(),
              "p1 comes back without transaction 1, which was acknowledged as committed");
    Watched undone("acknowledged commits survive");
    prepareAt(undone, p1);
    undone.pretend(tm, acknowledges);
    decide(undone, p1, Outcome::Aborted);
    EXPECT_EQ(undone.problem(), "p1 aborts transaction 1, which was acknowledged as committed");
    Watched early("acknowledged commits survive");
    early.pretend(
        p1,
        [](Out& out) {
            out.write(PrepareRecord{1, both(), {}}, Sync::Lazy);
        },
        false);
    early.pretend(tm, acknowledges);
    EXPECT_EQ(early.problem(),
              "tm1 acknowledges transaction 1, and p1 has nothing of it on its disk");
    Watched never("acknowledged commits survive");
    prepareAt(never, p1);
    never.pretend(tm, acknowledges, false); // the answer has waited for the disk
    never.start(tm);
    decide(never, p1, Outcome::Aborted);
    EXPECT_EQ(never.problem(), "");
}

describe::Value without(const describe::Value& state, std::string_view field)
{
    auto children = state.children();
    const auto place = *state.shape()->fieldIndex(field);
    children[place] = describe::zero(children[place].shape());
    return describe::Value::list(state.shape(), std::move(children));
}

TEST(TwoPhaseCommitInvariants, NoLockLeaks)
{
    Watched watched("no lock leaks");
    watched.receive(p1, tm, Work{1, 1, 1, 0, 1, {Add{"a", 1}}});
    watched.receive(p1, tm, Prepare{1, 1, both(), 1});
    EXPECT_EQ(watched.problem(), "");
    watched.become(p1, [](const describe::Value& state) { return without(state, "branches"); });
    EXPECT_EQ(watched.problem(), "p1 still keeps a locked for transaction 1, which is over");
}

TEST(TwoPhaseCommitInvariants, LocksExcludeEachOther)
{
    Watched watched("no lock leaks");
    watched.receive(p1, tm, Work{1, 1, 1, 0, 1, {Add{"a", 1}}});
    watched.become(p1, [](const describe::Value& state) { return without(state, "locks"); });
    watched.receive(p1, tm, Work{2, 2, 1, 0, 1, {Add{"a", 1}}});
    EXPECT_EQ(watched.problem(), "");
    watched.become(p1, [](const describe::Value& state) {
        auto children = state.children();
        const auto place = *state.shape()->fieldIndex("locks");
        auto locks = children[place].children();
        locks.push_back(*describe::parse(locks[0].shape(),
                                         "Lock{transaction 1, key a, exclusive, not waits, age 1, "
                                         "since 0s}"));
        children[place] = describe::Value::list(children[place].shape(), std::move(locks));
        return describe::Value::list(state.shape(), std::move(children));
    });
    EXPECT_EQ(watched.problem(),
              "transactions 2 and 1 hold locks on a of p1 that exclude each other");
}

TEST(TwoPhaseCommitInvariants, ConflictSerializability)
{
    auto parameters = withMoney();
    Watched right("conflict serializability", parameters);
    prepareAt(right, p1, 1);
    right.receive(p1, tm, Commit{1});
    prepareAt(right, p1, 2);
    right.receive(p1, tm, Commit{2});
    EXPECT_EQ(right.problem(), "");
    parameters.mistake = Mistake::ReleasesAtPrepare;
    Watched wrong("conflict serializability", parameters);
    prepareAt(wrong, p1, 1);
    prepareAt(wrong, p1, 2);
    wrong.receive(p1, tm, Commit{1});
    EXPECT_EQ(wrong.problem(), "");
    wrong.receive(p1, tm, Commit{2});
    EXPECT_EQ(wrong.problem(),
              "no serial order has transactions 2 → 1 → 2 (2 reads a of p1 before 1 writes it, 1 "
              "writes a of p1 before 2 writes it)");
}

// A circle over two participants: each of them alone has an order.
TEST(TwoPhaseCommitInvariants, ACircleOverTwoParticipantsIsFound)
{
    auto parameters = withMoney();
    parameters.mistake = Mistake::ReleasesAtPrepare;
    Watched watched("conflict serializability", parameters);
    const auto adds = [&](std::uint32_t number, TransactionId id) {
        watched.receive(number, tm, Work{id, id, 1, 0, 1, {Write{number == p1 ? "a" : "b", "1"}}});
        watched.receive(number, tm, Prepare{id, 1, both(), 1});
    };
    adds(p1, 1);
    adds(p1, 2);
    adds(p2, 2);
    adds(p2, 1);
    watched.receive(p1, tm, Commit{1});
    watched.receive(p1, tm, Commit{2});
    EXPECT_EQ(watched.problem(), "");
    watched.receive(p2, tm, Commit{2});
    watched.receive(p2, tm, Commit{1});
    EXPECT_THAT(watched.problem(),
                testing::StartsWith("no serial order has transactions 2 → 1 → 2 "
                                    "(2 writes b of p2 before 1 writes it, 1 "
                                    "writes a of p1 before 2 writes it)"));
}

} // namespace
} // namespace lightcone::protocols::two_phase_commit
