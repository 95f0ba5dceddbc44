#include "engine/check/linearizability.h"

#include "engine/check/search.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace lightcone::checking {

namespace {

/// The values of one key as numbers.
class Values
{
public:
    int of(const Datum& datum)
    {
        if (!datum) {
            return Move::nothing;
        }
        const auto [place, added] = m_numbers.try_emplace(*datum, 0);
        if (added) {
            m_texts.push_back(datum);
            place->second = static_cast<int>(m_texts.size()) - 1;
        }
        return place->second;
    }

    [[nodiscard]] const Datum& text(int number) const
    {
        return m_texts[static_cast<std::size_t>(number)];
    }

private:
    std::map<std::string, int> m_numbers;
    std::vector<Datum> m_texts{std::nullopt};
};

/// What the operation says of the key; nothing where it says nothing.
std::optional<Move> moveOf(const Operation& operation, std::size_t place, Values& values)
{
    const bool known = operation.ending == Ending::Ok;
    Move move;
    move.invoked = operation.invoked;
    move.ended = operation.ended();
    move.operation = place;
    if (operation.ending == Ending::Failed || (operation.action == Action::Read && !known)) {
        return std::nullopt;
    }
    if (operation.missed) {
        move.guard = Move::Guard::Is;
        move.needs = values.of(operation.found);
        return move;
    }
    switch (operation.action) {
    case Action::Read:
        move.guard = Move::Guard::Is;
        move.needs = values.of(operation.value);
        return move;
    case Action::Write:
        move.sets = values.of(operation.value);
        return move;
    case Action::Cas:
        move.guard = Move::Guard::Is;
        move.needs = values.of(operation.expected);
        move.sets = values.of(operation.value);
        return move;
    case Action::Delete:
        move.guard = operation.deleted ? Move::Guard::IsSomething : Move::Guard::Any;
        move.sets = Move::nothing;
        return move;
    case Action::Other:
        break;
    }
    return std::nullopt;
}

/// What was known up to a place, when later endings had not come yet.
std::vector<Move> upTo(const std::vector<Move>& moves, std::uint64_t place)
{
    std::vector<Move> known;
    for (auto move : moves) {
        if (move.invoked > place) {
            continue;
        }
        if (move.ended > place) {
            move.ended = Move::never;
            if (move.sets == Move::keeps) {
                continue;
            }
        }
        known.push_back(move);
    }
    return known;
}

/// Judges one key.
class Judging
{
public:
    Judging(const History& history, std::string key, const std::vector<std::size_t>& places,
            Meter& meter)
        : m_history(history)
        , m_meter(meter)
        , m_initial(history.beganBefore() ? Search::anything : Move::nothing)
    {
        m_result.key = std::move(key);
        m_result.operations = places.size();
        for (const auto place : places) {
            if (const auto move = moveOf(history.operations()[place], place, m_values)) {
                m_moves.push_back(*move);
            }
        }
    }

    KeyJudgement judge()
    {
        switch (look(m_moves)) {
        case Found::Order:
            m_result.finding = Finding::Linearizable;
            break;
        case Found::GaveUp:
            m_result.finding = Finding::GaveUp;
            return std::move(m_result);
        case Found::None:
            m_result.finding = Finding::Impossible;
            narrow();
            break;
        }
        place();
        return std::move(m_result);
    }

private:
    Found look(std::vector<Move> moves)
    {
        Search search(std::move(moves), m_initial, m_meter);
        const auto found = search.run();
        if (found == Found::Order) {
            m_result.order = search.order();
        }
        return found;
    }

    /// Finds the first ending that is too much. What is possible up to a place is possible up to
    /// every earlier one, so halving finds it.
    void narrow()
    {
        std::vector<const Move*> ends;
        for (const auto& move : m_moves) {
            if (move.ended != Move::never) {
                ends.push_back(&move);
            }
        }
        std::ranges::sort(ends, {}, &Move::ended);
        std::size_t possible = 0; // so many endings
        std::size_t impossible = ends.size();
        while (impossible - possible > 1) {
            const auto middle = possible + (impossible - possible) / 2;
            const auto found = look(upTo(m_moves, ends[middle - 1]->ended));
            if (found == Found::GaveUp) {
                break;
            }
            (found == Found::Order ? possible : impossible) = middle;
        }
        const auto& culprit = *ends[impossible - 1];
        m_result.culprit = culprit.operation;
        m_result.order.clear();
        if (impossible - possible == 1) {
            (void)look(upTo(m_moves, culprit.ended - 1));
        }
        if (culprit.guard == Move::Guard::Is) {
            lookAround(culprit);
        }
    }

    /// Finds what the key could have held instead, of what was written lately.
    void lookAround(const Move& culprit)
    {
        auto moves = upTo(m_moves, culprit.ended);
        std::erase_if(moves, [&](const Move& move) { return move.operation == culprit.operation; });
        std::ranges::sort(moves, std::ranges::greater{}, &Move::invoked);
        std::vector<int> values;
        for (const auto& move : moves) {
            const auto value = move.sets;
            if (value != Move::keeps && std::ranges::find(values, value) == values.end()) {
                values.push_back(value);
            }
        }
        values.resize(std::min(values.size(), mostLookedFor));
        if (values.size() < mostLookedFor
            && std::ranges::find(values, Move::nothing) == values.end()) {
            values.push_back(Move::nothing);
        }
        const auto order = m_result.order;
        for (const auto value : values) {
            auto asked = culprit;
            asked.sets = Move::keeps;
            asked.needs = value;
            auto with = moves;
            with.push_back(asked);
            if (value != culprit.needs && look(std::move(with)) == Found::Order) {
                m_result.couldHold.push_back(m_values.text(value));
            }
        }
        std::ranges::sort(m_result.couldHold);
        m_result.order = order;
    }

