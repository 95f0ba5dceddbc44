#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::protocols::saga {

/// A word of a script.
struct Token
{
    enum class Kind : std::uint8_t {
        Name, ///< seats
        Number, ///< 50
        Measure, ///< 50ms, 20%: digits and something behind them
        Symbol, ///< : , ; = + - ( ) and comparisons
        End,
    };
    Kind kind = Kind::End;
    std::string_view text{};
    std::size_t column = 1; ///< in bytes, from 1
};

/// What an error says it has found.
std::string shown(const Token& token);

/// The tokens of a script, the last one an End.
Result<std::vector<Token>> tokenize(std::string_view text);

} // namespace lightcone::protocols::saga
