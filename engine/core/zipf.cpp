#include "engine/core/zipf.h"

#include "engine/core/check.h"

#include <algorithm>
#include <cmath>

namespace lightcone {

namespace {

/// Below this, 1 - skew times a logarithm is taken for zero, where two terms of a series are exact.
constexpr double nearlyZero = 1e-8;

} // namespace

// Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
// distributions", 1996.
Zipf::Zipf(std::uint64_t count, double skew)
    : m_skew(skew)
    , m_count(static_cast<double>(count))
    , m_first(integral(1.5) - 1)
    , m_last(integral(m_count + 0.5))
    , m_threshold(2 - inverse(integral(2.5) - chanceOf(2)))
{
    check(count > 0 && skew >= 0 && skew <= 10, "a Zipf's law of something");
}

/// x^-skew: what the chance of the x-th is proportional to.
double Zipf::chanceOf(double x) const
{
    return portableExp(-m_skew * portableLog(x));
}

double Zipf::integral(double x) const
{
    const auto log = portableLog(x);
    const auto scaled = (1 - m_skew) * log;
    // (x^(1-s) - 1) / (1 - s), which is the logarithm where s is 1.
    return std::abs(scaled) < nearlyZero ? log * (1 + scaled / 2)
                                         : (portableExp(scaled) - 1) / (1 - m_skew);
}

double Zipf::inverse(double x) const
{
    const auto scaled = x * (1 - m_skew);
    if (std::abs(scaled) < nearlyZero) {
        return portableExp(x * (1 - scaled / 2));
    }
    // Rounding may reach -1, which is an infinite x.
    return portableExp(portableLog(std::max(1 + scaled, 1e-300)) / (1 - m_skew));
}

std::uint64_t Zipf::next(Dice& dice) const
{
    while (true) {
        const auto at = m_last + dice.unit() * (m_first - m_last);
        const auto x = inverse(at);
        const auto k = std::clamp(std::floor(x + 0.5), 1.0, m_count);
        if (k - x <= m_threshold || at >= integral(k + 0.5) - chanceOf(k)) {
            return static_cast<std::uint64_t>(k) - 1;
        }
    }
}

} // namespace lightcone
