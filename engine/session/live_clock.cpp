#include "engine/session/live_clock.h"

#include <algorithm>

namespace lightcone::session {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// So far a hybrid time may be from when the word came: what is told is collected for some
/// milliseconds, and networks take their time.
constexpr Duration mostBehind = milliseconds(500);
constexpr Duration mostAhead = milliseconds(20);

/// When all nodes' hybrid time is that far off for that long, somebody has set a clock.
constexpr Duration clocksApart = seconds(1);
constexpr Duration clocksApartFor = seconds(1);

constexpr Duration beatsKept = seconds(10);
constexpr Duration offsetWorthTelling = milliseconds(1);
constexpr Duration offsetBelowNotice = milliseconds(3);

} // namespace

Instant LiveClock::byHybrid(const live::HybridTime& time) const
{
    return Instant(Duration(time.physical - m_shift.value_or(time.physical)));
}

Instant LiveClock::now(Duration explorer) const
{
    return m_anchored ? Instant(explorer + m_anchor) : Instant{};
}

Instant LiveClock::at(const live::HybridTime& time, Duration came, bool past)
{
    if (time.physical == 0) {
        return {}; // before anything happened
    }
    if (!m_shift) {
        m_shift = time.physical;
    }
    const auto hybrid = byHybrid(time);
    if (past || !m_anchored) {
        return hybrid;
    }
    const auto ours = now(came);
    return std::clamp(hybrid, ours - mostBehind, ours + mostAhead);
}

void LiveClock::beat(NodeId node, const live::HybridTime& time, Duration came)
{
    if (!m_shift) {
        return; // the run begins with what the nodes remember, and nothing of it was ordered yet
    }
    const auto hybrid = byHybrid(time);
    if (!m_anchored) {
        m_anchored = true;
        m_anchor = hybrid.time_since_epoch() - came;
    }
    m_ahead[node] = hybrid - now(came);
    agree(came);
}

void LiveClock::forget(NodeId node)
{
    m_ahead.erase(node);
}

void LiveClock::agree(Duration came)
{
    auto least = Duration::max();
    auto most = Duration::min();
    for (const auto& [node, ahead] : m_ahead) {
        least = std::min(least, ahead);
        most = std::max(most, ahead);
    }
    // All are ahead by at least `least`, or all are behind by at least -most.
    const auto apart = least > Duration::zero() ? least : std::min(most, Duration::zero());
    if (apart < clocksApart && apart > -clocksApart) {
        m_apartSince.reset();
        m_anchor += apart / 64; // clocks drift
        return;
    }
    if (!m_apartSince) {
        m_apartSince = came;
    } else if (came - *m_apartSince >= clocksApartFor) {
        *m_shift += apart.count();
        for (auto& [node, ahead] : m_ahead) {
            ahead -= apart;
        }
        m_apartSince.reset();
    }
}

std::optional<Duration> ClockOffset::beat(std::int64_t theirs, std::int64_t ours)
{
    const Beat newest{ours, Duration(theirs - ours)};
    // Our own clock may have been set back: what was heard later than now says nothing any more.
    while (!m_best.empty()
           && (m_best.back().ahead <= newest.ahead || m_best.back().heard > newest.heard)) {
        m_best.pop_back();
    }
    m_best.push_back(newest);
    while (Duration(newest.heard - m_best.front().heard) > beatsKept) {
        m_best.pop_front();
    }
    // A word's way only makes the other clock look behind. What is left below so much is the way.
    m_offset = m_best.front().ahead;
    m_offset = m_offset > -offsetBelowNotice && m_offset < offsetBelowNotice
        ? Duration::zero()
        : std::chrono::round<milliseconds>(m_offset);
    const auto change = m_told ? m_offset - *m_told : m_offset;
    if (!m_told || change >= offsetWorthTelling || change <= -offsetWorthTelling) {
        m_told = m_offset;
        return m_offset;
    }
    return std::nullopt;
}

} // namespace lightcone::session
