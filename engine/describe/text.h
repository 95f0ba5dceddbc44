#pragma once

#include "engine/core/ids.h"
#include "engine/describe/value.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lightcone::describe {

/// What nodes are called, both ways: "n3" and "c1" unless a plan gave them names of their own.
struct NodeNames
{
    std::function<std::string(NodeId)> name;
    std::function<std::optional<NodeId>(std::string_view)> find;
};

const NodeNames& plainNames();

/// One line, whole: "Vote{term 3, granted}", "{n3, n4}", "{n1: 4, n2: 4}", "none". True flags show
/// as their name, false ones as "not granted", times exact. parse() gives the same value back.
std::string toText(const Value&, const NodeNames& = plainNames());

/// One short phrase for a label: "put x=1", "T2 put x=5", "RequestVote 3". Leaves out what carries
/// Facet::Detail.
std::string brief(const Value&, const NodeNames& = plainNames());

/// Reads a value of the given shape as a person writes it: 5, 20ms, n3, "two words", word, leader,
/// none, [a, b], {a, b}, {k: v}, Put{key: x, value: 1}, put x 1. The error gives the column (in
/// bytes, from 1) and what was expected.
Result<Value> parse(const ShapePtr&, std::string_view, const NodeNames& = plainNames());

/// A record from words: its fields in order or as name=value (name: value), starting from the given
/// defaults, so that fields left out keep theirs; but a key or a content (Facet) that is empty
/// there has to be given. "x 1", "key=x value=\"two words\"". An unknown field's error names those
/// that there are.
Result<Value> parseFields(const Value& defaults, std::string_view words,
                          const NodeNames& = plainNames());

/// The simplest value of a shape: zero, empty, false, the first enumerator.
Value zero(const ShapePtr&);

} // namespace lightcone::describe
