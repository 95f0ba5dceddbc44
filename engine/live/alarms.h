#pragma once

#include "engine/core/time.h"
#include "engine/live/tape.h"
#include "engine/node/effects.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace lightcone::live {

/// The clock of one node against this machine's: it may be set and may run at another rate.
class SkewedClock
{
public:
    [[nodiscard]] Instant local(Instant now) const
    {
        return now + m_skew + (m_rate == 1 ? Duration{} : scaled(now - m_since, m_rate - 1));
    }

    /// How long it takes until this clock has gone on by so much.
    [[nodiscard]] Duration real(Duration local) const
    {
        return m_rate == 1 ? local : scaled(local, 1 / m_rate);
    }

    /// How far it goes on in so much time.
    [[nodiscard]] Duration passed(Duration real) const
    {
        return m_rate == 1 ? real : scaled(real, m_rate);
    }

    [[nodiscard]] double rate() const { return m_rate; }

    void set(Instant now, std::optional<Duration> skew, std::optional<double> rate)
    {
        m_skew = skew.value_or(local(now) - now);
        m_since = now;
        m_rate = rate.value_or(m_rate);
    }

private:
    static Duration scaled(Duration duration, double factor)
    {
        return Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
    }

    Instant m_since{};
    Duration m_skew{};
    double m_rate = 1;
};

/// The timers of one node that are armed. At most one of each name.
class Alarms
{
public:
    void arm(node::TimerId timer, Instant due)
    {
        disarm(timer);
        m_dues.emplace(timer, due);
        m_order.emplace(due, timer);
    }

    void disarm(node::TimerId timer)
    {
        const auto found = m_dues.find(timer);
        if (found != m_dues.end()) {
            m_order.erase({found->second, timer});
            m_dues.erase(found);
        }
    }

    [[nodiscard]] std::optional<Instant> due() const
    {
        return m_order.empty() ? std::nullopt : std::optional(m_order.begin()->first);
    }

    /// The one that is due longest, disarmed; nothing when none is.
    std::optional<node::TimerId> take(Instant now)
    {
        if (m_order.empty() || m_order.begin()->first > now) {
            return std::nullopt;
        }
        const auto timer = m_order.begin()->second;
        disarm(timer);
        return timer;
    }

    /// The clock that they run on changed its rate.
    void rescale(Instant now, double factor)
    {
        const auto old = m_dues;
        for (const auto& [timer, due] : old) {
            const auto left = static_cast<double>((due - now).count()) * factor;
            arm(timer, now + Duration(static_cast<std::int64_t>(left)));
        }
    }

    /// What is left of each, on this machine's clock.
    [[nodiscard]] std::vector<Alarm> left(Instant now) const
    {
        std::vector<Alarm> out;
        for (const auto& [timer, due] : m_dues) {
            out.push_back({timer.kind, timer.about, due - now});
        }
        return out;
    }

private:
    std::map<node::TimerId, Instant> m_dues;
    std::set<std::pair<Instant, node::TimerId>> m_order;
};

} // namespace lightcone::live
