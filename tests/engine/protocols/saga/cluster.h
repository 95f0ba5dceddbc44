#pragma once

#include "engine/protocols/saga/saga.h"
#include "tests/support/driven_node.h"
#include "tests/support/simulated_cluster.h"

#include <string>

namespace lightcone::protocols::saga {

// Where the parts of the trip's cluster stand.
constexpr std::uint32_t orchestrator = 1;
constexpr std::uint32_t flights = 2;
constexpr std::uint32_t hotels = 3;
constexpr std::uint32_t cards = 4;
constexpr std::uint32_t mail = 5;

inline const node::Protocol& sagaProtocol()
{
    return *node::findProtocol("saga");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return sagaProtocol().setup(describe::toValue(parameters)).value();
}

/// A trip: two reservations, the payment as the pivot, and a ticket in the end.
inline Parameters trip(Mode mode = Mode::Orchestrated, Mistake mistake = Mistake::None)
{
    Parameters parameters;
    parameters.mode = mode;
    parameters.mistake = mistake;
    return parameters;
}

inline Parameters scripted(std::string script, Mode mode = Mode::Orchestrated)
{
    auto parameters = trip(mode);
    parameters.script = std::move(script);
    return parameters;
}

/// A simulated cluster, every invariant asked after every step.
class Cluster final : public test::SimulatedCluster<Saga>
{
public:
    explicit Cluster(const Parameters& parameters, const sim::Settings& settings = steady())
        : SimulatedCluster(sagaProtocol(), setupOf(parameters), settings)
        , m_plan(parameters)
    {
    }

    /// The number of a node, by its name.
    [[nodiscard]] std::uint32_t number(std::string_view name) const
    {
        if (name == "orchestrator") {
            return Plan::orchestrator.value;
        }
        for (std::size_t i = 0; i < m_plan.script.services.size(); ++i) {
            if (m_plan.script.services[i].name == name) {
                return m_plan.nodeOf(i).value;
            }
        }
        throw std::runtime_error("no node of that name");
    }
    [[nodiscard]] const Saga& at(std::string_view name) const
    {
        return SimulatedCluster::at(number(name));
    }
    using SimulatedCluster::at;

    [[nodiscard]] Amount amount(std::string_view service, std::string_view key) const
    {
        const auto found = at(service).data().find(key);
        return found == at(service).data().end() ? -1 : found->second;
    }

    void start(std::string saga = {}, Values arguments = {}, std::uint32_t client = 1)
    {
        ask(Start{std::move(saga), std::move(arguments)}, 0, client);
    }

    /// How the newest saga of a client ended.
    SagaState ended(std::uint32_t client = 1)
    {
        const auto body = answeredWith<Ended>(client);
        return body ? body->state : SagaState::Running;
    }

    void crash(std::string_view name) { SimulatedCluster::crash(number(name)); }
    void restart(std::string_view name) { SimulatedCluster::restart(number(name)); }

private:
    Plan m_plan;
};

/// One node driven by hand.
class Process final : public test::DrivenNode<Saga>
{
public:
    explicit Process(std::uint32_t number, const Parameters& parameters = trip())
        : DrivenNode(number, parameters)
    {
    }
};

} // namespace lightcone::protocols::saga
