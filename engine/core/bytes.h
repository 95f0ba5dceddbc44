#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace lightcone {

using Bytes = std::string;
using BytesView = std::string_view;

/// Appends little-endian numbers and varints to a byte string.
class ByteWriter
{
public:
    explicit ByteWriter(Bytes& out)
        : m_out(&out)
    {
    }

    void byte(std::uint8_t value) { m_out->push_back(static_cast<char>(value)); }

    void varint(std::uint64_t value)
    {
        while (value >= 0x80) {
            byte(static_cast<std::uint8_t>(value | 0x80));
            value >>= 7;
        }
        byte(static_cast<std::uint8_t>(value));
    }

    /// Small magnitudes of either sign stay short.
    void zigzag(std::int64_t value)
    {
        const auto bits = static_cast<std::uint64_t>(value);
        varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
    }

    void fixed32(std::uint32_t value) { fixed(value); }
    void fixed64(std::uint64_t value) { fixed(value); }
    void raw(BytesView bytes) { m_out->append(bytes); }

    /// A length as varint, then the bytes.
    void text(BytesView bytes)
    {
        varint(bytes.size());
        raw(bytes);
    }

private:
    template <class T>
    void fixed(T value)
    {
        for (std::size_t i = 0; i < sizeof value; ++i) {
            byte(static_cast<std::uint8_t>(value >> (8 * i)));
        }
    }

    Bytes* m_out;
};

/// Reads what ByteWriter wrote, or what somebody hostile did: after the first thing that does not
/// fit every read gives zero and ok() is false.
class ByteReader
{
public:
    explicit ByteReader(BytesView bytes)
        : m_rest(bytes)
        , m_size(bytes.size())
    {
    }

    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }
    [[nodiscard]] std::size_t left() const { return m_rest.size(); }
    [[nodiscard]] std::size_t position() const { return m_size - m_rest.size(); }
    void fail() { m_ok = false; }

    std::uint8_t byte()
    {
        if (!m_ok || m_rest.empty()) {
            m_ok = false;
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(m_rest.front());
        m_rest.remove_prefix(1);
        return value;
    }

    std::uint64_t varint()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto next = byte();
            if (shift == 63 && next > 1) {
                break;
            }
            value |= static_cast<std::uint64_t>(next & 0x7F) << shift;
            if ((next & 0x80) == 0) {
                return m_ok ? value : 0;
            }
        }
        m_ok = false;
        return 0;
    }

    std::int64_t zigzag()
    {
        const auto bits = varint();
        return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
    }

    std::uint32_t fixed32() { return fixed<std::uint32_t>(); }
    std::uint64_t fixed64() { return fixed<std::uint64_t>(); }

    BytesView raw(std::size_t size)
    {
        if (!m_ok || size > m_rest.size()) {
            m_ok = false;
            return {};
        }
        const auto bytes = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return bytes;
    }

    BytesView text()
    {
        const auto size = varint();
        return raw(size);
    }

    /// A count of things of which each takes at least one byte: more than the bytes left cannot be
    /// true.
    std::size_t count(std::size_t leastBytesEach = 1)
    {
        const auto value = varint();
        if (m_ok && leastBytesEach != 0 && value > m_rest.size() / leastBytesEach) {
            m_ok = false;
        }
        return m_ok ? static_cast<std::size_t>(value) : 0;
    }

private:
    template <class T>
    T fixed()
    {
        const auto bytes = raw(sizeof(T));
        T value = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            value |= static_cast<T>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
        }
        return value;
    }

    BytesView m_rest;
    std::size_t m_size;
    bool m_ok = true;
};

} // namespace lightcone
