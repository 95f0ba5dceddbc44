#include "engine/protocols/paxos/parameters.h"

#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace lightcone::protocols::paxos {
namespace {

Result<void> between(std::string_view name, std::uint32_t value, std::uint32_t low,
                     std::uint32_t high)
{
    if (value < low || value > high) {
        return fail(
            fmt::format("{}: expected a number from {} to {}, found {}", name, low, high, value));
    }
    return {};
}

Result<void> validateTimes(const Parameters& parameters)
{
    using namespace std::chrono_literals;
    struct Time
    {
        std::string_view name;
        Duration value;
        Duration low;
    };
    for (const auto& time :
         {Time{"heartbeat", parameters.heartbeat, 1us}, Time{"retry", parameters.retry, 1us},
          Time{"backOff", parameters.backOff, 0us},
          Time{"mostBackOff", parameters.mostBackOff, parameters.backOff},
          Time{"catchUp", parameters.catchUp, 1us}}) {
        if (time.value < time.low || time.value > 24h) {
            return fail(fmt::format("{}: expected a duration from {} to a day, found {}", time.name,
                                    toText(time.low), toText(time.value)));
        }
    }
    if (parameters.electionTimeoutLow <= parameters.heartbeat) {
        return fail(fmt::format("electionTimeoutLow: expected more than the heartbeat ({}), or "
                                "followers give up a leader that is there",
                                toText(parameters.heartbeat)));
    }
    if (parameters.electionTimeoutHigh < parameters.electionTimeoutLow
        || parameters.electionTimeoutHigh > 24h) {
        return fail(fmt::format("electionTimeoutHigh: expected a duration from electionTimeoutLow "
                                "({}) to a day",
                                toText(parameters.electionTimeoutLow)));
    }
    const double bound = parameters.leaseDriftBound;
    if (!(bound >= 1.0 && bound <= 10.0)) {
        return fail("leaseDriftBound: expected a factor from 1 to 10");
    }
    return {};
}

Result<void> validateQuorums(const Parameters& parameters, std::uint32_t acceptors)
{
    if (parameters.quorums == QuorumKind::Grid) {
        if (parameters.q1 != 0 || parameters.q2 != 0) {
            return fail("q1, q2: a grid's rows and columns are its quorums; expected 0 for both");
        }
        if (parameters.columns == 0 || acceptors % parameters.columns != 0) {
            return fail(fmt::format("columns: expected a number that divides the {} acceptors into "
                                    "whole rows, found {}",
                                    acceptors, parameters.columns));
        }
        return {};
    }
    if (auto result = between("q1", parameters.q1, 0, acceptors); !result) {
        return result;
    }
    if (auto result = between("q2", parameters.q2, 0, acceptors); !result) {
        return result;
    }
    const bool both = parameters.q1 != 0 && parameters.q2 != 0;
    const bool meet = parameters.q1 + parameters.q2 > acceptors;
    if (both && !meet && parameters.mistake != Mistake::DisjointQuorums) {
        return fail(fmt::format("q1, q2: expected more than {} together, or a quorum of phase 1 "
                                "and one of phase 2 need not meet; found {} and {}",
                                acceptors, parameters.q1, parameters.q2));
    }
    return {};
}

} // namespace

Result<NodeSet> parseNodes(std::string_view parameter, std::string_view text, std::uint32_t nodes)
{
    NodeSet found;
    while (!text.empty()) {
        const auto begin = text.find_first_not_of(", ");
        if (begin == std::string_view::npos) {
            break;
        }
        text.remove_prefix(begin);
        const auto word = text.substr(0, text.find_first_of(", "));
        text.remove_prefix(word.size());
        std::uint32_t number = 0;
        const auto* end = word.data() + word.size();
        const auto [rest, error] = std::from_chars(word.data() + 1, end, number);
        const bool isNode =
            word.starts_with('n') && word.size() > 1 && error == std::errc{} && rest == end;
        if (!isNode || number == 0 || number > nodes) {
            return fail(fmt::format("{}: expected nodes from n1 to n{}, found '{}'", parameter,
                                    nodes, word));
        }
        found.insert(NodeId(number));
    }
    if (found.empty()) {
        for (std::uint32_t number = 1; number <= nodes; ++number) {
            found.insert(NodeId(number));
        }
    }
    return found;
}

Result<void> validate(const Parameters& parameters)
{
    struct Range
    {
        std::string_view name;
        std::uint32_t value;
        std::uint32_t low;
        std::uint32_t high;
    };
    const auto most = std::numeric_limits<std::uint32_t>::max();
    for (const auto& range :
         {Range{"nodes", parameters.nodes, 1, 99}, Range{"window", parameters.window, 1, 10'000},
          Range{"maxBatch", parameters.maxBatch, 1, 100'000},
          Range{"snapshotThreshold", parameters.snapshotThreshold, 0, most},
          Range{"snapshotChunk", parameters.snapshotChunk, 1, 1U << 24U}}) {
        if (auto result = between(range.name, range.value, range.low, range.high); !result) {
            return result;
        }
    }
    if (auto result = validateTimes(parameters); !result) {
        return result;
    }
    NodeSet named;
    for (const auto& [name, text] : {std::pair("proposers", &parameters.proposers),
                                     std::pair("acceptors", &parameters.acceptors),
                                     std::pair("learners", &parameters.learners)}) {
        const auto parsed = parseNodes(name, *text, parameters.nodes);
        if (!parsed) {
            return parsed.error();
        }
        named.insert(parsed->begin(), parsed->end());
    }
    for (std::uint32_t number = 1; number <= parameters.nodes; ++number) {
        if (!named.contains(NodeId(number))) {
            return fail(fmt::format("proposers, acceptors, learners: expected each node in one of "
                                    "them, n{} is in none",
                                    number));
        }
    }
    const auto acceptors = parseNodes("acceptors", parameters.acceptors, parameters.nodes);
    return validateQuorums(parameters, static_cast<std::uint32_t>(acceptors->size()));
}

} // namespace lightcone::protocols::paxos
