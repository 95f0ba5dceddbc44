#include "engine/sim/storage.h"

#include "engine/core/check.h"

#include <algorithm>

namespace lightcone::sim {

Storage::Storage(std::unique_ptr<node::Disk> blank, Dice dice)
    : m_disk(std::move(blank))
    , m_dice(dice)
{
}

void Storage::setCondition(const DiskCondition& condition)
{
    const bool forgets = condition.kind == DiskKind::Forgetful;
    if (!forgets) {
        m_kept = {};
        m_unkept.clear();
    } else if (!m_kept) {
        m_kept = m_disk;
    }
    m_condition = condition;
    while (forgets && m_unkept.size() > condition.writes) {
        m_kept.own().apply(*m_unkept.front());
        m_unkept.erase(m_unkept.begin());
    }
}

void Storage::write(Instant now, node::PayloadPtr record, EventId event, node::Sync sync)
{
    ++m_written;
    if (sync == node::Sync::Forced) {
        m_forced = m_written;
    }
    m_pending.push_back({std::move(record), event});
    if (m_covers != 0 && now < m_begin) {
        m_covers = m_written; // a flush that has not begun takes this one along
    }
}

std::optional<Instant> Storage::plan(Instant now, const LatencyModel& latency, Duration idle)
{
    if (m_durable == m_written) {
        return std::nullopt;
    }
    const bool urgent = m_forced > m_durable;
    if (m_covers != 0 && !(urgent && now < m_begin)) {
        return std::nullopt;
    }
    // A flush that a forced write overtakes keeps the latency that it drew.
    const auto takes = m_covers != 0 ? m_due - m_begin : drawLatency(latency);
    m_begin = urgent ? now : now + idle;
    m_covers = m_written;
    m_due = m_begin + takes;
    return m_due;
}

EventId Storage::finish(Instant now)
{
    check(m_covers > m_durable && m_covers <= m_written, "a sync that covers something");
    // By hand it may be done before it would have begun.
    m_begin = std::min(m_begin, now);
    const auto count = static_cast<std::ptrdiff_t>(m_covers - m_durable);
    auto& disk = m_disk.own();
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        disk.apply(*m_pending[static_cast<std::size_t>(i)].record);
        if (m_kept) {
            m_unkept.push_back(m_pending[static_cast<std::size_t>(i)].record);
        }
    }
    const auto last = m_pending[static_cast<std::size_t>(count) - 1].event;
    m_pending.erase(m_pending.begin(), m_pending.begin() + count);
    m_durable = m_covers;
    m_covers = 0;
    if (m_kept && m_unkept.size() > m_condition.writes) {
        const auto old = static_cast<std::ptrdiff_t>(m_unkept.size() - m_condition.writes);
        auto& kept = m_kept.own();
        std::for_each(m_unkept.begin(), m_unkept.begin() + old,
                      [&](const node::PayloadPtr& record) { kept.apply(*record); });
        m_unkept.erase(m_unkept.begin(), m_unkept.begin() + old);
    }
    return last;
}

void Storage::crash()
{
    m_pending.clear();
    m_written = m_durable;
    m_forced = std::min(m_forced, m_durable);
    m_covers = 0;
    order = 0;
    if (m_kept) {
        m_disk = m_kept;
        m_unkept.clear();
    }
}

Duration Storage::drawLatency(const LatencyModel& latency)
{
    const auto drawn = latency.draw(m_dice);
    if (m_condition.kind != DiskKind::Slow) {
        return drawn;
    }
    if (m_condition.latency > Duration::zero()) {
        return m_condition.latency;
    }
    return Duration(
        static_cast<std::int64_t>(static_cast<double>(drawn.count()) * m_condition.factor));
}

} // namespace lightcone::sim
