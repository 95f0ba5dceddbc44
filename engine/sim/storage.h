#pragma once

#include "engine/core/dice.h"
#include "engine/node/effects.h"
#include "engine/node/node.h"
#include "engine/sim/conditions.h"
#include "engine/sim/settings.h"
#include "engine/sim/shared.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace lightcone::sim {

/// One node's modelled disk. Writes queue up; a sync, one at a time, makes durable what was queued
/// when it began (group commit: DeWitt et al. 1984), while steps go on. Writes are counted from 1.
class Storage
{
public:
    Storage(std::unique_ptr<node::Disk> blank, Dice dice);

    /// All that the disk has acknowledged.
    [[nodiscard]] const node::Disk& disk() const { return *m_disk; }

    [[nodiscard]] const DiskCondition& condition() const { return m_condition; }
    void setCondition(const DiskCondition&);

    /// How many writes were handed over, and how many of them are durable.
    [[nodiscard]] std::uint64_t written() const { return m_written; }
    [[nodiscard]] std::uint64_t durable() const { return m_durable; }

    /// The newest forced write: what comes after it may leave when durable() has reached it.
    [[nodiscard]] std::uint64_t forced() const { return m_forced; }

    void write(Instant now, node::PayloadPtr record, EventId event, node::Sync);

    /// When a sync that was not planned before will be done; nothing when none is needed or the
    /// plan stays. A lazy write waits until the disk was idle for that long.
    std::optional<Instant> plan(Instant now, const LatencyModel&, Duration idle);

    [[nodiscard]] bool syncing() const { return m_covers != 0; }
    [[nodiscard]] Instant syncDue() const { return m_due; }

    /// The planned sync is done: the number of the event of the last write that it covers.
    EventId finish(Instant now);

    /// What was not durable is gone; a forgetful disk loses more.
    void crash();

    /// Where the planned sync's line on the agenda is.
    std::uint64_t order = 0;

private:
    struct Pending
    {
        node::PayloadPtr record;
        EventId event;
    };

    [[nodiscard]] Duration drawLatency(const LatencyModel&);

    Shared<node::Disk> m_disk;
    Dice m_dice;
    DiskCondition m_condition;
    std::vector<Pending> m_pending; ///< writes m_durable + 1 … m_written
    std::uint64_t m_written = 0;
    std::uint64_t m_durable = 0;
    std::uint64_t m_forced = 0;
    std::uint64_t m_covers = 0; ///< the planned sync reaches to this write; 0: none is planned
    Instant m_begin{}; ///< when the planned sync begins: later than now for lazy writes
    Instant m_due{};

    // A forgetful disk: what a crash will find, and the newest writes that it will not.
    Shared<node::Disk> m_kept;
    std::vector<node::PayloadPtr> m_unkept;
};

} // namespace lightcone::sim
