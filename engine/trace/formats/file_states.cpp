#include "engine/trace/formats/file_states.h"

#include "engine/trace/formats/event_block.h"
#include "engine/trace/formats/node_part.h"
#include "engine/trace/formats/patch.h"
#include "engine/trace/formats/state_block.h"

#include <algorithm>
#include <iterator>

namespace lightcone::trace::formats {

/// One place in the run, moved forward event by event.
class FileStates::Cursor
{
public:
    struct Part
    {
        NodeId node;
        Bytes bytes; ///< empty where the file's states are lost
        Life life = Life::NotStarted; ///< used then
    };

    /// Without a segment: from the run's beginning by its events alone.
    Cursor(const Trace& trace, const Segment* segment)
        : m_trace(&trace)
        , m_segment(segment)
    {
        if (segment == nullptr) {
            for (const auto& member : trace.about().members) {
                parts.push_back({member.id, {}});
            }
            return;
        }
        reached = EventId(segment->first.value - 1);
        m_raw = unpack(segment->block).value_or(Bytes{});
        m_reader = ByteReader(m_raw);
        readKeyframe();
        readNext();
    }
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    [[nodiscard]] const Segment* segment() const { return m_segment; }

    /// Calls changed(event, which part or Change, message) after each change.
    template <class Changed>
    void advance(EventId to, Changed changed)
    {
        while (m_hasNext && m_next <= to) {
            pass(m_next);
            applyNext(changed);
            readNext();
        }
        pass(to);
    }

    EventId reached{};
    std::vector<Part> parts;
    Bytes links;
    Bytes rules;
    Course course;

private:
    void pass(EventId to)
    {
        if (to <= reached) {
            return;
        }
        forEach(*m_trace, EventId(reached.value + 1), to, [this](EventId id, const Event& event) {
            course.pass(id, event);
            if (m_segment == nullptr) {
                live(event);
            }
        });
        reached = to;
    }

    void live(const Event& event)
    {
        const auto part = std::find_if(parts.begin(), parts.end(),
                                       [&](const Part& each) { return each.node == event.node; });
        if (part == parts.end()) {
            return;
        }
        switch (event.kind) {
        case Kind::Start:
        case Kind::Restart:
        case Kind::Resume:
            part->life = Life::Up;
            break;
        case Kind::Pause:
            part->life = Life::Paused;
            break;
        case Kind::Crash:
            part->life = Life::Crashed;
            break;
        default:
            break;
        }
    }

    /// An event before the segment's first one, by its distance; none for a wrong one.
    EventId earlier(std::uint64_t distance, EventId from)
    {
        if (distance >= from.value) {
            m_reader.fail();
            return {};
        }
        return EventId(from.value - distance);
    }

    Instant due(EventId message)
    {
        const auto after = static_cast<std::uint64_t>(m_reader.zigzag());
        const auto sent = message ? (*m_trace)[message].at : Instant{};
        return Instant(Duration(static_cast<std::int64_t>(
            static_cast<std::uint64_t>(sent.time_since_epoch().count()) + after)));
    }

    void readKeyframe()
    {
        const auto first = m_segment->first;
        for (auto count = m_reader.count(3); count > 0 && m_reader.ok(); --count) {
            const auto node = nodeFromCode(m_reader);
            if (const auto step = m_reader.varint(); step != 0) {
                course.steps[node] = earlier(step, first);
            }
            parts.push_back({node, Bytes(m_reader.text())});
        }
        links = m_reader.text();
        rules = m_reader.text();
        for (auto count = m_reader.count(2); count > 0 && m_reader.ok(); --count) {
            const auto distance = m_reader.varint();
            const auto message = earlier(distance, first);
            if (distance == 0) {
                m_reader.fail();
            }
            const auto flags = m_reader.byte();
            FlightNote note;
            note.held = (flags & 1) != 0;
            if ((flags & 2) != 0 && m_reader.ok()) {
                note.due = due(message);
            }
            if (m_reader.ok()) {
                course.flights[message] = note;
            }
        }
    }

