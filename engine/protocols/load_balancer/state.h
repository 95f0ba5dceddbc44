#pragma once

#include "engine/protocols/load_balancer/messages.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

/// The parts that a node's state is made of.
namespace lightcone::protocols::load_balancer {

/// Which part a node plays; of a backend also how it is.
enum class Role : std::uint8_t {
    Agent, ///< the client's library: timeouts, retries, hedging
    Balancer,
    Backend, ///< warm and well
    Warming, ///< a backend that has just started and is slower
    Degraded, ///< a backend that is slow, or fails requests
    Full, ///< a backend whose queue takes no more
};
BOOST_DESCRIBE_ENUM(Role, Agent, Balancer, Backend, Warming, Degraded, Full)

constexpr auto tones(Tag<Role>)
{
    return std::array{
        EnumeratorTone{"Agent", Tone::Neutral}, EnumeratorTone{"Balancer", Tone::Strong},
        EnumeratorTone{"Backend", Tone::Calm},  EnumeratorTone{"Warming", Tone::Busy},
        EnumeratorTone{"Degraded", Tone::Bad},  EnumeratorTone{"Full", Tone::Bad}};
}

// --- of an agent

/// An attempt that was sent and not answered yet.
struct Attempt
{
    std::uint32_t number = 0;
    NodeId balancer{};
};
BOOST_DESCRIBE_STRUCT(Attempt, (), (number, balancer))

/// A request that was not answered yet.
struct Open
{
    RequestId request{};
    std::string key{};
    Instant since{};
    std::uint32_t attempts = 0; ///< so far, hedges included
    std::uint32_t failures = 0; ///< of them
    std::vector<Attempt> underWay{};
    NodeSet avoid{}; ///< backends that have failed it
};
BOOST_DESCRIBE_STRUCT(Open, (), (request, key, since, attempts, failures, underWay, avoid))

/// How a request ended, kept for a client that did not hear it. No backend: it failed.
struct Ended
{
    RequestId request{};
    NodeId backend{};
    std::uint32_t attempts = 0;
};
BOOST_DESCRIBE_STRUCT(Ended, (), (request, backend, attempts))

// --- of a balancer

/// How a balancer thinks of a backend.
enum class Standing : std::uint8_t {
    Up,
    SlowStart, ///< is back, and gets its share little by little
    Ejected, ///< has failed too many requests
    Down, ///< does not pass its health checks
    Drained, ///< operators want it to get no new requests
};
BOOST_DESCRIBE_ENUM(Standing, Up, SlowStart, Ejected, Down, Drained)

constexpr auto tones(Tag<Standing>)
{
    return std::array{EnumeratorTone{"Up", Tone::Calm}, EnumeratorTone{"SlowStart", Tone::Busy},
                      EnumeratorTone{"Ejected", Tone::Bad}, EnumeratorTone{"Down", Tone::Bad},
                      EnumeratorTone{"Drained", Tone::Neutral}};
}

/// What a balancer knows of a backend.
struct Upstream
{
    Standing standing = Standing::Up;
    std::uint32_t inFlight = 0;
    std::uint32_t penalties = 0; ///< failures that count as open requests for a while
    std::uint64_t chosen = 0;
    double share = 0; ///< of the newest picks, from 0 to 1
    Duration latency{}; ///< peak-EWMA; 0: not known yet
    Instant latencyAt{};
    Report report{}; ///< the newest
    std::uint32_t sinceReport = 0; ///< requests that were sent there since
    std::uint32_t failuresInRow = 0;
    std::uint32_t ejections = 0;
    bool ejected = false;
    bool down = false;
    std::uint32_t probesFailed = 0; ///< in a row
    std::uint32_t probesPassed = 0; ///< in a row
    std::uint64_t probe = 0; ///< the round that was answered last
    std::optional<Instant> startedSlowlyAt{}; ///< while its slow start lasts
};
BOOST_DESCRIBE_STRUCT(Upstream, (),
                      (standing, inFlight, penalties, chosen, share, latency, latencyAt, report,
                       sinceReport, failuresInRow, ejections, ejected, down, probesFailed,
                       probesPassed, probe, startedSlowlyAt))
constexpr auto facets(Tag<Upstream>)
{
    return std::array{FieldFacet{"inFlight", Facet::Level}, FieldFacet{"share", Facet::Share},
                      FieldFacet{"latencyAt", Facet::Detail}, FieldFacet{"probe", Facet::Detail}};
}

/// A request that a backend has not answered yet.
struct Errand
{
    NodeId agent{};
    RequestId request{};
    std::uint32_t attempt = 0;
    NodeId backend{};
    Instant sentAt{};
};
BOOST_DESCRIBE_STRUCT(Errand, (), (agent, request, attempt, backend, sentAt))

/// Where an algorithm that goes around is.
struct Turn
{
    NodeId last{}; ///< RoundRobin
    PerNode<std::int64_t> current{}; ///< SmoothWeighted: nginx's current weights
};
BOOST_DESCRIBE_STRUCT(Turn, (), (last, current))

// --- of a backend

/// A request at a backend.
struct Job
{
    Ticket ticket = 0;
    NodeId balancer{};
    Instant arrived{};
};
BOOST_DESCRIBE_STRUCT(Job, (), (ticket, balancer, arrived))

} // namespace lightcone::protocols::load_balancer
