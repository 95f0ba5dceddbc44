#include "engine/protocols/saga/plan.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::protocols::saga {

Plan::Plan(const Parameters& parameters)
    : mode(parameters.mode)
    , policy{parameters.timeout, parameters.retries, parameters.backOff, parameters.mostBackOff}
{
    auto parsed = parseScript(parameters.script);
    check(parsed.has_value(), "the script was validated with the parameters");
    script = std::move(*parsed);
    for (const auto& saga : script.sagas) {
        if (std::find(origins.begin(), origins.end(), originOf(saga)) == origins.end()) {
            origins.push_back(originOf(saga));
        }
    }
}

const ServicePlan* Plan::serviceOf(NodeId node) const
{
    const auto first = nodeOf(std::size_t{0});
    const auto index = static_cast<std::size_t>(node.value) - first.value;
    return node >= first && index < script.services.size() ? &script.services[index] : nullptr;
}

NodeId Plan::ownerOf(std::string_view key) const
{
    for (std::size_t i = 0; i < script.services.size(); ++i) {
        if (script.services[i].data.contains(key)) {
            return nodeOf(i);
        }
    }
    return {};
}

SagaId Plan::numberAfter(SagaId newest, NodeId origin) const
{
    if (newest != 0) {
        return newest + origins.size();
    }
    const auto found = std::find(origins.begin(), origins.end(), origin);
    check(found != origins.end(), "only origins number sagas");
    return static_cast<SagaId>(found - origins.begin()) + 1;
}

Policy Plan::policyOf(const StepPlan& step) const
{
    auto own = policy;
    own.timeout = step.timeout.value_or(own.timeout);
    own.retries = step.retries.value_or(own.retries);
    own.backOff = step.backOff.value_or(own.backOff);
    own.mostBackOff = step.mostBackOff.value_or(std::max(own.mostBackOff, own.backOff));
    own.mostBackOff = std::max(own.mostBackOff, own.backOff);
    return own;
}

std::string Plan::nameOf(NodeId node) const
{
    const auto* service = serviceOf(node);
    return service != nullptr ? service->name : "orchestrator";
}

std::string Plan::stepName(std::string_view saga, std::size_t step) const
{
    const auto* found = script.find(saga);
    return found != nullptr && step < found->steps.size() ? found->steps[step].name : "?";
}

} // namespace lightcone::protocols::saga
