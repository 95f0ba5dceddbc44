#include "engine/protocols/partitioning/parameters.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <set>

namespace lightcone::protocols::partitioning {
namespace {

/// The text's parts between blanks and commas.
std::vector<std::string> wordsOf(std::string_view text)
{
    std::vector<std::string> words;
    while (true) {
        const auto begin = text.find_first_not_of(", ");
        if (begin == std::string_view::npos) {
            return words;
        }
        text.remove_prefix(begin);
        words.emplace_back(text.substr(0, text.find_first_of(", ")));
        text.remove_prefix(words.back().size());
    }
}

std::optional<std::uint32_t> numberOf(std::string_view text)
{
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return !text.empty() && error == std::errc{} && rest == end ? std::optional(number)
                                                                : std::nullopt;
}

Result<void> validateCounts(const Parameters& parameters)
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
         {Range{"nodes", parameters.nodes, 1, 40}, Range{"spares", parameters.spares, 0, 40},
          Range{"routers", parameters.routers, 1, 9}, Range{"slots", parameters.slots, 1, 4096},
          Range{"tokens", parameters.tokens, 1, 256}, Range{"chunk", parameters.chunk, 1, 100'000},
          Range{"concurrentMoves", parameters.concurrentMoves, 1, 1000},
          Range{"splitKeys", parameters.splitKeys, 0, most},
          Range{"splitLoad", parameters.splitLoad, 0, most},
          Range{"mergeKeys", parameters.mergeKeys, 0, most}}) {
        if (range.value < range.low || range.value > range.high) {
            return fail(fmt::format("{}: expected a number from {} to {}, found {}", range.name,
                                    range.low, range.high, range.value));
        }
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
         {Time{"retry", parameters.retry, 1us}, Time{"report", parameters.report, 1us},
          Time{"retention", parameters.retention, 0us}, Time{"lease", parameters.lease, 0us}}) {
        if (time.value < time.low || time.value > 24h) {
            return fail(fmt::format("{}: expected a duration from {} to a day, found {}", time.name,
                                    toText(time.low), toText(time.value)));
        }
    }
    if (parameters.lease != Duration(0) && parameters.lease < 2 * parameters.report) {
        return fail(fmt::format("lease: expected 0 or at least two reports ({}), or nodes stop "
                                "serving between them",
                                toText(2 * parameters.report)));
    }
    if (!(parameters.leaseDriftBound >= 1.0 && parameters.leaseDriftBound <= 10.0)) {
        return fail("leaseDriftBound: expected a factor from 1 to 10");
    }
    return {};
}

Result<void> validateThresholds(const Parameters& parameters)
{
    const bool reshapes =
        parameters.splitKeys != 0 || parameters.splitLoad != 0 || parameters.mergeKeys != 0;
    if (reshapes && parameters.strategy != Strategy::Range) {
        return fail("splitKeys, splitLoad, mergeKeys: expected 0 unless strategy=range, whose "
                    "shards alone are split and merged by themselves");
    }
    if (parameters.splitKeys != 0 && 2 * parameters.mergeKeys > parameters.splitKeys) {
        return fail(fmt::format("mergeKeys: expected at most half of splitKeys ({}), or what was "
                                "merged is split again",
                                parameters.splitKeys));
    }
    if (parameters.balance && isHashed(parameters.strategy)) {
        return fail("balance: expected strategy=range or column, a hash says where its keys are");
    }
    if (parameters.mistake == Mistake::ModuloSoldAsCheap
        && parameters.strategy != Strategy::Modulo) {
        return fail("mistake: moduloSoldAsCheap needs strategy=modulo");
    }
    return {};
}

} // namespace

Result<Weights> parseWeights(const Parameters& parameters)
{
    Weights weights;
    const auto stores = parameters.nodes + parameters.spares;
    for (std::uint32_t number = 1; number <= stores; ++number) {
        weights[storeId(parameters, number)] = 1;
    }
    for (const auto& word : wordsOf(parameters.weights)) {
        const auto equals = word.find('=');
        const auto number = word.starts_with('s') && equals != std::string::npos
            ? numberOf(std::string_view(word).substr(1, equals - 1))
            : std::nullopt;
        const auto weight =
            number ? numberOf(std::string_view(word).substr(equals + 1)) : std::nullopt;
        if (!weight || *number == 0 || *number > stores || *weight == 0 || *weight > 16) {
            return fail(fmt::format("weights: expected words such as s1=2, of s1 to s{} and from 1 "
                                    "to 16, found '{}'",
                                    stores, word));
        }
        weights[storeId(parameters, *number)] = *weight;
    }
    return weights;
}

Result<std::vector<std::string>> parseBounds(const Parameters& parameters)
{
    auto bounds = wordsOf(parameters.bounds);
    for (std::size_t i = 1; i < bounds.size(); ++i) {
        if (bounds[i] <= bounds[i - 1]) {
            return fail(fmt::format("bounds: expected keys in ascending order, found '{}' after "
                                    "'{}'",
                                    bounds[i], bounds[i - 1]));
        }
    }
    return bounds;
}

Result<std::vector<std::vector<std::string>>> parseGroups(const Parameters& parameters)
{
    std::vector<std::vector<std::string>> groups;
    std::set<std::string> known;
    std::string_view rest = parameters.groups;
    while (true) {
        const auto bar = rest.find('|');
        groups.push_back(wordsOf(rest.substr(0, bar)));
        if (groups.back().empty()) {
            return fail("groups: expected columns such as \"name price | text | stock\", found a "
                        "group without any");
        }
        for (const auto& column : groups.back()) {
            if (!known.insert(column).second) {
                return fail(
                    fmt::format("groups: expected each column once, found '{}' twice", column));
            }
        }
        if (bar == std::string_view::npos) {
            return groups;
        }
        rest.remove_prefix(bar + 1);
    }
}

Result<void> validate(const Parameters& parameters)
{
    for (const auto& result :
         {validateCounts(parameters), validateTimes(parameters), validateThresholds(parameters)}) {
        if (!result) {
            return result;
        }
    }
    if (const auto weights = parseWeights(parameters); !weights) {
        return weights.error();
    }
    if (const auto bounds = parseBounds(parameters); !bounds) {
        return bounds.error();
    }
    if (const auto groups = parseGroups(parameters); !groups) {
        return groups.error();
    }
    return {};
}

NodeId routerId(std::uint32_t number)
{
    return NodeId(number);
}

NodeId mapId(const Parameters& parameters)
{
    return NodeId(parameters.routers + 1);
}

NodeId storeId(const Parameters& parameters, std::uint32_t number)
{
    return NodeId(parameters.routers + 1 + number);
}

std::vector<NodeId> storeIds(const Parameters& parameters)
{
    std::vector<NodeId> ids;
    for (std::uint32_t number = 1; number <= parameters.nodes + parameters.spares; ++number) {
        ids.push_back(storeId(parameters, number));
    }
    return ids;
}

} // namespace lightcone::protocols::partitioning
