#pragma once

#include "engine/core/ids.h"
#include "engine/kv/log.h"
#include "engine/kv/operation.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <variant>

namespace lightcone::protocols::paxos {

using Ballot = std::uint64_t; ///< a proposal's number, from 1; 0 is before the first
using Slot = std::uint64_t; ///< an instance of the consensus algorithm, from 1
using NodeSet = boost::container::flat_set<NodeId>;
template <class T>
using PerNode = boost::container::flat_map<NodeId, T>;

/// Nothing was accepted in this slot, although something was in a later one.
struct Gap
{
    friend bool operator==(const Gap&, const Gap&) = default;
};
BOOST_DESCRIBE_STRUCT(Gap, (), ())

/// "a special 'no-op' command that leaves the state unchanged" (Paxos Made Simple §3).
struct NoOp
{
    friend bool operator==(const NoOp&, const NoOp&) = default;
};
BOOST_DESCRIBE_STRUCT(NoOp, (), ())

/// What a client wants to be chosen where only one value is (Paxos Made Simple §2).
struct Decree
{
    std::string value;
    friend bool operator==(const Decree&, const Decree&) = default;
};
BOOST_DESCRIBE_STRUCT(Decree, (), (value))

using Command = std::variant<Gap, NoOp, Decree, kv::Put, kv::Get, kv::Delete, kv::Cas>;

/// A proposal as it stands in one slot: its number and its value. The request is the client's
/// operation that it carries out, none for no-ops.
struct Entry
{
    Ballot ballot = 0;
    RequestId request{};
    Command command{};

    [[nodiscard]] bool isGap() const { return std::holds_alternative<Gap>(command); }
    friend bool operator==(const Entry&, const Entry&) = default;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (ballot, request, command))

using Slots = kv::Log<Entry>; ///< proposals in the order of their slots

/// Whether two proposals have the same value.
inline bool sameValue(const Entry& a, const Entry& b)
{
    return a.request == b.request && a.command == b.command;
}

constexpr auto facets(describe::Tag<Decree>)
{
    return std::array{describe::FieldFacet{"value", describe::Facet::Content}};
}

constexpr auto facets(describe::Tag<Entry>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"ballot", Facet::Epoch}, FieldFacet{"request", Facet::Detail}};
}

} // namespace lightcone::protocols::paxos
