#pragma once

#include "engine/core/bytes.h"
#include "engine/core/hash.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/describe/naming.h"
#include "engine/describe/shape.h"
#include "engine/describe/value.h"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// A type lists its members once, with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_CLASS; from that
/// list come its shape, described value, bytes and hash. A member m_term is described as "term", an
/// enumerator PreCandidate as "preCandidate". What can be described: bool, integers, double,
/// std::string, Duration, Instant, Id<>, RequestId, described enums and classes, std::optional,
/// std::shared_ptr<const T>, std::pair, std::variant, and any list, set or map container of the
/// standard library or Boost.Container.
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

template <class T>
const ShapePtr& shapeOf();

namespace detail {

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
    auto shape = std::make_shared<Shape>();
    shape->kind = ShapeKind::Enum;
    shape->name = typeName<T>();
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto row) {
        shape->enumerators.push_back({enumeratorName(row.name), toneOf<T>(row.name)});
    });
    return shape;
}

template <DescribedClass T>
ShapePtr makeRecordShape()
{
    auto shape = std::make_shared<Shape>();
    shape->kind = ShapeKind::Record;
    shape->name = typeName<T>();
    if constexpr (HasTone<T>) {
        shape->tone = tone(Tag<T>{});
    }
    boost::mp11::mp_for_each<Members<T>>([&](auto row) {
        using Member = std::remove_cvref_t<decltype(std::declval<T&>().*row.pointer)>;
        auto name = memberName(row.name);
        const auto facet = facetOf<T>(name);
        shape->fields.push_back({std::move(name), shapeOf<Member>(), facet});
    });
    return shape;
}

template <AnyVariant T>
ShapePtr makeVariantShape()
{
    auto shape = std::make_shared<Shape>();
    shape->kind = ShapeKind::Variant;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, T>>([&](auto type) {
        using Alternative = typename decltype(type)::type;
        shape->fields.push_back({typeName<Alternative>(), shapeOf<Alternative>(), Facet::None});
    });
    return shape;
}

template <class T>
ShapePtr makeContainerShape(ShapeKind kind)
{
    auto shape = std::make_shared<Shape>();
    shape->kind = kind;
    if constexpr (AnyMap<T>) {
        shape->key = shapeOf<typename T::key_type>();
        shape->of = shapeOf<typename T::mapped_type>();
    } else if constexpr (AnyOptional<T>) {
        shape->of = shapeOf<std::remove_cvref_t<decltype(*std::declval<T&>())>>();
    } else {
        shape->of = shapeOf<typename T::value_type>();
    }
    return shape;
}

