#pragma once

#include <array>
#include <string_view>

namespace lightcone::checking::edn {

/// Characters that EDN writes by name: \newline.
struct NamedCharacter
{
    std::string_view name;
    char meaning;
};

inline constexpr std::array namedCharacters{
    NamedCharacter{"newline", '\n'},  NamedCharacter{"space", ' '},
    NamedCharacter{"tab", '\t'},      NamedCharacter{"return", '\r'},
    NamedCharacter{"formfeed", '\f'}, NamedCharacter{"backspace", '\b'},
};

} // namespace lightcone::checking::edn
