#pragma once

#include "engine/describe/value.h"

#include <string>
#include <vector>

namespace lightcone::describe {

/// One place where two values differ: the deepest such place, or a whole element that came or went.
/// A value that does not exist stands for what was not there before, or is not there after.
struct Change
{
    std::string path; ///< as Value::findPath takes it: "votes", "log.3", "nextIndex.n3"
    Value before;
    Value after;
};

/// Fields by name, lists by position, sets by element, maps by key; empty when the two are equal.
std::vector<Change> diff(const Value& before, const Value& after);

} // namespace lightcone::describe
