#pragma once

#include "engine/protocols/load_balancer/messages.h"

#include <boost/describe/class.hpp>

namespace lightcone::protocols::load_balancer {

/// What survives a crash: how often a balancer or a backend has booted, and of a balancer what
/// operators have changed. Requests under way do not.
struct Durable
{
    std::uint64_t boot = 0;
    Configuration configuration{}; ///< version 0: as the parameters say

    void apply(const Write& write)
    {
        if (const auto* booted = std::get_if<Booted>(&write)) {
            boot = booted->boot;
        } else {
            configuration = std::get<Configuration>(write);
        }
    }
};
BOOST_DESCRIBE_STRUCT(Durable, (), (boot, configuration))
constexpr auto facets(Tag<Durable>)
{
    return std::array{FieldFacet{"boot", Facet::Detail}};
}

} // namespace lightcone::protocols::load_balancer
