#pragma once

#include "engine/describe/shape_of.h"

#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace lightcone::describe {

namespace detail {

/// Why a value did not fit, from the inside out: the path grows on the way up. Most of what makes
/// one is no template, because every described type asks for it.
class Misfit
{
public:
    explicit Misfit(std::string expected);
    ~Misfit();
    void in(std::string_view step);
    [[nodiscard]] Error error() const;

private:
    std::string m_path;
    std::string m_expected;
};

using MisfitPtr = std::unique_ptr<Misfit>; ///< nullptr where the value fits

MisfitPtr misfit(std::string expected);

/// A misfit that expected that, unless it fits.
MisfitPtr misfitUnless(bool fits, const char* expected);

MisfitPtr misfitOfRange(std::string least, std::string most);
MisfitPtr misfitOfKind(std::string_view found);

/// The record's field of a member as it is named in C++; nullptr where there is none.
const Value* fieldOf(const Value& record, const char* member);

template <class T>
MisfitPtr assign(const Value& value, T& out);

template <class T>
MisfitPtr assignNumber(const Value& value, T& out)
{
    const bool whole = value.kind() == ShapeKind::Int || value.kind() == ShapeKind::UInt;
    if constexpr (std::floating_point<T>) {
        if (!whole && value.kind() != ShapeKind::Real) {
            return misfit("a number");
        }
        out = static_cast<T>(value.asReal());
    } else {
        const bool fits = value.kind() == ShapeKind::Int ? std::in_range<T>(value.asInt())
                                                         : std::in_range<T>(value.asUInt());
        if (!whole || !fits) {
            return misfitOfRange(std::to_string(std::numeric_limits<T>::min()),
                                 std::to_string(std::numeric_limits<T>::max()));
        }
        out = value.kind() == ShapeKind::Int ? static_cast<T>(value.asInt())
                                             : static_cast<T>(value.asUInt());
    }
    return nullptr;
}

template <DescribedClass T>
MisfitPtr assignRecord(const Value& value, T& out)
{
    if (value.kind() != ShapeKind::Record) {
        return misfit("a " + typeName<T>());
    }
    MisfitPtr wrong;
    boost::mp11::mp_for_each<Members<T>>([&](auto row) {
        const auto* field = wrong ? nullptr : fieldOf(value, row.name);
        if (field != nullptr) {
            wrong = assign(*field, out.*row.pointer);
            if (wrong) {
                wrong->in(memberName(row.name));
            }
        }
    });
    return wrong;
}

template <AnyVariant T>
MisfitPtr assignVariant(const Value& value, T& out)
{
    if (value.kind() != ShapeKind::Variant || value.children().empty()) {
        return misfit("one of several kinds");
    }
    const auto name = value.name();
    bool known = false;
    MisfitPtr wrong;
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<T>>>([&](auto place) {
        using Alternative = std::variant_alternative_t<decltype(place)::value, T>;
        if (!known && typeName<Alternative>() == name) {
            known = true;
            Alternative held{};
            wrong = assign(value.children().front(), held);
            out.template emplace<decltype(place)::value>(std::move(held));
        }
    });
    return known ? std::move(wrong) : misfitOfKind(name);
}

template <class T>
MisfitPtr assignContainer(const Value& value, T& out)
{
    const auto& children = value.children();
    out = T{}; // a default's elements do not stay beside those that are given
    if constexpr (AnyMap<T>) {
        if (value.kind() != ShapeKind::Map) {
            return misfit("a map");
        }
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            typename T::key_type key{};
            typename T::mapped_type mapped{};
            if (auto wrong = assign(children[i], key)) {
                return wrong;
            }
            if (auto wrong = assign(children[i + 1], mapped)) {
                return wrong;
            }
            out.insert_or_assign(std::move(key), std::move(mapped));
        }
    } else {
        if (value.kind() != ShapeKind::List && value.kind() != ShapeKind::Set) {
            return misfit("a list");
        }
        for (std::size_t i = 0; i < children.size(); ++i) {
            typename T::value_type element{};
            if (auto wrong = assign(children[i], element)) {
                wrong->in(std::to_string(i));
                return wrong;
            }
            fillContainer(out, std::move(element));
        }
    }
    return nullptr;
}

template <class T>
MisfitPtr assign(const Value& value, T& out)
{
    if (!value.exists()) {
        return misfit("a value");
    }
    if constexpr (std::same_as<T, bool>) {
        out = value.asBool();
        return misfitUnless(value.kind() == ShapeKind::Bool, "true or false");
    } else if constexpr (std::same_as<T, NodeId>) {
        out = value.asNode();
        return misfitUnless(value.kind() == ShapeKind::Node, "a node");
    } else if constexpr (AnyId<T>) {
        return assignNumber(value, out.value);
    } else if constexpr (std::integral<T> || std::floating_point<T>) {
        return assignNumber(value, out);
    } else if constexpr (AnyText<T>) {
        out = value.asText();
        return misfitUnless(value.kind() == ShapeKind::Text, "a text");
    } else if constexpr (std::same_as<T, Duration>) {
        out = value.asDuration();
        return misfitUnless(value.kind() == ShapeKind::Duration, "a duration");
    } else if constexpr (std::same_as<T, Instant>) {
        out = value.asInstant();
        return misfitUnless(value.kind() == ShapeKind::Instant, "an instant");
    } else if constexpr (std::same_as<T, RequestId>) {
        out = value.asRequest();
        return misfitUnless(value.kind() == ShapeKind::Request, "a request's id");
    } else if constexpr (DescribedEnum<T>) {
        std::optional<T> found;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto row) {
            if (value.kind() == ShapeKind::Enum && enumeratorName(row.name) == value.name()) {
                found = row.value;
            }
        });
        out = found.value_or(T{});
        return found ? nullptr : misfit("a " + typeName<T>());
    } else if constexpr (AnyVariant<T>) {
        return assignVariant(value, out);
    } else if constexpr (AnyOptional<T>) {
        if (value.kind() != ShapeKind::Optional) {
            return misfit("a value or none");
        }
        if (value.children().empty()) {
            out = {};
            return nullptr;
        }
        Held<T> held{};
        auto wrong = assign(value.children().front(), held);
        assignHeld(out, std::move(held));
        return wrong;
    } else if constexpr (AnyPair<T>) {
        if (value.kind() != ShapeKind::Record || value.children().size() != 2) {
            return misfit("a pair");
        }
        auto wrong = assign(value.children()[0], out.first);
        return wrong ? std::move(wrong) : assign(value.children()[1], out.second);
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
    if (const auto wrong = detail::assign(value, out)) {
        return wrong->error();
    }
    // In place: a text could also be the message of an Error.
    return Result<T>(boost::system::in_place_value, std::move(out));
}

} // namespace lightcone::describe
