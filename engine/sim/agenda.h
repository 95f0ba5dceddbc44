#pragma once

#include "engine/core/time.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lightcone::sim {

/// What is due. Where says in which list of the world's the thing itself is.
enum class DueKind : std::uint8_t { Boot, Message, Timer, Sync, Client, Arrival };

/// One line of the agenda. It is in force only while the thing itself still says the same order:
/// things that are moved or called off leave their old line behind, to be passed over.
struct Due
{
    Instant at{};
    std::uint64_t order = 0;
    std::uint32_t where = 0;
    DueKind kind = DueKind::Boot;
};

/// Something that is moved far more often than it runs out (an election timer, a client's
/// time-out). Its line on the agenda stays where it is while it is moved to later: it is moved only
/// when its turn has come. What happens is the same as if it had been moved at once.
struct Alarm
{
    Instant due{};
    std::uint64_t order = 0; ///< 0: off
    Instant lineAt{};
    std::uint64_t lineOrder = 0; ///< 0: no line on the agenda

    [[nodiscard]] bool armed() const { return order != 0; }
    void disarm() { order = 0; }
};

/// What happens next: by instant, ties by the number given at insertion. A heap of four children a
/// node: flatter than the binary one and its children share a cache line or two.
class Agenda
{
public:
    [[nodiscard]] bool empty() const { return m_heap.empty(); }
    [[nodiscard]] const Due& top() const { return m_heap.front(); }

    void push(const Due& due)
    {
        auto place = m_heap.size();
        m_heap.push_back(due);
        while (place > 0) {
            const auto parent = (place - 1) / fan;
            if (!before(due, m_heap[parent])) {
                break;
            }
            m_heap[place] = m_heap[parent];
            place = parent;
        }
        m_heap[place] = due;
    }

    void pop()
    {
        const auto last = m_heap.back();
        m_heap.pop_back();
        if (!m_heap.empty()) {
            sink(last);
        }
    }

    void set(Alarm& alarm, const Due& due)
    {
        alarm.due = due.at;
        alarm.order = due.order;
        if (alarm.lineOrder == 0 || due.at < alarm.lineAt) {
            alarm.lineAt = due.at;
            alarm.lineOrder = due.order;
            push(due);
        }
    }

    /// Whether the top line, which belongs to that alarm, is in force. If not it has gone from the
    /// top: to its later place, or for good.
    bool confirmTop(Alarm& alarm)
    {
        auto line = top();
        if (alarm.lineOrder != line.order) {
            pop();
            return false;
        }
        if (!alarm.armed()) {
            alarm.lineOrder = 0;
            pop();
            return false;
        }
        if (alarm.order == line.order) {
            return true;
        }
        line.at = alarm.lineAt = alarm.due;
        line.order = alarm.lineOrder = alarm.order;
        sink(line);
        return false;
    }

private:
    static constexpr std::size_t fan = 4;

    static bool before(const Due& a, const Due& b)
    {
        return a.at != b.at ? a.at < b.at : a.order < b.order;
    }

    void sink(const Due& due)
    {
        const auto size = m_heap.size();
        std::size_t place = 0;
        while (true) {
            const auto first = place * fan + 1;
            if (first >= size) {
                break;
            }
            auto least = first;
            const auto end = first + fan < size ? first + fan : size;
            for (auto child = first + 1; child < end; ++child) {
                if (before(m_heap[child], m_heap[least])) {
                    least = child;
                }
            }
            if (!before(m_heap[least], due)) {
                break;
            }
            m_heap[place] = m_heap[least];
            place = least;
        }
        m_heap[place] = due;
    }

    std::vector<Due> m_heap;
};

} // namespace lightcone::sim
