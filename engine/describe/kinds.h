#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/describe/facet.h"
#include "engine/describe/naming.h"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

/// Which kind of type a type is: what the other headers of this room branch on.

namespace lightcone::describe {

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_any_access>;

template <class T>
concept DescribedEnum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
concept DescribedClass = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
struct IsId : std::false_type
{
};
template <class TagType, class Rep>
struct IsId<Id<TagType, Rep>> : std::true_type
{
};
template <class T>
concept AnyId = IsId<T>::value;

template <class T>
struct IsVariant : std::false_type
{
};
template <class... Ts>
struct IsVariant<std::variant<Ts...>> : std::true_type
{
};
template <class T>
concept AnyVariant = IsVariant<T>::value;

template <class T>
struct IsOptional : std::false_type
{
};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type
{
};
template <class T>
struct IsOptional<std::shared_ptr<const T>> : std::true_type
{
};
template <class T>
concept AnyOptional = IsOptional<T>::value;

template <class T>
struct IsPair : std::false_type
{
};
template <class A, class B>
struct IsPair<std::pair<A, B>> : std::true_type
{
};
template <class T>
concept AnyPair = IsPair<T>::value;

template <class T>
concept AnyText = std::same_as<T, std::string>;

template <class T>
concept AnyMap = requires
{
    typename T::mapped_type;
}
&&!DescribedClass<T>;

template <class T>
concept AnySet = requires
{
    typename T::key_type;
}
&&!AnyMap<T> && !DescribedClass<T>;

template <class T>
concept AnyList = !AnyText<T> && !AnyMap<T> && !AnySet<T> && !DescribedClass<T> && requires(T list)
{
    typename T::value_type;
    list.push_back(std::declval<typename T::value_type>());
    list.size();
};

template <class T>
concept HasFacets = requires
{
    facets(Tag<T>{});
};

template <class T>
concept HasTones = requires
{
    tones(Tag<T>{});
};

template <class T>
concept HasTone = requires
{
    tone(Tag<T>{});
};

namespace detail {

template <>
struct TypeName<Duration>
{
    static std::string get() { return "Duration"; }
};

template <>
struct TypeName<Instant>
{
    static std::string get() { return "Instant"; }
};

template <>
struct TypeName<NodeId>
{
    static std::string get() { return "Node"; }
};

template <class T>
void fillContainer(T& out, typename T::value_type&& element)
{
    if constexpr (AnySet<T>) {
        out.insert(std::move(element));
    } else {
        out.push_back(std::move(element));
    }
}

template <class T>
void assignHeld(std::optional<T>& out, T&& value)
{
    out = std::move(value);
}

template <class T>
void assignHeld(std::shared_ptr<const T>& out, T&& value)
{
    out = std::make_shared<const T>(std::move(value));
}

template <class T>
using Held = std::remove_cvref_t<decltype(*std::declval<T&>())>;

} // namespace detail

} // namespace lightcone::describe
