#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"

#include <boost/container/flat_map.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::partitioning {

/// Which node a key is on.
enum class Strategy : std::uint8_t {
    Range, ///< intervals of keys in their order, split and merged as they grow and shrink
    Modulo, ///< the hash modulo the number of nodes
    Consistent, ///< the next token clockwise on a circle of hashes (Karger et al. 1997)
    Rendezvous, ///< the node whose hash with the slot is the highest (Thaler, Ravishankar 1998)
    Column, ///< groups of columns on nodes of their own; a row is put together by its key
};
BOOST_DESCRIBE_ENUM(Strategy, Range, Modulo, Consistent, Rendezvous, Column)

/// Ways in which people really break partitioning.
enum class Mistake : std::uint8_t {
    None,
    NoVersionCheck,
    OldOwnerServes,
    ModuloSoldAsCheap,
};
BOOST_DESCRIBE_ENUM(Mistake, None, NoVersionCheck, OldOwnerServes, ModuloSoldAsCheap)

struct Parameters
{
    Strategy strategy = Strategy::Consistent;
    std::uint32_t nodes = 3;
    std::uint32_t spares = 1;
    std::uint32_t routers = 2;
    std::uint32_t slots = 24;
    std::uint32_t tokens = 4;
    std::string weights{};
    std::string bounds{};
    std::string groups = "name price | text | stock";
    std::uint32_t chunk = 8;
    std::uint32_t concurrentMoves = 2;
    std::uint32_t splitKeys = 0;
    std::uint32_t splitLoad = 0;
    std::uint32_t mergeKeys = 0;
    bool balance = false;
    Duration retry = std::chrono::milliseconds(60);
    Duration report = std::chrono::milliseconds(100);
    Duration retention = std::chrono::milliseconds(500);
    Duration lease = std::chrono::milliseconds(0);
    double leaseDriftBound = 1.1;
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (strategy, nodes, spares, routers, slots, tokens, weights, bounds, groups,
                       chunk, concurrentMoves, splitKeys, splitLoad, mergeKeys, balance, retry,
                       report, retention, lease, leaseDriftBound, mistake))

/// Whether keys are where their hash says, so that who owns what follows from the set of nodes.
constexpr bool isHashed(Strategy strategy)
{
    return strategy == Strategy::Modulo || strategy == Strategy::Consistent
        || strategy == Strategy::Rendezvous;
}

/// How much of the keys each storage node is to hold against the others.
using Weights = boost::container::flat_map<NodeId, std::uint32_t>;

/// "s1=2 s4=3"; nodes that are not named weigh 1. The error names the word that is wrong.
Result<Weights> parseWeights(const Parameters&);

/// The first keys of the second, third, … range: "g n t", ascending.
Result<std::vector<std::string>> parseBounds(const Parameters&);

/// Columns that belong together: "name price | text | stock". The first group also takes keys
/// without a column.
Result<std::vector<std::vector<std::string>>> parseGroups(const Parameters&);

/// One sentence about the first parameter that is out of its range.
Result<void> validate(const Parameters&);

// Who is who: routers come first, then the map service, then storage nodes and the spare ones.
[[nodiscard]] NodeId routerId(std::uint32_t number);
[[nodiscard]] NodeId mapId(const Parameters&);
[[nodiscard]] NodeId storeId(const Parameters&, std::uint32_t number);

/// All storage nodes, spare ones too.
[[nodiscard]] std::vector<NodeId> storeIds(const Parameters&);

} // namespace lightcone::protocols::partitioning
