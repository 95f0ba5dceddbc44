#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/live/control.h"
#include "engine/session/live_clock.h"
#include "engine/session/live_merge.h"

#include <cstdint>
#include <optional>

namespace lightcone::session {

/// Listens to what one node tells of itself, through any number of conversations with it, and
/// passes it on to the merge. Knows how far it has come.
class LiveEar
{
public:
    LiveEar(NodeId node, LiveMerge& merge, live::From first)
        : m_node(node)
        , m_merge(&merge)
        , m_first(first)
    {
    }

    [[nodiscard]] NodeId node() const { return m_node; }

    /// A conversation begins: where it shall go on.
    [[nodiscard]] live::Watch begin(Duration now);

    /// It ended.
    void end(const std::string& why, Duration now);

    /// The process is known to have ended.
    void gone(const std::string& why, Duration now) { m_merge->gone(m_node, why, now); }

    /// ours: the explorer's clock, nanoseconds since the Unix epoch. True when the word was about
    /// the node's tape, false when it answers something else. After an error the conversation must
    /// end.
    Result<bool> hear(live::Word&, Duration now, std::int64_t ours);

    /// What was told does not fit together: the next conversation begins with the node as it
    /// stands.
    void startOver() { m_position.reset(); }

    [[nodiscard]] Duration clockOffset() const { return m_offset.offset(); }

private:
    struct Position
    {
        std::uint64_t incarnation = 0;
        std::uint64_t entry = 0;
    };

    Result<bool> hear(const live::Piece&, Duration now);
    Result<bool> hear(const live::Told&, Duration now);
    Result<bool> hear(const live::Missing&, Duration now);

    NodeId m_node;
    LiveMerge* m_merge;
    live::From m_first;
    std::optional<Position> m_position;
    Bytes m_pieces;
    ClockOffset m_offset;
};

} // namespace lightcone::session
