#pragma once

#include "engine/core/error.h"
#include "engine/describe/value.h"
#include "engine/node/card.h"

#include <string>
#include <string_view>

namespace lightcone::node {

/// The value of one parameter from how a person writes it: "3", "150ms", "readIndex". The error
/// names the parameter.
Result<describe::Value> parseParameter(const Card&, std::string_view name, const std::string& text);

/// The complete record that Protocol::setup takes: what is given by name, else the card's defaults.
class Parameters
{
public:
    explicit Parameters(const Card&);

    /// The error says which parameters there are, or what was expected.
    Result<void> set(std::string_view name, const std::string& text);

    [[nodiscard]] describe::Value value() const;

private:
    const Card* m_card;
    describe::Value::List m_values;
};

} // namespace lightcone::node
