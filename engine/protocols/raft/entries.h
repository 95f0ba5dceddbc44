#pragma once

#include "engine/protocols/raft/command.h"

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace lightcone::protocols::raft {

/// A sequence of log entries whose copies and slices share storage: a message carries a slice of
/// its sender's log, a disk the entries of its node, a snapshot of the world everybody's, and none
/// of them copies an entry in the steady state.
///
/// Entries live in chunks of fixed size. A slot of a chunk, once filled, never changes again as
/// long as anybody holds the chunk, so that readers on other threads need no lock. Who wants to
/// append to a shared chunk claims its next slot; who finds that slot taken (its copy was cut
/// short, or another copy went on differently) goes on in a chunk of its own.
class Entries
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
        const_iterator(const Entries* entries, std::size_t at)
            : m_entries(entries)
            , m_at(at)
        {
        }
        reference operator*() const { return (*m_entries)[m_at]; }
        pointer operator->() const { return &(*m_entries)[m_at]; }
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
        const Entries* m_entries = nullptr;
        std::size_t m_at = 0;
    };

    Entries() = default;
    Entries(std::initializer_list<Entry> entries);
    Entries(const Entries&) = default;
    Entries& operator=(const Entries&) = default;
    Entries(Entries&& other) noexcept;
    Entries& operator=(Entries&& other) noexcept;
    ~Entries() = default;

    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] const Entry& operator[](std::size_t at) const
    {
        const auto place = m_offset + at;
        return m_chunks[place / chunkSize]->slot(place % chunkSize);
    }
    [[nodiscard]] const Entry& back() const { return (*this)[m_size - 1]; }
    [[nodiscard]] const_iterator begin() const { return {this, 0}; }
    [[nodiscard]] const_iterator end() const { return {this, m_size}; }

    void push_back(Entry entry);

    /// Adds all of them at the end; shares their storage where it follows on from ours.
    void append(const Entries& more);

    /// Keeps the first `size` entries.
    void truncate(std::size_t size);

    /// Forgets the first `count` entries.
    void dropFront(std::size_t count);

    /// `count` entries from `from` on, sharing storage.
    [[nodiscard]] Entries slice(std::size_t from, std::size_t count) const;

    void clear() { *this = Entries(); }

    /// The place of the first entry of that term or a later one; size() when there is none. Terms
    /// do not decrease along a log.
    [[nodiscard]] std::size_t firstFrom(Term term) const;

    friend bool operator==(const Entries& a, const Entries& b);

private:
    class Chunk
    {
    public:
        explicit Chunk(std::size_t begin)
            : m_begin(static_cast<std::uint32_t>(begin))
            , m_filled(static_cast<std::uint32_t>(begin))
        {
        }
        Chunk(const Chunk&) = delete;
        Chunk& operator=(const Chunk&) = delete;
        ~Chunk();

        [[nodiscard]] const Entry& slot(std::size_t at) const
        {
            return *std::launder(
                reinterpret_cast<const Entry*>(m_storage.data() + at * sizeof(Entry)));
        }

        /// True when the slot was still free and now holds the entry, which is then moved from.
        bool claim(std::size_t at, Entry& entry);

    private:
        friend void intrusive_ptr_add_ref(const Chunk* chunk)
        {
            chunk->m_references.fetch_add(1, std::memory_order_relaxed);
        }
        friend void intrusive_ptr_release(const Chunk* chunk)
        {
            if (chunk->m_references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
                delete chunk;
            }
        }

        mutable std::atomic<std::uint32_t> m_references{0};
        std::uint32_t m_begin;
        std::atomic<std::uint32_t> m_filled;
        alignas(Entry) std::array<std::byte, chunkSize * sizeof(Entry)> m_storage;
    };
    using ChunkPtr = boost::intrusive_ptr<Chunk>;

    boost::container::small_vector<ChunkPtr, 2> m_chunks;
    std::size_t m_offset = 0; ///< of our first entry in the first chunk
    std::size_t m_size = 0;
};

} // namespace lightcone::protocols::raft
