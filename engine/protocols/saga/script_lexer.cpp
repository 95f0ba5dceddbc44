#include "engine/protocols/saga/script_lexer.h"

#include "engine/protocols/saga/script.h"

#include <array>
#include <string>

namespace lightcone::protocols::saga {
namespace {

constexpr std::size_t longestShown = 40;

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// How many bytes of the text a symbol takes; 0 where there is none.
std::size_t symbolLength(std::string_view text)
{
    constexpr std::array<std::string_view, 4> pairs{"<=", ">=", "==", "!="};
    for (const auto pair : pairs) {
        if (text.starts_with(pair)) {
            return pair.size();
        }
    }
    return std::string_view(":,;=+-()<>").find(text.front()) != std::string_view::npos ? 1 : 0;
}

Token next(std::string_view text, std::size_t at)
{
    const auto rest = text.substr(at);
    Token token{Token::Kind::Symbol, {}, at + 1};
    std::size_t length = 0;
    if (isLetter(rest.front())) {
        token.kind = Token::Kind::Name;
        while (length < rest.size() && (isLetter(rest[length]) || isDigit(rest[length]))) {
            ++length;
        }
    } else if (isDigit(rest.front())) {
        token.kind = Token::Kind::Number;
        while (length < rest.size()
               && (isLetter(rest[length]) || isDigit(rest[length]) || rest[length] == '.'
                   || rest[length] == '%')) {
            token.kind = isDigit(rest[length]) ? token.kind : Token::Kind::Measure;
            ++length;
        }
    } else {
        length = symbolLength(rest);
    }
    token.text = rest.substr(0, length);
    return token;
}

} // namespace

std::string shown(const Token& token)
{
    if (token.kind == Token::Kind::End) {
        return "the end of the script";
    }
    return "'" + std::string(token.text.substr(0, longestShown)) + "'";
}

Result<std::vector<Token>> tokenize(std::string_view text)
{
    if (text.size() > longestScript) {
        return fail("script: expected at most " + std::to_string(longestScript) + " bytes", 0,
                    longestScript + 1);
    }
    std::vector<Token> tokens;
    for (std::size_t at = 0; at < text.size();) {
        if (isBlank(text[at])) {
            ++at;
            continue;
        }
        const auto token = next(text, at);
        if (token.text.empty()) {
            auto end = at + 1; // of that letter, which may have several bytes
            while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
                ++end;
            }
            return fail("script: expected a word, a number or one of : , ; = + - ( ) < >, found '"
                            + std::string(text.substr(at, end - at)) + "'",
                        0, at + 1);
        }
        tokens.push_back(token);
        at += token.text.size();
    }
    tokens.push_back({Token::Kind::End, {}, text.size() + 1});
    return tokens;
}

} // namespace lightcone::protocols::saga
