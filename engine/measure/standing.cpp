#include "engine/measure/standing.h"

#include "engine/measure/gauges.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace lightcone::measure {

namespace {

using describe::Facet;

constexpr std::uint64_t mostMoments = 4096;

std::vector<Gauge> listsOf(const describe::ShapePtr& state)
{
    auto gauges = gaugesOf(state);
    std::erase_if(gauges, [](const Gauge& gauge) {
        return gauge.of != Gauge::Of::Size
            || (gauge.facet != Facet::Badge && gauge.facet != Facet::WaitingFor);
    });
    return gauges;
}

/// All of them, or so many spread evenly; the last one always.
std::vector<EventId> momentsUpTo(EventId last)
{
    const auto count = std::min(last.value, mostMoments);
    std::vector<EventId> moments;
    for (std::uint64_t i = 1; i <= count; ++i) {
        moments.emplace_back(last.value * i / count);
    }
    return moments;
}

std::uint64_t elementsIn(const trace::ClusterState& state, const std::string& path)
{
    std::uint64_t count = 0;
    for (const auto& node : state.nodes) {
        const bool up = node.life == trace::Life::Up || node.life == trace::Life::Paused;
        const auto* list = up && node.state.exists() ? node.state.findPath(path) : nullptr;
        if (list != nullptr && !list->isEmptyOptional()) {
            const auto& held = list->held();
            const auto size = held.children().size();
            count += held.kind() == describe::ShapeKind::Map ? size / 2 : size;
        }
    }
    return count;
}

std::vector<Gauge> levelsOf(const describe::ShapePtr& state)
{
    auto gauges = gaugesOf(state);
    std::erase_if(gauges, [](const Gauge& gauge) {
        const bool counts = gauge.facet == Facet::Badge && gauge.of == Gauge::Of::Value;
        return gauge.facet != Facet::Level && !counts;
    });
    return gauges;
}

void raise(Highest& highest, const Gauge& level, const trace::ClusterState& state)
{
    for (const auto& node : state.nodes) {
        const bool up = node.life == trace::Life::Up || node.life == trace::Life::Paused;
        const auto value = up ? valueOf(level, node.state) : 0;
        if (value > highest.most) {
            highest.most = value;
            highest.node = node.id;
        }
    }
}

} // namespace

OfStates ofStates(const trace::Trace& trace, const trace::StateSource& states, EventId last)
{
    OfStates all;
    for (const auto& list : listsOf(trace.about().card.state)) {
        all.standings.push_back({list.path});
    }
    const auto levels = levelsOf(trace.about().card.state);
    for (const auto& level : levels) {
        all.levels.push_back({level.path, level.time});
    }
    if ((all.standings.empty() && levels.empty()) || !last) {
        return all;
    }
    std::vector<std::uint64_t> stood(all.standings.size());
    Instant since{};
    states.visit(momentsUpTo(last), [&](EventId event, const trace::ClusterState& state) {
        const auto now = trace[event].at;
        for (std::size_t i = 0; i < stood.size(); ++i) {
            all.standings[i].time += static_cast<std::int64_t>(stood[i]) * (now - since);
            stood[i] = elementsIn(state, all.standings[i].path);
        }
        for (std::size_t i = 0; i < levels.size(); ++i) {
            raise(all.levels[i], levels[i], state);
        }
        since = now;
        return true;
    });
    return all;
}

} // namespace lightcone::measure
