#include "engine/query/lexer.h"

#include "engine/core/time.h"

#include <array>
#include <charconv>
#include <optional>

namespace lightcone::query {

namespace {

constexpr std::size_t longestQuery = 10'000;

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

class Lexer
{
public:
    explicit Lexer(std::string_view text)
        : m_text(text)
    {
    }

    Result<std::vector<Token>> run()
    {
        while (true) {
            while (m_at < m_text.size()
                   && (m_text[m_at] == ' ' || m_text[m_at] == '\t' || m_text[m_at] == '\n')) {
                ++m_at;
            }
            if (m_at == m_text.size()) {
                m_tokens.push_back({Token::Kind::End, {}, 0, m_at + 1});
                return std::move(m_tokens);
            }
            if (auto error = token()) {
                return *error;
            }
        }
    }

private:
    std::optional<Error> token()
    {
        const char c = m_text[m_at];
        if (isLetter(c)) {
            word();
            return std::nullopt;
        }
        if (isDigit(c)) {
            return number();
        }
        if (c == '"') {
            return quoted();
        }
        return symbol();
    }

    std::string_view take(std::size_t end)
    {
        const auto text = m_text.substr(m_at, end - m_at);
        m_at = end;
        return text;
    }

    /// Dots belong to a word: n4.role and msg.entries.0 are one path.
    void word()
    {
        auto end = m_at;
        while (end < m_text.size()
               && (isLetter(m_text[end]) || isDigit(m_text[end])
                   || (m_text[end] == '.' && end + 1 < m_text.size()
                       && (isLetter(m_text[end + 1]) || isDigit(m_text[end + 1]))))) {
            ++end;
        }
        const auto column = m_at + 1;
        m_tokens.push_back({Token::Kind::Word, std::string(take(end)), 0, column});
    }

    std::optional<Error> number()
    {
        auto end = m_at;
        while (end < m_text.size() && (isDigit(m_text[end]) || m_text[end] == '.')) {
            ++end;
        }
        const auto digits = end;
        while (end < m_text.size() && isLetter(m_text[end])) {
            ++end;
        }
        const auto column = m_at + 1;
        if (end > digits) {
            const auto text = take(end);
            const auto duration = parseDuration(text);
            if (!duration) {
                return fail(duration.error().message, 0, column);
            }
            m_tokens.push_back({Token::Kind::Duration, std::string(text),
                                static_cast<double>(duration->count()), column});
            return std::nullopt;
        }
        const auto text = take(end);
        double value = 0;
        const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || last != text.data() + text.size()) {
            return fail("expected a number, found '" + std::string(text) + "'", 0, column);
        }
        m_tokens.push_back({Token::Kind::Number, std::string(text), value, column});
        return std::nullopt;
    }

    std::optional<Error> quoted()
    {
        const auto column = m_at + 1;
        std::string text;
        for (auto at = m_at + 1; at < m_text.size(); ++at) {
            if (m_text[at] == '"') {
                m_at = at + 1;
                m_tokens.push_back({Token::Kind::Text, std::move(text), 0, column});
                return std::nullopt;
            }
            if (m_text[at] == '\\' && at + 1 < m_text.size()) {
                ++at;
            }
            text.push_back(m_text[at]);
        }
        return fail("the text that begins here has no closing quote (\")", 0, column);
    }

    std::optional<Error> symbol()
    {
        static constexpr std::array<std::string_view, 15> symbols{
            "==", "!=", "<=", ">=", "=", "<", ">", "~", "(", ")", "+", "-", "&&", "||", "!",
        };
        for (const auto known : symbols) {
            if (m_text.substr(m_at).starts_with(known)) {
                m_tokens.push_back({Token::Kind::Symbol, std::string(known), 0, m_at + 1});
                m_at += known.size();
                return std::nullopt;
            }
        }
        return fail("expected a word, a number, a \"text\" or an operator, found '"
                        + std::string(1, m_text[m_at]) + "'",
                    0, m_at + 1);
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::vector<Token> m_tokens;
};

} // namespace

Result<std::vector<Token>> tokenize(std::string_view text)
{
    if (text.size() > longestQuery) {
        return fail("the question is longer than 10,000 characters", 0, longestQuery + 1);
    }
    return Lexer(text).run();
}

std::string shown(const Token& token)
{
    switch (token.kind) {
    case Token::Kind::End:
        return "the end";
    case Token::Kind::Text:
        return "\"" + token.text + "\"";
    default:
        return "'" + token.text + "'";
    }
}

} // namespace lightcone::query
