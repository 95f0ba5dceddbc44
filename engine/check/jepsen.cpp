#include "engine/check/jepsen.h"

#include "engine/check/edn.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

namespace lightcone::checking {

namespace {

using edn::Kind;
using edn::Value;

struct Name
{
    std::string_view name;
    Action action;
};

constexpr std::array names{
    Name{"read", Action::Read},     Name{"r", Action::Read},        Name{"get", Action::Read},
    Name{"write", Action::Write},   Name{"w", Action::Write},       Name{"put", Action::Write},
    Name{"cas", Action::Cas},       Name{"delete", Action::Delete}, Name{"del", Action::Delete},
    Name{"remove", Action::Delete},
};

enum class Type : std::uint8_t { Invoke, Ok, Fail, Info };

/// A line of the history before anything is made of it.
struct Line
{
    Value map;
    bool client = false;
    std::uint64_t process = 0;
    Type type = Type::Info;
    std::string f;
    Instant at{};
};

Error at(const Value& value, std::string message)
{
    return fail(std::move(message), value.line, value.column);
}

std::optional<std::int64_t> integer(const Value* value)
{
    std::int64_t number = 0;
    if (value == nullptr || value->kind != Kind::Integer) {
        return std::nullopt;
    }
    const auto* end = value->text.data() + value->text.size();
    const auto [rest, error] = std::from_chars(value->text.data(), end, number);
    return error == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

std::optional<Type> typeOf(const Value* type)
{
    if (type == nullptr || type->kind != Kind::Keyword) {
        return std::nullopt;
    }
    if (type->text == "invoke") {
        return Type::Invoke;
    }
    if (type->text == "ok") {
        return Type::Ok;
    }
    if (type->text == "fail") {
        return Type::Fail;
    }
    return type->text == "info" ? std::optional(Type::Info) : std::nullopt;
}

/// The map of a record, or the map itself.
Result<Value> mapOf(Value value)
{
    const auto line = value.line;
    const auto column = value.column;
    while (value.kind == Kind::Tagged) {
        auto inner = std::move(value.children.front());
        value = std::move(inner);
    }
    if (value.kind != Kind::Map) {
        return fail("expected an operation's map {:process …, :type …, :f …, :value …}, found "
                        + edn::toText(value).substr(0, 40),
                    line, column);
    }
    return value;
}

Result<Line> lineOf(Value value)
{
    auto map = mapOf(std::move(value));
    if (!map) {
        return map.error();
    }
    Line line;
    const auto* process = map->find("process");
    if (process == nullptr) {
        return at(*map, "expected :process in an operation's map");
    }
    if (const auto* time = map->find("time"); time != nullptr) {
        line.at = Instant(Duration(integer(time).value_or(0)));
    }
    line.client = process->kind == Kind::Integer;
    if (line.client) {
        const auto number = integer(process);
        if (!number || *number < 0) {
            return at(*process, "expected a process's number from 0, found " + process->text);
        }
        line.process = static_cast<std::uint64_t>(*number);
        const auto type = typeOf(map->find("type"));
        if (!type) {
            return at(*map, "expected :type :invoke, :ok, :fail or :info in an operation's map");
        }
        line.type = *type;
        const auto* f = map->find("f");
        if (f == nullptr || (f->kind != Kind::Keyword && f->kind != Kind::Text)) {
            return at(*map, "expected :f with a keyword in an operation's map");
        }
        line.f = f->text;
    }
    line.map = std::move(*map);
    return line;
}

Action actionOf(std::string_view f)
{
    const auto known = std::ranges::find(names, f, &Name::name);
    return known == names.end() ? Action::Other : known->action;
}

bool isPair(const Value* value)
{
    return value != nullptr && (value->kind == Kind::Vector || value->kind == Kind::List)
        && value->children.size() == 2;
}

/// Whether every client's value is [key value]: nothing else says that a history has keys.
bool hasKeys(const std::vector<Line>& lines)
{
    bool any = false;
    bool asked = false;
    for (const auto& line : lines) {
        const auto* value = line.map.find("value");
        const auto action = actionOf(line.f);
        if (!line.client || action == Action::Other || line.map.find("key") != nullptr) {
            continue;
        }
        if (value == nullptr || value->kind == Kind::Nil) {
            asked = asked || line.type == Type::Invoke;
            continue;
        }
        if (!isPair(value) || (action == Action::Cas && !isPair(&value->children[1]))) {
            return false;
        }
        any = true;
    }
    return any && !asked;
}

Datum datumOf(const Value* value)
{
    if (value == nullptr || value->kind == Kind::Nil) {
        return std::nullopt;
    }
    return edn::toText(*value);
}

/// Turns lines into operations.
class Gathering
{
public:
    explicit Gathering(bool keyed)
        : m_keyed(keyed)
    {
    }

    Result<void> take(const Line& line)
    {
        if (!line.client) {
            m_history.mark(line.at, edn::toText(line.map));
            return {};
        }
        return line.type == Type::Invoke ? invoke(line) : end(line);
    }

    History finish(bool keyed)
    {
        m_history.setKeyed(keyed || m_anyKey);
        return std::move(m_history);
    }

private:
    struct Process
    {
        std::optional<std::size_t> under{}; ///< the operation that is under way
        std::size_t retired = 0; ///< the line that retired it
    };

    /// The value without its key.
    [[nodiscard]] const Value* valueOf(const Line& line) const
    {
        const auto* value = line.map.find("value");
        return m_keyed && isPair(value) ? &value->children[1] : value;
    }

    Result<void> invoke(const Line& line)
    {
        auto& process = m_processes[line.process];
        const auto who = "process " + std::to_string(line.process);
        if (process.retired != 0) {
            return at(line.map,
                      who + " was retired by :info at line " + std::to_string(process.retired)
                          + " and cannot begin another operation");
        }
        if (process.under) {
            const auto& other = m_history.operations()[*process.under];
            return at(line.map,
                      who + " begins an operation while the one of line "
                          + std::to_string(other.line) + " is under way");
        }
        Operation operation;
        operation.process = line.process;
        operation.action = actionOf(line.f);
        operation.name = line.f;
        operation.at = line.at;
        operation.line = line.map.line;
        const auto* given = line.map.find("value");
        if (const auto* key = line.map.find("key"); key != nullptr) {
            operation.key = edn::toText(*key);
        } else if (m_keyed && isPair(given)) {
            operation.key = edn::toText(given->children[0]);
        }
        m_anyKey = m_anyKey || !operation.key.empty();
        const auto* value = valueOf(line);
        if (operation.action == Action::Cas) {
            if (!isPair(value)) {
                return at(value != nullptr ? *value : line.map,
                          "expected [old new] as the :value of a :cas");
            }
            operation.expected = datumOf(&value->children[0]);
            operation.value = datumOf(&value->children[1]);
        } else if (operation.action == Action::Write) {
            operation.value = datumOf(value);
        }
        process.under = m_history.invoke(std::move(operation));
        return {};
    }

    Result<void> end(const Line& line)
    {
        auto& process = m_processes[line.process];
        const auto who = "process " + std::to_string(line.process);
        if (!process.under) {
            return at(line.map,
                      "expected an :invoke of " + who
                          + " before its :" + line.map.find("type")->text);
        }
        const auto place = *process.under;
        auto& operation = m_history.operation(place);
        if (operation.name != line.f) {
            return at(line.map,
                      "expected the end of :" + operation.name + ", which " + who
                          + " began at line " + std::to_string(operation.line)
                          + ", found :" + line.f);
        }
        process.under.reset();
        operation.lineEnded = line.map.line;
        const auto* error = line.map.find("error");
        operation.error = error != nullptr ? edn::toText(*error) : "";
        const auto* found = line.map.find("found");
        const bool missed = line.type == Type::Fail && error != nullptr
            && (operation.action == Action::Cas || operation.action == Action::Delete)
            && (error->isKeyword("mismatch") || error->isKeyword("not-found"));
        if (missed && (found != nullptr || error->isKeyword("not-found"))) {
            m_history.miss(place, line.at, datumOf(found));
        } else if (line.type == Type::Info) {
            process.retired = line.map.line;
            m_history.end(place, Ending::Unknown, line.at);
        } else {
            const auto ending = line.type == Type::Ok ? Ending::Ok : Ending::Failed;
            m_history.end(place, ending, line.at, datumOf(valueOf(line)));
        }
        return {};
    }

    bool m_keyed;
    bool m_anyKey = false;
    History m_history;
    std::map<std::uint64_t, Process> m_processes;
};

/// One map a line.
class Writer
{
public:
    Writer(std::ostream& out, const History& history)
        : m_out(out)
        , m_history(history)
    {
    }

    void invoke(const Operation& operation)
    {
        begin(operation, "invoke", operation.at);
        m_out << value(operation, operation.action == Action::Read ? Datum() : operation.value)
              << "}\n";
    }

    void end(const Operation& operation)
    {
        const auto* type = operation.ending == Ending::Unknown       ? "info"
            : operation.ending == Ending::Failed || operation.missed ? "fail"
                                                                     : "ok";
        begin(operation, type, operation.until);
        m_out << value(operation, operation.value);
        if (operation.missed) {
            m_out << ", :error " << (operation.found ? ":mismatch, :found " : ":not-found")
                  << operation.found.value_or("");
        } else if (!operation.error.empty()) {
            m_out << ", :error " << operation.error;
        }
        m_out << "}\n";
    }

private:
    void begin(const Operation& operation, const char* type, Instant at)
    {
        m_out << "{:process " << operation.process << ", :type :" << type
              << ", :f :" << functionOf(operation) << ", :time " << at.time_since_epoch().count()
              << ", :index " << m_index++ << ", :value ";
    }

    /// The name that other checkers know.
    [[nodiscard]] static std::string functionOf(const Operation& operation)
    {
        const auto known = std::ranges::find(names, operation.action, &Name::action);
        return known == names.end() ? operation.name : std::string(known->name);
    }

    [[nodiscard]] std::string value(const Operation& operation, const Datum& datum) const
    {
        auto text = datum.value_or("nil");
        if (operation.action == Action::Cas) {
            text = "[" + operation.expected.value_or("nil") + " " + text + "]";
        }
        return m_history.keyed() ? "[" + operation.key + " " + text + "]" : text;
    }

    std::ostream& m_out;
    const History& m_history;
    std::uint64_t m_index = 0;
};

} // namespace

Result<History> readJepsen(std::string_view text)
{
    edn::Reader reader(text);
    if (const auto entered = reader.enter(); !entered) {
        return entered.error();
    }
    std::vector<Line> lines;
    while (true) {
        auto value = reader.next();
        if (!value) {
            return value.error();
        }
        if (!*value) {
            break;
        }
        auto line = lineOf(std::move(**value));
        if (!line) {
            return line.error();
        }
        lines.push_back(std::move(*line));
    }
    const bool keyed = hasKeys(lines);
    Gathering gathering(keyed);
    for (const auto& line : lines) {
        if (const auto taken = gathering.take(line); !taken) {
            return taken.error();
        }
    }
    return gathering.finish(keyed);
}

void writeJepsen(std::ostream& out, const History& history)
{
    struct Happening
    {
        std::uint64_t place;
        const Operation* operation;
        const Mark* mark;
        bool begins;
    };
    std::vector<Happening> happenings;
    happenings.reserve(history.operations().size() * 2 + history.marks().size());
    for (const auto& operation : history.operations()) {
        happenings.push_back({operation.invoked, &operation, nullptr, true});
        if (operation.closed != Operation::never) {
            happenings.push_back({operation.closed, &operation, nullptr, false});
        }
    }
    for (const auto& mark : history.marks()) {
        happenings.push_back({mark.place, nullptr, &mark, false});
    }
    std::ranges::sort(happenings, {}, &Happening::place);
    Writer writer(out, history);
    for (const auto& happening : happenings) {
        if (happening.mark != nullptr) {
            out << happening.mark->text << '\n';
        } else if (happening.begins) {
            writer.invoke(*happening.operation);
        } else {
            writer.end(*happening.operation);
        }
    }
}

} // namespace lightcone::checking
