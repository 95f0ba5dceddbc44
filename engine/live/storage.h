#pragma once

#include "engine/core/error.h"
#include "engine/core/ids.h"
#include "engine/live/filesystem.h"
#include "engine/live/log_format.h"
#include "engine/node/node.h"
#include "engine/node/protocol.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

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

/// A checkpoint that was begun: what it is to be called, and what it covers.
struct CheckpointPlan
{
    std::uint64_t segment = 0; ///< the first one that is not in it
    std::uint64_t firstRecord = 0;
};

/// What a node keeps in its data directory: a log of its protocol's writes, checksummed record by
/// record, and a checkpoint of the disk that spares the log's beginning. The format is in
/// engine/live/README.md. One thread commits; another may meanwhile prepare segments and write
/// checkpoints. Committer does both.
class Storage
{
public:
    /// Takes the directory for this process, reads what is there, cuts a torn tail, counts the boot
    /// and is durable about it. Fails with one sentence when another process has it, when it
    /// belongs to another node, when it was damaged, or when the file system refuses; nothing that
    /// was durable is lost by that.
    static Result<std::unique_ptr<Storage>>
    open(const std::string& directory, const node::Protocol& protocol, const Identity& identity,
         const StorageLimits& limits = {}, Filesystem& files = posixFilesystem());

    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    ~Storage() = default;

    /// The fold of all durable writes, as it was when it was opened; may be taken once.
    [[nodiscard]] const node::Disk& disk() const;
    std::unique_ptr<node::Disk> takeDisk() { return std::move(m_disk); }

    /// How many times the node has booted on this directory, this time included: from 1.
    [[nodiscard]] std::uint64_t incarnation() const { return m_incarnation; }

    /// What was cut off when it was opened, in one sentence.
    [[nodiscard]] const std::optional<std::string>& notice() const { return m_notice; }

    [[nodiscard]] const std::string& directory() const { return m_directory; }

    /// Makes the records durable, all of them or, in a crash, a beginning of them. After an error
    /// every further call fails: whether a failed write is on disk nobody knows.
    Result<void> commit(std::span<const node::PayloadPtr> records);

    /// Leaves word, for whoever reads the log after a crash, that all of it was durable.
    Result<void> mark();

    /// The same, and that the log ends here on purpose. Nothing is to be committed after it.
    Result<void> close();

    /// True when the log has outgrown its last checkpoint and none is being made.
    [[nodiscard]] bool wantsCheckpoint() const;

    /// Goes on in a new segment. The disk as it is after the last commit() is then for
    /// writeCheckpoint().
    Result<CheckpointPlan> beginCheckpoint();

    /// On the other thread: the checkpoint is durable, and what it makes superfluous is gone.
    Result<void> writeCheckpoint(const CheckpointPlan& plan, const node::Disk& disk);

    /// True when the log has no prepared segment to go on in.
    [[nodiscard]] bool wantsSegment() const;

    /// Asked after each portion of a longer work; may wait, to leave the disk to others. False:
    /// nobody wants it any more.
    using GoOn = std::function<bool()>;

    /// On the other thread: makes a segment ready.
    Result<void> prepareSegment(const GoOn& goOn = [] { return true; });

private:
    /// A file that the log may go on in: full of zeros or of what was needed once.
    struct Spare
    {
        std::string name;
        std::uint64_t bytes = 0;
    };

    Storage(std::string directory, const node::Protocol& protocol, Owner owner,
            const StorageLimits& limits, Filesystem& files);

    Result<void> boot();
    Result<void> settle(const std::string& segment);
    Result<void> recycle(const std::vector<std::string>& names);
    Result<std::optional<Spare>> makeSpare(std::uint64_t bytes, const GoOn& goOn);
    Result<void> goOnIn(const Spare& spare);
    Result<void> rotate();
    Result<void> append(RecordKind kind, bool durable);
    Result<void> refuse(const Error& error);
    [[nodiscard]] std::optional<Spare> takeSpare();
    void keepSpare(Spare spare);
    [[nodiscard]] std::string path(const std::string& name) const;

    std::string m_directory;
    const node::Protocol* m_protocol;
    Owner m_owner;
    StorageLimits m_limits;
    Filesystem* m_files;
    std::unique_ptr<DirectoryLock> m_lock;
    std::unique_ptr<node::Disk> m_disk;
    std::uint64_t m_incarnation = 0;
    std::optional<std::string> m_notice;
    std::optional<Error> m_broken;

    std::unique_ptr<File> m_segment;
    std::uint64_t m_segmentNumber = 0;
    std::uint64_t m_position = 0; ///< where the segment's next record goes
    std::uint64_t m_capacity = 0; ///< up to there the segment is prepared
    std::uint64_t m_nextRecord = 1;
    std::uint64_t m_durable = 0; ///< the newest durable record
    std::uint64_t m_sinceCheckpoint = 0; ///< bytes
    Bytes m_buffer;

    mutable std::mutex m_shared; ///< guards what both threads touch
    std::vector<Spare> m_spares;
    std::uint64_t m_spareNumber = 0;
    std::uint64_t m_checkpoint = 0; ///< the newest durable one
    std::uint64_t m_checkpointBytes = 0; ///< its size
    bool m_checkpointing = false;
};

} // namespace lightcone::live
