#pragma once

#include <source_location>
#include <string_view>

namespace lightcone {

/// Ends the program with a message on stderr. Assertions stay on in every build.
[[noreturn]] void checkFailed(std::string_view what, const std::source_location& where);

/// States what the programmer knows to be true. Never for what a person, a file or a socket can get wrong.
inline void check(bool holds, std::string_view what = "a condition of the program",
                  const std::source_location& where = std::source_location::current())
{
    if (!holds) [[unlikely]] {
        checkFailed(what, where);
    }
}

} // namespace lightcone
