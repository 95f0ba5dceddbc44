#include "tests/engine/protocols/raft/cluster.h"

namespace lightcone::protocols::raft {

const node::Protocol& raftProtocol()
{
    return *node::findProtocol("raft");
}

node::SetupPtr setupOf(const Parameters& parameters)
{
    return raftProtocol().setup(describe::toValue(parameters)).value();
}

Parameters Cluster::plain()
{
    Parameters parameters;
    parameters.preVote = false;
    parameters.checkQuorum = false;
    return parameters;
}

Cluster::Cluster(const Parameters& parameters, const sim::Settings& settings)
    : SimulatedCluster(raftProtocol(), setupOf(parameters), settings)
{
}

bool Cluster::untilLeads(std::uint32_t number)
{
    return until([&] {
        const auto& machine = at(number);
        return machine.role() == Role::Leader && machine.commitIndex() == machine.lastIndex();
    });
}

bool Cluster::elect(std::uint32_t number)
{
    for (int tries = 0; tries < 3 && at(number).role() != Role::Leader; ++tries) {
        campaign(number);
        until([&] { return at(number).role() == Role::Leader; }, std::chrono::milliseconds(50));
    }
    return at(number).role() == Role::Leader;
}

} // namespace lightcone::protocols::raft
