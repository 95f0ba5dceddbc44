#include "engine/describe/text.h"

#include "engine/core/time.h"
#include "engine/describe/naming.h"
#include "engine/describe/utf8.h"
#include "engine/describe/words.h"

#include <array>
#include <charconv>
#include <cmath>

namespace lightcone::describe {

namespace {

constexpr std::size_t longestBrief = 60;
constexpr std::size_t longestBriefText = 24;
constexpr std::size_t mostBriefElements = 4;

std::optional<std::uint32_t> numberAfter(std::string_view text, char letter)
{
    if (text.size() < 2 || text.front() != letter || (text[1] == '0' && text.size() > 2)) {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + 1, end, number);
    return error == std::errc{} && last == end ? std::optional(number) : std::nullopt;
}

std::string nodeText(NodeId node, const NodeNames& names)
{
    return node ? asWord(names.name(node)) : "none";
}

std::string requestText(RequestId id, const NodeNames& names)
{
    return id == RequestId{} ? "none"
                             : asWord(names.name(id.client) + "/" + std::to_string(id.sequence));
}

std::string realText(double value)
{
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return {digits.data(), end};
}

bool isVariant(const Value& value)
{
    return value.exists() && value.kind() == ShapeKind::Variant;
}

bool isRecord(const Value& value)
{
    return value.exists() && value.kind() == ShapeKind::Record;
}

/// A variant whose alternative is a record of the same name, or a variant itself, needs no word of
/// its own.
bool showsItsName(const Value& variant)
{
    const auto& held = variant.children().front();
    return isVariant(held) || (isRecord(held) && held.name() == variant.name());
}

template <class Element>
std::string joined(const Value::List& children, std::size_t step, Element element)
{
    std::string out;
    for (std::size_t i = 0; i + step <= children.size(); i += step) {
        out += i == 0 ? "" : ", ";
        out += element(i);
    }
    return out;
}

std::string fieldText(const FieldShape& field, const Value& value, const NodeNames& names)
{
    if (value.exists() && value.kind() == ShapeKind::Bool) {
        return value.asBool() ? field.name : "not " + field.name;
    }
    return field.name + " " + toText(value, names);
}

std::string recordText(const Value& record, const NodeNames& names)
{
    const auto& shape = *record.shape();
    if (shape.fields.empty()) {
        return shape.name.empty() ? "{}" : shape.name;
    }
    const auto fields = joined(record.children(), 1, [&](std::size_t i) {
        return i < shape.fields.size() ? fieldText(shape.fields[i], record.children()[i], names)
                                       : std::string{};
    });
    return shape.name + "{" + fields + "}";
}

/// An optional that holds something which itself reads "none" says that it holds it.
std::string optionalText(const Value& value, const NodeNames& names)
{
    if (value.children().empty()) {
        return "none";
    }
    auto held = toText(value.children().front(), names);
    return held == "none" || held.starts_with("some ") ? "some " + held : held;
}

} // namespace

const NodeNames& plainNames()
{
    static const NodeNames names{
        [](NodeId node) {
            return isClient(node) ? "c" + std::to_string(node.value - firstClient)
                                  : "n" + std::to_string(node.value);
        },
        [](std::string_view text) -> std::optional<NodeId> {
            if (const auto node = numberAfter(text, 'n'); node && *node < firstClient) {
                return NodeId(*node);
            }
            if (const auto client = numberAfter(text, 'c');
                client && *client <= UINT32_MAX - firstClient) {
                return clientId(*client);
            }
            return std::nullopt;
        },
    };
    return names;
}

std::string toText(const Value& value, const NodeNames& names)
{
    if (!value.exists()) {
        return "nothing";
    }
    const auto& children = value.children();
    const auto element = [&](std::size_t i) { return toText(children[i], names); };
    switch (value.kind()) {
    case ShapeKind::Bool:
        return value.asBool() ? "true" : "false";
    case ShapeKind::Int:
        return std::to_string(value.asInt());
    case ShapeKind::UInt:
        return std::to_string(value.asUInt());
    case ShapeKind::Real:
        return realText(value.asReal());
    case ShapeKind::Text:
        return asWord(value.asText());
    case ShapeKind::Duration:
        return toScenarioText(value.asDuration());
    case ShapeKind::Instant:
        return toScenarioText(value.asInstant().time_since_epoch());
    case ShapeKind::Node:
        return nodeText(value.asNode(), names);
    case ShapeKind::Request:
        return requestText(value.asRequest(), names);
    case ShapeKind::Enum:
        return std::string(value.name());
    case ShapeKind::Optional:
        return optionalText(value, names);
    case ShapeKind::List:
        return "[" + joined(children, 1, element) + "]";
    case ShapeKind::Set:
        return "{" + joined(children, 1, element) + "}";
    case ShapeKind::Map:
        return "{"
            + joined(children, 2, [&](std::size_t i) { return element(i) + ": " + element(i + 1); })
            + "}";
    case ShapeKind::Record:
        return recordText(value, names);
    case ShapeKind::Variant:
        if (children.empty()) {
            return "nothing";
        }
        return showsItsName(value) ? element(0) : asWord(value.name()) + " " + element(0);
    }
    return {};
}

namespace {

/// How much of its own name a record says: a message says it, an entry of a log is known by what it
/// carries.
enum class Naming { Message, Command, Alone };

/// Composes the short phrase of one value.
class Brief
{
public:
    explicit Brief(const NodeNames& names)
        : m_names(names)
    {
    }

