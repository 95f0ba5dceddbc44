#include "engine/live/recovery.h"

#include "engine/describe/described.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lightcone::live {

namespace {

/// Names of the files in a data directory by kind, in the order of their numbers.
struct Listing
{
    std::vector<std::uint64_t> checkpoints;
    std::vector<std::uint64_t> segments;
    std::vector<std::string> spares;
    std::vector<std::string> unfinished;
};

Listing sorted(const std::vector<std::string>& names)
{
    Listing listing;
    for (const auto& name : names) {
        if (const auto checkpoint = numberInName(name, "checkpoint")) {
            listing.checkpoints.push_back(*checkpoint);
        } else if (const auto segment = numberInName(name, "log")) {
            listing.segments.push_back(*segment);
        } else if (numberInName(name, "spare")) {
            listing.spares.push_back(name);
        } else if (name.ends_with(".new")) {
            listing.unfinished.push_back(name);
        }
    }
    std::sort(listing.checkpoints.begin(), listing.checkpoints.end());
    std::sort(listing.segments.begin(), listing.segments.end());
    return listing;
}

class Recovery
{
public:
    Recovery(Filesystem& files, std::string directory, const node::Protocol& protocol, Owner owner)
        : m_files(&files)
        , m_directory(std::move(directory))
        , m_protocol(&protocol)
        , m_owner(std::move(owner))
    {
    }

    Result<Recovered> run()
    {
        const auto names = m_files->list(m_directory);
        if (!names) {
            return names.error();
        }
        m_listing = sorted(*names);
        m_out.spares = m_listing.spares;
        m_out.unfinished = m_listing.unfinished;
        const auto begun = m_listing.checkpoints.empty() ? begin() : readCheckpoint();
        if (!begun) {
            return begun.error();
        }
        for (const auto number : m_listing.segments) {
            if (number >= m_first) {
                if (const auto done = readSegment(number); !done) {
                    return done.error();
                }
            }
            m_out.last = segmentName(number);
            m_out.read.push_back(m_out.last);
        }
        if (!m_listing.checkpoints.empty() && m_expected == m_first) {
            return damage(segmentName(m_first), "is missing, and the log begins there");
        }
        m_out.nextSegment = m_expected;
        m_out.nextRecord = m_record;
        return std::move(m_out);
    }

private:
    Error damage(const std::string& name, const std::string& how) const
    {
        return fail(fmt::format("{}/{} {}: the node does not start rather than forget something "
                                "that it has said is safe",
                                m_directory, name, how));
    }

    Error misfit(const std::string& name, const Owner& found) const
    {
        const auto text = [](const Owner& owner) {
            return fmt::format("node {} of cluster '{}', protocol {}", owner.node.value,
                               owner.cluster, owner.protocol);
        };
        return fail(fmt::format("{}/{} belongs to {}; expected {}", m_directory, name, text(found),
                                text(m_owner)));
    }

    /// A directory without a checkpoint: a new one, or one whose first boot did not come to its
    /// end. Then its only segment is empty.
    Result<void> begin()
    {
        m_out.disk = m_protocol->makeDisk();
        m_shapes = shapesOf(*m_protocol);
        m_writes = fingerprint(*m_shapes.write);
        m_first = m_expected = m_listing.segments.empty() ? 1 : m_listing.segments.front();
        m_mustBeEmpty = true;
        return {};
    }

    Result<void> readCheckpoint()
    {
        const auto number = m_listing.checkpoints.back();
        const auto name = checkpointName(number);
        const auto bytes = m_files->read(m_directory + "/" + name);
        if (!bytes) {
            return bytes.error();
        }
        const auto image = decodeCheckpoint(*bytes);
        if (!image) {
            return damage(name, "is damaged (" + image.error().message + ")");
        }
        if (image->owner != m_owner) {
            return misfit(name, image->owner);
        }
        if (const auto restored = restore(*image); !restored) {
            return fail(fmt::format("{}/{} cannot be read by this build of {}: {}", m_directory,
                                    name, m_owner.protocol, restored.error().message));
        }
        m_out.incarnation = image->incarnation;
        m_first = m_expected = image->segment;
        m_record = image->firstRecord;
        for (const auto each : m_listing.checkpoints) {
            m_out.read.push_back(checkpointName(each));
        }
        return {};
    }

    Result<void> restore(const CheckpointImage& image)
    {
        const auto table = describe::ShapeTable::decode(image.shapes);
        if (!table) {
            return table.error();
        }
        m_shapes = {table->at(image.diskShape), table->at(image.writeShape)};
        if (!m_shapes.disk || !m_shapes.write) {
            return fail("it does not say what its values look like");
        }
        m_writes = fingerprint(*m_shapes.write);
        m_isOurs = m_writes == fingerprint(*m_protocol->card().write);
        const auto value = describe::decodeValue(m_shapes.disk, image.disk);
        if (!value) {
            return value.error();
        }
        auto disk = m_protocol->restoreDisk(*value);
        if (!disk) {
            return disk.error();
        }
        m_out.disk = std::move(*disk);
        return {};
    }

