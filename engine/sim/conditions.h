#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/trace/event.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// States that a fault puts a thing of the world into. They are the payloads of the events that say
/// so.
namespace lightcone::sim {

enum class DiskKind : std::uint8_t {
    Healthy,
    Slow, ///< factor times the plan's latency, or the latency given
    Full, ///< the first write fails and stops the node
    Forgetful, ///< acknowledges what it has not kept: a crash loses the last writes
};
BOOST_DESCRIBE_ENUM(DiskKind, Healthy, Slow, Full, Forgetful)

struct DiskCondition
{
    DiskKind kind = DiskKind::Healthy;
    double factor = 10; ///< of Slow
    Duration latency{}; ///< of Slow: where it is not zero, instead of the factor
    std::uint32_t writes = 1; ///< of Forgetful: how many of the newest a crash loses
    friend bool operator==(const DiskCondition&, const DiskCondition&) = default;
};
BOOST_DESCRIBE_STRUCT(DiskCondition, (), (kind, factor, latency, writes))

/// Empty when healthy, else "slow ×10", "slow 5ms", "full", "forgetful 3".
std::string toText(const DiskCondition&);

/// A node's own clock against the run's time.
struct ClockCondition
{
    Duration offset{}; ///< how far it is ahead
    double rate = 1; ///< seconds of its own a second
    friend bool operator==(const ClockCondition&, const ClockCondition&) = default;
};
BOOST_DESCRIBE_STRUCT(ClockCondition, (), (offset, rate))

/// A clock that was set at some instant and runs at its own rate since.
class Clock
{
public:
    [[nodiscard]] Instant local(Instant now) const
    {
        const auto since = now - m_since;
        return now + m_offset + Duration(gained(since));
    }

    /// How long it takes until this clock has gone on by so much.
    [[nodiscard]] Duration real(Duration local) const;

    [[nodiscard]] ClockCondition condition(Instant now) const { return {local(now) - now, m_rate}; }

    void set(Instant now, const ClockCondition& condition)
    {
        m_since = now;
        m_offset = condition.offset;
        m_rate = condition.rate;
    }

private:
    [[nodiscard]] std::int64_t gained(Duration since) const
    {
        return m_rate == 1
            ? 0
            : static_cast<std::int64_t>(static_cast<double>(since.count()) * (m_rate - 1));
    }

    Instant m_since{};
    Duration m_offset{};
    double m_rate = 1;
};

enum class RuleAction : std::uint8_t {
    Hold, ///< until the rule goes
    Drop,
    Delay, ///< by delay, on top of what the link takes
    Duplicate,
};
BOOST_DESCRIBE_ENUM(RuleAction, Hold, Drop, Delay, Duplicate)

/// What becomes of certain messages as they leave. The rules are asked in order; the first that
/// matches, and whose chance comes up, decides.
struct Rule
{
    RuleAction action = RuleAction::Hold;
    std::string message{}; ///< the kind of message: "Vote"; empty: any
    std::optional<NodeId> from{};
    std::optional<NodeId> to{};
    double chance = 1;
    Duration delay{}; ///< of Delay
    std::uint32_t limit = 0; ///< how many messages it may decide about; 0: no limit
    friend bool operator==(const Rule&, const Rule&) = default;
};
BOOST_DESCRIBE_STRUCT(Rule, (), (action, message, from, to, chance, delay, limit))

} // namespace lightcone::sim
