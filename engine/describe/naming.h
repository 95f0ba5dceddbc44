#pragma once

#include <cctype>
#include <string>
#include <string_view>

/// How identifiers of the code become the names that people read: one rule for every room.
namespace lightcone::describe {

/// m_term → term
constexpr std::string_view withoutPrefix(std::string_view identifier)
{
    return identifier.starts_with("m_") ? identifier.substr(2) : identifier;
}

inline std::string memberName(std::string_view identifier)
{
    return std::string(withoutPrefix(identifier));
}

inline bool isMemberName(std::string_view identifier, std::string_view name)
{
    return withoutPrefix(identifier) == name;
}

/// PreCandidate → preCandidate
inline std::string enumeratorName(std::string_view identifier)
{
    std::string name(identifier);
    if (!name.empty()) {
        name.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(name.front())));
    }
    return name;
}

/// The unqualified name of a class or enum: "AppendEntries".
template <class T>
std::string typeName()
{
    std::string_view text =
        __PRETTY_FUNCTION__; // "… typeName() [with T = a::b::Name; …]" or "[T = a::b::Name]"
    const auto begin = text.find("T = ") + 4;
    const auto end = text.find_first_of(";]", begin);
    text = text.substr(begin, end - begin);
    const auto angle = text.find('<');
    const auto colon = text.substr(0, angle).rfind("::");
    return std::string(colon == std::string_view::npos ? text : text.substr(colon + 2));
}

} // namespace lightcone::describe
