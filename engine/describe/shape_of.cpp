#include "engine/describe/shape_of.h"

#include "engine/core/check.h"

#include <utility>

namespace lightcone::describe::detail {

std::shared_ptr<Shape> newShape(ShapeKind kind, std::string name)
{
    auto shape = std::make_shared<Shape>();
    shape->kind = kind;
    shape->name = std::move(name);
    return shape;
}

void addMember(Shape& record, const char* member, ShapePtr of, Facet (*facetOf)(std::string_view))
{
    auto name = memberName(member);
    const auto facet = facetOf(name);
    record.fields.push_back({std::move(name), std::move(of), facet});
}

void addEnumerator(Shape& shape, const char* enumerator, Tone (*toneOf)(std::string_view))
{
    shape.enumerators.push_back({enumeratorName(enumerator), toneOf(enumerator)});
}

void addPart(Shape& shape, std::string name, ShapePtr of)
{
    check(!shape.fieldIndex(name), "parts with names of their own");
    shape.fields.push_back({std::move(name), std::move(of), Facet::None});
}

} // namespace lightcone::describe::detail
