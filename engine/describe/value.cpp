#include "engine/describe/value.h"

#include "engine/core/check.h"
#include "engine/describe/text.h"
#include "engine/describe/words.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace lightcone::describe {

namespace {

const Value::List noChildren;

constexpr unsigned deepestValue = 100;

} // namespace

ShapePtr shapeOfKind(ShapeKind kind)
{
    static const auto shapes = [] {
        std::array<ShapePtr, 16> all;
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto shape = std::make_shared<Shape>();
            shape->kind = static_cast<ShapeKind>(i);
            all[i] = shape;
        }
        return all;
    }();
    return shapes[static_cast<std::size_t>(kind)];
}

Value Value::boolean(ShapePtr shape, bool value)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = value;
    return result;
}

Value Value::integer(ShapePtr shape, std::int64_t value)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = value;
    return result;
}

Value Value::unsignedInteger(ShapePtr shape, std::uint64_t value)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = value;
    return result;
}

Value Value::real(ShapePtr shape, double value)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = value;
    return result;
}

Value Value::text(ShapePtr shape, std::string value)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = std::move(value);
    return result;
}

Value Value::request(ShapePtr shape, RequestId value)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = value;
    return result;
}

Value Value::none(ShapePtr shape)
{
    Value result;
    result.m_shape = std::move(shape);
    return result;
}

Value Value::some(ShapePtr shape, Value value)
{
    List held;
    held.push_back(std::move(value)); // moved, which a list in braces does not
    return list(std::move(shape), std::move(held));
}

Value Value::list(ShapePtr shape, List values)
{
    Value result;
    result.m_shape = std::move(shape);
    result.m_data = std::move(values);
    return result;
}

Value Value::alternative(ShapePtr shape, std::size_t index, Value value)
{
    auto result = some(std::move(shape), std::move(value));
    result.m_alternative = index;
    return result;
}

bool Value::asBool() const
{
    const auto* value = std::get_if<bool>(&m_data);
    return value != nullptr && *value;
}

std::int64_t Value::asInt() const
{
    if (const auto* value = std::get_if<std::int64_t>(&m_data)) {
        return *value;
    }
    const auto* value = std::get_if<std::uint64_t>(&m_data);
    return value != nullptr ? static_cast<std::int64_t>(*value) : 0;
}

std::uint64_t Value::asUInt() const
{
    return static_cast<std::uint64_t>(asInt());
}

double Value::asReal() const
{
    if (const auto* value = std::get_if<double>(&m_data)) {
        return *value;
    }
    if (const auto* value = std::get_if<std::uint64_t>(&m_data)) {
        return static_cast<double>(*value);
    }
    return static_cast<double>(asInt());
}

const std::string& Value::asText() const
{
    static const std::string empty;
    const auto* value = std::get_if<std::string>(&m_data);
    return value != nullptr ? *value : empty;
}

NodeId Value::asNode() const
{
    return NodeId(static_cast<std::uint32_t>(asUInt()));
}

RequestId Value::asRequest() const
{
    const auto* value = std::get_if<RequestId>(&m_data);
    return value != nullptr ? *value : RequestId{};
}

Instant Value::asInstant() const
{
    return Instant(Duration(asInt()));
}

Duration Value::asDuration() const
{
    return Duration(asInt());
}

std::string_view Value::name() const
{
    if (!m_shape) {
        return {};
    }
    switch (m_shape->kind) {
    case ShapeKind::Enum: {
        const auto index = asUInt();
        return index < m_shape->enumerators.size() ? m_shape->enumerators[index].name
                                                   : std::string_view("unknown");
    }
    case ShapeKind::Record:
        return m_shape->name;
    case ShapeKind::Variant:
        return m_alternative < m_shape->fields.size() ? m_shape->fields[m_alternative].name
                                                      : std::string_view{};
    default:
        return {};
    }
}

const Value::List& Value::children() const
{
    const auto* list = std::get_if<List>(&m_data);
    return list != nullptr ? *list : noChildren;
}

bool Value::isNumber() const
{
    return m_shape
        && (m_shape->kind == ShapeKind::Int || m_shape->kind == ShapeKind::UInt
            || m_shape->kind == ShapeKind::Real || m_shape->kind == ShapeKind::Duration
            || m_shape->kind == ShapeKind::Instant);
}

