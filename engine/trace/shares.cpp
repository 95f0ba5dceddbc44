#include "engine/trace/shares.h"

#include <cstddef>
#include <optional>

namespace lightcone::trace {

using describe::Facet;
using describe::Shape;
using describe::ShapeKind;

namespace {

std::optional<std::size_t> fieldThatShares(const Shape& state)
{
    if (state.kind != ShapeKind::Record) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < state.fields.size(); ++i) {
        const auto& shape = *state.fields[i].shape;
        if (shape.kind == ShapeKind::Map && shape.key->kind == ShapeKind::Node
            && shape.of->kind == ShapeKind::Record && shape.of->fieldWith(Facet::Share)) {
            return i;
        }
    }
    return std::nullopt;
}

} // namespace

std::string shareIn(const describe::ShapePtr& state)
{
    const auto field = state ? fieldThatShares(*state) : std::nullopt;
    if (!field) {
        return {};
    }
    const auto& map = state->fields[*field];
    return map.name + "." + map.shape->of->fields[*map.shape->of->fieldWith(Facet::Share)].name;
}

std::map<NodeId, double> sharesOf(const ClusterState& state)
{
    std::map<NodeId, double> sums;
    int tellers = 0;
    for (const auto& node : state.nodes) {
        const bool up = node.life == Life::Up || node.life == Life::Paused;
        const auto field =
            up && node.state.exists() ? fieldThatShares(*node.state.shape()) : std::nullopt;
        if (!field) {
            continue;
        }
        const auto& pairs = node.state.children()[*field].children();
        double all = 0;
        for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
            all += pairs[i + 1].findFacet(Facet::Share)->asReal();
        }
        if (!(all > 0)) {
            continue;
        }
        ++tellers;
        for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
            sums[pairs[i].asNode()] += pairs[i + 1].findFacet(Facet::Share)->asReal();
        }
    }
    for (auto& [id, share] : sums) {
        share /= tellers;
    }
    return sums;
}

} // namespace lightcone::trace
