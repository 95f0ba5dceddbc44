#include "engine/check/edn.h"
#include "engine/check/edn_characters.h"

#include <algorithm>
#include <utility>

namespace lightcone::checking::edn {

namespace {

std::string joined(std::vector<std::string> parts, std::string_view open, char close)
{
    std::string text(open);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        text += (i == 0 ? "" : " ") + parts[i];
    }
    return text + close;
}

std::string characterText(const std::string& character)
{
    for (const auto& named : namedCharacters) {
        if (character.size() == 1 && character[0] == named.meaning) {
            return "\\" + std::string(named.name);
        }
    }
    return "\\" + character;
}

std::string mapText(const Value& value)
{
    std::vector<std::string> entries;
    for (std::size_t i = 0; i + 1 < value.children.size(); i += 2) {
        entries.push_back(toText(value.children[i]) + " " + toText(value.children[i + 1]));
    }
    std::ranges::sort(entries);
    std::string text = "{";
    for (std::size_t i = 0; i < entries.size(); ++i) {
        text += (i == 0 ? "" : ", ") + entries[i];
    }
    return text + "}";
}

} // namespace

std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
        case '"':
        case '\\':
            out += '\\';
            out += c;
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += c;
        }
    }
    return out + "\"";
}

std::string toText(const Value& value)
{
    std::vector<std::string> parts;
    switch (value.kind) {
    case Kind::Nil:
        return "nil";
    case Kind::Boolean:
    case Kind::Integer:
    case Kind::Real:
    case Kind::Symbol:
        return value.text;
    case Kind::Text:
        return quoted(value.text);
    case Kind::Character:
        return characterText(value.text);
    case Kind::Keyword:
        return ":" + value.text;
    case Kind::Tagged:
        return "#" + value.text + " " + toText(value.children.front());
    case Kind::Map:
        return mapText(value);
    case Kind::List:
    case Kind::Vector:
    case Kind::Set:
        for (const auto& child : value.children) {
            parts.push_back(toText(child));
        }
    }
    if (value.kind == Kind::Set) {
        std::ranges::sort(parts);
        return joined(std::move(parts), "#{", '}');
    }
    return value.kind == Kind::List ? joined(std::move(parts), "(", ')')
                                    : joined(std::move(parts), "[", ']');
}

} // namespace lightcone::checking::edn
