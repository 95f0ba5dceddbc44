#include "tests/engine/protocols/load_balancer/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

// What an agent does for its clients.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Relay relayOf(RequestId request, std::uint32_t attempt, Outcome outcome, NodeId backend = b1)
{
    return {request, attempt, outcome, backend};
}

TEST(Agent, AsksABalancerAndAnswers)
{
    Driven agent(agentNode);
    const auto id = agent.ask(Fetch{"x"});
    const auto ask = agent.sentTo<Ask>(balancerNode);
    ASSERT_TRUE(ask);
    EXPECT_EQ(ask->key, "x");
    EXPECT_EQ(ask->attempt, 1U);
    EXPECT_EQ(agent.armed(Timer::Attempt), 300ms);
    EXPECT_EQ(agent.armed(Timer::Deadline), 1s);
    agent.receive(balancerNode, relayOf(id, 1, Outcome::Served));
    const auto answer = agent.answer<Fetched>(id);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->backend, b1);
    EXPECT_EQ(answer->attempts, 1U);
    EXPECT_EQ(agent.machine().served(), 1U);
    EXPECT_EQ(agent.machine().queue(), 0U);
}

TEST(Agent, ARepetitionWaitsForTheSameAnswerAndThenGetsItAgain)
{
    Driven agent(agentNode);
    const auto id = agent.ask(Fetch{"x"});
    agent.askAgain(id, Fetch{"x"});
    EXPECT_TRUE(agent.effects().empty());
    agent.receive(balancerNode, relayOf(id, 1, Outcome::Served));
    agent.askAgain(id, Fetch{"x"});
    EXPECT_TRUE(agent.answer<Fetched>(id));
    EXPECT_FALSE(agent.sentTo<Ask>(balancerNode));
}

TEST(Agent, TriesAgainElsewhereAfterAPause)
{
    Driven agent(agentNode);
    const auto id = agent.ask(Fetch{"x"});
    agent.receive(balancerNode, relayOf(id, 1, Outcome::Failed));
    EXPECT_FALSE(agent.sentTo<Ask>(balancerNode));
    const auto pause = agent.armed(Timer::Retry);
    ASSERT_TRUE(pause);
    EXPECT_LE(*pause, 10ms);
    agent.fire(Timer::Retry, *agent.aboutOf(Timer::Retry));
    const auto ask = agent.sentTo<Ask>(balancerNode);
    ASSERT_TRUE(ask);
    EXPECT_EQ(ask->attempt, 2U);
    EXPECT_THAT(ask->avoid, testing::ElementsAre(b1));
    EXPECT_EQ(agent.machine().retries(), 1U);
}

TEST(Agent, PausesBecomeLongerUpToALimitAndAreRandom)
{
    auto parameters = plain();
    parameters.attempts = 20;
    parameters.retryReserve = 20;
    parameters.mostBackOff = 40ms;
    Driven agent(agentNode, parameters);
    const auto id = agent.ask(Fetch{"x"});
    std::set<Duration> pauses;
    for (std::uint32_t attempt = 1; attempt < 20; ++attempt) {
        agent.receive(balancerNode, relayOf(id, attempt, Outcome::Failed));
        const auto pause = agent.armed(Timer::Retry);
        ASSERT_TRUE(pause);
        EXPECT_LE(*pause, std::min<Duration>(10ms * (1 << std::min(attempt - 1, 10U)), 40ms));
        pauses.insert(*pause);
        agent.fire(Timer::Retry, *agent.aboutOf(Timer::Retry));
    }
    EXPECT_GT(pauses.size(), 15U);
    EXPECT_GT(*pauses.rbegin(), 20ms);
}

TEST(Agent, ReportsWhatFailedTooOften)
{
    Driven agent(agentNode);
    const auto id = agent.ask(Fetch{"x"});
    for (std::uint32_t attempt = 1; attempt < 3; ++attempt) {
        agent.receive(balancerNode, relayOf(id, attempt, Outcome::Overloaded));
        agent.fire(Timer::Retry, *agent.aboutOf(Timer::Retry));
    }
    agent.receive(balancerNode, relayOf(id, 3, Outcome::Overloaded));
    EXPECT_EQ(agent.refusal(id), "failed after 3 attempts: the backend is overloaded");
    EXPECT_EQ(agent.machine().failed(), 1U);
    agent.askAgain(id, Fetch{"x"});
    EXPECT_EQ(agent.refusal(id), "it was reported as failed already");
}

