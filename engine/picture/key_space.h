#pragma once

#include "engine/picture/topology_card.h"

#include <optional>
#include <string>
#include <vector>

namespace lightcone::picture {

/// A part of a key space: it lies between two shares of the whole, from 0 to 1.
struct KeyPart
{
    double from = 0;
    double to = 0;
    std::string label{}; ///< where it begins, as the protocol says it
    NodeId owner{};
    NodeId movesTo{}; ///< none: it stays
};

/// All keys and who owns them, of whatever protocol has a field with Facet::KeySpace.
struct KeySpace
{
    std::vector<KeyPart> parts{};
    /// Parts that say how much of the whole they are lie on a circle; others are alike, in a row.
    bool ring = false;

    /// The share of the whole that a node owns.
    [[nodiscard]] double shareOf(NodeId owner) const;
    [[nodiscard]] std::vector<NodeId> owners() const; ///< by id, where parts go included
};

/// What the node with the highest epoch knows of it; nothing where no node knows anything.
std::optional<KeySpace> keySpaceOf(const trace::ClusterState&);

/// The owner's colour: its place among the members of its kind. It is the same in every picture.
Ink ownerInk(const trace::About&, NodeId owner);

/// Takes the room that the ring or the bar needs from the area; empty where there is not enough.
Rect takeKeySpace(Rect& area, const KeySpace&);

void drawKeySpace(Drawing&, const CardContext&, const KeySpace&, const Rect&);

/// A stripe on each owner's card in its colour.
void markOwners(Drawing&, const CardContext&, const KeySpace&, const TopologyLayout&);

} // namespace lightcone::picture
