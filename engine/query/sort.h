#pragma once

#include "engine/describe/shape.h"
#include "engine/query/expression.h"

#include <string_view>

namespace lightcone::query {

/// What values of a shape can be compared with; Anything where that is not certain.
Sort sortOf(const describe::ShapePtr& shape);

/// The shape at the end of a path through records and optionals, where it is certain.
describe::ShapePtr shapeAt(describe::ShapePtr shape, std::string_view path);

/// The enum that a shape is, through optionals; nullptr when it is none.
const describe::Shape* enumOf(const describe::ShapePtr& shape);

/// As an error says it: "a time such as 20ms".
std::string_view nameOf(Sort sort);

} // namespace lightcone::query
