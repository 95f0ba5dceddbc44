#include "engine/protocols/load_balancer/plan.h"

#include "engine/core/check.h"

#include <algorithm>
#include <fmt/format.h>

namespace lightcone::protocols::load_balancer {

Plan::Plan(const Parameters& parameters)
{
    std::uint32_t number = 0;
    const auto fill = [&](std::vector<NodeId>& nodes, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            nodes.emplace_back(++number);
        }
    };
    fill(agents, parameters.agents);
    fill(balancers, parameters.balancers);
    fill(backends, parameters.backends);
    const auto parsed = parseWeights(parameters.weights, parameters.backends);
    check(parsed.has_value(), "the weights were validated with the parameters");
    weights = *parsed;
    if (parameters.algorithm == Algorithm::BoundedHash) {
        ring = Ring(backends, parameters.virtualNodes);
    }
    placeRegions(parameters);
}

void Plan::placeRegions(const Parameters& parameters)
{
    for (const auto& region : wordsOf(parameters.regions)) {
        const auto known = std::find(regions.begin(), regions.end(), region);
        m_backendRegions.push_back(static_cast<std::size_t>(known - regions.begin()));
        if (known == regions.end()) {
            regions.push_back(region);
        }
    }
    if (regions.empty()) {
        m_backendRegions.assign(backends.size(), 0);
        m_nearest = {{0}};
        return;
    }
    const auto distances = parseDistances(parameters.distances);
    check(distances.has_value(), "the distances were validated with the parameters");
    const auto distance = [&](std::size_t a, std::size_t b) {
        for (const auto& each : *distances) {
            if ((each.from == regions[a] && each.to == regions[b])
                || (each.from == regions[b] && each.to == regions[a])) {
                return each.far;
            }
        }
        return Duration::zero();
    };
    for (std::size_t from = 0; from < regions.size(); ++from) {
        std::vector<std::size_t> order;
        for (std::size_t to = 0; to < regions.size(); ++to) {
            order.push_back(to);
        }
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            const bool home = a == from || b == from;
            return home ? a == from && b != from : distance(from, a) < distance(from, b);
        });
        m_nearest.push_back(std::move(order));
    }
}

Tier Plan::tierOf(NodeId node) const
{
    const auto number = node.value;
    return number <= agents.size()                   ? Tier::Agents
        : number <= agents.size() + balancers.size() ? Tier::Balancers
                                                     : Tier::Backends;
}

std::size_t Plan::placeOf(NodeId node) const
{
    switch (tierOf(node)) {
    case Tier::Agents:
        return node.value - 1;
    case Tier::Balancers:
        return node.value - 1 - agents.size();
    case Tier::Backends:
        break;
    }
    return node.value - 1 - agents.size() - balancers.size();
}

std::string Plan::nameOf(NodeId node) const
{
    const auto tier = tierOf(node);
    const auto* prefix = tier == Tier::Agents ? "a" : tier == Tier::Balancers ? "lb" : "b";
    return fmt::format("{}{}", prefix, placeOf(node) + 1);
}

NodeId Plan::homeOf(NodeId client) const
{
    const auto number = isClient(client) ? client.value - firstClient - 1 : 0;
    return agents[number % agents.size()];
}

std::size_t Plan::regionOf(NodeId node) const
{
    if (regions.empty()) {
        return 0;
    }
    return tierOf(node) == Tier::Backends ? m_backendRegions[placeOf(node)]
                                          : placeOf(node) % regions.size();
}

} // namespace lightcone::protocols::load_balancer
