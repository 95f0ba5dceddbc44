#pragma once

#include "engine/core/error.h"
#include "engine/session/scenario.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

/// One line of a scenario, with those that continue it, cut into words. A word ends at a blank
/// outside quotes and brackets: `(role == leader)`, `mix="put get"` and `"a text"` are words.
struct Sentence
{
    struct Word
    {
        std::size_t begin;
        std::size_t end;
    };
    Piece piece;
    std::vector<Word> words{};

    [[nodiscard]] std::string_view word(std::size_t index) const
    {
        return std::string_view(piece.text)
            .substr(words[index].begin, words[index].end - words[index].begin);
    }

    /// The text from one place to another, which still knows where it stood.
    [[nodiscard]] Piece part(std::size_t begin, std::size_t end) const;
};

struct Text
{
    std::vector<Sentence> sentences;
    std::vector<std::string> opening; ///< comment lines before the first sentence
};

/// Lines that are indented, or stand inside brackets, continue the one above; `#` after a blank
/// and not before a digit begins a comment.
Result<Text> readText(std::string_view text);

constexpr std::size_t longestText = 1 << 20;
constexpr std::size_t longestSentence = 1 << 15;
constexpr std::size_t deepestBrackets = 64;

} // namespace lightcone::session
