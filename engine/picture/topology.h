#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/picture/drawing.h"
#include "engine/picture/words.h"
#include "engine/trace/state.h"
#include "engine/trace/trace.h"

#include <map>
#include <string>
#include <vector>

namespace lightcone::picture {

/// How much a node's card says; small clusters get large cards.
enum class CardSize : std::uint8_t {
    Large, ///< name, role, epoch, log strip, commit line, timer, badges
    Medium, ///< name, role, epoch, a bar for the log
    Small, ///< name and epoch; the role by the border
};

struct TopologyOptions
{
    double width = 800;
    double height = 400;
    std::string title{}; ///< "Raft · 5 nodes · seed 42"
    std::string subtitle{};
    Instant now{}; ///< at or after the state's event; messages are drawn where they are then
    Duration falling{}; ///< for how long a message that died is seen to fall; none: not at all
    NodeId selected{};
    Subject hovered{};
    /// Where the person dragged cards to: shares of the picture's width and height.
    std::map<NodeId, Point> positions{};
    Words words{};
};

/// Where everything stands, before it is drawn: for dragging, and for what must not overlap.
struct TopologyLayout
{
    CardSize size = CardSize::Large;
    std::map<NodeId, Rect> nodes; ///< members
    std::map<NodeId, Rect> clients;
    Rect crowd{}; ///< one card for all clients, when they are too many for one each
    std::uint64_t crowdCount = 0;
    Rect keySpace{}; ///< the ring or bar of keys; square where it is a ring, empty where none is

    [[nodiscard]] const Rect* find(NodeId) const;
};

TopologyLayout placeNodes(const trace::About&, const trace::ClusterState&, const TopologyOptions&);

/// The cluster at one instant: cards, links, messages on their way. The trace says which messages
/// died a moment ago; it may be nullptr.
Drawing topology(const trace::About&, const trace::ClusterState&, const trace::Trace*,
                 const TopologyOptions&, const TextMeasure&);

} // namespace lightcone::picture
