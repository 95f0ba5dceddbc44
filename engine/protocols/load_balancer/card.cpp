#include "engine/protocols/load_balancer/load_balancer.h"

namespace lightcone::protocols::load_balancer {
namespace {

std::vector<node::ParameterCard> agentCards()
{
    return {
        {"timeout",
         "How long an agent waits for an attempt, from 1 us to a day; longer than upstreamTimeout.",
         {}},
        {"deadline",
         "How long a request may take with all its attempts, from timeout to a day.",
         {}},
        {"attempts", "How many attempts an agent makes at a request at most, from 1 to 100.", {}},
        {"backOff",
         "How long an agent waits at most before it tries again, from 0 to a day; at random, and "
         "twice as long after each further failure.",
         {}},
        {"mostBackOff", "How long that may become, from backOff to a day.", {}},
        {"retryBudget",
         "How many further attempts each request pays for, from 0 to 100: 0.2 is one for five "
         "requests.",
         {}},
        {"retryReserve",
         "How many further attempts may be saved up, from 0 to 1000000; with 0 none is made.",
         {}},
        {"hedgeAfter",
         "After how long an agent begins a second attempt beside the first, up to a day; 0 for "
         "never.",
         {}},
        {"cancels", "Whether who no longer waits says so, and the request leaves the queue.", {}},
    };
}

std::vector<node::ParameterCard> balancerCards()
{
    return {
        {"algorithm",
         "How a balancer picks a backend: random, roundRobin, weightedRandom, smoothWeighted, "
         "leastConnections, twoChoices, boundedHash or maglev.",
         {}},
        {"strategy",
         "What it goes by beyond its own open requests: none, performance (peak-EWMA latency), "
         "load (what backends report) or geography.",
         {}},
        {"weights",
         "The weights of the backends, as in \"5 1 1\", each from 0 to 1000; empty: 1.",
         {}},
        {"tolerance",
         "With strategy performance or load: algorithms that do not go by cost leave out who costs "
         "more than so many times what the one in the middle does, from 1 to 1000.",
         {}},
        {"reports",
         "When backends report their load: responses is with each of them, and what was sent since "
         "counts too; probes is with health checks only, and nothing else counts.",
         {}},
        {"latencyMemory",
         "How long a measured latency counts: after that time it is worth 1/e, from 1 us to a day.",
         {}},
        {"regions",
         "The region of each backend, as in \"eu eu us us\"; agents and balancers are dealt out "
         "over the regions in turn.",
         {}},
        {"distances", "How far regions are from each other, as in \"eu us 40ms, us ap 60ms\".", {}},
        {"spillOver",
         "With strategy geography: from which part of its room on a region's requests go to the "
         "next one, from 0.01 to 1.",
         {}},
        {"boundFactor",
         "With boundedHash: how many times the mean load a backend may have, from 1.01 to 1000.",
         {}},
        {"virtualNodes",
         "With boundedHash: how often a backend stands on the ring, from 1 to "
         "10000.",
         {}},
        {"tableSize",
         "With maglev: the places of the lookup table, a prime number up to 100000.",
         {}},
        {"upstreamTimeout",
         "How long a balancer waits for a backend, from 1 us; less than timeout.",
         {}},
        {"maxInFlight",
         "The circuit breaker: how many requests a balancer has open at a backend at most, from 1 "
         "to 1000000.",
         {}},
        {"probeEvery",
         "How often a balancer checks each backend's health, from 1 us to a day.",
         {}},
        {"unhealthyAfter",
         "After how many failed checks in a row a backend is down, up to 1000; 0 for never.",
         {}},
        {"healthyAfter", "After how many passed checks it is up again, from 1 to 1000.", {}},
        {"ejectAfter",
         "After how many failed requests in a row a backend is ejected, up to 1000; 0 for never.",
         {}},
        {"ejectFor",
         "For how long, from 1 us to a day; twice, three times, up to five times as long when it "
         "happens again.",
         {}},
        {"mostEjected", "Which part of the backends may be ejected at once, from 0 to 1.", {}},
        {"slowStart",
         "How long it takes until a backend that is back gets its full share, up to a day; 0 for "
         "at once.",
         {}},
    };
}

std::vector<node::ParameterCard> backendCards()
{
    return {
        {"service",
         "How the times that requests take are distributed: constant, exponential, logNormal or "
         "bimodal.",
         {}},
        {"serviceTime", "Their mean, from 1 us to a day.", {}},
        {"spread", "The sigma of logNormal, from 0 to 5.", {}},
        {"slowShare", "The share of slow requests with bimodal, from 0 to 1.", {}},
        {"slowTimes", "How many times as long those take, from 1 to 10000.", {}},
        {"concurrency", "How many requests a backend works on at once, from 1 to 10000.", {}},
        {"queueLimit", "How many more may wait there, up to 1000000.", {}},
        {"warmUp", "How long a backend is slower after it has started, up to a day.", {}},
        {"coldTimes", "How many times as long a request takes at first, from 1 to 1000.", {}},
    };
}

std::vector<node::ParameterCard> parameterCards()
{
    std::vector<node::ParameterCard> cards{
        {"agents", "How many agents ask for clients, from 1 to 99: a1, a2 and so on.", {}},
        {"balancers", "How many balancers there are, from 1 to 99: lb1, lb2 and so on.", {}},
        {"backends", "How many backends there are, from 1 to 200: b1, b2 and so on.", {}},
    };
    for (auto&& more : {balancerCards(), agentCards(), backendCards()}) {
        cards.insert(cards.end(), more.begin(), more.end());
    }
    cards.push_back(
        {"mistake", "Breaks the protocol in one of the ways in which people really break it.", {}});
    return cards;
}

std::vector<node::RequestCard> requestCards()
{
    return {
        {"fetch", "Asks the service for what a key stands for.", "fetch x", {}, true},
        {"weigh",
         "Gives the backends other weights, all at once. Asked of a balancer.",
         "weigh [5, 1, 1, 1]",
         {},
         false},
        {"drain", "The backend gets no new requests. Asked of a balancer.", "drain b1", {}, false},
        {"undrain",
         "The backend gets requests again. Asked of a balancer.",
         "undrain b1",
         {},
         false},
        {"slow",
         "The backend that is asked takes so many times as long from now on, 1 for as usual.",
         "slow 10",
         {},
         false},
        {"fail",
         "The backend that is asked fails this share of its requests at once, from 0 to 1.",
         "fail 0.5",
         {},
         false},
    };
}

std::vector<node::MistakeCard> mistakeCards()
{
    return {
        {"unlimitedRetries",
         "Agents try again as often as attempts allows, whatever their budget says: retries are "
         "what keeps an overload going.",
         "retries within the budget"},
        {"failuresLookIdle",
         "A failed request counts as over: who fails at once looks idle and quick.",
         "failures attract no load"},
        {"noSlowStart", "A backend that is back gets its full share at once, cold as it is.",
         "slow start"},
        {"weightsOneByOne",
         "New weights are set one backend after the other, with requests in between.",
         "one version, one set of weights"},
        {"shallowHealthChecks",
         "A check passes as long as the process lives, and a balancer believes it more than what "
         "becomes of requests.",
         "failing backends are ejected"},
        {"forgetsDraining", "A balancer does not read after a crash which backends were drained.",
         "only backends that are up"},
    };
}

} // namespace

node::Card LoadBalancer::card()
{
    node::Card card;
    card.id = "load_balancer";
    card.title = "Load balancing";
    card.family = "Traffic";
    card.summary = "Agents, balancers and backends with real queues: who gets the next request.";
    card.sources = {
        "Michael Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, IEEE "
        "Transactions on Parallel and Distributed Systems 12 (10), 2001",
        "Michael Mitzenmacher, How Useful Is Old Information?, IEEE Transactions on Parallel and "
        "Distributed Systems 11 (1), 2000",
        "Daniel Eisenbud et al., Maglev: A Fast and Reliable Software Network Load Balancer, "
        "USENIX "
        "NSDI 2016",
        "Vahab Mirrokni, Mikkel Thorup, Morteza Zadimoghaddam, Consistent Hashing with Bounded "
        "Loads, ACM-SIAM SODA 2018",
        "Jeffrey Dean, Luiz Andre Barroso, The Tail at Scale, Communications of the ACM 56 (2), "
        "2013",
        "Nathan Bronson et al., Metastable Failures in Distributed Systems, ACM HotOS 2021",
        "Betsy Beyer et al., Site Reliability Engineering, chapters 20 to 22, O'Reilly 2016",
    };
    card.roles = {
        {"agent", "Asks for clients: timeouts, retries, hedging."},
        {"balancer", "Picks a backend for each attempt, and watches how they are."},
        {"backend", "Serves requests, warm and well."},
        {"warming", "A backend that has just started and is slower."},
        {"degraded", "A backend that is slow, or fails requests."},
        {"full", "A backend whose queue takes no more."},
    };
    card.layout = node::Layout::Tiers;
    card.parameters = parameterCards();
    card.requests = requestCards();
    card.mistakes = mistakeCards();
    for (const auto& invariant : invariants(nullptr)) {
        card.invariants.push_back(invariant->card());
    }
    return card;
}

Result<std::vector<node::Member>> LoadBalancer::members(const Parameters& parameters)
{
    if (auto result = validate(parameters); !result) {
        return result.error();
    }
    const Plan plan(parameters);
    std::vector<node::Member> members;
    for (const auto* tier : {&plan.agents, &plan.balancers, &plan.backends}) {
        for (const auto id : *tier) {
            node::Member member;
            member.id = id;
            member.name = plan.nameOf(id);
            member.tier = static_cast<std::uint32_t>(plan.tierOf(id));
            member.role = member.tier == 0 ? "agent" : member.tier == 1 ? "balancer" : "backend";
            members.push_back(std::move(member));
        }
    }
    return members;
}

} // namespace lightcone::protocols::load_balancer
