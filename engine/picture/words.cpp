#include "engine/picture/words.h"

namespace lightcone::picture {

std::string fill(std::string_view pattern, std::initializer_list<std::string_view> names)
{
    std::string text;
    for (const auto name : names) {
        const auto hole = pattern.find("{}");
        if (hole == std::string_view::npos) {
            break;
        }
        text.append(pattern.substr(0, hole)).append(name);
        pattern.remove_prefix(hole + 2);
    }
    return text.append(pattern);
}

std::string grouped(std::uint64_t number)
{
    auto text = std::to_string(number);
    for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3) {
        text.insert(static_cast<std::size_t>(place), 1, ',');
    }
    return text;
}

std::string spoken(std::string_view name)
{
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char letter = name[i];
        const bool capital = letter >= 'A' && letter <= 'Z';
        if (capital && i > 0) {
            text += '-';
        }
        text += capital ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return text;
}

} // namespace lightcone::picture
