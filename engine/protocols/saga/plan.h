#pragma once

#include "engine/protocols/saga/parameters.h"
#include "engine/protocols/saga/state.h"

#include <vector>

namespace lightcone::protocols::saga {

/// How long to wait for a step, and how often to try.
struct Policy
{
    Duration timeout{};
    std::uint32_t retries = 0;
    Duration backOff{};
    Duration mostBackOff{};
};

/// Who owns what, from the parameters.
struct Plan
{
    Script script;
    Mode mode = Mode::Orchestrated;
    Policy policy;
    std::vector<NodeId> origins; ///< who begins sagas and numbers them

    /// The parameters are valid ones.
    explicit Plan(const Parameters&);

    static constexpr NodeId orchestrator = NodeId(1);

    [[nodiscard]] bool isOrchestrated() const { return mode == Mode::Orchestrated; }
    [[nodiscard]] NodeId nodeOf(std::size_t service) const
    {
        return NodeId(static_cast<std::uint32_t>(service) + (isOrchestrated() ? 2 : 1));
    }
    [[nodiscard]] NodeId nodeOf(const StepPlan& step) const { return nodeOf(step.service); }

    /// nullptr for the orchestrator.
    [[nodiscard]] const ServicePlan* serviceOf(NodeId node) const;

    /// The node that owns a number of that name, if one does.
    [[nodiscard]] NodeId ownerOf(std::string_view key) const;

    /// Who begins sagas of that kind.
    [[nodiscard]] NodeId originOf(const SagaPlan& saga) const
    {
        return isOrchestrated() ? orchestrator : nodeOf(saga.steps.front());
    }
    [[nodiscard]] std::size_t originIndex(SagaId saga) const
    {
        return static_cast<std::size_t>((saga - 1) % origins.size());
    }
    [[nodiscard]] NodeId originOf(SagaId saga) const { return origins[originIndex(saga)]; }

    /// The number of the next saga of that origin; 0: it has none yet.
    [[nodiscard]] SagaId numberAfter(SagaId newest, NodeId origin) const;

    [[nodiscard]] Policy policyOf(const StepPlan& step) const;

    [[nodiscard]] std::string nameOf(NodeId node) const;
    [[nodiscard]] std::string stepName(std::string_view saga, std::size_t step) const;
};

} // namespace lightcone::protocols::saga
