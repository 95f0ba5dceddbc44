#include "engine/core/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lightcone {

namespace {

// Values below 2^(bits + 1) have a bucket each; above, every power of two is cut into 2^bits.
constexpr unsigned bits = 7;
constexpr std::uint64_t inEachPower = std::uint64_t{1} << bits;

} // namespace

std::size_t Histogram::indexOf(std::uint64_t value)
{
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const auto shift = width > bits + 1 ? width - (bits + 1) : 0;
    return static_cast<std::size_t>(shift * inEachPower + (value >> shift));
}

std::uint64_t Histogram::upperBound(std::size_t index)
{
    const auto shift = index < 2 * inEachPower ? 0 : index / inEachPower - 1;
    const auto mantissa = index - shift * inEachPower;
    return ((mantissa + 1) << shift) - 1;
}

void Histogram::record(Duration value, std::uint64_t times)
{
    if (times == 0) {
        return;
    }
    value = std::max(value, Duration::zero());
    const auto index = indexOf(static_cast<std::uint64_t>(value.count()));
    if (index >= m_counts.size()) {
        m_counts.resize(index + 1);
    }
    m_counts[index] += times;
    m_least = m_count == 0 ? value : std::min(m_least, value);
    m_most = std::max(m_most, value);
    m_count += times;
    m_sum += static_cast<double>(value.count()) * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other)
{
    if (other.empty()) {
        return;
    }
    m_counts.resize(std::max(m_counts.size(), other.m_counts.size()));
    for (std::size_t i = 0; i < other.m_counts.size(); ++i) {
        m_counts[i] += other.m_counts[i];
    }
    m_least = empty() ? other.m_least : std::min(m_least, other.m_least);
    m_most = std::max(m_most, other.m_most);
    m_count += other.m_count;
    m_sum += other.m_sum;
}

Duration Histogram::mean() const
{
    return empty() ? Duration::zero()
                   : Duration(static_cast<Duration::rep>(m_sum / static_cast<double>(m_count)));
}

Duration Histogram::quantile(double share) const
{
    if (empty()) {
        return {};
    }
    const auto wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(m_count));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, m_count);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        seen += m_counts[i];
        if (seen >= rank) {
            const Duration bound(static_cast<Duration::rep>(upperBound(i)));
            return std::clamp(bound, m_least, m_most);
        }
    }
    return m_most;
}

std::vector<Histogram::Bucket> Histogram::buckets() const
{
    std::vector<Bucket> filled;
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        if (m_counts[i] != 0) {
            filled.push_back({Duration(static_cast<Duration::rep>(upperBound(i))), m_counts[i]});
        }
    }
    return filled;
}

} // namespace lightcone
