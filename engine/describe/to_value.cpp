#include "engine/describe/to_value.h"

#include <utility>

namespace lightcone::describe::detail {

void append(Value::List& children, Value value)
{
    children.push_back(std::move(value));
}

} // namespace lightcone::describe::detail