template <class T>
ShapePtr makePairShape()
{
    auto shape = std::make_shared<Shape>();
    shape->kind = ShapeKind::Record;
    shape->name = "Pair";
    shape->fields.push_back({"first", shapeOf<typename T::first_type>(), Facet::None});
    shape->fields.push_back({"second", shapeOf<typename T::second_type>(), Facet::None});
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

template <class T>
Value toValue(const T& value);

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
            boost::mp11::mp_for_each<Members<T>>(
                [&](auto row) { children.push_back(toValue(value.*row.pointer)); });
        } else if constexpr (AnyMap<T>) {
            for (const auto& [key, mapped] : value) {
                children.push_back(toValue(key));
                children.push_back(toValue(mapped));
            }
        } else {
            children.reserve(value.size());
            for (const auto& element : value) {
                children.push_back(toValue<typename T::value_type>(element));
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
    return value;
}

namespace detail {

/// Why a value did not fit, from the inside out: the path grows on the way up.
class Misfit
{
public:
    explicit Misfit(std::string expected)
        : m_expected(std::move(expected))
    {
    }
    Misfit& in(std::string_view step)
    {
        m_path = m_path.empty() ? std::string(step) : std::string(step) + "." + m_path;
        return *this;
    }
    [[nodiscard]] Error error() const
    {
        return fail((m_path.empty() ? std::string{} : m_path + ": ") + "expected " + m_expected);
    }

private:
    std::string m_path;
    std::string m_expected;
};

template <class T>
std::optional<Misfit> assign(const Value& value, T& out);

template <class T>
std::optional<Misfit> assignNumber(const Value& value, T& out)
{
    const bool whole = value.kind() == ShapeKind::Int || value.kind() == ShapeKind::UInt;
    if constexpr (std::floating_point<T>) {
        if (!whole && value.kind() != ShapeKind::Real) {
            return Misfit("a number");
        }
        out = static_cast<T>(value.asReal());
    } else {
        const bool fits = value.kind() == ShapeKind::Int ? std::in_range<T>(value.asInt())
                                                         : std::in_range<T>(value.asUInt());
        if (!whole || !fits) {
            return Misfit("a whole number from " + std::to_string(std::numeric_limits<T>::min())
                          + " to " + std::to_string(std::numeric_limits<T>::max()));
        }
        out = value.kind() == ShapeKind::Int ? static_cast<T>(value.asInt())
                                             : static_cast<T>(value.asUInt());
    }
    return std::nullopt;
}

template <DescribedClass T>
std::optional<Misfit> assignRecord(const Value& value, T& out)
{
    if (value.kind() != ShapeKind::Record) {
        return Misfit("a " + typeName<T>());
    }
    std::optional<Misfit> misfit;
    boost::mp11::mp_for_each<Members<T>>([&](auto row) {
        const auto name = memberName(row.name);
        const auto* field = value.find(name);
        if (field != nullptr && !misfit) {
            misfit = assign(*field, out.*row.pointer);
            if (misfit) {
                misfit->in(name);
            }
        }
    });
    return misfit;
}

template <AnyVariant T>
std::optional<Misfit> assignVariant(const Value& value, T& out)
{
    if (value.kind() != ShapeKind::Variant || value.children().empty()) {
        return Misfit("one of several kinds");
    }
    std::optional<Misfit> misfit =
        Misfit("a known kind, found '" + std::string(value.name()) + "'");
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<T>>>([&](auto place) {
        using Alternative = std::variant_alternative_t<decltype(place)::value, T>;
        if (typeName<Alternative>() == value.name()) {
            Alternative held{};
            misfit = assign(value.children().front(), held);
            out.template emplace<decltype(place)::value>(std::move(held));
        }
    });
    return misfit;
}

template <class T>
std::optional<Misfit> assignContainer(const Value& value, T& out)
{
    const auto& children = value.children();
    if constexpr (AnyMap<T>) {
        if (value.kind() != ShapeKind::Map) {
            return Misfit("a map");
        }
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            typename T::key_type key{};
            typename T::mapped_type mapped{};
            if (auto misfit = assign(children[i], key)) {
                return misfit;
            }
            if (auto misfit = assign(children[i + 1], mapped)) {
                return misfit;
            }
            out.insert_or_assign(std::move(key), std::move(mapped));
        }
    } else {
        if (value.kind() != ShapeKind::List && value.kind() != ShapeKind::Set) {
            return Misfit("a list");
        }
        for (std::size_t i = 0; i < children.size(); ++i) {
            typename T::value_type element{};
            if (auto misfit = assign(children[i], element)) {
                return misfit->in(std::to_string(i));
            }
            fillContainer(out, std::move(element));
        }
    }
    return std::nullopt;
}

template <class T>
std::optional<Misfit> assign(const Value& value, T& out)
{
    if (!value.exists()) {
        return Misfit("a value");
    }
    if constexpr (std::same_as<T, bool>) {
        out = value.asBool();
        return value.kind() == ShapeKind::Bool ? std::nullopt
                                               : std::optional(Misfit("true or false"));
    } else if constexpr (std::same_as<T, NodeId>) {
        out = value.asNode();
        return value.kind() == ShapeKind::Node ? std::nullopt : std::optional(Misfit("a node"));
    } else if constexpr (AnyId<T>) {
        return assignNumber(value, out.value);
    } else if constexpr (std::integral<T> || std::floating_point<T>) {
        return assignNumber(value, out);
    } else if constexpr (AnyText<T>) {
        out = value.asText();
        return value.kind() == ShapeKind::Text ? std::nullopt : std::optional(Misfit("a text"));
    } else if constexpr (std::same_as<T, Duration>) {
        out = value.asDuration();
        return value.kind() == ShapeKind::Duration ? std::nullopt
                                                   : std::optional(Misfit("a duration"));
    } else if constexpr (std::same_as<T, Instant>) {
        out = value.asInstant();
        return value.kind() == ShapeKind::Instant ? std::nullopt
                                                  : std::optional(Misfit("an instant"));
    } else if constexpr (std::same_as<T, RequestId>) {
        out = value.asRequest();
        return value.kind() == ShapeKind::Request ? std::nullopt
                                                  : std::optional(Misfit("a request's id"));
    } else if constexpr (DescribedEnum<T>) {
        std::optional<T> found;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto row) {
            if (value.kind() == ShapeKind::Enum && enumeratorName(row.name) == value.name()) {
                found = row.value;
            }
        });
        out = found.value_or(T{});
        return found ? std::nullopt : std::optional(Misfit("a " + typeName<T>()));
    } else if constexpr (AnyVariant<T>) {
        return assignVariant(value, out);
    } else if constexpr (AnyOptional<T>) {
        if (value.kind() != ShapeKind::Optional) {
            return Misfit("a value or none");
        }
        if (value.children().empty()) {
            out = {};
            return std::nullopt;
        }
        Held<T> held{};
        auto misfit = assign(value.children().front(), held);
        assignHeld(out, std::move(held));
        return misfit;
    } else if constexpr (AnyPair<T>) {
        if (value.children().size() != 2) {
            return Misfit("a pair");
        }
        auto misfit = assign(value.children()[0], out.first);
        return misfit ? misfit : assign(value.children()[1], out.second);
    } else if constexpr (DescribedClass<T>) {
        return assignRecord(value, out);
    } else {
        return assignContainer(value, out);
    }
}

} // namespace detail

/// The typed value of a described one, fields and alternatives matched by name. A field that the
/// value does not have keeps its default, one that the type does not have is passed over. The error
/// names the path.
template <class T>
Result<T> fromValue(const Value& value)
{
    T out{};
    if (auto misfit = detail::assign(value, out)) {
        return misfit->error();
    }
    return out;
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
