#pragma once

#include "engine/core/dice.h"

#include <cstdint>

namespace lightcone {

/// Places 0 … count - 1, the i-th with a chance proportional to 1 / (i + 1)^skew, by inversion of
/// rejection (Hörmann and Derflinger 1996): no table, whatever the count. From portable operations
/// only, so that the same dice give the same places everywhere. count > 0, skew from 0 to 10.
class Zipf
{
public:
    Zipf(std::uint64_t count, double skew);
    std::uint64_t next(Dice&) const;

private:
    [[nodiscard]] double integral(double x) const;
    [[nodiscard]] double inverse(double x) const;
    [[nodiscard]] double chanceOf(double x) const;

    double m_skew;
    double m_count;
    double m_first; ///< integral up to 1.5, less 1
    double m_last;
    double m_threshold;
};

} // namespace lightcone
