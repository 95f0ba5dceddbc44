#include "engine/protocols/saga/transaction.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::protocols::saga {
namespace {

Amount bounded(Amount value)
{
    return std::clamp(value, -mostAmount, mostAmount);
}

bool holds(Comparison comparison, Amount left, Amount right)
{
    switch (comparison) {
    case Comparison::Less:
        return left < right;
    case Comparison::LessEqual:
        return left <= right;
    case Comparison::Greater:
        return left > right;
    case Comparison::GreaterEqual:
        return left >= right;
    case Comparison::Equal:
        return left == right;
    case Comparison::Unequal:
        return left != right;
    }
    return false;
}

SagaId otherThan(SagaId saga, const SagaSet& pending)
{
    for (const auto each : pending) {
        if (each != saga) {
            return each;
        }
    }
    return 0;
}

Amount replayed(const Record& record)
{
    auto value = record.base;
    for (const auto& mark : record.file) {
        value = applied(value, mark);
    }
    return value;
}

} // namespace

Amount applied(Amount value, const Mark& mark)
{
    return mark.overwrites ? mark.amount : bounded(value + mark.amount);
}

const std::string& keyOf(const Operation& operation, const Values& values)
{
    const auto given = values.find(operation.key);
    return operation.keyIsParameter && given != values.end() ? given->second : operation.key;
}

SagaId holderOf(const Deed& deed, const Values& values, const Records& records, SagaId saga)
{
    SagaId holder = 0;
    const auto look = [&](const std::string& key) {
        const auto record = records.find(key);
        if (holder == 0 && record != records.end()) {
            holder = otherThan(saga, record->second.pending);
        }
    };
    for (const auto& operation : deed.operations) {
        if (operation.verb != Verb::Need) {
            look(keyOf(operation, values));
        }
        for (const auto* sum : {&operation.sum, &operation.right}) {
            for (const auto& term : *sum) {
                if (term.kind == Term::Kind::Key) {
                    look(term.name);
                }
            }
        }
    }
    return holder;
}

Transaction::Transaction(const Data& data, const Records& records,
                         const std::vector<Entry>& entries, const Rules& rules, const Doer& doer,
                         Values values)
    : m_data(&data)
    , m_records(&records)
    , m_entries(&entries)
    , m_rules(rules)
    , m_doer(doer)
    , m_values(std::move(values))
{
}

std::optional<std::string> Transaction::run(const Deed& deed)
{
    for (const auto& operation : deed.operations) {
        if (auto declined = perform(operation)) {
            return declined;
        }
    }
    return std::nullopt;
}

std::vector<Change> Transaction::changes() const
{
    std::vector<Change> changes;
    for (const auto& [key, number] : m_numbers) {
        if (number.changed) {
            changes.push_back({key, number.value, number.record});
        }
    }
    return changes;
}

std::optional<std::string> Transaction::perform(const Operation& operation)
{
    const auto& key = keyOf(operation, m_values);
    switch (operation.verb) {
    case Verb::Add:
        add(key, valueOf(operation.sum));
        return std::nullopt;
    case Verb::Take: {
        const auto amount = valueOf(operation.sum);
        const auto there = read(key, false);
        if (there < amount) {
            return fmt::format("{} is {}, and {} are needed", key, there, amount);
        }
        add(key, -amount);
        return std::nullopt;
    }
    case Verb::Set:
        return overwrite(key, valueOf(operation.sum));
    case Verb::Read:
        m_values[operation.into] = std::to_string(read(key, true));
        return std::nullopt;
    case Verb::Need: {
        const auto left = valueOf(operation.sum);
        const auto right = valueOf(operation.right);
        if (!holds(operation.comparison, left, right)) {
            return fmt::format("what it needs does not hold: {} and {}", left, right);
        }
        return std::nullopt;
    }
    }
    return std::nullopt;
}

Transaction::Number& Transaction::at(const std::string& key)
{
    const auto [found, fresh] = m_numbers.try_emplace(key);
    if (fresh) {
        const auto value = m_data->find(key);
        const auto record = m_records->find(key);
        found->second.value = value == m_data->end() ? 0 : value->second;
        found->second.record = record == m_records->end() ? Record{} : record->second;
    }
    return found->second;
}

void Transaction::put(const std::string& key, Number& number, Amount value, bool seen)
{
    number.value = value;
    number.changed = true;
    ++number.record.version;
    number.record.writer = m_doer.saga;
    // After the pivot nothing is undone any more: these changes stay as soon as they are made.
    if (!m_doer.undo && m_doer.kind == StepKind::Compensatable) {
        number.record.pending.insert(m_doer.saga);
    }
    m_touches.push_back({key, number.record.version, value, true, seen, 0});
}

void Transaction::add(const std::string& key, Amount amount)
{
    auto& number = at(key);
    file(number, false, amount);
    put(key, number, m_rules.versionFile ? replayed(number.record) : bounded(number.value + amount),
        false);
}

