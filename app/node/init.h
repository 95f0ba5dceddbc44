#pragma once

#include "engine/core/error.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lightcone::node_program {

/// A cluster that is to be.
struct NewCluster
{
    std::string protocol = "raft";
    std::string name{}; ///< empty: the protocol's
    std::uint32_t nodes = 0; ///< 0: as the protocol's parameters say
    std::vector<std::pair<std::string, std::string>> parameters{};
    std::vector<std::string> hosts{}; ///< of the nodes, in order; the last one serves the rest
    std::uint16_t basePort = 7100; ///< peers from here on, control ports a hundred above
    std::string directory{};
    bool tls = true;
    bool allowFaults = false;
};

/// Writes a folder for each node, client, observer and operator, complete in itself so that it can
/// be copied to where it is needed, and the authority's, which stays at home. Nothing that exists
/// is touched. Gives what it wrote, a line each.
Result<std::vector<std::string>> makeCluster(const NewCluster&);

} // namespace lightcone::node_program
