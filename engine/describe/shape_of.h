#pragma once

#include "engine/describe/kinds.h"
#include "engine/describe/shape.h"
#include "engine/describe/value.h"

#include <boost/mp11.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lightcone::describe {

template <class T>
const ShapePtr& shapeOf();

namespace detail {

// What every described type asks for and is no template.
std::shared_ptr<Shape> newShape(ShapeKind, std::string name = {});
void addMember(Shape&, const char* member, ShapePtr, Facet (*facetOf)(std::string_view));
void addEnumerator(Shape&, const char* enumerator, Tone (*toneOf)(std::string_view));
void addPart(Shape&, std::string name, ShapePtr);

template <class T>
Facet facetOf([[maybe_unused]] std::string_view field)
{
    if constexpr (HasFacets<T>) {
        for (const auto& row : facets(Tag<T>{})) {
            if (row.field == field) {
                return row.facet;
            }
        }
    }
    return Facet::None;
}

template <class T>
Tone toneOf([[maybe_unused]] std::string_view enumerator)
{
    if constexpr (HasTones<T>) {
        for (const auto& row : tones(Tag<T>{})) {
            if (row.enumerator == enumerator) {
                return row.tone;
            }
        }
    }
    return Tone::Neutral;
}

template <DescribedEnum T>
ShapePtr makeEnumShape()
{
    auto shape = newShape(ShapeKind::Enum, typeName<T>());
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(
        [&](auto row) { addEnumerator(*shape, row.name, toneOf<T>); });
    return shape;
}

template <DescribedClass T>
ShapePtr makeRecordShape()
{
    auto shape = newShape(ShapeKind::Record, typeName<T>());
    if constexpr (HasTone<T>) {
        shape->tone = tone(Tag<T>{});
    }
    boost::mp11::mp_for_each<Members<T>>([&](auto row) {
        using Member = std::remove_cvref_t<decltype(std::declval<T&>().*row.pointer)>;
        addMember(*shape, row.name, shapeOf<Member>(), facetOf<T>);
    });
    return shape;
}

template <AnyVariant T>
ShapePtr makeVariantShape()
{
    auto shape = newShape(ShapeKind::Variant);
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, T>>([&](auto type) {
        using Alternative = typename decltype(type)::type;
        addPart(*shape, typeName<Alternative>(), shapeOf<Alternative>());
    });
    return shape;
}

template <class T>
ShapePtr makeContainerShape(ShapeKind kind)
{
    auto shape = newShape(kind);
    if constexpr (AnyMap<T>) {
        shape->key = shapeOf<typename T::key_type>();
        shape->of = shapeOf<typename T::mapped_type>();
    } else if constexpr (AnyOptional<T>) {
        shape->of = shapeOf<std::remove_cvref_t<decltype(*std::declval<T&>())>>();
    } else {
        // A list of nothings could claim any length in no bytes.
        static_assert(!std::is_empty_v<typename T::value_type>, "elements with content");
        shape->of = shapeOf<typename T::value_type>();
    }
    return shape;
}

template <class T>
ShapePtr makePairShape()
{
    auto shape = newShape(ShapeKind::Record, "Pair");
    addPart(*shape, "first", shapeOf<typename T::first_type>());
    addPart(*shape, "second", shapeOf<typename T::second_type>());
    return shape;
}

template <class T>
ShapePtr makeShape()
{
    if constexpr (std::same_as<T, bool>) {
        return shapeOfKind(ShapeKind::Bool);
    } else if constexpr (std::same_as<T, NodeId>) {
        return shapeOfKind(ShapeKind::Node);
    } else if constexpr (AnyId<T>) {
        return shapeOfKind(ShapeKind::UInt);
    } else if constexpr (std::integral<T>) {
        return shapeOfKind(std::is_signed_v<T> ? ShapeKind::Int : ShapeKind::UInt);
    } else if constexpr (std::floating_point<T>) {
        return shapeOfKind(ShapeKind::Real);
    } else if constexpr (AnyText<T>) {
        return shapeOfKind(ShapeKind::Text);
    } else if constexpr (std::same_as<T, Duration>) {
        return shapeOfKind(ShapeKind::Duration);
    } else if constexpr (std::same_as<T, Instant>) {
        return shapeOfKind(ShapeKind::Instant);
    } else if constexpr (std::same_as<T, RequestId>) {
        return shapeOfKind(ShapeKind::Request);
    } else if constexpr (DescribedEnum<T>) {
        return makeEnumShape<T>();
    } else if constexpr (AnyVariant<T>) {
        return makeVariantShape<T>();
    } else if constexpr (AnyOptional<T>) {
        return makeContainerShape<T>(ShapeKind::Optional);
    } else if constexpr (AnyPair<T>) {
        return makePairShape<T>();
    } else if constexpr (DescribedClass<T>) {
        return makeRecordShape<T>();
    } else if constexpr (AnyMap<T>) {
        return makeContainerShape<T>(ShapeKind::Map);
    } else if constexpr (AnySet<T>) {
        return makeContainerShape<T>(ShapeKind::Set);
    } else {
        static_assert(AnyList<T>,
                      "this type is not described: list its members with BOOST_DESCRIBE_STRUCT");
        return makeContainerShape<T>(ShapeKind::List);
    }
}

} // namespace detail

/// The shape of T, built once.
template <class T>
const ShapePtr& shapeOf()
{
    static const ShapePtr shape = detail::makeShape<T>();
    return shape;
}

/// The enumerator's place in its described list, which is what bytes and values carry.
template <DescribedEnum T>
std::uint64_t indexOf(T value)
{
    std::uint64_t index = 0;
    std::uint64_t found = 0;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto row) {
        if (row.value == value) {
            found = index;
        }
        ++index;
    });
    return found;
}

template <DescribedEnum T>
std::optional<T> enumeratorAt(std::uint64_t index)
{
    std::uint64_t at = 0;
    std::optional<T> found;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto row) {
        if (at++ == index) {
            found = row.value;
        }
    });
    return found;
}

/// "preCandidate"
template <DescribedEnum T>
std::string nameOf(T value)
{
    return shapeOf<T>()->enumerators[indexOf(value)].name;
}

} // namespace lightcone::describe
