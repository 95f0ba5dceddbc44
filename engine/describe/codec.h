#pragma once

#include "engine/core/bytes.h"
#include "engine/core/hash.h"
#include "engine/describe/shape_of.h"

#include <bit>
#include <limits>

namespace lightcone::describe {

template <class T>
void encode(const T& value, ByteWriter& writer)
{
    if constexpr (std::same_as<T, bool>) {
        writer.byte(value ? 1 : 0);
    } else if constexpr (AnyId<T>) {
        writer.varint(value.value);
    } else if constexpr (std::integral<T>) {
        if constexpr (std::is_signed_v<T>) {
            writer.zigzag(value);
        } else {
            writer.varint(value);
        }
    } else if constexpr (std::floating_point<T>) {
        writer.fixed64(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    } else if constexpr (AnyText<T>) {
        writer.text(value);
    } else if constexpr (std::same_as<T, Duration>) {
        writer.zigzag(value.count());
    } else if constexpr (std::same_as<T, Instant>) {
        writer.zigzag(value.time_since_epoch().count());
    } else if constexpr (std::same_as<T, RequestId>) {
        writer.varint(value.client.value);
        writer.varint(value.sequence);
    } else if constexpr (DescribedEnum<T>) {
        writer.varint(indexOf(value));
    } else if constexpr (AnyVariant<T>) {
        writer.varint(value.index());
        std::visit([&](const auto& held) { encode(held, writer); }, value);
    } else if constexpr (AnyOptional<T>) {
        writer.byte(value ? 1 : 0);
        if (value) {
            encode(*value, writer);
        }
    } else if constexpr (AnyPair<T>) {
        encode(value.first, writer);
        encode(value.second, writer);
    } else if constexpr (DescribedClass<T>) {
        boost::mp11::mp_for_each<Members<T>>([&](auto row) { encode(value.*row.pointer, writer); });
    } else if constexpr (AnyMap<T>) {
        writer.varint(value.size());
        for (const auto& [key, mapped] : value) {
            encode(key, writer);
            encode(mapped, writer);
        }
    } else {
        writer.varint(value.size());
        for (const auto& element : value) {
            encode<typename T::value_type>(element, writer);
        }
    }
}

template <class T>
Bytes toBytes(const T& value)
{
    Bytes out;
    ByteWriter writer(out);
    encode(value, writer);
    return out;
}

/// Reads what encode() of the same type wrote. Whatever the bytes are, it ends, bounded by their
/// size; reader.ok() says whether they fitted.
template <class T>
T decode(ByteReader& reader)
{
    T out{};
    const auto number = [&](std::uint64_t value, std::uint64_t most) {
        if (value > most) {
            reader.fail();
        }
        return value;
    };
    if constexpr (std::same_as<T, bool>) {
        out = number(reader.byte(), 1) == 1;
    } else if constexpr (AnyId<T>) {
        using Number = typename T::Number;
        out = T(static_cast<Number>(number(reader.varint(), std::numeric_limits<Number>::max())));
    } else if constexpr (std::integral<T>) {
        if constexpr (std::is_signed_v<T>) {
            const auto value = reader.zigzag();
            if (!std::in_range<T>(value)) {
                reader.fail();
            }
            out = static_cast<T>(value);
        } else {
            out = static_cast<T>(number(reader.varint(), std::numeric_limits<T>::max()));
        }
    } else if constexpr (std::floating_point<T>) {
        out = static_cast<T>(std::bit_cast<double>(reader.fixed64()));
    } else if constexpr (AnyText<T>) {
        out = std::string(reader.text());
    } else if constexpr (std::same_as<T, Duration>) {
        out = Duration(reader.zigzag());
    } else if constexpr (std::same_as<T, Instant>) {
        out = Instant(Duration(reader.zigzag()));
    } else if constexpr (std::same_as<T, RequestId>) {
        out.client = decode<NodeId>(reader);
        out.sequence = decode<std::uint32_t>(reader);
    } else if constexpr (DescribedEnum<T>) {
        const auto found = enumeratorAt<T>(reader.varint());
        if (found) {
            out = *found;
        } else {
            reader.fail();
        }
    } else if constexpr (AnyVariant<T>) {
        const auto index = number(reader.varint(), std::variant_size_v<T> - 1);
        if (reader.ok()) {
            boost::mp11::mp_with_index<std::variant_size_v<T>>(
                static_cast<std::size_t>(index), [&](auto place) {
                    using Alternative = std::variant_alternative_t<decltype(place)::value, T>;
                    out.template emplace<decltype(place)::value>(decode<Alternative>(reader));
                });
        }
    } else if constexpr (AnyOptional<T>) {
        if (number(reader.byte(), 1) == 1 && reader.ok()) {
            detail::assignHeld(out, decode<detail::Held<T>>(reader));
        }
    } else if constexpr (AnyPair<T>) {
        out.first = decode<typename T::first_type>(reader);
        out.second = decode<typename T::second_type>(reader);
    } else if constexpr (DescribedClass<T>) {
        boost::mp11::mp_for_each<Members<T>>([&](auto row) {
            using Member = std::remove_cvref_t<decltype(out.*row.pointer)>;
            out.*row.pointer = decode<Member>(reader);
        });
    } else if constexpr (AnyMap<T>) {
        for (auto left = reader.count(); left > 0 && reader.ok(); --left) {
            auto key = decode<typename T::key_type>(reader);
            out.insert_or_assign(std::move(key), decode<typename T::mapped_type>(reader));
        }
    } else {
        for (auto left = reader.count(); left > 0 && reader.ok(); --left) {
            detail::fillContainer(out, decode<typename T::value_type>(reader));
        }
    }
    return out;
}

/// decode() of a whole byte string: nothing may be left over.
template <class T>
Result<T> fromBytes(BytesView bytes)
{
    ByteReader reader(bytes);
    auto value = decode<T>(reader);
    if (!reader.ok() || !reader.atEnd()) {
        return fail("the bytes do not hold a " + typeName<T>() + ": damaged at byte "
                    + std::to_string(reader.position()));
    }
    // In place: a text could also be the message of an Error.
    return Result<T>(boost::system::in_place_value, std::move(value));
}

/// The same value hashes the same on every machine and build.
template <class T>
std::uint64_t hashOf(const T& value)
{
    Hasher hasher;
    hasher.add(toBytes(value));
    return hasher.value();
}

} // namespace lightcone::describe
