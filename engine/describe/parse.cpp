#include "engine/core/time.h"
#include "engine/describe/expectation.h"
#include "engine/describe/naming.h"
#include "engine/describe/text.h"
#include "engine/describe/utf8.h"
#include "engine/describe/words.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lightcone::describe {

namespace {

constexpr std::size_t longestFound = 40;

bool isNameChar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool comesArrow(std::string_view text)
{
    return text.starts_with("->") || text.starts_with("→");
}

/// Reads the text form by recursion over the shape, so its depth is the shape's and not the text's.
/// After the first error everything reads as nothing.
class Reader
{
public:
    Reader(std::string_view text, const NodeNames& names)
        : m_text(text)
        , m_names(names)
    {
    }

    Result<Value> whole(const ShapePtr& shape) { return finished(value(shape, Form::Words, {})); }

    Result<Value> fields(const Value& defaults)
    {
        return finished(words(defaults.shape(), &defaults));
    }

private:
    /// Words: a record may be spelled as words up to the next delimiter. Compact: it needs its
    /// braces.
    enum class Form { Words, Compact };

    /// Where a bare text ends besides at spaces: inside brackets at any delimiter, outside only at
    /// these.
    struct Stops
    {
        bool equals = false;
        bool arrows = false;
    };

    Result<Value> finished(Value read)
    {
        if (!m_error && !atEnd()) {
            expected("the end");
        }
        if (m_error) {
            return *m_error;
        }
        return read;
    }

    void wrong(std::string message, std::size_t at)
    {
        if (!m_error) {
            m_error = fail(std::move(message), 0, at + 1);
        }
    }

    Value expected(const std::string& what)
    {
        skipSpace();
        wrong("expected " + what + ", found " + foundAt(m_at), m_at);
        return {};
    }

    [[nodiscard]] std::string foundAt(std::size_t at) const
    {
        const auto rest = m_text.substr(at);
        if (rest.empty()) {
            return "the end";
        }
        const auto length = std::max<std::size_t>(bareWordLength(rest), 1);
        const auto shown = utf8Prefix(rest.substr(0, length), longestFound);
        return "'" + asUtf8(shown.empty() ? rest.substr(0, 1) : shown) + "'";
    }

    void skipSpace()
    {
        while (m_at < m_text.size() && isSpace(m_text[m_at])) {
            ++m_at;
        }
    }

    [[nodiscard]] std::string_view rest() const { return m_text.substr(m_at); }

    bool atEnd()
    {
        skipSpace();
        return m_at == m_text.size();
    }

    [[nodiscard]] char next()
    {
        skipSpace();
        return m_at < m_text.size() ? m_text[m_at] : '\0';
    }

    bool take(std::string_view token)
    {
        skipSpace();
        if (!rest().starts_with(token)) {
            return false;
        }
        m_at += token.size();
        return true;
    }

    /// The identifier that comes next, not yet taken.
    std::string_view identifier()
    {
        skipSpace();
        const auto text = rest();
        std::size_t length = 0;
        while (length < text.size() && isNameChar(text[length])) {
            ++length;
        }
        return text.substr(0, length);
    }

    /// What follows the identifier that comes next, after spaces.
    [[nodiscard]] char after(std::string_view token) const
    {
        auto at = m_at + token.size();
        while (at < m_text.size() && isSpace(m_text[at])) {
            ++at;
        }
        return at < m_text.size() ? m_text[at] : '\0';
    }

    /// Whether a type's name comes next, as it is or with a small first letter.
    bool comesName(const std::string& name)
    {
        skipSpace();
        const auto text = rest();
        const auto matches = [&](std::string_view spelled) {
            return !spelled.empty() && text.starts_with(spelled)
                && (text.size() == spelled.size() || !isNameChar(text[spelled.size()]));
        };
        return matches(name) || matches(enumeratorName(name));
    }

