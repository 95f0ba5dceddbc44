#include "engine/protocols/two_phase_commit/placement.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace lightcone::protocols::two_phase_commit {
namespace {

constexpr std::string_view blanks = " \t\n,";

/// The next word, taken off the text; empty at its end.
std::string_view takeWord(std::string_view& text)
{
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const auto word = text.substr(0, text.find_first_of(blanks));
    text.remove_prefix(word.size());
    return word;
}

} // namespace

Result<Placement> Placement::of(const Parameters& parameters)
{
    Placement placement;
    placement.m_coordinators = parameters.coordinators;
    placement.m_participants = parameters.participants;
    std::string_view rest = parameters.data;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.find_first_not_of(blanks) == std::string_view::npos) {
            continue;
        }
        if (auto placed = placement.place(line); !placed) {
            return placed.error();
        }
    }
    return placement;
}

/// "p1: a=100 b"
Result<void> Placement::place(std::string_view line)
{
    const auto colon = line.find(':');
    auto name = line.substr(0, colon);
    name = takeWord(name);
    const auto owner = participantNamed(name);
    if (!owner || colon == std::string_view::npos) {
        return fail(fmt::format("data: expected a participant from p1 to p{} and a colon, as in "
                                "\"p1: a=100 b; p2: c\", found '{}'",
                                m_participants, name));
    }
    auto words = line.substr(colon + 1);
    for (auto word = takeWord(words); !word.empty(); word = takeWord(words)) {
        const auto equals = word.find('=');
        const std::string key(word.substr(0, equals));
        if (key.empty()) {
            return fail(fmt::format("data: expected a key, or key=value, found '{}'", word));
        }
        Placed placed{*owner, {}};
        if (equals != std::string_view::npos) {
            placed.value = std::string(word.substr(equals + 1));
        }
        if (!m_placed.emplace(key, std::move(placed)).second) {
            return fail(fmt::format("data: expected each key once, '{}' is given twice", key));
        }
    }
    return {};
}

std::optional<NodeId> Placement::participantNamed(std::string_view name) const
{
    std::uint32_t number = 0;
    const auto* end = name.data() + name.size();
    if (!name.starts_with('p')) {
        return std::nullopt;
    }
    const auto [last, error] = std::from_chars(name.data() + 1, end, number);
    const bool right = error == std::errc{} && last == end && number > 0;
    return right && number <= m_participants ? std::optional(NodeId(m_coordinators + number))
                                             : std::nullopt;
}

/// A key that `data` does not place goes by its last character, so that a person can tell where it
/// is: a and 1 are the first participant's, b and 2 the second's.
NodeId Placement::ownerOf(std::string_view key) const
{
    if (const auto placed = m_placed.find(key); placed != m_placed.end()) {
        return placed->second.owner;
    }
    const char last = key.empty() ? 'a' : key.back();
    std::uint32_t place = static_cast<unsigned char>(last);
    if (last >= 'a' && last <= 'z') {
        place = static_cast<std::uint32_t>(last - 'a');
    } else if (last >= 'A' && last <= 'Z') {
        place = static_cast<std::uint32_t>(last - 'A');
    } else if (last >= '0' && last <= '9') {
        place = static_cast<std::uint32_t>(last - '0') + 9; // 1 is the first, 0 the tenth
        place = place == 9 ? 9 : place - 10;
    }
    return NodeId(m_coordinators + 1 + place % m_participants);
}

TransactionId Placement::nextId(NodeId coordinator, TransactionId after) const
{
    const TransactionId place = coordinator.value - 1;
    const TransactionId turn = after <= place ? 0 : (after - place - 1) / m_coordinators + 1;
    return turn * m_coordinators + place + 1;
}

NodeId Placement::homeOf(NodeId client) const
{
    const auto number = client.value > firstClient ? client.value - firstClient - 1 : 0;
    return NodeId(number % m_coordinators + 1);
}

std::string Placement::nameOf(NodeId node) const
{
    return isCoordinator(node) ? fmt::format("tm{}", node.value)
                               : fmt::format("p{}", node.value - m_coordinators);
}

Values Placement::initial(NodeId participant) const
{
    Values values;
    for (const auto& [key, placed] : m_placed) {
        if (placed.owner == participant && placed.value) {
            values.emplace(key, *placed.value);
        }
    }
    return values;
}

} // namespace lightcone::protocols::two_phase_commit
