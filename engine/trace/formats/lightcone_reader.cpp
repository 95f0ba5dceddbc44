#include "engine/trace/formats/about_block.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/event_block.h"
#include "engine/trace/formats/file_states.h"
#include "engine/trace/formats/lane_block.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/formats/xxh64.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>

namespace lightcone::trace::formats {

namespace {

/// A place in the file where what was expected is not.
struct Hole
{
    std::size_t offset = 0;
    bool fileEnds = false; ///< before the block does
    std::optional<BlockHeader> header; ///< when at least that is sound
};

struct Scan
{
    std::vector<Block> blocks;
    std::vector<Hole> holes;
    bool ended = false; ///< the End block was reached
};

std::optional<std::size_t> nextBlock(BytesView file, std::size_t from)
{
    for (auto at = file.find(blockMark, from); at != BytesView::npos;
         at = file.find(blockMark, at + 1)) {
        if (readHeader(file.substr(at))) {
            return at;
        }
    }
    return std::nullopt;
}

/// Finds the blocks by going from one to the next; past a damaged one by looking for the mark.
Scan scan(BytesView file)
{
    Scan found;
    auto offset = preambleSize;
    while (offset < file.size() && !found.ended) {
        const auto rest = file.substr(offset);
        const auto header = readHeader(rest);
        if (!header) {
            const auto next = nextBlock(file, offset + 1);
            found.holes.push_back({offset, !next && rest.size() < blockHeaderSize, std::nullopt});
            if (!next) {
                break;
            }
            offset = *next;
            continue;
        }
        if (header->stored > rest.size() - blockHeaderSize) {
            found.holes.push_back({offset, true, header});
            break;
        }
        const Block block{*header, offset, rest.substr(blockHeaderSize, header->stored)};
        if (xxh64(block.stored) == header->check) {
            found.blocks.push_back(block);
            found.ended = header->kind == BlockKind::End;
        } else {
            found.holes.push_back({offset, false, header});
        }
        offset += blockHeaderSize + header->stored;
    }
    return found;
}

struct End
{
    std::uint64_t events = 0;
    std::uint64_t hash = 0;
};

std::optional<End> readEnd(const Block& block)
{
    const auto raw = unpack(block);
    ByteReader reader(raw ? BytesView(*raw) : BytesView{});
    End end;
    end.events = reader.varint();
    end.hash = reader.fixed64();
    return reader.ok() ? std::optional(end) : std::nullopt;
}

std::optional<std::string> refusal(BytesView file)
{
    if (file.substr(0, fileMark.size()) != fileMark.substr(0, file.size()) || file.empty()) {
        return "is no Lightcone file: it does not begin with the mark of one";
    }
    if (file.size() < preambleSize) {
        return fmt::format("ends at byte {}, within its first {}: nothing can be read", file.size(),
                           preambleSize);
    }
    ByteReader reader(file.substr(fileMark.size(), preambleSize - fileMark.size()));
    const auto version = static_cast<std::uint16_t>(reader.byte() | reader.byte() << 8);
    reader.raw(2);
    if (reader.fixed32() != static_cast<std::uint32_t>(xxh64(file.substr(0, 12)))) {
        return "is damaged at byte 8, in its version: nothing can be read";
    }
    if (version == 0 || version > fileVersion) {
        return fmt::format("has format version {}, this build reads versions up to {}", version,
                           fileVersion);
    }
    return std::nullopt;
}

/// "1,234,567"
std::string grouped(std::uint64_t number)
{
    auto digits = std::to_string(number);
    for (auto place = digits.size(); place > 3; place -= 3) {
        digits.insert(place - 3, ",");
    }
    return digits;
}

class Opening
{
public:
    Opening(FileBytes file, const Watch& watch)
        : m_file(std::move(file))
        , m_watch(&watch)
        , m_scan(scan(*m_file))
    {
    }

    Result<Opened> open()
    {
        auto about = readAbout();
        if (!about) {
            return fail(fmt::format("is damaged at byte {}, where it says what it is a run of: "
                                    "nothing can be read",
                                    preambleSize));
        }
        for (const auto& member : about->about.members) {
            m_members.insert(member.id);
        }
        m_opened.trace = std::make_shared<Trace>(std::move(about->about));
        takeShapes(about->shapes);
        if (!takeBlocks()) {
            return fail("was not opened: cancelled");
        }
        if (!m_segments.empty()) {
            m_opened.states = std::make_shared<FileStates>(m_file, m_opened.trace, m_shapes,
                                                           std::move(m_segments));
        }
        if (m_lanes) {
            const EventId last(m_opened.trace->size());
            if (const auto lanes = decodeLanes(*m_lanes, last)) {
                m_opened.trace->lanes().copy(*lanes, last);
            }
        }
        m_opened.damage = damage();
        return std::move(m_opened);
    }

private:
    std::optional<ReadAbout> readAbout() const
    {
        if (m_scan.blocks.empty() || m_scan.blocks.front().header.kind != BlockKind::About) {
            return std::nullopt;
        }
        const auto raw = unpack(m_scan.blocks.front());
        return raw ? decodeAbout(*raw) : std::nullopt;
    }

