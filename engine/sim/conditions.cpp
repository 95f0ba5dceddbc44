#include "engine/sim/conditions.h"

#include "engine/core/check.h"

#include <fmt/format.h>

namespace lightcone::sim {

std::string toText(const DiskCondition& disk)
{
    switch (disk.kind) {
    case DiskKind::Healthy:
        return {};
    case DiskKind::Slow:
        return disk.latency > Duration::zero() ? "slow " + toScenarioText(disk.latency)
                                               : fmt::format("slow ×{}", disk.factor);
    case DiskKind::Full:
        return "full";
    case DiskKind::Forgetful:
        return fmt::format("forgetful {}", disk.writes);
    }
    checkFailed("a known kind of disk", BOOST_CURRENT_LOCATION);
}

Duration Clock::real(Duration local) const
{
    if (m_rate == 1) {
        return local;
    }
    return Duration(static_cast<std::int64_t>(static_cast<double>(local.count()) / m_rate));
}

} // namespace lightcone::sim
