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

} // namespace

std::vector<Standing> standingsOf(const trace::Trace& trace, const trace::StateSource& states,
                                  EventId last)
{
    const auto lists = listsOf(trace.about().card.state);
    std::vector<Standing> all;
    for (const auto& list : lists) {
        all.push_back({list.path});
    }
    if (all.empty() || !last) {
        return all;
    }
    std::vector<std::uint64_t> stood(all.size());
    Instant since{};
    states.visit(momentsUpTo(last), [&](EventId event, const trace::ClusterState& state) {
        const auto now = trace[event].at;
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].time += static_cast<std::int64_t>(stood[i]) * (now - since);
            stood[i] = elementsIn(state, all[i].path);
        }
        since = now;
        return true;
    });
    return all;
}

} // namespace lightcone::measure
