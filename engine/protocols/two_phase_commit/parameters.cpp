#include "engine/protocols/two_phase_commit/parameters.h"

#include "engine/protocols/two_phase_commit/placement.h"

#include <fmt/format.h>
#include <string_view>

namespace lightcone::protocols::two_phase_commit {
namespace {

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
         {Time{"lockTimeout", parameters.lockTimeout, 1us},
          Time{"restartAfter", parameters.restartAfter, 0us},
          Time{"workTimeout", parameters.workTimeout, 1us},
          Time{"voteTimeout", parameters.voteTimeout, 1us}, Time{"retry", parameters.retry, 1us},
          Time{"inquiry", parameters.inquiry, 1us}}) {
        if (time.value < time.low || time.value > 24h) {
            return fail(fmt::format("{}: expected a duration from {} to a day, found {}", time.name,
                                    toText(time.low), toText(time.value)));
        }
    }
    if (parameters.variant == Variant::ThreePhase && parameters.inquiry <= parameters.voteTimeout) {
        return fail(fmt::format("inquiry: expected more than voteTimeout ({}) with "
                                "variant=threePhase, or participants give up a coordinator that is "
                                "there; found {}",
                                toText(parameters.voteTimeout), toText(parameters.inquiry)));
    }
    return {};
}

} // namespace

Result<void> validate(const Parameters& parameters)
{
    struct Range
    {
        std::string_view name;
        std::uint32_t value;
        std::uint32_t low;
        std::uint32_t high;
    };
    for (const auto& range : {Range{"coordinators", parameters.coordinators, 1, 20},
                              Range{"participants", parameters.participants, 1, 50},
                              Range{"restarts", parameters.restarts, 0, 1000}}) {
        if (range.value < range.low || range.value > range.high) {
            return fail(fmt::format("{}: expected a number from {} to {}, found {}", range.name,
                                    range.low, range.high, range.value));
        }
    }
    if (auto times = validateTimes(parameters); !times) {
        return times;
    }
    const auto placement = Placement::of(parameters);
    return placement ? Result<void>() : placement.error();
}

} // namespace lightcone::protocols::two_phase_commit
