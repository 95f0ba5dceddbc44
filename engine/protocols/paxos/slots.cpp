#include "engine/protocols/paxos/slots.h"

#include "engine/core/check.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::paxos {

Slots::Slots(std::initializer_list<Entry> entries)
{
    for (const auto& entry : entries) {
        push_back(entry);
    }
}

/// The chunk, of which nobody else holds a part. The count is read with acquire, so that whoever
/// just let go of it on another thread has finished reading.
Slots::Chunk& Slots::own(ChunkPtr& chunk)
{
    if (chunk->use_count() != 1) {
        ChunkPtr copy(new Chunk);
        copy->entries.reserve(chunkSize);
        copy->entries = chunk->entries;
        chunk = std::move(copy);
    }
    return *chunk;
}

void Slots::push_back(Entry entry)
{
    const auto place = m_offset + m_size;
    if (place / chunkSize == m_chunks.size()) {
        m_chunks.emplace_back(new Chunk);
        m_chunks.back()->entries.reserve(chunkSize);
    }
    own(m_chunks.back()).entries.push_back(std::move(entry));
    ++m_size;
}

void Slots::set(std::size_t at, Entry entry)
{
    check(at < m_size, "a slot that is there is set");
    const auto place = m_offset + at;
    own(m_chunks[place / chunkSize]).entries[place % chunkSize] = std::move(entry);
}

void Slots::dropFront(std::size_t count)
{
    check(count <= m_size, "only slots that are there are dropped");
    if (count == m_size) {
        clear();
        return;
    }
    m_offset += count;
    m_size -= count;
    const auto whole = m_offset / chunkSize;
    m_chunks.erase(m_chunks.begin(), m_chunks.begin() + static_cast<std::ptrdiff_t>(whole));
    m_offset %= chunkSize;
}

Slots Slots::slice(std::size_t from, std::size_t count) const
{
    check(from + count <= m_size, "a slice lies within its slots");
    Slots part;
    for (std::size_t at = from; at < from + count; ++at) {
        part.push_back((*this)[at]);
    }
    return part;
}

bool operator==(const Slots& a, const Slots& b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

} // namespace lightcone::protocols::paxos
