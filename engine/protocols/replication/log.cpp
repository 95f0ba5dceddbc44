#include "engine/protocols/replication/log.h"

#include <algorithm>
#include <utility>

namespace lightcone::protocols::replication {

Log::Log(std::initializer_list<Entry> entries)
{
    for (const auto& entry : entries) {
        push_back(entry);
    }
}

/// The last chunk is ours alone after this, with room at its end: what others share never changes.
void Log::push_back(Entry entry)
{
    const auto place = m_offset + m_size;
    if (place % chunkSize == 0) {
        m_chunks.emplace_back(new Chunk);
        m_chunks.back()->entries.reserve(chunkSize);
    } else if (m_chunks.back()->use_count() != 1) {
        boost::intrusive_ptr<Chunk> copy(new Chunk);
        copy->entries.reserve(chunkSize);
        const auto& old = m_chunks.back()->entries;
        copy->entries.assign(old.begin(),
                             old.begin() + static_cast<std::ptrdiff_t>(place % chunkSize));
        m_chunks.back() = std::move(copy);
    }
    auto& entries = m_chunks.back()->entries;
    entries.resize(place % chunkSize);
    entries.push_back(std::move(entry));
    ++m_size;
}

void Log::truncate(std::size_t size)
{
    if (size >= m_size) {
        return;
    }
    m_size = size;
    m_chunks.resize((m_offset + m_size + chunkSize - 1) / chunkSize);
    if (m_size == 0) {
        clear();
    }
}

void Log::dropFront(std::size_t count)
{
    count = std::min(count, m_size);
    m_offset += count;
    m_size -= count;
    if (m_size == 0) {
        clear();
        return;
    }
    const auto whole = m_offset / chunkSize;
    m_chunks.erase(m_chunks.begin(), m_chunks.begin() + static_cast<std::ptrdiff_t>(whole));
    m_offset %= chunkSize;
}

Log Log::slice(std::size_t from, std::size_t count) const
{
    if (from >= m_size || count == 0) {
        return {};
    }
    Log part = *this;
    part.truncate(std::min(m_size, from + count));
    part.dropFront(from);
    return part;
}

bool operator==(const Log& a, const Log& b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

void LogPlace::append(Index first, const Log& entries) const
{
    cut(first);
    for (std::size_t i = last() + 1 - std::min(first, last() + 1); i < entries.size(); ++i) {
        log.push_back(entries[i]);
    }
}

void LogPlace::cut(Index first) const
{
    log.truncate(first <= logStart ? 0 : first - logStart);
}

void LogPlace::forgetUpTo(Index index) const
{
    if (at(index) == nullptr) {
        return;
    }
    log.dropFront(index + 1 - logStart);
    logStart = index + 1;
}

void LogPlace::restartAfter(Index index) const
{
    log.clear();
    logStart = index + 1;
}

} // namespace lightcone::protocols::replication
