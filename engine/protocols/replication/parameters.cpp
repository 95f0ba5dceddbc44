#include "engine/protocols/replication/parameters.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <string_view>

namespace lightcone::protocols::replication {
namespace {

struct Range
{
    std::string_view name;
    std::uint32_t value;
    std::uint32_t low;
    std::uint32_t high;
};

Result<void> within(const Range& range)
{
    if (range.value < range.low || range.value > range.high) {
        return fail(fmt::format("{}: expected a number from {} to {}, found {}", range.name,
                                range.low, range.high, range.value));
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
    for (const auto& time : std::array{Time{"heartbeat", parameters.heartbeat, 1us},
                                       Time{"maxStaleness", parameters.maxStaleness, 0us},
                                       Time{"suspectAfter", parameters.suspectAfter, 1us},
                                       Time{"lease", parameters.lease, 1us},
                                       Time{"hintAfter", parameters.hintAfter, 1us},
                                       Time{"handoff", parameters.handoff, 1us},
                                       Time{"antiEntropy", parameters.antiEntropy, 1us},
                                       Time{"giveUpAfter", parameters.giveUpAfter, 1us}}) {
        if (time.value < time.low || time.value > 24h) {
            return fail(fmt::format("{}: expected a duration from {} to a day, found {}", time.name,
                                    toText(time.low), toText(time.value)));
        }
    }
    if (parameters.suspectAfter <= parameters.heartbeat) {
        return fail(fmt::format("suspectAfter: expected more than the heartbeat ({}), or nodes "
                                "are given up that are there",
                                toText(parameters.heartbeat)));
    }
    if (parameters.lease <= parameters.heartbeat) {
        return fail(fmt::format("lease: expected more than the heartbeat ({}), or it runs out "
                                "before it is renewed",
                                toText(parameters.heartbeat)));
    }
    const double bound = parameters.leaseDriftBound;
    if (!(bound >= 1.0 && bound <= 10.0)) {
        return fail("leaseDriftBound: expected a factor from 1 to 10");
    }
    return {};
}

} // namespace

Result<void> validate(const Parameters& parameters)
{
    const auto most = std::numeric_limits<std::uint32_t>::max();
    const auto nodes = parameters.nodes;
    if (auto result = within({"nodes", nodes, 1, 99}); !result) {
        return result;
    }
    const bool quorum = parameters.strategy == Strategy::Quorum;
    const auto n = quorum ? nodes : most;
    for (const auto& range :
         std::array{Range{"k", parameters.k, 1, 98}, Range{"window", parameters.window, 1, 100'000},
                    Range{"maxBatch", parameters.maxBatch, 1, 100'000},
                    Range{"snapshotThreshold", parameters.snapshotThreshold, 0, most},
                    Range{"snapshotChunk", parameters.snapshotChunk, 1, 1U << 24U},
                    Range{"n", parameters.n, 1, n}, Range{"r", parameters.r, 1, parameters.n},
                    Range{"w", parameters.w, 1, parameters.n},
                    Range{"merkleDepth", parameters.merkleDepth, 0, 16}}) {
        if (auto result = within(range); !result) {
            return result;
        }
    }
    return validateTimes(parameters);
}

std::uint32_t readQuorum(const Parameters& parameters)
{
    return parameters.mistake == Mistake::WeakQuorums
        ? std::max(1U, std::min(parameters.r, parameters.n - parameters.w))
        : parameters.r;
}

bool promisesLatest(const Parameters& parameters)
{
    return parameters.strategy == Strategy::Quorum && !parameters.sloppy
        && parameters.r + parameters.w > parameters.n;
}

} // namespace lightcone::protocols::replication
