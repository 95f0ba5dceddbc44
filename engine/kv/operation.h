#pragma once

#include "engine/describe/facet.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// The key-value state machine that the protocols replicate: what clients ask of it and what it
/// answers.
namespace lightcone::kv {

struct Put
{
    std::string key;
    std::string value;
    friend bool operator==(const Put&, const Put&) = default;
};
BOOST_DESCRIBE_STRUCT(Put, (), (key, value))

struct Get
{
    std::string key;
    friend bool operator==(const Get&, const Get&) = default;
};
BOOST_DESCRIBE_STRUCT(Get, (), (key))

struct Delete
{
    std::string key;
    friend bool operator==(const Delete&, const Delete&) = default;
};
BOOST_DESCRIBE_STRUCT(Delete, (), (key))

/// Compare and swap: writes `desired` only where the key holds `expected`; expecting none means
/// that the key is absent.
struct Cas
{
    std::string key;
    std::optional<std::string> expected;
    std::string desired;
    friend bool operator==(const Cas&, const Cas&) = default;
};
BOOST_DESCRIBE_STRUCT(Cas, (), (key, expected, desired))

using Operation = std::variant<Put, Get, Delete, Cas>;

enum class Outcome : std::uint8_t {
    Done,
    Found,
    NotFound,
    Mismatch, ///< a Cas found another value, which the result carries
    Stale, ///< the client has already been answered a newer operation; nothing was executed
    Expired, ///< the client's session was dropped, so that a repeat cannot be told; nothing was
             ///< executed
};
BOOST_DESCRIBE_ENUM(Outcome, Done, Found, NotFound, Mismatch, Stale, Expired)

struct Result
{
    Outcome outcome = Outcome::Done;
    std::optional<std::string> value{};
    friend bool operator==(const Result&, const Result&) = default;
};
BOOST_DESCRIBE_STRUCT(Result, (), (outcome, value))

constexpr bool isRead(const Operation& operation)
{
    return std::holds_alternative<Get>(operation);
}

const std::string& keyOf(const Operation&);

constexpr auto facets(describe::Tag<Put>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"value", Facet::Content}};
}

constexpr auto facets(describe::Tag<Get>)
{
    return std::array{describe::FieldFacet{"key", describe::Facet::Key}};
}

constexpr auto facets(describe::Tag<Delete>)
{
    return std::array{describe::FieldFacet{"key", describe::Facet::Key}};
}

constexpr auto facets(describe::Tag<Cas>)
{
    using describe::Facet;
    return std::array{describe::FieldFacet{"key", Facet::Key},
                      describe::FieldFacet{"expected", Facet::Content},
                      describe::FieldFacet{"desired", Facet::Content}};
}

constexpr auto tones(describe::Tag<Outcome>)
{
    using describe::EnumeratorTone;
    using describe::Tone;
    return std::array{EnumeratorTone{"Done", Tone::Good}, EnumeratorTone{"Found", Tone::Good},
                      EnumeratorTone{"Mismatch", Tone::Bad}, EnumeratorTone{"Expired", Tone::Bad}};
}

} // namespace lightcone::kv
