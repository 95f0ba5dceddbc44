#include "engine/check/edn.h"

#include "engine/check/edn_characters.h"
#include "engine/describe/utf8.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::checking::edn {

namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == ',';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// What ends a number, keyword or symbol.
bool isDelimiter(char c)
{
    return isSpace(c) || std::string_view("()[]{}\";\\").find(c) != std::string_view::npos;
}

bool isInteger(std::string_view text)
{
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        text.remove_prefix(1);
    }
    return !text.empty() && std::ranges::all_of(text, isDigit)
        && (text.size() == 1 || text[0] != '0');
}

/// Takes digits off the front; whether there were any.
bool takeDigits(std::string_view& text)
{
    const auto size = std::min(text.size(), text.find_first_not_of("0123456789"));
    text.remove_prefix(size);
    return size > 0;
}

bool isReal(std::string_view text)
{
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        text.remove_prefix(1);
    }
    const bool padded = text.size() > 1 && text[0] == '0' && isDigit(text[1]);
    if (padded || !takeDigits(text)) {
        return false;
    }
    if (text.starts_with('/')) {
        text.remove_prefix(1);
        return takeDigits(text) && text.empty();
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        (void)takeDigits(text);
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('-') || text.starts_with('+')) {
            text.remove_prefix(1);
        }
        if (!takeDigits(text)) {
            return false;
        }
    }
    return text.empty();
}

bool isSymbol(std::string_view text)
{
    constexpr std::string_view signs = ".*+!-_?$%&=<>/:#'|";
    return std::ranges::all_of(text, [&](char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || signs.find(c) != std::string_view::npos || (static_cast<unsigned char>(c) & 0x80U);
    });
}

/// Of a keyword, a symbol, a tag or a namespace.
bool isName(std::string_view text)
{
    return isSymbol(text) && describe::asUtf8(text) == text;
}