    void takeShapes(const describe::ShapeTable& table)
    {
        m_shapes = std::make_shared<const std::vector<describe::ShapePtr>>(table.shapes());
    }

    /// False when it was cancelled.
    bool takeBlocks()
    {
        const Block* payloads = nullptr;
        for (const auto& block : m_scan.blocks) {
            bool sound = true;
            switch (block.header.kind) {
            case BlockKind::Shapes:
                sound = takeShapes(block);
                break;
            case BlockKind::Payloads:
                payloads = &block;
                break;
            case BlockKind::Events:
                sound = takeEvents(block, payloads);
                break;
            case BlockKind::States:
                takeStates(block);
                break;
            case BlockKind::Lanes:
                m_lanes = unpack(block);
                break;
            case BlockKind::End:
                m_end = readEnd(block);
                break;
            default:
                break; // of a newer build
            }
            if (!sound) {
                m_scan.holes.push_back({block.offset, false, block.header});
            }
            if (m_watch->cancelled()) {
                return false;
            }
            m_watch->report(static_cast<double>(block.offset + block.stored.size())
                            / static_cast<double>(m_file->size()));
        }
        std::sort(m_scan.holes.begin(), m_scan.holes.end(),
                  [](const Hole& a, const Hole& b) { return a.offset < b.offset; });
        const auto size = m_opened.trace->size();
        while (!m_segments.empty() && m_segments.back().first.value > size) {
            m_segments.pop_back();
        }
        if (!m_segments.empty()) {
            m_segments.back().last = std::min(m_segments.back().last, EventId(size));
        }
        if (m_end) {
            m_opened.hash = m_end->hash;
        }
        return true;
    }

    bool takeShapes(const Block& block)
    {
        const auto raw = unpack(block);
        if (!raw) {
            return false;
        }
        const auto table = describe::ShapeTable::decode(*raw);
        // Earlier numbers keep their meaning, so a table only grows.
        if (!table || table->shapes().size() < m_shapes->size()) {
            return false;
        }
        takeShapes(*table);
        return true;
    }

    bool takeEvents(const Block& block, const Block* payloads)
    {
        const auto& header = block.header;
        if (m_eventsEnd) {
            return true;
        }
        const auto size = m_opened.trace->size();
        if (header.first.value != size + 1 || header.count == 0
            || header.count > Trace::mostEvents - size) {
            m_eventsEnd = true;
            return true; // what stood before it is the damage
        }
        EventContext context;
        context.file = m_file;
        context.shapes = m_shapes;
        const bool belongs = payloads != nullptr && payloads->header.first == header.first;
        context.payloads = belongs ? payloads : nullptr;
        context.knownNode = [this](NodeId node) { return knows(node); };
        const auto raw = unpack(block);
        const bool decoded = raw && decodeEvents(header, *raw, context, *m_opened.trace);
        m_eventsEnd = !decoded;
        return decoded;
    }

    /// A run has as many nodes as it names; without a bound a small file could ask for a lane a
    /// byte. Clients of real nodes have drawn their numbers, so that only how many they are is
    /// bounded.
    bool knows(NodeId node)
    {
        constexpr std::uint32_t most = 4096;
        constexpr std::size_t mostClients = 65536;
        if (!isClient(node)) {
            return node.value <= most || m_members.contains(node);
        }
        if (!isDrawn(node) || m_clients.contains(node)) {
            return true;
        }
        return m_clients.size() < mostClients && m_clients.insert(node).second;
    }

    void takeStates(const Block& block)
    {
        const auto& header = block.header;
        const auto next =
            m_segments.empty() ? EventId(1) : EventId(m_segments.back().last.value + 1);
        if (header.count > 0 && header.first >= next && header.first.value <= Trace::mostEvents) {
            m_segments.push_back({header.first, header.last(), block});
        }
    }

    std::optional<std::string> damage() const
    {
        const auto size = m_opened.trace->size();
        const auto total = m_end ? std::optional(m_end->events) : std::nullopt;
        const bool whole = total && *total == size;
        if (m_scan.holes.empty() && m_scan.ended && whole) {
            return std::nullopt;
        }
        if (m_scan.holes.empty() && !m_scan.ended) {
            return fmt::format("The file was not written to its end: it goes up to event {}.",
                               grouped(size));
        }
        if (m_scan.holes.empty()) {
            return fmt::format("The file says that it has {} events but has {}.",
                               grouped(total.value_or(0)), grouped(size));
        }
        const auto& hole = m_scan.holes.front();
        const auto where = hole.fileEnds
            ? fmt::format("The file ends too early, in the part that begins at byte {}",
                          grouped(hole.offset))
            : fmt::format("The file is damaged in the part that begins at byte {}",
                          grouped(hole.offset));
        return where + ": " + lost(size, total, whole) + ".";
    }

