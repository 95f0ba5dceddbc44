#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string_view>

namespace lightcone::trace::formats {

/// How a .lightcone file is cut: a preamble, then blocks. See README.md in this folder.
constexpr std::string_view fileMark("\x89LCONE\r\n", 8);
constexpr std::uint16_t fileVersion = 1;
constexpr std::size_t preambleSize = 16;

constexpr std::string_view blockMark("LCbk", 4);
constexpr std::size_t blockHeaderSize = 40;
constexpr std::string_view endMark("LCONEend", 8);
constexpr std::size_t trailerSize = 16;

enum class BlockKind : std::uint8_t {
    About = 1,
    Shapes = 2,
    Payloads = 3,
    Events = 4,
    States = 5,
    Lanes = 6,
    End = 7,
};

enum class Packing : std::uint8_t { Plain = 0, Zstd = 1 };

/// What a block says of itself before its bytes.
struct BlockHeader
{
    BlockKind kind = BlockKind::About;
    Packing packing = Packing::Plain;
    std::uint32_t stored = 0; ///< bytes in the file after the header
    std::uint32_t raw = 0; ///< bytes after unpacking
    EventId first{}; ///< of the events it is about
    std::uint32_t count = 0; ///< of events
    std::uint64_t check = 0; ///< xxh64 of the stored bytes

    [[nodiscard]] EventId last() const { return EventId(first.value + count - 1); }
};

/// A block of a file in memory.
struct Block
{
    BlockHeader header;
    std::size_t offset = 0; ///< of its header in the file
    BytesView stored;
};

/// No block unpacks to more than this many times its stored size; a writer pads to keep it. Bounds
/// what a hostile file can make of a small size.
constexpr std::uint64_t mostExpansion = 64;

/// The first 16 bytes of a file.
Bytes preamble();

/// A block's bytes, packed where that saves an eighth, with the header before them.
Bytes makeBlock(BlockKind, EventId first, std::uint32_t count, BytesView raw);

/// Nothing when the bytes do not begin with a sound header.
std::optional<BlockHeader> readHeader(BytesView);

/// The raw bytes of a block; nothing when they do not unpack to the size declared.
std::optional<Bytes> unpack(const Block&);

} // namespace lightcone::trace::formats
