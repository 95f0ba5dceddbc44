#include "engine/describe/expectation.h"

#include "engine/describe/naming.h"

#include <string_view>

namespace lightcone::describe {

namespace {

std::string withArticle(const std::string& name)
{
    const bool vowel = std::string_view("AEIOUaeiou").find(name.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + name;
}

void addAlternatives(const Shape& variant, std::vector<std::string>& names)
{
    for (const auto& field : variant.fields) {
        if (field.shape->kind == ShapeKind::Variant) {
            addAlternatives(*field.shape, names);
        } else {
            names.push_back(enumeratorName(field.name));
        }
    }
}

} // namespace

std::string choice(const std::vector<std::string>& names)
{
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
        out += names[i];
    }
    return out;
}

std::string expectation(const Shape& shape)
{
    std::vector<std::string> names;
    switch (shape.kind) {
    case ShapeKind::Bool:
        return "true or false";
    case ShapeKind::Int:
        return "a whole number";
    case ShapeKind::UInt:
        return "a whole number of zero or more";
    case ShapeKind::Real:
        return "a number such as 0.5";
    case ShapeKind::Text:
        return "a word or a \"quoted text\"";
    case ShapeKind::Duration:
        return "a duration such as 20ms";
    case ShapeKind::Instant:
        return "an instant such as 437.02ms";
    case ShapeKind::Node:
        return "a node such as n3";
    case ShapeKind::Request:
        return "a request such as c1/4";
    case ShapeKind::Enum:
        for (const auto& enumerator : shape.enumerators) {
            names.push_back(enumerator.name);
        }
        return names.empty() ? "a name" : choice(names);
    case ShapeKind::Optional:
        return expectation(*shape.of) + ", or none";
    case ShapeKind::List:
        return "a list such as [a, b]";
    case ShapeKind::Set:
        return "a set such as {a, b}";
    case ShapeKind::Map:
        return "a map such as {a: 1, b: 2}";
    case ShapeKind::Record:
        return shape.name.empty() ? "{" : withArticle(shape.name);
    case ShapeKind::Variant:
        addAlternatives(shape, names);
        return names.empty() ? "nothing" : choice(names);
    }
    return {};
}

} // namespace lightcone::describe
