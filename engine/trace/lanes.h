#pragma once

#include "engine/core/ids.h"
#include "engine/describe/facet.h"
#include "engine/describe/value.h"
#include "engine/trace/event.h"
#include "engine/trace/state.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::trace {

/// From this event on a node is this: what a timeline tints its lane with. Far rarer than events,
/// and not to be had from them: only who runs the node sees its state change.
struct LaneChange
{
    EventId event{};
    NodeId node{};
    Life life = Life::NotStarted;
    describe::Tone tone = describe::Tone::Neutral; ///< of the role
    std::uint16_t role = 0; ///< the enumerator's place in its shape
    std::uint64_t epoch = 0;

    [[nodiscard]] bool looksLike(const LaneChange& other) const
    {
        return life == other.life && tone == other.tone && role == other.role
            && epoch == other.epoch;
    }
};

/// An append-only list of lane changes by event. One thread appends; any thread may read what
/// size() has published, while it goes on.
class LaneTrack
{
public:
    LaneTrack();

    [[nodiscard]] std::uint64_t size() const { return m_size.load(std::memory_order_acquire); }

    /// index < size()
    [[nodiscard]] const LaneChange& operator[](std::uint64_t index) const
    {
        return m_chunks[index / chunkSize]
            .load(std::memory_order_acquire)
            ->changes[index % chunkSize];
    }

    /// The first index whose event is after `event`.
    [[nodiscard]] std::uint64_t after(EventId event) const;

    /// Events never go down. Past mostChanges further changes are not kept.
    void append(const LaneChange& change);

    /// Appends the changes of `from` up to and including `last` to this empty track.
    void copy(const LaneTrack& from, EventId last);

    static constexpr std::uint64_t chunkSize = 1024;
    static constexpr std::uint64_t mostChunks = 1 << 14;
    static constexpr std::uint64_t mostChanges = chunkSize * mostChunks;

private:
    struct Chunk
    {
        std::array<LaneChange, chunkSize> changes;
    };

    std::atomic<std::uint64_t> m_size{0};
    std::vector<std::atomic<Chunk*>> m_chunks;
    std::vector<std::unique_ptr<Chunk>> m_owners;
};

/// Fills a track from what a node's state says after each of its steps: keeps the newest of each
/// node and appends only what differs from it.
class LaneRecorder
{
public:
    /// `state` is the card's shape of a node's state; nullptr where it is not known.
    explicit LaneRecorder(LaneTrack& track, const describe::ShapePtr& state);

    /// The fields to read after a step, for node::Node::field(); empty where the protocol has none.
    [[nodiscard]] const std::string& roleField() const { return m_roleField; }
    [[nodiscard]] const std::string& epochField() const { return m_epochField; }

    /// After a step of the node. Values that do not exist leave that part as it was.
    void stepped(EventId event, NodeId node, const describe::Value& role,
                 const describe::Value& epoch);

    /// After Start, Crash, Restart, Pause, Resume; other kinds change nothing.
    void lived(EventId event, NodeId node, Kind kind);

private:
    void put(const LaneChange& change);

    LaneTrack* m_track;
    std::string m_roleField;
    std::string m_epochField;
    std::map<NodeId, LaneChange> m_newest;
};

} // namespace lightcone::trace
