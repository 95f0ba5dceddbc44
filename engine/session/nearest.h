#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

/// "did you mean 'crash'?" or "expected one of: put, get": what to say of a word that is none of
/// those known. Empty when nothing is known.
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

} // namespace lightcone::session
