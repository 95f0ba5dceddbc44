#pragma once

#include "engine/protocols/replication/entry.h"

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <vector>

namespace lightcone::protocols::replication {

/// Writes in their order. A copy shares storage chunk by chunk until one of the two changes: a
/// world is copied for each snapshot and branch, and of a log only the end moves.
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
    Log(std::initializer_list<Entry> entries);

    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] const Entry& operator[](std::size_t at) const
    {
        const auto place = m_offset + at;
        return m_chunks[place / chunkSize]->entries[place % chunkSize];
    }
    [[nodiscard]] const_iterator begin() const { return {this, 0}; }
    [[nodiscard]] const_iterator end() const { return {this, m_size}; }

    // The name that every list has: describe fills lists through it.
    void push_back(Entry entry); // NOLINT(readability-identifier-naming)

    /// Keeps the first `size` entries.
    void truncate(std::size_t size);

    /// Forgets the first `count` entries.
    void dropFront(std::size_t count);
    void clear() { *this = Log(); }

    /// `count` entries from `from` on.
    [[nodiscard]] Log slice(std::size_t from, std::size_t count) const;

    friend bool operator==(const Log& a, const Log& b);

private:
    struct Chunk : boost::intrusive_ref_counter<Chunk>
    {
        std::vector<Entry> entries;
    };

    std::vector<boost::intrusive_ptr<Chunk>> m_chunks;
    std::size_t m_offset = 0; ///< of our first entry in the first chunk
    std::size_t m_size = 0;
};

/// A log of which the entries before logStart were forgotten. A disk's and a node's change by the
/// same rules.
struct LogPlace
{
    Log& log;
    Index& logStart;

    [[nodiscard]] Index last() const { return logStart - 1 + log.size(); }
    [[nodiscard]] const Entry* at(Index index) const
    {
        return index >= logStart && index <= last() ? &log[index - logStart] : nullptr;
    }

    /// Cuts the log there, and adds the entries.
    void append(Index first, const Log& entries) const;
    void cut(Index first) const;
    void forgetUpTo(Index index) const;

    /// Nothing is left but the knowledge that entries up to there are in a snapshot.
    void restartAfter(Index index) const;
};

} // namespace lightcone::protocols::replication
