#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lightcone::describe {

/// The bytes of the UTF-8 sequence that `text` starts with, 0 where there is none: a stray or
/// missing continuation byte, an overlong form, a surrogate, or the end.
std::size_t utf8Length(std::string_view text);

/// The text with U+FFFD in place of every byte that is not UTF-8.
std::string asUtf8(std::string_view text);

/// The longest beginning of at most `most` bytes that does not cut a character.
std::string_view utf8Prefix(std::string_view text, std::size_t most);

} // namespace lightcone::describe
