#include "engine/protocols/raft/parameters.h"

#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace lightcone::protocols::raft {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        auto part = text.substr(0, end);
        while (part.starts_with(' ')) {
            part.remove_prefix(1);
        }
        while (part.ends_with(' ')) {
            part.remove_suffix(1);
        }
        if (!part.empty()) {
            parts.push_back(part);
        }
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

template <class T>
std::optional<T> number(std::string_view text)
{
    T value{};
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && rest == end ? std::optional(value) : std::nullopt;
}

/// "4" or "4:x=1".
Result<Entry> parseEntry(std::string_view word)
{
    const auto colon = word.find(':');
    const auto term = number<Term>(word.substr(0, colon));
    if (!term || *term == 0) {
        return fail(fmt::format("logs: expected an entry's term from 1, found '{}'", word));
    }
    Entry entry{*term, {}, NoOp{}};
    if (colon != std::string_view::npos) {
        const auto put = word.substr(colon + 1);
        const auto equals = put.find('=');
        if (equals == 0 || equals == std::string_view::npos) {
            return fail(fmt::format("logs: expected key=value after the term, found '{}'", word));
        }
        entry.command =
            kv::Put{std::string(put.substr(0, equals)), std::string(put.substr(equals + 1))};
    }
    return entry;
}

Result<Entries> parseLog(std::string_view text)
{
    Entries log;
    for (const auto word : split(text, ' ')) {
        auto entry = parseEntry(word);
        if (!entry) {
            return entry.error();
        }
        if (!log.empty() && log.back().term > entry->term) {
            return fail(fmt::format("logs: terms never decrease along a log, found {} after {}",
                                    entry->term, log.back().term));
        }
        log.push_back(std::move(*entry));
    }
    return log;
}

/// The Log Matching Property (§3.5) of two logs; the first index at which they break it.
std::optional<Index> mismatch(const Entries& a, const Entries& b)
{
    bool same = true;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
        const bool equal = a[i] == b[i];
        if (a[i].term == b[i].term && !(equal && same)) {
            return i + 1;
        }
        same = same && equal;
    }
    return std::nullopt;
}

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
    if (parameters.heartbeat < 1us) {
        return fail("heartbeat: expected a duration from 1 us on");
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
    if (parameters.readMode == ReadMode::Lease && !parameters.checkQuorum) {
        return fail("readMode: a lease needs checkQuorum, which keeps others from being elected "
                    "while it lasts");
    }
    return {};
}

} // namespace

Result<std::map<NodeId, Entries>> parseLogs(std::string_view text, std::uint32_t nodes)
{
    std::map<NodeId, Entries> logs;
    for (const auto part : split(text, ';')) {
        const auto colon = part.find(':');
        const auto name = part.substr(0, colon);
        const auto id =
            name.starts_with('n') ? number<std::uint32_t>(name.substr(1)).value_or(0) : 0;
        if (colon == std::string_view::npos || id == 0 || id > nodes) {
            return fail(fmt::format("logs: expected a node from n1 to n{} and a colon, found '{}'",
                                    nodes, part));
        }
        auto log = parseLog(part.substr(colon + 1));
        if (!log) {
            return log.error();
        }
        if (!logs.emplace(NodeId(id), std::move(*log)).second) {
            return fail(fmt::format("logs: {} is there twice", name));
        }
    }
    for (auto a = logs.begin(); a != logs.end(); ++a) {
        for (auto b = std::next(a); b != logs.end(); ++b) {
            if (const auto index = mismatch(a->second, b->second)) {
                return fail(fmt::format(
                    "logs: n{} and n{} have the same term at index {} but are not the same up to "
                    "there, which no run of Raft brings about (log matching)",
                    a->first.value, b->first.value, *index));
            }
        }
    }
    return logs;
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
         {Range{"nodes", parameters.nodes, 1, 99}, Range{"spares", parameters.spares, 0, 99},
          Range{"maxBatch", parameters.maxBatch, 1, 100'000},
          Range{"window", parameters.window, 1, 1'000},
          Range{"snapshotThreshold", parameters.snapshotThreshold, 0, most},
          Range{"snapshotChunk", parameters.snapshotChunk, 1, 1U << 24U}}) {
        if (auto result = between(range.name, range.value, range.low, range.high); !result) {
            return result;
        }
    }
    if (auto result = validateTimes(parameters); !result) {
        return result;
    }
    const auto logs = parseLogs(parameters.logs, parameters.nodes);
    return logs ? Result<void>() : Result<void>(logs.error());
}

} // namespace lightcone::protocols::raft
