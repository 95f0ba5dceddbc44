#pragma once

#include "engine/core/bytes.h"
#include "engine/core/check.h"
#include "engine/describe/described.h"
#include "engine/describe/value.h"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace lightcone::node {

/// Something that travels or is kept: a message, a request, a reply, a write, a note. It stays its
/// own C++ type from maker to taker and is described only when somebody looks. Immutable, shared,
/// safe to read on any thread.
class Payload
{
public:
    Payload() = default;
    Payload(const Payload&) = delete;
    Payload& operator=(const Payload&) = delete;
    virtual ~Payload() = default;

    [[nodiscard]] virtual const describe::ShapePtr& shape() const = 0;

    /// What kind it is, as people say it: the held alternative's name of a variant
    /// ("AppendEntries"), else the type's.
    [[nodiscard]] virtual std::string_view name() const = 0;

    /// The held alternative's place in its variant; 0 for other types.
    [[nodiscard]] virtual std::uint16_t tag() const = 0;

    [[nodiscard]] virtual describe::Value describe() const = 0;
    virtual void encode(Bytes& out) const = 0;

    /// The same pointer for the same C++ type, and no other.
    [[nodiscard]] virtual const void* typeKey() const = 0;

private:
    friend void intrusive_ptr_add_ref(const Payload* payload)
    {
        payload->m_references.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(const Payload* payload)
    {
        if (payload->m_references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete payload;
        }
    }

    mutable std::atomic<std::uint32_t> m_references{0};
};

using PayloadPtr = boost::intrusive_ptr<const Payload>;

template <class T>
const void* typeKeyOf()
{
    static const char key = 0;
    return &key;
}

template <class T>
class TypedPayload final : public Payload
{
public:
    explicit TypedPayload(T value)
        : m_value(std::move(value))
    {
    }

    [[nodiscard]] const T& value() const { return m_value; }
    [[nodiscard]] const describe::ShapePtr& shape() const override
    {
        return describe::shapeOf<T>();
    }
    [[nodiscard]] std::uint16_t tag() const override
    {
        if constexpr (describe::AnyVariant<T>) {
            return static_cast<std::uint16_t>(m_value.index());
        } else {
            return 0;
        }
    }
    [[nodiscard]] std::string_view name() const override
    {
        const auto& described = *describe::shapeOf<T>();
        if constexpr (describe::AnyVariant<T>) {
            return described.fields[m_value.index()].name;
        } else {
            return described.name;
        }
    }
    [[nodiscard]] describe::Value describe() const override { return describe::toValue(m_value); }
    void encode(Bytes& out) const override
    {
        ByteWriter writer(out);
        describe::encode(m_value, writer);
    }
    [[nodiscard]] const void* typeKey() const override { return typeKeyOf<T>(); }

private:
    T m_value;
};

template <class T>
PayloadPtr makePayload(T value)
{
    return PayloadPtr(new TypedPayload<T>(std::move(value)));
}

/// nullptr when the payload holds another type.
template <class T>
const T* payloadIf(const Payload* payload)
{
    const bool same = payload != nullptr && payload->typeKey() == typeKeyOf<T>();
    return same ? &static_cast<const TypedPayload<T>*>(payload)->value() : nullptr;
}

template <class T>
const T& payloadAs(const Payload& payload)
{
    const auto* value = payloadIf<T>(&payload);
    check(value != nullptr, "a payload of the expected type");
    return *value;
}

/// A payload known only by shape and bytes: from a file or from a peer whose protocol this build
/// does not know. The bytes have been decoded once when it was made, so that describing them cannot
/// fail.
Result<PayloadPtr> recordedPayload(const describe::ShapePtr&, Bytes);

} // namespace lightcone::node
