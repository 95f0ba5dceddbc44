#include "engine/trace/formats/blocks.h"

#include "engine/core/check.h"
#include "engine/trace/formats/xxh64.h"

#include <limits>
#include <zstd.h>

namespace lightcone::trace::formats {

namespace {

constexpr int zstdLevel = 3;
constexpr std::size_t leastWorthPacking = 512;
constexpr std::size_t skippableHeader = 8;

/// A zstd frame that unpacks to nothing (RFC 8878 §3.1.2).
void appendPadding(Bytes& out, std::size_t size)
{
    const auto content = size > skippableHeader ? size - skippableHeader : 0;
    ByteWriter writer(out);
    writer.fixed32(0x184D2A50);
    writer.fixed32(static_cast<std::uint32_t>(content));
    out.append(content, '\0');
}

std::optional<Bytes> pack(BytesView raw)
{
    if (raw.size() < leastWorthPacking) {
        return std::nullopt;
    }
    Bytes packed(ZSTD_compressBound(raw.size()), '\0');
    const auto size =
        ZSTD_compress(packed.data(), packed.size(), raw.data(), raw.size(), zstdLevel);
    if (ZSTD_isError(size) != 0 || size > raw.size() - raw.size() / 8) {
        return std::nullopt;
    }
    packed.resize(size);
    const auto least = raw.size() / mostExpansion + 1;
    if (size < least) {
        appendPadding(packed, least - size);
    }
    return packed;
}

} // namespace

Bytes preamble()
{
    Bytes out(fileMark);
    ByteWriter writer(out);
    writer.byte(fileVersion & 0xFF);
    writer.byte(fileVersion >> 8);
    writer.byte(0);
    writer.byte(0);
    writer.fixed32(static_cast<std::uint32_t>(xxh64(out)));
    return out;
}

Bytes makeBlock(BlockKind kind, EventId first, std::uint32_t count, BytesView raw)
{
    check(raw.size() <= std::numeric_limits<std::uint32_t>::max(), "a block of at most 4 GiB");
    const auto packed = pack(raw);
    const auto stored = packed ? BytesView(*packed) : raw;
    Bytes out;
    out.reserve(blockHeaderSize + stored.size());
    ByteWriter writer(out);
    writer.raw(blockMark);
    writer.byte(static_cast<std::uint8_t>(kind));
    writer.byte(static_cast<std::uint8_t>(packed ? Packing::Zstd : Packing::Plain));
    writer.byte(0);
    writer.byte(0);
    writer.fixed32(static_cast<std::uint32_t>(stored.size()));
    writer.fixed32(static_cast<std::uint32_t>(raw.size()));
    writer.fixed64(first.value);
    writer.fixed32(count);
    writer.fixed32(static_cast<std::uint32_t>(xxh64(out)));
    writer.fixed64(xxh64(stored));
    writer.raw(stored);
    return out;
}

std::optional<BlockHeader> readHeader(BytesView bytes)
{
    if (bytes.size() < blockHeaderSize || bytes.substr(0, blockMark.size()) != blockMark) {
        return std::nullopt;
    }
    constexpr std::size_t checked = 28;
    ByteReader reader(bytes.substr(blockMark.size(), blockHeaderSize - blockMark.size()));
    BlockHeader header;
    header.kind = static_cast<BlockKind>(reader.byte());
    header.packing = static_cast<Packing>(reader.byte());
    reader.raw(2);
    header.stored = reader.fixed32();
    header.raw = reader.fixed32();
    header.first = EventId(reader.fixed64());
    header.count = reader.fixed32();
    const auto headerCheck = reader.fixed32();
    header.check = reader.fixed64();
    if (headerCheck != static_cast<std::uint32_t>(xxh64(bytes.substr(0, checked)))) {
        return std::nullopt;
    }
    return header;
}

std::optional<Bytes> unpack(const Block& block)
{
    const auto& header = block.header;
    if (header.packing == Packing::Plain) {
        return header.raw == header.stored ? std::optional(Bytes(block.stored)) : std::nullopt;
    }
    if (header.packing != Packing::Zstd || header.raw > mostExpansion * header.stored) {
        return std::nullopt;
    }
    Bytes raw(header.raw, '\0');
    const auto size =
        ZSTD_decompress(raw.data(), raw.size(), block.stored.data(), block.stored.size());
    if (ZSTD_isError(size) != 0 || size != raw.size()) {
        return std::nullopt;
    }
    return raw;
}

} // namespace lightcone::trace::formats