TEST(Agent, EachOutcomeHasItsSentence)
{
    auto parameters = plain();
    parameters.attempts = 1;
    Driven agent(agentNode, parameters);
    const auto said = [&](Outcome outcome, NodeId backend) {
        const auto id = agent.ask(Fetch{"x"});
        agent.receive(balancerNode, relayOf(id, 1, outcome, backend));
        return agent.refusal(id);
    };
    EXPECT_EQ(said(Outcome::Failed, b1), "failed after 1 attempt: the backend failed");
    EXPECT_EQ(said(Outcome::TimedOut, b1), "failed after 1 attempt: the backend did not answer");
    EXPECT_EQ(said(Outcome::Unavailable, NodeId{}),
              "failed after 1 attempt: the balancer has no backend for it");
}

// Five requests pay for one retry.
TEST(Agent, RetriesAreLimitedByTheBudget)
{
    auto parameters = plain();
    parameters.retryReserve = 1;
    Driven agent(agentNode, parameters);
    const auto fails = [&] {
        const auto id = agent.ask(Fetch{"x"});
        agent.receive(balancerNode, relayOf(id, 1, Outcome::Failed));
        const bool tries = agent.armed(Timer::Retry).has_value();
        EXPECT_NE(tries, agent.noted("no retry left in its budget"));
        EXPECT_EQ(tries, agent.refusal(id).empty());
        return tries;
    };
    EXPECT_TRUE(fails()) << "saved up before";
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 4; ++i) {
            EXPECT_FALSE(fails());
        }
        EXPECT_TRUE(fails()) << "the fifth";
    }
}

TEST(Agent, GivesUpASilentBalancerForAWhile)
{
    auto parameters = plain();
    parameters.balancers = 2;
    Driven agent(agentNode, parameters);
    const auto id = agent.ask(Fetch{"x"});
    ASSERT_TRUE(agent.sentTo<Ask>(2));
    agent.wait(300ms);
    agent.fire(Timer::Attempt, *agent.aboutOf(Timer::Attempt));
    ASSERT_TRUE(agent.sentTo<Cancel>(2));
    EXPECT_EQ(agent.sentTo<Cancel>(2)->attempt, 1U);
    agent.fire(Timer::Retry, *agent.aboutOf(Timer::Retry));
    EXPECT_TRUE(agent.sentTo<Ask>(3));
    agent.receive(2, relayOf(id, 1, Outcome::Served)); // of an attempt that was given up
    EXPECT_FALSE(agent.answer<Fetched>(id));
    agent.receive(3, relayOf(id, 2, Outcome::Served, b2));
    EXPECT_TRUE(agent.answer<Fetched>(id));
}

TEST(Agent, ASilentBalancerIsTriedAgainLater)
{
    auto parameters = plain();
    parameters.balancers = 2;
    parameters.attempts = 1;
    Driven agent(agentNode, parameters);
    agent.ask(Fetch{"x"});
    ASSERT_TRUE(agent.sentTo<Ask>(2));
    agent.fire(Timer::Attempt, *agent.aboutOf(Timer::Attempt));
    for (int i = 0; i < 3; ++i) {
        agent.ask(Fetch{"x"});
        EXPECT_TRUE(agent.sentTo<Ask>(3));
    }
    agent.wait(1s);
    agent.ask(Fetch{"x"});
    EXPECT_TRUE(agent.sentTo<Ask>(2));
}

TEST(Agent, AsksTheBalancerOfItsRegionFirst)
{
    auto parameters = plain();
    parameters.agents = 3;
    parameters.balancers = 3;
    parameters.strategy = Strategy::Geography;
    parameters.regions = "eu us ap";
    parameters.distances = "eu us 40ms, us ap 60ms, eu ap 90ms";
    parameters.attempts = 5;
    Driven agent(3, parameters); // of Asia
    const auto id = agent.ask(Fetch{"x"}, 3);
    EXPECT_TRUE(agent.sentTo<Ask>(6));
    agent.fire(Timer::Attempt, *agent.aboutOf(Timer::Attempt));
    agent.fire(Timer::Retry, *agent.aboutOf(Timer::Retry));
    EXPECT_TRUE(agent.sentTo<Ask>(5)) << "America is nearer than Europe";
    agent.fire(Timer::Attempt, *agent.aboutOf(Timer::Attempt));
    agent.fire(Timer::Retry, *agent.aboutOf(Timer::Retry));
    EXPECT_TRUE(agent.sentTo<Ask>(4));
    EXPECT_EQ(agent.refusal(id), "");
}

TEST(Agent, ADeadlineEndsARequestWhateverItsAttempts)
{
    Driven agent(agentNode);
    const auto id = agent.ask(Fetch{"x"});
    const auto deadline = *agent.aboutOf(Timer::Deadline);
    agent.fire(Timer::Deadline, deadline);
    EXPECT_EQ(agent.refusal(id), "failed after 1 attempt: its deadline has passed");
    EXPECT_TRUE(agent.sentTo<Cancel>(balancerNode));
    EXPECT_EQ(agent.machine().queue(), 0U);
}