    std::string lost(std::uint64_t size, std::optional<std::uint64_t> total, bool whole) const
    {
        std::vector<std::string> parts;
        if (total && !whole) {
            parts.push_back(
                fmt::format("events {} to {} are lost", grouped(size + 1), grouped(*total)));
        } else if (!total) {
            parts.push_back(size == 0
                                ? std::string("all its events are lost")
                                : fmt::format("what came after event {} is lost", grouped(size)));
        }
        for (const auto& hole : m_scan.holes) {
            if (!hole.header || hole.header->first.value > size) {
                continue;
            }
            if (hole.header->kind == BlockKind::States) {
                const auto last = std::min(hole.header->last().value, size);
                parts.push_back(fmt::format("the nodes' states at events {} to {} are lost",
                                            grouped(hole.header->first.value), grouped(last)));
            } else if (hole.header->kind == BlockKind::Lanes) {
                parts.emplace_back("the nodes' roles along the timeline are lost");
            }
        }
        return parts.empty() ? "some of the nodes' states are lost"
                             : fmt::format("{}", fmt::join(parts, ", and "));
    }

    FileBytes m_file;
    const Watch* m_watch;
    Scan m_scan;
    Opened m_opened;
    std::set<NodeId> m_members;
    std::set<NodeId> m_clients; ///< those with large numbers that were met so far
    std::shared_ptr<const std::vector<describe::ShapePtr>> m_shapes;
    std::vector<FileStates::Segment> m_segments;
    std::optional<Bytes> m_lanes;
    std::optional<End> m_end;
    bool m_eventsEnd = false;
};

std::optional<Bytes> readBytes(std::istream& in, std::uint64_t offset, std::uint64_t size)
{
    Bytes bytes(size, '\0');
    in.seekg(static_cast<std::streamoff>(offset));
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    if (static_cast<std::uint64_t>(in.gcount()) != size) {
        return std::nullopt;
    }
    return bytes;
}

/// A stream on a plain file and its size.
struct Source
{
    std::ifstream in;
    std::uint64_t size = 0;
};

Result<Source> openSource(const std::string& path)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        return Error{"does not exist", path};
    }
    if (!std::filesystem::is_regular_file(status)) {
        return Error{"is not a file", path};
    }
    Source source{std::ifstream(path, std::ios::binary), std::filesystem::file_size(path, error)};
    if (!source.in || error) {
        return Error{"cannot be opened for reading", path};
    }
    return source;
}

} // namespace

Result<Opened> readLightcone(Bytes file, const std::string& name, const Watch& watch)
{
    if (const auto why = refusal(file)) {
        return Error{*why, name};
    }
    auto opened = Opening(std::make_shared<const Bytes>(std::move(file)), watch).open();
    if (!opened) {
        return Error{opened.error().message, name};
    }
    return opened;
}

Result<Opened> openLightcone(const std::string& path, const Watch& watch)
{
    auto source = openSource(path);
    if (!source) {
        return source.error();
    }
    auto bytes = readBytes(source->in, 0, source->size);
    if (!bytes) {
        return Error{"cannot be read", path};
    }
    return readLightcone(std::move(*bytes), path, watch);
}

Result<Glance> glanceAt(const std::string& path)
{
    auto source = openSource(path);
    if (!source) {
        return source.error();
    }
    auto& in = source->in;
    const auto size = source->size;
    const auto begin =
        readBytes(in, 0, std::min<std::uint64_t>(size, preambleSize + blockHeaderSize));
    if (const auto why = begin ? refusal(*begin) : std::optional<std::string>("cannot be read")) {
        return Error{*why, path};
    }
    const auto damaged = [&] {
        return Error{fmt::format("is damaged at byte {}, where it says what it is a run of: "
                                 "nothing can be read",
                                 preambleSize),
                     path};
    };
    const auto blockAt = [&](std::uint64_t offset, Bytes& bytes) -> std::optional<Block> {
        if (offset > size || size - offset < blockHeaderSize) {
            return std::nullopt;
        }
        in.clear();
        const auto head = readBytes(in, offset, blockHeaderSize);
        const auto header = head ? readHeader(*head) : std::nullopt;
        if (!header || header->stored > size - offset - blockHeaderSize) {
            return std::nullopt;
        }
        auto stored = readBytes(in, offset + blockHeaderSize, header->stored);
        if (!stored || xxh64(*stored) != header->check) {
            return std::nullopt;
        }
        bytes = std::move(*stored);
        return Block{*header, static_cast<std::size_t>(offset), bytes};
    };
    Bytes bytes;
    const auto block = blockAt(preambleSize, bytes);
    const auto raw =
        block && block->header.kind == BlockKind::About ? unpack(*block) : std::nullopt;
    auto about = raw ? decodeAbout(*raw) : std::nullopt;
    if (!about) {
        return damaged();
    }
    Glance glance{std::move(about->about), std::nullopt};
    in.clear();
    const auto trailer =
        size >= trailerSize ? readBytes(in, size - trailerSize, trailerSize) : std::nullopt;
    if (trailer && trailer->substr(8) == endMark) {
        const auto end = blockAt(ByteReader(*trailer).fixed64(), bytes);
        const auto read = end && end->header.kind == BlockKind::End ? readEnd(*end) : std::nullopt;
        glance.events = read ? std::optional(read->events) : std::nullopt;
    }
    return glance;
}

} // namespace lightcone::trace::formats
