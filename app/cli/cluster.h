#pragma once

#include "app/cli/arguments.h"
#include "engine/core/error.h"
#include "engine/describe/text.h"
#include "engine/live/client.h"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

/// What the verbs that speak to real nodes have in common.
namespace lightcone::cli {

void addClusterOptions(Options&);

/// The members as the cluster names them. Refers to the welcome.
describe::NodeNames namesOf(const live::Welcome&);

/// Where the cluster is: HOST:PORT[,HOST:PORT…], or a cluster file as `lightcone-node init` writes
/// it.
Result<live::ClientPlan> clusterOf(const Options&, const std::string& where);

/// Runs the context until somebody has let us in.
Result<std::unique_ptr<live::ClusterClient>> openCluster(boost::asio::io_context&,
                                                         const live::ClientPlan&);

} // namespace lightcone::cli
