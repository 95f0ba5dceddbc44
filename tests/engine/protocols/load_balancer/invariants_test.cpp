#include "tests/engine/protocols/load_balancer/cluster.h"
#include "tests/support/watched_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

// Each invariant is shown steps that break it: nodes are put into states, and said to have sent,
// what no node would be or send.
namespace lightcone::protocols::load_balancer {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t agent = 1;
constexpr std::uint32_t balancer = 2;
constexpr std::uint32_t b1 = 3;
constexpr std::uint32_t b2 = 4;

class Watched : public test::Watched<LoadBalancer>
{
public:
    explicit Watched(const std::string& invariant, const Parameters& parameters = plain())
        : test::Watched<LoadBalancer>(loadBalancerProtocol(), setupOf(parameters), invariant)
    {
    }

    static node::Reply answerTo(RequestId request)
    {
        return {request, node::Answer::Done, node::makePayload<Reply>(Fetched{NodeId(b1), 1})};
    }
    void claimAnswer(RequestId request) { claim(agent, {answerTo(request)}); }

    /// The node has the state of that one, which has other parameters perhaps.
    void become(std::uint32_t number, const LoadBalancer& other)
    {
        test::Watched<LoadBalancer>::become(number, describe::toValue(other));
    }

    /// The ticket of the newest request that lb1 has passed on, and where.
    [[nodiscard]] std::pair<Ticket, std::uint32_t> newest() const
    {
        const auto& [ticket, errand] = *at(balancer).errands().rbegin();
        return {ticket, errand.backend.value};
    }
    void respond(Outcome outcome)
    {
        const auto [ticket, backend] = newest();
        receive(balancer, backend, Response{ticket, outcome, {0, 0, 0, 1}});
    }
};

Ask askOf(std::uint32_t sequence, std::uint32_t attempt = 1)
{
    return {{clientId(1), sequence}, attempt, "x", {}};
}

TEST(LoadBalancerInvariants, AnsweredOnceWantsAnOpenRequest)
{
    Watched watched("answered once");
    const auto id = watched.ask(agent, Fetch{"x"});
    watched.receive(agent, balancer, Relay{id, 1, Outcome::Served, NodeId(b1)});
    watched.claimAnswer(id); // to a client that asks again
    EXPECT_EQ(watched.problem(), "");
    watched.claimAnswer({clientId(1), 9});
    EXPECT_EQ(watched.problem(), "a1 answers request 9 of c1, which is not open");
}

TEST(LoadBalancerInvariants, AnsweredOnceWantsTheSameAnswerAgain)
{
    auto parameters = plain();
    parameters.attempts = 1;
    Watched watched("answered once", parameters);
    const auto id = watched.ask(agent, Fetch{"x"});
    watched.receive(agent, balancer, Relay{id, 1, Outcome::Failed, NodeId(b1)});
    EXPECT_EQ(watched.problem(), "");
    watched.claimAnswer(id);
    EXPECT_EQ(watched.problem(), "a1 answers request 1 of c1 again, and otherwise than before");
}

TEST(LoadBalancerInvariants, AnsweredOnceWantsOneAnswer)
{
    Watched watched("answered once");
    const auto id = watched.ask(agent, Fetch{"x"});
    watched.claim(agent, {Watched::answerTo(id), Watched::answerTo(id)});
    EXPECT_EQ(watched.problem(), "a1 answers request 1 of c1 twice");
}

TEST(LoadBalancerInvariants, AnsweredOnceWantsNothingForgotten)
{
    Watched watched("answered once");
    watched.ask(agent, Fetch{"x"});
    watched.become(agent, Driven(agent).machine());
    EXPECT_EQ(watched.problem(), "a1 has forgotten request 1 of c1 without an answer");
    Watched restarted("answered once");
    restarted.ask(agent, Fetch{"x"});
    restarted.start(agent);
    EXPECT_EQ(restarted.problem(), "") << "a crash may";
}

TEST(LoadBalancerInvariants, RetriesWithinTheBudget)
{
    auto parameters = plain();
    parameters.retryReserve = 2;
    parameters.retryBudget = 0.5;
    Watched watched("retries within the budget", parameters);
    for (std::uint32_t i = 1; i <= 4; ++i) {
        watched.claimSent(agent, balancer, askOf(i));
        watched.claimSent(agent, balancer, askOf(i, 2));
    }
    EXPECT_EQ(watched.problem(), "");
    watched.claimSent(agent, balancer, askOf(4, 3));
    EXPECT_EQ(watched.problem(), "a1 has made 5 further attempts at 4 requests; its budget is 4");
}

TEST(LoadBalancerInvariants, InFlightWithinLimitsOfABackend)
{
    auto wide = plain();
    wide.concurrency = 2;
    Driven backend(b1, wide);
    backend.receive(balancer, Forward{1, "x", 1});
    Watched watched("in flight within limits");
    watched.become(b1, backend.machine());
    EXPECT_EQ(watched.problem(), "");
    backend.receive(balancer, Forward{2, "x", 1});
    watched.become(b1, backend.machine());
    EXPECT_EQ(watched.problem(), "b1 works on 2 requests at once; its limit is 1");

    Driven other(b1);
    auto narrow = plain();
    narrow.queueLimit = 1;
    for (Ticket ticket = 1; ticket <= 3; ++ticket) {
        other.receive(balancer, Forward{ticket, "x", 1});
    }
    Watched queue("in flight within limits", narrow);
    queue.become(b1, other.machine());
    EXPECT_EQ(queue.problem(), "2 requests wait at b1; its limit is 1");
}

TEST(LoadBalancerInvariants, InFlightWithinLimitsOfABalancer)
{
    Driven wide(balancer);
    for (std::uint32_t i = 1; i <= 4; ++i) {
        wide.ask(i);
    }
    auto parameters = plain();
    parameters.maxInFlight = 1;
    Watched watched("in flight within limits", parameters);
    watched.become(balancer, wide.machine());
    EXPECT_EQ(watched.problem(), "lb1 has 2 requests open at b1; its limit is 1");

    Watched uncounted("in flight within limits");
    uncounted.claimSent(balancer, b1, Forward{77, "x", 1});
    EXPECT_EQ(uncounted.problem(), "lb1 sends a request to b1 and does not count it");
}

TEST(LoadBalancerInvariants, OneVersionOneSetOfWeights)
{
    Watched watched("one version, one set of weights");
    watched.ask(balancer, Weigh{{1, 2, 3}});
    watched.ask(balancer, Weigh{{3, 2, 1}});
    watched.start(balancer);
    EXPECT_EQ(watched.problem(), "");
    Driven other(balancer);
    other.ask(Weigh{{9, 9, 9}}); // Its own version 1.
    watched.become(balancer, other.machine());
    EXPECT_EQ(watched.problem(), "lb1 works with the weights 9 9 9 as version 1, which was 1 2 3");
}

TEST(LoadBalancerInvariants, OnlyBackendsThatAreUp)
{
    Watched drained("only backends that are up");
    drained.claimSent(balancer, b1, Forward{1, "x", 1});
    drained.ask(balancer, Drain{NodeId(b1)});
    drained.claimSent(balancer, b2, Forward{2, "x", 1});
    EXPECT_EQ(drained.problem(), "");
    drained.claimSent(balancer, b1, Forward{3, "x", 1});
    EXPECT_EQ(drained.problem(), "lb1 sends a request to b1, which was drained");

    auto parameters = plain();
    parameters.unhealthyAfter = 1;
    Watched down("only backends that are up", parameters);
    down.fire(balancer, Timer::Probe);
    down.fire(balancer, Timer::Probe);
    down.claimSent(balancer, b2, Forward{1, "x", 1});
    EXPECT_EQ(down.problem(), "lb1 sends a request to b2, which it takes for down");

    parameters.ejectAfter = 1;
    parameters.unhealthyAfter = 0;
    Watched ejected("only backends that are up", parameters);
    ejected.receive(balancer, agent, askOf(1));
    ejected.respond(Outcome::Failed);
    ejected.claimSent(balancer, b1, Forward{1, "x", 1});
    EXPECT_EQ(ejected.problem(), "lb1 sends a request to b1, which it takes for ejected");
}

TEST(LoadBalancerInvariants, SharesFollowWeights)
{
    auto parameters = plain();
    parameters.algorithm = Algorithm::WeightedRandom;
    parameters.weights = "8 1 1";
    Watched watched("shares follow weights", parameters);
    for (int i = 0; i < 200; ++i) {
        watched.claimSent(balancer, i % 10 < 8 ? b1 : b1 + 1 + i % 2, Forward{1, "x", 1});
    }
    EXPECT_EQ(watched.problem(), "");
    for (int i = 0; i < 200; ++i) {
        watched.claimSent(balancer, b2, Forward{1, "x", 1});
    }
    EXPECT_THAT(watched.problem(),
                testing::ContainsRegex("lb1 has sent .* requests to b., whose "
                                       "share is 0"));

    Watched turns("shares follow weights");
    turns.claimSent(balancer, b1, Forward{1, "x", 1});
    turns.claimSent(balancer, b2, Forward{2, "x", 1});
    EXPECT_EQ(turns.problem(), "");
    turns.claimSent(balancer, b2, Forward{3, "x", 1});
    EXPECT_EQ(turns.problem(), "lb1 has sent 2 of 3 requests to b2, whose share is 0.333");
}

TEST(LoadBalancerInvariants, FailuresAttractNoLoad)
{
    auto parameters = plain();
    parameters.algorithm = Algorithm::LeastConnections;
    parameters.ejectAfter = 0;
    const auto swallows = [&](std::uint32_t percent, Outcome outcome) {
        Watched watched("failures attract no load", parameters);
        for (std::uint32_t i = 0; i < 200; ++i) {
            const auto to = i % 100 < percent ? b2 : i % 2 == 0 ? b1 : 5;
            watched.claimSent(balancer, to, Forward{i + 1, "x", 1});
            const auto became = to == b2 ? outcome : Outcome::Served;
            watched.claimSent(balancer, agent, Relay{{clientId(1), i + 1}, 1, became, NodeId(to)});
        }
        return watched.problem();
    };
    EXPECT_EQ(swallows(40, Outcome::Failed), "");
    EXPECT_EQ(swallows(95, Outcome::Served), "") << "whoever is quick may have most";
    EXPECT_THAT(swallows(95, Outcome::Failed),
                testing::StartsWith("lb1 has sent 64 of the last 64 requests to b2"));
}

TEST(LoadBalancerInvariants, SlowStartLimitsWhatIsInFlight)
{
    for (const bool mistaken : {false, true}) {
        auto parameters = plain();
        parameters.backends = 1;
        parameters.unhealthyAfter = 1;
        parameters.healthyAfter = 1;
        parameters.maxInFlight = 10;
        parameters.mistake = mistaken ? Mistake::NoSlowStart : Mistake::None;
        Watched watched("slow start", parameters);
        watched.fire(balancer, Timer::Probe);
        watched.fire(balancer, Timer::Probe);
        watched.receive(balancer, b1, ProbeAnswer{2, true, {0, 0, 0, 1}});
        watched.wait(300ms);
        for (std::uint32_t i = 1; i <= 3; ++i) {
            watched.receive(balancer, agent, askOf(i));
        }
        EXPECT_EQ(watched.problem(), "");
        watched.receive(balancer, agent, askOf(4));
        EXPECT_EQ(watched.problem(),
                  mistaken ? "lb1 has 4 requests open at b1, which is back since 300 ms; 3 are "
                             "right by now"
                           : "");
    }
}

TEST(LoadBalancerInvariants, FailingBackendsAreEjected)
{
    Watched watched("failing backends are ejected");
    const auto relay = [&](std::uint32_t sequence, Outcome outcome) {
        watched.claimSent(balancer, agent, Relay{{clientId(1), sequence}, 1, outcome, NodeId(b1)});
    };
    for (std::uint32_t i = 1; i <= 4; ++i) {
        relay(i, Outcome::Failed);
    }
    relay(5, Outcome::Served);
    for (std::uint32_t i = 6; i <= 9; ++i) {
        relay(i, Outcome::TimedOut);
        relay(i + 100, Outcome::Overloaded);
    }
    EXPECT_EQ(watched.problem(), "");
    relay(10, Outcome::Failed);
    EXPECT_EQ(watched.problem(), "lb1 still trusts b1, which has failed 5 requests in a row");
}

} // namespace
} // namespace lightcone::protocols::load_balancer
