#include "engine/describe/shape.h"

#include "engine/core/hash.h"

#include <algorithm>

namespace lightcone::describe {

namespace {

constexpr std::size_t mostShapes = 20'000;
constexpr unsigned deepestShape = 64;
constexpr auto lastKind = static_cast<std::uint8_t>(ShapeKind::Variant);
constexpr auto lastFacet = static_cast<std::uint8_t>(Facet::Detail);
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

unsigned depthOf(const Shape& shape, const std::vector<ShapePtr>& shapes,
                 const std::vector<unsigned>& depths)
{
    unsigned deepest = 0;
    const auto see = [&](const ShapePtr& child) {
        if (child) {
            const auto place = std::find(shapes.begin(), shapes.end(), child) - shapes.begin();
            deepest = std::max(deepest, depths[static_cast<std::size_t>(place)]);
        }
    };
    for (const auto& field : shape.fields) {
        see(field.shape);
    }
    see(shape.of);
    see(shape.key);
    return deepest + 1;
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

std::uint64_t fingerprint(const Shape& shape)
{
    return combine(shape, [](const ShapePtr& child) { return fingerprint(*child); });
}

std::uint32_t ShapeTable::add(const ShapePtr& shape)
{
    const auto print = fingerprint(*shape);
    const auto known = std::find(m_fingerprints.begin(), m_fingerprints.end(), print);
    if (known != m_fingerprints.end()) {
        return static_cast<std::uint32_t>(known - m_fingerprints.begin());
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
    m_shapes.push_back(shape);
    m_fingerprints.push_back(print);
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
    const auto numberOf = [this](const ShapePtr& shape) {
        const auto known =
            std::find(m_fingerprints.begin(), m_fingerprints.end(), fingerprint(*shape));
        return static_cast<std::uint64_t>(known - m_fingerprints.begin());
    };
    writer.varint(m_shapes.size());
    for (const auto& shape : m_shapes) {
        writer.byte(static_cast<std::uint8_t>(shape->kind));
        writer.text(shape->name);
        writer.byte(static_cast<std::uint8_t>(shape->tone));
        writer.varint(shape->fields.size());
        for (const auto& field : shape->fields) {
            writer.text(field.name);
            writer.byte(static_cast<std::uint8_t>(field.facet));
            writer.varint(numberOf(field.shape));
        }
        writer.varint(shape->enumerators.size());
        for (const auto& enumerator : shape->enumerators) {
            writer.text(enumerator.name);
            writer.byte(static_cast<std::uint8_t>(enumerator.tone));
        }
        if (hasElement(shape->kind)) {
            writer.varint(numberOf(shape->of));
        }
        if (shape->kind == ShapeKind::Map) {
            writer.varint(numberOf(shape->key));
        }
    }
    return out;
}

Result<ShapeTable> ShapeTable::decode(BytesView bytes)
{
    ByteReader reader(bytes);
    ShapeTable table;
    std::vector<unsigned> depths;
    const auto child = [&]() -> ShapePtr {
        auto shape = table.at(reader.varint());
        if (!shape) {
            reader.fail();
        }
        return shape;
    };
    const auto count = reader.count(5);
    if (count > mostShapes) {
        return fail("the type table names more than 20,000 types");
    }
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        auto shape = std::make_shared<Shape>();
        const auto kind = reader.byte();
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
        if (kind > lastKind) {
            return fail("the type table has a type of an unknown kind");
        }
        if (hasElement(shape->kind)) {
            shape->of = child();
        }
        if (shape->kind == ShapeKind::Map) {
            shape->key = child();
        }
        if (!reader.ok()) {
            break;
        }
        depths.push_back(depthOf(*shape, table.m_shapes, depths));
        if (depths.back() > deepestShape) {
            return fail("the type table nests types more than 64 deep");
        }
        table.m_fingerprints.push_back(combine(*shape, [&](const ShapePtr& part) {
            const auto place = std::find(table.m_shapes.begin(), table.m_shapes.end(), part);
            return table.m_fingerprints[static_cast<std::size_t>(place - table.m_shapes.begin())];
        }));
        table.m_shapes.push_back(shape);
    }
    if (!reader.ok() || !reader.atEnd()) {
        return fail("the type table is damaged");
    }
    return table;
}

} // namespace lightcone::describe
