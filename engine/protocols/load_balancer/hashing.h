#pragma once

#include "engine/core/ids.h"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

/// Choosing by key, so that the same key goes to the same backend as long as it can.
namespace lightcone::protocols::load_balancer {

std::uint64_t hashOfKey(std::string_view key);

/// A circle of hashes on which each backend stands many times (Karger et al. 1997).
class Ring
{
public:
    Ring() = default;
    Ring(const std::vector<NodeId>& backends, std::uint32_t virtualNodes);

    /// The first backend clockwise from the hash that accepts; none when no one does.
    template <class Accepts>
    [[nodiscard]] NodeId find(std::uint64_t hash, Accepts accepts) const
    {
        const auto first = firstAt(hash);
        for (std::size_t i = 0; i < m_points.size(); ++i) {
            const auto backend = m_points[(first + i) % m_points.size()].second;
            if (accepts(backend)) {
                return backend;
            }
        }
        return {};
    }

private:
    [[nodiscard]] std::size_t firstAt(std::uint64_t hash) const;

    std::vector<std::pair<std::uint64_t, NodeId>> m_points; ///< sorted
};

/// The lookup table of Maglev (Eisenbud et al., NSDI 2016, §3.4): each backend has a permutation of
/// the table's places of its own and they take turns at filling it, so that their shares differ by
/// one place at most and few places change when a backend comes or goes.
class MaglevTable
{
public:
    MaglevTable() = default;

    /// The size is a prime number not below the number of backends.
    MaglevTable(const std::vector<NodeId>& backends, std::uint32_t size);

    [[nodiscard]] const std::vector<NodeId>& places() const { return m_places; }

    /// The backend at the hash's place, or the first that accepts at the places after it; none when
    /// no one does.
    template <class Accepts>
    [[nodiscard]] NodeId find(std::uint64_t hash, Accepts accepts) const
    {
        for (std::size_t i = 0; i < m_places.size(); ++i) {
            const auto backend = m_places[(hash % m_places.size() + i) % m_places.size()];
            if (accepts(backend)) {
                return backend;
            }
        }
        return {};
    }

private:
    std::vector<NodeId> m_places;
};

} // namespace lightcone::protocols::load_balancer
