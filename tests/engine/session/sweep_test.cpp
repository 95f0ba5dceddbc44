#include "engine/session/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace lightcone::session {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

PlanPtr planOfText(const std::string& text, const std::vector<Setting>& overrides = {})
{
    return prepare(parseScenario(text, "test.scenario").value(), overrides).value();
}

const std::string oneLeader = "# A\ncluster raft nodes=3 seed=7 latency=5ms clientTimeout=200ms\n"
                              "until count(role == leader) == 1 within 2s\nrequest put x 1\n"
                              "run 1s\nexpect any(store.x == 1)\n";

std::string errorOf(const PlanPtr& plan, const std::string& who)
{
    SweepWish wish;
    wish.who = who;
    const auto rows = sweep(plan, wish);
    return rows ? std::string() : rows.error().message;
}

TEST(Sweep, CrashesWhoeverPlaysTheRoleAfterEachOfItsSteps)
{
    const auto plan = planOfText(oneLeader);
    SweepWish wish;
    wish.who = "leader";
    wish.whiles.push_back(sweepColumn(*plan, "no leader: not any(role == leader and up)").value());
    wish.ends.push_back(sweepColumn(*plan, "all(store.x == 1)").value());
    const auto rows = sweep(plan, wish).value();
    ASSERT_GT(rows.size(), 10U);
    EXPECT_FALSE(rows[0].victim) << "first the run without a crash";
    EXPECT_THAT(rows[0].answers, ElementsAre("done"));
    EXPECT_EQ(rows[0].ends, std::vector<bool>{true});
    EXPECT_THAT(rows[1].what, HasSubstr("c1 asks"));
    std::vector<EventId> moments;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_TRUE(rows[i].failures.empty()) << rows[i].what;
        EXPECT_EQ(rows[i].victim, rows[1].victim);
        EXPECT_THAT(rows[i].answers, ElementsAre("done")) << rows[i].what;
        EXPECT_GT(rows[i].whiles[0], rows[0].whiles[0]) << "somebody else had to be elected";
        EXPECT_GT(rows[i].messages, 0U);
        EXPECT_GT(rows[i].forcedWrites, 0U);
        moments.push_back(rows[i].after);
    }
    EXPECT_TRUE(std::is_sorted(moments.begin(), moments.end()));
    EXPECT_EQ(std::adjacent_find(moments.begin(), moments.end()), moments.end());
}

TEST(Sweep, OfANodeThatStaysDown)
{
    const auto plan = planOfText(oneLeader);
    SweepWish wish;
    wish.who = "n1";
    wish.down = Duration::zero();
    wish.ends.push_back(sweepColumn(*plan, "n1.crashed").value());
    const auto rows = sweep(plan, wish).value();
    EXPECT_EQ(rows[0].ends, std::vector<bool>{false});
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].ends, std::vector<bool>{true}) << rows[i].what;
    }
}

TEST(Sweep, WithoutARequestEveryStepCounts)
{
    const auto plan = planOfText("# A\ncluster raft nodes=3 seed=7\nrun 500ms\n");
    SweepWish wish;
    wish.who = "n2";
    const auto rows = sweep(plan, wish).value();
    ASSERT_GT(rows.size(), 3U);
    EXPECT_THAT(rows[1].what, HasSubstr("n2 starts"));
    EXPECT_TRUE(rows[1].answers.empty());
    EXPECT_GT(rows[0].messages, 10U) << "all of them count";
}

TEST(Sweep, IsTheSameEachTime)
{
    const auto plan = planOfText(oneLeader);
    SweepWish wish;
    wish.who = "leader";
    const auto once = sweep(plan, wish).value();
    const auto again = sweep(plan, wish).value();
    ASSERT_EQ(once.size(), again.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
        EXPECT_EQ(once[i].what, again[i].what);
        EXPECT_EQ(once[i].messages, again[i].messages);
    }
}

TEST(Sweep, TellsWhatFails)
{
    const auto plan =
        planOfText(oneLeader, {{"mistake", "acknowledgesBeforeDurable", {0, 0}, {0, 0}}});
    SweepWish wish;
    wish.who = "leader";
    const auto rows = sweep(plan, wish).value();
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const SweepRow& row) {
        return std::any_of(row.failures.begin(), row.failures.end(), [](const Failure& failure) {
            return failure.text.starts_with("'durable acknowledgements' was broken");
        });
    }));
}

TEST(Sweep, SaysWhatItCannotDo)
{
    const auto plan = planOfText(oneLeader);
    EXPECT_THAT(errorOf(plan, "n9"), HasSubstr("nobody to crash: 'n9' is nobody here"));
    EXPECT_THAT(errorOf(plan, ""), HasSubstr("nobody to crash: "));
    EXPECT_EQ(errorOf(plan, "learner"), "there is no moment in which learner does something");
    EXPECT_THAT(sweepColumn(*plan, "x: any(rol == leader)").error().message, HasSubstr("rol"));
    EXPECT_EQ(sweepColumn(*plan, "any(up)").value().label, "any(up)");
    EXPECT_EQ(sweepColumn(*plan, "up: any(up)").value().label, "up");
    int reports = 0;
    Work work;
    work.report = [&](const std::string&) { ++reports; };
    work.cancelled = [&] { return reports == 3; };
    SweepWish wish;
    wish.who = "leader";
    EXPECT_EQ(sweep(plan, wish, work).error().message, "cancelled");
}

} // namespace
} // namespace lightcone::session
