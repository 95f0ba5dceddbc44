#pragma once

#include "engine/core/ids.h"
#include "engine/kv/log.h"
#include "engine/kv/operation.h"

#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <variant>

namespace lightcone::protocols::raft {

using Term = std::uint64_t;
using Index = std::uint64_t; ///< of a log entry, from 1; 0 is before the first
using NodeSet = boost::container::flat_set<NodeId>;

/// Who votes and who only listens. While oldVoters is not empty the cluster is in joint consensus:
/// elections and commitment take a majority of both sets (§4.3). Learners receive the log and count
/// in no majority (§4.2.1).
struct Configuration
{
    NodeSet voters;
    NodeSet oldVoters{};
    NodeSet learners{};

    [[nodiscard]] bool joint() const { return !oldVoters.empty(); }
    [[nodiscard]] bool votes(NodeId node) const
    {
        return voters.contains(node) || oldVoters.contains(node);
    }
    [[nodiscard]] bool contains(NodeId node) const
    {
        return votes(node) || learners.contains(node);
    }
    friend bool operator==(const Configuration&, const Configuration&) = default;
};
BOOST_DESCRIBE_STRUCT(Configuration, (), (voters, oldVoters, learners))

/// What a leader appends at the start of its term, so that it can commit what earlier leaders left
/// (§3.6.2, §6.4).
struct NoOp
{
    friend bool operator==(const NoOp&, const NoOp&) = default;
};
BOOST_DESCRIBE_STRUCT(NoOp, (), ())

using Command = std::variant<NoOp, kv::Put, kv::Get, kv::Delete, kv::Cas, Configuration>;

/// One entry of the replicated log. The request is the client's operation that it carries out, none
/// for entries of the cluster's own.
struct Entry
{
    Term term = 0;
    RequestId request{};
    Command command{};
    friend bool operator==(const Entry&, const Entry&) = default;
};
BOOST_DESCRIBE_STRUCT(Entry, (), (term, request, command))

using Entries = kv::Log<Entry>;

constexpr auto facets(describe::Tag<Entry>)
{
    using describe::Facet;
    using describe::FieldFacet;
    return std::array{FieldFacet{"term", Facet::Epoch}, FieldFacet{"request", Facet::Detail}};
}

} // namespace lightcone::protocols::raft
