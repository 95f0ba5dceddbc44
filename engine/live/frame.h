#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/live/messages.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// Frames on a stream of bytes: four bytes little-endian, the length of what follows; one byte, the
/// kind; the body. No socket is known here.
namespace lightcone::live {

constexpr std::size_t frameLengthBytes = 4;
constexpr std::size_t frameHeadBytes = frameLengthBytes + 1;

struct Frame
{
    FrameKind kind = FrameKind::Ping;
    BytesView body{}; ///< lives until the reader is given room again
};

/// A frame whose body is in two pieces.
void appendFrame(FrameKind, BytesView head, BytesView rest, Bytes& out);

/// Whether this build knows a frame of that number.
bool isFrameKind(std::uint8_t);

/// Cuts a stream into frames. Memory follows the bytes that came, not the length that somebody
/// claims, and no frame is longer than the limit.
class FrameReader
{
public:
    /// most: bytes of a frame behind its length.
    explicit FrameReader(std::size_t most)
        : m_most(most)
    {
    }

    void setMost(std::size_t most) { m_most = most; }

    /// Where the next bytes go: at least one. Frames given out before are gone.
    std::span<char> space();

    /// So many bytes came into space().
    void arrived(std::size_t count);

    /// The next whole frame; nothing until more came. After an error the stream has no meaning any
    /// more and every further call gives the same.
    Result<std::optional<Frame>> next();

    /// Bytes that have come and are not yet given out.
    [[nodiscard]] std::size_t buffered() const { return m_end - m_begin; }

private:
    [[nodiscard]] Error tooLong(std::uint32_t length) const;

    std::size_t m_most;
    std::vector<char> m_buffer;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
};

} // namespace lightcone::live