    void readNext()
    {
        m_hasNext = m_reader.ok() && !m_reader.atEnd();
        if (!m_hasNext) {
            return;
        }
        const auto after = m_reader.varint();
        m_hasNext = m_reader.ok() && after <= m_segment->last.value - base().value;
        if (m_hasNext) {
            m_next = EventId(base().value + after);
        }
    }

    [[nodiscard]] EventId base() const
    {
        return std::max(m_next, EventId(m_segment->first.value - 1));
    }

    template <class Changed>
    void applyNext(Changed changed)
    {
        const auto what = m_reader.varint();
        EventId message;
        switch (static_cast<Change>(std::min<std::uint64_t>(what, 4))) {
        case Change::Links:
            patch(links);
            break;
        case Change::Rules:
            patch(rules);
            break;
        case Change::Flight: {
            message = earlier(m_reader.varint(), m_next);
            FlightNote note;
            note.held = m_reader.byte() != 0;
            note.due = due(message);
            const auto found = course.flights.find(message);
            if (m_reader.ok() && found != course.flights.end()) {
                found->second = note;
            }
            break;
        }
        case Change::NewNode: {
            const auto node = nodeFromCode(m_reader);
            parts.push_back({node, Bytes(m_reader.text())});
            break;
        }
        default:
            if (what - 4 < parts.size()) {
                patch(parts[static_cast<std::size_t>(what - 4)].bytes);
            } else {
                m_reader.fail();
            }
        }
        if (m_reader.ok()) {
            changed(m_next, what, message);
        }
    }

    void patch(Bytes& known)
    {
        // A writer cuts a block before reading it would move more than that.
        m_copied += known.size();
        if (m_copied > 4 * StateEncoder::mostCopied + mostExpansion * m_raw.size()) {
            m_reader.fail();
        }
        applyPatch(known, m_reader, m_scratch);
        if (m_reader.ok()) {
            known.swap(m_scratch);
        }
    }

