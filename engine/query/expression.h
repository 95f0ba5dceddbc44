#pragma once

#include "engine/core/ids.h"
#include "engine/describe/value.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lightcone::query {

enum class Operation : std::uint8_t {
    Literal,
    EventAttribute, ///< text: kind, node, …
    Message, ///< text: a path into the event's payload; empty: its type's name
    NodeField, ///< text: a path into the state of the node at hand
    NodeAttribute, ///< text: up, crashed, … of the node at hand
    OfNode, ///< node, then one child to be asked of it
    Now,
    And,
    Or,
    Not,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Contains,
    Plus,
    Minus,
    Count,
    Any,
    All,
    Max,
    Min,
    Sum,
    Size,
    PrecededBy,
};

/// What kind of thing an expression gives, as far as it is known before it is asked.
enum class Sort : std::uint8_t { Anything, Truth, Number, Time, Word, Node };

/// What an expression gave. Words point into what they were taken from: the expression or kept.
struct Datum
{
    enum class Kind : std::uint8_t { Missing, Truth, Number, Word, Node, Compound };
    Kind kind = Kind::Missing;
    bool truth = false;
    double number = 0;
    std::string_view word{};
    NodeId node{};
    describe::Value kept{};
};

struct Expression
{
    Operation operation = Operation::Literal;
    std::size_t column = 0;
    Sort sort = Sort::Anything;
    std::string text{}; ///< a literal word, a path, or how it was written
    double number = 0;
    bool truth = false;
    NodeId node{};
    std::uint32_t past = 0; ///< of PrecededBy: its place among them
    describe::ShapePtr shape{}; ///< of a field, where it is known
    std::vector<Expression> children{};
};

} // namespace lightcone::query
