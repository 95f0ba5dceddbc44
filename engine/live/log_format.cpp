#include "engine/live/log_format.h"

#include "engine/core/check.h"
#include "engine/core/crc32c.h"
#include "engine/describe/described.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace lightcone::live {

namespace {

constexpr BytesView segmentMagic{"LCLOG\r\n\x1A", 8};
constexpr BytesView checkpointMagic{"LCKPT\r\n\x1A", 8};
constexpr std::uint32_t formatVersion = 1;
constexpr std::size_t frameHeadBytes = 8 + 4 + 8; ///< magic, version, size of the body
constexpr std::size_t checksumBytes = 4;

/// magic, version, size, body, checksum of all that.
Bytes framed(BytesView magic, BytesView body)
{
    Bytes out;
    out.reserve(frameHeadBytes + body.size() + checksumBytes);
    ByteWriter writer(out);
    writer.raw(magic);
    writer.fixed32(formatVersion);
    writer.fixed64(body.size());
    writer.raw(body);
    writer.fixed32(crc32c(out));
    return out;
}

Result<BytesView> unframed(BytesView magic, BytesView file)
{
    ByteReader reader(file);
    if (reader.raw(magic.size()) != magic) {
        return fail("it does not begin as such a file does");
    }
    const auto version = reader.fixed32();
    if (reader.ok() && version != formatVersion) {
        return fail(fmt::format("it has format {}, and this build reads format {}", version,
                                formatVersion));
    }
    const auto size = reader.fixed64();
    const auto body = reader.raw(size);
    const auto sum = reader.fixed32();
    if (!reader.ok()) {
        return fail("it ends too early");
    }
    if (crc32c(file.substr(0, frameHeadBytes + body.size())) != sum) {
        return fail("its checksum does not match");
    }
    return body;
}

template <class T>
Result<T> decodeFramed(BytesView magic, BytesView file)
{
    const auto body = unframed(magic, file);
    if (!body) {
        return body.error();
    }
    auto value = describe::fromBytes<T>(*body);
    if (!value) {
        return value.error();
    }
    return std::move(*value);
}

void put(Bytes& out, std::size_t at, std::uint64_t value, std::size_t size)
{
    for (std::size_t i = 0; i < size; ++i) {
        out[at + i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

std::uint64_t fixedAt(BytesView bytes, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[at + i])) << (8 * i);
    }
    return value;
}

// A record: checksum 4, size of the body 4, number 8, durable 8, kind 1, body.
constexpr std::size_t sizeAt = 4;
constexpr std::size_t numberAt = 8;
constexpr std::size_t durableAt = 16;
constexpr std::size_t kindAt = 24;

/// The segment's number is in every sum: what an earlier use of the same file left behind never
/// passes for a record of this one.
std::uint32_t recordSum(BytesView afterSum, std::uint64_t segment)
{
    Bytes seed;
    ByteWriter(seed).fixed64(segment);
    return crc32c(afterSum, crc32c(seed));
}

std::string numbered(std::string_view kind, std::uint64_t number)
{
    return fmt::format("{}-{:010}", kind, number);
}

} // namespace

Bytes encodeSegmentHead(const SegmentHead& head)
{
    auto out = framed(segmentMagic, describe::toBytes(head));
    check(out.size() <= segmentHeadBytes, "a segment's head has room in its page");
    out.resize(segmentHeadBytes, '\0');
    return out;
}

Result<SegmentHead> decodeSegmentHead(BytesView file)
{
    return decodeFramed<SegmentHead>(segmentMagic, file.substr(0, segmentHeadBytes));
}

std::size_t beginRecord(Bytes& out)
{
    const auto begin = out.size();
    out.resize(begin + recordHeadBytes);
    return begin;
}

