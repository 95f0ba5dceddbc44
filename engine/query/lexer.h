#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::query {

struct Token
{
    enum class Kind : std::uint8_t { Word, Number, Duration, Text, Symbol, End };
    Kind kind = Kind::End;
    std::string text; ///< of a Text without its quotes
    double number = 0; ///< of a Duration in nanoseconds
    std::size_t column = 0;
};

/// Splits a question into words, numbers, durations, quoted texts and symbols; ends with an End.
Result<std::vector<Token>> tokenize(std::string_view text);

/// How a token is named in an error: "'leader'", "the end".
std::string shown(const Token&);

} // namespace lightcone::query
