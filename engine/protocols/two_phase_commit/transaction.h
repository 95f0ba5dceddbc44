#pragma once

#include "engine/core/ids.h"
#include "engine/describe/facet.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a transaction is made of, and how it may end.
namespace lightcone::protocols::two_phase_commit {

using TransactionId = std::uint64_t; ///< from 1; says which coordinator's it is
using NodeSet = boost::container::flat_set<NodeId>;
template <class T>
using PerNode = boost::container::flat_map<NodeId, T>;
template <class T>
using PerTransaction = std::map<TransactionId, T>;
using Values = std::map<std::string, std::string>;

struct Read
{
    std::string key{};
    friend bool operator==(const Read&, const Read&) = default;
};
BOOST_DESCRIBE_STRUCT(Read, (), (key))

struct Write
{
    std::string key{};
    std::string value{};
    friend bool operator==(const Write&, const Write&) = default;
};
BOOST_DESCRIBE_STRUCT(Write, (), (key, value))

/// Adds to a number; an absent one counts as 0.
struct Add
{
    std::string key{};
    std::int64_t amount = 0;
    friend bool operator==(const Add&, const Add&) = default;
};
BOOST_DESCRIBE_STRUCT(Add, (), (key, amount))

/// Takes from a number, which must not fall below 0: its participant looks at that when it is asked
/// to prepare, and votes no.
struct Take
{
    std::string key{};
    std::uint64_t amount = 0;
    friend bool operator==(const Take&, const Take&) = default;
};
BOOST_DESCRIBE_STRUCT(Take, (), (key, amount))

using Operation = std::variant<Read, Write, Add, Take>;
using Operations = std::vector<Operation>;

inline const std::string& keyOf(const Operation& operation)
{
    return std::visit([](const auto& any) -> const std::string& { return any.key; }, operation);
}

inline bool changes(const Operation& operation)
{
    return !std::holds_alternative<Read>(operation);
}

/// The two ends that a transaction has.
enum class Outcome : std::uint8_t { Committed, Aborted };
BOOST_DESCRIBE_ENUM(Outcome, Committed, Aborted)

/// Why a transaction was aborted.
enum class Reason : std::uint8_t {
    None,
    VotedNo, ///< a participant could not keep what the transaction needs
    Died, ///< wait-die: it would have had to wait for an older one
    LockTimeout, ///< it waited too long for a lock
    Silence, ///< somebody did not answer in time
    Restarted, ///< a participant has lost its part of it in a crash
    Recovered, ///< the coordinator has crashed before it decided
};
BOOST_DESCRIBE_ENUM(Reason, None, VotedNo, Died, LockTimeout, Silence, Restarted, Recovered)

enum class Ballot : std::uint8_t {
    None,
    Yes,
    No,
    ReadOnly, ///< yes, and it does not want to hear the decision
};
BOOST_DESCRIBE_ENUM(Ballot, None, Yes, No, ReadOnly)

constexpr auto facets(describe::Tag<Read>)
{
    return std::array{describe::FieldFacet{"key", describe::Facet::Key}};
}
constexpr auto facets(describe::Tag<Write>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"value", Facet::Content}};
}
constexpr auto facets(describe::Tag<Add>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"amount", Facet::Content}};
}
constexpr auto facets(describe::Tag<Take>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"amount", Facet::Content}};
}
constexpr auto tones(describe::Tag<Outcome>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{EnumeratorTone{"Committed", Tone::Good},
                      EnumeratorTone{"Aborted", Tone::Bad}};
}
constexpr auto tones(describe::Tag<Ballot>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{EnumeratorTone{"Yes", Tone::Good}, EnumeratorTone{"No", Tone::Bad},
                      EnumeratorTone{"ReadOnly", Tone::Calm}};
}

} // namespace lightcone::protocols::two_phase_commit
