#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// EDN, the extensible data notation of Clojure (github.com/edn-format/edn): what Jepsen and its
/// kin write histories in.
namespace lightcone::checking::edn {

enum class Kind : std::uint8_t {
    Nil,
    Boolean,
    Integer,
    Real, ///< ratios and ##NaN too
    Text,
    Character,
    Keyword,
    Symbol,
    List,
    Vector,
    Set,
    Map,
    Tagged, ///< #tag value
};

/// One value of EDN and where it stood.
struct Value
{
    Kind kind = Kind::Nil;
    std::string text{}; ///< of a Text what it says; of a Keyword its name without the colon; of
                        ///< numbers, symbols, booleans as written; of Tagged the tag
    std::vector<Value> children{}; ///< of a Map key, value, key, value, …; of Tagged one
    std::size_t line = 0;
    std::size_t column = 0;

    [[nodiscard]] bool isKeyword(std::string_view name) const
    {
        return kind == Kind::Keyword && text == name;
    }

    /// The value under a keyword of a Map; nullptr where there is none.
    [[nodiscard]] const Value* find(std::string_view keyword) const;
};

/// The value in one line, so that equal values have equal texts: elements of sets and entries of
/// maps in the order of their texts.
std::string toText(const Value&);

/// A text as EDN's string literal.
std::string quoted(std::string_view text);

/// Reads value after value. Total: any bytes are values or an error with line and column. Columns
/// count characters.
class Reader
{
public:
    /// The text must outlive the reader.
    explicit Reader(std::string_view text);

    /// Steps into a list or vector when the text begins with one: next() then gives its elements,
    /// and after its end nothing may follow.
    Result<void> enter();

    /// The next value; nothing at the end.
    Result<std::optional<Value>> next();

    static constexpr int mostDepth = 64;

private:
    using Read = Result<Value>;

    Read read(int depth);
    Read readMarked(int depth);
    Read readTagged(int depth);
    Read readNamespaced(int depth);
    Read readSequence(Kind, char close, int depth);
    Read readText();
    Read readCharacter();
    Read readWord();
    [[nodiscard]] Result<void> readEscape(std::string& out);
    [[nodiscard]] std::optional<std::uint32_t> readHex();
    [[nodiscard]] std::string_view word();
    Result<bool> skip(int depth);
    [[nodiscard]] bool atEnd() const { return m_at >= m_text.size(); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const;
    char take();
    [[nodiscard]] Value begin(Kind) const;
    [[nodiscard]] Error wrong(std::string message) const;
    [[nodiscard]] std::string found() const;

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_line = 1;
    std::size_t m_column = 1;
    char m_close = 0; ///< of the sequence that was entered
    bool m_ended = false;
};

} // namespace lightcone::checking::edn
