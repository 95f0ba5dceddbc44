#pragma once

#include "engine/protocols/replication/versions.h"

#include <string_view>
#include <vector>

namespace lightcone::protocols::replication {

/// Which nodes a key belongs to: a circle of as many equal ranges as there are nodes, each kept by
/// the N nodes that follow (Dynamo §4.2 and §6.2, strategy 3).
class HashRing
{
public:
    HashRing() = default;
    HashRing(std::uint32_t nodes, std::uint32_t replicas)
        : m_nodes(nodes)
        , m_replicas(replicas)
    {
    }

    [[nodiscard]] std::uint32_t ranges() const { return m_nodes; }
    [[nodiscard]] std::uint32_t rangeOf(std::string_view key) const;

    /// All nodes in the order in which they are asked: the key's N first, then those that stand in
    /// for them.
    [[nodiscard]] std::vector<NodeId> walk(std::uint32_t range) const;

    /// The N nodes that keep the range.
    [[nodiscard]] std::vector<NodeId> keepers(std::uint32_t range) const;
    [[nodiscard]] bool keeps(NodeId node, std::uint32_t range) const;

private:
    std::uint32_t m_nodes = 1;
    std::uint32_t m_replicas = 1;
};

/// The hash that places a key, the same everywhere.
std::uint64_t placeOf(std::string_view key);

/// A tree of hashes over the keys of one range: two replicas find what differs by comparing the
/// roots, then only the children that differ (Merkle 1987; Dynamo §4.7). Nodes are numbered as in
/// a heap, the root is 1.
class MerkleTree
{
public:
    MerkleTree(const Versions& versions, const HashRing& ring, std::uint32_t range,
               std::uint32_t depth);

    [[nodiscard]] std::uint64_t hashAt(std::uint64_t place) const;
    [[nodiscard]] bool isLeaf(std::uint64_t place) const { return place >> m_depth != 0; }
    [[nodiscard]] bool has(std::uint64_t place) const
    {
        return place > 0 && place < m_hashes.size();
    }

    /// The leaf that a key belongs to.
    static std::uint64_t leafOf(std::string_view key, std::uint32_t depth);

private:
    std::uint32_t m_depth;
    std::vector<std::uint64_t> m_hashes; ///< by place; 0 of what is empty
};

} // namespace lightcone::protocols::replication
