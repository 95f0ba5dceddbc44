#include "engine/protocols/replication/hash_ring.h"

#include "engine/core/hash.h"
#include "engine/describe/described.h"

namespace lightcone::protocols::replication {

std::uint64_t placeOf(std::string_view key)
{
    Hasher hasher;
    hasher.add(key);
    return hasher.value();
}

std::uint32_t HashRing::rangeOf(std::string_view key) const
{
    return static_cast<std::uint32_t>(placeOf(key) % m_nodes);
}

std::vector<NodeId> HashRing::walk(std::uint32_t range) const
{
    std::vector<NodeId> nodes;
    for (std::uint32_t i = 0; i < m_nodes; ++i) {
        nodes.emplace_back((range + i) % m_nodes + 1);
    }
    return nodes;
}

std::vector<NodeId> HashRing::keepers(std::uint32_t range) const
{
    auto nodes = walk(range);
    nodes.resize(m_replicas);
    return nodes;
}

bool HashRing::keeps(NodeId node, std::uint32_t range) const
{
    return (node.value - 1 + m_nodes - range) % m_nodes < m_replicas;
}

MerkleTree::MerkleTree(const Versions& versions, const HashRing& ring, std::uint32_t range,
                       std::uint32_t depth)
    : m_depth(depth)
    , m_hashes(std::size_t{2} << depth, 0)
{
    std::vector<Hasher> leaves(std::size_t{1} << depth);
    std::vector<bool> used(leaves.size());
    for (const auto& [key, siblings] : versions) {
        if (ring.rangeOf(key) != range) {
            continue;
        }
        const auto leaf = leafOf(key, depth) - leaves.size();
        used[leaf] = true;
        leaves[leaf].add(describe::toBytes(std::pair(key, siblings)));
    }
    for (std::size_t leaf = 0; leaf < leaves.size(); ++leaf) {
        m_hashes[leaves.size() + leaf] = used[leaf] ? leaves[leaf].value() : 0;
    }
    for (auto place = leaves.size() - 1; place > 0; --place) {
        const auto left = m_hashes[2 * place];
        const auto right = m_hashes[2 * place + 1];
        if (left == 0 && right == 0) {
            continue;
        }
        m_hashes[place] = describe::hashOf(std::pair(left, right));
    }
}

std::uint64_t MerkleTree::hashAt(std::uint64_t place) const
{
    return has(place) ? m_hashes[place] : 0;
}

std::uint64_t MerkleTree::leafOf(std::string_view key, std::uint32_t depth)
{
    // Other bits of the hash than those that chose the range.
    const auto bits = placeOf(key) >> 32U;
    return (std::uint64_t{1} << depth) + (bits & ((std::uint64_t{1} << depth) - 1));
}

} // namespace lightcone::protocols::replication
