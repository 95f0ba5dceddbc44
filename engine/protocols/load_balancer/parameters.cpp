#include "engine/protocols/load_balancer/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace lightcone::protocols::load_balancer {
namespace {

constexpr auto longest = std::chrono::hours(24);
constexpr std::uint32_t mostWeight = 1000;

Result<void> whole(std::string_view name, std::uint32_t value, std::uint32_t low,
                   std::uint32_t high)
{
    if (value < low || value > high) {
        return fail(
            fmt::format("{}: expected a number from {} to {}, found {}", name, low, high, value));
    }
    return {};
}

Result<void> number(std::string_view name, double value, double low, double high)
{
    if (!(value >= low && value <= high)) {
        return fail(
            fmt::format("{}: expected a number from {} to {}, found {}", name, low, high, value));
    }
    return {};
}

Result<void> time(std::string_view name, Duration value, Duration low, Duration high = longest)
{
    if (value < low || value > high) {
        return fail(fmt::format("{}: expected a duration from {} to {}, found {}", name,
                                toText(low), toText(high), toText(value)));
    }
    return {};
}

Result<void> firstOf(std::initializer_list<Result<void>> results)
{
    for (const auto& result : results) {
        if (!result) {
            return result;
        }
    }
    return {};
}

bool isPrime(std::uint32_t value)
{
    for (std::uint32_t divisor = 2; divisor * divisor <= value; ++divisor) {
        if (value % divisor == 0) {
            return false;
        }
    }
    return value > 1;
}

Result<void> validateAgents(const Parameters& p)
{
    using namespace std::chrono_literals;
    const auto ranges = firstOf({
        whole("agents", p.agents, 1, 99),
        time("timeout", p.timeout, 1us),
        time("deadline", p.deadline, p.timeout),
        whole("attempts", p.attempts, 1, 100),
        time("backOff", p.backOff, 0us),
        time("mostBackOff", p.mostBackOff, p.backOff),
        number("retryBudget", p.retryBudget, 0, 100),
        whole("retryReserve", p.retryReserve, 0, 1'000'000),
        time("hedgeAfter", p.hedgeAfter, 0us),
    });
    if (!ranges) {
        return ranges;
    }
    if (p.upstreamTimeout >= p.timeout) {
        return fail(fmt::format("upstreamTimeout: expected less than timeout ({}), or agents give "
                                "up a balancer for its backend's silence, found {}",
                                toText(p.timeout), toText(p.upstreamTimeout)));
    }
    return {};
}

Result<void> validateBalancers(const Parameters& p)
{
    using namespace std::chrono_literals;
    const auto ranges = firstOf({
        whole("balancers", p.balancers, 1, 99),
        number("tolerance", p.tolerance, 1, 1000),
        time("latencyMemory", p.latencyMemory, 1us),
        number("spillOver", p.spillOver, 0.01, 1),
        number("boundFactor", p.boundFactor, 1.01, 1000),
        whole("virtualNodes", p.virtualNodes, 1, 10'000),
        whole("tableSize", p.tableSize, 2, 100'000),
        time("upstreamTimeout", p.upstreamTimeout, 1us),
        whole("maxInFlight", p.maxInFlight, 1, 1'000'000),
        time("probeEvery", p.probeEvery, 1us),
        whole("unhealthyAfter", p.unhealthyAfter, 0, 1000),
        whole("healthyAfter", p.healthyAfter, 1, 1000),
        whole("ejectAfter", p.ejectAfter, 0, 1000),
        time("ejectFor", p.ejectFor, 1us),
        number("mostEjected", p.mostEjected, 0, 1),
        time("slowStart", p.slowStart, 0us),
    });
    if (!ranges) {
        return ranges;
    }
    if (!isPrime(p.tableSize) || p.tableSize < p.backends) {
        return fail(fmt::format("tableSize: expected a prime number not below the number of "
                                "backends, found {}",
                                p.tableSize));
    }
    return {};
}

Result<void> validateBackends(const Parameters& p)
{
    using namespace std::chrono_literals;
    return firstOf({
        whole("backends", p.backends, 1, 200),
        time("serviceTime", p.serviceTime, 1us),
        number("spread", p.spread, 0, 5),
        number("slowShare", p.slowShare, 0, 1),
        number("slowTimes", p.slowTimes, 1, 10'000),
        whole("concurrency", p.concurrency, 1, 10'000),
        whole("queueLimit", p.queueLimit, 0, 1'000'000),
        time("warmUp", p.warmUp, 0us),
        number("coldTimes", p.coldTimes, 1, 1000),
    });
}

Result<void> validateRegions(const Parameters& p)
{
    const auto regions = wordsOf(p.regions);
    if (!regions.empty() && regions.size() != p.backends) {
        return fail(fmt::format("regions: expected a region for each of the {} backends, found {}",
                                p.backends, regions.size()));
    }
    if (regions.empty() && p.strategy == Strategy::Geography) {
        return fail("regions: expected a region for each backend with strategy=geography, as in "
                    "\"eu eu us us\"");
    }
    const auto distances = parseDistances(p.distances);
    if (!distances) {
        return distances.error();
    }
    for (const auto& each : *distances) {
        for (const auto& end : {each.from, each.to}) {
            if (std::find(regions.begin(), regions.end(), end) == regions.end()) {
                return fail(fmt::format("distances: '{}' is no region of a backend", end));
            }
        }
    }
    return {};
}

} // namespace

std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto blank = std::min(text.find(' '), text.size());
        if (blank > 0) {
            words.emplace_back(text.substr(0, blank));
        }
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return words;
}

Result<void> validateWeights(const std::vector<std::uint32_t>& weights, std::size_t backends)
{
    if (weights.size() != backends) {
        return fail(fmt::format("expected a weight for each of the {} backends, found {}", backends,
                                weights.size()));
    }
    const auto most = *std::max_element(weights.begin(), weights.end());
    if (most == 0 || most > mostWeight) {
        return fail(fmt::format("expected weights from 0 to {}, one of them above 0, found {} as "
                                "the highest",
                                mostWeight, most));
    }
    return {};
}

Result<std::vector<std::uint32_t>> parseWeights(std::string_view text, std::uint32_t backends)
{
    std::vector<std::uint32_t> weights;
    for (const auto& word : wordsOf(text)) {
        std::uint32_t weight = 0;
        const auto* end = word.data() + word.size();
        const auto read = std::from_chars(word.data(), end, weight);
        if (read.ec != std::errc{} || read.ptr != end) {
            return fail(
                fmt::format("weights: expected whole numbers such as \"5 1 1\", found '{}'", word));
        }
        weights.push_back(weight);
    }
    if (weights.empty()) {
        weights.assign(backends, 1);
    }
    if (const auto valid = validateWeights(weights, backends); !valid) {
        return fail("weights: " + valid.error().message);
    }
    return weights;
}

Result<std::vector<Distance>> parseDistances(std::string_view text)
{
    std::vector<Distance> distances;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto words = wordsOf(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
        const auto far = words.size() == 3 ? parseDuration(words[2]) : Result<Duration>(fail(""));
        if (!far || *far < Duration::zero()) {
            return fail("distances: expected two regions and how far they are from each other, as "
                        "in \"eu us 40ms, us ap 60ms\"");
        }
        distances.push_back({words[0], words[1], *far});
    }
    return distances;
}

Result<void> validate(const Parameters& parameters)
{
    for (const auto& result : {validateBackends(parameters), validateAgents(parameters),
                               validateBalancers(parameters), validateRegions(parameters)}) {
        if (!result) {
            return result;
        }
    }
    const auto weights = parseWeights(parameters.weights, parameters.backends);
    return weights ? Result<void>() : weights.error();
}

} // namespace lightcone::protocols::load_balancer
