#pragma once

#include "engine/describe/shape.h"

#include <string>
#include <vector>

namespace lightcone::describe {

/// What a person may write for a shape, as an error sentence says it: "a node such as n3".
std::string expectation(const Shape&);

/// "key, value or term"
std::string choice(const std::vector<std::string>& names);

} // namespace lightcone::describe