void appendUtf8(std::string& out, std::uint32_t point)
{
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
    };
    if (point < 0x80U) {
        out += static_cast<char>(point);
    } else if (point < 0x800U) {
        out += static_cast<char>(0xC0U | (point >> 6U));
        tail(0);
    } else if (point < 0x10000U) {
        out += static_cast<char>(0xE0U | (point >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (point >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

} // namespace

const Value* Value::find(std::string_view keyword) const
{
    for (std::size_t i = 0; kind == Kind::Map && i + 1 < children.size(); i += 2) {
        if (children[i].isKeyword(keyword)) {
            return &children[i + 1];
        }
    }
    return nullptr;
}

Reader::Reader(std::string_view text)
    : m_text(text)
{
}

char Reader::peek(std::size_t ahead) const
{
    return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
}

char Reader::take()
{
    const char c = m_text[m_at++];
    if (c == '\n') {
        ++m_line;
        m_column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
        ++m_column;
    }
    return c;
}

Value Reader::begin(Kind kind) const
{
    Value value;
    value.kind = kind;
    value.line = m_line;
    value.column = m_column;
    return value;
}

Error Reader::wrong(std::string message) const
{
    return fail(std::move(message), m_line, m_column);
}

std::string Reader::found() const
{
    if (atEnd()) {
        return "found the end of the text";
    }
    const auto rest = m_text.substr(m_at);
    const auto size = describe::utf8Length(rest);
    if (size == 0) {
        return "found a byte that is no UTF-8";
    }
    return peek() == '\n' ? "found the end of the line"
                          : "found '" + std::string(rest.substr(0, size)) + "'";
}

/// Passes over spaces, comments and discarded values; whether something is left.
Result<bool> Reader::skip(int depth)
{
    while (!atEnd()) {
        if (isSpace(peek())) {
            take();
        } else if (peek() == ';') {
            while (!atEnd() && peek() != '\n') {
                take();
            }
        } else if (peek() == '#' && peek(1) == '_') {
            take();
            take();
            if (auto discarded = read(depth + 1); !discarded) {
                return discarded.error();
            }
        } else {
            return true;
        }
    }
    return false;
}

Result<void> Reader::enter()
{
    const auto more = skip(0);
    if (!more) {
        return more.error();
    }
    if (*more && (peek() == '[' || peek() == '(')) {
        m_close = take() == '[' ? ']' : ')';
    }
    return {};
}

Result<std::optional<Value>> Reader::next()
{
    const auto more = skip(0);
    if (!more) {
        return more.error();
    }
    if (m_close != 0 && !m_ended) {
        if (!*more) {
            return wrong(fmt::format(
                "expected '{}' at the end of the history, found the end of the text", m_close));
        }
        if (peek() == m_close) {
            take();
            m_ended = true;
            return next();
        }
    }
    if (!*more) {
        return std::optional<Value>();
    }
    if (m_ended) {
        return wrong(fmt::format("expected nothing after the history's end, {}", found()));
    }
    auto value = read(0);
    if (!value) {
        return value.error();
    }
    return std::optional(std::move(*value));
}

Result<Value> Reader::read(int depth)
{
    if (depth > mostDepth) {
        return wrong(fmt::format("expected values at most {} deep", mostDepth));
    }
    const auto more = skip(depth);
    if (!more) {
        return more.error();
    }
    if (!*more) {
        return wrong("expected a value, found the end of the text");
    }
    switch (peek()) {
    case '(':
        return readSequence(Kind::List, ')', depth);
    case '[':
        return readSequence(Kind::Vector, ']', depth);
    case '{':
        return readSequence(Kind::Map, '}', depth);
    case '"':
        return readText();
    case '\\':
        return readCharacter();
    case '#':
        return readMarked(depth);
    default:
        return readWord();
    }
}

/// What begins with #: a set, a number without digits, a map with a namespace, a tagged value.
Result<Value> Reader::readMarked(int depth)
{
    if (peek(1) == '{') {
        take();
        return readSequence(Kind::Set, '}', depth);
    }
    if (peek(1) == '#') {
        auto value = begin(Kind::Real);
        value.text = word();
        if (value.text != "##NaN" && value.text != "##Inf" && value.text != "##-Inf") {
            return fail(fmt::format("expected ##NaN, ##Inf or ##-Inf, found '{}'",
                                    describe::asUtf8(value.text)),
                        value.line, value.column);
        }
        return value;
    }
    return peek(1) == ':' ? readNamespaced(depth) : readTagged(depth);
}

Result<Value> Reader::readTagged(int depth)
{
    auto value = begin(Kind::Tagged);
    take();
    value.text = word();
    const char first = value.text.empty() ? '\0' : value.text.front();
    if (!isName(value.text) || first == '\0' || isDigit(first)) {
        return fail(
            fmt::format("expected a tag after '#', found '{}'", describe::asUtf8(value.text)),
            value.line, value.column);
    }
    auto tagged = read(depth + 1);
    if (!tagged) {
        return tagged.error();
    }
    value.children.push_back(std::move(*tagged));
    return value;
}

/// #:name{:a 1} is {:name/a 1}: Clojure prints maps so.
Result<Value> Reader::readNamespaced(int depth)
{
    take();
    take();
    const std::string space(word());
    if (space.empty() || !isName(space) || peek() != '{') {
        return wrong(fmt::format("expected a map after the namespace '#:{}', {}",
                                 describe::asUtf8(space), found()));
    }
    auto map = readSequence(Kind::Map, '}', depth);
    for (std::size_t i = 0; map && i < map->children.size(); i += 2) {
        auto& key = map->children[i];
        if (key.kind == Kind::Keyword && key.text.find('/') == std::string::npos) {
            key.text = space + "/" + key.text;
        }
    }
    return map;
}

Result<Value> Reader::readSequence(Kind kind, char close, int depth)
{
    auto value = begin(kind);
    take();
    while (true) {
        const auto more = skip(depth + 1);
        if (!more) {
            return more.error();
        }
        if (!*more) {
            return wrong(
                fmt::format("expected '{}' for the one opened at line {}, column {}, found the "
                            "end of the text",
                            close, value.line, value.column));
        }
        if (peek() == close) {
            break;
        }
        if (peek() == ')' || peek() == ']' || peek() == '}') {
            return wrong(fmt::format("expected '{}' or a value, {}", close, found()));
        }
        auto child = read(depth + 1);
        if (!child) {
            return child.error();
        }
        value.children.push_back(std::move(*child));
    }
    if (kind == Kind::Map && value.children.size() % 2 != 0) {
        return wrong("expected a value for the map's last key, found '}'");
    }
    take();
    return value;
}

std::optional<std::uint32_t> Reader::readHex()
{
    std::uint32_t point = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = peek();
        const char lower = static_cast<char>(c | 0x20);
        if (isDigit(c)) {
            point = point * 16 + static_cast<std::uint32_t>(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            point = point * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
        } else {
            return std::nullopt;
        }
        take();
    }
    return point;
}

Result<void> Reader::readEscape(std::string& out)
{
    constexpr std::string_view names = "trnbf\"\\";
    constexpr std::string_view meanings = "\t\r\n\b\f\"\\";
    const auto place = atEnd() ? std::string_view::npos : names.find(peek());
    if (place != std::string_view::npos) {
        take();
        out += meanings[place];
        return {};
    }
    if (peek() != 'u') {
        return wrong(
            fmt::format("expected t, r, n, b, f, u, '\"' or '\\' after '\\', {}", found()));
    }
    take();
    auto point = readHex();
    const bool high = point && *point >= 0xD800U && *point < 0xDC00U;
    if (high && peek() == '\\' && peek(1) == 'u') {
        take();
        take();
        const auto low = readHex();
        point = low && *low >= 0xDC00U && *low < 0xE000U
            ? std::optional(0x10000U + ((*point - 0xD800U) << 10U) + (*low - 0xDC00U))
            : std::nullopt;
    }
    if (!point || (*point >= 0xD800U && *point < 0xE000U)) {
        return wrong(
            fmt::format("expected a character's four hexadecimal digits after '\\u', {}", found()));
    }
    appendUtf8(out, *point);
    return {};
}

Result<Value> Reader::readText()
{
    auto value = begin(Kind::Text);
    take();
    while (!atEnd() && peek() != '"') {
        if (peek() == '\\') {
            take();
            if (const auto escaped = readEscape(value.text); !escaped) {
                return escaped.error();
            }
            continue;
        }
        const auto size = describe::utf8Length(m_text.substr(m_at));
        if (size == 0) {
            return wrong(fmt::format("expected UTF-8, {}", found()));
        }
        for (std::size_t i = 0; i < size; ++i) {
            value.text += take();
        }
    }
    if (atEnd()) {
        return wrong(
            fmt::format("expected '\"' for the text that began at line {}, column {}, found the "
                        "end of the text",
                        value.line, value.column));
    }
    take();
    return value;
}

Result<Value> Reader::readCharacter()
{
    auto value = begin(Kind::Character);
    take();
    const auto size = describe::utf8Length(m_text.substr(m_at));
    if (size == 0) {
        return wrong(fmt::format("expected a character after '\\', {}", found()));
    }
    for (std::size_t i = 0; i < size; ++i) {
        value.text += take();
    }
    const std::string more(word());
    if (more.empty()) {
        return value;
    }
    const auto name = value.text + more;
    for (const auto& named : namedCharacters) {
        if (name == named.name) {
            value.text = std::string(1, named.meaning);
            return value;
        }
    }
    if (name.size() == 5 && name[0] == 'u') {
        Reader digits(std::string_view(name).substr(1));
        const auto point = digits.readHex();
        if (point && (*point < 0xD800U || *point >= 0xE000U)) {
            value.text.clear();
            appendUtf8(value.text, *point);
            return value;
        }
    }
    return fail(fmt::format("expected a character after '\\', found '{}'", describe::asUtf8(name)),
                value.line, value.column);
}

std::string_view Reader::word()
{
    const auto from = m_at;
    while (!atEnd() && !isDelimiter(peek())) {
        take();
    }
    return m_text.substr(from, m_at - from);
}

Result<Value> Reader::readWord()
{
    auto value = begin(Kind::Symbol);
    const auto what = found();
    const auto text = word();
    const auto wanted = [&] {
        return fail(
            fmt::format("expected a value, {}",
                        text.empty() ? what : fmt::format("found '{}'", describe::asUtf8(text))),
            value.line, value.column);
    };
    if (text.empty() || !isName(text)) {
        return wanted();
    }
    value.text = text;
    const bool number = isDigit(text[0])
        || (text.size() > 1 && (text[0] == '-' || text[0] == '+') && isDigit(text[1]));
    if (text == "nil") {
        value.kind = Kind::Nil;
    } else if (text == "true" || text == "false") {
        value.kind = Kind::Boolean;
    } else if (text[0] == ':') {
        value.kind = Kind::Keyword;
        value.text.erase(0, 1);
        if (value.text.empty() || value.text[0] == ':') {
            return wanted();
        }
    } else if (number) {
        if (value.text.ends_with('N') || value.text.ends_with('M')) {
            value.text.pop_back();
        }
        if (value.text[0] == '+') {
            value.text.erase(0, 1);
        }
        value.text = value.text == "-0" ? "0" : value.text;
        value.kind = isInteger(value.text) ? Kind::Integer : Kind::Real;
        if (value.kind == Kind::Real && !isReal(value.text)) {
            return wanted();
        }
    }
    return value;
}

} // namespace lightcone::checking::edn