    Result<void> readSegment(std::uint64_t number)
    {
        const auto name = segmentName(number);
        if (number != m_expected) {
            return damage(segmentName(m_expected), "is missing, and " + name + " is there");
        }
        const auto bytes = m_files->read(m_directory + "/" + name);
        if (!bytes) {
            return bytes.error();
        }
        const auto head = decodeSegmentHead(*bytes);
        if (!head) {
            return damage(name, "is damaged (" + head.error().message + ")");
        }
        if (head->owner != m_owner) {
            return misfit(name, head->owner);
        }
        if (head->segment != number || (head->firstRecord != m_record && !m_mustBeEmpty)) {
            return damage(name,
                          fmt::format("is not what follows: it begins with record {} of segment "
                                      "{}, expected record {}",
                                      head->firstRecord, head->segment, m_record));
        }
        m_record = head->firstRecord;
        const auto last = replay(name, number, *bytes, head->writes);
        if (!last) {
            return last.error();
        }
        ++m_expected;
        return {};
    }

    /// The first record of the segment after that one, which is where it ends; nothing for the last
    /// one, which ends where it ends.
    Result<std::optional<std::uint64_t>> beginOfNext(std::uint64_t number)
    {
        const auto& segments = m_listing.segments;
        const auto next = std::upper_bound(segments.begin(), segments.end(), number);
        if (next == segments.end()) {
            return std::optional<std::uint64_t>{};
        }
        const auto name = segmentName(*next);
        const auto bytes = m_files->read(m_directory + "/" + name);
        if (!bytes) {
            return bytes.error();
        }
        const auto head = decodeSegmentHead(*bytes);
        if (!head) {
            return damage(name, "is damaged (" + head.error().message + ")");
        }
        return std::optional(head->firstRecord);
    }

    Result<void> replay(const std::string& name, std::uint64_t number, BytesView file,
                        std::uint64_t writes)
    {
        const auto end = beginOfNext(number);
        if (!end) {
            return end.error();
        }
        std::size_t position = segmentHeadBytes;
        while (*end != m_record) {
            const auto found = recordAt(file, position, number);
            if (!found || found->head.number != m_record) {
                return *end ? lost(name, position) : cut(name, number, file, position);
            }
            if (m_mustBeEmpty) {
                return damage(name, "holds records, and there is no checkpoint before it");
            }
            if (const auto applied = apply(*found, writes); !applied) {
                return damage(name,
                              fmt::format("has a record {} at byte {} that is none ({})", m_record,
                                          position, applied.error().message));
            }
            position = found->end;
            ++m_record;
        }
        return {};
    }

    Error lost(const std::string& name, std::size_t position) const
    {
        return damage(name,
                      fmt::format("is damaged at byte {}: record {} cannot be read, and the log "
                                  "went on after it",
                                  position, m_record));
    }

    Result<void> cut(const std::string& name, std::uint64_t number, BytesView file,
                     std::size_t position)
    {
        switch (whyGap(file, position, number, m_record)) {
        case RecordGap::Nothing:
            return {};
        case RecordGap::Damaged:
            return lost(name, position);
        case RecordGap::Torn:
            m_out.notice =
                fmt::format("{}/{} ends at byte {} with an unfinished write: record {} and what "
                            "may be behind it were never acknowledged and do not count",
                            m_directory, name, position, m_record);
            return {};
        }
        return {};
    }

    Result<void> apply(const FoundRecord& record, std::uint64_t writes)
    {
        if (record.head.kind != RecordKind::Write) {
            return {};
        }
        if (writes != m_writes) {
            return fail("it was written by another build than its checkpoint");
        }
        if (m_isOurs) {
            const auto write = m_protocol->payload(node::PayloadRole::Write, record.body);
            return write ? applied(*write) : write.error();
        }
        const auto value = describe::decodeValue(m_shapes.write, record.body);
        if (!value) {
            return value.error();
        }
        const auto write = m_protocol->payload(node::PayloadRole::Write, *value);
        return write ? applied(*write) : write.error();
    }

    Result<void> applied(const node::PayloadPtr& write)
    {
        m_out.disk->apply(*write);
        return {};
    }

    Filesystem* m_files;
    std::string m_directory;
    const node::Protocol* m_protocol;
    Owner m_owner;
    Listing m_listing;
    Recovered m_out;
    StoredShapes m_shapes;
    std::uint64_t m_writes = 0; ///< fingerprint of the shape of the records
    bool m_isOurs = true; ///< and it is this build's
    bool m_mustBeEmpty = false;
    std::uint64_t m_first = 0; ///< the first segment to read
    std::uint64_t m_expected = 0; ///< the segment that comes next
    std::uint64_t m_record = 1; ///< the record that comes next
};

} // namespace

Result<Recovered> recover(Filesystem& files, const std::string& directory,
                          const node::Protocol& protocol, const Owner& owner)
{
    return Recovery(files, directory, protocol, owner).run();
}

StoredShapes shapesOf(const node::Protocol& protocol)
{
    return {protocol.makeDisk()->describe().shape(), protocol.card().write};
}

} // namespace lightcone::live
