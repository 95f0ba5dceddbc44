#include "engine/core/dice.h"

#include "engine/core/check.h"

#include <bit>
#include <cmath>

namespace lightcone {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr double ln2 = 0.693147180559945309417232121458;

std::uint64_t splitMix(std::uint64_t& state)
{
    state += 0x9E3779B97F4A7C15ULL;
    auto z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

Duration scaled(Duration base, double factor)
{
    const double count = static_cast<double>(base.count()) * factor;
    constexpr double most = 9.0e18;
    return Duration(static_cast<std::int64_t>(count < most ? count : most));
}

} // namespace

Dice::Dice(std::uint64_t seed)
    : m_seed(seed)
{
    std::uint64_t state = seed;
    for (auto& word : m_state) {
        word = splitMix(state);
    }
}

std::optional<Dice> Dice::restored(const std::array<std::uint64_t, 4>& state, std::uint64_t seed)
{
    if (state == std::array<std::uint64_t, 4>{}) {
        return std::nullopt;
    }
    Dice dice(seed);
    dice.m_state = state;
    return dice;
}

std::uint64_t Dice::next()
{
    auto& s = m_state;
    const auto result = std::rotl(s[1] * 5, 7) * 9;
    const auto t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
    return result;
}

std::uint64_t Dice::below(std::uint64_t bound)
{
    check(bound > 0, "a bound above zero");
    // Lemire 2019, "Fast random integer generation in an interval": the upper half of a product,
    // with rejection of the few words that would be a bias. Nearly never a division.
    auto product = static_cast<Wide>(next()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
        const auto least = (0 - bound) % bound;
        while (static_cast<std::uint64_t>(product) < least) {
            product = static_cast<Wide>(next()) * bound;
        }
    }
    return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t Dice::between(std::int64_t low, std::int64_t high)
{
    check(low <= high, "low is not above high");
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const auto offset = span == UINT64_MAX ? next() : below(span + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

Duration Dice::between(Duration low, Duration high)
{
    return Duration(between(low.count(), high.count()));
}

double Dice::unit()
{
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

bool Dice::chance(double probability)
{
    return probability > 0 && (probability >= 1 || unit() < probability);
}

Duration Dice::exponential(Duration mean)
{
    return scaled(mean, -portableLog(1.0 - unit()));
}

double Dice::normal()
{
    while (true) {
        const double x = 2 * unit() - 1;
        const double y = 2 * unit() - 1;
        const double square = x * x + y * y;
        if (square > 0 && square < 1) {
            // std::sqrt is correctly rounded by IEEE 754 and so the same everywhere.
            return x * std::sqrt(-2 * portableLog(square) / square);
        }
    }
}

Duration Dice::logNormal(Duration median, double sigma)
{
    return scaled(median, portableExp(sigma * normal()));
}

Dice Dice::fork(std::uint64_t purpose) const
{
    std::uint64_t state = m_seed ^ (purpose * 0xD1342543DE82EF95ULL);
    return Dice(splitMix(state));
}

double portableLog(double x)
{
    check(x > 0, "a logarithm's argument above zero");
    int exponent = 0;
    double mantissa = std::frexp(x, &exponent); // exact by definition
    if (mantissa < 0.70710678118654752440) {
        mantissa *= 2;
        --exponent;
    }
    // ln m = 2 artanh((m-1)/(m+1)); |t| < 0.172, so t^21 is below an ulp.
    const double t = (mantissa - 1) / (mantissa + 1);
    const double square = t * t;
    double sum = 0;
    for (int n = 21; n >= 1; n -= 2) {
        sum = sum * square + 1.0 / n;
    }
    return 2 * t * sum + exponent * ln2;
}

double portableExp(double x)
{
    if (x > 700) {
        return std::ldexp(1.0, 1009);
    }
    if (x < -700) {
        return 0;
    }
    const double scaledBits = x / ln2;
    const auto whole = static_cast<int>(scaledBits < 0 ? scaledBits - 0.5 : scaledBits + 0.5);
    // ln 2 in two parts, of which the first times a small whole number is exact (Cody and Waite):
    // otherwise its rounding, times the whole, would show in the result.
    constexpr double ln2High = 0x1.62e42feep-1;
    constexpr double ln2Low = 0x1.a39ef35793c76p-33;
    const double rest = (x - whole * ln2High) - whole * ln2Low;
    double sum = 1;
    for (int n = 20; n >= 1; --n) {
        sum = 1 + sum * rest / n;
    }
    return std::ldexp(sum, whole);
}

} // namespace lightcone
