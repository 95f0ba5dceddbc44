#pragma once

#include "engine/session/plan.h"
#include "engine/session/runner.h"
#include "engine/session/scenario.h"
#include "tests/support/ring.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

/// Scenarios of the token ring, for the tests of this room.
namespace lightcone::session {

inline Result<PlanPtr> tryPlan(const std::string& text, const std::vector<Setting>& overrides = {})
{
    static const std::array<const node::Protocol*, 1> known{&test::ringProtocol()};
    auto scenario = parseScenario(text, "test.scenario");
    if (!scenario) {
        return scenario.error();
    }
    return prepare(std::move(*scenario), overrides, known);
}

inline PlanPtr ringPlan(const std::string& text, const std::vector<Setting>& overrides = {})
{
    auto plan = tryPlan(text, overrides);
    if (!plan) {
        throw std::runtime_error(plan.error().text());
    }
    return *plan;
}

/// A run to its scenario's end, with its trace.
struct Performed
{
    std::shared_ptr<trace::Trace> trace;
    std::unique_ptr<Runner> run;
};

inline Performed performed(const PlanPtr& plan, std::uint64_t most = 1'000'000)
{
    Performed result{std::make_shared<trace::Trace>(plan->about), std::make_unique<Runner>(plan)};
    const Pen pen{result.trace.get(), result.trace};
    while (!result.run->over() && result.trace->size() < most && result.run->advance(pen)) { }
    return result;
}

} // namespace lightcone::session
