#pragma once

#include "engine/describe/text.h"
#include "engine/describe/value.h"

#include <boost/json/value.hpp>

namespace lightcone::describe {

/// Records become objects, variants an object with "type" first, maps objects by the text of their
/// key, enums, nodes and requests strings, durations and instants nanoseconds, empty optionals
/// null.
boost::json::value toJson(const Value&, const NodeNames& = plainNames());

/// Facets, names and kinds of a shape, for tools that read our JSON.
boost::json::value toJson(const Shape&);

} // namespace lightcone::describe
