#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

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

namespace detail {

/// "… prettyName() [with T = a::b::Name]" or "… [T = a::b::Name]", as the compiler spells it.
template <class T>
constexpr const char* prettyName()
{
    return __PRETTY_FUNCTION__;
}

/// Without the namespaces, classes and functions around it and without template arguments:
/// "void f(X<int>)::Outer<a::B>::Inner<int>" → "Inner".
constexpr std::string_view unqualified(std::string_view text)
{
    std::size_t begin = 0;
    std::size_t end = text.size();
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '<' || c == '(' || c == '[' || c == '{') {
            end = depth == 0 && c == '<' ? i : end;
            ++depth;
        } else if (c == '>' || c == ')' || c == ']' || c == '}') {
            --depth;
        } else if (c == ':' && depth == 0) {
            begin = i + 1;
            end = text.size();
        }
    }
    return text.substr(begin, end - begin);
}

template <class T>
constexpr std::string_view bareName()
{
    const std::string_view text = prettyName<T>();
    const auto begin = text.find("T = ", text.find('[')) + 4;
    return unqualified(text.substr(begin, text.size() - begin - 1));
}

/// Says how a type is called where the compilers do not agree.
template <class T>
struct TypeName
{
    static std::string get()
    {
        if constexpr (std::is_same_v<T, bool>) {
            return "Bool";
        } else if constexpr (std::is_integral_v<T>) {
            return (std::is_signed_v<T> ? "Int" : "UInt") + std::to_string(8 * sizeof(T));
        } else if constexpr (std::is_floating_point_v<T>) {
            return "Real";
        } else {
            return std::string(bareName<T>());
        }
    }
};

template <>
struct TypeName<std::string>
{
    static std::string get() { return "Text"; }
};

template <template <class...> class Of, class... Arguments>
struct TypeName<Of<Arguments...>>
{
    static std::string get()
    {
        std::string arguments;
        const auto add = [&](std::string_view bare, std::string name) {
            // Policies that nobody wrote down: void, std::allocator, std::less, …
            if (bare != "void" && bare != "allocator" && bare != "less") {
                arguments += (arguments.empty() ? "" : ",") + std::move(name);
            }
        };
        (add(bareName<Arguments>(), TypeName<Arguments>::get()), ...);
        return std::string(bareName<Of<Arguments...>>())
            + (arguments.empty() ? "" : "<" + arguments + ">");
    }
};

} // namespace detail

/// The unqualified name of a type, the same from every compiler: "AppendEntries", "Page<Put>",
/// "UInt64".
template <class T>
const std::string& typeName()
{
    static const std::string name = detail::TypeName<T>::get();
    return name;
}

} // namespace lightcone::describe
