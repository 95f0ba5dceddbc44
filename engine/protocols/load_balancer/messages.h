#pragma once

#include "engine/describe/facet.h"
#include "engine/protocols/load_balancer/parameters.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// What agents, balancers and backends say to each other and to clients, and what they write.
namespace lightcone::protocols::load_balancer {

/// A request that a balancer has passed on to a backend: a number that it never uses twice.
using Ticket = std::uint64_t;

/// What became of one attempt.
enum class Outcome : std::uint8_t {
    Served,
    Failed, ///< the backend could not do it
    Overloaded, ///< the backend's queue is full
    TimedOut, ///< the backend did not answer in time
    Unavailable, ///< the balancer has no backend that it may ask
};
BOOST_DESCRIBE_ENUM(Outcome, Served, Failed, Overloaded, TimedOut, Unavailable)

/// What operators change while it runs, on all balancers. A version is one set of weights and one
/// set of drained backends; the higher version counts.
struct Configuration
{
    std::uint64_t version = 0;
    std::vector<std::uint32_t> weights{}; ///< of the backends, in order
    NodeSet drained{}; ///< get no new requests
};
BOOST_DESCRIBE_STRUCT(Configuration, (), (version, weights, drained))

/// A backend's load, as it sees it.
struct Report
{
    std::uint32_t waiting = 0;
    std::uint32_t running = 0;
    double utilisation = 0; ///< from 0 to 1, of the last second or so
    std::uint64_t boot = 0; ///< how often it has booted
};
BOOST_DESCRIBE_STRUCT(Report, (), (waiting, running, utilisation, boot))

/// An agent asks a balancer: one attempt at a request.
struct Ask
{
    RequestId request{};
    std::uint32_t attempt = 1;
    std::string key{};
    NodeSet avoid{}; ///< backends that have failed this request
};
BOOST_DESCRIBE_STRUCT(Ask, (), (request, attempt, key, avoid))

/// A balancer passes an attempt on to a backend.
struct Forward
{
    Ticket ticket = 0;
    std::string key{};
    std::uint32_t attempt = 1;
};
BOOST_DESCRIBE_STRUCT(Forward, (), (ticket, key, attempt))

/// A backend answers.
struct Response
{
    Ticket ticket = 0;
    Outcome outcome = Outcome::Served;
    Report report{};
};
BOOST_DESCRIBE_STRUCT(Response, (), (ticket, outcome, report))

/// A balancer tells the agent what became of its attempt.
struct Relay
{
    RequestId request{};
    std::uint32_t attempt = 1;
    Outcome outcome = Outcome::Served;
    NodeId backend{}; ///< none: no backend was asked
};
BOOST_DESCRIBE_STRUCT(Relay, (), (request, attempt, outcome, backend))

/// An agent no longer wants this attempt.
struct Cancel
{
    RequestId request{};
    std::uint32_t attempt = 1;
};
BOOST_DESCRIBE_STRUCT(Cancel, (), (request, attempt))

/// A balancer no longer wants it: it leaves the queue if it still waits there.
struct Withdraw
{
    Ticket ticket = 0;
};
BOOST_DESCRIBE_STRUCT(Withdraw, (), (ticket))

/// An active health check.
struct Probe
{
    std::uint64_t round = 0;
};
BOOST_DESCRIBE_STRUCT(Probe, (), (round))

struct ProbeAnswer
{
    std::uint64_t round = 0;
    bool passed = false;
    Report report{};
};
BOOST_DESCRIBE_STRUCT(ProbeAnswer, (), (round, passed, report))

/// A balancer tells another one what operators have changed.
struct Configure
{
    Configuration configuration{};
};
BOOST_DESCRIBE_STRUCT(Configure, (), (configuration))

/// It is on the sender's disk.
struct Configured
{
    std::uint64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(Configured, (), (version))

using Message = std::variant<Ask, Forward, Response, Relay, Cancel, Withdraw, Probe, ProbeAnswer,
                             Configure, Configured>;

/// What clients want of the service. Doing it twice does no harm.
struct Fetch
{
    std::string key{};
};
BOOST_DESCRIBE_STRUCT(Fetch, (), (key))

/// Gives the backends other weights, all at once. Asked of a balancer.
struct Weigh
{
    std::vector<std::uint32_t> weights{};
};
BOOST_DESCRIBE_STRUCT(Weigh, (), (weights))

/// The backend gets no new requests. Asked of a balancer.
struct Drain
{
    NodeId backend{};
};
BOOST_DESCRIBE_STRUCT(Drain, (), (backend))

/// The backend gets requests again. Asked of a balancer.
struct Undrain
{
    NodeId backend{};
};
BOOST_DESCRIBE_STRUCT(Undrain, (), (backend))

/// The backend that is asked takes so many times as long for a request from now on.
struct Slow
{
    double times = 1;
};
BOOST_DESCRIBE_STRUCT(Slow, (), (times))

/// The backend that is asked fails this share of its requests, at once.
struct Fail
{
    double share = 0;
};
BOOST_DESCRIBE_STRUCT(Fail, (), (share))

using Request = std::variant<Fetch, Weigh, Drain, Undrain, Slow, Fail>;

struct Fetched
{
    NodeId backend{};
    std::uint32_t attempts = 1;
};
BOOST_DESCRIBE_STRUCT(Fetched, (), (backend, attempts))

/// How well the backend is from now on.
struct Condition
{
    double times = 1;
    double failing = 0;
};
BOOST_DESCRIBE_STRUCT(Condition, (), (times, failing))

using Reply = std::variant<Fetched, Configured, Condition>;

/// A node begins another life. Tickets and reports carry its number.
struct Booted
{
    std::uint64_t boot = 0;
};
BOOST_DESCRIBE_STRUCT(Booted, (), (boot))

using Write = std::variant<Booted, Configuration>;

using describe::EnumeratorTone;
using describe::Facet;
using describe::FieldFacet;
using describe::Tag;
using describe::Tone;

constexpr auto tones(Tag<Outcome>)
{
    return std::array{EnumeratorTone{"Served", Tone::Good}, EnumeratorTone{"Failed", Tone::Bad},
                      EnumeratorTone{"Overloaded", Tone::Bad},
                      EnumeratorTone{"TimedOut", Tone::Bad},
                      EnumeratorTone{"Unavailable", Tone::Bad}};
}

constexpr Tone tone(Tag<Ask>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Forward>)
{
    return Tone::Busy;
}
constexpr Tone tone(Tag<Response>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Relay>)
{
    return Tone::Good;
}
constexpr Tone tone(Tag<Cancel>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Withdraw>)
{
    return Tone::Bad;
}
constexpr Tone tone(Tag<Probe>)
{
    return Tone::Neutral;
}
constexpr Tone tone(Tag<ProbeAnswer>)
{
    return Tone::Calm;
}
constexpr Tone tone(Tag<Configure>)
{
    return Tone::Strong;
}
constexpr Tone tone(Tag<Configured>)
{
    return Tone::Calm;
}

constexpr auto facets(Tag<Configuration>)
{
    return std::array{FieldFacet{"version", Facet::Epoch}};
}
constexpr auto facets(Tag<Report>)
{
    return std::array{FieldFacet{"boot", Facet::Detail}};
}
constexpr auto facets(Tag<Ask>)
{
    return std::array{FieldFacet{"request", Facet::Detail}, FieldFacet{"avoid", Facet::Detail}};
}
constexpr auto facets(Tag<Forward>)
{
    return std::array{FieldFacet{"ticket", Facet::Detail}};
}
constexpr auto facets(Tag<Response>)
{
    return std::array{FieldFacet{"ticket", Facet::Detail}, FieldFacet{"report", Facet::Detail}};
}
constexpr auto facets(Tag<Relay>)
{
    return std::array{FieldFacet{"request", Facet::Detail}, FieldFacet{"attempt", Facet::Detail}};
}
constexpr auto facets(Tag<Cancel>)
{
    return std::array{FieldFacet{"request", Facet::Detail}};
}
constexpr auto facets(Tag<Probe>)
{
    return std::array{FieldFacet{"round", Facet::Detail}};
}
constexpr auto facets(Tag<ProbeAnswer>)
{
    return std::array{FieldFacet{"round", Facet::Detail}, FieldFacet{"report", Facet::Detail}};
}
constexpr auto facets(Tag<Configured>)
{
    return std::array{FieldFacet{"version", Facet::Epoch}};
}
constexpr auto facets(Tag<Fetch>)
{
    return std::array{FieldFacet{"key", Facet::Key}};
}
constexpr auto facets(Tag<Booted>)
{
    return std::array{FieldFacet{"boot", Facet::Detail}};
}

} // namespace lightcone::protocols::load_balancer
