#include "engine/describe/words.h"

#include "engine/describe/utf8.h"

#include <algorithm>
#include <array>
#include <optional>

namespace lightcone::describe {

namespace {

constexpr std::string_view arrow = "→";
constexpr std::string_view hexDigits = "0123456789abcdef";
constexpr std::array reserved{std::string_view("none"), std::string_view("some"),
                              std::string_view("not")};

bool isBare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
        || c == '-' || c == '.' || c == '/' || c == '+';
}

bool endsWord(char c)
{
    return static_cast<unsigned char>(c) <= ' '
        || std::string_view(",:={}[]()\"").find(c) != std::string_view::npos;
}

std::optional<unsigned> hexValue(char c)
{
    const auto lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto place = hexDigits.find(lower);
    return place == std::string_view::npos ? std::nullopt
                                           : std::optional(static_cast<unsigned>(place));
}

std::string escaped(unsigned char byte)
{
    return {'\\', 'x', hexDigits[byte >> 4], hexDigits[byte & 15]};
}

} // namespace

std::size_t bareWordLength(std::string_view text)
{
    std::size_t length = 0;
    while (length < text.size() && !endsWord(text[length])) {
        const auto rest = text.substr(length);
        if (rest.starts_with("->") || rest.starts_with(arrow)) {
            break;
        }
        ++length;
    }
    return length;
}

std::string asWord(std::string_view text)
{
    const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), isBare)
        && text.find("->") == std::string_view::npos
        && std::find(reserved.begin(), reserved.end(), text) == reserved.end();
    return bare ? std::string(text) : quoted(text);
}

std::string quoted(std::string_view text)
{
    std::string out = "\"";
    while (!text.empty()) {
        const auto length = utf8Length(text);
        const auto c = text.front();
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (length == 0 || byte < 0x20 || byte == 0x7F) {
            out += escaped(byte);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out + '"';
}

std::size_t readQuoted(std::string_view text, std::string& out, std::size_t& wrongAt)
{
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            return i + 1;
        }
        if (text[i] != '\\') {
            out.push_back(text[i]);
            continue;
        }
        wrongAt = i;
        const auto escape = i + 1 < text.size() ? text[i + 1] : '\0';
        if (escape == 'x') {
            const auto high = i + 2 < text.size() ? hexValue(text[i + 2]) : std::nullopt;
            const auto low = i + 3 < text.size() ? hexValue(text[i + 3]) : std::nullopt;
            if (!high || !low) {
                return 0;
            }
            out.push_back(static_cast<char>(*high << 4 | *low));
            i += 3;
        } else if (escape == 'n' || escape == 't' || escape == '"' || escape == '\\') {
            out.push_back(escape == 'n' ? '\n' : escape == 't' ? '\t' : escape);
            i += 1;
        } else {
            return 0;
        }
    }
    wrongAt = text.size();
    return 0;
}

} // namespace lightcone::describe
