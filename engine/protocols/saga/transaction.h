#pragma once

#include "engine/protocols/saga/state.h"

#include <optional>
#include <string>
#include <vector>

namespace lightcone::protocols::saga {

/// Countermeasures against the lack of isolation (Microservices Patterns §4.3.2).
struct Rules
{
    bool commutative = false;
    bool reread = false;
    bool versionFile = false;
};

/// Whose deed it is.
struct Doer
{
    SagaId saga = 0;
    std::uint32_t step = 0;
    StepKind kind = StepKind::Compensatable;
    bool undo = false;
};

struct Anomalies
{
    std::uint32_t lostUpdates = 0;
    std::uint32_t dirtyReads = 0;
    std::uint32_t fuzzyReads = 0;
};

/// The number after that line of a version file.
Amount applied(Amount value, const Mark& mark);

/// What a key of a script is for a saga with these values.
const std::string& keyOf(const Operation& operation, const Values& values);

/// A saga, other than this one, whose changes of a number that the deed reads or changes may still
/// be undone; 0 where there is none. Such a saga holds a semantic lock.
SagaId holderOf(const Deed& deed, const Values& values, const Records& records, SagaId saga);

/// One local transaction of a service, in memory: what a deed would change. It also sees what goes
/// wrong because sagas are not isolated from each other.
class Transaction
{
public:
    Transaction(const Data& data, const Records& records, const std::vector<Entry>& entries,
                const Rules& rules, const Doer& doer, Values values);

    /// Why it is declined, if it is.
    std::optional<std::string> run(const Deed& deed);

    [[nodiscard]] std::vector<Change> changes() const;
    [[nodiscard]] const std::vector<Touch>& touches() const { return m_touches; }
    [[nodiscard]] const Values& values() const { return m_values; }
    [[nodiscard]] const std::vector<std::string>& remarks() const { return m_remarks; }
    [[nodiscard]] const Anomalies& anomalies() const { return m_anomalies; }

private:
    struct Number
    {
        Amount value = 0;
        Record record{};
        bool changed = false;
    };

    Number& at(const std::string& key);
    std::optional<std::string> perform(const Operation& operation);
    std::optional<std::string> overwrite(const std::string& key, Amount wanted);
    void add(const std::string& key, Amount amount);
    void put(const std::string& key, Number& number, Amount value, bool seen);
    void strike(const std::string& key);
    void file(Number& number, bool overwrites, Amount amount);
    Amount read(const std::string& key, bool keeps);
    Amount valueOf(const Sum& sum);
    [[nodiscard]] const Touch* lastSeen(const std::string& key) const;
    [[nodiscard]] bool changedByOthers(const std::string& key, const Touch& since,
                                       const Number& number) const;
    template <class Function>
    void forEachTouch(const std::string& key, Function function) const;

    const Data* m_data;
    const Records* m_records;
    const std::vector<Entry>* m_entries;
    Rules m_rules;
    Doer m_doer;
    Values m_values;
    std::map<std::string, Number, std::less<>> m_numbers;
    std::vector<Touch> m_touches;
    std::vector<std::string> m_remarks;
    Anomalies m_anomalies;
};

} // namespace lightcone::protocols::saga
