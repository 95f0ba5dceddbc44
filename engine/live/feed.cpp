#include "engine/live/feed.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"

#include <algorithm>
#include <utility>

namespace lightcone::live {

Result<std::vector<Entry>> entriesOf(const Stretch& stretch)
{
    std::vector<Entry> entries;
    ByteReader reader(stretch.entries);
    for (auto number = stretch.first; number != stretch.first + stretch.count; ++number) {
        if (!reader.ok() || reader.atEnd()) {
            return fail("a stretch of a tape ends before the last of its "
                        + std::to_string(stretch.count) + " entries");
        }
        auto entry = describe::decode<Entry>(reader);
        if (!reader.ok()) {
            return fail("entry " + std::to_string(number)
                        + " of a tape cannot be read: damaged at byte "
                        + std::to_string(reader.position()) + " of its stretch");
        }
        if (entry.number != number) {
            return fail("entry " + std::to_string(number) + " of a tape was expected, "
                        + std::to_string(entry.number) + " came");
        }
        entries.push_back(std::move(entry));
    }
    if (!reader.atEnd()) {
        return fail("a stretch of a tape goes on after the last of its "
                    + std::to_string(stretch.count) + " entries");
    }
    return entries;
}

Feed::Feed(std::uint64_t incarnation, Stand stand, FeedLimits limits)
    : m_incarnation(incarnation)
    , m_stand(std::move(stand))
    , m_limits(limits)
{
}

std::uint64_t Feed::append(Happening what, HybridTime time, Instant now)
{
    check(m_lastTime <= time, "a tape whose hybrid times do not go down");
    if (m_blocks.empty() || m_blocks.back().bytes.size() >= m_limits.block) {
        beginBlock();
    }
    m_lastTime = time;
    auto& block = m_blocks.back();
    const auto before = block.bytes.size();
    ByteWriter writer(block.bytes);
    describe::encode(Entry{++m_last, time, now, std::move(what)}, writer);
    block.ends.push_back(static_cast<std::uint32_t>(block.bytes.size()));
    m_size += block.bytes.size() - before;
    m_sinceCheckpoint += block.bytes.size() - before;
    return m_last;
}

/// Forgets what is too much, and keeps the node as it stands when the last time is long ago.
void Feed::beginBlock()
{
    if (m_checkpoints.empty() || m_sinceCheckpoint >= m_limits.between) {
        m_checkpoints.push_back({m_last, m_lastTime, m_stand()});
        m_sinceCheckpoint = 0;
    }
    // Entries before the oldest checkpoint still serve who comes back for them; the entries behind
    // the newest stay, or nobody new could begin anywhere.
    while (m_size > m_limits.bytes && m_checkpoints.size() > 1) {
        m_size -= m_blocks.front().bytes.size();
        m_blocks.pop_front();
        const auto oldest = this->oldest();
        if (m_checkpoints.front().entry + 1 < oldest) {
            m_checkpoints.pop_front();
        }
    }
    Block block;
    block.first = m_last + 1;
    block.bytes.reserve(m_limits.block + m_limits.block / 8);
    m_blocks.push_back(std::move(block));
}

std::uint64_t Feed::oldest() const
{
    return m_blocks.empty() ? m_last + 1 : m_blocks.front().first;
}

Checkpoint Feed::encode(const Kept& kept) const
{
    const auto& standing = kept.standing;
    Checkpoint checkpoint;
    checkpoint.incarnation = m_incarnation;
    checkpoint.entry = kept.entry;
    checkpoint.time = kept.time;
    if (standing.node) {
        standing.node->encode(checkpoint.state);
    }
    if (standing.disk) {
        standing.disk->encode(checkpoint.disk);
    }
    checkpoint.dice = stateOf(standing.dice);
    checkpoint.alarms = standing.alarms;
    checkpoint.synced = standing.synced;
    for (const auto& waiting : standing.waiting) {
        Unsynced write{waiting.sync, {}};
        waiting.record->encode(write.record);
        checkpoint.unsynced.push_back(std::move(write));
    }
    checkpoint.paused = standing.paused;
    return checkpoint;
}

Checkpoint Feed::oldestCheckpoint() const
{
    return m_checkpoints.empty() ? checkpoint() : encode(m_checkpoints.front());
}

Checkpoint Feed::checkpoint() const
{
    return encode({m_last, m_lastTime, m_stand()});
}

Stretch Feed::read(std::uint64_t from, std::size_t mostBytes) const
{
    check(from >= oldest(), "an entry that is not forgotten yet");
    Stretch stretch{from, 0, {}};
    auto block = std::ranges::upper_bound(m_blocks, from, {}, &Block::first);
    if (from > m_last || block == m_blocks.begin()) {
        return stretch;
    }
    for (--block; block != m_blocks.end(); ++block) {
        const auto skip = std::max(from, block->first) - block->first;
        const auto begin = skip == 0 ? 0 : block->ends[skip - 1];
        const auto room = mostBytes - std::min(mostBytes, stretch.entries.size());
        // At least one, or nobody could ever read on past a large one.
        auto end = std::ranges::upper_bound(block->ends, begin + room) - block->ends.begin();
        if (std::cmp_less_equal(end, skip)) {
            if (stretch.count != 0) {
                break;
            }
            end = static_cast<std::ptrdiff_t>(skip) + 1;
        }
        const auto last = static_cast<std::size_t>(end);
        stretch.entries.append(block->bytes, begin, block->ends[last - 1] - begin);
        stretch.count += last - skip;
        if (last != block->ends.size()) {
            break;
        }
    }
    return stretch;
}

} // namespace lightcone::live
