#pragma once

#include <boost/assert/source_location.hpp>

#include <string_view>

namespace lightcone {

/// Ends the program with a message on stderr. Assertions stay on in every build.
[[noreturn]] void checkFailed(std::string_view what, const boost::source_location& where);

/// States what the programmer knows to be true. Never for what a person, a file or a socket can get
/// wrong.
inline void check(bool holds, std::string_view what = "a condition of the program",
                  const boost::source_location& where = BOOST_CURRENT_LOCATION)
{
    if (!holds) [[unlikely]] {
        checkFailed(what, where);
    }
}

} // namespace lightcone