bool Value::isEmptyOptional() const
{
    return m_shape && m_shape->kind == ShapeKind::Optional && children().empty();
}

std::size_t Value::alternativeIndex() const
{
    return m_alternative;
}

const Value& Value::held() const
{
    const Value* value = this;
    while (value->m_shape
           && (value->kind() == ShapeKind::Optional || value->kind() == ShapeKind::Variant)
           && !value->children().empty()) {
        value = &value->children().front();
    }
    return *value;
}

const Value* Value::find(std::string_view step) const
{
    const auto& value = held();
    if (!value.m_shape) {
        return nullptr;
    }
    const auto& children = value.children();
    switch (value.kind()) {
    case ShapeKind::Record: {
        if (const auto index = value.m_shape->fieldIndex(step)) {
            return *index < children.size() ? &children[*index] : nullptr;
        }
        const auto contents = value.m_shape->contents();
        return contents && *contents < children.size() ? children[*contents].find(step) : nullptr;
    }
    case ShapeKind::Map:
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            const bool isText = children[i].exists() && children[i].kind() == ShapeKind::Text;
            if (isText ? children[i].asText() == step : toText(children[i]) == step) {
                return &children[i + 1];
            }
        }
        return nullptr;
    case ShapeKind::List:
    case ShapeKind::Set: {
        std::size_t index = 0;
        const auto [last, error] = std::from_chars(step.data(), step.data() + step.size(), index);
        const bool whole = error == std::errc{} && last == step.data() + step.size();
        return whole && index < children.size() ? &children[index] : nullptr;
    }
    default:
        return nullptr;
    }
}

const Value* Value::findPath(std::string_view path) const
{
    const Value* value = this;
    while (value != nullptr && !path.empty()) {
        std::string step;
        std::size_t length = 0;
        if (path.front() == '"') {
            std::size_t wrongAt = 0;
            length = readQuoted(path, step, wrongAt);
            if (length == 0 || (length < path.size() && path[length] != '.')) {
                return nullptr;
            }
        } else {
            length = std::min(path.find('.'), path.size());
            step = path.substr(0, length);
        }
        value = value->find(step);
        path.remove_prefix(std::min(length + 1, path.size()));
    }
    return value;
}

const Value* Value::findFacet(Facet facet) const
{
    const auto& value = held();
    if (!value.m_shape || value.kind() != ShapeKind::Record) {
        return nullptr;
    }
    const auto index = value.m_shape->fieldWith(facet);
    return index && *index < value.children().size() ? &value.children()[*index] : nullptr;
}

bool operator==(const Value& a, const Value& b)
{
    if (!a.m_shape || !b.m_shape) {
        return !a.m_shape && !b.m_shape;
    }
    return a.m_shape->kind == b.m_shape->kind && a.m_alternative == b.m_alternative
        && a.m_data == b.m_data;
}

void encode(const Value& value, Bytes& out)
{
    ByteWriter writer(out);
    const auto& children = value.children();
    switch (value.kind()) {
    case ShapeKind::Bool:
        writer.byte(value.asBool() ? 1 : 0);
        return;
    case ShapeKind::Int:
    case ShapeKind::Duration:
    case ShapeKind::Instant:
        writer.zigzag(value.asInt());
        return;
    case ShapeKind::UInt:
    case ShapeKind::Node:
    case ShapeKind::Enum:
        writer.varint(value.asUInt());
        return;
    case ShapeKind::Real:
        writer.fixed64(std::bit_cast<std::uint64_t>(value.asReal()));
        return;
    case ShapeKind::Text:
        writer.text(value.asText());
        return;
    case ShapeKind::Request:
        writer.varint(value.asRequest().client.value);
        writer.varint(value.asRequest().sequence);
        return;
    case ShapeKind::Optional:
        writer.byte(children.empty() ? 0 : 1);
        break;
    case ShapeKind::List:
    case ShapeKind::Set:
        writer.varint(children.size());
        break;
    case ShapeKind::Map:
        writer.varint(children.size() / 2);
        break;
    case ShapeKind::Record:
        break;
    case ShapeKind::Variant:
        writer.varint(value.alternativeIndex());
        break;
    }
    for (const auto& child : children) {
        encode(child, out);
    }
}

