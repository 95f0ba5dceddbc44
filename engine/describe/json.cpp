#include "engine/describe/json.h"

#include "engine/describe/utf8.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <cmath>

namespace lightcone::describe {

namespace {

namespace json = boost::json;

json::value jsonText(std::string_view text)
{
    return json::value(asUtf8(text));
}

std::string keyText(const Value& key, const NodeNames& names)
{
    return asUtf8(key.exists() && key.kind() == ShapeKind::Text ? key.asText()
                                                                : toText(key, names));
}

json::object fieldsOf(const Value& record, const NodeNames& names)
{
    json::object out;
    const auto& fields = record.shape()->fields;
    for (std::size_t i = 0; i < fields.size() && i < record.children().size(); ++i) {
        out[asUtf8(fields[i].name)] = toJson(record.children()[i], names);
    }
    return out;
}

json::value variantToJson(const Value& variant, const NodeNames& names)
{
    if (variant.children().empty()) {
        return nullptr;
    }
    const auto& held = variant.children().front();
    if (held.exists() && held.kind() == ShapeKind::Variant) {
        return toJson(held, names);
    }
    json::object out;
    out["type"] = jsonText(variant.name());
    if (held.exists() && held.kind() == ShapeKind::Record && !held.shape()->fieldIndex("type")) {
        for (auto& [name, value] : fieldsOf(held, names)) {
            out[name] = std::move(value);
        }
    } else {
        out["value"] = toJson(held, names);
    }
    return out;
}

json::value childrenToJson(const Value& value, const NodeNames& names)
{
    const auto& children = value.children();
    if (value.kind() == ShapeKind::Map) {
        json::object out;
        for (std::size_t i = 0; i + 1 < children.size(); i += 2) {
            out[keyText(children[i], names)] = toJson(children[i + 1], names);
        }
        return out;
    }
    json::array out;
    for (const auto& child : children) {
        out.push_back(toJson(child, names));
    }
    return out;
}

std::string_view kindName(ShapeKind kind)
{
    switch (kind) {
    case ShapeKind::Bool:
        return "bool";
    case ShapeKind::Int:
        return "int";
    case ShapeKind::UInt:
        return "uint";
    case ShapeKind::Real:
        return "real";
    case ShapeKind::Text:
        return "text";
    case ShapeKind::Duration:
        return "duration";
    case ShapeKind::Instant:
        return "instant";
    case ShapeKind::Node:
        return "node";
    case ShapeKind::Request:
        return "request";
    case ShapeKind::Enum:
        return "enum";
    case ShapeKind::Optional:
        return "optional";
    case ShapeKind::List:
        return "list";
    case ShapeKind::Set:
        return "set";
    case ShapeKind::Map:
        return "map";
    case ShapeKind::Record:
        return "record";
    case ShapeKind::Variant:
        return "variant";
    }
    return "unknown";
}

} // namespace

json::value toJson(const Value& value, const NodeNames& names)
{
    if (!value.exists()) {
        return nullptr;
    }
    switch (value.kind()) {
    case ShapeKind::Bool:
        return value.asBool();
    case ShapeKind::Int:
    case ShapeKind::Duration:
    case ShapeKind::Instant:
        return value.asInt();
    case ShapeKind::UInt:
        return value.asUInt();
    case ShapeKind::Real:
        // JSON has no word for what is not finite.
        return std::isfinite(value.asReal()) ? json::value(value.asReal()) : json::value(nullptr);
    case ShapeKind::Text:
        return jsonText(value.asText());
    case ShapeKind::Node:
        return value.asNode() ? jsonText(names.name(value.asNode())) : json::value(nullptr);
    case ShapeKind::Request:
        return value.asRequest() ? jsonText(toText(value, names)) : json::value(nullptr);
    case ShapeKind::Enum:
        return jsonText(value.name());
    case ShapeKind::Optional:
        return value.children().empty() ? json::value(nullptr)
                                        : toJson(value.children().front(), names);
    case ShapeKind::Record:
        return fieldsOf(value, names);
    case ShapeKind::Variant:
        return variantToJson(value, names);
    default:
        return childrenToJson(value, names);
    }
}

json::value toJson(const Shape& shape)
{
    json::object out;
    out["kind"] = kindName(shape.kind);
    if (!shape.name.empty()) {
        out["name"] = jsonText(shape.name);
    }
    if (shape.tone != Tone::Neutral) {
        out["tone"] = toText(shape.tone);
    }
    if (shape.kind == ShapeKind::Enum) {
        json::array rows;
        for (const auto& enumerator : shape.enumerators) {
            rows.push_back(json::object{{"name", jsonText(enumerator.name)},
                                        {"tone", toText(enumerator.tone)}});
        }
        out["enumerators"] = std::move(rows);
    }
    if (shape.kind == ShapeKind::Record || shape.kind == ShapeKind::Variant) {
        json::array rows;
        for (const auto& field : shape.fields) {
            json::object row{{"name", jsonText(field.name)}};
            if (field.facet != Facet::None) {
                row["facet"] = toText(field.facet);
            }
            row["shape"] = toJson(*field.shape);
            rows.push_back(std::move(row));
        }
        out[shape.kind == ShapeKind::Record ? "fields" : "alternatives"] = std::move(rows);
    }
    if (shape.key) {
        out["key"] = toJson(*shape.key);
    }
    if (shape.of) {
        out["of"] = toJson(*shape.of);
    }
    return out;
}

} // namespace lightcone::describe
