#pragma once

#include "engine/core/bytes.h"
#include "engine/core/error.h"
#include "engine/core/ids.h"

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

// The bytes of a data directory's files, as engine/live/README.md lays them out. Everything that
// reads is total.
namespace lightcone::live {

/// Whose a file is.
struct Owner
{
    std::string cluster{};
    std::string protocol{};
    NodeId node{};
    friend bool operator==(const Owner&, const Owner&) = default;
};
BOOST_DESCRIBE_STRUCT(Owner, (), (cluster, protocol, node))

/// The first page of a segment of the log.
struct SegmentHead
{
    Owner owner{};
    std::uint64_t segment = 0; ///< its number: they follow on each other
    std::uint64_t firstRecord = 0; ///< the number of its first record: older segments end before it
    std::uint64_t incarnation = 0;
    std::uint64_t writes = 0; ///< fingerprint of the shape of what is in its records
};
BOOST_DESCRIBE_STRUCT(SegmentHead, (), (owner, segment, firstRecord, incarnation, writes))

/// A page of its own, so that a torn record never takes the head with it.
constexpr std::size_t segmentHeadBytes = 4096;

Bytes encodeSegmentHead(const SegmentHead&);
Result<SegmentHead> decodeSegmentHead(BytesView file);

enum class RecordKind : std::uint8_t {
    Write, ///< what the protocol wrote
    Mark, ///< nothing; says after a while of silence that what was before it is durable
    Close, ///< nothing; the log ends here on purpose
};

struct RecordHead
{
    RecordKind kind = RecordKind::Write;
    std::uint64_t number = 0; ///< from 1 in the directory's first segment, without holes
    std::uint64_t durable = 0; ///< the newest record that was durable when this one was written
};

constexpr std::size_t recordHeadBytes = 25;

/// Leaves room for a record's head; the body is then appended, and endRecord() fills the head in.
std::size_t beginRecord(Bytes& out);
void endRecord(Bytes& out, std::size_t begin, std::uint64_t segment, const RecordHead&);

struct FoundRecord
{
    RecordHead head{};
    BytesView body{};
    std::size_t end = 0; ///< the position behind it
};

/// The record at that position of a segment's file; nothing when there is none, or a damaged one.
std::optional<FoundRecord> recordAt(BytesView file, std::size_t position, std::uint64_t segment);

/// What a segment says about a record that is not to be read at its position.
enum class RecordGap : std::uint8_t {
    Nothing, ///< the log ends there
    Torn, ///< it was being written; nobody was told that it is durable
    Damaged, ///< it was durable: a record behind it says so
};

/// Why the record of that number cannot be read at that position.
RecordGap whyGap(BytesView file, std::size_t position, std::uint64_t segment, std::uint64_t number);

/// A whole disk, and where the log goes on behind it. Shapes are as describe::ShapeTable encodes
/// them, so that a build with other types still reads it.
struct CheckpointImage
{
    Owner owner{};
    std::uint64_t incarnation = 0;
    std::uint64_t segment = 0; ///< the first one that is not in it
    std::uint64_t firstRecord = 0; ///< of that segment
    Bytes shapes{};
    std::uint32_t diskShape = 0; ///< numbers in that table
    std::uint32_t writeShape = 0;
    Bytes disk{};
};
BOOST_DESCRIBE_STRUCT(CheckpointImage, (),
                      (owner, incarnation, segment, firstRecord, shapes, diskShape, writeShape,
                       disk))

Bytes encodeCheckpoint(const CheckpointImage&);
Result<CheckpointImage> decodeCheckpoint(BytesView file);

/// "log-0000000012", "checkpoint-0000000012".
std::string segmentName(std::uint64_t number);
std::string checkpointName(std::uint64_t number);

/// The number in such a name; nothing when the name is of another kind.
std::optional<std::uint64_t> numberInName(std::string_view name, std::string_view kind);

} // namespace lightcone::live
