#include "engine/live/storage.h"

#include "engine/core/check.h"
#include "engine/live/recovery.h"

#include <algorithm>
#include <fmt/format.h>

namespace lightcone::live {

namespace {

// As many as the log fills between two checkpoints, so that in the long run none is made anew.
constexpr std::size_t mostSpares = 4;
constexpr std::size_t blockBytes = std::size_t{256} << 10;

/// The bytes from the beginning of the file on, durable. In small portions, so that a commit beside
/// it does not wait for all of it. False when `goOn` says that nobody wants it any more.
template <class Portion>
Result<bool> fill(File& file, std::uint64_t bytes, const Storage::GoOn& goOn, Portion portion)
{
    for (std::uint64_t at = 0; at < bytes; at += blockBytes) {
        const auto size = std::min<std::uint64_t>(blockBytes, bytes - at);
        if (const auto written = file.writeAt(at, portion(at, size)); !written) {
            return written.error();
        }
        if (const auto synced = file.sync(); !synced) {
            return synced.error();
        }
        if (!goOn()) {
            return false;
        }
    }
    return true;
}

bool always()
{
    return true;
}

} // namespace

Result<std::unique_ptr<Storage>> Storage::open(const std::string& directory,
                                               const node::Protocol& protocol,
                                               const Identity& identity,
                                               const StorageLimits& limits, Filesystem& files)
{
    Owner owner{identity.cluster, protocol.card().id, identity.node};
    std::unique_ptr<Storage> storage(
        new Storage(directory, protocol, std::move(owner), limits, files));
    if (const auto booted = storage->boot(); !booted) {
        return booted.error();
    }
    return storage;
}

Storage::Storage(std::string directory, const node::Protocol& protocol, Owner owner,
                 const StorageLimits& limits, Filesystem& files)
    : m_directory(std::move(directory))
    , m_protocol(&protocol)
    , m_owner(std::move(owner))
    , m_limits(limits)
    , m_files(&files)
{
}

/// Every boot makes a checkpoint and goes on in a new segment, whose head says where the one before
/// it ends: nothing of a torn tail is ever overwritten or read again. The segment is there before
/// the checkpoint that needs it.
Result<void> Storage::boot()
{
    if (const auto made = m_files->makeDirectory(m_directory); !made) {
        return made.error();
    }
    auto lock = m_files->lock(m_directory);
    if (!lock) {
        return lock.error();
    }
    m_lock = std::move(*lock);
    auto recovered = recover(*m_files, m_directory, *m_protocol, m_owner);
    if (!recovered) {
        return recovered.error();
    }
    m_disk = std::move(recovered->disk);
    m_incarnation = recovered->incarnation + 1;
    m_notice = std::move(recovered->notice);
    m_nextRecord = recovered->nextRecord;
    m_durable = m_nextRecord - 1;
    m_segmentNumber = recovered->nextSegment - 1;
    for (const auto* names : {&recovered->unfinished, &recovered->spares}) {
        if (const auto done = recycle(*names); !done) {
            return done.error();
        }
    }
    if (const auto settled = settle(recovered->last); !settled) {
        return settled.error();
    }
    const auto spare = takeSpare();
    const auto segment =
        spare ? Result<std::optional<Spare>>(spare) : makeSpare(m_limits.firstSegmentBytes, always);
    if (!segment) {
        return segment.error();
    }
    if (const auto moved = goOnIn(**segment); !moved) {
        return moved.error();
    }
    if (const auto written = writeCheckpoint({m_segmentNumber, m_nextRecord}, *m_disk); !written) {
        return written.error();
    }
    return recycle(recovered->read);
}

/// A crash leaves records that were written and not yet durable. They count from now on, and the
/// next segment says so: they must not go with the next power failure.
Result<void> Storage::settle(const std::string& segment)
{
    if (segment.empty()) {
        return {};
    }
    const auto file = m_files->open(path(segment));
    return file ? (*file)->sync() : file.error();
}

const node::Disk& Storage::disk() const
{
    check(m_disk != nullptr, "a disk that nobody has taken");
    return *m_disk;
}

Result<void> Storage::refuse(const Error& error)
{
    m_broken = error;
    return error;
}

Result<void> Storage::commit(std::span<const node::PayloadPtr> records)
{
    if (m_broken) {
        return *m_broken;
    }
    if (m_position >= m_capacity) {
        if (const auto rotated = rotate(); !rotated) {
            return refuse(rotated.error());
        }
    }
    m_buffer.clear();
    for (const auto& record : records) {
        const auto begin = beginRecord(m_buffer);
        record->encode(m_buffer);
        endRecord(m_buffer, begin, m_segmentNumber, {RecordKind::Write, m_nextRecord++, m_durable});
    }
    if (const auto written = m_segment->writeAt(m_position, m_buffer); !written) {
        return refuse(written.error());
    }
    if (const auto synced = m_segment->sync(); !synced) {
        return refuse(synced.error());
    }
    m_durable = m_nextRecord - 1;
    m_position += m_buffer.size();
    m_sinceCheckpoint += m_buffer.size();
    return {};
}

Result<void> Storage::append(RecordKind kind, bool durable)
{
    if (m_broken) {
        return *m_broken;
    }
    m_buffer.clear();
    const auto begin = beginRecord(m_buffer);
    endRecord(m_buffer, begin, m_segmentNumber, {kind, m_nextRecord++, m_durable});
    if (const auto written = m_segment->writeAt(m_position, m_buffer); !written) {
        return refuse(written.error());
    }
    m_position += m_buffer.size();
    if (durable) {
        if (const auto synced = m_segment->sync(); !synced) {
            return refuse(synced.error());
        }
        m_durable = m_nextRecord - 1;
    }
    return {};
}

Result<void> Storage::mark()
{
    // Not synced: it only tells what is so anyway, and the system writes it out in its own time.
    return append(RecordKind::Mark, false);
}

Result<void> Storage::close()
{
    return append(RecordKind::Close, true);
}

bool Storage::wantsCheckpoint() const
{
    const std::lock_guard guard(m_shared);
    return !m_checkpointing && !m_spares.empty()
        && m_sinceCheckpoint >= std::max(m_limits.checkpointBytes, 2 * m_checkpointBytes);
}

Result<CheckpointPlan> Storage::beginCheckpoint()
{
    if (m_broken) {
        return *m_broken;
    }
    {
        const std::lock_guard guard(m_shared);
        m_checkpointing = true;
    }
    const auto before = m_segmentNumber;
    if (const auto rotated = rotate(); !rotated) {
        refuse(rotated.error());
        return rotated.error();
    }
    check(m_segmentNumber == before + 1, "a checkpoint is begun where wantsCheckpoint() said so");
    m_sinceCheckpoint = 0;
    return CheckpointPlan{m_segmentNumber, m_nextRecord};
}

Result<void> Storage::writeCheckpoint(const CheckpointPlan& plan, const node::Disk& disk)
{
    CheckpointImage image{m_owner, m_incarnation, plan.segment, plan.firstRecord, {}, 0, 0, {}};
    describe::ShapeTable shapes;
    const auto stored = shapesOf(*m_protocol);
    image.diskShape = shapes.add(stored.disk);
    image.writeShape = shapes.add(stored.write);
    image.shapes = shapes.encode();
    disk.encode(image.disk);
    const auto bytes = encodeCheckpoint(image);

    const auto name = checkpointName(plan.segment);
    const auto unfinished = path(name + ".new");
    const auto file = m_files->create(unfinished);
    if (!file) {
        return file.error();
    }
    const auto portion = [&](std::uint64_t at, std::uint64_t size) {
        return BytesView(bytes).substr(at, size);
    };
    if (const auto filled = fill(**file, bytes.size(), always, portion); !filled) {
        return filled.error();
    }
    if (const auto renamed = m_files->rename(unfinished, path(name)); !renamed) {
        return renamed.error();
    }
    if (const auto synced = m_files->syncDirectory(m_directory); !synced) {
        return synced.error();
    }
    std::vector<std::string> old;
    {
        const std::lock_guard guard(m_shared);
        for (auto number = m_checkpoint; number != 0 && number < plan.segment; ++number) {
            old.push_back(segmentName(number));
        }
        if (m_checkpoint != 0) {
            old.push_back(checkpointName(m_checkpoint));
        }
        m_checkpoint = plan.segment;
        m_checkpointBytes = bytes.size();
        m_checkpointing = false;
    }
    return recycle(old);
}

/// Files that nothing needs: segments of the right size are kept to be written again, the others
/// go.
Result<void> Storage::recycle(const std::vector<std::string>& names)
{
    for (const auto& name : names) {
        const bool isSpare = numberInName(name, "spare").has_value();
        const auto bytes = m_files->size(path(name));
        if (!bytes) {
            return bytes.error();
        }
        bool room = false;
        std::string spare;
        {
            const std::lock_guard guard(m_shared);
            room = m_spares.size() < mostSpares;
            if (isSpare) {
                m_spareNumber = std::max(m_spareNumber, *numberInName(name, "spare"));
                spare = name;
            } else {
                spare = fmt::format("spare-{:010}", ++m_spareNumber);
            }
        }
        const bool fits = *bytes >= m_limits.segmentBytes && *bytes <= 2 * m_limits.segmentBytes;
        if (!room || !fits || !(isSpare || numberInName(name, "log"))) {
            if (const auto removed = m_files->remove(path(name)); !removed) {
                return removed.error();
            }
            continue;
        }
        if (!isSpare) {
            if (const auto renamed = m_files->rename(path(name), path(spare)); !renamed) {
                return renamed.error();
            }
        }
        keepSpare({spare, *bytes});
    }
    return {};
}

bool Storage::wantsSegment() const
{
    const std::lock_guard guard(m_shared);
    return m_spares.empty();
}

Result<void> Storage::prepareSegment(const GoOn& goOn)
{
    auto spare = makeSpare(m_limits.segmentBytes, goOn);
    if (!spare) {
        return spare.error();
    }
    if (*spare) {
        keepSpare(std::move(**spare));
    }
    return {};
}

Result<std::optional<Storage::Spare>> Storage::makeSpare(std::uint64_t bytes, const GoOn& goOn)
{
    std::string name;
    {
        const std::lock_guard guard(m_shared);
        name = fmt::format("spare-{:010}", ++m_spareNumber);
    }
    const auto unfinished = path(name + ".new");
    const auto file = m_files->create(unfinished);
    if (!file) {
        return file.error();
    }
    const Bytes zeros(blockBytes, '\0');
    const auto portion = [&](std::uint64_t, std::uint64_t size) {
        return BytesView(zeros).substr(0, size);
    };
    const auto filled = fill(**file, bytes, goOn, portion);
    if (!filled || !*filled) {
        // What there is of it would only keep a full disk full.
        static_cast<void>(m_files->remove(unfinished));
        return filled ? Result<std::optional<Spare>>(std::nullopt) : filled.error();
    }
    if (const auto renamed = m_files->rename(unfinished, path(name)); !renamed) {
        return renamed.error();
    }
    return std::optional<Spare>(Spare{std::move(name), bytes});
}

Result<void> Storage::rotate()
{
    // A mark may not be durable yet, and the next segment is going to count it.
    if (m_durable + 1 != m_nextRecord) {
        if (const auto synced = m_segment->sync(); !synced) {
            return synced.error();
        }
        m_durable = m_nextRecord - 1;
    }
    const auto spare = takeSpare();
    // None is ready: the segment grows beyond what was prepared, which is slower and no less safe.
    return spare ? goOnIn(*spare) : Result<void>{};
}

/// The file has its head before it has its name: a segment that is found has a head.
Result<void> Storage::goOnIn(const Spare& spare)
{
    auto file = m_files->open(path(spare.name));
    if (!file) {
        return file.error();
    }
    const SegmentHead head{m_owner, m_segmentNumber + 1, m_nextRecord, m_incarnation,
                           fingerprint(*m_protocol->card().write)};
    if (const auto written = (*file)->writeAt(0, encodeSegmentHead(head)); !written) {
        return written.error();
    }
    if (const auto synced = (*file)->sync(); !synced) {
        return synced.error();
    }
    const auto name = segmentName(head.segment);
    if (const auto renamed = m_files->rename(path(spare.name), path(name)); !renamed) {
        return renamed.error();
    }
    if (const auto synced = m_files->syncDirectory(m_directory); !synced) {
        return synced.error();
    }
    m_segment = std::move(*file);
    m_segmentNumber = head.segment;
    m_position = segmentHeadBytes;
    m_capacity = spare.bytes;
    return {};
}

std::optional<Storage::Spare> Storage::takeSpare()
{
    const std::lock_guard guard(m_shared);
    if (m_spares.empty()) {
        return std::nullopt;
    }
    auto spare = std::move(m_spares.back());
    m_spares.pop_back();
    return spare;
}

void Storage::keepSpare(Spare spare)
{
    const std::lock_guard guard(m_shared);
    m_spares.push_back(std::move(spare));
}

std::string Storage::path(const std::string& name) const
{
    return m_directory + "/" + name;
}

} // namespace lightcone::live
