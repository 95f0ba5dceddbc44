#pragma once

#include "engine/core/ids.h"
#include "engine/core/time.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lightcone::checking {

/// What an operation does to the one thing that it is about.
enum class Action : std::uint8_t {
    Read,
    Write,
    Cas, ///< writes `value` where the thing holds `expected`
    Delete,
    Other, ///< something that no model knows; see Operation::name
};

/// How an operation ended for whoever asked. Unknown: it may have happened at any later time, or
/// never; an operation that has not ended is one too.
enum class Ending : std::uint8_t { Ok, Failed, Unknown };

/// Keys and values are EDN texts (`1`, `"a"`, `:a`), in one form each, so that equal ones are equal
/// texts. No value is absence: nil.
using Datum = std::optional<std::string>;

/// One operation of one client.
struct Operation
{
    std::uint64_t process = 0; ///< who asked: runs one operation at a time
    Action action = Action::Read;
    std::string name{}; ///< as the history calls it: "read", "put"
    std::string key{}; ///< empty in a history of a single thing
    Datum value{}; ///< what it writes, or what a Read gave
    Datum expected{}; ///< of a Cas

    Ending ending = Ending::Unknown;
    /// An ok Cas or Delete that found something else (`found`) or nothing there, and changed
    /// nothing.
    bool missed = false;
    Datum found{};
    /// A Delete is known to have found something.
    bool deleted = false;
    std::string error{}; ///< why it failed or is unknown, where that was said

    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t invoked = 0; ///< its place among the history's happenings
    std::uint64_t closed = never; ///< likewise, where it ended or somebody gave up waiting

    /// Until which place it must have happened.
    [[nodiscard]] std::uint64_t ended() const { return ending == Ending::Unknown ? never : closed; }
    Instant at{};
    Instant until{}; ///< the instant of `closed`
    EventId request{}; ///< in a trace
    EventId reply{};
    std::size_t line = 0; ///< in a file, where it was invoked
    std::size_t lineEnded = 0;
};

/// Something that happened beside the operations: a nemesis' line.
struct Mark
{
    std::uint64_t place = 0;
    Instant at{};
    std::string text; ///< as it was written, one line
};

/// What clients asked and were answered, in the order in which it happened.
class History
{
public:
    /// Takes a new operation of a process that has none under way; its place in operations().
    std::size_t invoke(Operation);

    /// Takes an operation that was under way before all others; its ending is never known.
    std::size_t invokeBefore(Operation);

    /// Ends it. A Read brings what it read. The ending is final, but for an Unknown one, after
    /// which the process may not ask again.
    void end(std::size_t operation, Ending, Instant, Datum value = {});

    /// The same, of a Cas or Delete that found something else and changed nothing.
    void miss(std::size_t operation, Instant, Datum found);

    void mark(Instant, std::string text);

    [[nodiscard]] const std::vector<Operation>& operations() const { return m_operations; }
    [[nodiscard]] Operation& operation(std::size_t place) { return m_operations[place]; }
    [[nodiscard]] const std::vector<Mark>& marks() const { return m_marks; }

    /// Whether operations name a key; a history of a single register does not.
    [[nodiscard]] bool keyed() const { return m_keyed; }
    void setKeyed(bool keyed) { m_keyed = keyed; }

    /// Nothing is known of what was there before the first operation: clients were at work.
    [[nodiscard]] bool beganBefore() const { return m_beganBefore; }
    void setBeganBefore(bool began) { m_beganBefore = began; }

    /// Operations are missing: nothing can be judged.
    [[nodiscard]] bool incomplete() const { return m_incomplete; }
    void setIncomplete() { m_incomplete = true; }

    /// How many things happened: invocations, endings and marks.
    [[nodiscard]] std::uint64_t places() const { return m_places; }

private:
    std::vector<Operation> m_operations;
    std::vector<Mark> m_marks;
    std::uint64_t m_places = 1; ///< 0 is before all
    bool m_keyed = true;
    bool m_beganBefore = false;
    bool m_incomplete = false;
};

/// A number in its one form stays, any other text becomes an EDN string.
std::string datum(const std::string& text);

/// What datum() was made of, for people: `"a b"` is a b.
std::string plain(const std::string& datum);

/// "put x 1", "read x gave 2", "cas x 1 2 found 3".
std::string describe(const Operation&);

} // namespace lightcone::checking
