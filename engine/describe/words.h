#pragma once

#include <string>
#include <string_view>

/// The words of the text form: what may stand bare, and how the rest is quoted.
namespace lightcone::describe {

/// The text as one word: bare where no reader can take it for something else, quoted and escaped
/// otherwise.
std::string asWord(std::string_view text);

/// "two \"words\"" with \n, \t, and \xNN for what does not print or is not UTF-8.
std::string quoted(std::string_view text);

/// Where a bare word ends that starts at the beginning of `text`.
std::size_t bareWordLength(std::string_view text);

/// Reads a quoted text at the beginning of `text` into `out`; gives the bytes it took, or 0 when it
/// does not end or has an unknown escape, and then `wrongAt` says where.
std::size_t readQuoted(std::string_view text, std::string& out, std::size_t& wrongAt);

} // namespace lightcone::describe
