#pragma once

#include "engine/session/scenario.h"
#include "engine/session/sentence.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::session {

bool isDigit(char c);

/// Whether a word can name something: a node, a role, a protocol, a key.
bool isName(std::string_view word);

/// Reads the words of one sentence from left to right. What does not fit is thrown as an Error and
/// caught at the door of the parser.
class Words
{
public:
    explicit Words(const Sentence& sentence)
        : m_sentence(&sentence)
        , m_end(sentence.words.size())
    {
    }

    [[nodiscard]] bool atEnd() const { return m_next >= m_end; }
    [[nodiscard]] std::string_view peek(std::size_t ahead = 0) const
    {
        return m_next + ahead < m_end ? m_sentence->word(m_next + ahead) : std::string_view{};
    }
    [[nodiscard]] std::size_t left() const { return m_end - m_next; }
    std::string_view take(std::string_view expected)
    {
        if (atEnd()) {
            expect(expected);
        }
        return m_sentence->word(m_next++);
    }
    bool takeIf(std::string_view word)
    {
        const bool same = !atEnd() && peek() == word;
        m_next += same ? 1 : 0;
        return same;
    }

    /// Where the next word stands, or where it should.
    [[nodiscard]] Place place(std::size_t back = 0) const;

    [[noreturn]] void wrong(std::string message, Place where) const;

    /// The next word is not what was expected.
    [[noreturn]] void expect(std::string_view what) const;

    void end(std::string_view orWhat = {}) const;

    /// Everything from the next word up to the word with that index, at least one word.
    Piece upTo(std::size_t last, std::string_view expected);

    [[nodiscard]] std::size_t position() const { return m_next; }
    [[nodiscard]] std::size_t count() const { return m_end; }

    /// The words from there on are left to somebody else.
    void endAt(std::size_t end) { m_end = end; }
    void restoreEnd() { m_end = m_sentence->words.size(); }
    [[nodiscard]] std::string_view at(std::size_t index) const { return m_sentence->word(index); }
    [[nodiscard]] const Sentence& sentence() const { return *m_sentence; }

    Duration duration(std::string_view example);
    [[nodiscard]] Duration durationOf(std::string_view word, Place where) const;

    std::string text(std::string_view expected);

    [[nodiscard]] std::string unquoted(std::string_view word, Place where) const;

    EventId number(std::string_view expected);

    Who who();

    Setting setting(std::string_view expected);

    std::vector<Setting> settings(std::string_view expected);

private:
    const Sentence* m_sentence;
    std::size_t m_next = 0;
    std::size_t m_end;
};

} // namespace lightcone::session
