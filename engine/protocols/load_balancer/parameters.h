#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::load_balancer {

using NodeSet = boost::container::flat_set<NodeId>;
template <class T>
using PerNode = boost::container::flat_map<NodeId, T>;

/// How a balancer picks one of the backends that it may ask.
enum class Algorithm : std::uint8_t {
    Random, ///< each as likely
    RoundRobin, ///< one after the other
    WeightedRandom, ///< as likely as its weight says
    SmoothWeighted, ///< by weight, spread evenly (nginx, 2012)
    LeastConnections, ///< the least loaded of all
    TwoChoices, ///< the less loaded of two at random (Mitzenmacher 2001)
    BoundedHash, ///< by key on a ring, past those that are full (Mirrokni et al. 2018)
    Maglev, ///< by key in a lookup table (Eisenbud et al. 2016)
};
BOOST_DESCRIBE_ENUM(Algorithm, Random, RoundRobin, WeightedRandom, SmoothWeighted, LeastConnections,
                    TwoChoices, BoundedHash, Maglev)

/// What a balancer knows of backends beyond its own open requests.
enum class Strategy : std::uint8_t {
    None,
    Performance, ///< how long they take: peak-EWMA latency
    Load, ///< what they report: queue and utilisation
    Geography, ///< how far away they are
};
BOOST_DESCRIBE_ENUM(Strategy, None, Performance, Load, Geography)

/// When backends report their load.
enum class Reports : std::uint8_t {
    Responses, ///< with each response, and when probed; what was sent since counts, too
    Probes, ///< only when probed, and nothing else counts (Mitzenmacher 2000)
};
BOOST_DESCRIBE_ENUM(Reports, Responses, Probes)

/// How long backends take for a request.
enum class Service : std::uint8_t { Constant, Exponential, LogNormal, Bimodal };
BOOST_DESCRIBE_ENUM(Service, Constant, Exponential, LogNormal, Bimodal)

/// Ways in which people really break load balancers.
enum class Mistake : std::uint8_t {
    None,
    UnlimitedRetries,
    FailuresLookIdle,
    NoSlowStart,
    WeightsOneByOne,
    ShallowHealthChecks,
    ForgetsDraining,
};
BOOST_DESCRIBE_ENUM(Mistake, None, UnlimitedRetries, FailuresLookIdle, NoSlowStart, WeightsOneByOne,
                    ShallowHealthChecks, ForgetsDraining)

/// In the order of their sizes; the card has the order in which they are told.
struct Parameters
{
    std::string weights{};
    std::string regions{};
    std::string distances{};
    Duration latencyMemory = std::chrono::seconds(1);
    Duration timeout = std::chrono::milliseconds(300);
    Duration deadline = std::chrono::seconds(1);
    Duration backOff = std::chrono::milliseconds(10);
    Duration mostBackOff = std::chrono::milliseconds(160);
    Duration hedgeAfter{};
    Duration upstreamTimeout = std::chrono::milliseconds(200);
    Duration probeEvery = std::chrono::milliseconds(100);
    Duration ejectFor = std::chrono::seconds(1);
    Duration slowStart = std::chrono::seconds(1);
    Duration serviceTime = std::chrono::milliseconds(10);
    Duration warmUp{};
    double tolerance = 2;
    double spillOver = 0.8;
    double boundFactor = 1.25;
    double retryBudget = 0.2;
    double mostEjected = 0.5;
    double spread = 1;
    double slowShare = 0.1;
    double slowTimes = 10;
    double coldTimes = 4;
    std::uint32_t agents = 1;
    std::uint32_t balancers = 1;
    std::uint32_t backends = 4;
    std::uint32_t virtualNodes = 100;
    std::uint32_t tableSize = 2039;
    std::uint32_t attempts = 3;
    std::uint32_t retryReserve = 10;
    std::uint32_t maxInFlight = 64;
    std::uint32_t unhealthyAfter = 3;
    std::uint32_t healthyAfter = 2;
    std::uint32_t ejectAfter = 5;
    std::uint32_t concurrency = 1;
    std::uint32_t queueLimit = 32;
    Algorithm algorithm = Algorithm::RoundRobin;
    Strategy strategy = Strategy::None;
    Reports reports = Reports::Responses;
    bool cancels = true;
    Service service = Service::Exponential;
    Mistake mistake = Mistake::None;
};
BOOST_DESCRIBE_STRUCT(Parameters, (),
                      (agents, balancers, backends, algorithm, strategy, weights, tolerance,
                       reports, latencyMemory, regions, distances, spillOver, boundFactor,
                       virtualNodes, tableSize, timeout, deadline, attempts, backOff, mostBackOff,
                       retryBudget, retryReserve, hedgeAfter, cancels, upstreamTimeout, maxInFlight,
                       probeEvery, unhealthyAfter, healthyAfter, ejectAfter, ejectFor, mostEjected,
                       slowStart, service, serviceTime, spread, slowShare, slowTimes, concurrency,
                       queueLimit, warmUp, coldTimes, mistake))

/// The weights of so many backends from "5 1 1"; all 1 where the text is empty. An error says what
/// was expected.
Result<std::vector<std::uint32_t>> parseWeights(std::string_view text, std::uint32_t backends);

/// One sentence about weights that no balancer can use; nothing is wrong with others.
Result<void> validateWeights(const std::vector<std::uint32_t>& weights, std::size_t backends);

/// How far two regions are from each other.
struct Distance
{
    std::string from{};
    std::string to{};
    Duration far{};
};

/// Reads "eu us 40ms, us ap 60ms".
Result<std::vector<Distance>> parseDistances(std::string_view text);

/// The words of a text, between blanks.
std::vector<std::string> wordsOf(std::string_view text);

/// One sentence about the first parameter that is out of its range.
Result<void> validate(const Parameters&);

} // namespace lightcone::protocols::load_balancer
