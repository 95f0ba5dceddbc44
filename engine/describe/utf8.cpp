#include "engine/describe/utf8.h"

#include <cstdint>

namespace lightcone::describe {

namespace {

struct Lead
{
    std::size_t length;
    std::uint32_t bits;
    std::uint32_t least; ///< of a code point that needs this length: below it the form is overlong
};

Lead leadOf(unsigned char byte)
{
    if (byte < 0x80) {
        return {1, byte, 0};
    }
    if ((byte & 0xE0) == 0xC0) {
        return {2, byte & 0x1FU, 0x80};
    }
    if ((byte & 0xF0) == 0xE0) {
        return {3, byte & 0x0FU, 0x800};
    }
    if ((byte & 0xF8) == 0xF0) {
        return {4, byte & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

bool isContinuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

} // namespace

std::size_t utf8Length(std::string_view text)
{
    if (text.empty()) {
        return 0;
    }
    const auto lead = leadOf(static_cast<unsigned char>(text.front()));
    if (lead.length == 0 || lead.length > text.size()) {
        return 0;
    }
    auto point = lead.bits;
    for (std::size_t i = 1; i < lead.length; ++i) {
        if (!isContinuation(text[i])) {
            return 0;
        }
        point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point < lead.least || point > 0x10FFFF || surrogate ? 0 : lead.length;
}

std::string asUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8Length(text);
        if (length == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
}

std::string_view utf8Prefix(std::string_view text, std::size_t most)
{
    if (text.size() <= most) {
        return text;
    }
    while (most > 0 && isContinuation(text[most])) {
        --most;
    }
    return text.substr(0, most);
}

} // namespace lightcone::describe
