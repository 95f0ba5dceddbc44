#include "engine/describe/shape.h"

#include "engine/core/hash.h"

#include <algorithm>

namespace lightcone::describe {

namespace {

constexpr std::size_t mostShapes = 20'000;
constexpr unsigned deepestShape = 64;
constexpr std::uint64_t mostParts = 10'000;
constexpr auto lastKind = static_cast<std::uint8_t>(ShapeKind::Variant);
constexpr auto lastFacet = static_cast<std::uint8_t>(Facet::Order);
constexpr auto lastTone = static_cast<std::uint8_t>(Tone::Bad);

/// From the children's fingerprints, so that a table of shared shapes costs its size and not its
/// unfolding.
template <class PrintOf>
std::uint64_t combine(const Shape& shape, PrintOf printOf)
{
    Hasher hasher;
    hasher.add(static_cast<std::uint64_t>(shape.kind));
    hasher.add(shape.name);
    hasher.add(static_cast<std::uint64_t>(shape.tone));
    hasher.add(static_cast<std::uint64_t>(shape.fields.size()));
    for (const auto& field : shape.fields) {
        hasher.add(field.name);
        hasher.add(static_cast<std::uint64_t>(field.facet));
        hasher.add(printOf(field.shape));
    }
    for (const auto& enumerator : shape.enumerators) {
        hasher.add(enumerator.name);
        hasher.add(static_cast<std::uint64_t>(enumerator.tone));
    }
    if (shape.key) {
        hasher.add(printOf(shape.key));
    }
    if (shape.of) {
        hasher.add(printOf(shape.of));
    }
    return hasher.value();
}

/// A tone of a newer build means nothing here, and so is neutral.
Tone toneFrom(std::uint8_t byte)
{
    return byte <= lastTone ? static_cast<Tone>(byte) : Tone::Neutral;
}

bool hasElement(ShapeKind kind)
{
    return kind == ShapeKind::Optional || kind == ShapeKind::List || kind == ShapeKind::Set
        || kind == ShapeKind::Map;
}

/// How large a type gets when it is unfolded. A few bytes of a hostile table can name a type whose
/// values are without bound and take no byte (a record of two records of two records …).
struct Extent
{
    std::uint64_t parts = 1;
    unsigned depth = 1;
};

template <class ExtentOf>
Extent extentOf(const Shape& shape, ExtentOf of)
{
    Extent extent;
    const auto see = [&](const ShapePtr& child) {
        if (child) {
            const Extent inner = of(child);
            extent.parts += inner.parts;
            extent.depth = std::max(extent.depth, inner.depth + 1);
        }
    };
    for (const auto& field : shape.fields) {
        see(field.shape);
    }
    see(shape.of);
    see(shape.key);
    return extent;
}

/// One shape from the table's bytes; `child` reads the number of an earlier one.
template <class Child>
std::shared_ptr<Shape> readShape(ByteReader& reader, Child child)
{
    auto shape = std::make_shared<Shape>();
    const auto kind = reader.byte();
    if (kind > lastKind) {
        reader.fail();
        return shape;
    }
    shape->kind = static_cast<ShapeKind>(kind);
    shape->name = reader.text();
    shape->tone = toneFrom(reader.byte());
    for (auto fields = reader.count(3); fields > 0 && reader.ok(); --fields) {
        FieldShape field;
        field.name = reader.text();
        const auto facet = reader.byte();
        // A facet of a newer build means nothing here, and so is none.
        field.facet = facet <= lastFacet ? static_cast<Facet>(facet) : Facet::None;
        field.shape = child();
        shape->fields.push_back(std::move(field));
    }
    for (auto names = reader.count(2); names > 0 && reader.ok(); --names) {
        EnumeratorShape enumerator;
        enumerator.name = reader.text();
        enumerator.tone = toneFrom(reader.byte());
        shape->enumerators.push_back(std::move(enumerator));
    }
    if (hasElement(shape->kind)) {
        shape->of = child();
    }
    if (shape->kind == ShapeKind::Map) {
        shape->key = child();
    }
    return shape;
}

} // namespace

std::optional<std::size_t> Shape::fieldIndex(std::string_view field) const
{
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == field) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> Shape::fieldWith(Facet facet) const
{
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].facet == facet) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> Shape::contents() const
{
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < fields.size() && kind == ShapeKind::Record; ++i) {
        const auto& field = fields[i];
        if (field.facet != Facet::Detail && field.shape && field.shape->kind == ShapeKind::Map) {
            if (found) {
                return std::nullopt;
            }
            found = i;
        }
    }
    return found;
}

