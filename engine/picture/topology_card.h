#pragma once

#include "engine/describe/value.h"
#include "engine/picture/topology.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::picture {

/// Width and height of a member's card, and of a client's.
struct Extent
{
    double width = 0;
    double height = 0;
};
Extent extentOf(CardSize);
constexpr Extent clientExtent{84, 26};

/// What a card is drawn with.
struct CardContext
{
    const trace::About& about;
    const trace::ClusterState& state;
    const TopologyOptions& options;
    const TextMeasure& measure;
    std::map<NodeId, double> shares{}; ///< see trace::sharesOf
};

/// The card's layout, or columns where the plan gives its members tiers: how a protocol is best
/// laid out may depend on its parameters.
node::Layout layoutOf(const trace::About&);

/// A number of the state that has this facet, if it has one.
std::optional<std::uint64_t> numberOf(const describe::Value& state, describe::Facet);

/// The members with the tiers that they have now: where the state says in which order nodes stand
/// (describe::Facet::Order) these, and after them the others of their kind, take the row's columns.
std::vector<node::Member> membersAsTheyStand(const trace::About&, const trace::ClusterState&);

void drawCard(Drawing&, const CardContext&, const trace::NodeState&, const Rect&, CardSize);
/// What is below the title, as far to the right as `right`.
void drawCardBody(Drawing&, const CardContext&, const trace::NodeState&, const Rect&, CardSize,
                  double right);
void drawClient(Drawing&, const CardContext&, NodeId, const Rect&);

/// The text with … at its end where it is wider than the room; empty when nothing fits.
std::string fitted(const TextMeasure&, const std::string& text, Typeface, double size, double room);

} // namespace lightcone::picture