    const Trace* m_trace;
    const Segment* m_segment;
    Bytes m_raw;
    ByteReader m_reader{{}};
    EventId m_next{};
    bool m_hasNext = false;
    Bytes m_scratch;
    std::uint64_t m_copied = 0;
};

FileStates::FileStates(FileBytes file, TracePtr trace,
                       std::shared_ptr<const std::vector<describe::ShapePtr>> shapes,
                       std::vector<Segment> segments)
    : m_file(std::move(file))
    , m_trace(std::move(trace))
    , m_shapes(std::move(shapes))
    , m_segments(std::move(segments))
{
}

FileStates::~FileStates() = default;

const FileStates::Segment* FileStates::segmentAt(EventId id) const
{
    // What is so before the first event is told in the block of the first.
    const auto wanted = std::max(id, EventId(1));
    const auto after = std::upper_bound(
        m_segments.begin(), m_segments.end(), wanted,
        [](EventId event, const Segment& segment) { return event < segment.first; });
    return after != m_segments.begin() && wanted <= std::prev(after)->last ? &*std::prev(after)
                                                                           : nullptr;
}

FileStates::Cursor& FileStates::cursorAt(EventId id) const
{
    const auto* segment = segmentAt(id);
    if (!m_cursor || m_cursor->segment() != segment || id < m_cursor->reached) {
        m_cursor = std::make_unique<Cursor>(*m_trace, segment);
    }
    m_cursor->advance(id, [](EventId, std::uint64_t, EventId) {});
    return *m_cursor;
}

Instant FileStates::instantOf(EventId id) const
{
    return id ? (*m_trace)[id].at : Instant{};
}

Instant FileStates::dueOf(EventId message) const
{
    if (!m_index) {
        m_index = std::make_unique<Index>(m_trace);
        m_index->grow();
    }
    const auto end = m_index->endOf(message);
    return end ? (*m_trace)[end].at : Instant::max();
}

ClusterState FileStates::at(EventId id) const
{
    const std::lock_guard lock(m_mutex);
    id = std::min(id, EventId(m_trace->size()));
    return show(cursorAt(id), id);
}

ClusterState FileStates::show(const Cursor& cursor, EventId id) const
{
    ClusterState state;
    state.event = id;
    state.now = instantOf(id);
    for (const auto& part : cursor.parts) {
        NodeState node;
        node.life = part.life;
        if (!part.bytes.empty()) {
            ByteReader reader(part.bytes);
            auto read = decodeNode(reader, state.now, *m_trace, *m_shapes);
            node = std::move(read.node);
            if (reader.ok() && read.shape) {
                auto value = describe::decodeValue(read.shape, read.state);
                node.state = value ? std::move(*value) : describe::Value{};
            }
        }
        node.id = part.node;
        const auto step = cursor.course.steps.find(part.node);
        node.lastStep = step != cursor.course.steps.end() ? step->second : EventId{};
        state.nodes.push_back(std::move(node));
    }
    for (const auto& [message, note] : cursor.course.flights) {
        const auto& event = (*m_trace)[message];
        Flight flight;
        flight.message = message;
        flight.from = event.node;
        flight.to = event.peer;
        const auto last = static_cast<std::uint8_t>(Channel::Reply);
        flight.channel = static_cast<Channel>(std::min(event.detail, last));
        flight.payload = event.payload;
        flight.request = event.request;
        flight.sent = event.at;
        flight.due = note.due ? *note.due : dueOf(message);
        flight.held = note.held;
        state.flights.push_back(std::move(flight));
    }
    std::sort(state.flights.begin(), state.flights.end(), [](const Flight& a, const Flight& b) {
        return std::pair(a.due, a.message) < std::pair(b.due, b.message);
    });
    ByteReader links(cursor.links);
    state.links = decodeLinks(links);
    ByteReader rules(cursor.rules);
    state.rules = decodeRules(rules);
    return state;
}

void FileStates::tellAll(const Cursor& cursor, EventId id, StateRecorder& recorder) const
{
    for (const auto& part : cursor.parts) {
        ByteReader reader(part.bytes);
        auto read = decodeNode(reader, instantOf(id), *m_trace, *m_shapes);
        read.node.id = part.node;
        if (reader.ok()) {
            recorder.node(id, read.node, read.shape, read.state);
        }
    }
    for (const auto& [message, note] : cursor.course.flights) {
        if (note.due) {
            recorder.flight(id, message, *note.due, note.held);
        }
    }
    ByteReader links(cursor.links);
    recorder.links(id, decodeLinks(links));
    ByteReader rules(cursor.rules);
    recorder.rules(id, decodeRules(rules));
}

void FileStates::tell(EventId first, EventId last, StateRecorder& recorder) const
{
    // A cursor of its own: whoever steps through the run meanwhile keeps theirs.
    last = std::min(last, EventId(m_trace->size()));
    for (auto number = first.value - 1; number <= last.value;) {
        const auto* segment = segmentAt(EventId(number));
        if (segment == nullptr) {
            ++number; // nothing is known here
            continue;
        }
        Cursor cursor(*m_trace, segment);
        cursor.advance(EventId(number), [](EventId, std::uint64_t, EventId) {});
        tellAll(cursor, EventId(number), recorder);
        const auto end = std::min(last, segment->last);
        cursor.advance(end, [&](EventId id, std::uint64_t what, EventId message) {
            if (what == static_cast<std::uint64_t>(Change::Links)) {
                ByteReader links(cursor.links);
                recorder.links(id, decodeLinks(links));
            } else if (what == static_cast<std::uint64_t>(Change::Rules)) {
                ByteReader rules(cursor.rules);
                recorder.rules(id, decodeRules(rules));
            } else if (what == static_cast<std::uint64_t>(Change::Flight)) {
                const auto found = cursor.course.flights.find(message);
                if (found != cursor.course.flights.end()) {
                    recorder.flight(id, message, *found->second.due, found->second.held);
                }
            } else {
                const auto first4 = static_cast<std::uint64_t>(Change::FirstNode);
                const auto& part =
                    what < first4 ? cursor.parts.back() : cursor.parts[what - first4];
                ByteReader reader(part.bytes);
                auto read = decodeNode(reader, instantOf(id), *m_trace, *m_shapes);
                read.node.id = part.node;
                if (reader.ok()) {
                    recorder.node(id, read.node, read.shape, read.state);
                }
            }
        });
        number = std::max(end.value, number) + 1;
    }
}

} // namespace lightcone::trace::formats