    [[nodiscard]] std::string of(const Value& value, Naming naming) const
    {
        if (!value.exists()) {
            return {};
        }
        switch (value.kind()) {
        case ShapeKind::Text:
            return text(value.asText());
        case ShapeKind::Duration:
            return lightcone::toText(value.asDuration());
        case ShapeKind::Instant:
            return lightcone::toText(value.asInstant());
        case ShapeKind::Real:
            return real(value.asReal());
        case ShapeKind::Optional:
            return value.children().empty() ? "none" : of(value.children().front(), naming);
        case ShapeKind::List:
            return elements(value, '[', ']', 1);
        case ShapeKind::Set:
            return elements(value, '{', '}', 1);
        case ShapeKind::Map:
            return elements(value, '{', '}', 2);
        case ShapeKind::Record:
            return record(value, naming);
        case ShapeKind::Variant:
            return variant(value, naming);
        default:
            return toText(value, m_names);
        }
    }

private:
    static std::string text(const std::string& value)
    {
        const auto shown = asUtf8(utf8Prefix(value, longestBriefText));
        return value.empty() ? "\"\"" : value.size() > longestBriefText ? shown + "…" : shown;
    }

    static std::string real(double value)
    {
        std::array<char, 48> digits{};
        const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                                std::chars_format::general, 6);
        return {digits.data(), end};
    }

    [[nodiscard]] std::string elements(const Value& value, char open, char close,
                                       std::size_t step) const
    {
        const auto& children = value.children();
        const auto count = children.size() / step;
        if (count > mostBriefElements) {
            return open + std::to_string(count) + close;
        }
        return open
            + joined(children, step,
                     [&](std::size_t i) {
                         const auto first = of(children[i], Naming::Command);
                         return step == 2 ? first + ":" + of(children[i + 1], Naming::Command)
                                          : first;
                     })
            + close;
    }

    [[nodiscard]] std::string variant(const Value& value, Naming naming) const
    {
        if (value.children().empty()) {
            return {};
        }
        const auto& held = value.children().front();
        const auto inner = of(held, naming == Naming::Alone ? Naming::Message : naming);
        return showsItsName(value) ? inner : std::string(value.name()) + " " + inner;
    }

    /// A ballot of several fields reads "3.n1".
    [[nodiscard]] std::string epoch(const Value& value) const
    {
        const auto& held = value.held();
        if (!isRecord(held)) {
            return of(held, Naming::Command);
        }
        std::string out;
        for (const auto& part : held.children()) {
            out += (out.empty() ? "" : ".") + of(part, Naming::Command);
        }
        return out;
    }

    /// "x=1"; two contents are what is expected and what it becomes: "x=1→2".
    [[nodiscard]] std::string keyAndContent(const Value& value) const
    {
        std::string key;
        std::string content;
        forEachField(value, [&](const FieldShape& field, const Value& part) {
            if (field.facet == Facet::Key) {
                key += (key.empty() ? "" : " ") + of(part, Naming::Command);
            } else if (field.facet == Facet::Content) {
                content += (content.empty() ? "" : "→") + of(part, Naming::Command);
            }
        });
        return key.empty() || content.empty() ? key + content : key + "=" + content;
    }

    static const Value* carried(const Value& record)
    {
        const Value* found = nullptr;
        forEachField(record, [&](const FieldShape& field, const Value& part) {
            const bool filled =
                part.exists() && part.kind() == ShapeKind::Optional && !part.children().empty();
            const auto& inside = filled ? part.children().front() : part;
            if (found == nullptr && field.facet != Facet::Epoch && isVariant(inside)) {
                found = &inside;
            }
        });
        return found;
    }

