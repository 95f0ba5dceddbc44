#include "engine/node/payload.h"

namespace lightcone::node {

namespace {

class RecordedPayload final : public Payload
{
public:
    RecordedPayload(describe::ShapePtr shape, Bytes bytes, std::uint16_t tag)
        : m_shape(std::move(shape))
        , m_bytes(std::move(bytes))
        , m_tag(tag)
    {
    }

    [[nodiscard]] const describe::ShapePtr& shape() const override { return m_shape; }
    [[nodiscard]] std::uint16_t tag() const override { return m_tag; }
    [[nodiscard]] std::string_view name() const override
    {
        return m_shape->kind == describe::ShapeKind::Variant ? m_shape->fields[m_tag].name
                                                             : m_shape->name;
    }
    [[nodiscard]] describe::Value describe() const override
    {
        return describe::decodeValue(m_shape, m_bytes).value();
    }
    void encode(Bytes& out) const override { out += m_bytes; }
    [[nodiscard]] const void* typeKey() const override { return nullptr; }

private:
    describe::ShapePtr m_shape;
    Bytes m_bytes;
    std::uint16_t m_tag;
};

} // namespace

Result<PayloadPtr> recordedPayload(const describe::ShapePtr& shape, Bytes bytes)
{
    const auto value = describe::decodeValue(shape, bytes);
    if (!value) {
        return value.error();
    }
    const auto tag = static_cast<std::uint16_t>(value->alternativeIndex());
    return PayloadPtr(new RecordedPayload(shape, std::move(bytes), tag));
}

} // namespace lightcone::node