    /// Says where the operations of the order may have happened: halfway between the earliest and
    /// the latest that their own times and their order allow.
    void place()
    {
        const auto& order = m_result.order;
        const auto& operations = m_history.operations();
        Instant end{};
        for (const auto& operation : operations) {
            end = std::max(end, operation.until);
        }
        std::vector<Instant> earliest(order.size());
        Instant bound = Instant::min();
        for (std::size_t i = 0; i < order.size(); ++i) {
            bound = std::max(bound, operations[order[i]].at);
            earliest[i] = bound;
        }
        m_result.points.resize(order.size());
        bound = Instant::max();
        for (std::size_t i = order.size(); i-- > 0;) {
            const auto& operation = operations[order[i]];
            const bool open = operation.closed == Operation::never;
            bound = std::min(bound, std::max(open ? end : operation.until, operation.at));
            const auto latest = std::max(bound, earliest[i]);
            m_result.points[i] = earliest[i] + (latest - earliest[i]) / 2;
        }
    }

    static constexpr std::size_t mostLookedFor = 24;

    const History& m_history;
    Meter& m_meter;
    int m_initial;
    Values m_values;
    std::vector<Move> m_moves;
    KeyJudgement m_result;
};

bool knows(Model model, Action action)
{
    switch (action) {
    case Action::Read:
    case Action::Write:
        return true;
    case Action::Cas:
        return model != Model::Register;
    case Action::Delete:
        return model == Model::Kv;
    case Action::Other:
        break;
    }
    return false;
}

std::string_view actionsOf(Model model)
{
    switch (model) {
    case Model::Register:
        return "read and write";
    case Model::CasRegister:
        return "read, write and cas";
    case Model::Kv:
        return "read (get), write (put), cas and delete";
    }
    return {};
}

} // namespace

std::optional<Model> modelOf(std::string_view name)
{
    for (const auto model : {Model::Register, Model::CasRegister, Model::Kv}) {
        if (nameOf(model) == name) {
            return model;
        }
    }
    return std::nullopt;
}

std::string_view nameOf(Model model)
{
    switch (model) {
    case Model::Register:
        return "register";
    case Model::CasRegister:
        return "cas-register";
    case Model::Kv:
        return "kv";
    }
    return {};
}

Model modelFor(const History& history)
{
    auto model = Model::Register;
    for (const auto& operation : history.operations()) {
        if (operation.action == Action::Delete || operation.action == Action::Other) {
            return Model::Kv;
        }
        model = operation.action == Action::Cas ? Model::CasRegister : model;
    }
    return model;
}

const KeyJudgement* Judgement::worst(const History& history) const
{
    const KeyJudgement* worst = nullptr;
    const auto endOf = [&](const KeyJudgement& key) {
        return history.operations()[*key.culprit].closed;
    };
    for (const auto& key : keys) {
        if (key.culprit && (worst == nullptr || endOf(key) < endOf(*worst))) {
            worst = &key;
        }
    }
    return worst;
}

Result<Judgement> judge(const History& history, Model model, const Patience& patience)
{
    std::map<std::string, std::vector<std::size_t>> keys;
    for (std::size_t place = 0; place < history.operations().size(); ++place) {
        const auto& operation = history.operations()[place];
        if (!knows(model, operation.action)) {
            return fail("expected an operation that the model " + std::string(nameOf(model))
                            + " knows (" + std::string(actionsOf(model)) + "), found "
                            + operation.name,
                        operation.line);
        }
        keys[operation.key].push_back(place);
    }
    Judgement judgement;
    Meter meter(patience.steps, patience.stop);
    for (const auto& [key, places] : keys) {
        judgement.keys.push_back(Judging(history, key, places, meter).judge());
        const auto finding = judgement.keys.back().finding;
        const bool worse = finding == Finding::Impossible
            || (finding == Finding::GaveUp && judgement.finding == Finding::Linearizable);
        judgement.finding = worse ? finding : judgement.finding;
    }
    judgement.steps = meter.steps();
    return judgement;
}

std::string sentence(const History& history, const KeyJudgement& key)
{
    if (!key.culprit) {
        return {};
    }
    const auto& culprit = history.operations()[*key.culprit];
    const auto what = describe(culprit);
    const auto thing = key.key.empty() ? std::string("the register") : plain(key.key);
    std::string could;
    for (std::size_t i = 0; i < key.couldHold.size(); ++i) {
        const auto& value = key.couldHold[i];
        could += i == 0 ? "" : i + 1 == key.couldHold.size() ? " or " : ", ";
        could += value ? plain(*value) : "nothing";
    }
    return could.empty() ? what + " has no place in any order of the operations on " + thing
                         : what + ", where " + thing + " could only have held " + could;
}

} // namespace lightcone::checking
