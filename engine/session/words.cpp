#include "engine/session/words.h"

#include "engine/describe/words.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace lightcone::session {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isName(std::string_view word)
{
    const auto fits = [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.' || byte >= 0x80;
    };
    return !word.empty() && !isDigit(word.front()) && word.front() != '-' && word.front() != '.'
        && std::ranges::all_of(word, fits);
}

Place Setting::placeOf(std::size_t offset) const
{
    const std::string_view text = written.text;
    std::size_t at = 0;
    if (text.starts_with('"')) {
        at = 1;
        for (std::size_t i = 0; i < offset && at < text.size(); ++i) {
            const bool escaped = text[at] == '\\' && at + 1 < text.size();
            at += !escaped ? 1 : text[at + 1] == 'x' ? 4 : 2;
        }
    } else {
        at = offset;
    }
    return written.placeOf(at);
}

Place Words::place(std::size_t back) const
{
    const auto at = m_next - back;
    return m_sentence->piece.placeOf(at < m_sentence->words.size() ? m_sentence->words[at].begin
                                                                   : m_sentence->piece.text.size());
}

void Words::wrong(std::string message, Place where) const
{
    throw fail(std::move(message), where.line, where.column);
}

void Words::expect(std::string_view what) const
{
    const auto found = atEnd() ? std::string("the end of the line")
                               : "'" + std::string(peek().substr(0, 40)) + "'";
    wrong("expected " + std::string(what) + ", found " + found, place());
}

void Words::end(std::string_view orWhat) const
{
    if (!atEnd()) {
        expect(orWhat.empty() ? "the end of the line"
                              : std::string(orWhat) + " or the end of the line");
    }
}

Piece Words::upTo(std::size_t last, std::string_view expected)
{
    if (last <= m_next) {
        expect(expected);
    }
    auto piece = m_sentence->part(m_sentence->words[m_next].begin, m_sentence->words[last - 1].end);
    m_next = last;
    return piece;
}

Duration Words::duration(std::string_view example)
{
    const auto where = place();
    const auto word = take(example);
    return durationOf(word, where);
}

Duration Words::durationOf(std::string_view word, Place where) const
{
    auto parsed = parseDuration(word);
    if (!parsed) {
        wrong(parsed.error().message, where);
    }
    return *parsed;
}

std::string Words::text(std::string_view expected)
{
    const auto where = place();
    const auto word = take(expected);
    if (!word.starts_with('"')) {
        wrong("expected " + std::string(expected) + " in quotes, found '"
                  + std::string(word.substr(0, 40)) + "'",
              where);
    }
    return unquoted(word, where);
}

std::string Words::unquoted(std::string_view word, Place where) const
{
    std::string out;
    std::size_t wrongAt = 0;
    const auto length = describe::readQuoted(word, out, wrongAt);
    if (length == 0) {
        wrong("this text has an unknown escape: \\\" \\\\ \\n \\t and \\xNN are known",
              {where.line, where.column + wrongAt});
    }
    if (length != word.size()) {
        wrong("expected a blank after the closing quote", {where.line, where.column + length});
    }
    return out;
}

EventId Words::number(std::string_view expected)
{
    const auto where = place();
    const auto word = take(expected);
    std::uint64_t value = 0;
    const auto* end = word.data() + word.size();
    if (word.size() < 2 || word.front() != '#'
        || std::from_chars(word.data() + 1, end, value) != std::from_chars_result{end, {}}) {
        wrong("expected " + std::string(expected) + ", found '" + std::string(word.substr(0, 40))
                  + "'",
              where);
    }
    return EventId(value);
}

Who Words::who()
{
    const auto where = place();
    constexpr std::string_view expected = "a node, a role or a query in parentheses";
    const auto index = m_next;
    const auto word = take(expected);
    const auto& bounds = m_sentence->words[index];
    if (word.front() == '(' && word.back() == ')') {
        auto piece = m_sentence->part(bounds.begin + 1, bounds.end - 1);
        if (piece.text.find_first_not_of(' ') == std::string::npos) {
            wrong("expected a query between the parentheses", where);
        }
        return {std::move(piece), true};
    }
    if (!isName(word)) {
        wrong("expected " + std::string(expected) + ", found '" + std::string(word.substr(0, 40))
                  + "'",
              where);
    }
    return {m_sentence->part(bounds.begin, bounds.end), false};
}

Setting Words::setting(std::string_view expected)
{
    const auto where = place();
    const auto& bounds = m_sentence->words[std::min(m_next, m_sentence->words.size() - 1)];
    const auto word = take(expected);
    const auto equals = word.find('=');
    if (equals == std::string_view::npos || !isName(word.substr(0, equals))) {
        wrong("expected " + std::string(expected) + ", found '" + std::string(word.substr(0, 40))
                  + "'",
              where);
    }
    Setting setting{
        std::string(word.substr(0, equals)),
        {},
        where,
        {where.line, where.column + equals + 1},
        m_sentence->part(bounds.begin + equals + 1, bounds.end),
    };
    const auto value = word.substr(equals + 1);
    if (value.empty()) {
        wrong("expected a value after '='", setting.valuePlace);
    }
    setting.value =
        value.starts_with('"') ? unquoted(value, setting.valuePlace) : std::string(value);
    return setting;
}

std::vector<Setting> Words::settings(std::string_view expected)
{
    std::vector<Setting> all;
    while (!atEnd()) {
        all.push_back(setting(expected));
        for (std::size_t i = 0; i + 1 < all.size(); ++i) {
            if (all[i].key == all.back().key) {
                wrong("'" + all.back().key + "' is given twice", all.back().place);
            }
        }
    }
    return all;
}

} // namespace lightcone::session