/// Lost update: "One saga overwrites without reading changes made by another saga" (§4.3.1).
std::optional<std::string> Transaction::overwrite(const std::string& key, Amount wanted)
{
    auto& number = at(key);
    if (m_rules.versionFile && m_doer.undo) {
        strike(key);
        return std::nullopt;
    }
    const auto* seen = lastSeen(key);
    const bool lost = seen != nullptr ? changedByOthers(key, *seen, number)
                                      : otherThan(m_doer.saga, number.record.pending) != 0;
    if (lost && seen != nullptr && m_rules.commutative) {
        const auto difference = wanted - seen->value;
        m_remarks.push_back(fmt::format("{} has become {} since saga {} saw {}: it adds {} to it",
                                        key, number.value, m_doer.saga, seen->value, difference));
        put(key, number, bounded(number.value + difference), true);
        return std::nullopt;
    }
    const bool checks = m_rules.reread && !m_doer.undo && m_doer.kind != StepKind::Retriable;
    if (lost && checks) {
        return fmt::format("{} was changed by saga {} since it was read", key,
                           number.record.writer);
    }
    if (lost) {
        ++m_anomalies.lostUpdates;
        m_remarks.push_back(fmt::format("lost update: saga {} overwrites {}={} of saga {} with {}, "
                                        "and has not read it",
                                        m_doer.saga, key, number.value, number.record.writer,
                                        wanted));
    }
    file(number, true, wanted);
    put(key, number, m_rules.versionFile ? replayed(number.record) : bounded(wanted), true);
    return std::nullopt;
}

/// "The version file countermeasure […] records the operations that are performed on a record so
/// that it can reorder them" (§4.3.2): here in the order of the sagas' numbers.
void Transaction::file(Number& number, bool overwrites, Amount amount)
{
    if (!m_rules.versionFile) {
        return;
    }
    auto& file = number.record.file;
    if (file.empty()) {
        number.record.base = number.value;
    }
    const auto place = std::find_if(file.begin(), file.end(), [&](const Mark& mark) {
        return std::pair(mark.saga, mark.step) > std::pair(m_doer.saga, m_doer.step);
    });
    file.insert(place, {m_doer.saga, m_doer.step, overwrites, amount});
}

/// A compensation that would restore an old value strikes out what its step has recorded instead.
void Transaction::strike(const std::string& key)
{
    auto& number = at(key);
    const auto struck = std::erase_if(number.record.file, [&](const Mark& mark) {
        return mark.saga == m_doer.saga && mark.step == m_doer.step;
    });
    if (struck > 0) {
        put(key, number, replayed(number.record), true);
    }
}

/// Dirty read: "A transaction or a saga reads the updates made by a saga that has not yet completed
/// those updates." Fuzzy read: "Two different steps of a saga read the same data and get different
/// results because another saga has made updates" (§4.3.1).
Amount Transaction::read(const std::string& key, bool keeps)
{
    const auto& number = at(key);
    const auto dirty = otherThan(m_doer.saga, number.record.pending);
    if (dirty != 0 && !m_doer.undo) {
        ++m_anomalies.dirtyReads;
        m_remarks.push_back(fmt::format("dirty read: saga {} reads {}={}, which saga {} has "
                                        "changed and may still undo",
                                        m_doer.saga, key, number.value, dirty));
    }
    const auto* seen = keeps ? lastSeen(key) : nullptr;
    if (seen != nullptr && changedByOthers(key, *seen, number)) {
        ++m_anomalies.fuzzyReads;
        m_remarks.push_back(fmt::format("fuzzy read: saga {} has read {}={} before and reads {} "
                                        "now, changed by saga {}",
                                        m_doer.saga, key, seen->value, number.value,
                                        number.record.writer));
    }
    m_touches.push_back(
        {key, number.record.version, number.value, false, keeps, m_doer.undo ? 0 : dirty});
    return number.value;
}

Amount Transaction::valueOf(const Sum& sum)
{
    Amount total = 0;
    for (const auto& term : sum) {
        auto value = term.number;
        if (term.kind == Term::Kind::Value) {
            const auto found = m_values.find(term.name);
            value = found == m_values.end() ? 0 : amountOf(found->second).value_or(0);
        } else if (term.kind == Term::Kind::Key) {
            value = read(term.name, false);
        }
        total = bounded(term.minus ? total - value : total + value);
    }
    return total;
}

/// What this saga has seen and changed of a number here, from its first step on.
template <class Function>
void Transaction::forEachTouch(const std::string& key, Function function) const
{
    for (const auto& entry : *m_entries) {
        if (entry.saga == m_doer.saga) {
            for (const auto& touch : entry.touches) {
                if (touch.key == key) {
                    function(touch);
                }
            }
        }
    }
    for (const auto& touch : m_touches) {
        if (touch.key == key) {
            function(touch);
        }
    }
}

const Touch* Transaction::lastSeen(const std::string& key) const
{
    const Touch* newest = nullptr;
    forEachTouch(key, [&](const Touch& touch) {
        if (touch.seen && (newest == nullptr || touch.version >= newest->version)) {
            newest = &touch;
        }
    });
    return newest;
}

bool Transaction::changedByOthers(const std::string& key, const Touch& since,
                                  const Number& number) const
{
    std::uint64_t own = 0;
    forEachTouch(key, [&](const Touch& touch) {
        own += touch.changed && touch.version > since.version ? 1 : 0;
    });
    return number.record.version > since.version + own;
}

} // namespace lightcone::protocols::saga
