#include "engine/protocols/load_balancer/service.h"

#include <algorithm>

namespace lightcone::protocols::load_balancer {
namespace {

Duration times(Duration duration, double factor)
{
    return Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor));
}

} // namespace

Duration drawService(const Parameters& parameters, Dice& dice)
{
    constexpr Duration longest = std::chrono::hours(24);
    const auto mean = parameters.serviceTime;
    switch (parameters.service) {
    case Service::Constant:
        return mean;
    case Service::Exponential:
        return std::min(dice.exponential(mean), longest);
    case Service::LogNormal: {
        // A log-normal variable's mean is its median times e to sigma²/2.
        const auto sigma = parameters.spread;
        const auto median = times(mean, portableExp(-sigma * sigma / 2));
        return std::min(dice.logNormal(median, sigma), longest);
    }
    case Service::Bimodal: {
        const auto share = parameters.slowShare;
        const auto quick = times(mean, 1 / (1 + share * (parameters.slowTimes - 1)));
        return dice.chance(share) ? times(quick, parameters.slowTimes) : quick;
    }
    }
    return mean;
}

} // namespace lightcone::protocols::load_balancer
