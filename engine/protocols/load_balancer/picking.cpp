#include "engine/protocols/load_balancer/load_balancer.h"

#include <algorithm>
#include <iterator>

// Which backends may be asked, and which of them is.
namespace lightcone::protocols::load_balancer {
namespace {

/// Of how many of the newest picks shares are reckoned.
constexpr std::uint64_t sharesOf = 64;

/// A backend in slow start takes part in at least so many of the picks.
constexpr double leastPart = 0.1;

using Candidates = std::vector<Candidate>;

template <class Keeps>
void keepIfAny(Candidates& candidates, Keeps keeps)
{
    Candidates kept;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(kept), keeps);
    if (!kept.empty()) {
        candidates = std::move(kept);
    }
}

} // namespace

bool LoadBalancer::admits(NodeId backend) const
{
    const auto& upstream = m_backends.at(backend);
    return !upstream.ejected && !upstream.down && !m_configuration.drained.contains(backend);
}

std::uint32_t LoadBalancer::limitOf(const Upstream& upstream, Instant now) const
{
    const auto most = parameters().maxInFlight;
    const auto part = static_cast<std::uint32_t>(rampOf(upstream, now) * most);
    return std::max(1U, part);
}

NodeId LoadBalancer::pick(const Moment& moment, NodeId agent, const Ask& ask)
{
    auto list = candidates(moment, agent);
    if (list.empty()) {
        return {};
    }
    leaveOutAvoided(ask, list);
    thinOutSlowStarters(moment, list);
    const auto algorithm = parameters().algorithm;
    if (!goesByCost(algorithm)) {
        leaveOutCostly(list);
    }
    Tables tables;
    tables.ring = &m_plan->ring;
    if (algorithm == Algorithm::Maglev) {
        tables.maglev = &maglev();
    }
    return choose(algorithm, list, ask.key, m_turn, tables, parameters().boundFactor, moment.dice);
}

/// Those that are up, have a weight and room for one more.
std::vector<Candidate> LoadBalancer::candidates(const Moment& moment, NodeId agent) const
{
    Candidates list;
    for (const auto& [backend, upstream] : m_backends) {
        const auto weight = weightOf(backend);
        if (weight > 0 && admits(backend) && upstream.inFlight < limitOf(upstream, moment.now)) {
            list.push_back({backend, weight, upstream.inFlight + upstream.penalties,
                            costOf(upstream, moment.now)});
        }
    }
    return parameters().strategy == Strategy::Geography
        ? ofNearestRegion(moment, agent, std::move(list))
        : list;
}

/// Those of the agent's own region, unless it is lost or nearly full: then of the next nearest.
std::vector<Candidate> LoadBalancer::ofNearestRegion(const Moment& moment, NodeId agent,
                                                     Candidates list) const
{
    Candidates nearestAtAll;
    for (const auto region : m_plan->nearestTo(m_plan->regionOf(agent))) {
        Candidates there;
        std::uint64_t open = 0;
        std::uint64_t room = 0;
        for (const auto& each : list) {
            if (m_plan->regionOf(each.backend) == region) {
                there.push_back(each);
            }
        }
        for (const auto& [backend, upstream] : m_backends) {
            if (m_plan->regionOf(backend) == region && admits(backend)) {
                open += upstream.inFlight;
                room += limitOf(upstream, moment.now);
            }
        }
        if (!there.empty()
            && static_cast<double>(open) < parameters().spillOver * static_cast<double>(room)) {
            return there;
        }
        if (nearestAtAll.empty()) {
            nearestAtAll = std::move(there);
        }
    }
    return nearestAtAll;
}

/// Not where the request has failed before, nor where it is being tried, as long as there are
/// others.
void LoadBalancer::leaveOutAvoided(const Ask& ask, Candidates& list) const
{
    auto avoid = ask.avoid;
    if (ask.attempt > 1) {
        for (const auto& [ticket, errand] : m_errands) {
            if (errand.request == ask.request) {
                avoid.insert(errand.backend);
            }
        }
    }
    if (!avoid.empty()) {
        keepIfAny(list, [&](const Candidate& each) { return !avoid.contains(each.backend); });
    }
}

/// A backend in slow start takes part in a pick with a chance that grows until it is over.
void LoadBalancer::thinOutSlowStarters(const Moment& moment, Candidates& list) const
{
    keepIfAny(list, [&](const Candidate& each) {
        const auto& upstream = m_backends.at(each.backend);
        return !upstream.startedSlowlyAt
            || moment.dice.chance(std::max(leastPart, rampOf(upstream, moment.now)));
    });
}

/// Algorithms that do not go by cost choose among those that cost no more than so many times what
/// the one in the middle does.
void LoadBalancer::leaveOutCostly(Candidates& list) const
{
    const auto strategy = parameters().strategy;
    if (strategy != Strategy::Performance && strategy != Strategy::Load) {
        return;
    }
    std::vector<double> costs;
    for (const auto& each : list) {
        costs.push_back(each.cost);
    }
    const auto middle = costs.begin() + static_cast<std::ptrdiff_t>((costs.size() - 1) / 2);
    std::nth_element(costs.begin(), middle, costs.end());
    const auto most = parameters().tolerance * *middle;
    keepIfAny(list, [&](const Candidate& each) { return each.cost <= most; });
}

double LoadBalancer::costOf(const Upstream& upstream, Instant now) const
{
    const double open = 1.0 + upstream.inFlight + upstream.penalties;
    switch (parameters().strategy) {
    case Strategy::None:
    case Strategy::Geography:
        return open;
    case Strategy::Performance: {
        // Finagle's peak EWMA: how long it takes, times how many wait. Who is not known yet is
        // taken for as quick as can be, and so becomes known.
        const auto latency = std::max<std::int64_t>(decayed(upstream, now).count(), 1);
        return static_cast<double>(latency) * open;
    }
    case Strategy::Load: {
        // What others have sent since the report, nobody knows. With Probes nobody's requests count
        // until the next one: the bulletin board of Mitzenmacher 2000.
        const auto& report = upstream.report;
        const auto own = parameters().reports == Reports::Probes ? 0 : upstream.sinceReport;
        return 1.0 + report.waiting + report.running + own + upstream.penalties
            + report.utilisation;
    }
    }
    return open;
}

const MaglevTable& LoadBalancer::maglev()
{
    std::vector<NodeId> up;
    for (const auto& [backend, upstream] : m_backends) {
        if (admits(backend) && weightOf(backend) > 0) {
            up.push_back(backend);
        }
    }
    if (!m_maglev || m_maglev->first != up) {
        MaglevTable table(up, parameters().tableSize);
        m_maglev = std::make_shared<const std::pair<std::vector<NodeId>, MaglevTable>>(
            std::move(up), std::move(table));
    }
    return m_maglev->second;
}

void LoadBalancer::countPick(NodeId backend)
{
    std::uint64_t picks = 0;
    for (auto& [each, upstream] : m_backends) {
        picks += upstream.chosen;
    }
    const auto part = 1.0 / static_cast<double>(std::min(picks + 1, sharesOf));
    for (auto& [each, upstream] : m_backends) {
        upstream.share += ((each == backend ? 1.0 : 0.0) - upstream.share) * part;
    }
    ++m_backends[backend].chosen;
}

} // namespace lightcone::protocols::load_balancer
