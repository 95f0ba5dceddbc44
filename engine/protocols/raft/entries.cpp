#include "engine/protocols/raft/entries.h"

#include "engine/core/check.h"

#include <algorithm>
#include <new>
#include <utility>

namespace lightcone::protocols::raft {

Entries::Chunk::~Chunk()
{
    const auto filled = m_filled.load(std::memory_order_relaxed);
    for (std::size_t at = m_begin; at < filled; ++at) {
        slot(at).~Entry();
    }
}

bool Entries::Chunk::claim(std::size_t at, Entry& entry)
{
    auto expected = static_cast<std::uint32_t>(at);
    if (!m_filled.compare_exchange_strong(expected, expected + 1, std::memory_order_relaxed)) {
        return false;
    }
    ::new (m_storage.data() + at * sizeof(Entry)) Entry(std::move(entry));
    return true;
}

Entries::Entries(std::initializer_list<Entry> entries)
{
    for (const auto& entry : entries) {
        push_back(entry);
    }
}

Entries::Entries(Entries&& other) noexcept
    : m_chunks(std::move(other.m_chunks))
    , m_offset(std::exchange(other.m_offset, 0))
    , m_size(std::exchange(other.m_size, 0))
{
    other.m_chunks.clear();
}

Entries& Entries::operator=(Entries&& other) noexcept
{
    if (this != &other) {
        m_chunks = std::move(other.m_chunks);
        other.m_chunks.clear();
        m_offset = std::exchange(other.m_offset, 0);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

void Entries::push_back(Entry entry)
{
    const auto place = m_offset + m_size;
    const auto at = place % chunkSize;
    if (place / chunkSize == m_chunks.size()) {
        m_chunks.emplace_back(new Chunk(at));
    }
    auto& tail = m_chunks.back();
    if (!tail->claim(at, entry)) {
        const auto first = m_chunks.size() == 1 ? m_offset : 0;
        ChunkPtr own(new Chunk(first));
        for (auto i = first; i < at; ++i) {
            Entry copy = tail->slot(i);
            own->claim(i, copy);
        }
        own->claim(at, entry);
        tail = std::move(own);
    }
    ++m_size;
}

void Entries::append(const Entries& more)
{
    if (more.empty()) {
        return;
    }
    if (empty()) {
        *this = more;
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
    // A copy first: `more` may share our chunks, or be us.
    const auto source = more;
    for (const auto& entry : source) {
        push_back(entry);
    }
}

void Entries::truncate(std::size_t size)
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

void Entries::dropFront(std::size_t count)
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

Entries Entries::slice(std::size_t from, std::size_t count) const
{
    check(from + count <= m_size, "a slice lies within the log");
    Entries part;
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

std::size_t Entries::firstFrom(Term term) const
{
    std::size_t low = 0;
    std::size_t high = m_size;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if ((*this)[middle].term < term) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool operator==(const Entries& a, const Entries& b)
{
    return a.m_size == b.m_size && std::equal(a.begin(), a.end(), b.begin());
}

} // namespace lightcone::protocols::raft
