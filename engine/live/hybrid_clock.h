#pragma once

#include "engine/live/tape.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace lightcone::live {

/// Hands out hybrid times (Kulkarni et al. 2014, Logical Physical Clocks, figure 5). It never goes
/// back, even where the wall clock is set back, and what it says after a message is later than
/// what the sender said.
class HybridClock
{
public:
    [[nodiscard]] const HybridTime& last() const { return m_last; }

    /// Something happens here, or a message leaves. wall: nanoseconds since the Unix epoch.
    HybridTime tick(std::int64_t wall)
    {
        if (wall > m_last.physical) {
            m_last = {wall, 0};
        } else {
            count();
        }
        return m_last;
    }

    /// A message arrived that left at the given time. One that is too far ahead is not believed:
    /// nobody shall be able to push a cluster's time to where it ends.
    HybridTime merge(std::int64_t wall, const HybridTime& heard)
    {
        if (heard.physical <= wall || heard.physical - wall <= mostAhead) {
            m_last = std::max(m_last, heard);
        }
        return tick(wall);
    }

    /// Ten years, in nanoseconds: more than a clock that somebody forgot to set.
    static constexpr std::int64_t mostAhead = std::int64_t{10} * 365 * 24 * 3600 * 1'000'000'000;

private:
    void count()
    {
        if (m_last.logical == std::numeric_limits<std::uint32_t>::max()) {
            m_last = {m_last.physical + 1, 0};
        } else {
            ++m_last.logical;
        }
    }

    HybridTime m_last{};
};

} // namespace lightcone::live
