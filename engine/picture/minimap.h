#pragma once

#include "engine/picture/drawing.h"
#include "engine/picture/timeline_index.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lightcone::picture {

/// How the whole run lies along a minimap.
struct MinimapScale
{
    double width = 800;
    double height = 30;
    Instant end{}; ///< of the run; its beginning is 0

    [[nodiscard]] double x(Instant) const;
    [[nodiscard]] Instant at(double x) const;
};

/// The whole run in one line: how much happened when, where faults were, and which part is in view.
Drawing minimap(const TimelineIndex&, const MinimapScale&, Instant viewFirst, Instant viewLast,
                Instant cursor, const std::vector<std::uint32_t>* matches = nullptr);

struct BranchLine
{
    std::uint32_t id = 0;
    std::uint32_t parent = 0; ///< 0: none
    std::string name;
    Instant from{}; ///< where it left its parent
    Instant to{};
    bool current = false;
};

/// How high the strip must be for so many branches.
double branchesHeight(std::size_t branches);

/// Lines of history: each leaves its parent where it was forked. Subject::count is the branch's
/// number.
Drawing branches(const std::vector<BranchLine>&, double width, double left, Instant cursor,
                 const std::string& title, const TextMeasure&);

} // namespace lightcone::picture
