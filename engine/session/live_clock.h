#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/tape.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace lightcone::session {

/// Gives what happened on many machines one time: the run's. Hybrid times order it, and where the
/// machines' clocks agree they also say how long things took; where a clock was set by hours, the
/// explorer's own clock says when. Explorer times are since the session began, never going down.
class LiveClock
{
public:
    /// When that happened which bears that time, and came to the explorer at `came`. past: it
    /// happened before the explorer listened, so that only the hybrid time can say when.
    Instant at(const live::HybridTime& time, Duration came, bool past);

    /// What time it is by now.
    [[nodiscard]] Instant now(Duration explorer) const;

    /// A node said what time it is, right now.
    void beat(NodeId node, const live::HybridTime& time, Duration came);

    /// A node is not listened to any more.
    void forget(NodeId node);

private:
    [[nodiscard]] Instant byHybrid(const live::HybridTime& time) const;
    void agree(Duration came);

    std::optional<std::int64_t> m_shift; ///< the hybrid time at which the run began
    bool m_anchored = false;
    Duration m_anchor{}; ///< the run's time minus the explorer's
    std::map<NodeId, Duration> m_ahead; ///< by node: how far hybrid time is ahead of ours
    std::optional<Duration> m_apartSince;
};

/// How far a machine's clock is ahead of the explorer's: of the beats of the last ten seconds the
/// one that travelled shortest says best. An explorer that is busy for a while hears everything
/// late, and must not take that for a clock that was set back.
class ClockOffset
{
public:
    /// Both clocks: nanoseconds since the Unix epoch. Gives the offset where it changed by enough
    /// to be told.
    std::optional<Duration> beat(std::int64_t theirs, std::int64_t ours);

    [[nodiscard]] Duration offset() const { return m_offset; }

private:
    struct Beat
    {
        std::int64_t heard = 0;
        Duration ahead{};
    };

    std::deque<Beat> m_best; ///< each heard later than the one before it, and less ahead
    Duration m_offset{};
    std::optional<Duration> m_told;
};

} // namespace lightcone::session
