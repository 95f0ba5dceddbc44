#include "engine/node/parameters.h"

#include "engine/describe/shape.h"
#include "engine/describe/text.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace lightcone::node {

namespace {

const ParameterCard* find(const Card& card, std::string_view name)
{
    const auto found = std::ranges::find(card.parameters, name, &ParameterCard::name);
    return found == card.parameters.end() ? nullptr : &*found;
}

} // namespace

Result<describe::Value> parseParameter(const Card& card, std::string_view name,
                                       const std::string& text)
{
    const auto* parameter = find(card, name);
    if (parameter == nullptr) {
        std::string all;
        for (const auto& each : card.parameters) {
            all += (all.empty() ? "" : ", ") + each.name;
        }
        return fail("'" + std::string(name) + "' is no parameter of " + card.id
                    + ": expected one of " + all);
    }
    const auto& shape = parameter->byDefault.shape();
    // A text is taken as it is: its quotes, where there were any, are gone already.
    if (shape->kind == describe::ShapeKind::Text) {
        return describe::Value::text(shape, text);
    }
    auto value = describe::parse(shape, text);
    if (!value) {
        return fail(std::string(name) + ": " + value.error().message);
    }
    return value;
}

Parameters::Parameters(const Card& card)
    : m_card(&card)
{
    for (const auto& parameter : card.parameters) {
        m_values.push_back(parameter.byDefault);
    }
}

Result<void> Parameters::set(std::string_view name, const std::string& text)
{
    auto value = parseParameter(*m_card, name, text);
    if (!value) {
        return value.error();
    }
    m_values[static_cast<std::size_t>(find(*m_card, name) - m_card->parameters.data())] =
        std::move(*value);
    return {};
}

describe::Value Parameters::value() const
{
    auto shape = std::make_shared<describe::Shape>();
    shape->kind = describe::ShapeKind::Record;
    shape->name = "Parameters";
    for (const auto& parameter : m_card->parameters) {
        shape->fields.push_back({parameter.name, parameter.byDefault.shape()});
    }
    return describe::Value::list(describe::ShapePtr(std::move(shape)), m_values);
}

} // namespace lightcone::node
