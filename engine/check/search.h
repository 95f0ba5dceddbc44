#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace lightcone::checking {

/// One operation of one thing, as the search sees it: what the thing must hold for it to happen
/// with the answer that it got, and what it then holds.
struct Move
{
    enum class Guard : std::uint8_t { Any, Is, IsSomething };
    static constexpr int keeps = -1; ///< the thing holds what it held
    static constexpr int nothing = 0; ///< the thing is absent
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    Guard guard = Guard::Any;
    int needs = nothing; ///< under Guard::Is
    int sets = keeps;
    std::uint64_t invoked = 0;
    std::uint64_t ended = never; ///< never: it may have happened at any later time, or not at all
    std::size_t operation = 0; ///< whose move it is
};

/// Counts steps and says when there have been enough.
class Meter
{
public:
    Meter(std::uint64_t steps, std::function<bool()> stop);

    /// Whether to go on.
    bool step();
    [[nodiscard]] bool exhausted() const { return m_exhausted; }
    [[nodiscard]] std::uint64_t steps() const { return m_steps; }

private:
    std::uint64_t m_most;
    std::function<bool()> m_stop;
    std::uint64_t m_steps = 0;
    bool m_exhausted = false;
};

enum class Found : std::uint8_t { Order, None, GaveUp };

/// Looks for an order of the moves that keeps to their times and guards: Wing and Gong's search
/// over what may come next (1993), with Lowe's memory of configurations (2017), sets of moves and
/// what the thing then held. These rules keep the search small and miss no order:
/// - a move that changes nothing and may happen now happens now;
/// - a move without end only happens when the next one needs what it sets;
/// - what somebody must still see and nobody can write again is not overwritten;
/// - writes that nobody will see happen just before another write, or when their time is up.
class Search
{
public:
    static constexpr int anything = -2; ///< nobody knows what the thing holds

    Search(std::vector<Move> moves, int initial, Meter&);

    Found run();

    /// The operations in the order found.
    [[nodiscard]] std::vector<std::size_t> order() const;

private:
    static constexpr int none = -3;
    static constexpr int unseen = -4;

    /// Moves without end that are the same but for their time: the earliest goes first.
    struct Class
    {
        Move move{};
        std::vector<std::uint32_t> moves{}; ///< by time
    };

    /// A move that was made, with what is needed to take it back.
    struct Made
    {
        std::uint32_t move;
        std::int32_t ofClass; ///< -1: a move with an end
        int held;
        int owed;
    };

    struct Choice
    {
        std::uint32_t move;
        std::int32_t ofClass;
    };

    struct Frame
    {
        std::size_t made; ///< how many moves had been made
        std::size_t firstChoice; ///< its choices are those of m_choices from there on
    };

    void sort(std::vector<Move>);
    void link();
    void lift(std::uint32_t move);
    void unlift(std::uint32_t move);
    [[nodiscard]] const Move& moveOf(Choice) const;
    [[nodiscard]] static bool legal(const Move&, int held);
    [[nodiscard]] bool isUnseen(int value) const;
    [[nodiscard]] bool isBlind(const Move&) const;
    [[nodiscard]] bool isAvailable(std::int32_t ofClass, std::uint64_t before) const;
    std::uint32_t& usedOf(std::int32_t ofClass);
    void mind(std::int32_t ofClass);
    void changeReaders(const Move&, int by);
    bool make(Choice);
    bool makeOne(Choice);
    bool bundleBlind(Choice but);
    void takeBack(std::size_t made);
    bool settle();
    void choose();
    void chooseOpen(const Move& first, const std::vector<std::uint32_t>& candidates);
    bool isNew();

    // A list of the calls and returns of closed moves that are not in the order yet: call of move i
    // is 2i + 1, its return 2i + 2, 0 the head.
    std::vector<std::uint32_t> m_next;
    std::vector<std::uint32_t> m_previous;

    std::vector<Move> m_closed; ///< by time of invocation
    std::vector<Move> m_open;
    std::vector<Class> m_classes;
    std::multimap<int, std::int32_t> m_classesBySet;
    std::vector<std::uint32_t> m_readers; ///< by value: closed moves left that need it
    std::vector<std::uint32_t> m_setters; ///< by value: moves left that set it
    std::vector<bool> m_neededByOpen; ///< by value
    bool m_blindMatters = false; ///< some move asks for something, whatever it is

    int m_held;
    int m_owed = none; ///< before the open move that was just made; none: the last was closed
    std::size_t m_left; ///< closed moves
    std::vector<std::uint64_t> m_bits; ///< of closed moves in the order
    std::size_t m_highest = 0; ///< words of m_bits that were ever used
    std::vector<Made> m_made;
    std::vector<std::uint32_t> m_used; ///< by class: how many are in the order
    std::set<std::int32_t> m_minded; ///< classes with any in the order that somebody asks for
    std::vector<Frame> m_frames;
    std::vector<Choice> m_choices;
    std::unordered_set<std::string> m_seen;
    std::string m_key;
    Meter& m_meter;
};

} // namespace lightcone::checking
