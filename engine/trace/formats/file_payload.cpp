#include "engine/trace/formats/file_payload.h"

#include <new>

namespace lightcone::trace::formats {

/// A payload known by its place in a file: it is decoded each time somebody looks.
class FilePayload final : public node::Payload
{
public:
    FilePayload(const PayloadPool* pool, std::uint32_t index)
        : m_index(index)
        , m_pool(pool)
    {
    }

    [[nodiscard]] const describe::ShapePtr& shape() const override
    {
        return m_pool->shape(m_index);
    }

    [[nodiscard]] std::string_view name() const override
    {
        const auto& described = *shape();
        const auto tag = m_pool->entry(m_index).tag;
        return described.kind == describe::ShapeKind::Variant ? described.fields[tag].name
                                                              : described.name;
    }

    [[nodiscard]] std::uint16_t tag() const override { return m_pool->entry(m_index).tag; }

    [[nodiscard]] describe::Value describe() const override
    {
        auto value = describe::decodeValue(shape(), m_pool->bytes(m_index));
        // The block's checksum was right, so only a wrong writer can have made this.
        return value ? std::move(*value)
                     : describe::Value::text(describe::shapeOfKind(describe::ShapeKind::Text),
                                             "unreadable: " + value.error().message);
    }

    void encode(Bytes& out) const override { out += m_pool->bytes(m_index); }
    [[nodiscard]] const void* typeKey() const override { return nullptr; }

    /// Memory belongs to the pool, which is told.
    static void operator delete(void*);

private:
    std::uint32_t m_index;
    const PayloadPool* m_pool;
};

/// The room for one payload. Its pool stands beside it, where it is still to be found after the
/// payload ended.
struct PayloadPool::Slot
{
    alignas(FilePayload) std::byte room[sizeof(FilePayload)];
    const PayloadPool* pool = nullptr;
};

void FilePayload::operator delete(void* place)
{
    std::launder(reinterpret_cast<PayloadPool::Slot*>(place))->pool->release();
}

PayloadPool::PayloadPool(FileBytes file, const Block* block,
                         std::shared_ptr<const std::vector<describe::ShapePtr>> shapes,
                         std::vector<PayloadEntry> entries)
    : m_file(std::move(file))
    , m_block(block != nullptr ? *block : Block{})
    , m_shapes(std::move(shapes))
    , m_entries(std::move(entries))
    , m_slots(std::make_unique<Slot[]>(m_entries.size()))
{
}

node::PayloadPtr PayloadPool::payload(std::size_t index) const
{
    auto& slot = m_slots[index];
    slot.pool = this;
    m_holders.fetch_add(1, std::memory_order_relaxed);
    return node::PayloadPtr(new (slot.room) FilePayload(this, static_cast<std::uint32_t>(index)));
}

BytesView PayloadPool::bytes(std::size_t index) const
{
    std::call_once(m_unpacked, [this] { m_raw = unpack(m_block).value_or(Bytes{}); });
    const auto& entry = m_entries[index];
    return entry.offset + entry.size <= m_raw.size()
        ? BytesView(m_raw).substr(entry.offset, entry.size)
        : BytesView{};
}

void PayloadPool::release() const
{
    if (m_holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        delete this;
    }
}

} // namespace lightcone::trace::formats
