#include "engine/picture/words.h"

#include "engine/describe/facet.h"
#include "engine/describe/shape.h"

#include <cstddef>

namespace lightcone::picture {

using describe::Facet;
using describe::ShapeKind;
using describe::Value;

namespace {

/// "{p1, p2}" as people write it: "p1, p2".
std::string withoutBraces(const std::string& text)
{
    const bool has = text.size() > 2
        && ((text.front() == '{' && text.back() == '}')
            || (text.front() == '[' && text.back() == ']'));
    return has ? text.substr(1, text.size() - 2) : text;
}

bool isContainer(const Value& value)
{
    return value.kind() == ShapeKind::List || value.kind() == ShapeKind::Set
        || value.kind() == ShapeKind::Map;
}

bool isEmpty(const Value& held)
{
    return !held.exists() || (held.kind() == ShapeKind::Bool && !held.asBool())
        || (held.kind() == ShapeKind::Node && !held.asNode())
        || (held.kind() == ShapeKind::Text && held.asText().empty())
        || (held.kind() == ShapeKind::UInt && held.asUInt() == 0)
        || (isContainer(held) && held.children().empty());
}

/// A number says what it counts.
std::string wordsOf(const std::string& name, const Value& held, Facet facet,
                    const describe::NodeNames& names)
{
    if (held.kind() == ShapeKind::Bool) {
        return spoken(name);
    }
    if (held.kind() == ShapeKind::UInt) {
        return spoken(name) + " " + grouped(held.asUInt());
    }
    if (facet == Facet::Level) {
        const auto size = held.children().size();
        return spoken(name) + " " + grouped(held.kind() == ShapeKind::Map ? size / 2 : size);
    }
    return withoutBraces(describe::brief(held, names));
}

} // namespace

std::string fill(std::string_view pattern, std::initializer_list<std::string_view> names)
{
    std::string text;
    for (const auto name : names) {
        const auto hole = pattern.find("{}");
        if (hole == std::string_view::npos) {
            break;
        }
        text.append(pattern.substr(0, hole)).append(name);
        pattern.remove_prefix(hole + 2);
    }
    return text.append(pattern);
}

std::string grouped(std::uint64_t number)
{
    auto text = std::to_string(number);
    for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3) {
        text.insert(static_cast<std::size_t>(place), 1, ',');
    }
    return text;
}

std::string spoken(std::string_view name)
{
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char letter = name[i];
        const bool capital = letter >= 'A' && letter <= 'Z';
        if (capital && i > 0) {
            text += '-';
        }
        text += capital ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return text;
}

std::string stateInWords(const Value& state, const describe::NodeNames& names, const Words& words)
{
    std::string text;
    const auto& fields = state.shape()->fields;
    for (std::size_t i = 0; i < fields.size() && i < state.children().size(); ++i) {
        const auto& value = state.children()[i];
        const auto& held = value.held();
        const auto facet = fields[i].facet;
        const bool said = facet == Facet::Badge || facet == Facet::WaitingFor
            || facet == Facet::Peer || (facet == Facet::Level && isContainer(held));
        if (!said || value.isEmptyOptional() || isEmpty(held)) {
            continue;
        }
        auto part = wordsOf(fields[i].name, held, facet, names);
        if (facet == Facet::WaitingFor) {
            part = fill(words.waitsFor, {part});
        }
        text += (text.empty() ? "" : " · ") + part;
    }
    return text;
}

} // namespace lightcone::picture
