#pragma once

/// A type lists its members once, with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_CLASS; from that
/// list come its shape (shapeOf), described value (toValue, fromValue), bytes (encode, decode) and
/// hash (hashOf). A member m_term is described as "term", an enumerator PreCandidate as
/// "preCandidate". What can be described: bool, integers, double, std::string, Duration, Instant,
/// Id<>, RequestId, described enums and classes, std::optional, std::shared_ptr<const T>,
/// std::pair, std::variant, and any list, set or map container of the standard library or
/// Boost.Container.
#include "engine/describe/codec.h"
#include "engine/describe/from_value.h"
#include "engine/describe/to_value.h"

#include <boost/describe.hpp>
