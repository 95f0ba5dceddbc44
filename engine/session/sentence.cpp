#include "engine/session/sentence.h"

#include "engine/session/words.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace lightcone::session {
namespace {

constexpr std::string_view blanks = " \t";

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

std::size_t codePoints(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

char closing(char opening)
{
    return opening == '(' ? ')' : opening == '[' ? ']' : '}';
}

/// Puts lines together to sentences, a byte at a time.
class Joiner
{
public:
    std::optional<Error> line(std::string_view line)
    {
        ++m_line;
        m_text = line;
        const auto first = line.find_first_not_of(blanks);
        if (first == std::string_view::npos) {
            return m_quote ? std::optional(unclosedQuote()) : std::nullopt;
        }
        if (line[first] == '#' && !m_quote) {
            if (m_sentences.empty() && !m_current) {
                comment(line.substr(first + 1));
            }
            return std::nullopt;
        }
        if (auto wrong = place(first)) {
            return wrong;
        }
        return scan(first);
    }

    Result<Text> finish()
    {
        if (m_quote) {
            return unclosedQuote();
        }
        if (!m_open.empty()) {
            const auto [bracket, where] = m_open.back();
            return fail(fmt::format("this '{}' is never closed", bracket), where.line,
                        where.column);
        }
        close();
        return Text{std::move(m_sentences), std::move(m_opening)};
    }

private:
    struct Open
    {
        char bracket;
        Place where;
    };

    void comment(std::string_view text)
    {
        // Title and summary are one block of lines.
        if (!m_opening.empty() && m_line != m_openingEnd + 1) {
            return;
        }
        m_openingEnd = m_line;
        const auto first = text.find_first_not_of(blanks);
        const auto last = text.find_last_not_of(blanks);
        m_opening.emplace_back(first == std::string_view::npos
                                   ? std::string_view{}
                                   : text.substr(first, last - first + 1));
    }

    /// Decides what a line that begins at that byte belongs to.
    std::optional<Error> place(std::size_t first)
    {
        const bool goesOn = first > 0 || !m_open.empty();
        if (m_quote && first == 0) {
            return unclosedQuote();
        }
        if (goesOn && !m_current) {
            return fail("an indented line continues the one above it, and there is none", m_line,
                        first + 1);
        }
        if (!goesOn) {
            close();
            m_current.emplace();
        } else {
            m_current->piece.text += ' ';
        }
        m_current->piece.marks.push_back(
            {m_current->piece.text.size(), Place{m_line, codePoints(m_text.substr(0, first)) + 1}});
        return std::nullopt;
    }

    std::optional<Error> scan(std::size_t first)
    {
        for (auto i = first; i < m_text.size(); ++i) {
            const char c = m_text[i];
            if (m_quote) {
                if (c == '\\' && i + 1 < m_text.size()) {
                    put(c);
                    put(m_text[++i]);
                    continue;
                }
                if (c == '"') {
                    m_quote.reset();
                }
            } else if (c == '#' && isBlank(m_text[i - 1])
                       && (i + 1 == m_text.size() || !isDigit(m_text[i + 1]))) {
                break;
            } else if (c == '"') {
                m_quote = here(i);
            } else if (auto wrong = bracket(c, i)) {
                return wrong;
            }
            put(c);
        }
        auto& text = m_current->piece.text;
        while (!text.empty() && isBlank(text.back())) {
            text.pop_back();
        }
        if (text.size() > longestSentence) {
            return fail("this line is too long: at most " + std::to_string(longestSentence)
                            + " bytes",
                        m_line, 1);
        }
        return std::nullopt;
    }

    std::optional<Error> bracket(char c, std::size_t at)
    {
        if (c == '(' || c == '[' || c == '{') {
            m_open.push_back({c, here(at)});
            if (m_open.size() > deepestBrackets) {
                return fail("brackets are nested too deeply: at most "
                                + std::to_string(deepestBrackets),
                            m_line, here(at).column);
            }
        } else if (c == ')' || c == ']' || c == '}') {
            if (m_open.empty() || closing(m_open.back().bracket) != c) {
                return fail(m_open.empty() ? fmt::format("this '{}' closes nothing", c)
                                           : fmt::format("this '{}' found where '{}' was expected",
                                                         c, closing(m_open.back().bracket)),
                            m_line, here(at).column);
            }
            m_open.pop_back();
        }
        return std::nullopt;
    }

    void put(char c) { m_current->piece.text += c == '\t' && !m_quote ? ' ' : c; }

    [[nodiscard]] Place here(std::size_t at) const
    {
        return {m_line, codePoints(m_text.substr(0, at)) + 1};
    }

    [[nodiscard]] Error unclosedQuote() const
    {
        return fail("this text has no closing quote, here or on the indented lines below",
                    m_quote->line, m_quote->column);
    }

    void close();

    std::size_t m_line = 0;
    std::string_view m_text{};
    std::optional<Sentence> m_current{};
    std::optional<Place> m_quote{};
    std::vector<Open> m_open{};
    std::vector<Sentence> m_sentences{};
    std::vector<std::string> m_opening{};
    std::size_t m_openingEnd = 0;
};

void cutIntoWords(Sentence& sentence)
{
    const std::string_view text = sentence.piece.text;
    std::size_t depth = 0;
    bool quoted = false;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!inside && !isBlank(c)) {
            sentence.words.push_back({i, text.size()});
            inside = true;
        }
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            --depth;
        } else if (inside && isBlank(c) && depth == 0) {
            sentence.words.back().end = i;
            inside = false;
        }
    }
}