std::uint64_t fingerprint(const Shape& shape)
{
    return combine(shape, [](const ShapePtr& child) { return fingerprint(*child); });
}

std::optional<std::uint32_t> ShapeTable::numberOf(const ShapePtr& shape) const
{
    if (const auto known = m_numbers.find(shape.get()); known != m_numbers.end()) {
        return known->second;
    }
    const auto alike = m_numbersByFingerprint.find(fingerprint(*shape));
    return alike != m_numbersByFingerprint.end() ? std::optional(alike->second) : std::nullopt;
}

void ShapeTable::keep(ShapePtr shape, std::uint64_t fingerprint)
{
    const auto number = static_cast<std::uint32_t>(m_shapes.size());
    m_numbers.emplace(shape.get(), number);
    m_numbersByFingerprint.emplace(fingerprint, number);
    m_shapes.push_back(std::move(shape));
}

std::uint32_t ShapeTable::add(const ShapePtr& shape)
{
    if (const auto known = numberOf(shape)) {
        return *known;
    }
    for (const auto& field : shape->fields) {
        add(field.shape);
    }
    if (shape->key) {
        add(shape->key);
    }
    if (shape->of) {
        add(shape->of);
    }
    keep(shape, fingerprint(*shape));
    return static_cast<std::uint32_t>(m_shapes.size() - 1);
}

ShapePtr ShapeTable::at(std::uint64_t number) const
{
    return number < m_shapes.size() ? m_shapes[static_cast<std::size_t>(number)] : nullptr;
}

Bytes ShapeTable::encode() const
{
    Bytes out;
    ByteWriter writer(out);
    writer.varint(m_shapes.size());
    for (const auto& shape : m_shapes) {
        writer.byte(static_cast<std::uint8_t>(shape->kind));
        writer.text(shape->name);
        writer.byte(static_cast<std::uint8_t>(shape->tone));
        writer.varint(shape->fields.size());
        for (const auto& field : shape->fields) {
            writer.text(field.name);
            writer.byte(static_cast<std::uint8_t>(field.facet));
            writer.varint(*numberOf(field.shape));
        }
        writer.varint(shape->enumerators.size());
        for (const auto& enumerator : shape->enumerators) {
            writer.text(enumerator.name);
            writer.byte(static_cast<std::uint8_t>(enumerator.tone));
        }
        if (hasElement(shape->kind)) {
            writer.varint(*numberOf(shape->of));
        }
        if (shape->kind == ShapeKind::Map) {
            writer.varint(*numberOf(shape->key));
        }
    }
    return out;
}

Result<ShapeTable> ShapeTable::decode(BytesView bytes)
{
    ByteReader reader(bytes);
    ShapeTable table;
    std::vector<Extent> extents;
    std::vector<std::uint64_t> fingerprints;
    const auto count = reader.count(5);
    if (count > mostShapes) {
        return fail("the type table names more than 20,000 types");
    }
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        const auto shape = readShape(reader, [&]() -> ShapePtr {
            auto earlier = table.at(reader.varint());
            if (!earlier) {
                reader.fail();
            }
            return earlier;
        });
        if (!reader.ok()) {
            break;
        }
        const auto extent = extentOf(
            *shape, [&](const ShapePtr& part) { return extents[table.m_numbers.at(part.get())]; });
        if (extent.depth > deepestShape || extent.parts > mostParts) {
            return fail("the type table has a type that is nested more than 64 deep or has more "
                        "than 10,000 parts");
        }
        const auto print = combine(*shape, [&](const ShapePtr& part) {
            return fingerprints[table.m_numbers.at(part.get())];
        });
        extents.push_back(extent);
        fingerprints.push_back(print);
        table.keep(shape, print);
    }
    if (!reader.ok() || !reader.atEnd()) {
        return fail("the type table is damaged at byte " + std::to_string(reader.position()));
    }
    return table;
}

} // namespace lightcone::describe