namespace {

/// Reads values by recursion over the shape. Some values take no byte at all (records without
/// fields), so that the bytes alone do not bound how many there are: an allowance does.
class Decoder
{
public:
    explicit Decoder(ByteReader& reader)
        : m_reader(reader)
        , m_valuesLeft(10'000 + 16 * reader.left())
    {
    }

    Value read(const ShapePtr& shape, unsigned depth)
    {
        if (depth == 0 || m_valuesLeft == 0) {
            m_reader.fail();
        }
        if (!m_reader.ok()) {
            return {};
        }
        --m_valuesLeft;
        switch (shape->kind) {
        case ShapeKind::Bool:
            return Value::boolean(shape, upTo(m_reader.byte(), 1) == 1);
        case ShapeKind::Int:
        case ShapeKind::Duration:
        case ShapeKind::Instant:
            return Value::integer(shape, m_reader.zigzag());
        case ShapeKind::UInt:
            return Value::unsignedInteger(shape, m_reader.varint());
        case ShapeKind::Node:
            return Value::unsignedInteger(shape, upTo(m_reader.varint(), UINT32_MAX));
        case ShapeKind::Enum:
            return Value::unsignedInteger(shape,
                                          below(m_reader.varint(), shape->enumerators.size()));
        case ShapeKind::Real:
            return Value::real(shape, std::bit_cast<double>(m_reader.fixed64()));
        case ShapeKind::Text:
            return Value::text(shape, std::string(m_reader.text()));
        case ShapeKind::Request: {
            const auto client = static_cast<std::uint32_t>(upTo(m_reader.varint(), UINT32_MAX));
            const auto sequence = static_cast<std::uint32_t>(upTo(m_reader.varint(), UINT32_MAX));
            return Value::request(shape, {NodeId(client), sequence});
        }
        case ShapeKind::Optional:
            return upTo(m_reader.byte(), 1) == 1 ? Value::some(shape, read(shape->of, depth - 1))
                                                 : Value::none(shape);
        case ShapeKind::Variant: {
            const auto index = below(m_reader.varint(), shape->fields.size());
            return m_reader.ok()
                ? Value::alternative(shape, index, read(shape->fields[index].shape, depth - 1))
                : Value::none(shape);
        }
        default:
            return Value::list(shape, children(*shape, depth - 1));
        }
    }

private:
    std::uint64_t upTo(std::uint64_t number, std::uint64_t most)
    {
        if (number > most) {
            m_reader.fail();
            return 0;
        }
        return number;
    }

    std::size_t below(std::uint64_t number, std::size_t bound)
    {
        if (number >= bound) {
            m_reader.fail();
            return 0;
        }
        return static_cast<std::size_t>(number);
    }

    Value::List children(const Shape& shape, unsigned depth)
    {
        Value::List out;
        if (shape.kind == ShapeKind::Record) {
            out.reserve(shape.fields.size());
            for (const auto& field : shape.fields) {
                out.push_back(read(field.shape, depth));
            }
            return out;
        }
        for (auto left = m_reader.count(); left > 0 && m_reader.ok(); --left) {
            if (shape.kind == ShapeKind::Map) {
                out.push_back(read(shape.key, depth));
            }
            out.push_back(read(shape.of, depth));
        }
        return out;
    }

    ByteReader& m_reader;
    std::size_t m_valuesLeft;
};

} // namespace

Value decodeValue(const ShapePtr& shape, ByteReader& reader)
{
    auto value = Decoder(reader).read(shape, deepestValue);
    return reader.ok() ? value : Value{};
}

Result<Value> decodeValue(const ShapePtr& shape, BytesView bytes)
{
    ByteReader reader(bytes);
    auto value = Decoder(reader).read(shape, deepestValue);
    if (!reader.ok() || !reader.atEnd()) {
        return fail("the bytes do not hold a "
                    + (shape->name.empty() ? std::string("value") : shape->name)
                    + ": damaged at byte " + std::to_string(reader.position()));
    }
    return value;
}

} // namespace lightcone::describe
