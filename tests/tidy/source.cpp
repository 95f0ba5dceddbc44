#include "tests/tidy/source.h"

#include <algorithm>
#include <cstddef>
#include <regex>
#include <utility>

namespace lightcone::tidy {
namespace {

std::vector<std::string> splitLines(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            break;
        }
        text.remove_prefix(end + 1);
    }
    return lines;
}

/// Walks C++ text once and blanks comments, raw strings and, on request, ordinary literals.
class Blanker
{
public:
    enum class Literals { Keep, Blank };

    Blanker(std::string_view text, Literals literals)
        : m_text(text)
        , m_out(text)
        , m_literals(literals)
    {
    }

    std::string run()
    {
        while (m_at < m_text.size()) {
            if (startsWith("//")) {
                blankTo(m_text.find('\n', m_at));
            } else if (startsWith("/*")) {
                const auto end = m_text.find("*/", m_at + 2);
                blankTo(end == std::string_view::npos ? end : end + 2);
            } else if (startsWith("R\"") && !precededByWord()) {
                rawString();
            } else if (m_text[m_at] == '"' || (m_text[m_at] == '\'' && !precededByWord())) {
                literal(m_text[m_at]);
            } else {
                ++m_at;
            }
        }
        return std::move(m_out);
    }

private:
    bool startsWith(std::string_view what) const { return m_text.substr(m_at).starts_with(what); }

    // A quote after a word character is a digit separator (1'000), an R after one ends a name.
    bool precededByWord() const
    {
        if (m_at == 0) {
            return false;
        }
        const char before = m_text[m_at - 1];
        return (before >= '0' && before <= '9') || (before >= 'a' && before <= 'z')
            || (before >= 'A' && before <= 'Z') || before == '_';
    }

    void blankTo(std::size_t end)
    {
        end = std::min(end, m_text.size());
        for (; m_at < end; ++m_at) {
            if (m_text[m_at] != '\n') {
                m_out[m_at] = ' ';
            }
        }
    }

    void rawString()
    {
        const auto open = m_text.find('(', m_at);
        if (open == std::string_view::npos) {
            m_at += 2;
            return;
        }
        const std::string close =
            ")" + std::string(m_text.substr(m_at + 2, open - m_at - 2)) + "\"";
        const auto end = m_text.find(close, open);
        blankTo(end == std::string_view::npos ? end : end + close.size());
    }

    void literal(char quote)
    {
        auto end = m_at + 1;
        while (end < m_text.size() && m_text[end] != quote && m_text[end] != '\n') {
            end += m_text[end] == '\\' ? 2 : 1;
        }
        if (m_literals == Literals::Blank) {
            ++m_at;
            blankTo(end);
        }
        m_at = std::min(end + 1, m_text.size());
    }

    std::string_view m_text;
    std::string m_out;
    Literals m_literals;
    std::size_t m_at = 0;
};

} // namespace

Source parseSource(std::string path, std::string_view text)
{
    return {
        .path = std::move(path),
        .lines = splitLines(text),
        .code = splitLines(Blanker(text, Blanker::Literals::Blank).run()),
        .directives = splitLines(Blanker(text, Blanker::Literals::Keep).run()),
    };
}

std::vector<Include> includesOf(const Source& source)
{
    static const std::regex pattern(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
    std::vector<Include> includes;
    for (std::size_t i = 0; i < source.directives.size(); ++i) {
        std::smatch match;
        if (std::regex_search(source.directives[i], match, pattern)) {
            includes.push_back(
                {.line = static_cast<int>(i) + 1, .target = match[2], .quoted = match[1] == "\""});
        }
    }
    return includes;
}

} // namespace lightcone::tidy
