#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace lightcone::cli {

/// JSON for people and for diffs: two blanks a level, a line a member, small arrays and objects on
/// one line.
std::string readable(const boost::json::value&);

} // namespace lightcone::cli
