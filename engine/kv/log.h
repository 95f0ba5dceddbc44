#pragma once

#include "engine/core/check.h"

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <new>
#include <utility>

namespace lightcone::kv {

/// A sequence of log entries whose copies and slices share storage: a message carries a slice of
/// its sender's log, a disk the entries of its node, a snapshot of the world everybody's, and none
/// of them copies an entry in the steady state.
///
/// Entries live in chunks of fixed size. A slot of a chunk, once filled, never changes again as
/// long as anybody else holds the chunk, so that readers on other threads need no lock. Who wants
/// to append to a shared chunk claims its next slot; who finds that slot taken (its copy was cut
/// short, or another copy went on differently) goes on in a chunk of its own.
template <class Entry>
class Log
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
        const_iterator(const Log* log, std::size_t at)
            : m_log(log)
            , m_at(at)
        {
        }
        reference operator*() const { return (*m_log)[m_at]; }
        pointer operator->() const { return &(*m_log)[m_at]; }
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
        const Log* m_log = nullptr;
        std::size_t m_at = 0;
    };

    Log() = default;
    Log(std::initializer_list<Entry> entries)
    {
        for (const auto& entry : entries) {
            push_back(entry);
        }
    }
    Log(const Log&) = default;
    Log& operator=(const Log&) = default;
    Log(Log&& other) noexcept
        : m_chunks(std::move(other.m_chunks))
        , m_offset(std::exchange(other.m_offset, 0))
        , m_size(std::exchange(other.m_size, 0))
    {
        other.m_chunks.clear();
    }
    Log& operator=(Log&& other) noexcept
    {
        if (this != &other) {
            m_chunks = std::move(other.m_chunks);
            other.m_chunks.clear();
            m_offset = std::exchange(other.m_offset, 0);
            m_size = std::exchange(other.m_size, 0);
        }
        return *this;
    }
    ~Log() = default;

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

    /// Another entry where one stands.
    void set(std::size_t at, Entry entry);

    /// Adds all of them at the end; shares their storage where it follows on from ours.
    void append(Log more);

    /// Keeps the first `size` entries.
    void truncate(std::size_t size);

    /// Forgets the first `count` entries.
    void dropFront(std::size_t count);

    /// `count` entries from `from` on, sharing storage.
    [[nodiscard]] Log slice(std::size_t from, std::size_t count) const;

    void clear() { *this = Log(); }

    friend bool operator==(const Log& a, const Log& b)
    {
        return a.m_size == b.m_size && std::equal(a.begin(), a.end(), b.begin());
    }

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
        ~Chunk()
        {
            const auto filled = m_filled.load(std::memory_order_relaxed);
            for (std::size_t at = m_begin; at < filled; ++at) {
                slot(at).~Entry();
            }
        }

        [[nodiscard]] const Entry& slot(std::size_t at) const
        {
            return *std::launder(
                reinterpret_cast<const Entry*>(m_storage.data() + at * sizeof(Entry)));
        }

        /// True when the slot was still free and now holds the entry, which is then moved from.
        bool claim(std::size_t at, Entry& entry)
        {
            auto expected = static_cast<std::uint32_t>(at);
            if (!m_filled.compare_exchange_strong(expected, expected + 1,
                                                  std::memory_order_relaxed)) {
                return false;
            }
            ::new (m_storage.data() + at * sizeof(Entry)) Entry(std::move(entry));
            return true;
        }

        /// Acquires, so that who let go of it on another thread has finished reading.
        [[nodiscard]] bool isShared() const
        {
            return m_references.load(std::memory_order_acquire) != 1;
        }

        /// Only where it is not shared.
        void replace(std::size_t at, Entry entry)
        {
            *std::launder(reinterpret_cast<Entry*>(m_storage.data() + at * sizeof(Entry))) =
                std::move(entry);
        }

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

    /// A chunk's entries from `begin` to before `end`, in a chunk that nobody else holds.
    static ChunkPtr copyOf(const Chunk& chunk, std::size_t begin, std::size_t end)
    {
        ChunkPtr own(new Chunk(begin));
        for (auto at = begin; at < end; ++at) {
            Entry entry = chunk.slot(at);
            own->claim(at, entry);
        }
        return own;
    }

    boost::container::small_vector<ChunkPtr, 2> m_chunks;
    std::size_t m_offset = 0; ///< of our first entry in the first chunk
    std::size_t m_size = 0;
};

