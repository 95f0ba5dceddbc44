#pragma once

#include "engine/protocols/paxos/paxos.h"
#include "tests/support/driven_node.h"
#include "tests/support/simulated_cluster.h"

#include <string>

namespace lightcone::protocols::paxos {

inline const node::Protocol& paxosProtocol()
{
    return *node::findProtocol("paxos");
}

inline node::SetupPtr setupOf(const Parameters& parameters)
{
    return paxosProtocol().setup(describe::toValue(parameters)).value();
}

inline Parameters single()
{
    Parameters parameters;
    parameters.mode = Mode::Single;
    return parameters;
}

inline Parameters multi()
{
    return {};
}

/// A simulated cluster, every invariant asked after every step.
class Cluster final : public test::SimulatedCluster<Paxos>
{
public:
    explicit Cluster(const Parameters& parameters, const sim::Settings& settings = steady())
        : SimulatedCluster(paxosProtocol(), setupOf(parameters), settings)
    {
    }

    /// Nobody stands by itself: leaders are asked for.
    static Parameters quiet(Parameters parameters = multi())
    {
        parameters.electionTimeoutLow = std::chrono::seconds(100);
        parameters.electionTimeoutHigh = std::chrono::seconds(200);
        return parameters;
    }

    /// Makes it the leader, whoever leads now. Asked by a client of its own.
    bool elect(std::uint32_t number)
    {
        for (int tries = 0; tries < 3 && at(number).role() != Role::Leader; ++tries) {
            ask(Campaign{}, number, 2);
            until([&] { return at(number).role() == Role::Leader; },
                  std::chrono::milliseconds(100));
        }
        return at(number).role() == Role::Leader;
    }

    /// What was put there, as this node has executed it.
    [[nodiscard]] std::string valueAt(std::uint32_t number, std::string_view key) const
    {
        return at(number).store().get(key).value.value_or("none");
    }
};

/// One node driven by hand.
class Process final : public test::DrivenNode<Paxos>
{
public:
    explicit Process(std::uint32_t number = 1, const Parameters& parameters = multi())
        : DrivenNode(number, parameters)
    {
    }

    /// Leads with its next ballot, on the promises of n2 and n3, which have accepted nothing.
    void lead()
    {
        fire(Timer::Election);
        const auto ballot = machine().ballot();
        const auto from = machine().chosenIndex() + 1;
        receive(2, Promise{ballot, from, {}, 0});
        receive(3, Promise{ballot, from, {}, 0});
    }
};

inline Entry putOf(Ballot ballot, const std::string& value, std::uint32_t sequence = 1)
{
    return {ballot, {clientId(9), sequence}, kv::Put{"x", value}};
}

inline Entry decreeOf(Ballot ballot, const std::string& value, std::uint32_t client = 9)
{
    return {ballot, {clientId(client), 1}, Decree{value}};
}

} // namespace lightcone::protocols::paxos
