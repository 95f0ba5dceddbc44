#pragma once

#include "engine/core/bytes.h"
#include "engine/core/dice.h"
#include "engine/core/time.h"
#include "engine/live/tape.h"
#include "engine/node/node.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lightcone::live {

/// A node as its host holds it between two steps: what a checkpoint is made of. Encoded only when
/// somebody asks for it, so that a clone is all that the host pays.
struct Standing
{
    struct Waiting
    {
        node::Sync sync = node::Sync::Forced;
        node::PayloadPtr record;
    };

    std::shared_ptr<const node::Node> node; ///< nullptr: it has not booted
    std::shared_ptr<const node::Disk> disk; ///< as far as it is durable
    Dice dice{};
    std::vector<Alarm> alarms{};
    std::uint64_t synced = 0; ///< writes of this incarnation that are durable
    std::vector<Waiting> waiting{}; ///< writes after them, in order
    bool paused = false;
};

/// How much of the past a node keeps for explorers that come late or come back.
struct FeedLimits
{
    std::size_t bytes = std::size_t{64} << 20; ///< of encoded entries
    std::size_t block = std::size_t{256} << 10; ///< what is forgotten at once
    std::size_t between = std::size_t{8} << 20; ///< bytes of entries from checkpoint to checkpoint
};

/// Entries of a tape that lie beside each other, encoded one after the other.
struct Stretch
{
    std::uint64_t first = 0; ///< the first entry's number
    std::uint64_t count = 0; ///< 0: there is nothing new
    Bytes entries{};
};
BOOST_DESCRIBE_STRUCT(Stretch, (), (first, count, entries))

/// Reads what a Feed wrote. The error says what does not fit; numbers follow each other.
Result<std::vector<Entry>> entriesOf(const Stretch&);

/// The tape of one incarnation of a node: appended by its host, read by any number of subscribers
/// at places of their own, bounded in bytes. The oldest entries are forgotten first. One thread.
class Feed
{
public:
    /// Gives the node as it stands right after the newest entry. Called within append() and
    /// checkpoint(), never in the middle of a step: the host appends a happening before it lets the
    /// node make the step.
    using Stand = std::function<Standing()>;

    Feed(std::uint64_t incarnation, Stand stand, FeedLimits limits = {});

    /// Adds what happened, before its step is made. Gives the entry's number, from 1. Times never
    /// go down.
    std::uint64_t append(Happening what, HybridTime time, Instant now);

    [[nodiscard]] std::uint64_t incarnation() const { return m_incarnation; }

    /// The newest entry's number; 0 before the first.
    [[nodiscard]] std::uint64_t last() const { return m_last; }
    [[nodiscard]] HybridTime lastTime() const { return m_lastTime; }

    /// The number of the oldest entry that is still here; last() + 1 when there is none.
    [[nodiscard]] std::uint64_t oldest() const;

    /// Where a repetition may begin that goes back as far as possible: all entries after it are
    /// here.
    [[nodiscard]] Checkpoint oldestCheckpoint() const;

    /// The node right after the newest entry. Not from within a step.
    [[nodiscard]] Checkpoint checkpoint() const;

    /// Entries from that number on, as many as fit into so many bytes and at least one where there
    /// is one. from must not be below oldest().
    [[nodiscard]] Stretch read(std::uint64_t from, std::size_t mostBytes) const;

    /// Bytes of entries that are kept.
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    struct Block
    {
        std::uint64_t first = 0;
        std::vector<std::uint32_t> ends; ///< of its entries, in bytes
        Bytes bytes;
    };

    /// The node right after an entry.
    struct Kept
    {
        std::uint64_t entry = 0;
        HybridTime time{};
        Standing standing;
    };

    void beginBlock();
    [[nodiscard]] Checkpoint encode(const Kept&) const;

    std::uint64_t m_incarnation;
    Stand m_stand;
    FeedLimits m_limits;
    std::uint64_t m_last = 0;
    HybridTime m_lastTime{};
    std::deque<Block> m_blocks;
    std::deque<Kept> m_checkpoints; ///< never empty after the first entry
    std::size_t m_size = 0;
    std::size_t m_sinceCheckpoint = 0;
};

} // namespace lightcone::live
