#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/describe/facet.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lightcone::describe {

enum class ShapeKind : std::uint8_t {
    Bool,
    Int,
    UInt,
    Real,
    Text,
    Duration,
    Instant,
    Node,
    Request,
    Enum,
    Optional,
    List,
    Set,
    Map,
    Record,
    Variant,
};

struct Shape;
using ShapePtr = std::shared_ptr<const Shape>;

/// A field of a record or an alternative of a variant.
struct FieldShape
{
    std::string name;
    ShapePtr shape;
    Facet facet = Facet::None;
};

struct EnumeratorShape
{
    std::string name;
    Tone tone = Tone::Neutral;
};

/// A type as data: what a file, a peer of another version or a view needs to understand its values.
struct Shape
{
    ShapeKind kind = ShapeKind::Bool;
    std::string name{}; ///< of records and enums; empty for others
    Tone tone = Tone::Neutral; ///< of a record, for messages: constexpr Tone tone(Tag<RequestVote>)
    std::vector<FieldShape> fields{}; ///< of records; alternatives of variants
    std::vector<EnumeratorShape> enumerators{};
    ShapePtr of{}; ///< element of Optional, List, Set; mapped type of Map
    ShapePtr key{}; ///< of Map

    [[nodiscard]] std::optional<std::size_t> fieldIndex(std::string_view field) const;

    /// The field that carries a facet, where exactly that is asked for (the first one).
    [[nodiscard]] std::optional<std::size_t> fieldWith(Facet) const;

    /// The field that a path may leave out, as in "store.x": the one map of a record, where those
    /// with Facet::Detail do not count.
    [[nodiscard]] std::optional<std::size_t> contents() const;
};

/// Equal for equal structure, names, facets and tones.
std::uint64_t fingerprint(const Shape&);

/// Shapes as bytes, each once, children before parents. The format is in engine/describe/README.md.
class ShapeTable
{
public:
    /// The number of the shape in this table; adds it and what it is made of when it is new.
    std::uint32_t add(const ShapePtr&);

    [[nodiscard]] const std::vector<ShapePtr>& shapes() const { return m_shapes; }
    [[nodiscard]] ShapePtr at(std::uint64_t number) const;
    [[nodiscard]] Bytes encode() const;
    static Result<ShapeTable> decode(BytesView);

private:
    [[nodiscard]] std::optional<std::uint32_t> numberOf(const ShapePtr&) const;
    void keep(ShapePtr, std::uint64_t fingerprint);

    std::vector<ShapePtr> m_shapes;
    // For looking up only: nothing ever goes through these in their order.
    std::unordered_map<const Shape*, std::uint32_t> m_numbers;
    std::unordered_map<std::uint64_t, std::uint32_t> m_numbersByFingerprint;
};

} // namespace lightcone::describe
