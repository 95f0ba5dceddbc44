#pragma once

#include "engine/query/expression.h"
#include "engine/query/query.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Which words a question may use, what sort of thing each is and what may be said of it.
namespace lightcone::query {

struct Attribute
{
    std::string_view name;
    Sort sort;
    std::string_view text; ///< for the documentation and completion
};

/// Of an event: kind, node, from, …
std::span<const Attribute> eventAttributes();

/// Of a node: up, crashed, …
std::span<const Attribute> nodeAttributes();

const Attribute* find(std::span<const Attribute>, std::string_view name);

/// The words that an event's attribute can be; empty where any may be.
std::vector<std::string> wordsOf(std::string_view eventAttribute, const node::Card&);

/// Types of messages, requests, replies and writes, with those that every protocol shares.
std::vector<std::string> messageNames(const node::Card&);

/// Whether some message, request or reply has that field.
bool isMessageField(const node::Card&, std::string_view field);

/// The words that a field of messages can be, wherever a message has it; empty where any may be.
std::vector<std::string> messageWords(const node::Card&, std::string_view path);

/// "role is one of follower, candidate or leader": the nearest few when there are many.
std::string oneOf(const std::vector<std::string>& words, std::string_view found);

} // namespace lightcone::query
