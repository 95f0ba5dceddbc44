#pragma once

#include "engine/core/ids.h"
#include "engine/describe/described.h"
#include "engine/describe/facet.h"

#include <array>
#include <map>

/// A state that says what part of the whole falls on each node.
namespace lightcone::test {

struct Portion
{
    double part = 0;
};
BOOST_DESCRIBE_STRUCT(Portion, (), (part))

constexpr auto facets(describe::Tag<Portion>)
{
    return std::array{describe::FieldFacet{"part", describe::Facet::Share}};
}

struct Spreader
{
    std::map<NodeId, Portion> parts{};
};
BOOST_DESCRIBE_STRUCT(Spreader, (), (parts))

} // namespace lightcone::test
