#include "engine/protocols/load_balancer/hashing.h"

#include "engine/core/check.h"
#include "engine/core/hash.h"

#include <algorithm>

namespace lightcone::protocols::load_balancer {
namespace {

std::uint64_t hashOfNumbers(std::uint64_t purpose, std::uint64_t a, std::uint64_t b = 0)
{
    Hasher hasher;
    hasher.add(purpose);
    hasher.add(a);
    hasher.add(b);
    return hasher.value();
}

} // namespace

std::uint64_t hashOfKey(std::string_view key)
{
    Hasher hasher;
    hasher.add(key);
    return hasher.value();
}

Ring::Ring(const std::vector<NodeId>& backends, std::uint32_t virtualNodes)
{
    for (const auto backend : backends) {
        for (std::uint32_t i = 0; i < virtualNodes; ++i) {
            m_points.emplace_back(hashOfNumbers(1, backend.value, i), backend);
        }
    }
    std::sort(m_points.begin(), m_points.end());
}

std::size_t Ring::firstAt(std::uint64_t hash) const
{
    const auto found = std::lower_bound(m_points.begin(), m_points.end(),
                                        std::pair<std::uint64_t, NodeId>(hash, NodeId{}));
    return found == m_points.end() ? 0 : static_cast<std::size_t>(found - m_points.begin());
}

MaglevTable::MaglevTable(const std::vector<NodeId>& backends, std::uint32_t size)
{
    check(backends.size() <= size, "a Maglev table with a place for each backend");
    if (backends.empty()) {
        return;
    }
    struct Permutation
    {
        std::uint64_t at;
        std::uint64_t skip;
    };
    std::vector<Permutation> permutations;
    for (const auto backend : backends) {
        permutations.push_back({hashOfNumbers(2, backend.value) % size,
                                hashOfNumbers(3, backend.value) % (size - 1) + 1});
    }
    m_places.assign(size, NodeId{});
    std::uint32_t filled = 0;
    while (true) {
        for (std::size_t i = 0; i < backends.size(); ++i) {
            auto& [at, skip] = permutations[i];
            while (m_places[at]) {
                at = (at + skip) % size;
            }
            m_places[at] = backends[i];
            if (++filled == size) {
                return;
            }
        }
    }
}

} // namespace lightcone::protocols::load_balancer
