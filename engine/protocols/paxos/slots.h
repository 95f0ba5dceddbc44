#pragma once

#include "engine/protocols/paxos/command.h"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace lightcone::protocols::paxos {

/// Proposals in the order of their slots. A copy shares storage until one of the two changes, and
/// then only the chunk that changed becomes its own: a world is copied for each snapshot and
/// branch, and of a log only the end moves.
class Slots
{
public:
    using value_type = Entry;
    static constexpr std::size_t chunkSize = 32;

    class const_iterator
    {
    public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = Entry;
        using difference_type = std::ptrdiff_t;
        using pointer = const Entry*;
        using reference = const Entry&;

        const_iterator() = default;
        const_iterator(const Slots* slots, std::size_t at)
            : m_slots(slots)
            , m_at(at)
        {
        }
        reference operator*() const { return (*m_slots)[m_at]; }
        pointer operator->() const { return &(*m_slots)[m_at]; }
        const_iterator& operator++()
        {
            ++m_at;
            return *this;
        }
        const_iterator operator++(int)
        {
            auto before = *this;
            ++m_at;
            return before;
        }
        friend bool operator==(const const_iterator&, const const_iterator&) = default;

    private:
        const Slots* m_slots = nullptr;
        std::size_t m_at = 0;
    };

    Slots() = default;
    Slots(std::initializer_list<Entry> entries);

    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] const Entry& operator[](std::size_t at) const
    {
        const auto place = m_offset + at;
        return m_chunks[place / chunkSize]->entries[place % chunkSize];
    }
    [[nodiscard]] const Entry& back() const { return (*this)[m_size - 1]; }
    [[nodiscard]] const_iterator begin() const { return {this, 0}; }
    [[nodiscard]] const_iterator end() const { return {this, m_size}; }

    // The name that every list has: describe fills lists through it.
    void push_back(Entry entry); // NOLINT(readability-identifier-naming)
    void set(std::size_t at, Entry entry);
    void dropFront(std::size_t count);
    void clear() { *this = Slots(); }

    /// `count` entries from `from` on.
    [[nodiscard]] Slots slice(std::size_t from, std::size_t count) const;

    friend bool operator==(const Slots& a, const Slots& b);

private:
    struct Chunk : boost::intrusive_ref_counter<Chunk>
    {
        std::vector<Entry> entries;
    };
    using ChunkPtr = boost::intrusive_ptr<Chunk>;

    static Chunk& own(ChunkPtr& chunk);

    std::vector<ChunkPtr> m_chunks;
    std::size_t m_offset = 0; ///< of our first entry in the first chunk
    std::size_t m_size = 0;
};

} // namespace lightcone::protocols::paxos
