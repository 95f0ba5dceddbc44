#pragma once

#include "engine/core/dice.h"
#include "engine/protocols/load_balancer/hashing.h"
#include "engine/protocols/load_balancer/state.h"

#include <span>
#include <string_view>

/// The algorithms: one of several backends for one request.
namespace lightcone::protocols::load_balancer {

/// A backend that may be asked.
struct Candidate
{
    NodeId backend{};
    std::uint32_t weight = 1; ///< above 0
    std::uint32_t load = 0; ///< open requests of this balancer
    double cost = 1; ///< of one more request; what the strategy makes of load and latency
};

/// What hashing algorithms look keys up in.
struct Tables
{
    const Ring* ring = nullptr; ///< of all backends
    const MaglevTable* maglev = nullptr; ///< of those that are up
};

/// One of the candidates, of which there is at least one.
NodeId choose(Algorithm, std::span<const Candidate>, std::string_view key, Turn&, const Tables&,
              double boundFactor, Dice&);

/// nginx's smooth weighted round robin: weights 5, 1, 1 give a a b a c a a.
NodeId chooseSmoothly(std::span<const Candidate>, Turn&);

/// How many open requests a backend of these may have with one more under way, at most: its
/// weight's share of all times the factor, rounded up (Mirrokni, Thorup, Zadimoghaddam 2018).
std::uint64_t boundOf(const Candidate&, std::span<const Candidate>, double boundFactor);

/// Whether the algorithm goes by cost, so that a strategy need not narrow its candidates.
constexpr bool goesByCost(Algorithm algorithm)
{
    return algorithm == Algorithm::LeastConnections || algorithm == Algorithm::TwoChoices;
}

} // namespace lightcone::protocols::load_balancer
