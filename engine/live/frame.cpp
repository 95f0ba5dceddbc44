#include "engine/live/frame.h"

#include "engine/core/check.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace lightcone::live {

namespace {

// What one read takes at most, and what an idle connection keeps.
constexpr std::size_t readBytes = std::size_t{64} << 10;
constexpr std::size_t keptBytes = std::size_t{256} << 10;
// A stranger who has not yet said anything gets no more.
constexpr std::size_t firstBytes = 2048;

bool isPrintable(char c)
{
    return c >= ' ' && c <= '~';
}

} // namespace

void appendFrame(FrameKind kind, BytesView head, BytesView rest, Bytes& out)
{
    const auto length = 1 + head.size() + rest.size();
    check(length <= std::numeric_limits<std::uint32_t>::max(), "a frame that has a length");
    ByteWriter writer(out);
    writer.fixed32(static_cast<std::uint32_t>(length));
    writer.byte(static_cast<std::uint8_t>(kind));
    writer.raw(head);
    writer.raw(rest);
}

bool isFrameKind(std::uint8_t number)
{
    switch (static_cast<FrameKind>(number)) {
    case FrameKind::Hello:
    case FrameKind::Welcome:
    case FrameKind::Rejected:
    case FrameKind::Ping:
    case FrameKind::Pong:
    case FrameKind::Goodbye:
    case FrameKind::Message:
    case FrameKind::Request:
    case FrameKind::Reply:
    case FrameKind::Control:
        return true;
    }
    return false;
}

std::span<char> FrameReader::space()
{
    if (m_begin == m_end) {
        m_begin = m_end = 0;
        if (m_buffer.size() > keptBytes) {
            m_buffer.resize(readBytes);
            m_buffer.shrink_to_fit();
        }
    }
    const auto least = std::min(m_most + frameLengthBytes, readBytes);
    if (m_buffer.size() - m_end < least && m_begin > 0) {
        std::memmove(m_buffer.data(), m_buffer.data() + m_begin, m_end - m_begin);
        m_end -= m_begin;
        m_begin = 0;
    }
    if (m_buffer.size() - m_end < least) {
        const auto first = std::max(std::min(m_most + frameLengthBytes, readBytes), firstBytes);
        m_buffer.resize(std::max({first, m_end + least, m_buffer.size() * 3 / 2}));
    }
    return {m_buffer.data() + m_end, m_buffer.size() - m_end};
}

void FrameReader::arrived(std::size_t count)
{
    check(count <= m_buffer.size() - m_end, "no more bytes than there was room for");
    m_end += count;
}

Result<std::optional<Frame>> FrameReader::next()
{
    const BytesView bytes(m_buffer.data() + m_begin, buffered());
    if (bytes.size() < frameLengthBytes) {
        return std::optional<Frame>();
    }
    const auto length = ByteReader(bytes).fixed32();
    if (length == 0) {
        return fail("expected a frame with a kind, found an empty one");
    }
    if (length > m_most) {
        return tooLong(length);
    }
    if (bytes.size() < frameHeadBytes) {
        return std::optional<Frame>();
    }
    const auto kind = static_cast<std::uint8_t>(bytes[frameLengthBytes]);
    if (!isFrameKind(kind)) {
        return fail("expected a known kind of frame, found " + std::to_string(kind));
    }
    if (bytes.size() - frameLengthBytes < length) {
        return std::optional<Frame>();
    }
    m_begin += frameLengthBytes + length;
    return std::optional<Frame>(
        Frame{static_cast<FrameKind>(kind), bytes.substr(frameHeadBytes, length - 1)});
}

Error FrameReader::tooLong(std::uint32_t length) const
{
    const BytesView bytes(m_buffer.data() + m_begin, buffered());
    // The first bytes of a TLS record that carries a handshake (RFC 8446, section 5.1).
    if (bytes.starts_with("\x16\x03")) {
        return fail("it speaks TLS, and this port does not");
    }
    std::string sentence = "expected a frame of at most " + std::to_string(m_most)
        + " bytes, found one of " + std::to_string(length);
    if (std::all_of(bytes.begin(), bytes.begin() + frameLengthBytes, isPrintable)) {
        sentence += " (it reads '" + std::string(bytes.substr(0, frameLengthBytes)) + "')";
    }
    return fail(std::move(sentence));
}

} // namespace lightcone::live
