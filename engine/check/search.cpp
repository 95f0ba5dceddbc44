#include "engine/check/search.h"

#include "engine/core/check.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace lightcone::checking {

namespace {

constexpr std::uint64_t betweenQuestions = 1024;

template <class Number>
void append(std::string& key, Number number)
{
    key.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

} // namespace

Meter::Meter(std::uint64_t steps, std::function<bool()> stop)
    : m_most(steps)
    , m_stop(std::move(stop))
{
}

bool Meter::step()
{
    ++m_steps;
    m_exhausted = m_exhausted || m_steps > m_most || (m_steps % betweenQuestions == 0 && m_stop());
    return !m_exhausted;
}

Search::Search(std::vector<Move> moves, int initial, Meter& meter)
    : m_held(initial)
    , m_left(0)
    , m_meter(meter)
{
    sort(std::move(moves));
    link();
    m_left = m_closed.size();
    m_bits.resize(m_closed.size() / 64 + 1);
}

void Search::sort(std::vector<Move> moves)
{
    std::ranges::sort(moves, {},
                      [](const Move& move) { return std::tuple(move.invoked, move.operation); });
    int most = std::max(0, m_held);
    for (const auto& move : moves) {
        most = std::max({most, move.needs, move.sets});
    }
    const auto values = static_cast<std::size_t>(most) + 1;
    m_readers.resize(values);
    m_setters.resize(values);
    m_neededByOpen.resize(values);
    std::map<std::tuple<Move::Guard, int, int>, std::int32_t> known;
    for (const auto& move : moves) {
        if (move.sets != Move::keeps) {
            ++m_setters[static_cast<std::size_t>(move.sets)];
        }
        m_blindMatters = m_blindMatters || move.guard == Move::Guard::IsSomething;
        const bool needs = move.guard == Move::Guard::Is;
        if (move.ended != Move::never) {
            m_readers[static_cast<std::size_t>(move.needs)] += needs ? 1 : 0;
            m_closed.push_back(move);
            continue;
        }
        if (needs) {
            m_neededByOpen[static_cast<std::size_t>(move.needs)] = true;
        }
        const auto [place, added] = known.try_emplace({move.guard, move.needs, move.sets},
                                                      static_cast<std::int32_t>(m_classes.size()));
        if (added) {
            m_classes.push_back({move, {}});
            m_classesBySet.emplace(move.sets, place->second);
        }
        m_classes[static_cast<std::size_t>(place->second)].moves.push_back(
            static_cast<std::uint32_t>(m_open.size()));
        m_open.push_back(move);
    }
    m_used.resize(m_classes.size());
}

void Search::link()
{
    std::vector<std::pair<std::uint64_t, std::uint32_t>> places;
    places.reserve(2 * m_closed.size());
    for (std::uint32_t i = 0; i < m_closed.size(); ++i) {
        places.emplace_back(m_closed[i].invoked, 2 * i + 1);
        places.emplace_back(m_closed[i].ended, 2 * i + 2);
    }
    std::ranges::sort(places);
    m_next.resize(2 * m_closed.size() + 2);
    m_previous.resize(m_next.size());
    std::uint32_t last = 0;
    places.emplace_back(Move::never, static_cast<std::uint32_t>(m_next.size() - 1));
    for (const auto& [place, node] : places) {
        m_next[last] = node;
        m_previous[node] = last;
        last = node;
    }
}

void Search::lift(std::uint32_t move)
{
    for (const auto node : {2 * move + 1, 2 * move + 2}) {
        m_next[m_previous[node]] = m_next[node];
        m_previous[m_next[node]] = m_previous[node];
    }
}

void Search::unlift(std::uint32_t move)
{
    for (const auto node : {2 * move + 2, 2 * move + 1}) {
        m_next[m_previous[node]] = node;
        m_previous[m_next[node]] = node;
    }
}

const Move& Search::moveOf(Choice choice) const
{
    return choice.ofClass < 0 ? m_closed[choice.move] : m_open[choice.move];
}

bool Search::legal(const Move& move, int held)
{
    switch (move.guard) {
    case Move::Guard::Any:
        return true;
    case Move::Guard::Is:
        return held == move.needs || held == anything;
    case Move::Guard::IsSomething:
        return held != Move::nothing;
    }
    return false;
}

/// Whether no move that is left asks whether the thing holds that.
bool Search::isUnseen(int value) const
{
    const auto place = static_cast<std::size_t>(value);
    return value >= 0 && !m_blindMatters && m_readers[place] == 0 && !m_neededByOpen[place];
}

bool Search::isBlind(const Move& move) const
{
    return move.guard == Move::Guard::Any && isUnseen(move.sets);
}

std::uint32_t& Search::usedOf(std::int32_t ofClass)
{
    return m_used[static_cast<std::size_t>(ofClass)];
}

/// Keeps the list of classes whose use makes a difference: of what nobody asks for any more it
/// makes none.
void Search::mind(std::int32_t ofClass)
{
    const auto sets = m_classes[static_cast<std::size_t>(ofClass)].move.sets;
    if (usedOf(ofClass) > 0 && !isUnseen(sets)) {
        m_minded.insert(ofClass);
    } else {
        m_minded.erase(ofClass);
    }
}

void Search::changeReaders(const Move& move, int by)
{
    if (move.guard != Move::Guard::Is) {
        return;
    }
    auto& readers = m_readers[static_cast<std::size_t>(move.needs)];
    const auto before = readers;
    readers += static_cast<std::uint32_t>(by);
    if (before == 0 || readers == 0) {
        const auto [from, to] = m_classesBySet.equal_range(move.needs);
        for (auto place = from; place != to; ++place) {
            mind(place->second);
        }
    }
}

bool Search::isAvailable(std::int32_t ofClass, std::uint64_t before) const
{
    const auto& moves = m_classes[static_cast<std::size_t>(ofClass)].moves;
    const auto used = m_used[static_cast<std::size_t>(ofClass)];
    return used < moves.size() && m_open[moves[used]].invoked < before;
}

/// A write takes the writes that nobody will see along, just before itself: where they happened
/// makes no difference to anybody, and they are out of the way.
bool Search::make(Choice choice)
{
    const auto& move = moveOf(choice);
    const auto before = m_held;
    const auto made = m_made.size();
    if (move.guard != Move::Guard::Any || move.sets == Move::keeps || m_owed != none) {
        return makeOne(choice);
    }
    if (!bundleBlind(choice) || !makeOne(choice)) {
        return false;
    }
    if (choice.ofClass >= 0) {
        m_owed = m_made.size() == made + 1 ? before : unseen;
    }
    return true;
}

bool Search::bundleBlind(Choice but)
{
    for (auto node = m_next[0]; node % 2 != 0 && node + 1 < m_next.size();) {
        const std::uint32_t each = node / 2;
        if ((but.ofClass < 0 && each == but.move) || !isBlind(m_closed[each])) {
            node = m_next[node];
            continue;
        }
        if (!makeOne({each, -1})) {
            return false;
        }
        node = m_next[0];
    }
    return true;
}

/// Puts one move into the order. False when it cannot lead to an order; what was made is to be
/// taken back all the same.
bool Search::makeOne(Choice choice)
{
    const auto& move = moveOf(choice);
    if (!legal(move, m_held) || (m_owed != none && legal(move, m_owed))) {
        return false;
    }
    m_made.push_back({choice.move, choice.ofClass, m_held, m_owed});
    if (choice.ofClass < 0) {
        lift(choice.move);
        const std::size_t word = choice.move / 64;
        m_bits[word] |= std::uint64_t{1} << (choice.move % 64);
        m_highest = std::max(m_highest, word + 1);
        --m_left;
        changeReaders(move, -1);
    } else {
        ++usedOf(choice.ofClass);
        mind(choice.ofClass);
    }
    auto next = m_held;
    if (move.sets != Move::keeps) {
        --m_setters[static_cast<std::size_t>(move.sets)];
        next = move.sets;
    } else if (move.guard == Move::Guard::Is) {
        next = move.needs;
    }
    const auto held = static_cast<std::size_t>(m_held);
    const bool loses = m_held >= 0 && next != m_held && m_readers[held] > 0 && m_setters[held] == 0;
    m_owed = choice.ofClass < 0 ? none : m_held;
    m_held = next;
    return m_meter.step() && !loses;
}

void Search::takeBack(std::size_t made)
{
    while (m_made.size() > made) {
        const auto last = m_made.back();
        m_made.pop_back();
        const auto& move = moveOf({last.move, last.ofClass});
        if (last.ofClass < 0) {
            unlift(last.move);
            m_bits[last.move / 64] &= ~(std::uint64_t{1} << (last.move % 64));
            ++m_left;
            changeReaders(move, 1);
        } else {
            --usedOf(last.ofClass);
            mind(last.ofClass);
        }
        if (move.sets != Move::keeps) {
            ++m_setters[static_cast<std::size_t>(move.sets)];
        }
        m_held = last.held;
        m_owed = last.owed;
    }
}

/// Makes every move that may happen now and changes nothing. False when patience is at an end.
bool Search::settle()
{
    for (auto node = m_next[0]; node % 2 != 0 && node + 1 < m_next.size();) {
        const std::uint32_t each = node / 2;
        const auto& move = m_closed[each];
        const bool same = move.sets == Move::keeps || move.sets == move.needs;
        if (move.guard != Move::Guard::Is || !same || m_held != move.needs) {
            node = m_next[node];
            continue;
        }
        if (!makeOne({each, -1})) {
            return false;
        }
        node = m_next[0];
    }
    return true;
}

/// Lists what may happen next, the likeliest last: choices are taken from the end.
void Search::choose()
{
    std::vector<std::uint32_t> candidates;
    auto node = m_next[0];
    for (; node % 2 != 0; node = m_next[node]) {
        candidates.push_back(node / 2);
    }
    const std::uint32_t firstToEnd = node / 2 - 1;
    const auto& first = m_closed[firstToEnd];
    const auto begin = static_cast<std::ptrdiff_t>(m_choices.size());
    for (const auto each : candidates) {
        const auto& move = m_closed[each];
        const bool mayWait = each != firstToEnd && isBlind(move);
        if (!mayWait && legal(move, m_held) && (m_owed == none || !legal(move, m_owed))) {
            m_choices.push_back({each, -1});
        }
    }
    chooseOpen(first, candidates);
    const bool stuck = first.guard == Move::Guard::Is && !legal(first, m_held);
    const auto rank = [&](const Choice& choice) {
        const auto& move = moveOf(choice);
        const bool helps = stuck && move.sets == first.needs;
        const bool isFirst = choice.ofClass < 0 && choice.move == firstToEnd;
        const int kind = isFirst ? 0 : (helps ? 1 : 3) + (choice.ofClass < 0 ? 0 : 1);
        return std::tuple(kind, move.ended, move.invoked);
    };
    std::ranges::sort(m_choices.begin() + begin, m_choices.end(), std::ranges::greater{}, rank);
}

/// Those moves without end that lead, by themselves or through others, to what a candidate needs.
void Search::chooseOpen(const Move& first, const std::vector<std::uint32_t>& candidates)
{
    if (m_classes.empty() || m_held == anything) {
        return;
    }
    std::vector<int> needed;
    std::set<int> seen;
    const bool hides = m_owed == none && std::ranges::any_of(candidates, [&](std::uint32_t each) {
                           return isBlind(m_closed[each]);
                       });
    // What the thing holds already is worth writing again only to hide another write.
    if (!hides) {
        seen.insert(m_held);
    }
    const auto need = [&](int value) {
        if (seen.insert(value).second) {
            needed.push_back(value);
        }
    };
    for (const auto each : candidates) {
        const auto& move = m_closed[each];
        if (move.guard == Move::Guard::Is) {
            need(move.needs);
        } else if (move.guard == Move::Guard::IsSomething && m_held == Move::nothing) {
            for (const auto& known : m_classes) {
                need(known.move.sets);
            }
        }
    }
    while (!needed.empty()) {
        const auto value = needed.back();
        needed.pop_back();
        const auto [from, to] = m_classesBySet.equal_range(value);
        for (auto place = from; place != to; ++place) {
            const auto& known = m_classes[static_cast<std::size_t>(place->second)];
            const bool idle = value == m_held && known.move.guard != Move::Guard::Any;
            if (!isAvailable(place->second, first.ended)) {
                continue;
            }
            const bool may = legal(known.move, m_held);
            if (known.move.guard == Move::Guard::Is && (!may || hides)) {
                need(known.move.needs);
            }
            if (may && !idle && (m_owed == none || !legal(known.move, m_owed))) {
                m_choices.push_back({known.moves[usedOf(place->second)], place->second});
            }
        }
    }
}

/// Whether this configuration comes up for the first time.
bool Search::isNew()
{
    while (m_highest > 0 && m_bits[m_highest - 1] == 0) {
        --m_highest;
    }
    // The calls are numbered by time: all before the first that is left are in the order.
    const std::size_t low = (m_next[0] / 2) / 64;
    m_key.clear();
    append(m_key, static_cast<std::uint32_t>(low));
    append(m_key, isUnseen(m_held) ? unseen : m_held);
    append(m_key, m_owed);
    for (const auto ofClass : m_minded) {
        append(m_key, ofClass);
        append(m_key, usedOf(ofClass));
    }
    append(m_key, none);
    for (auto word = low; word < m_highest; ++word) {
        append(m_key, m_bits[word]);
    }
    return m_seen.insert(m_key).second;
}

Found Search::run()
{
    if (!settle()) {
        return Found::GaveUp;
    }
    if (m_left == 0) {
        return Found::Order;
    }
    m_frames.push_back({m_made.size(), 0});
    choose();
    while (!m_frames.empty()) {
        const auto frame = m_frames.back();
        takeBack(frame.made);
        if (m_choices.size() == frame.firstChoice) {
            m_frames.pop_back();
            continue;
        }
        const auto choice = m_choices.back();
        m_choices.pop_back();
        const bool goesOn = make(choice) && settle();
        if (m_meter.exhausted()) {
            return Found::GaveUp;
        }
        if (goesOn && m_left == 0) {
            return Found::Order;
        }
        if (goesOn && isNew()) {
            m_frames.push_back({m_made.size(), m_choices.size()});
            choose();
        }
    }
    return Found::None;
}

std::vector<std::size_t> Search::order() const
{
    std::vector<std::size_t> order;
    order.reserve(m_made.size());
    for (const auto& made : m_made) {
        order.push_back(moveOf({made.move, made.ofClass}).operation);
    }
    return order;
}

} // namespace lightcone::checking
