#include "engine/session/live_log.h"

#include "engine/core/check.h"
#include "engine/describe/described.h"

#include <utility>

namespace lightcone::session {

namespace {

/// Blocks that stay in memory besides the open one: a person mostly looks at what is new.
constexpr std::size_t blocksInMemory = 16;

} // namespace

LiveLog::LiveLog()
    : m_file(std::tmpfile())
{
}

LiveLog::~LiveLog()
{
    if (m_file != nullptr) {
        std::fclose(m_file);
    }
}

void LiveLog::append(const LiveInput& input)
{
    const std::lock_guard lock(m_mutex);
    ByteWriter writer(m_open);
    describe::encode(input, writer);
    if (++m_count % blockSize == 0) {
        seal();
    }
}

std::uint64_t LiveLog::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_count;
}

void LiveLog::seal()
{
    Block block;
    block.size = m_open.size();
    block.bytes = std::make_shared<const Bytes>(std::exchange(m_open, {}));
    m_sealed += block.size;
    m_blocks.push_back(std::move(block));
    if (m_file == nullptr || m_blocks.size() <= blocksInMemory) {
        return;
    }
    auto& old = m_blocks[m_blocks.size() - 1 - blocksInMemory];
    const bool written = std::fseek(m_file, m_end, SEEK_SET) == 0
        && std::fwrite(old.bytes->data(), 1, old.size, m_file) == old.size
        && std::fflush(m_file) == 0;
    if (written) { // else the disk is full, and it stays where it is
        old.offset = m_end;
        m_end += static_cast<long>(old.size);
        old.bytes.reset();
        m_sealed -= old.size;
    }
}

std::shared_ptr<const Bytes> LiveLog::load(const Block& block) const
{
    if (block.bytes) {
        return block.bytes;
    }
    Bytes bytes(block.size, '\0');
    const bool read = std::fseek(m_file, block.offset, SEEK_SET) == 0
        && std::fread(bytes.data(), 1, bytes.size(), m_file) == bytes.size();
    check(read, "a part of the run that was put into a file of our own");
    return std::make_shared<const Bytes>(std::move(bytes));
}

void LiveLog::forEach(std::uint64_t from, const std::function<bool(const LiveInput&)>& visit) const
{
    for (auto index = from / blockSize;; ++index) {
        std::shared_ptr<const Bytes> bytes;
        {
            const std::lock_guard lock(m_mutex);
            bytes = index < m_blocks.size() ? load(m_blocks[index])
                                            : std::make_shared<const Bytes>(m_open);
        }
        ByteReader reader(*bytes);
        auto number = index * blockSize;
        for (; !reader.atEnd(); ++number) {
            const auto input = describe::decode<LiveInput>(reader);
            check(reader.ok(), "what was written here can be read here");
            if (number >= from && !visit(input)) {
                return;
            }
        }
        if (number < (index + 1) * blockSize) {
            return;
        }
    }
}

std::size_t LiveLog::memory() const
{
    const std::lock_guard lock(m_mutex);
    return m_open.size() + m_sealed;
}

} // namespace lightcone::session
