#pragma once

#include "tests/tidy/source.h"

#include <string>
#include <vector>

namespace lightcone::tidy {

/// A line that breaks a rule of the house, with one sentence that says which and why.
struct Finding
{
    std::string path;
    int line = 0;
    std::string sentence;
};

/// Arrows between rooms: an #include line points down the floors or stays in its room.
std::vector<Finding> checkArrows(const Source& source);

/// What makes a run differ from machine to machine has no place in protocols and simulation.
std::vector<Finding> checkDeterminism(const Source& source);

/// Length, include guard, namespace, notes of unfinished work.
std::vector<Finding> checkShape(const Source& source);

/// All of the above.
std::vector<Finding> checkAll(const Source& source);

} // namespace lightcone::tidy
