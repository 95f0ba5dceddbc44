#pragma once

#include "engine/core/error.h"
#include "engine/node/catalog.h"
#include "engine/node/protocol.h"
#include "engine/query/query.h"
#include "engine/session/scenario.h"
#include "engine/sim/settings.h"
#include "engine/trace/trace.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

/// A line whose words were found to mean something for the plan's protocol.
struct PlannedLine
{
    Line line;
    std::string text{}; ///< canonical, without its `at`
    std::optional<query::Query> query{}; ///< of until and expect
    std::optional<std::size_t> invariant{}; ///< of expect broken, where it names one
};

/// A scenario bound to its protocol: all that is needed to run it, checked before anything runs.
struct Plan
{
    Scenario scenario; ///< with the cluster line's overrides applied
    const node::Protocol* protocol = nullptr;
    node::SetupPtr setup{};
    sim::Settings settings{};
    trace::About about{};
    std::vector<PlannedLine> lines{}; ///< in order
    std::vector<PlannedLine> deeds{}; ///< the `at #N` lines, by event
};

using Protocols = std::span<const node::Protocol* const>;
using PlanPtr = std::shared_ptr<const Plan>;

/// Looks up the protocol, its parameters, the nodes, requests, messages and queries of every line.
/// Overrides replace or add settings of the cluster line (--seed, --set). The error names file,
/// line and column, and what there is instead of what was written.
Result<PlanPtr> prepare(Scenario, const std::vector<Setting>& overrides = {},
                        Protocols known = node::catalog());

/// Checks one more line against a plan, as a person gives it while the plan runs.
Result<PlannedLine> planLine(const Plan&, Line);

/// The same of a text that must be an act and nothing else: what can be done by hand.
Result<PlannedLine> readAct(const Plan&, std::string_view text);

/// The scenario's text with its cluster line as it is after overrides.
std::string textOf(const Scenario&, bool withDeeds);

} // namespace lightcone::session
