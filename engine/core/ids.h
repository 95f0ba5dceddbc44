#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace lightcone {

/// A number that names one kind of thing. Ids of different kinds never convert into each other.
/// Zero names nothing.
template <class Tag, class Rep>
struct Id
{
    using Number = Rep;

    Rep value{};

    constexpr Id() = default;
    constexpr explicit Id(Rep number)
        : value(number)
    {
    }

    constexpr explicit operator bool() const { return value != 0; }
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

/// A member of a cluster (1, 2, …) or a client of it (from firstClient on).
using NodeId = Id<struct NodeTag, std::uint32_t>;

/// An event's place in its trace, from 1. Events are numbered in the order in which they were
/// recorded.
using EventId = Id<struct EventTag, std::uint64_t>;

constexpr std::uint32_t firstClient = 0x10000;

constexpr NodeId clientId(std::uint32_t number)
{
    return NodeId(firstClient + number);
}

constexpr bool isClient(NodeId node)
{
    return node.value >= firstClient;
}

/// One operation of one client: retries of it carry the same id, so that a protocol can answer
/// twice and execute once (Raft dissertation §6.3).
struct RequestId
{
    NodeId client{};
    std::uint32_t sequence = 0;

    constexpr explicit operator bool() const { return static_cast<bool>(client); }
    friend constexpr auto operator<=>(const RequestId&, const RequestId&) = default;
};

} // namespace lightcone

template <class Tag, class Rep>
struct std::hash<lightcone::Id<Tag, Rep>>
{
    std::size_t operator()(lightcone::Id<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep>{}(id.value);
    }
};
