#pragma once

#include "engine/describe/shape_of.h"

#include <limits>

namespace lightcone::describe {

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
    out = {}; // a default's elements do not stay beside those that are given
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
        if (value.kind() != ShapeKind::Record || value.children().size() != 2) {
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
    // In place: a text could also be the message of an Error.
    return Result<T>(boost::system::in_place_value, std::move(out));
}

} // namespace lightcone::describe
