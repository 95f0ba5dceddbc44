#include "engine/query/sort.h"

namespace lightcone::query {

using describe::Shape;
using describe::ShapeKind;
using describe::ShapePtr;

Sort sortOf(const ShapePtr& shape)
{
    if (!shape) {
        return Sort::Anything;
    }
    switch (shape->kind) {
    case ShapeKind::Bool:
        return Sort::Truth;
    case ShapeKind::Int:
    case ShapeKind::UInt:
    case ShapeKind::Real:
        return Sort::Number;
    case ShapeKind::Duration:
    case ShapeKind::Instant:
        return Sort::Time;
    case ShapeKind::Enum:
        return Sort::Word;
    case ShapeKind::Node:
        return Sort::Node;
    case ShapeKind::Optional:
        return sortOf(shape->of);
    default:
        return Sort::Anything;
    }
}

ShapePtr shapeAt(ShapePtr shape, std::string_view path)
{
    while (shape && !path.empty()) {
        while (shape->kind == ShapeKind::Optional) {
            shape = shape->of;
        }
        const auto dot = path.find('.');
        const auto step = path.substr(0, dot);
        if (shape->kind == ShapeKind::Record) {
            const auto index = shape->fieldIndex(step);
            const auto contents = shape->contents();
            shape = index  ? shape->fields[*index].shape
                : contents ? shape->fields[*contents].shape->of
                           : nullptr;
        } else {
            shape = shape->kind == ShapeKind::List || shape->kind == ShapeKind::Map ? shape->of
                                                                                    : nullptr;
        }
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return shape;
}

const Shape* enumOf(const ShapePtr& shape)
{
    const auto* found = shape.get();
    while (found != nullptr && found->kind == ShapeKind::Optional) {
        found = found->of.get();
    }
    return found != nullptr && found->kind == ShapeKind::Enum ? found : nullptr;
}

std::string_view nameOf(Sort sort)
{
    switch (sort) {
    case Sort::Truth:
        return "a condition";
    case Sort::Number:
        return "a number";
    case Sort::Time:
        return "a time such as 20ms";
    case Sort::Word:
        return "a word";
    case Sort::Node:
        return "a node";
    case Sort::Anything:
        break;
    }
    return "a value";
}

} // namespace lightcone::query
