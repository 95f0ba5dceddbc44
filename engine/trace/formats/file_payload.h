#pragma once

#include "engine/describe/shape.h"
#include "engine/node/payload.h"
#include "engine/trace/formats/blocks.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace lightcone::trace::formats {

using FileBytes = std::shared_ptr<const Bytes>;

/// What a Payloads block says of one payload without being unpacked.
struct PayloadEntry
{
    std::uint32_t shape = 0;
    std::uint16_t tag = 0;
    std::uint64_t offset = 0; ///< in the raw bytes
    std::uint64_t size = 0;
};

class FilePayload;

/// The payloads of one block of a file. They are made all at once, so that a million are cheap, and
/// their bytes are unpacked when the first of them is looked at. It lives as long as any of them.
class PayloadPool
{
public:
    PayloadPool(FileBytes, const Block*, std::shared_ptr<const std::vector<describe::ShapePtr>>,
                std::vector<PayloadEntry>);
    PayloadPool(const PayloadPool&) = delete;
    PayloadPool& operator=(const PayloadPool&) = delete;

    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] node::PayloadPtr payload(std::size_t index) const;

    [[nodiscard]] const PayloadEntry& entry(std::size_t index) const { return m_entries[index]; }
    [[nodiscard]] const describe::ShapePtr& shape(std::size_t index) const
    {
        return (*m_shapes)[m_entries[index].shape];
    }

    /// Empty when the block does not unpack.
    [[nodiscard]] BytesView bytes(std::size_t index) const;

    /// The maker holds the pool too, until it lets go.
    void release() const;

private:
    friend class FilePayload;
    ~PayloadPool() = default;

    struct Slot;

    FileBytes m_file;
    Block m_block;
    std::shared_ptr<const std::vector<describe::ShapePtr>> m_shapes;
    std::vector<PayloadEntry> m_entries;
    std::unique_ptr<Slot[]> m_slots;
    mutable std::once_flag m_unpacked;
    mutable Bytes m_raw;
    mutable std::atomic<std::uint64_t> m_holders{1};
};

struct ReleasePool
{
    void operator()(const PayloadPool* pool) const { pool->release(); }
};
using PoolPtr = std::unique_ptr<PayloadPool, ReleasePool>;

} // namespace lightcone::trace::formats
