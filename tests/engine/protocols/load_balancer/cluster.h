#pragma once

#include "engine/protocols/load_balancer/load_balancer.h"
#include "tests/support/driven_node.h"
#include "tests/support/simulated_cluster.h"

#include <string>

namespace lightcone::protocols::load_balancer {

// Where the parts of a cluster with one agent, one balancer and backends stand.
constexpr std::uint32_t agentNode = 1;
constexpr std::uint32_t balancerNode = 2;
constexpr std::uint32_t backendNode = 3;
constexpr NodeId b1(backendNode);
constexpr NodeId b2(4);
constexpr NodeId b3(5);

inline const node::Protocol& loadBalancerProtocol()
{
    return *node::findProtocol("load_balancer");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return loadBalancerProtocol().setup(describe::toValue(parameters)).value();
}

/// a1, lb1 and three backends that take 10 ms each; without health checks, which would only be in
/// the way.
inline Parameters plain()
{
    Parameters parameters;
    parameters.backends = 3;
    parameters.service = Service::Constant;
    parameters.unhealthyAfter = 0;
    return parameters;
}

/// A simulated cluster, every invariant asked after every step. The numbers are those of nodes:
/// agents, then balancers, then backends.
class Cluster final : public test::SimulatedCluster<LoadBalancer>
{
public:
    static sim::Settings manyClients(std::uint32_t clients = 50)
    {
        auto settings = steady();
        settings.clients = clients;
        settings.latency = sim::LatencyModel::constant(std::chrono::milliseconds(1));
        settings.clientTimeout = std::chrono::seconds(20);
        settings.clientPatience = std::chrono::seconds(20);
        return settings;
    }

    explicit Cluster(const Parameters& parameters, const sim::Settings& settings = manyClients())
        : SimulatedCluster(loadBalancerProtocol(), setupOf(parameters), settings)
        , m_plan(parameters)
        , m_dice(settings.seed)
        , m_clients(settings.clients)
    {
    }

    [[nodiscard]] std::uint32_t agent(std::uint32_t place = 1) const
    {
        return m_plan.agents[place - 1].value;
    }
    [[nodiscard]] std::uint32_t balancer(std::uint32_t place = 1) const
    {
        return m_plan.balancers[place - 1].value;
    }
    [[nodiscard]] std::uint32_t backend(std::uint32_t place) const
    {
        return m_plan.backends[place - 1].value;
    }
    [[nodiscard]] const Upstream& upstream(std::uint32_t place,
                                           std::uint32_t balancerPlace = 1) const
    {
        return at(balancer(balancerPlace)).backends().at(NodeId(backend(place)));
    }

    /// An operator's request, from a client that nobody else uses.
    void operate(Request request, std::uint32_t node)
    {
        ask(std::move(request), node, m_clients);
        run(std::chrono::milliseconds(10));
    }
    void fail(std::uint32_t place, double share = 1) { operate(Fail{share}, backend(place)); }
    void slow(std::uint32_t place, double times) { operate(Slow{times}, backend(place)); }

    /// Clients ask in turn, at random instants with that mean between them (a Poisson process).
    void fetchFor(Duration duration, Duration meanGap, std::uint64_t keys = 100)
    {
        const auto end = world().instant() + duration;
        while (problem().empty()) {
            const auto gap = m_dice.exponential(meanGap);
            if (world().instant() + gap >= end) {
                break;
            }
            run(gap);
            m_next = m_next % (m_clients - 1) + 1;
            ask(Fetch{fmt::format("k{}", m_dice.below(keys) + 1)}, 0, m_next);
        }
        if (problem().empty()) {
            run(end - world().instant());
        }
    }

private:
    Plan m_plan;
    Dice m_dice;
    std::uint32_t m_clients;
    std::uint32_t m_next = 0;
};

/// One node of a1, lb1, b1 to b3 (numbers 1 to 5) driven by hand, unless the parameters say
/// otherwise.
class Driven final : public test::DrivenNode<LoadBalancer>
{
public:
    explicit Driven(std::uint32_t number, const Parameters& parameters = plain())
        : DrivenNode(number, parameters)
    {
    }

    /// What a timer that the last step armed is about.
    [[nodiscard]] std::optional<std::uint64_t> aboutOf(Timer timer) const
    {
        std::optional<std::uint64_t> about;
        for (const auto& effect : effects()) {
            const auto* arm = std::get_if<node::Arm>(&effect);
            if (arm != nullptr && arm->timer.kind == describe::indexOf(timer)) {
                about = arm->timer.about;
            }
        }
        return about;
    }

    /// Of a balancer: an agent asks, and where the request is sent to; none when nowhere.
    NodeId ask(std::uint32_t sequence, const std::string& key = "x", std::uint32_t attempt = 1,
               const NodeSet& avoid = {})
    {
        receive(1, Ask{{clientId(1), sequence}, attempt, key, avoid});
        const auto forwards = sent<Forward>();
        if (forwards.empty()) {
            return {};
        }
        newest = forwards.front().second.ticket;
        return forwards.front().first;
    }
    using DrivenNode::ask;

    /// Of a balancer: the backend that the newest request went to answers.
    void respond(NodeId backend, Outcome outcome, const Report& report = {0, 0, 0, 1})
    {
        receive(backend.value, Response{newest, outcome, report});
    }

    /// Of a balancer: a round of probes; these backends (by node number) answer.
    void probe(const std::vector<std::uint32_t>& answering, bool passed = true)
    {
        fire(Timer::Probe);
        const auto probes = sent<Probe>();
        for (const auto number : answering) {
            receive(number, ProbeAnswer{probes.front().second.round, passed, {0, 0, 0, 1}});
        }
    }

    [[nodiscard]] const Upstream& upstream(std::uint32_t number) const
    {
        return machine().backends().at(NodeId(number));
    }

    Ticket newest = 0;
};

} // namespace lightcone::protocols::load_balancer