void endRecord(Bytes& out, std::size_t begin, std::uint64_t segment, const RecordHead& head)
{
    const auto bodySize = out.size() - begin - recordHeadBytes;
    check(bodySize <= std::numeric_limits<std::uint32_t>::max(), "a record is below 4 GiB");
    put(out, begin + sizeAt, bodySize, 4);
    put(out, begin + numberAt, head.number, 8);
    put(out, begin + durableAt, head.durable, 8);
    put(out, begin + kindAt, static_cast<std::uint64_t>(head.kind), 1);
    put(out, begin, recordSum(BytesView(out).substr(begin + sizeAt), segment), 4);
}

std::optional<FoundRecord> recordAt(BytesView file, std::size_t position, std::uint64_t segment)
{
    if (position > file.size() || file.size() - position < recordHeadBytes) {
        return std::nullopt;
    }
    const auto bytes = file.substr(position);
    const auto size = fixedAt(bytes, sizeAt, 4);
    const auto kind = fixedAt(bytes, kindAt, 1);
    if (size > bytes.size() - recordHeadBytes
        || kind > static_cast<std::uint64_t>(RecordKind::Close)) {
        return std::nullopt;
    }
    const auto whole = bytes.substr(0, recordHeadBytes + size);
    if (recordSum(whole.substr(sizeAt), segment) != fixedAt(bytes, 0, 4)) {
        return std::nullopt;
    }
    const RecordHead head{static_cast<RecordKind>(kind), fixedAt(bytes, numberAt, 8),
                          fixedAt(bytes, durableAt, 8)};
    return FoundRecord{head, whole.substr(recordHeadBytes), position + whole.size()};
}

RecordGap whyGap(BytesView file, std::size_t position, std::uint64_t segment, std::uint64_t number)
{
    // A damaged size leads nowhere, so the witness is sought at every byte. Whatever else is there,
    // zeros or what the file held before, has smaller numbers.
    constexpr std::uint64_t mostAhead = std::uint64_t{1} << 40;
    const auto rest = file.substr(std::min(position, file.size()));
    const bool stub =
        rest.size() < recordHeadBytes && rest.find_first_not_of('\0') != BytesView::npos;
    auto why = stub ? RecordGap::Torn : RecordGap::Nothing;
    for (auto at = position; at + recordHeadBytes <= file.size(); ++at) {
        // Most of a prepared segment is zeros, in which no number can be that is sought.
        const auto first = file.find_first_not_of('\0', at + numberAt);
        if (first == BytesView::npos) {
            break;
        }
        at = std::max(at, first - std::min(first, numberAt + 7));
        if (at + recordHeadBytes > file.size()) {
            break;
        }
        const auto found = fixedAt(file, at + numberAt, 8);
        if (found < number || found - number > mostAhead) {
            continue;
        }
        if (at == position && found == number) {
            why = RecordGap::Torn; // its head is there, its body is not as it should be
        }
        const auto record = recordAt(file, at, segment);
        if (!record) {
            continue;
        }
        if (record->head.durable >= number) {
            return RecordGap::Damaged;
        }
        why = RecordGap::Torn;
    }
    return why;
}

Bytes encodeCheckpoint(const CheckpointImage& image)
{
    return framed(checkpointMagic, describe::toBytes(image));
}

Result<CheckpointImage> decodeCheckpoint(BytesView file)
{
    return decodeFramed<CheckpointImage>(checkpointMagic, file);
}

std::string segmentName(std::uint64_t number)
{
    return numbered("log", number);
}

std::string checkpointName(std::uint64_t number)
{
    return numbered("checkpoint", number);
}

std::optional<std::uint64_t> numberInName(std::string_view name, std::string_view kind)
{
    if (!name.starts_with(kind) || name.substr(kind.size(), 1) != "-") {
        return std::nullopt;
    }
    const auto digits = name.substr(kind.size() + 1);
    std::uint64_t number = 0;
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = problem == std::errc{} && end == digits.data() + digits.size();
    return whole && numbered(kind, number) == name ? std::optional(number) : std::nullopt;
}

} // namespace lightcone::live
