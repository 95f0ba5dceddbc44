#pragma once

#include "engine/core/bytes.h"
#include "engine/core/ids.h"
#include "engine/core/time.h"
#include "engine/describe/shape.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lightcone::describe {

/// A value together with its shape: a typed thing after somebody looked at it. Default is nothing
/// at all.
class Value
{
public:
    using List = std::vector<Value>;

    Value() = default;

    static Value boolean(ShapePtr, bool);
    static Value integer(ShapePtr, std::int64_t); ///< Int, Duration, Instant
    static Value unsignedInteger(ShapePtr, std::uint64_t); ///< UInt, Node, Enum (its index)
    static Value real(ShapePtr, double);
    static Value text(ShapePtr, std::string);
    static Value request(ShapePtr, RequestId);
    static Value none(ShapePtr); ///< an empty Optional
    static Value some(ShapePtr, Value); ///< a filled Optional
    static Value list(ShapePtr,
                      List); ///< List, Set; Map as key, value, key, value, …; Record in field order
    static Value alternative(ShapePtr, std::size_t index, Value);

    [[nodiscard]] bool exists() const { return m_shape != nullptr; }
    [[nodiscard]] const ShapePtr& shape() const { return m_shape; }
    [[nodiscard]] ShapeKind kind() const { return m_shape->kind; }

    [[nodiscard]] bool asBool() const;
    [[nodiscard]] std::int64_t asInt() const;
    [[nodiscard]] std::uint64_t asUInt() const;
    [[nodiscard]] double asReal() const; ///< of any number
    [[nodiscard]] const std::string& asText() const;
    [[nodiscard]] NodeId asNode() const;
    [[nodiscard]] RequestId asRequest() const;
    [[nodiscard]] Instant asInstant() const;
    [[nodiscard]] Duration asDuration() const;

    /// The enumerator's name, the record's or the held alternative's; empty for other kinds.
    [[nodiscard]] std::string_view name() const;

    /// Elements of a List or Set, fields of a Record, keys and values of a Map in turn, what an
    /// Optional or Variant holds; empty for others.
    [[nodiscard]] const List& children() const;

    [[nodiscard]] bool isNumber() const;
    [[nodiscard]] bool isEmptyOptional() const;
    [[nodiscard]] std::size_t alternativeIndex() const;

    /// Through filled optionals and variants down to what is held.
    [[nodiscard]] const Value& held() const;

    /// A record's field, or else what is in its contents(); a map's entry by the text of its key, a
    /// list's element by "0"…; looks through optionals and variants. nullptr where there is none.
    [[nodiscard]] const Value* find(std::string_view step) const;

    /// find() for each step between dots: "msg.term", "nextIndex.n3".
    [[nodiscard]] const Value* findPath(std::string_view path) const;

    /// The record's field with that facet, looking through optionals and variants.
    [[nodiscard]] const Value* findFacet(Facet) const;

    friend bool operator==(const Value&, const Value&);

private:
    friend void encode(const Value&, Bytes&);

    ShapePtr m_shape;
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, RequestId,
                 List>
        m_data;
    std::size_t m_alternative = 0;
};

/// Bytes as describe::encode of the typed value gives them.
void encode(const Value&, Bytes&);

/// Reads what encode() wrote for that shape. Total: a wrong byte is an error, never more.
Result<Value> decodeValue(const ShapePtr&, BytesView);
Value decodeValue(const ShapePtr&, ByteReader&);

/// Shapes of the built-in kinds, shared.
ShapePtr shapeOfKind(ShapeKind);

} // namespace lightcone::describe
