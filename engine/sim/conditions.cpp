#include "engine/sim/conditions.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/sim/settings.h"

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

std::string toText(const Rule& rule, const describe::NodeNames& names)
{
    std::string text = describe::enumeratorName(describe::toValue(rule.action).name());
    const auto add = [&](const std::string& words) { text += " " + words; };
    if (!rule.message.empty()) {
        add(rule.message);
    }
    if (rule.channel) {
        add("channel " + std::string(describe::toValue(*rule.channel).name()));
    }
    if (rule.from) {
        add("from " + names.name(*rule.from));
    }
    if (rule.to) {
        add("to " + names.name(*rule.to));
    }
    if (rule.action == RuleAction::Delay) {
        add("by " + toScenarioText(rule.delay));
    }
    if (rule.chance < 1) {
        add("chance " + chanceText(rule.chance));
    }
    if (rule.limit > 0) {
        add("limit " + std::to_string(rule.limit));
    }
    return text;
}

} // namespace lightcone::sim