    std::string word(const std::string& what, Stops stops, bool& wasQuoted)
    {
        skipSpace();
        wasQuoted = next() == '"';
        std::string out;
        if (wasQuoted) {
            std::size_t wrongAt = 0;
            const auto length = readQuoted(rest(), out, wrongAt);
            if (length == 0) {
                wrong(wrongAt == rest().size() ? "expected a closing '\"', found the end"
                                               : "expected \\n, \\t, \\\", \\\\ or \\x and two "
                                                 "digits, found an unknown escape",
                      m_at + wrongAt);
            }
            m_at += length;
            return out;
        }
        const auto text = rest();
        std::size_t length = 0;
        if (m_brackets > 0) {
            length = bareWordLength(text);
        } else {
            while (length < text.size() && !isSpace(text[length]) && text[length] != '"'
                   && !(stops.equals && text[length] == '=')
                   && !(stops.arrows && comesArrow(text.substr(length)))) {
                ++length;
            }
        }
        if (length == 0) {
            expected(what);
        }
        m_at += length;
        return std::string(text.substr(0, length));
    }

    std::string word(const Shape& shape, Stops stops)
    {
        bool wasQuoted = false;
        return word(expectation(shape), stops, wasQuoted);
    }

    template <class Number>
    bool number(const Shape& shape, Stops stops, Number& out)
    {
        skipSpace();
        const auto start = m_at;
        auto text = std::string_view(m_text).substr(start, bareWordLength(rest()));
        if (stops.equals) {
            text = text.substr(0, text.find('='));
        }
        if (text.starts_with('+')) {
            text.remove_prefix(1);
            ++m_at;
        }
        const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), out);
        if (error == std::errc::result_out_of_range) {
            m_at = start;
            wrong("expected a number that fits into 64 bits, found " + foundAt(start), start);
            return false;
        }
        if (error != std::errc{} || last != text.data() + text.size()) {
            m_at = start;
            expected(expectation(shape));
            return false;
        }
        m_at += text.size();
        return true;
    }

    Value duration(const ShapePtr& shape)
    {
        skipSpace();
        const auto start = m_at;
        std::string text(rest().substr(0, bareWordLength(rest())));
        m_at += text.size();
        if (!text.empty() && text.find_first_not_of("+-.0123456789") == std::string::npos) {
            skipSpace();
            const auto unit = rest().substr(0, bareWordLength(rest()));
            text += unit;
            m_at += unit.size();
        }
        const auto read = parseDuration(text);
        if (!read) {
            m_at = start;
            if (text.find_first_of("0123456789") == std::string::npos) {
                return expected(expectation(*shape));
            }
            wrong(read.error().message, start);
            return {};
        }
        return Value::integer(shape, read->count());
    }

    Value node(const ShapePtr& shape, Stops stops)
    {
        skipSpace();
        const auto start = m_at;
        const auto text = word(*shape, stops);
        const auto found = text == "none" ? std::optional(NodeId{}) : m_names.find(text);
        if (!found) {
            m_at = start;
            return expected(expectation(*shape));
        }
        return Value::unsignedInteger(shape, found->value);
    }

    Value request(const ShapePtr& shape, Stops stops)
    {
        skipSpace();
        const auto start = m_at;
        const auto text = word(*shape, stops);
        if (text == "none") {
            return Value::request(shape, {});
        }
        const auto slash = text.rfind('/');
        const auto client = m_names.find(text.substr(0, slash));
        std::uint32_t sequence = 0;
        const auto* end = text.data() + text.size();
        const auto* begin = slash == std::string::npos ? end : text.data() + slash + 1;
        const auto [last, error] = std::from_chars(begin, end, sequence);
        if (!client || error != std::errc{} || last != end) {
            m_at = start;
            return expected(expectation(*shape));
        }
        return Value::request(shape, {*client, sequence});
    }

    Value enumerator(const ShapePtr& shape)
    {
        const auto name = identifier();
        for (std::size_t i = 0; i < shape->enumerators.size(); ++i) {
            if (shape->enumerators[i].name == name) {
                m_at += name.size();
                return Value::unsignedInteger(shape, i);
            }
        }
        return expected(expectation(*shape));
    }

    Value boolean(const ShapePtr& shape)
    {
        const auto name = identifier();
        if (name != "true" && name != "false") {
            return expected(expectation(*shape));
        }
        m_at += name.size();
        return Value::boolean(shape, name == "true");
    }

    Value optional(const ShapePtr& shape, Form form, Stops stops)
    {
        const auto name = identifier();
        const bool alone = bareWordLength(m_text.substr(m_at + name.size())) == 0;
        if (name == "none" && alone) {
            m_at += name.size();
            return Value::none(shape);
        }
        if (name == "some" && alone) {
            const auto start = m_at;
            m_at += name.size();
            const auto inner = identifier();
            if (inner != "none" && inner != "some") {
                m_at = start;
            }
        }
        return Value::some(shape, value(shape->of, form, stops));
    }

    /// Elements between brackets, separated by commas; of maps as key: value.
    Value elements(const ShapePtr& shape)
    {
        const bool square = next() == '[' && shape->kind != ShapeKind::Map;
        const bool curly = next() == '{' && shape->kind != ShapeKind::List;
        if (!square && !curly) {
            return expected(expectation(*shape));
        }
        const std::string_view close = square ? "]" : "}";
        ++m_at;
        ++m_brackets;
        Value::List children;
        if (!take(close)) {
            do {
                const auto start = m_at;
                if (shape->kind == ShapeKind::Map) {
                    children.push_back(value(shape->key, Form::Compact, {}));
                    if (!m_error && !take(":") && !take("=")) {
                        expected("':'");
                    }
                }
                children.push_back(value(shape->of, Form::Words, {}));
                if (!m_error && m_at == start) {
                    expected(expectation(*shape->of));
                }
            } while (!m_error && take(","));
            if (!m_error && !take(close)) {
                expected("',' or '" + std::string(close) + "'");
            }
        }
        --m_brackets;
        return m_error ? Value{} : Value::list(shape, std::move(children));
    }

    Value variant(const ShapePtr& shape, Form form)
    {
        if (auto found = alternative(shape, form); found.exists() || m_error) {
            return found;
        }
        return expected(expectation(*shape));
    }

    /// Nothing when no alternative of that name is there, neither here nor in variants within.
    Value alternative(const ShapePtr& shape, Form form)
    {
        for (std::size_t i = 0; i < shape->fields.size() && !m_error; ++i) {
            const auto& [name, inner, facet] = shape->fields[i];
            if (inner->kind == ShapeKind::Variant) {
                if (auto found = alternative(inner, form); found.exists()) {
                    return Value::alternative(shape, i, std::move(found));
                }
                continue;
            }
            const bool tells = inner->kind == ShapeKind::Record && inner->name == name;
            if (!comesName(name) && (tells || !rest().starts_with(quoted(name)))) {
                continue;
            }
            if (!tells) {
                m_at += rest().starts_with('"') ? quoted(name).size() : name.size();
            }
            auto held = value(inner, form, {});
            return m_error ? Value{} : Value::alternative(shape, i, std::move(held));
        }
        return {};
    }

    Value record(const ShapePtr& shape, Form form)
    {
        const auto first = identifier();
        const bool isField = shape->fieldIndex(first) && isSeparator(after(first));
        const bool named = !isField && comesName(shape->name);
        if (named) {
            m_at += shape->name.size();
        }
        if (next() == '{') {
            return braces(shape);
        }
        if (form == Form::Words) {
            return words(shape, nullptr);
        }
        return named ? completed(shape, Slots(shape->fields.size()), nullptr)
                     : expected(expectation(*shape));
    }

    using Slots = std::vector<std::optional<Value>>;

    Value braces(const ShapePtr& shape)
    {
        Slots slots(shape->fields.size());
        ++m_at;
        ++m_brackets;
        while (!m_error && next() != '}') {
            item(*shape, slots, Form::Words);
            if (!m_error && next() != '}' && !take(",")) {
                expected("',' or '}'");
            }
        }
        auto whole = completed(shape, std::move(slots), nullptr);
        take("}");
        --m_brackets;
        return whole;
    }

    Value words(const ShapePtr& shape, const Value* defaults)
    {
        Slots slots(shape->fields.size());
        const auto ends = [this] {
            const auto c = next();
            return atEnd() || (m_brackets > 0 && (c == ',' || c == ']' || c == '}'));
        };
        while (!m_error && !ends()) {
            item(*shape, slots, Form::Compact);
        }
        return completed(shape, std::move(slots), defaults);
    }

    /// One field of a record: name=value, name: value, flag, not flag, in braces name value, or the
    /// value of the first field that has none yet.
    void item(const Shape& shape, Slots& slots, Form form)
    {
        const auto name = identifier();
        const auto named = shape.fieldIndex(name);
        const auto free = static_cast<std::size_t>(
            std::find(slots.begin(), slots.end(), std::nullopt) - slots.begin());
        const bool inBraces = form == Form::Words;
        const bool freeIsText = free < slots.size() && isText(*shape.fields[free].shape);
        if (named && (isSeparator(after(name)) || (inBraces && followedByValue(name)))) {
            const auto start = m_at;
            m_at += name.size();
            if (isSeparator(next())) {
                ++m_at;
            }
            set(shape, slots, *named, value(shape.fields[*named].shape, form, {}), start);
        } else if (named && isFlag(shape, *named) && !freeIsText) {
            const auto start = m_at;
            m_at += name.size();
            set(shape, slots, *named, Value::boolean(shape.fields[*named].shape, true), start);
        } else if (name != "not" || !takeNotFlag(shape, slots)) {
            positional(shape, slots, free, form, name);
        }
    }

    static bool isText(const Shape& shape)
    {
        return shape.kind == ShapeKind::Optional ? isText(*shape.of)
                                                 : shape.kind == ShapeKind::Text;
    }

    static bool isSeparator(char c) { return c == '=' || c == ':'; }

    static bool isFlag(const Shape& shape, std::size_t field)
    {
        return shape.fields[field].shape->kind == ShapeKind::Bool;
    }

    /// In braces "term 3" names its field, while "term" alone is a value.
    [[nodiscard]] bool followedByValue(std::string_view name) const
    {
        const auto at = m_at + name.size();
        const auto c = after(name);
        return at < m_text.size() && (isSpace(m_text[at]) || c == '[' || c == '{' || c == '"')
            && c != ',' && c != '}' && c != '\0';
    }

    /// "trem=2" and "trem: 2" are a field of that name, wrongly spelled; "http://x" among words is
    /// none.
    [[nodiscard]] bool looksLikeField(std::string_view name, Form form) const
    {
        const auto c = name.empty() ? '\0' : after(name);
        const auto colon = m_at + name.size();
        const bool glued =
            colon + 1 < m_text.size() && m_text[colon] == ':' && !isSpace(m_text[colon + 1]);
        return c == '=' || (c == ':' && (form == Form::Words || !glued));
    }

    bool takeNotFlag(const Shape& shape, Slots& slots)
    {
        const auto start = m_at;
        m_at += std::string_view("not").size();
        const auto name = identifier();
        const auto field = shape.fieldIndex(name);
        if (!field || !isFlag(shape, *field)) {
            m_at = start;
            return false;
        }
        m_at += name.size();
        set(shape, slots, *field, Value::boolean(shape.fields[*field].shape, false), start);
        return true;
    }

    void positional(const Shape& shape, Slots& slots, std::size_t free, Form form,
                    std::string_view name)
    {
        const bool keyed = free < slots.size() && shape.fields[free].facet == Facet::Key;
        const bool looksNamed = (!keyed || form == Form::Words) && looksLikeField(name, form);
        if (free == slots.size() || looksNamed) {
            std::vector<std::string> fields;
            for (const auto& field : shape.fields) {
                fields.push_back(field.name);
            }
            expected(free == slots.size() && !looksNamed ? "no more than " + choice(fields)
                                                         : choice(fields));
            return;
        }
        const bool becomes = shape.fields[free].facet == Facet::Content && free + 1 < slots.size()
            && shape.fields[free + 1].facet == Facet::Content;
        const auto start = m_at;
        set(shape, slots, free, value(shape.fields[free].shape, form, {keyed, becomes}), start);
        // What brief() prints can be written: "put x=1", "cas x=1→2".
        if (!m_error && keyed && form == Form::Compact) {
            take("=");
        }
        if (!m_error && becomes && !take("→")) {
            take("->");
        }
    }

    void set(const Shape& shape, Slots& slots, std::size_t field, Value read, std::size_t start)
    {
        if (slots[field]) {
            wrong("'" + shape.fields[field].name + "' is given twice", start);
            return;
        }
        slots[field] = std::move(read);
    }

    /// Nobody means an empty key, nor to put nothing there.
    static bool isNeeded(const FieldShape& field, const Value& byDefault)
    {
        return (field.facet == Facet::Key || field.facet == Facet::Content)
            && field.shape->kind != ShapeKind::Optional && byDefault == zero(field.shape);
    }

    /// Fields left out keep their default; without defaults flags are false and optionals none.
    Value completed(const ShapePtr& shape, Slots slots, const Value* defaults)
    {
        Value::List children;
        for (std::size_t i = 0; i < slots.size() && !m_error; ++i) {
            const auto& field = shape->fields[i];
            const auto kind = field.shape->kind;
            if (slots[i]) {
                children.push_back(std::move(*slots[i]));
            } else if (defaults != nullptr && i < defaults->children().size()
                       && !isNeeded(field, defaults->children()[i])) {
                children.push_back(defaults->children()[i]);
            } else if (defaults == nullptr
                       && (kind == ShapeKind::Bool || kind == ShapeKind::Optional
                           || field.facet == Facet::Detail)) {
                children.push_back(zero(field.shape));
            } else {
                expected("the field '" + field.name + "' (" + expectation(*field.shape) + ")");
            }
        }
        return m_error ? Value{} : Value::list(shape, std::move(children));
    }

    Value value(const ShapePtr& shape, Form form, Stops stops)
    {
        if (m_error) {
            return {};
        }
        switch (shape->kind) {
        case ShapeKind::Bool:
            return boolean(shape);
        case ShapeKind::Int: {
            std::int64_t read = 0;
            return number(*shape, stops, read) ? Value::integer(shape, read) : Value{};
        }
        case ShapeKind::UInt: {
            std::uint64_t read = 0;
            return number(*shape, stops, read) ? Value::unsignedInteger(shape, read) : Value{};
        }
        case ShapeKind::Real: {
            double read = 0;
            return number(*shape, stops, read) ? Value::real(shape, read) : Value{};
        }
        case ShapeKind::Text: {
            auto read = word(*shape, stops);
            return m_error ? Value{} : Value::text(shape, std::move(read));
        }
        case ShapeKind::Duration:
        case ShapeKind::Instant:
            return duration(shape);
        case ShapeKind::Node:
            return node(shape, stops);
        case ShapeKind::Request:
            return request(shape, stops);
        case ShapeKind::Enum:
            return enumerator(shape);
        case ShapeKind::Optional:
            return optional(shape, form, stops);
        case ShapeKind::List:
        case ShapeKind::Set:
        case ShapeKind::Map:
            return elements(shape);
        case ShapeKind::Record:
            return record(shape, form);
        case ShapeKind::Variant:
            return variant(shape, form);
        }
        return {};
    }

    std::string_view m_text;
    const NodeNames& m_names;
    std::size_t m_at = 0;
    unsigned m_brackets = 0;
    std::optional<Error> m_error;
};

} // namespace

Result<Value> parse(const ShapePtr& shape, std::string_view text, const NodeNames& names)
{
    return Reader(text, names).whole(shape);
}

Result<Value> parseFields(const Value& defaults, std::string_view words, const NodeNames& names)
{
    if (!defaults.exists() || defaults.kind() != ShapeKind::Record) {
        return defaults.exists() ? parse(defaults.shape(), words, names)
                                 : Result<Value>(fail("there is nothing to give fields to"));
    }
    return Reader(words, names).fields(defaults);
}

} // namespace lightcone::describe
