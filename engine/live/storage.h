#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/filesystem.h"
#include "engine/node/node.h"
#include "engine/node/protocol.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace lightcone::live {

/// Whose data a directory holds. Storage refuses to open another's.
struct Identity
{
    std::string cluster{};
    NodeId node{};
    friend bool operator==(const Identity&, const Identity&) = default;
};

struct StorageLimits
{
    /// Of a log segment, zero-filled in advance so that a sync needs no metadata write.
    std::uint64_t segmentBytes = std::uint64_t{16} << 20;

    /// Of the first segment after a boot, which the node waits for.
    std::uint64_t firstSegmentBytes = std::uint64_t{1} << 20;

    /// A checkpoint is due when the log since the last one has outgrown both this and twice that
    /// checkpoint's size.
    std::uint64_t checkpointBytes = std::uint64_t{32} << 20;
};

/// What a node keeps in its data directory: a log of its protocol's writes, checksummed record by
/// record, and a checkpoint of the disk that spares the log's beginning. The format is in
/// engine/live/README.md. Committer writes to it.
class Storage
{
public:
    /// Takes the directory for this process, reads what is there, cuts a torn tail, counts the boot
    /// and is durable about it. Fails with one sentence when another process has it, when it
    /// belongs to another node, when it was damaged, or when the file system refuses; what is on
    /// disk is then as it was.
    static Result<std::unique_ptr<Storage>> open(const std::string& directory,
                                                 const node::Protocol& protocol,
                                                 const Identity& identity,
                                                 const StorageLimits& limits = {},
                                                 Filesystem& files = posixFilesystem());

    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    ~Storage();

    /// The fold of all durable writes, as it was when it was opened.
    [[nodiscard]] const node::Disk& disk() const;

    /// How many times the node has booted on this directory, this time included: from 1.
    [[nodiscard]] std::uint64_t incarnation() const;

    /// What was cut off when it was opened, in one sentence.
    [[nodiscard]] const std::optional<std::string>& notice() const;

private:
    Storage();
};

} // namespace lightcone::live