void Joiner::close()
{
    if (m_current) {
        cutIntoWords(*m_current);
        m_sentences.push_back(std::move(*m_current));
        m_current.reset();
    }
}

/// The first byte that cannot stand in a text: a control character or something that is not UTF-8.
std::size_t firstBad(std::string_view line)
{
    for (std::size_t i = 0; i < line.size();) {
        const auto c = static_cast<unsigned char>(line[i]);
        const std::size_t length = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
        const bool lead = (c >= 0x20 && c < 0x7F) || c == '\t' || (c >= 0xC2 && c <= 0xF4);
        if (!lead || i + length > line.size()) {
            return i;
        }
        for (std::size_t k = 1; k < length; ++k) {
            if ((static_cast<unsigned char>(line[i + k]) & 0xC0) != 0x80) {
                return i;
            }
        }
        i += length;
    }
    return std::string_view::npos;
}

} // namespace

Place Piece::placeOf(std::size_t offset) const
{
    const Mark* before = nullptr;
    for (const auto& mark : marks) {
        if (mark.offset <= offset || before == nullptr) {
            before = &mark;
        }
    }
    if (before == nullptr) {
        return {};
    }
    const auto end = std::min(offset, text.size());
    const auto begin = std::min(before->offset, end);
    return {before->place.line,
            before->place.column + codePoints(std::string_view(text).substr(begin, end - begin))};
}

Piece Sentence::part(std::size_t begin, std::size_t end) const
{
    Piece result{piece.text.substr(begin, end - begin), {{0, piece.placeOf(begin)}}};
    for (const auto& mark : piece.marks) {
        if (mark.offset > begin && mark.offset < end) {
            result.marks.push_back({mark.offset - begin, mark.place});
        }
    }
    return result;
}

Result<Text> readText(std::string_view text)
{
    if (text.size() > longestText) {
        return fail("the scenario is too long: at most " + std::to_string(longestText) + " bytes");
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    Joiner joiner;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (const auto bad = firstBad(line); bad != std::string_view::npos) {
            return fail("a byte here is no text: a scenario is UTF-8 without control characters",
                        number, codePoints(line.substr(0, bad)) + 1);
        }
        if (auto wrong = joiner.line(line)) {
            return *wrong;
        }
    }
    return joiner.finish();
}

} // namespace lightcone::session
