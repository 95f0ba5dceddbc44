#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/tape.h"
#include "engine/session/live_clock.h"
#include "engine/session/live_input.h"
#include "engine/session/live_world.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::session {

struct MergeSettings
{
    /// So long a node that says nothing, not even that nothing happens, is waited for.
    Duration silence = std::chrono::milliseconds(1500);

    /// So long what a node told waits for others, whatever their clocks say.
    Duration hold = std::chrono::milliseconds(500);
};

/// Makes one order of what many nodes tell: by hybrid time, a message's arrival never before its
/// leaving, and a silent node holds up the others only so long. It has no clock: times of the
/// explorer are told, never going down.
class LiveMerge
{
public:
    LiveMerge(const std::vector<NodeId>& members, Duration now, MergeSettings settings = {});

    // What a node said.
    void joined(NodeId, live::Checkpoint, Duration now);
    void told(NodeId, std::vector<live::Entry>, Duration now);
    void missed(NodeId, std::string why, Duration now);

    /// offset: how far the machine's clock is ahead of the explorer's, where that changed.
    void beat(NodeId, const live::HybridTime&, std::uint64_t last, Duration now,
              std::optional<Duration> offset);

    /// Something came of it that is not whole yet.
    void touch(NodeId, Duration now);

    // What became of the conversation with it.
    void opened(NodeId, Duration now);
    void closed(NodeId, std::string why, Duration now);

    /// Its process ended, or must have.
    void gone(NodeId, std::string why, Duration now);

    /// The explorer's own doing comes before all that waits.
    void add(Acted);
    void add(GaveUp);

    /// What comes next; nothing when that cannot be known yet.
    [[nodiscard]] std::optional<LiveInput> next(const LiveWorld&, Duration now);

    [[nodiscard]] std::size_t waiting() const { return m_waiting; }

private:
    struct Item
    {
        live::HybridTime time{};
        Duration came{};
        bool past = false;
        decltype(LiveInput::what) what{};
    };

    struct Tape
    {
        NodeId node{};
        bool expected = true; ///< it was not heard yet, and is waited for a little
        bool open = false;
        bool lost = false; ///< the trace was told that it is not heard
        bool live = false; ///< all that happened before the explorer listened has come
        live::HybridTime known{}; ///< everything up to here has come
        Duration lastWord{};
        std::deque<Item> items{};
        std::optional<Duration> offset{};
    };

    Tape* find(NodeId);
    void push(Tape&, const live::HybridTime&, Duration now, decltype(LiveInput::what));
    [[nodiscard]] live::HybridTime horizon(Duration now) const;
    [[nodiscard]] static bool isArrival(const Item&);
    [[nodiscard]] std::vector<NodeId> untoldAt(const live::HybridTime&) const;
    [[nodiscard]] bool waits(const Item&, const LiveWorld&, Duration now) const;

    MergeSettings m_settings;
    std::vector<Tape> m_tapes;
    std::deque<decltype(LiveInput::what)> m_own;
    std::size_t m_waiting = 0;
    LiveClock m_clock;
};

} // namespace lightcone::session