template <class Entry>
void Log<Entry>::push_back(Entry entry)
{
    const auto place = m_offset + m_size;
    const auto at = place % chunkSize;
    if (place / chunkSize == m_chunks.size()) {
        m_chunks.emplace_back(new Chunk(at));
    }
    auto& tail = m_chunks.back();
    if (!tail->claim(at, entry)) {
        tail = copyOf(*tail, m_chunks.size() == 1 ? m_offset : 0, at);
        tail->claim(at, entry);
    }
    ++m_size;
}

template <class Entry>
void Log<Entry>::set(std::size_t at, Entry entry)
{
    check(at < m_size, "an entry is replaced where one stands");
    const auto place = m_offset + at;
    const auto number = place / chunkSize;
    auto& chunk = m_chunks[number];
    if (chunk->isShared()) {
        const auto end = std::min(chunkSize, m_offset + m_size - number * chunkSize);
        chunk = copyOf(*chunk, number == 0 ? m_offset : 0, end);
    }
    chunk->replace(place % chunkSize, std::move(entry));
}

template <class Entry>
void Log<Entry>::append(Log more)
{
    if (more.empty()) {
        return;
    }
    if (empty()) {
        *this = std::move(more);
        return;
    }
    const auto place = m_offset + m_size;
    const auto inTail = place % chunkSize;
    const auto follows = inTail == 0
        ? more.m_offset == 0
        : more.m_offset == inTail && more.m_chunks.front() == m_chunks.back();
    if (follows) {
        const auto skip = static_cast<std::ptrdiff_t>(inTail == 0 ? 0 : 1);
        m_chunks.insert(m_chunks.end(), more.m_chunks.begin() + skip, more.m_chunks.end());
        m_size += more.m_size;
        return;
    }
    for (const auto& entry : more) {
        push_back(entry);
    }
}

template <class Entry>
void Log<Entry>::truncate(std::size_t size)
{
    check(size <= m_size, "a log is cut within its length");
    if (size == 0) {
        clear();
        return;
    }
    m_size = size;
    const auto chunks = (m_offset + m_size + chunkSize - 1) / chunkSize;
    while (m_chunks.size() > chunks) {
        m_chunks.pop_back();
    }
}

template <class Entry>
void Log<Entry>::dropFront(std::size_t count)
{
    check(count <= m_size, "no more entries are forgotten than there are");
    if (count == m_size) {
        clear();
        return;
    }
    m_offset += count;
    m_size -= count;
    const auto gone = static_cast<std::ptrdiff_t>(m_offset / chunkSize);
    m_chunks.erase(m_chunks.begin(), m_chunks.begin() + gone);
    m_offset %= chunkSize;
}

template <class Entry>
Log<Entry> Log<Entry>::slice(std::size_t from, std::size_t count) const
{
    check(from + count <= m_size, "a slice lies within the log");
    Log part;
    if (count == 0) {
        return part;
    }
    const auto place = m_offset + from;
    const auto first = static_cast<std::ptrdiff_t>(place / chunkSize);
    const auto last = static_cast<std::ptrdiff_t>((place + count - 1) / chunkSize);
    part.m_chunks.assign(m_chunks.begin() + first, m_chunks.begin() + last + 1);
    part.m_offset = place % chunkSize;
    part.m_size = count;
    return part;
}

} // namespace lightcone::kv