    template <class Visit>
    static void forEachField(const Value& record, Visit visit)
    {
        const auto& fields = record.shape()->fields;
        for (std::size_t i = 0; i < fields.size() && i < record.children().size(); ++i) {
            if (fields[i].facet != Facet::Detail) {
                visit(fields[i], record.children()[i]);
            }
        }
    }

    /// "T" of a term, "B" of a ballot.
    static std::string epochLetter(const Value& record)
    {
        const auto field = record.shape()->fieldWith(Facet::Epoch);
        const auto name = field ? record.shape()->fields[*field].name : std::string();
        const char letter = name.empty() ? 'e' : name.front();
        return {letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter};
    }

    /// A record that says first what came of something is known by that: "found 5", "done".
    static bool startsWithEnum(const Value& record)
    {
        const auto& children = record.children();
        return !children.empty() && children.front().exists()
            && children.front().kind() == ShapeKind::Enum
            && record.shape()->fields.front().facet == Facet::None;
    }

    /// True flags by their name; everything else only where nothing better says what the record is
    /// about.
    [[nodiscard]] std::string rest(const Value& record, bool flagsOnly) const
    {
        std::string out;
        std::size_t shown = 0;
        forEachField(record, [&](const FieldShape& field, const Value& part) {
            if (!part.exists()) {
                return;
            }
            if (part.kind() == ShapeKind::Bool) {
                out += part.asBool() ? " " + field.name : std::string{};
            } else if (!flagsOnly && shown < 3 && !part.isEmptyOptional()) {
                out += " " + of(part, Naming::Command);
                ++shown;
            }
        });
        return out;
    }

    [[nodiscard]] std::string record(const Value& value, Naming naming) const
    {
        const auto* term = value.findFacet(Facet::Epoch);
        const auto* inside = carried(value);
        auto subject = keyAndContent(value);
        const bool isEntry = term != nullptr && (inside != nullptr || !subject.empty());
        if (isEntry && naming != Naming::Message) {
            return epochLetter(value) + epoch(*term) + " "
                + (subject.empty() ? of(*inside, Naming::Command) : subject) + rest(value, true);
        }
        if (term == nullptr && subject.empty() && startsWithEnum(value)) {
            const auto said = rest(value, false);
            return said.empty() ? said : said.substr(1);
        }
        const bool isCommand = naming == Naming::Command || (term == nullptr && !subject.empty());
        const auto name = value.shape()->name;
        std::string out = isCommand ? enumeratorName(name) : name;
        if (term != nullptr) {
            out += " " + epoch(*term);
        }
        if (subject.empty() && inside != nullptr) {
            subject = of(*inside, Naming::Command);
        }
        out += subject.empty() ? "" : " " + subject;
        return out + rest(value, term != nullptr || !subject.empty());
    }

    const NodeNames& m_names;
};

} // namespace

std::string brief(const Value& value, const NodeNames& names)
{
    auto phrase = Brief(names).of(value, Naming::Alone);
    return phrase.size() <= longestBrief ? phrase
                                         : std::string(utf8Prefix(phrase, longestBrief - 3)) + "…";
}

Value zero(const ShapePtr& shape)
{
    switch (shape->kind) {
    case ShapeKind::Bool:
        return Value::boolean(shape, false);
    case ShapeKind::Int:
    case ShapeKind::Duration:
    case ShapeKind::Instant:
        return Value::integer(shape, 0);
    case ShapeKind::UInt:
    case ShapeKind::Node:
    case ShapeKind::Enum:
        return Value::unsignedInteger(shape, 0);
    case ShapeKind::Real:
        return Value::real(shape, 0);
    case ShapeKind::Text:
        return Value::text(shape, {});
    case ShapeKind::Request:
        return Value::request(shape, {});
    case ShapeKind::Optional:
        return Value::none(shape);
    case ShapeKind::List:
    case ShapeKind::Set:
    case ShapeKind::Map:
        return Value::list(shape, {});
    case ShapeKind::Variant:
        return shape->fields.empty()
            ? Value::none(shape)
            : Value::alternative(shape, 0, zero(shape->fields.front().shape));
    case ShapeKind::Record:
        break;
    }
    Value::List fields;
    for (const auto& field : shape->fields) {
        fields.push_back(zero(field.shape));
    }
    return Value::list(shape, std::move(fields));
}

} // namespace lightcone::describe
