#include "tests/engine/protocols/raft/cluster.h"
#include "tests/engine/protocols/raft/server.h"
#include "tests/support/watched_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

// Each invariant is shown servers that break it: they are told what no server would say, or have a
// state that none would have.
namespace lightcone::protocols::raft {
namespace {

using testing::HasSubstr;

class Watched : public test::Watched<Raft>
{
public:
    explicit Watched(const std::string& invariant)
        : test::Watched<Raft>(raftProtocol(), setupOf(Cluster::plain()), invariant)
    {
    }

    /// Leads the next term that it has not seen, with the votes of those two.
    void lead(std::uint32_t number, std::uint32_t voter, std::uint32_t other)
    {
        fire(number, Timer::Election);
        const auto term = at(number).term();
        receive(number, voter, Vote{term, true});
        receive(number, other, Vote{term, true});
    }

    /// The leader of term 1 says that all of this stands in its log, and how far it is committed.
    void follow(std::uint32_t number, const Entries& log, Index commit = 0)
    {
        receive(number, 1, AppendEntries{1, 0, 0, log, commit, 1});
    }

    /// n1 hears from n2 and n3 that they have its log.
    void confirm()
    {
        const auto last = at(1).lastIndex();
        receive(1, 2, Appended{1, true, last, 0, 0, 1});
        receive(1, 3, Appended{1, true, last, 0, 0, 1});
    }

    void become(std::uint32_t number, const Server& other)
    {
        test::Watched<Raft>::become(number, describe::toValue(other.machine()));
    }
};

Entries putOf(const std::string& value)
{
    return {Entry{1, {clientId(1), 1}, kv::Put{"x", value}}};
}

TEST(RaftInvariants, ElectionSafety)
{
    Watched watched("election safety");
    watched.lead(1, 2, 3);
    watched.fire(2, Timer::Election);
    watched.lead(2, 3, 4);
    EXPECT_EQ(watched.at(2).term(), 2U);
    EXPECT_EQ(watched.problem(), "");
    watched.lead(4, 3, 5);
    EXPECT_EQ(watched.problem(), "n4 leads term 1, and so did n1");
}

TEST(RaftInvariants, LeaderAppendOnly)
{
    Server longer;
    longer.lead();
    Server shorter = longer;
    longer.ask(kv::Put{"x", "1"});
    Server other = shorter;
    other.ask(kv::Put{"x", "2"});

    Watched cut("leader append-only");
    cut.become(1, shorter);
    cut.become(1, longer);
    EXPECT_EQ(cut.problem(), "");
    cut.become(1, shorter);
    EXPECT_EQ(cut.problem(), "the log of n1, leader of term 1, ended at 2 and ends at 1");

    Watched overwritten("leader append-only");
    overwritten.become(1, longer);
    overwritten.become(1, other);
    EXPECT_THAT(overwritten.problem(), HasSubstr("n1, leader of term 1, overwrites its entry 2"));

    Watched deleted("leader append-only");
    deleted.lead(1, 2, 3);
    deleted.claimWritten(1, Truncate{1});
    EXPECT_EQ(deleted.problem(), "n1, leader of term 1, deletes its entries from 1 on");
}

TEST(RaftInvariants, LogMatching)
{
    Watched entries("log matching");
    entries.follow(2, putOf("1"));
    entries.follow(4, putOf("1"));
    EXPECT_EQ(entries.problem(), "");
    entries.follow(3, putOf("2"));
    EXPECT_THAT(entries.problem(), HasSubstr("at index 1 n2 has "));
    EXPECT_THAT(entries.problem(), HasSubstr(" and n3 has "));

    Watched before("log matching");
    before.receive(2, 1, AppendEntries{2, 0, 0, logOf({1, 2}), 0, 1});
    before.receive(3, 1, AppendEntries{2, 0, 0, logOf({2, 2}), 0, 1});
    EXPECT_EQ(before.problem(),
              "n2 and n3 have the same entry of term 2 at index 2, but before it "
              "n2 has term 1 and n3 term 2");
}

TEST(RaftInvariants, LeaderCompleteness)
{
    const auto committed = [] {
        Watched watched("leader completeness");
        watched.lead(1, 2, 3);
        watched.follow(2, watched.at(1).log());
        watched.confirm();
        EXPECT_EQ(watched.at(1).commitIndex(), 1U);
        return watched;
    };
    auto right = committed();
    right.lead(2, 3, 4); // of term 2, with the entry
    EXPECT_EQ(right.at(2).role(), Role::Leader);
    EXPECT_EQ(right.problem(), "");

    auto wrong = committed();
    wrong.fire(4, Timer::Election);
    wrong.lead(4, 3, 5); // of term 2, with a log of its own
    EXPECT_THAT(wrong.problem(), HasSubstr("n4 leads term 2, and its log has "));
    EXPECT_THAT(wrong.problem(), HasSubstr(" at index 1, where term 1 committed "));
}

TEST(RaftInvariants, StateMachineSafety)
{
    Watched watched("state machine safety");
    watched.follow(2, putOf("1"), 1);
    watched.follow(3, putOf("1"), 1);
    watched.follow(4, putOf("2"));
    EXPECT_EQ(watched.problem(), "") << "n4 has not executed it";
    watched.follow(5, putOf("2"), 1);
    EXPECT_THAT(watched.problem(), HasSubstr("n5 executes "));
    EXPECT_THAT(watched.problem(), HasSubstr(" at index 1, where "));
}

TEST(RaftInvariants, FreshReads)
{
    Watched watched("fresh reads");
    watched.lead(1, 2, 3);
    watched.claimDone(4, {clientId(2), 1}, kv::Result{});
    watched.confirm();
    watched.claimDone(1, {clientId(2), 2}, kv::Result{});
    EXPECT_EQ(watched.problem(), "");
    watched.claimDone(4, {clientId(2), 3}, kv::Result{});
    EXPECT_EQ(watched.problem(),
              "n4 answers a read of c2 from the state after 0, but 1 was "
              "committed before the read came");
}

TEST(RaftInvariants, DurableAcknowledgements)
{
    const auto ask = [](std::uint32_t copies) {
        Watched watched("durable acknowledgements");
        watched.lead(1, 2, 3);
        watched.ask(1, kv::Put{"x", "1"});
        for (std::uint32_t number = 2; number <= copies; ++number) {
            watched.follow(number, watched.at(1).log());
        }
        watched.confirm();
        EXPECT_EQ(watched.at(1).lastApplied(), 2U);
        return watched.problem();
    };
    EXPECT_EQ(ask(3), "");
    EXPECT_THAT(ask(2), HasSubstr(" at index 2, which is on the disks of "));
}

} // namespace
} // namespace lightcone::protocols::raft
