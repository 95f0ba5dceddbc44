#include "engine/trace/formats/about_block.h"
#include "engine/trace/formats/blocks.h"
#include "engine/trace/formats/event_block.h"
#include "engine/trace/formats/lane_block.h"
#include "engine/trace/formats/lightcone_file.h"
#include "engine/trace/formats/state_block.h"
#include "engine/trace/hash.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace lightcone::trace::formats {

namespace {

constexpr std::uint32_t eventsPerBlock = 16384;
constexpr std::size_t mostPayloadBytes = std::size_t{4} << 20;

} // namespace

class LightconeWriter::Work
{
public:
    Work(std::ostream& out, const Trace& trace, const About& about)
        : m_out(&out)
        , m_trace(&trace)
        , m_events(trace, m_shapes)
        , m_states(trace, m_shapes)
    {
        const auto encoded = encodeAbout(about, m_shapes);
        m_written = m_shapes.shapes().size();
        put(preamble());
        putBlock(BlockKind::About, {}, 0, encoded);
    }

    StateEncoder& states() { return m_states; }

    void advance(EventId last)
    {
        forEach(*m_trace, EventId(m_taken.value + 1), last, [this](EventId id, const Event& event) {
            m_events.add(id, event);
            m_hasher.add(event);
            m_taken = id;
            if (m_events.count() == eventsPerBlock
                || m_events.payloads().size() >= mostPayloadBytes) {
                flush();
            }
        });
    }

    Result<void> finish(EventId last)
    {
        advance(last);
        flush();
        m_states.finish(last);
        putStates();
        if (m_trace->lanes().size() > 0) {
            putBlock(BlockKind::Lanes, EventId(1), static_cast<std::uint32_t>(last.value),
                     encodeLanes(m_trace->lanes(), last));
        }
        putEnd();
        m_out->flush();
        return m_out->good() ? Result<void>() : fail("could not be written: is the disk full?");
    }

private:
    void put(BytesView bytes)
    {
        m_out->write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        m_offset += bytes.size();
    }

    void putBlock(BlockKind kind, EventId first, std::uint32_t count, BytesView raw)
    {
        ByteWriter index(m_index);
        index.byte(static_cast<std::uint8_t>(kind));
        index.varint(m_offset);
        index.varint(first.value);
        index.varint(count);
        ++m_blocks;
        put(makeBlock(kind, first, count, raw));
    }

    void putShapes()
    {
        if (m_shapes.shapes().size() != m_written) {
            m_written = m_shapes.shapes().size();
            putBlock(BlockKind::Shapes, {}, 0, m_shapes.encode());
        }
    }

    void flush()
    {
        putShapes();
        if (m_events.count() > 0) {
            const auto first = m_events.first();
            const auto count = m_events.count();
            // Payloads come first: who finds the events has what belongs to them.
            if (!m_events.payloads().empty()) {
                putBlock(BlockKind::Payloads, first, count, m_events.payloads());
            }
            putBlock(BlockKind::Events, first, count, m_events.columns());
            m_events.clear();
        }
        putStates();
    }

    void putStates()
    {
        const auto segments = m_states.takeReady();
        if (segments.empty()) {
            return;
        }
        putShapes();
        for (const auto& segment : segments) {
            const auto count = segment.last.value - segment.first.value + 1;
            putBlock(BlockKind::States, segment.first, static_cast<std::uint32_t>(count),
                     segment.raw);
        }
    }

    void putEnd()
    {
        Bytes raw;
        ByteWriter writer(raw);
        writer.varint(m_taken.value);
        writer.fixed64(m_hasher.value());
        writer.varint(m_blocks);
        writer.raw(m_index);
        const auto offset = m_offset;
        put(makeBlock(BlockKind::End, {}, 0, raw));
        Bytes trailer;
        ByteWriter tail(trailer);
        tail.fixed64(offset);
        tail.raw(endMark);
        put(trailer);
    }

    std::ostream* m_out;
    const Trace* m_trace;
    describe::ShapeTable m_shapes;
    std::size_t m_written = 0; ///< types that the file has
    EventEncoder m_events;
    StateEncoder m_states;
    TraceHasher m_hasher;
    EventId m_taken{};
    std::uint64_t m_offset = 0;
    std::uint64_t m_blocks = 0;
    Bytes m_index;
};

LightconeWriter::LightconeWriter(std::ostream& out, const Trace& trace)
    : LightconeWriter(out, trace, trace.about())
{
}

LightconeWriter::LightconeWriter(std::ostream& out, const Trace& trace, const About& about)
    : m_work(std::make_unique<Work>(out, trace, about))
{
}

LightconeWriter::~LightconeWriter() = default;

StateRecorder& LightconeWriter::states()
{
    return m_work->states();
}

void LightconeWriter::advance(EventId last)
{
    m_work->advance(last);
}

Result<void> LightconeWriter::finish(EventId last)
{
    return m_work->finish(last);
}

Result<void> saveLightcone(std::ostream& out, const Trace& trace, EventId last,
                           const SaveOptions& options)
{
    constexpr std::uint64_t slice = 65536;
    auto about = trace.about();
    about.scenario = options.scenario.value_or(about.scenario);
    LightconeWriter writer(out, trace, about);
    for (std::uint64_t first = 1; first <= last.value; first += slice) {
        if (options.watch.cancelled()) {
            return fail("saving was cancelled");
        }
        const EventId end(std::min(first + slice - 1, last.value));
        if (options.states != nullptr) {
            options.states->tell(EventId(first), end, writer.states());
        }
        writer.advance(end);
        options.watch.report(static_cast<double>(end.value) / static_cast<double>(last.value));
    }
    return writer.finish(last);
}

Result<void> saveLightcone(const std::string& path, const Trace& trace, EventId last,
                           const SaveOptions& options)
{
    const auto part = path + ".part";
    const auto failed = [&](std::string message) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        return Error{std::move(message), path};
    };
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    if (!out) {
        return failed("cannot be written here");
    }
    const auto saved = saveLightcone(out, trace, last, options);
    out.close();
    if (!saved) {
        return failed(saved.error().message);
    }
    if (!out) {
        return failed("could not be written: is the disk full?");
    }
    std::error_code error;
    std::filesystem::rename(part, path, error);
    if (error) {
        return failed("cannot be replaced: " + error.message());
    }
    return {};
}

} // namespace lightcone::trace::formats
