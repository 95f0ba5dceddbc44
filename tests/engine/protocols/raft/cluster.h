#pragma once

#include "engine/protocols/raft/raft.h"
#include "tests/support/simulated_cluster.h"

namespace lightcone::protocols::raft {

const node::Protocol& raftProtocol();
node::SetupPtr setupOf(const Parameters& parameters);

/// A simulated cluster, every invariant asked after every step.
class Cluster final : public test::SimulatedCluster<Raft>
{
public:
    /// No pre-vote and no check-quorum, so that elections go as the test says.
    static Parameters plain();

    explicit Cluster(const Parameters& parameters = plain(),
                     const sim::Settings& settings = steady());

    /// Asked by a client of its own, as the other one may be waiting.
    void campaign(std::uint32_t number) { ask(Campaign{}, number, 2); }

    bool untilLeads(std::uint32_t number);

    /// Makes it the leader, whoever leads now.
    bool elect(std::uint32_t number);
};

} // namespace lightcone::protocols::raft
