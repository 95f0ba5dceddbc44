#pragma once

#include "engine/describe/shape_of.h"

namespace lightcone::describe {

template <class T>
Value toValue(const T& value);

namespace detail {

/// Not in place: every member of every described type does it.
void append(Value::List&, Value);

} // namespace detail

template <class T>
Value toValue(const T& value)
{
    const auto& shape = shapeOf<T>();
    if constexpr (std::same_as<T, bool>) {
        return Value::boolean(shape, value);
    } else if constexpr (AnyId<T>) {
        return Value::unsignedInteger(shape, value.value);
    } else if constexpr (std::integral<T>) {
        if constexpr (std::is_signed_v<T>) {
            return Value::integer(shape, value);
        } else {
            return Value::unsignedInteger(shape, value);
        }
    } else if constexpr (std::floating_point<T>) {
        return Value::real(shape, value);
    } else if constexpr (AnyText<T>) {
        return Value::text(shape, value);
    } else if constexpr (std::same_as<T, Duration>) {
        return Value::integer(shape, value.count());
    } else if constexpr (std::same_as<T, Instant>) {
        return Value::integer(shape, value.time_since_epoch().count());
    } else if constexpr (std::same_as<T, RequestId>) {
        return Value::request(shape, value);
    } else if constexpr (DescribedEnum<T>) {
        return Value::unsignedInteger(shape, indexOf(value));
    } else if constexpr (AnyVariant<T>) {
        return std::visit(
            [&](const auto& held) {
                return Value::alternative(shape, value.index(), toValue(held));
            },
            value);
    } else if constexpr (AnyOptional<T>) {
        return value ? Value::some(shape, toValue(*value)) : Value::none(shape);
    } else {
        Value::List children;
        if constexpr (AnyPair<T>) {
            children = {toValue(value.first), toValue(value.second)};
        } else if constexpr (DescribedClass<T>) {
            children.reserve(boost::mp11::mp_size<Members<T>>::value);
            boost::mp11::mp_for_each<Members<T>>(
                [&](auto row) { detail::append(children, toValue(value.*row.pointer)); });
        } else if constexpr (AnyMap<T>) {
            for (const auto& [key, mapped] : value) {
                detail::append(children, toValue(key));
                detail::append(children, toValue(mapped));
            }
        } else {
            children.reserve(value.size());
            for (const auto& element : value) {
                detail::append(children, toValue<typename T::value_type>(element));
            }
        }
        return Value::list(shape, std::move(children));
    }
}

/// One field of a described class by its described name, without describing the rest; nothing where
/// there is none.
template <DescribedClass T>
Value fieldToValue(const T& value, std::string_view name)
{
    Value found;
    boost::mp11::mp_for_each<Members<T>>([&](auto row) {
        if (!found.exists() && isMemberName(row.name, name)) {
            found = toValue(value.*row.pointer);
        }
    });
    return found;
}

} // namespace lightcone::describe
