#include "engine/check/history.h"

#include "engine/check/edn.h"
#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::checking {

std::size_t History::invoke(Operation operation)
{
    operation.invoked = m_places++;
    operation.closed = Operation::never;
    operation.ending = Ending::Unknown;
    operation.until = operation.at;
    m_operations.push_back(std::move(operation));
    return m_operations.size() - 1;
}

std::size_t History::invokeBefore(Operation operation)
{
    operation.invoked = 0;
    operation.closed = Operation::never;
    operation.ending = Ending::Unknown;
    m_operations.push_back(std::move(operation));
    return m_operations.size() - 1;
}

void History::end(std::size_t place, Ending ending, Instant at, Datum value)
{
    check(place < m_operations.size(), "an operation of this history");
    auto& operation = m_operations[place];
    check(operation.closed == Operation::never, "an operation ends once");
    operation.ending = ending;
    operation.until = at;
    if (ending == Ending::Ok && operation.action == Action::Read) {
        operation.value = std::move(value);
    }
    operation.closed = m_places++;
}

void History::miss(std::size_t place, Instant at, Datum found)
{
    end(place, Ending::Ok, at);
    m_operations[place].missed = true;
    m_operations[place].found = std::move(found);
}

void History::mark(Instant at, std::string text)
{
    m_marks.push_back({m_places++, at, std::move(text)});
}

std::string datum(const std::string& text)
{
    const bool negative = text.starts_with('-');
    const auto digits = text.substr(negative ? 1 : 0);
    const bool number = !digits.empty() && digits.size() <= 18
        && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })
        && (digits[0] != '0' || (digits.size() == 1 && !negative));
    return number ? text : edn::quoted(text);
}

std::string plain(const std::string& datum)
{
    if (!datum.starts_with('"')) {
        return datum;
    }
    const auto value = edn::Reader(datum).next();
    return value && *value ? (*value)->text : datum;
}

std::string describe(const Operation& operation)
{
    const auto shown = [](const Datum& datum) { return datum ? plain(*datum) : "nothing"; };
    auto text = operation.name;
    if (!operation.key.empty()) {
        text += " " + plain(operation.key);
    }
    switch (operation.action) {
    case Action::Read:
        if (operation.ending == Ending::Ok) {
            text += " gave " + shown(operation.value);
        }
        break;
    case Action::Write:
        text += " " + shown(operation.value);
        break;
    case Action::Cas:
        text += " " + shown(operation.expected) + " " + shown(operation.value);
        break;
    case Action::Delete:
    case Action::Other:
        break;
    }
    if (operation.missed) {
        text += " found " + shown(operation.found);
    }
    return text;
}

} // namespace lightcone::checking