TEST(Agent, HedgesWhatTakesTooLongAndTakesTheFirstAnswer)
{
    auto parameters = plain();
    parameters.hedgeAfter = 40ms;
    Driven agent(agentNode, parameters);
    const auto id = agent.ask(Fetch{"x"});
    EXPECT_EQ(agent.armed(Timer::Hedge), 40ms);
    agent.fire(Timer::Hedge, *agent.aboutOf(Timer::Hedge));
    ASSERT_TRUE(agent.sentTo<Ask>(balancerNode));
    EXPECT_EQ(agent.sentTo<Ask>(balancerNode)->attempt, 2U);
    EXPECT_EQ(agent.machine().hedges(), 1U);
    agent.receive(balancerNode, relayOf(id, 2, Outcome::Served, b2));
    EXPECT_EQ(agent.answer<Fetched>(id)->backend, b2);
    ASSERT_TRUE(agent.sentTo<Cancel>(balancerNode));
    EXPECT_EQ(agent.sentTo<Cancel>(balancerNode)->attempt, 1U);
}

TEST(Agent, AHedgeThatFailsLeavesTheOtherAlone)
{
    auto parameters = plain();
    parameters.hedgeAfter = 40ms;
    Driven agent(agentNode, parameters);
    const auto id = agent.ask(Fetch{"x"});
    agent.fire(Timer::Hedge, *agent.aboutOf(Timer::Hedge));
    agent.receive(balancerNode, relayOf(id, 2, Outcome::Failed, b2));
    EXPECT_FALSE(agent.armed(Timer::Retry));
    EXPECT_EQ(agent.refusal(id), "");
    agent.receive(balancerNode, relayOf(id, 1, Outcome::Served));
    EXPECT_TRUE(agent.answer<Fetched>(id));
}

TEST(Agent, HedgesTakeFromTheBudgetToo)
{
    auto parameters = plain();
    parameters.hedgeAfter = 40ms;
    parameters.retryBudget = 0;
    parameters.retryReserve = 1;
    Driven agent(agentNode, parameters);
    agent.ask(Fetch{"x"});
    agent.fire(Timer::Hedge, *agent.aboutOf(Timer::Hedge));
    EXPECT_TRUE(agent.sentTo<Ask>(balancerNode));
    agent.ask(Fetch{"y"});
    agent.fire(Timer::Hedge, *agent.aboutOf(Timer::Hedge));
    EXPECT_FALSE(agent.sentTo<Ask>(balancerNode));
}

TEST(Agent, WithoutCancellingNobodyIsTold)
{
    auto parameters = plain();
    parameters.cancels = false;
    Driven agent(agentNode, parameters);
    agent.ask(Fetch{"x"});
    agent.fire(Timer::Attempt, *agent.aboutOf(Timer::Attempt));
    EXPECT_FALSE(agent.sentTo<Cancel>(balancerNode));
}

// The second client is a2's. Whoever comes back has found a2 silent.
TEST(Agent, SendsClientsHomeOnce)
{
    auto parameters = plain();
    parameters.agents = 2;
    Driven agent(agentNode, parameters);
    const auto id = agent.ask(Fetch{"x"}, 2);
    EXPECT_EQ(agent.redirect(id), NodeId(2));
    agent.askAgain(id, Fetch{"x"});
    EXPECT_FALSE(agent.redirect(id));
    EXPECT_EQ(agent.sent<Ask>().size(), 1U);
}

TEST(Agent, LeavesOperatorsRequestsToThoseWhoTheyAreFor)
{
    Driven agent(agentNode);
    EXPECT_THAT(agent.refusal(agent.ask(Weigh{{1, 1, 1}})), HasSubstr("expected a balancer"));
    EXPECT_THAT(agent.refusal(agent.ask(Drain{b1})), HasSubstr("expected a balancer"));
    EXPECT_THAT(agent.refusal(agent.ask(Undrain{b1})), HasSubstr("expected a balancer"));
    EXPECT_THAT(agent.refusal(agent.ask(Slow{2})), HasSubstr("expected a backend"));
    EXPECT_THAT(agent.refusal(agent.ask(Fail{1})), HasSubstr("expected a backend"));
    for (const std::uint32_t other : {2U, 3U}) {
        Driven node(other);
        EXPECT_EQ(node.redirect(node.ask(Fetch{"x"})), NodeId(agentNode));
    }
}

TEST(Agent, ForgetsInACrashAndIsAskedAgain)
{
    Driven agent(agentNode);
    const auto id = agent.ask(Fetch{"x"});
    agent.start();
    EXPECT_EQ(agent.machine().queue(), 0U);
    agent.receive(balancerNode, relayOf(id, 1, Outcome::Served));
    EXPECT_FALSE(agent.answer<Fetched>(id));
    agent.askAgain(id, Fetch{"x"});
    EXPECT_TRUE(agent.sentTo<Ask>(balancerNode));
}

} // namespace
} // namespace lightcone::protocols::load_balancer
