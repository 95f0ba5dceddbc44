#include "engine/check/monitor.h"

#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::checking {

Monitor::Monitor(const node::Protocol& protocol, const node::SetupPtr& setup)
    : m_invariants(protocol.invariants(setup))
{
    for (const auto& invariant : m_invariants) {
        m_verdicts.push_back({invariant->card()});
    }
}

Monitor::Monitor(const Monitor& other)
    : m_verdicts(other.m_verdicts)
{
    m_invariants.reserve(other.m_invariants.size());
    for (const auto& invariant : other.m_invariants) {
        m_invariants.push_back(invariant->clone());
    }
}

Monitor& Monitor::operator=(const Monitor& other)
{
    return *this = Monitor(other);
}

std::vector<std::size_t> Monitor::observe(const node::Observation& observation)
{
    std::vector<std::size_t> broken;
    for (std::size_t i = 0; i < m_invariants.size(); ++i) {
        auto& verdict = m_verdicts[i];
        if (verdict.brokenBy || !verdict.notJudged.empty()) {
            continue;
        }
        if (auto how = m_invariants[i]->observe(observation)) {
            verdict.brokenBy = observation.event;
            verdict.how = std::move(*how);
            broken.push_back(i);
        }
    }
    return broken;
}

void Monitor::forget(const node::Protocol& protocol, const node::SetupPtr& setup)
{
    m_invariants = protocol.invariants(setup);
    check(m_invariants.size() == m_verdicts.size(), "the invariants of the same protocol");
}

std::vector<std::size_t> Monitor::suspend(const std::string& why)
{
    std::vector<std::size_t> suspended;
    for (std::size_t i = 0; i < m_verdicts.size(); ++i) {
        auto& verdict = m_verdicts[i];
        if (verdict.card.needsWholeRun && !verdict.brokenBy && verdict.notJudged.empty()) {
            verdict.notJudged = why;
            suspended.push_back(i);
        }
    }
    return suspended;
}

void Monitor::recorded(std::size_t place, EventId event)
{
    check(place < m_verdicts.size(), "an invariant of the protocol");
    auto& verdict = m_verdicts[place];
    check(verdict.brokenBy || !verdict.notJudged.empty(), "an invariant with something to tell");
    (verdict.brokenBy ? verdict.violation : verdict.notJudgedFrom) = event;
}

bool Monitor::allHold() const
{
    return std::ranges::none_of(m_verdicts,
                                [](const Verdict& verdict) { return bool(verdict.brokenBy); });
}

} // namespace lightcone::checking
